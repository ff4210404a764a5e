/* states.h -- a persistent count of words, for tests of steps with a state. */
#ifndef TESTS_UNIT_TRIDENT_STATES_H
#define TESTS_UNIT_TRIDENT_STATES_H

#include "tests/unit/trident/steps.h"

static gi_op_fold counting[] = { { { .combiner = &gale_count }, NULL, 0, 1 } };

static uint32_t slot_0[] = { 0 };

static inline gi_op persist(gale_state_kind kind)
{
    return (gi_op){
        .kind = GI_OP_PERSIST,
        .id = "counts",
        .keys = slot_0,
        .n_keys = 1,
        .folds = counting,
        .n_folds = 1,
        .n_row = 1,
        .n_out = 2,
        .state = { .kind = kind },
    };
}

static inline void persisting(world *w, gi_op op)
{
    *w = (world){ .n = 0 };
    add(w, op);
    add(w, (gi_op){ .kind = GI_OP_SEND });
    chain(w);
    start(w);
}

/* A batch of one-letter words. */
static inline bool batch(world *w, uint64_t txid, uint64_t attempt,
                         const char *words)
{
    begin(w, txid, attempt);
    for (const char *c = words; *c != 0; c++)
        FEED(w, gale_val_run(GALE_T_STR, c, 1));
    return finish(w);
}

#endif
