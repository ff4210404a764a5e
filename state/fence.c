#include "state/fence.h"

enum { VERSION = 1 };
#define ABSENT UINT32_MAX /* in place of a length */

void gi_fence_key(char *key, uint32_t group)
{
    gi_put_be16(key, (uint16_t)group);
    key[GI_STORED_GROUP] = (char)GI_STORED_FENCE;
}

void gi_undo_key(char *key, uint32_t group, uint32_t piece)
{
    gi_fence_key(key, group);
    gi_put_be32(key + GI_FENCE_KEY, piece);
}

void gi_fence_write(char *value, const gi_fence *f)
{
    gi_put_le16(value, VERSION);
    gi_put_le16(value + 2, (uint16_t)f->kind);
    gi_put_le32(value + 4, f->pieces);
    gi_put_le64(value + 8, f->txid);
    gi_put_le64(value + 16, f->attempt);
}

bool gi_fence_read(gi_fence *f, gale_str value)
{
    uint16_t kind;

    if (value.len != GI_FENCE_BYTES || gi_get_le16(value.ptr) != VERSION)
        return false;
    kind = gi_get_le16(value.ptr + 2);
    *f = (gi_fence){ .pieces = gi_get_le32(value.ptr + 4),
                     .txid = gi_get_le64(value.ptr + 8),
                     .attempt = gi_get_le64(value.ptr + 16),
                     .kind = (gale_state_kind)kind };
    return kind <= GALE_STATE_TRANSACTIONAL && f->txid > 0 &&
           f->pieces <= GI_UNDO_MOST;
}

gale_err gi_undo_add(gi_bytes *piece, gale_str row, gale_str value)
{
    uint32_t len = value.ptr == NULL ? 0 : value.len;
    size_t n = GI_UNDO_HEAD + (size_t)row.len + len;
    char *at = gi_bytes_room(piece, n);

    if (at == NULL)
        return GALE_ENOMEM;
    gi_put_le16(at, (uint16_t)row.len);
    gi_put_le32(at + 2, value.ptr == NULL ? ABSENT : len);
    if (row.len > 0)
        memcpy(at + GI_UNDO_HEAD, row.ptr, row.len);
    if (len > 0)
        memcpy(at + GI_UNDO_HEAD + row.len, value.ptr, len);
    piece->len += n;
    return GALE_OK;
}

bool gi_undo_next(gale_str piece, size_t *at, gale_str *row, gale_str *value)
{
    const char *p = piece.ptr + *at;
    size_t left = piece.len - *at;
    uint32_t key_len, len;
    bool absent;

    if (left < GI_UNDO_HEAD)
        return false;
    key_len = gi_get_le16(p);
    len = gi_get_le32(p + 2);
    absent = len == ABSENT;
    if (absent)
        len = 0;
    left -= GI_UNDO_HEAD;
    if (key_len > left || len > left - key_len ||
        key_len > GALE_STATE_KEY_MOST - GI_STORED_GROUP)
        return false;
    p += GI_UNDO_HEAD;
    *row = (gale_str){ p, key_len };
    *value = (gale_str){ absent ? NULL : p + key_len, len };
    *at += GI_UNDO_HEAD + (size_t)key_len + len;
    return true;
}
