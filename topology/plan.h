/* plan.h -- a topology's table, checked and made easy to run.
 *
 * The table is what a person writes; the plan is what the runtime reads:
 * everything numbered, every name resolved, every default filled in.  Making
 * it is pure: no I/O, no clock, no thread.
 */
#ifndef GI_TOPOLOGY_PLAN_H
#define GI_TOPOLOGY_PLAN_H

#include "base/conf.h"
#include "base/pool.h"
#include "gale/topology.h"

enum {
    GI_MAX_COMPONENTS = 4096,
    GI_MAX_TASKS = 65535,
    GI_MAX_STREAMS = 65535, /* of all components; a tuple has 16 bits for it */
    GI_MAX_OWN_STREAMS = 1024, /* that one component lists */
    GI_MAX_FIELDS = 1024,
    GI_MAX_KEYS = 64,
};

#define GI_DEAD_LETTER "__dead_letter"

/* One way from a stream to a component that reads it. */
typedef struct gi_edge {
    uint32_t no;     /* index in plan->edges */
    uint32_t stream; /* index in plan->streams */
    uint32_t to;     /* index in plan->comps */
    gale_grouping how;
    uint32_t n_keys;
    const uint16_t *keys; /* slots of the grouping's fields */
    gale_chooser chooser; /* CUSTOM: a copy, widened to this library's size */
    bool inner;           /* both ends lie in the same cycle */
} gi_edge;

typedef struct gi_stream {
    uint32_t no;   /* index in plan->streams */
    uint32_t comp; /* index in plan->comps */
    const char *name;
    bool direct;
    uint32_t n_fields;
    const gale_field *fields; /* n_fields of them, this library's stride */
    uint32_t n_edges;
    const gi_edge *edges; /* those that leave it, side by side */
} gi_stream;

typedef struct gi_comp {
    uint32_t no; /* index in plan->comps: the order of the table */
    const char *id;
    bool is_spout;
    gale_spout spout; /* copies, widened to this library's size */
    gale_bolt bolt;
    uint32_t n_tasks, first_task; /* task numbers start at 1 */
    uint32_t n_executors;
    uint32_t tick_ms; /* 0: never */
    bool blocking;
    bool fused; /* called from its senders' emits, where it can be */
    const void *arg;

    /* Its streams are plan->streams[first_stream + k]: k = 0 is the default
     * one (no fields if it declares none), then the table's, and last, for a
     * spout, GI_DEAD_LETTER. */
    uint32_t first_stream, n_streams;

    /* Longest way to a component that emits to nobody, cycles taken as one:
     * 0 at the sinks, largest at the spouts.  Loops run low ranks first. */
    uint32_t rank;
    bool in_cycle;
    uint32_t cycle; /* components of one cycle share a number; else own no */

    gi_conf *conf; /* its own settings, over plan->conf */
} gi_comp;

/* Settings of the whole topology, parsed. */
typedef struct gi_settings {
    bool timeouts;
    uint32_t timeout_ms;
    uint32_t max_pending; /* 0: chosen by the runtime */
    int32_t ackers;       /* -1: unset, one a worker */
    uint32_t workers;
    uint32_t loops; /* 0: one for each usable core */
    uint32_t replay_backoff_ms, replay_backoff_max_ms, replay_limit;
    uint32_t batch_bytes, batch_credit;
    uint64_t cycle_bytes;
    uint32_t tuple_max_bytes;
    uint32_t idle_sleep_ms, idle_longest_ms, spin_us, slow_callback_ms;
    uint32_t error_window_s, error_limit;
    bool load_aware;                /* shuffles prefer what is near, ... */
    uint32_t scope_high, scope_low; /* ... by these thousandths of load */
    bool debug;
} gi_settings;

/* To a task of another worker so many times batch_credit: a batch comes back
 * only when it was executed there and that was heard here. */
enum { GI_FAR_CREDIT = 4 };

typedef struct gi_plan {
    const char *name;
    const char *about; /* NULL if there is none */
    const char *args;  /* NULL if it takes none */
    uint32_t n_comps, n_streams, n_edges;
    uint32_t n_tasks; /* numbers 1 .. n_tasks */
    gale_abi abi;     /* the sizes that the program was compiled with */
    gi_comp *comps;
    gi_stream *streams;
    gi_edge *edges;
    uint32_t *task_comp; /* [1 .. n_tasks]: index of the task's component */
    gi_settings set;
    gi_conf *conf; /* the topology's table under what the caller gave */
    gi_pool pool;  /* all memory above but the confs' */
} gi_plan;

/* Check `t` and lay it out.
 *
 *   over   settings above the topology's own (file, command line); NULL: none.
 *          Its own entries (not its parent's) are copied.
 *   r      every mistake is added, not only the first
 *
 * Strings, args and callbacks of `t` are borrowed until gi_plan_destroy.
 * GALE_EPLAN or GALE_ECONF when `r` has something to say; GALE_ENOMEM. */
gale_err gi_plan_create(gi_plan **out, const gale_topology *t,
                        const gi_conf *over, gi_report *r);
void gi_plan_destroy(gi_plan *p); /* NULL is fine */

/* The settings of a call (gale_run_opts.conf), as an `over` for the above:
 * `from` is said to be where they come from.  Mistakes that only the table
 * shows, such as a key without a value, are added to `r`.  GALE_ENOMEM. */
gale_err gi_plan_over(gi_conf **out, const gale_topology *t,
                      const gale_setting *conf, const char *from,
                      gi_report *r);

/* Both at once: the plan of `t` under the settings of a call, or in `why` (may
 * be NULL) every mistake. */
gale_err gi_plan_of(gi_plan **out, const gale_topology *t,
                    const gale_setting *conf, const char *from,
                    gale_diag *why);

/* A struct that the program filled in, `theirs` bytes of it, in this
 * library's size: what it does not have is zero. */
void gi_widen(void *to, size_t ours, const void *from, size_t theirs);

/* The sizes that `t` was compiled with; false, and a mistake in `r`, if it
 * does not say. */
bool gi_plan_abi(gale_abi *out, const gale_topology *t, gi_report *r);

/* By name; NULL if there is none. */
const gi_comp *gi_plan_comp(const gi_plan *p, const char *id);

static inline const gi_comp *gi_plan_task(const gi_plan *p, uint32_t task)
{
    return &p->comps[p->task_comp[task]];
}

/* "shuffle", "fields", ... */
const char *gi_grouping_name(gale_grouping how);

/* The plan in words, as JSON, as a Graphviz graph: a new string, free with
 * gi_free; NULL without memory.  Text fits a terminal of 80 columns. */
char *gi_plan_text(const gi_plan *p);
char *gi_plan_json(const gi_plan *p);
char *gi_plan_dot(const gi_plan *p);

#endif
