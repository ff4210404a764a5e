/* topology.h -- wiring: components, what they read, and how it is divided.
 *
 * A topology is data, a const table.  Nothing in it allocates or fails; it is
 * checked whole before anything runs, and every mistake is named.
 */
#ifndef GALE_TOPOLOGY_H
#define GALE_TOPOLOGY_H

#include "gale/bolt.h"
#include "gale/spout.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------- groupings -- */

/* Which of the reading component's tasks get a tuple. */
typedef enum gale_grouping {
    GALE_GROUP_SHUFFLE = 0,     /* any one that keeps up, near ones first */
    GALE_GROUP_FIELDS = 1,      /* the one for this key, always the same */
    GALE_GROUP_PARTIAL_KEY = 2, /* the less busy of two that the key has */
    GALE_GROUP_ALL = 3,         /* every one */
    GALE_GROUP_GLOBAL = 4,      /* the lowest-numbered one */
    GALE_GROUP_DIRECT = 5,      /* the one that the sender names */
    GALE_GROUP_LOCAL = 6,       /* one in the same worker, else any one */
    GALE_GROUP_NONE = 7,        /* you do not care; now as shuffle */
    GALE_GROUP_CUSTOM = 8,      /* a gale_chooser decides */
} gale_grouping;

/* A grouping of your own.  `self` is a zeroed block of state_size bytes, one
 * for each task that sends. */
typedef struct gale_chooser {
    size_t state_size;

    /* Optional.  `tasks`: the numbers of the n tasks that may receive;
     * borrowed until the run ends. */
    void (*prepare)(void *self, const uint32_t *tasks, size_t n);

    /* Write the numbers of the tasks that get `row` into `chosen` (room for n)
     * and return how many.  To choose a task that is not one of the n is a
     * bug, and ends the process with a message that names the component. */
    size_t (*choose)(void *self, gale_row row, uint32_t *chosen);
} gale_chooser;

/* One stream that a bolt reads. */
typedef struct gale_input {
    const char *from; /* component */
    gale_grouping how;
    const gale_name *keys; /* FIELDS, PARTIAL_KEY: fields; ends with NULL */
    const char *stream;    /* NULL: "default" */
    const gale_chooser *chooser; /* CUSTOM */
} gale_input;

// clang-format off
#define GALE_INPUTS(...) \
    GALE_ARRAY_(gale_input, __VA_ARGS__, { 0, GALE_GROUP_SHUFFLE, 0, 0, 0 })
#define GALE_SHUFFLE(from)       { (from), GALE_GROUP_SHUFFLE, 0, 0, 0 }
#define GALE_BY(from, ...)       { (from), GALE_GROUP_FIELDS, GALE_NAMES(__VA_ARGS__), 0, 0 }
#define GALE_PARTIAL(from, ...)  { (from), GALE_GROUP_PARTIAL_KEY, GALE_NAMES(__VA_ARGS__), 0, 0 }
#define GALE_ALL(from)           { (from), GALE_GROUP_ALL, 0, 0, 0 }
#define GALE_GLOBAL(from)        { (from), GALE_GROUP_GLOBAL, 0, 0, 0 }
#define GALE_LOCAL(from)         { (from), GALE_GROUP_LOCAL, 0, 0, 0 }
#define GALE_NONE(from)          { (from), GALE_GROUP_NONE, 0, 0, 0 }
#define GALE_DIRECT(from, strm)  { (from), GALE_GROUP_DIRECT, 0, (strm), 0 }
#define GALE_CUSTOM(from, chsr)  { (from), GALE_GROUP_CUSTOM, 0, 0, (chsr) }

/* The same for a stream other than the default one. */
#define GALE_SHUFFLE_OF(from, strm) { (from), GALE_GROUP_SHUFFLE, 0, (strm), 0 }
#define GALE_BY_OF(from, strm, ...) { (from), GALE_GROUP_FIELDS, GALE_NAMES(__VA_ARGS__), (strm), 0 }
#define GALE_ALL_OF(from, strm)     { (from), GALE_GROUP_ALL, 0, (strm), 0 }
#define GALE_GLOBAL_OF(from, strm)  { (from), GALE_GROUP_GLOBAL, 0, (strm), 0 }
// clang-format on

/* --------------------------------------------------------- components -- */

/* A setting, as text: { "topology.max.spout.pending", "500" }. */
typedef struct gale_setting {
    const char *key;
    const char *value;
} gale_setting;

#define GALE_SETTINGS(...) GALE_ARRAY_(gale_setting, __VA_ARGS__, { 0, 0 })

typedef struct gale_component {
    const char *id;          /* not starting with "__" */
    const gale_spout *spout; /* exactly one of spout and bolt */
    const gale_bolt *bolt;
    const gale_input *inputs; /* bolts: what it reads; ends with {0} */
    uint32_t tasks;           /* how many instances; 0: as many as executors,
                                 which is 1 if that is 0, too */
    uint32_t executors;       /* groups that the tasks are divided into; those
                                 of a group share a thread of one worker;
                                 0: each task is a group of its own */
    uint32_t tick_ms;         /* bolts: call tick this often; 0: never */
    bool blocking;            /* its callbacks wait (disk, network): each
                                 executor gets a thread of its own */
    const void *arg;          /* handed out by gale_task_arg; static data */
    const gale_setting *conf; /* settings of this component, or NULL */
    bool fused; /* bolts: be called from within a sender's emit, where that can
                   be (below) */
} gale_component;

/* A bolt that is `fused` gets a tuple whose sender runs on the same loop at
 * once: its execute is called from within the sender's emit, and the row it is
 * handed is the sender's own, which nobody copies (gale_hold does).  All that
 * is promised of tuples is promised of these.  Where it cannot be (the task is
 * on another loop or in another worker; earlier tuples are on their way to it
 * in batches; its readers have no room; it is in a cycle; four calls are
 * within one another) the tuple travels in a batch, as all others do.  So
 * nothing may depend on which it is.
 *
 * Ask for it if rows are large (some kilobytes) and what the bolt does with
 * one is little.  Do not ask for it
 *
 *   - if a sender emits while it holds a lock that the bolt takes as well, or
 *     out of a buffer that the bolt writes to: what a sender does after an
 *     emit comes after its reader;
 *   - if a bolt looks up one of a million keys: the waits of neighbours in a
 *     batch for memory overlap, those of calls do not;
 *   - if rows are small: a batch is quicker.
 *
 * The time that a called bolt takes counts as its sender's in the figures. */

/* An array and its length as one value.  Use it on a named array only. */
typedef struct gale_components {
    const gale_component *at;
    size_t n;
} gale_components;

#define GALE_COMPONENTS(array)                      \
    {                                               \
        (array), sizeof(array) / sizeof((array)[0]) \
    }

/* ----------------------------------------------------------- topology -- */

/* The sizes this program was compiled with.  The library walks tables with
 * these as strides, and takes what lies beyond a struct's size for zero; so
 * structs may grow at their ends without breaking older programs. */
typedef struct gale_abi {
    uint32_t version;
    uint32_t abi; /* of this struct itself */
    uint32_t topology, component, spout, bolt, input, field, stream, setting,
        chooser;
    uint32_t emit_opts, spout_emit_opts, run_opts, run_result;
} gale_abi;

#define GALE_ABI_VERSION 1u
// clang-format off
#define GALE_ABI_SIZES                                                       \
    { GALE_ABI_VERSION, sizeof(gale_abi), sizeof(gale_topology),             \
      sizeof(gale_component), sizeof(gale_spout), sizeof(gale_bolt),         \
      sizeof(gale_input), sizeof(gale_field), sizeof(gale_stream),           \
      sizeof(gale_setting), sizeof(gale_chooser), sizeof(gale_emit_opts),    \
      sizeof(gale_spout_emit_opts), sizeof(gale_run_opts),                   \
      sizeof(gale_run_result) }
// clang-format on
#define GALE_ABI GALE_ARRAY_(gale_abi, GALE_ABI_SIZES)

typedef struct gale_topology {
    const gale_abi *abi; /* GALE_ABI */
    const char *name;
    gale_components components; /* GALE_COMPONENTS(an array) */
    const gale_setting *conf;   /* settings of the topology, or NULL */
    const char *about;          /* a sentence for --help, or NULL */
    const char *args;           /* "FILE..." if it takes words from the
                                   command line, else NULL */
} gale_topology;

#ifdef __cplusplus
}
#endif
#endif /* GALE_TOPOLOGY_H */
