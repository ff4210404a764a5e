/* work.h -- what the spouts and bolts of a scenario do.
 *
 * All of it follows from the scenario's seed, the tuple's path from its
 * message and how often that was tried, not from when it happens.
 */
#ifndef TESTS_SIM_WORK_H
#define TESTS_SIM_WORK_H

#include "shadow.h"

/* The values of a tuple. */
enum {
    AT_MESSAGE,
    AT_REF,  /* its record; 0: see the tree */
    AT_PATH, /* all that it does follows from it */
    AT_SIZE, /* so many tuples may come of it */
    AT_SEQ,  /* number among its sender's */
    AT_KEY,
    AT_PAD,
    N_VALUES,
};

extern const gale_spout work_spout;         /* the runtime replays */
extern const gale_spout work_replays_spout; /* it does so itself */
extern const gale_bolt work_bolt;
extern const gale_bolt work_together_bolt; /* takes several at once */
extern const gale_chooser work_chooser;

/* Would the chooser send this key to task `index` of `n`? */
bool work_chooses(uint64_t key, uint32_t index, uint32_t n);

/* What a component's `arg` points to. */
struct role {
    const part *part;
    uint32_t comp; /* index in plan->comps */
};

/* Around a run: what tasks know beyond the shadow. */
void work_begin(void);
void work_end(void);

/* ------------------------------------------ shared by the two work_X.c -- */

void work_begin_bolts(void);
void work_end_bolts(void);
gale_err work_prepare(void *self, gale_bolt_ctx *ctx);
gale_verdict work_execute(void *self, const gale_tuple *in,
                          gale_bolt_ctx *ctx);
void work_execute_batch(void *self, const gale_tuple *const *in, size_t n,
                        gale_bolt_ctx *ctx);
void work_tick(void *self, gale_bolt_ctx *ctx);

struct shape {                  /* of a component's streams */
    uint32_t copies[N_STREAMS]; /* that one emit makes at most; 0: unread */
    bool custom[N_STREAMS];     /* it may be fewer */
    uint32_t n_named;           /* tasks that read the stream of names ... */
    uint32_t named[MAX_SCENARIO_TASKS];
};
const struct shape *work_shape(const gale_task *t);
uint64_t work_hash(uint64_t a, uint64_t b);

/* A row, with everything that follows from its path. */
struct row {
    gale_value v[N_VALUES];
    uint32_t task; /* of the stream of names: to whom */
};
void work_row(struct row *r, gale_task *t, int64_t message, uint64_t ref,
              uint64_t path, uint64_t size, unsigned stream);

#endif
