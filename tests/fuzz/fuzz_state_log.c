/* Any bytes as what a state's files hold: records of a log, whose checksum is
 * made right so that there is something behind it; fences, and pieces of
 * undoing. */
#include <assert.h>

#include "base/mem.h"
#include "state/fence.h"
#include "state/record.h"

static void walk_payload(gale_str payload)
{
    gale_change c;
    size_t at = 0, before = 0;

    while (gi_record_next(payload, &at, &c)) {
        assert(at > before && at <= payload.len);
        assert(gi_stored_group(c.key) < GALE_STATE_GROUPS);
        assert(c.key.ptr + c.key.len <= payload.ptr + payload.len);
        if (c.value.ptr != NULL)
            assert(c.value.ptr + c.value.len <= payload.ptr + payload.len);
        before = at;
    }
    assert(at <= payload.len);
}

static void walk_log(const char *log, size_t len)
{
    gale_str payload;
    size_t at = 0, size;

    while (at < len && gi_record_read(log, len, 1, at, &payload, &size)) {
        assert(size >= GI_RECORD_HEAD && size <= len - at);
        walk_payload(payload);
        at += size;
    }
    if (at < len)
        assert(gi_record_search(log, len, 1, at) <= len);
}

static void walk_undo(gale_str piece)
{
    gale_str row, value;
    size_t at = 0;

    while (gi_undo_next(piece, &at, &row, &value)) {
        assert(at <= piece.len);
        assert(row.ptr + row.len <= piece.ptr + piece.len);
    }
}

/* A whole record with the input for its only value. */
static void wrap(const char *data, size_t len)
{
    static gi_bytes b;
    gale_change c = { { "\0\1key", 5 }, { data, (uint32_t)len } };
    gale_str payload;
    size_t size, at = 0;

    assert(gi_record_write(&b, 1, 0, &c, 1) == GALE_OK);
    assert(gi_record_read(b.at, b.len, 1, 0, &payload, &size));
    assert(size == b.len && gi_record_next(payload, &at, &c));
    assert(at == payload.len && c.value.len == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char none[1];
    const char *p = len == 0 ? none : (const char *)data;
    gale_str all = { p, (uint32_t)len };
    gi_fence f;

    walk_log(p, len);
    walk_undo(all);
    if (len >= 4)
        walk_payload(all);
    if (gi_fence_read(&f, all))
        assert(f.txid > 0 && f.pieces <= GI_UNDO_MOST);
    wrap(p, len);
    return 0;
}
