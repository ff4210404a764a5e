#define _GNU_SOURCE /* memmem */
#include "state/record.h"

#include "base/crc32c.h"

enum { CHANGE_HEAD = 6, COUNT = 4, NEAR = 8 };
#define ABSENT UINT32_MAX /* in place of a length: the key is removed */

static const char magic[8] = { 'g', 'a', 'l', 'e', 'l', 'o', 'g', 1 };
static const char mark[4] = { (char)0xc1, 'r', (char)0xc1, 'R' };

/* --------------------------------------------------------------- heads -- */

void gi_log_head_write(char head[GI_LOG_HEAD], uint64_t generation)
{
    memcpy(head, magic, sizeof(magic));
    gi_put_le64(head + 8, generation);
    gi_put_le32(head + 16, 0);
    gi_put_le32(head + 20, gi_crc32c(0, head, 20));
}

bool gi_log_head_is(const char *head, size_t len, uint64_t generation)
{
    char right[GI_LOG_HEAD];

    gi_log_head_write(right, generation);
    return len >= GI_LOG_HEAD && memcmp(head, right, GI_LOG_HEAD) == 0;
}

static uint32_t sum(uint64_t generation, uint64_t offset, gale_str payload)
{
    char where[20];

    gi_put_le64(where, generation);
    gi_put_le64(where + 8, offset);
    gi_put_le32(where + 16, payload.len);
    return gi_crc32c(gi_crc32c(0, where, sizeof(where)), payload.ptr,
                     payload.len);
}

/* ------------------------------------------------------------- writing -- */

static char *put_change(char *at, const gale_change *c)
{
    gi_put_le16(at, (uint16_t)c->key.len);
    gi_put_le32(at + 2, c->value.ptr == NULL ? ABSENT : c->value.len);
    at += CHANGE_HEAD;
    memcpy(at, c->key.ptr, c->key.len);
    at += c->key.len;
    if (c->value.ptr == NULL)
        return at;
    if (c->value.len > 0)
        memcpy(at, c->value.ptr, c->value.len);
    return at + c->value.len;
}

gale_err gi_record_write(gi_bytes *b, uint64_t generation, uint64_t offset,
                         const gale_change *changes, size_t n)
{
    size_t len = GI_RECORD_HEAD + COUNT;
    gale_str payload;
    char *at;

    for (size_t i = 0; i < n; i++) {
        len += CHANGE_HEAD + (size_t)changes[i].key.len;
        len += changes[i].value.ptr == NULL ? 0 : changes[i].value.len;
        if (len > GI_RECORD_MOST)
            return GALE_ELIMIT;
    }
    b->len = 0;
    at = gi_bytes_room(b, len);
    if (at == NULL)
        return GALE_ENOMEM;
    b->len = len;
    payload =
        (gale_str){ at + GI_RECORD_HEAD, (uint32_t)(len - GI_RECORD_HEAD) };
    memcpy(at, mark, sizeof(mark));
    gi_put_le32(at + 4, payload.len);
    gi_put_le32(at + GI_RECORD_HEAD, (uint32_t)n);
    at += GI_RECORD_HEAD + COUNT;
    for (size_t i = 0; i < n; i++) {
        if (i + NEAR < n)
            __builtin_prefetch(changes[i + NEAR].key.ptr);
        at = put_change(at, &changes[i]);
    }
    gi_put_le32(b->at + 8, sum(generation, offset, payload));
    return GALE_OK;
}

/* ------------------------------------------------------------- reading -- */

bool gi_record_read(const char *log, size_t len, uint64_t generation,
                    size_t offset, gale_str *payload, size_t *size)
{
    const char *at = log + offset;
    size_t left = len - offset;
    gale_str p;

    if (left < GI_RECORD_HEAD || memcmp(at, mark, sizeof(mark)) != 0)
        return false;
    p = (gale_str){ at + GI_RECORD_HEAD, gi_get_le32(at + 4) };
    if (p.len < COUNT || p.len > left - GI_RECORD_HEAD ||
        gi_get_le32(at + 8) != sum(generation, offset, p))
        return false;
    *payload = p;
    *size = GI_RECORD_HEAD + (size_t)p.len;
    return true;
}

/* Values may look like marks: each costs a checksum, so only so many are
 * looked at. */
size_t gi_record_search(const char *log, size_t len, uint64_t generation,
                        size_t offset)
{
    const char *at = log + offset + 1, *end = log + len;
    gale_str payload;
    size_t size;

    for (int tries = 0; tries < 1000 && at < end; tries++, at++) {
        at = memmem(at, (size_t)(end - at), mark, sizeof(mark));
        if (at == NULL)
            break;
        if (gi_record_read(log, len, generation, (size_t)(at - log), &payload,
                           &size))
            return (size_t)(at - log);
    }
    return len;
}

bool gi_record_next(gale_str payload, size_t *at, gale_change *out)
{
    size_t from = *at == 0 ? COUNT : *at, left = payload.len - from;
    const char *p = payload.ptr + from;
    uint32_t key_len, len;
    bool absent;

    *at = from;
    if (left < CHANGE_HEAD)
        return false;
    key_len = gi_get_le16(p);
    len = gi_get_le32(p + 2);
    absent = len == ABSENT;
    if (absent)
        len = 0;
    left -= CHANGE_HEAD;
    if (key_len < GI_STORED_GROUP || key_len > GALE_STATE_KEY_MOST ||
        key_len > left || len > left - key_len)
        return false;
    p += CHANGE_HEAD;
    *out =
        (gale_change){ { p, key_len }, { absent ? NULL : p + key_len, len } };
    *at = from + CHANGE_HEAD + key_len + len;
    return gi_stored_group(out->key) < GALE_STATE_GROUPS;
}
