/* map.h -- a map from inside: what its files share.  Private to them. */
#ifndef GI_STATE_MAP_H
#define GI_STATE_MAP_H

#include "state/codec.h"
#include "state/fence.h"
#include "state/stored.h"
#include "state/touched.h"

struct gale_map {
    const gale_store *store;
    void *self; /* the store's */
    char *name; /* of the state, for messages */
    gale_state_kind kind;
    uint32_t from, to; /* its groups */
    uint32_t aside;    /* values in front of a key that do not count there */

    /* As they are in the store. */
    gi_fence fences[GALE_STATE_GROUPS];
    uint64_t last; /* the latest of them */

    /* The batch, if there is one. */
    bool open;
    bool failed; /* a call in it did: nothing of it may be committed */
    bool broken; /* a write did: nobody knows what the store has */
    uint64_t txid, attempt;
    bool touched[GALE_STATE_GROUPS];
    gi_touched batch;

    /* Scratch for one call. */
    gi_bytes key_bytes, row;
    gi_values values;
    struct gi_map_item {
        gale_str key, value;
        uint32_t hash, id;
    } * items;
    size_t n_items; /* room for so many */
    gale_str *ask, *answers;
    gale_change *changes;
    size_t n_changes, most_changes;
};

/* Stored keys and their hashes, into items. */
gale_err gi_map_keys(gale_map *m, const gale_row *keys, size_t n,
                     gale_diag *why);

/* Ask the store for the items of which id is `wanted`, into their values. */
gale_err gi_map_ask(gale_map *m, size_t n, uint32_t wanted, gale_diag *why);

/* The items' values as rows. */
gale_err gi_map_rows(gale_map *m, size_t n, gale_row *rows, gale_diag *why);

/* An error with words. */
gale_err gi_map_say(const gale_map *m, gale_err e, gale_diag *why,
                    const char *format, ...) GALE_PRINTF(4, 5);

/* As if the transaction, which came before, had never been, in the batch. */
gale_err gi_map_undo(gale_map *m, gale_diag *why);

#endif
