/* plan.h -- a program in the making (private to plan*.c).
 *
 * Nodes are taken in the order of their calls, in which each comes behind what
 * it reads, and become steps.  A step joins the part of the rows that it
 * reads; where rows have to move they are sent, and go on from an entry of
 * another part.  With rows it is known where they lie: those that lie right
 * already do not move.
 *
 * Parts never send in a circle: a batch could not be finished there.  Each
 * time that rows enter a part which is there already, that is looked at first.
 *
 * Who asks a state is a new part beside the one that keeps it: a guest in its
 * tasks.  Of the same family (streams that meet somewhere, and so are numbered
 * together), it is behind that one; else they have nothing to do with one
 * another.
 *
 * Without memory `no_memory` is set, and calls give back what is harmless.
 */
#ifndef GI_TRIDENT_PLAN_H
#define GI_TRIDENT_PLAN_H

#include "trident/build.h"
#include "trident/graph.h"

/* Which of a part's tasks has a row. */
typedef enum gi_spread {
    GI_SPREAD_ANY,
    GI_SPREAD_KEYS,  /* who has the group of the keys */
    GI_SPREAD_BATCH, /* one has all of a batch: gi_batch_task */
    GI_SPREAD_FIRST, /* task 0 has all */
    GI_SPREAD_OWN,   /* in a way that the user has to know */
} gi_spread;

typedef struct gi_lop gi_lop;
typedef struct gi_lpart gi_lpart;

typedef struct gi_link {
    gi_lop *to;
    uint32_t port;
    struct gi_link *more;
} gi_link;

struct gi_lop {
    gi_op op; /* as it will be, but for numbers */
    const gi_node *node;
    gi_lpart *part;
    gi_link *links, **last;
    gi_lop *more; /* of the part, each behind those it reads */

    bool scattered; /* UPDATE: nobody divided its rows by key */

    /* SEND */
    gi_lop *entry;
    gale_grouping grouping;
};

struct gi_lpart {
    gi_lop *ops, **last;
    uint32_t n_ops;
    gi_lpart *more; /* in the order in which they were made */

    gi_lpart *home;   /* in whose tasks it is; itself, if it is no guest */
    gi_lpart *behind; /* one that has to finish before it, though no rows may
                         come from there; or NULL */

    /* Of a home: */
    uint32_t said;      /* gale_parallelism: the most that was said */
    uint32_t fixed;     /* what a state says; 0: nothing */
    const gi_node *by;  /* whose state that is */
    const gi_lpart *as; /* a state without a number: as many as this one */
    const char *named;  /* gale_named, the first */
    bool keeps;         /* a state, so at most GALE_STATE_GROUPS tasks */
    uint32_t home_no;   /* in the program */

    bool meets;         /* made by a merge: anybody's rows may come */
    uint32_t seen;      /* by the last search */
    uint32_t no, group; /* in the program */
    bool placed;
};

/* Rows: the step that passes them on, and where they lie. */
typedef struct gi_rows {
    gi_lop *op; /* NULL: nothing is known, for want of memory or sense */
    gi_spread spread;
    uint32_t *keys; /* slots */
    uint32_t n_keys;
} gi_rows;

typedef struct gi_way_to {
    gi_send_how send;
    gale_grouping grouping;
    const uint32_t *keys;
    uint32_t n_keys;
    const void *chooser;
} gi_way_to;

typedef struct gi_lowering {
    const gale_trident *t;
    const gi_tables *with;
    gi_report *r;
    gi_program *p;
    gi_pool scratch;
    bool no_memory;
    gi_rows *rows;    /* [node->no] */
    bool *needed;     /* [node->no] */
    uint32_t *family; /* [node->no]: the first node of it */
    gi_lpart *parts, **last;
    uint32_t n_parts, search;
    gi_lpart **order; /* [n_parts], as in the program */
} gi_lowering;

/* ---------------------------------------------------------- the pieces -- */

/* From the program's pool, or from the scratch that is gone when it is made.
 */
void *gi_keep(gi_lowering *l, size_t n, size_t size);
void *gi_scratch(gi_lowering *l, size_t n, size_t size);

gi_lpart *gi_part_add(gi_lowering *l);

/* A part in the tasks of another. */
gi_lpart *gi_part_guest(gi_lowering *l, gi_lpart *home);

/* A new step at the end of a part, `out` being what comes of it (copied). */
gi_lop *gi_lop_add(gi_lowering *l, gi_lpart *part, gi_op_kind kind,
                   const gi_node *node, const gale_field *out, uint32_t n_out);

/* `to` reads what comes of `from`, at that port. */
void gi_lop_link(gi_lowering *l, gi_lop *from, gi_lop *to, uint32_t port);

/* A step that reads `rows`, in their part. */
gi_lop *gi_lop_behind(gi_lowering *l, gi_rows rows, gi_op_kind kind,
                      const gi_node *node, const gale_field *out,
                      uint32_t n_out);

/* A copy of slots. */
uint32_t *gi_slots(gi_lowering *l, const uint32_t *slots, uint32_t n);

/* Does anything go from one to the other? */
bool gi_part_reaches(gi_lowering *l, gi_lpart *from, const gi_lpart *to);

/* Send rows to another part, where they come out of an entry: the same one if
 * they were sent like that before. */
gi_lop *gi_enter(gi_lowering *l, gi_rows rows, gi_lpart *to,
                 const gi_way_to *way, const gi_node *node);

/* The slots that are named, in one place, and where each went: rows need not
 * carry to another part what nobody looks at there. */
gi_rows gi_narrow(gi_lowering *l, gi_rows rows, const gi_node *node,
                  uint32_t *keys, uint32_t n_keys, gi_op_fold *folds,
                  uint32_t n_folds);

static inline gi_rows gi_rows_of(gi_lop *op, gi_spread spread)
{
    return (gi_rows){ .op = op, .spread = spread };
}

/* Rows that lie by their slots 0 .. n-1. */
gi_rows gi_rows_by(gi_lowering *l, gi_lop *op, uint32_t n_keys);

/* Do they lie by exactly these keys? */
bool gi_rows_lie(gi_rows rows, const uint32_t *keys, uint32_t n_keys);

/* ----------------------------------------------------------- the steps -- */

/* plan_steps.c, plan_folds.c, plan_state.c, plan_pairs.c */
gi_rows gi_lower_step(gi_lowering *l, const gi_node *n, gi_rows from);
gi_rows gi_lower_route(gi_lowering *l, const gi_node *n, gi_rows from);
gi_rows gi_lower_fold(gi_lowering *l, const gi_node *n, gi_rows from);
gi_rows gi_lower_first_n(gi_lowering *l, const gi_node *n, gi_rows from);
gi_rows gi_lower_merge(gi_lowering *l, const gi_node *n, gi_rows a, gi_rows b);
gi_rows gi_lower_join(gi_lowering *l, const gi_node *n, gi_rows a, gi_rows b);
gi_rows gi_lower_persist(gi_lowering *l, const gi_node *n, gi_rows from);
gi_rows gi_lower_update(gi_lowering *l, const gi_node *n, gi_rows from);
gi_rows gi_lower_query(gi_lowering *l, const gi_node *n, gi_rows from,
                       gi_rows kept);

gi_rows gi_lower_return(gi_lowering *l, const gi_node *n, gi_rows from);
gi_rows gi_lower_window(gi_lowering *l, const gi_node *n, gi_rows from);
gi_rows gi_lower_late(gi_lowering *l, const gi_node *n, gi_rows windows);

/* That part keeps a state from now on, in so many tasks (0: as many as `as`).
 */
void gi_part_keep(gi_lpart *part, const gi_node *n, const gi_lpart *as,
                  uint32_t tasks);

/* The step that keeps the state of a node. */
gi_lop *gi_lop_state(gi_lowering *l, const gi_node *n, gi_rows rows,
                     gi_op_kind kind);

/* The folds of a node, with slots of their own. */
gi_op_fold *gi_folds_copy(gi_lowering *l, const gi_op_fold *folds, uint32_t n);

/* Fold here what will be merged there: keys first, then partial values. */
gi_rows gi_fold_partial(gi_lowering *l, const gi_node *n, gi_rows from);

/* The folds that merge what gi_fold_partial put out. */
gi_op_fold *gi_folds_merge(gi_lowering *l, const gi_op_fold *folds, uint32_t n,
                           uint32_t n_keys);

/* ----------------------------------------------------- the whole of it -- */

void gi_lay_out(gi_lowering *l);    /* plan_layout.c: numbers, tasks, groups */
void gi_check_drpc(gi_lowering *l); /* plan_drpc.c: groups of requests */
void gi_name_parts(gi_lowering *l); /* plan_names.c */
void gi_connect(gi_lowering *l);    /* plan_connect.c: streams, inlets */
void gi_make_table(gi_lowering *l); /* plan_table.c */
void gi_promise_all(gi_lowering *l); /* plan_promise.c */

/* A string in the program's pool; "" without memory. */
GALE_PRINTF(2, 3)
const char *gi_keep_text(gi_lowering *l, const char *format, ...);

#endif
