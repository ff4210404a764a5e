/* graph.h -- what a person defined: a node a call, before any of it is cut
 * into parts.
 *
 * A node knows the fields of the rows that come of it.  If its call made so
 * little sense that nobody can say which they are, it is `unclear`, and so is
 * everything behind it: one mistake is reported once, not in every step that
 * follows.
 *
 * Names, fields, folds and options are copied; tables of callbacks are
 * borrowed.
 */
#ifndef GI_TRIDENT_GRAPH_H
#define GI_TRIDENT_GRAPH_H

#include "base/pool.h"
#include "base/report.h"
#include "trident/program.h"

enum {
    GI_MOST_FIELDS = 1023, /* of a row: a stream has 1024, one is the mark */
    GI_MOST_KEYS = 64,
    GI_MOST_FOLDS = 64,
    GI_MOST_TASKS = 65535,
    GI_MOST_NAME = 255, /* bytes */
};

typedef enum gi_node_kind {
    GI_NODE_SOURCE,
    GI_NODE_EACH,
    GI_NODE_WHERE,
    GI_NODE_MAP,
    GI_NODE_PEEK,
    GI_NODE_PROJECT,
    GI_NODE_ROUTE,
    GI_NODE_GROUP, /* gale_grouped */
    GI_NODE_FOLD,  /* a batch, each task's share of it, or each group */
    GI_NODE_FIRST_N,
    GI_NODE_MERGE,
    GI_NODE_JOIN,
    GI_NODE_PERSIST, /* gale_kept */
    GI_NODE_UPDATE,  /* gale_kept */
    GI_NODE_NEW_VALUES,
    GI_NODE_QUERY,
    GI_NODE_RETURN,
    GI_NODE_WINDOW,
    GI_NODE_LATE,
} gi_node_kind;

typedef enum gi_over {
    GI_OVER_BATCH,
    GI_OVER_SHARE, /* gale_partition_aggregate */
    GI_OVER_GROUP,
} gi_over;

typedef enum gi_routing {
    GI_ROUTE_SHUFFLE,
    GI_ROUTE_LOCAL,
    GI_ROUTE_KEYS,
    GI_ROUTE_CHOOSER,
    GI_ROUTE_FIRST,
    GI_ROUTE_BATCH,
    GI_ROUTE_ALL,
} gi_routing;

typedef struct gi_node gi_node;

struct gi_node {
    gale_trident *t;
    gi_node_kind kind;
    uint32_t no;      /* of the call, from 1 */
    const char *call; /* "gale_each" */
    const char *id;   /* of a stream or a state */
    const char **names;
    uint32_t n_names; /* that the call named, for messages */
    gi_node *from;    /* what it reads */
    gi_node *right;   /* MERGE, JOIN: and what else; QUERY: the state */
    gi_node *next;
    bool unclear;

    gale_field *out; /* of what comes of it; ends with {0} */
    uint32_t n_out;

    uint32_t *in; /* slots of `from`, as in gi_op */
    uint32_t n_in;
    uint32_t *keys; /* GROUP, JOIN, ROUTE; PERSIST, FOLD: of the group */
    uint32_t n_keys;
    uint32_t *right_keys;
    const void *user;
    gi_op_fold *folds; /* FOLD, PERSIST */
    uint32_t n_folds;
    gi_over over;
    gi_routing route;
    gale_state_opts state; /* PERSIST, UPDATE, WINDOW */
    bool total;            /* PERSIST, WINDOW: without keys */
    uint32_t n_values;     /* QUERY */
    bool asked;            /* SOURCE: of requests, ... */
    gale_drpc *hub;        /* ... from here; NULL: from servers */
    gi_windows window;     /* WINDOW */
    gale_join_kind join;
    uint32_t first_n;
    bool largest;

    uint32_t tasks;   /* gale_parallelism; 0: not said */
    const char *name; /* gale_named */
};

/* What users hold is a node; the types say what may follow. */
struct gale_batches {
    gi_node node;
};
struct gale_grouped {
    gi_node node;
};
struct gale_kept {
    gi_node node;
};

struct gale_trident {
    gi_pool pool;
    const char *name;
    const char *about, *args; /* gale_trident_about */
    const gale_store *store;  /* gale_trident_remember; NULL: the default */
    gi_report mistakes;
    bool no_memory;
    gi_node *first, **last;
    uint32_t n_nodes;
    gi_node nowhere;            /* what calls return without memory */
    struct gi_program *program; /* once it is built */
};

/* -------------------------------------------------------- making nodes -- */

/* A new node behind `from` and `right` (each may be NULL, not both if t is),
 * or t->nowhere.  Nodes of another gale_trident are refused. */
gi_node *gi_node_add(gale_trident *t, gi_node_kind kind, const char *call,
                     gi_node *from, gi_node *right);

/* Does it make sense to go on with it? */
static inline bool gi_node_lives(const gi_node *n)
{
    return n != &n->t->nowhere;
}

/* Copies; NULL, with t->no_memory set, without memory. */
char *gi_node_text(gi_node *n, const char *s);
void *gi_node_take(gi_node *n, size_t count, size_t size);

/* A good id or name?  If not, a mistake of `n`: `what` is "its id". */
bool gi_node_check_name(gi_node *n, const char *what, const char *name);

/* -------------------------------------------------------------- fields -- */

/* The names that the call is handed, copied to n->names; false if there are
 * too many. */
bool gi_node_names(gi_node *n, const gale_name *names);

/* n->names as slots of `from`, an array of n->n_names: of what is not there a
 * mistake says so. */
uint32_t *gi_node_slots(gi_node *n, const gi_node *from);

/* How many mistakes there are by now: whoever cannot say what comes of a step
 * with one is unclear. */
static inline size_t gi_node_mistakes(const gi_node *n)
{
    return n->t->mistakes.n + n->t->mistakes.dropped;
}

/* The same for a list that is not n->names. */
uint32_t *gi_node_slots_of(gi_node *n, const gi_node *from,
                           const gale_name *names, uint32_t *count);

/* n->in from what the call is handed; NULL: all fields of n->from. */
void gi_node_in(gi_node *n, const gale_name *in);

/* Begin n->out anew with room for `more` fields; then add to it.  A name that
 * is there already, or that is none, is a mistake. */
bool gi_node_out(gi_node *n, uint32_t more);
void gi_node_out_add(gi_node *n, const char *name, gale_type type);

/* How many fields there are before {0}; at most GI_MOST_FIELDS + 1. */
uint32_t gi_node_count_fields(const gale_field *f);

/* All fields of `from`; those that a callback puts out, checked. */
void gi_node_out_all(gi_node *n, const gi_node *from);
void gi_node_out_fields(gi_node *n, const gale_field *f);

/* --------------------------------------------------------------- words -- */

/* A mistake of this step: "step 4, gale_each of 'lien' behind 'lines': ..." */
void gi_node_say(gi_node *n, const char *format, ...) GALE_PRINTF(2, 3);
void gi_node_tell(gi_report *r, const gi_node *n, const char *format, ...)
    GALE_PRINTF(3, 4);

typedef struct gi_text {
    char s[512];
} gi_text;

/* "step 4, gale_each of 'lien' behind 'lines'" */
gi_text gi_node_who(const gi_node *n);

/* A name as it stands in a message, cut if it is very long. */
gi_text gi_text_name(const char *name);

/* " (did you mean 'line'? it has 'line', 'n')" */
gi_text gi_text_hint(const gi_node *of, const char *name);

/* --------------------------------------------------------------- folds -- */

/* Check the folds and copy them to n->folds, with slots of `from`; adds what
 * they put out to n->out, for which there is room.  `zero`: they may be asked
 * what comes of nothing. */
void gi_node_folds(gi_node *n, const gi_node *from, const gale_fold *folds,
                   bool zero);

/* A step that keeps a state: its id and options, checked. */
gi_node *gi_node_keep(gi_node *from, gi_node_kind kind, const char *call,
                      const char *id, const gale_state_opts *opts);

/* Says so if what it reads is no gale_grouped. */
void gi_node_check_grouped(gi_node *n);

/* Says so if a stream and a state would remember under the same id. */
void gi_node_check_clash(gi_node *n);

/* Has it all the functions of a store? */
bool gi_store_whole(const gale_store *s);

/* How many fields the folds put out, as far as that can be said. */
uint32_t gi_folds_out(const gale_fold *folds);

/* Are all of them combiners? */
bool gi_folds_combine(const gi_op_fold *folds, uint32_t n);

#endif
