/* settings.h -- every setting Gale knows: one list.
 *
 * From it follow validation, defaults, `--help settings` and the reference in
 * the documentation.  Names are Storm's where Storm has one.
 *
 *   X(key, kind, default, min, max, component, text)
 *
 * kind       INT, NUM (may have a fraction), BOOL, TEXT, LIST (text, or in
 *            YAML a list of texts)
 * default    as text; "" is unset, and the text says what that means
 * min, max   of INT and NUM
 * component  1: a component may set it for itself
 */
#ifndef GI_BASE_SETTINGS_H
#define GI_BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

// clang-format off
#define GI_SETTINGS(X)                                                                       \
    X("topology.name", TEXT, "", 0, 0, 0,                                                    \
      "name of the running topology; unset: the table's")                                    \
    X("topology.message.timeout.secs", NUM, "30", 0.001, 2000000, 0,                         \
      "a tree in which nothing moved for this long fails")                                   \
    X("topology.enable.message.timeouts", BOOL, "true", 0, 0, 0,                             \
      "false: trees never time out")                                                         \
    X("topology.max.spout.pending", INT, "", 1, 16777216, 1,                                 \
      "trees in flight a spout task; unset: chosen by the runtime")                          \
    X("topology.acker.executors", INT, "", 0, 1024, 0,                                       \
      "tasks that keep the ledgers; unset: one a worker, 0: nothing is tracked")             \
    X("topology.workers", INT, "1", 1, 4096, 0,                                              \
      "processes on a cluster; a local run has one")                                         \
    X("topology.worker.loops", INT, "0", 0, 256, 0,                                          \
      "threads that run tasks; 0: one for each usable core")                                 \
    X("topology.max.task.parallelism", INT, "", 1, 65535, 1,                                 \
      "upper bound on the tasks of a component; unset: none")                                \
    X("topology.tick.tuple.freq.secs", NUM, "", 0.001, 2000000, 1,                           \
      "how often tick is called; unset: the component's tick_ms")                            \
    X("topology.replay.backoff.millis", INT, "10", 0, 3600000, 0,                            \
      "pause before the runtime's first replay of a tuple; doubles each time")               \
    X("topology.replay.backoff.max.millis", INT, "10000", 0, 86400000, 0,                    \
      "the longest such pause")                                                              \
    X("topology.replay.limit", INT, "0", 0, 1000000, 0,                                      \
      "replays before a tuple goes to __dead_letter; 0: for ever")                           \
    X("topology.batch.bytes", INT, "32768", 1024, 1048576, 0,                                \
      "size of the batches in which tuples travel between tasks")                            \
    X("topology.batch.credit", INT, "4", 1, 1024, 0,                                         \
      "batches under way from one loop to one task before the sender waits")                 \
    X("topology.cycle.buffer.bytes", INT, "67108864", 65536, 17179869184, 0,                 \
      "bound on what may be under way inside a cycle before tuples fail")                    \
    X("topology.tuple.max.bytes", INT, "16777216", 1024, 1073741824, 0,                      \
      "the largest tuple that may be emitted")                                               \
    X("topology.spout.wait.progressive.level3.sleep.millis", INT, "1", 0, 10000, 0,          \
      "the longest sleep between two calls of a next that has nothing to give")              \
    X("topology.spin.micros", INT, "50", 0, 10000, 0,                                        \
      "how long an idle loop looks for work before it sleeps")                               \
    X("topology.slow.callback.millis", INT, "1000", 0, 86400000, 0,                          \
      "a callback that runs longer is reported by name; 0: never")                           \
    X("topology.error.throttle.interval.secs", INT, "10", 1, 86400, 0,                       \
      "window of the limit on printed errors")                                               \
    X("topology.max.error.report.per.interval", INT, "5", 0, 1000000, 0,                     \
      "errors printed a component and window; all are counted")                              \
    X("topology.faults", LIST, "", 0, 0, 0,                                                  \
      "what shall go wrong, to see what comes of it (see 'help faults'); unset: nothing")    \
    X("topology.debug", BOOL, "false", 0, 0, 1,                                              \
      "log every emit of the component, or of all")
// clang-format on

typedef enum gi_kind {
    GI_KIND_INT,
    GI_KIND_NUM,
    GI_KIND_BOOL,
    GI_KIND_TEXT,
    GI_KIND_LIST,
} gi_kind;

typedef struct gi_setting_info {
    const char *key;
    gi_kind kind;
    const char *otherwise; /* the default */
    double min, max;
    bool component;
    const char *text;
} gi_setting_info;

/* All of them, in the order of the list. */
const gi_setting_info *gi_settings_all(size_t *n);

/* NULL if there is no such key. */
const gi_setting_info *gi_settings_find(const char *key);

#endif
