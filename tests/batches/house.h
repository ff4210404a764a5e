/* house.h -- what the store of a run has of one state: pairs, sorted by key.
 */
#ifndef TESTS_BATCHES_HOUSE_H
#define TESTS_BATCHES_HOUSE_H

#include "gale/state.h"

typedef struct entry {
    char *key, *value;
    uint32_t key_len, len;
} entry;

typedef struct house {
    char *state;
    entry *at; /* sorted by key */
    uint32_t n, cap;
    struct house *next;
} house;

/* The place where a key is, or would be; its entry, or NULL. */
uint32_t house_find(const house *h, gale_str key);
entry *house_entry(const house *h, gale_str key);

void house_apply(house *h, const gale_change *c, size_t n);
void house_destroy(house *h);

#endif
