/* program.h -- a Trident program as it runs: parts, and the steps in each.
 *
 * What a person defines is a graph of steps.  It is cut where rows change
 * hands; what hangs together between the cuts is a part, mostly one component
 * of the topology.  Within a part a row goes from step to step by a call.
 *
 *     coordinator --batch, commit--> every part of its group
 *     part ----------- rows -------> part
 *     part ---------- reports -----> part: "so many of this batch were for
 * you"
 *
 * A part that has a step that commits finishes a batch when the coordinator
 * says so, in the order of the numbers; the others as soon as all of it is
 * there (tracker.h).  Behind one that commits all of it is there when that has
 * committed, so there nobody has to say so.
 *
 * A part that asks a state is in the tasks of the part that keeps it: a home
 * is a component, and the parts in it.  They share tasks and open maps.
 *
 * Made once by build.c, then read-only.
 */
#ifndef GI_TRIDENT_PROGRAM_H
#define GI_TRIDENT_PROGRAM_H

#include "base/pool.h"
#include "gale/drpc.h"
#include "gale/trident.h"
#include "trident/window.h"

/* Every step, and what it does with a row that comes to it. */
typedef enum gi_op_kind {
    GI_OP_SOURCE,  /* none comes: the emitter of a spout */
    GI_OP_ENTRY,   /* rows of another part come in here */
    GI_OP_EACH,    /* passes it on with what the function emits appended */
    GI_OP_MAP,     /* passes on what the function emits */
    GI_OP_WHERE,   /* passes it on, or not */
    GI_OP_PEEK,    /* shows it, passes it on */
    GI_OP_PROJECT, /* passes on some of its fields; also renames */
    GI_OP_FOLD,    /* folds the batch: one row, at its end */
    GI_OP_FOLD_BY, /* folds the batch by key: a row a key */
    GI_OP_FIRST_N,
    GI_OP_JOIN,    /* port 0: left, port 1: right */
    GI_OP_PERSIST, /* commits: folds rows by key into a map */
    GI_OP_UPDATE,  /* commits: an updater with a map */
    GI_OP_QUERY,   /* appends what a map has */
    GI_OP_RETURN,  /* the answer to a request; passes on what is in it */
    GI_OP_PANE,    /* appends the pane of its time */
    GI_OP_WINDOW,  /* commits: folds by window; port 1: the batch's times */
    GI_OP_LATE,    /* rows that came too late to the window before it */
    GI_OP_SEND,    /* to other parts */
    GI_OP_KINDS
} gi_op_kind;

/* How much of a fold is done in a step.  A combiner that folds over the
 * network is PARTIAL before and MERGE behind. */
typedef enum gi_fold_how {
    GI_FOLD_WHOLE,   /* init and combine (or reduce, or aggregate) */
    GI_FOLD_PARTIAL, /* the same; of an empty batch comes nothing */
    GI_FOLD_MERGE,   /* rows are keys, then what PARTIAL put out: combine */
} gi_fold_how;

/* Where a FOLD has all of a batch in one task, only that one puts a row out;
 * so an empty batch gives one row too, not one a task. */
typedef enum gi_fold_at {
    GI_FOLD_AT_EACH,  /* each task folds what it has */
    GI_FOLD_AT_BATCH, /* in the batch's task: gi_batch_task (direct.h) */
    GI_FOLD_AT_FIRST, /* in task 0 */
} gi_fold_at;

/* Who says which tasks get a row that is sent. */
typedef enum gi_send_how {
    GI_SEND_GROUPING, /* the grouping of the reader's input */
    /* The others: the stream is direct, and the sender says, see direct.h. */
    GI_SEND_KEYS,    /* who has the group of the keys, as with states */
    GI_SEND_BATCH,   /* the batch's task */
    GI_SEND_CHOOSER, /* `user`, a gale_chooser, which sees no mark */
} gi_send_how;

typedef struct gi_op_fold {
    gale_fold fold;
    uint32_t *in; /* slots, of the input row; MERGE: of its partial values */
    uint32_t n_in;
    uint32_t n_out; /* fields it puts out */
} gi_op_fold;

/* Of PANE and WINDOW.  What comes to a WINDOW is rows; or, `folded`, of each
 * key and pane one: the pane (if rows have times), the key, what combiners
 * made of its rows, and how many they were. */
typedef struct gi_windows {
    gi_window w;
    bool by_rows; /* else by time */
    bool folded;
    gi_clock_opts clock;
    uint32_t time;   /* the slot of it, if rows come with one */
    uint32_t n_keys; /* the last of the step's keys: a pane is no key */
} gi_windows;

/* In front of each key in a window's map: the pane, and a number. */
enum { GI_WINDOW_ASIDE = 2 };

/* At this port a LATE reads a WINDOW. */
enum { GI_PORT_LATE = 2 };

typedef struct gi_op_next {
    uint32_t op; /* of the same part, behind this one */
    uint32_t port;
} gi_op_next;

typedef struct gi_op {
    gi_op_kind kind;
    uint32_t no;      /* in its part; a step comes behind those it reads */
    const char *id;   /* SOURCE, PERSIST, UPDATE, QUERY, WINDOW, LATE: of spout
                         or state;   SEND: the name of the part that reads it */
    const void *user; /* gale_function, gale_filter, gale_updater,
                         gale_batch_spout, gale_chooser */

    gale_field *out; /* of the rows it passes on; ends with {0} */
    uint32_t n_out;
    uint32_t n_row;   /* fields of the rows that come to it (port 0) */
    uint32_t n_right; /* JOIN: of those at port 1 */

    uint32_t *in;  /* slots that it looks at: what the user's function sees; */
    uint32_t n_in; /* PROJECT: what remains; QUERY: the key; FIRST_N: by */
    uint32_t *keys; /* FOLD_BY, PERSIST, WINDOW, SEND: of the key; JOIN: of
                       port 0 ... */
    uint32_t n_keys;
    uint32_t *right_keys; /* ... and of port 1, n_keys of them too */

    gi_op_fold *folds; /* FOLD, FOLD_BY, WINDOW, PERSIST (one) */
    uint32_t n_folds;
    gi_fold_how how;
    gi_fold_at at; /* FOLD, RETURN */

    gale_state_opts state; /* PERSIST, UPDATE, QUERY, WINDOW; store is set */
    uint32_t n_values;     /* QUERY: values it appends */
    gale_join_kind join;
    uint32_t first_n;
    bool largest; /* FIRST_N */
    gi_windows window;

    uint32_t stream;  /* SEND: of its component, by number, ... */
    uint32_t to;      /* ... the part that reads it, the only one, ... */
    gi_send_how send; /* ... and who of it gets a row */
    bool to_all;      /* GI_SEND_GROUPING: every task of it does */

    gi_op_next *next;
    uint32_t n_next;
} gi_op;

/* Rows that come in: from which part, on which stream of its component, to
 * which ENTRY. */
typedef struct gi_inlet {
    uint32_t part;
    uint32_t stream;
    uint32_t op;
} gi_inlet;

typedef struct gi_part {
    const struct gi_program *program;
    uint32_t no;
    uint32_t group;
    uint32_t home;
    const char *name; /* of the component */
    uint32_t tasks;

    gi_op *ops;
    uint32_t n_ops;
    bool commits;    /* one of them does, or an opaque source is among them */
    bool late;       /* behind a part that commits, or is late: its rows come
                        while a batch is committed, and nobody tells it to */
    uint32_t source; /* op number of its SOURCE, or n_ops */

    gi_inlet *inlets;
    uint32_t n_inlets;
    uint32_t *upstream;  /* parts that report to it, each once: those whose */
    uint32_t n_upstream; /* rows it reads, and who has to commit before it */
    uint32_t *readers;   /* parts it reports to, each once */
    uint32_t n_readers;
} gi_part;

/* A component.  The first of its parts is there in its own right; the others
 * ask a state that is kept there. */
typedef struct gi_home {
    const struct gi_program *program;
    uint32_t no;
    uint32_t *parts;
    uint32_t n_parts;

    /* streams[i] has the number i + 1, since 0 is the default stream, which
     * there is not: 1 reports (direct), then one a SEND: its mark, its row. */
    gale_stream *streams; /* ends with {0} */
    uint32_t n_streams;
    gale_bolt bolt;
} gi_home;

/* Parts that hang together, and their coordinator. */
typedef struct gi_group {
    const struct gi_program *program;
    uint32_t no;
    const char *name;  /* of the coordinator's component */
    uint32_t *sources; /* parts with a SOURCE, in order: plans are sent so */
    uint32_t n_sources;
    bool commits;         /* any of its parts does */
    const char *function; /* of requests; NULL: it is no DRPC stream */
    gale_drpc *hub;       /* where they come from; NULL: the servers */
    gale_spout spout;
    bool timed;         /* the time of batches has to be on record */
    int64_t every_ms;   /* windows may close that often, ... */
    int64_t horizon_ms; /* ... so long after the last row; see batch_time.h */
} gi_group;

/* What holds for a state, and why not more. */
typedef struct gi_promise {
    const char *state;
    uint32_t part;
    const gale_store *store;
    gale_state_kind kind;
    gale_spout_kind spout;  /* the worst of what leads to it ... */
    const char *source;     /* ... which is this one's ... */
    const char *again_from; /* ... or follows from this step, which may do
                               otherwise when it is done again; or NULL */
    bool once;              /* exactly once */
} gi_promise;

typedef struct gi_program {
    gi_pool pool; /* all of it, topology included */
    const char *name;
    const gale_store *store; /* where coordinators and sources remember */
    gi_part *parts;          /* a part comes behind those it reads */
    uint32_t n_parts;
    gi_home *homes;
    uint32_t n_homes;
    gi_group *groups;
    uint32_t n_groups;
    gi_promise *promises; /* one a state, in the order of definition */
    uint32_t n_promises;
    const char **notes; /* what may not have been meant; ends with NULL */
    uint32_t n_notes;
    gale_topology topology;
} gi_program;

/* Streams of a coordinator. */
enum { GI_STREAM_BATCH = 0, GI_STREAM_COMMIT = 1, GI_STREAM_SUCCESS = 2 };

/* COMMIT: beside the first three, the time of the batch. */
enum { GI_COMMIT_TIME = 3 };

/* BATCH: txid, attempt, floor (every attempt below is over), plans (a list of
 * bytes, one a source of the group), after (the attempt of the batch before
 * it; 0: that has counted).  COMMIT, SUCCESS (attempt 0): the first three. */
enum {
    GI_BATCH_TXID,
    GI_BATCH_ATTEMPT,
    GI_BATCH_FLOOR,
    GI_BATCH_PLANS,
    GI_BATCH_AFTER,
};

/* Reports: stream 1 of a component. */
enum {
    GI_STREAM_REPORTS = 1,
    GI_REPORT_TXID = 0,
    GI_REPORT_ATTEMPT,
    GI_REPORT_FLOOR,
    GI_REPORT_N,    /* rows sent to that task ... */
    GI_REPORT_SUM,  /* ... and the sum over gi_mix64 of their marks, ... */
    GI_REPORT_FROM, /* ... by this part, ... */
    GI_REPORT_TO,   /* ... to that one */
    GI_REPORT_TIME, /* the time of the batch, from parts that know it */
};

/* The first field of every row between parts is its mark: mark.h. */

static inline const gi_home *gi_home_of(const gi_part *p)
{
    return &p->program->homes[p->home];
}

/* The tables that the runtime fills in (part.c, coordinate.c). */
extern const gale_bolt gi_part_bolt;
extern const gale_spout gi_group_spout;

#endif
