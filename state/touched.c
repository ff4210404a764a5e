#include "state/touched.h"

#include "base/mem.h"
#include "state/stored.h"

enum { FIRST_BLOCK = 16 << 10, FIRST_SLOTS = 256, SPARE = 20 };

struct gi_touched_block {
    struct gi_touched_block *next;
    size_t len, cap;
    char bytes[];
};

static void drop_blocks(struct gi_touched_block *b)
{
    while (b != NULL) {
        struct gi_touched_block *next = b->next;

        gi_free(b);
        b = next;
    }
}

void gi_touched_fini(gi_touched *b)
{
    drop_blocks(b->block);
    gi_free(b->at);
    gi_free(b->slots);
    *b = (gi_touched){ 0 };
}

/* The last block is the largest one: batches that are alike soon fit in it. */
void gi_touched_clear(gi_touched *b)
{
    if (b->n < b->n_slots / 8)
        for (uint32_t i = 0; i < b->n; i++)
            b->slots[b->at[i].slot] = 0;
    else if (b->n_slots > 0)
        memset(b->slots, 0, b->n_slots * sizeof(*b->slots));
    b->n = 0;
    if (b->block != NULL) {
        drop_blocks(b->block->next);
        b->block->next = NULL;
        b->block->len = 0;
    }
}

char *gi_touched_take(gi_touched *b, size_t n)
{
    struct gi_touched_block *last = b->block;

    if (last == NULL || n > last->cap - last->len) {
        size_t cap = last == NULL ? FIRST_BLOCK : last->cap * 2;

        if (cap < n)
            cap = n;
        last = gi_realloc(NULL, sizeof(*last) + cap);
        if (last == NULL)
            return NULL;
        *last = (struct gi_touched_block){ b->block, 0, cap };
        b->block = last;
    }
    last->len += n;
    return last->bytes + last->len - n;
}

gale_err gi_touched_copy(gi_touched *b, gale_str s, gale_str *out)
{
    char *at = NULL;

    if (s.ptr != NULL) {
        at = gi_touched_take(b, s.len);
        if (at == NULL)
            return GALE_ENOMEM;
        memcpy(at, s.ptr, s.len);
    }
    *out = (gale_str){ at, s.len };
    return GALE_OK;
}

/* -------------------------------------------------------------- by key -- */

static uint32_t slot_of(const gi_touched *b, gale_str key, uint32_t hash)
{
    uint32_t mask = b->n_slots - 1;

    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        uint64_t slot = b->slots[i];
        const gi_held *h;

        if (slot == 0)
            return i;
        if (slot >> 32 != hash)
            continue;
        h = &b->at[(uint32_t)slot - 1];
        if (h->key.len == key.len && memcmp(h->key.ptr, key.ptr, key.len) == 0)
            return i;
    }
}

uint32_t gi_touched_find(const gi_touched *b, gale_str key, uint32_t hash)
{
    uint32_t i;

    if (b->n == 0)
        return GI_TOUCHED_NONE;
    i = (uint32_t)b->slots[slot_of(b, key, hash)];
    return i == 0 ? GI_TOUCHED_NONE : i - 1;
}

static bool more_slots(gi_touched *b)
{
    uint32_t n = b->n_slots == 0 ? FIRST_SLOTS : b->n_slots * 2;
    uint64_t *slots = gi_calloc(n, sizeof(*slots));

    if (slots == NULL)
        return false;
    gi_free(b->slots);
    b->slots = slots;
    b->n_slots = n;
    for (uint32_t i = 0; i < b->n; i++) {
        gi_held *h = &b->at[i];

        h->slot = slot_of(b, h->key, h->hash);
        slots[h->slot] = (uint64_t)h->hash << 32 | (i + 1);
    }
    return true;
}

static bool more_room(gi_touched *b)
{
    uint32_t cap = b->cap == 0 ? FIRST_SLOTS / 2 : b->cap * 2;
    gi_held *at = gi_realloc(b->at, cap * sizeof(*at));

    if (at == NULL)
        return false;
    b->at = at;
    b->cap = cap;
    return true;
}

static uint32_t add(gi_touched *b, gale_str key, uint32_t hash, uint32_t slot)
{
    char *at = gi_touched_take(b, key.len + SPARE);

    if (at == NULL)
        return GI_TOUCHED_NONE;
    memcpy(at, key.ptr, key.len);
    b->at[b->n] = (gi_held){ .key = { at, key.len },
                             .hash = hash,
                             .slot = slot,
                             .group = (uint16_t)gi_stored_group(key),
                             .spare = SPARE };
    b->slots[slot] = (uint64_t)hash << 32 | (b->n + 1);
    return b->n++;
}

uint32_t gi_touched_at(gi_touched *b, gale_str key, uint32_t hash)
{
    uint32_t slot, id;

    if ((b->n == b->cap && !more_room(b)) ||
        (b->n >= b->n_slots / 2 && !more_slots(b)))
        return GI_TOUCHED_NONE;
    slot = slot_of(b, key, hash);
    id = (uint32_t)b->slots[slot];
    return id != 0 ? id - 1 : add(b, key, hash, slot);
}

/* A copy of it beside the key, if it is short. */
static gale_err copy_beside(gi_touched *b, gi_held *h, gale_str s,
                            gale_str *out)
{
    char *at = (char *)(uintptr_t)h->key.ptr + h->key.len + (SPARE - h->spare);

    if (s.ptr == NULL || s.len > h->spare)
        return gi_touched_copy(b, s, out);
    memcpy(at, s.ptr, s.len);
    *out = (gale_str){ at, s.len };
    h->spare = (uint8_t)(h->spare - s.len);
    return GALE_OK;
}

gale_err gi_touched_found(gi_touched *b, uint32_t id, gale_str value)
{
    gi_held *h = &b->at[id];
    gale_err rv = copy_beside(b, h, value, &h->before);

    h->now = h->before;
    return rv;
}

gale_err gi_touched_set(gi_touched *b, uint32_t id, gale_str value)
{
    gi_held *h = &b->at[id];
    gale_err rv;

    if (value.ptr != NULL && h->room > 0 && value.len <= h->room) {
        /* Its own bytes, whatever it was meanwhile: h->room is 0 else. */
        char *at = (char *)(uintptr_t)h->now.ptr;

        memmove(at, value.ptr, value.len);
        h->now.len = value.len;
        return GALE_OK;
    }
    rv = copy_beside(b, h, value, &h->now);
    if (rv == GALE_OK)
        h->room = value.ptr == NULL ? 0 : value.len;
    return rv;
}
