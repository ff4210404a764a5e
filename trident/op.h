/* op.h -- a step at work in a task, and a batch at work in a part.
 *
 * Each kind of step is a table of functions.  Rows are handed on by calls, on
 * one thread; a row is borrowed until the call returns, and whoever keeps it
 * copies it into the round's pool.
 *
 * A round is one attempt of one batch in one task.  Several are at work at a
 * time, so what belongs to a batch lies in the round, not in the step.
 */
#ifndef GI_TRIDENT_OP_H
#define GI_TRIDENT_OP_H

#include "trident/program.h"

typedef struct gi_step gi_step;

typedef struct gi_round {
    uint64_t txid, attempt;
    int64_t time_ms; /* of the batch; in finish, of parts that commit or are
                        behind one */
    gi_pool pool;    /* gone with the round */
    void **mine;     /* [op]: what each step has of it; NULL at first */
    bool failed;     /* see why */
    char why[200];
} gi_round;

/* The batch cannot be done in this attempt; the first reason is kept. */
void gi_round_fail(gi_round *r, const char *format, ...) GALE_PRINTF(2, 3);

/* A copy of a row, with its bytes, in the round's pool; values NULL and the
 * round failed if memory is gone. */
gale_row gi_round_keep(gi_round *r, gale_row row);

/* The same in any pool; false without memory. */
bool gi_row_copy(gi_pool *pool, gale_row row, gale_row *out);

typedef struct gi_op_type {
    /* Room for its own, zeroed, at step->self. */
    size_t size;

    /* With the task.  An error ends the topology: `why` says why. */
    gale_err (*open)(gi_step *s, gale_diag *why);

    /* A row has come. */
    void (*row)(gi_step *s, gi_round *r, unsigned port, gale_row in);

    /* No more will come in this round: those before it have finished.  In
     * steps that commit: begin, put, commit.  NULL: nothing to do. */
    void (*finish)(gi_step *s, gi_round *r);

    /* The round is over, well or not.  What is in its pool goes by itself. */
    void (*drop)(gi_step *s, gi_round *r);

    /* Also when open failed or was not called: then what it did not come to
     * is zero. */
    void (*close)(gi_step *s);
} gi_op_type;

struct gi_step {
    const gi_op *op;
    const gi_op_type *type;
    gi_step *all; /* the part's steps, by number */
    uint32_t n_all;
    gi_step *home; /* those of all parts in this task, for shared maps */
    uint32_t n_home;
    gale_task *task;
    void *self;          /* the type's own */
    gale_value *scratch; /* op->n_out values, to build a row in */
    void *host;          /* what SEND and SOURCE belong to: part.c */
};

/* By kind.  SOURCE and SEND are in part.c's care. */
extern const gi_op_type *const gi_op_types[GI_OP_KINDS];
extern const gi_op_type gi_op_source, gi_op_send; /* part.c */
extern const gi_op_type gi_op_entry, gi_op_each, gi_op_map, gi_op_where,
    gi_op_peek, gi_op_project, gi_op_fold_all, gi_op_fold_by, gi_op_first_n,
    gi_op_join, gi_op_persist, gi_op_update, gi_op_query, gi_op_return,
    gi_op_pane, gi_op_window, gi_op_late;

/* Hand a row to the steps behind `s`. */
static inline void gi_pass(gi_step *s, gi_round *r, gale_row row)
{
    const gi_op_next *next = s->op->next;

    for (uint32_t n = s->op->n_next; n > 0; n--, next++) {
        gi_step *to = &s->all[next->op];

        to->type->row(to, r, next->port, row);
    }
}

/* What callbacks see. */
struct gale_batch_ctx {
    gi_step *step;
    gi_round *round;
    /* Where a row that fits `output` goes.  NULL: this callback emits none. */
    void (*emit)(gale_batch_ctx *ctx, gale_row row);
    const gale_field *output; /* n_output of them */
    uint32_t n_output;
    void *mine; /* of who made it */
};

/* The step whose callbacks run on this thread: for messages.  Set by whoever
 * calls one. */
extern _Thread_local const gi_step *gi_step_here
    __attribute__((tls_model("initial-exec")));

/* How many fields; 0 for NULL. */
uint32_t gi_fields_count(const gale_field *fields);

/* Is it what the field declares? */
bool gi_field_takes(const gale_field *field, const gale_value *v);

/* Ends the process with the step's name if `values` are not what the fields
 * declare. */
void gi_fields_check(const gi_step *s, const gale_field *fields, uint32_t n,
                     gale_row row);

/* "'words', step 3 (each)", or "a test": who it is, for messages. */
typedef struct gi_step_name {
    char text[160];
} gi_step_name;
gi_step_name gi_step_named(const gi_step *s);

#endif
