/* Any tree of lists, maps and scalars: what is written is read back as it was,
 * and what is incomplete, too much or too long for its room is refused. */
#include "base/mem.h"
#include "base/msgpack.h"
#include "bytes.h"
#include "gale/nested.h"

enum { MOST = 4000, DEEPEST = 40, MOST_BYTES = 1 << 18 };

/* What was written, in order; a list or map is its head, with the number of
 * its values or pairs. */
static gale_value written[MOST];
static size_t n_written;
static unsigned deepest;
static gale_value alone; /* the last list, as a value of its own */
static char alone_room[64];

static void make_alone(int64_t n)
{
    gale_pack p;

    gale_pack_init(&p, alone_room, sizeof(alone_room));
    gale_pack_list(&p, 1);
    gale_pack_i64(&p, n);
    alone = gale_pack_value(&p);
    assert(alone.type == GALE_T_LIST && alone.len > 1);
}

static void write_head(gale_pack *p, bool map, uint32_t n)
{
    written[n_written++] =
        gale_val_run(map ? GALE_T_MAP : GALE_T_LIST, NULL, n);
    if (map)
        gale_pack_map(p, n);
    else
        gale_pack_list(p, n);
}

/* A list of one number, handed over ready. */
static void write_ready(gale_pack *p, bytes *b)
{
    int64_t n = (int64_t)bytes_number(b);

    make_alone(n);
    written[n_written++] = gale_val_run(GALE_T_LIST, NULL, 1);
    written[n_written++] = gale_val_i64(n);
    gale_pack_any(p, alone);
}

/* One value, with all that is in it. */
static void write_one(gale_pack *p, bytes *b, unsigned depth)
{
    unsigned kind = b->left == 0 ? 9 : bytes_below(b, 12);
    uint32_t n = 0;

    if (depth > deepest)
        deepest = depth;
    if (kind >= 3 || depth == DEEPEST || n_written + 600 > MOST) {
        gale_value v = bytes_scalar(b);

        written[n_written++] = v;
        gale_pack_any(p, v);
        return;
    }
    if (kind == 2) {
        deepest = depth + 1 > deepest ? depth + 1 : deepest;
        write_ready(p, b);
        return;
    }
    n = bytes_below(b, 8) == 7 ? bytes_below(b, 40) : bytes_below(b, 4);
    write_head(p, kind == 1, n);
    for (uint32_t i = 0; i < (kind + 1) * n && n_written < MOST - 2; i++)
        write_one(p, b, depth + 1);
}

/* Everything below the cursor is what was written from `at` on; returns where
 * that ends. */
static size_t read_all(gale_unpack u, size_t at)
{
    gale_value v;

    while (gale_unpack_next(&u, &v)) {
        assert(at < n_written);
        const gale_value *w = &written[at++];

        if (v.type != GALE_T_LIST && v.type != GALE_T_MAP) {
            assert(bytes_same_value(&v, w));
            continue;
        }
        gale_unpack in = gale_unpack_of(v);
        assert(v.type == w->type && gale_unpack_count(&in) == w->len);
        at = read_all(in, at);
    }
    assert(!gale_unpack_failed(&u));
    return at;
}

static void check_whole(char *room, size_t len)
{
    gale_unpack u = gale_unpack_bytes(room, len);

    assert(gi_msgpack_is_list(room, len));
    assert(gale_unpack_count(&u) == written[0].len);
    assert(!gale_unpack_is_map(&u));
    assert(read_all(u, 1) == n_written);
    assert(!gi_msgpack_is_list(room, len - 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    bytes b = { data, len };
    gale_pack p;
    char *room = gi_alloc(MOST_BYTES);
    uint32_t n = 1 + bytes_below(&b, 20);

    if (room == NULL)
        return 0;
    n_written = deepest = 0;
    gale_pack_init(&p, room, MOST_BYTES);
    write_head(&p, false, n);
    for (uint32_t i = 0; i < n; i++) {
        assert(gale_pack_len(&p) == 0); /* not yet whole */
        write_one(&p, &b, 2);
    }

    size_t whole = gale_pack_len(&p);
    if (n_written < MOST - 600 && !p.failed) {
        assert(whole > 0);
        if (deepest <= GALE_NESTED_DEPTH)
            check_whole(room, whole);
    }

    /* Again, a byte short: it says so, and writes nothing behind its end. */
    char *tight = whole > 0 ? gi_alloc(whole - 1) : NULL;
    if (tight != NULL) {
        gale_pack q;

        b = (bytes){ data, len };
        n_written = 0;
        gale_pack_init(&q, tight, whole - 1);
        write_head(&q, false, 1 + bytes_below(&b, 20));
        for (uint32_t i = 0; i < n; i++)
            write_one(&q, &b, 2);
        assert(gale_pack_len(&q) == 0);
    }
    gale_pack_nil(&p); /* one too many */
    assert(gale_pack_len(&p) == 0 && gale_pack_value(&p).len == 0);
    gi_free(tight);
    gi_free(room);
    return 0;
}
