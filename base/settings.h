/* settings.h -- every setting Gale knows: two lists, of topologies and of a
 * cluster.
 *
 * From them follow validation, defaults, `settings` and the reference in the
 * documentation.  Names are Storm's where Storm has one; those that begin with
 * "gale." are ours.
 *
 *   X(key, kind, default, min, max, component, text)
 *
 * kind       INT, NUM (may have a fraction), BOOL, TEXT, LIST (text, or in
 *            YAML a list of texts)
 * default    as text; "" is unset, and the text says what that means
 * min, max   of INT and NUM
 * component  1: a component may set it for itself
 *
 * A cluster's have in its place who reads them: N Nimbus, S supervisors and
 * their workers, D DRPC servers, C clients (`gale list`, `PROGRAM submit`), as
 * text.
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
      "batches under way from a loop to a task; four times as many to another worker")         \
    X("topology.cycle.buffer.bytes", INT, "67108864", 65536, 17179869184, 0,                 \
      "bound on what may be under way inside a cycle before tuples fail")                    \
    X("topology.tuple.max.bytes", INT, "16777216", 1024, 1073741824, 0,                      \
      "the largest tuple that may be emitted")                                               \
    X("topology.spout.wait.progressive.level3.sleep.millis", INT, "1", 0, 10000, 0,          \
      "the longest sleep between two calls of a next that has nothing to give")              \
    X("topology.spout.wait.longest.millis", INT, "10", 0, 10000, 0,                          \
      "what that becomes after seconds without a tuple, if none is pending; of Trident: 5")  \
    X("topology.spin.micros", INT, "50", 0, 10000, 0,                                        \
      "how long an idle loop looks for work before it sleeps")                               \
    X("topology.slow.callback.millis", INT, "1000", 0, 86400000, 0,                          \
      "a callback that runs longer is reported by name; 0: never")                           \
    X("topology.error.throttle.interval.secs", INT, "10", 1, 86400, 0,                       \
      "window of the limit on printed errors")                                               \
    X("topology.max.error.report.per.interval", INT, "5", 0, 1000000, 0,                     \
      "errors printed a component and window; all are counted")                              \
    X("topology.priority", INT, "29", 0, 1000000, 0,                                         \
      "under the resource scheduler: 0 is placed first, and pushes out others")              \
    X("topology.component.cpu.pcore.percent", NUM, "10", 0, 1000000, 1,                      \
      "cpu of an executor for the resource scheduler; 100 is a core")                        \
    X("topology.component.resources.onheap.memory.mb", NUM, "128", 0, 1000000000, 1,         \
      "memory of an executor for the resource scheduler")                                    \
    X("topology.worker.max.heap.size.mb", INT, "768", 1, 1000000000, 0,                      \
      "the most memory that the resource scheduler plans for one worker")                    \
    X("topology.trident.batch.emit.interval.millis", INT, "100", 1, 3600000, 0,              \
      "a busy stream of batches fills a batch for so long; an idle one waits for nothing")   \
    X("topology.state.dir", TEXT, "", 0, 0, 0,                                               \
      "where states are kept; unset: gale/state below $XDG_STATE_HOME or ~/.local/state")    \
    X("topology.state.log.bytes", INT, "67108864", 65536, 1099511627776, 0,                  \
      "a state's log is folded into its tree when it has so many bytes")                     \
    X("topology.state.cache.bytes", INT, "67108864", 65536, 1099511627776, 0,                \
      "memory of a task for what it has read of a state")                                    \
    X("topology.state.redis.server", TEXT, "127.0.0.1:6379", 0, 0, 0,                        \
      "of states in Redis: where that is, host:port or the path of a socket")                \
    X("topology.state.redis.password.file", TEXT, "", 0, 0, 0,                               \
      "its password's file, which others may not read; or the credential redis.password")    \
    X("topology.state.redis.user", TEXT, "", 0, 0, 0,                                        \
      "who we are to it; unset: its default user")                                           \
    X("topology.state.redis.database", INT, "0", 0, 1000000, 0,                              \
      "the number of its database")                                                          \
    X("topology.state.redis.prefix", TEXT, "gale:", 0, 0, 0,                                 \
      "what names of keys begin with")                                                       \
    X("topology.state.redis.timeout.millis", INT, "5000", 1, 3600000, 0,                     \
      "a call to Redis fails when nothing has moved for so long")                            \
    X("topology.drpc.attempts", INT, "3", 1, 100, 0,                                         \
      "times that a DRPC request is worked on before it is said that it failed")             \
    X("drpc.servers", LIST, "localhost", 0, 0, 0,                                            \
      "where DRPC servers are: a host, one or several; a port there is in place of drpc.port")\
    X("drpc.invocations.port", INT, "3773", 0, 65535, 0,                                     \
      "port of a DRPC server for workers; at the server 0 is any that is free")              \
    X("topology.faults", LIST, "", 0, 0, 0,                                                  \
      "what shall go wrong, to see what comes of it (see 'help faults'); unset: nothing")    \
    X("topology.disable.loadaware.messaging", BOOL, "false", 0, 0, 0,                        \
      "true: a shuffle gives to all readers in turn, wherever they run")                     \
    X("topology.localityaware.higher.bound", NUM, "0.8", 0, 1, 0,                            \
      "a loop's load up to which its shuffles may stay on it though others have less to do") \
    X("topology.localityaware.lower.bound", NUM, "0.2", 0, 1, 0,                             \
      "load of all loops together below which shuffles stay on their loop at once")          \
    X("topology.debug", BOOL, "false", 0, 0, 1,                                              \
      "log every emit of the component, or of all")

#define GI_CLUSTER_SETTINGS(X)                                                               \
    X("nimbus.seeds", LIST, "localhost", 0, 0, "SC",                                         \
      "where Nimbus is: host, host:port or tcp://host:port, one or several")                 \
    X("nimbus.host", TEXT, "127.0.0.1", 0, 0, "N",                                           \
      "address that Nimbus listens on; 0.0.0.0: on all of the machine's")                    \
    X("nimbus.thrift.port", INT, "6627", 0, 65535, "NSC",                                    \
      "port of Nimbus; at Nimbus itself 0 is any that is free")                              \
    X("nimbus.admins", LIST, "", 0, 0, "N",                                                  \
      "users who may do with every topology what its owner may")                             \
    X("nimbus.users", LIST, "", 0, 0, "NS",                                                  \
      "the only users who are obeyed, beside admins, root and the daemon's own; unset: all") \
    X("nimbus.supervisor.timeout.secs", NUM, "10", 0.1, 86400, "N",                          \
      "a supervisor of whom nothing was heard for so long is taken for dead")                                   \
    X("storm.scheduler", TEXT, "even", 0, 0, "N",                                            \
      "even: executors dealt out evenly; resource: by cpu and memory")                       \
    X("storm.local.dir", TEXT, "", 0, 0, "NS",                                               \
      "where daemons keep what they know; unset: /var/lib/gale, or ~/.local/state/gale of a user") \
    X("storm.log.dir", TEXT, "", 0, 0, "NS",                                                 \
      "where logs go; unset: logs/ in storm.local.dir")                                      \
    X("storm.local.hostname", TEXT, "", 0, 0, "S",                                           \
      "name under which others reach this node; unset: the address listened on")             \
    X("storm.zookeeper.servers", LIST, "", 0, 0, "N",                                        \
      "an ensemble that keeps the state of several Nimbuses; unset: Nimbus keeps it itself") \
    X("storm.zookeeper.port", INT, "2181", 1, 65535, "N",                                    \
      "port of the ensemble's servers")                                                      \
    X("storm.zookeeper.root", TEXT, "/gale", 0, 0, "N",                                      \
      "where in ZooKeeper all of it is")                                                     \
    X("storm.zookeeper.session.timeout", INT, "20000", 100, 3600000, "N",                    \
      "milliseconds after which a silent Nimbus leads no more")                              \
    X("storm.zookeeper.connection.timeout", INT, "15000", 100, 3600000, "N",                 \
      "milliseconds to wait for a connection")                                               \
    X("gale.drpc.host", TEXT, "127.0.0.1", 0, 0, "D",                                        \
      "address that a DRPC server listens on; 0.0.0.0: on all of the machine's")             \
    X("drpc.port", INT, "3772", 0, 65535, "DC",                                              \
      "port of a DRPC server for who asks; at the server 0 is any that is free")             \
    X("drpc.http.port", INT, "3774", -1, 65535, "D",                                         \
      "port of a DRPC server for HTTP; 0 is any that is free, -1: no HTTP")                  \
    X("gale.drpc.http.host", TEXT, "127.0.0.1", 0, 0, "D",                                   \
      "address for HTTP, which is in the clear: another one only if gale.open is true")      \
    X("drpc.queue.size", INT, "128", 1, 4096, "D",                                           \
      "requests of one function that may wait to be taken; beyond, they are refused")        \
    X("drpc.max_buffer_size", INT, "1048576", 1024, 2097152, "D",                            \
      "bytes of what is asked, at most")                                                     \
    X("drpc.request.timeout.secs", NUM, "600", 0.1, 86400, "DC",                             \
      "a request that is not answered in this time fails")                                   \
    X("supervisor.slots.ports", LIST, "6700,6701,6702,6703", 0, 0, "S",                      \
      "ports of workers on this node; as many workers can run here")                         \
    X("supervisor.thrift.port", INT, "6628", 0, 65535, "S",                                  \
      "port on which the supervisor itself answers (for logs); 0 is any that is free")       \
    X("supervisor.worker.start.timeout.secs", NUM, "120", 0.1, 86400, "S",                   \
      "a worker that was not heard so long after its start is started anew")                 \
    X("supervisor.worker.timeout.secs", NUM, "30", 0.1, 86400, "S",                          \
      "a worker that was silent for so long is looked at")                                   \
    X("supervisor.worker.shutdown.sleep.secs", NUM, "3", 0, 86400, "S",                      \
      "time that a worker has to end when it is asked to, before it is killed")              \
    X("supervisor.memory.capacity.mb", NUM, "", 1, 1000000000, "S",                          \
      "memory for workers on this node; unset: the machine's")                               \
    X("supervisor.cpu.capacity", NUM, "", 1, 1000000, "S",                                   \
      "points for workers on this node, 100 a core; unset: the machine's")                   \
    X("supervisor.run.worker.as.user", BOOL, "", 0, 0, "S",                                  \
      "true: workers run as who submitted them; that takes root; unset: if root started it") \
    X("gale.worker.as.root", BOOL, "", 0, 0, "S",                                            \
      "what root submits runs as root, else not at all; unset: true if that is unset, too")  \
    X("gale.supervisor.host", TEXT, "127.0.0.1", 0, 0, "S",                                  \
      "address that the supervisor and its workers listen on")                               \
    X("gale.worker.hung.secs", NUM, "0", 0, 86400, "S",                                      \
      "a callback that runs for so long is reported as hung; 0: never")                      \
    X("gale.worker.hung.kill", BOOL, "false", 0, 0, "S",                                     \
      "then start the worker anew")                                                          \
    X("gale.worker.frozen.kill", BOOL, "true", 0, 0, "S",                                    \
      "a worker of which a loop stands still is started anew")                               \
    X("gale.worker.core.mb", INT, "0", 0, 1048576, "S",                                      \
      "the largest core file that a worker leaves; a core shows keys and data; 0: none")     \
    X("gale.worker.memory.mb", INT, "", 64, 1073741824, "S",                                 \
      "address space of a worker; an allocation beyond fails; unset: no limit")              \
    X("gale.worker.files", INT, "", 64, 1048576, "S",                                        \
      "files and connections that a worker may have open; unset: as the system says")        \
    X("gale.worker.log.mb", INT, "64", 1, 1048576, "S",                                      \
      "a worker's log that grows beyond is cut")                                             \
    X("gale.worker.log.days", NUM, "7", 0, 36500, "S",                                       \
      "logs of a topology that is gone are removed after so many days; 0: never")            \
    X("gale.tls.ca.file", TEXT, "", 0, 0, "NSC",                                             \
      "certificate of the cluster's authority (PEM); set: everything speaks TLS")            \
    X("gale.tls.cert.file", TEXT, "", 0, 0, "NSC",                                           \
      "own certificate and key (PEM, in one file that only its owner may read)")             \
    X("gale.token.file", TEXT, "", 0, 0, "NSC",                                              \
      "file with the token that lets clients in")                                            \
    X("gale.secret.file", TEXT, "", 0, 0, "NS",                                              \
      "file with the secret that supervisors and workers are known by")                      \
    X("gale.program.max.mb", INT, "2048", 1, 1048576, "N",                                   \
      "the largest program that may be submitted")                                           \
    X("gale.open", BOOL, "false", 0, 0, "NSC",                                               \
      "true: speak with other machines without TLS, too")                                    \
    X("gale.supervisor.stop.workers", BOOL, "false", 0, 0, "S",                              \
      "true: when it is stopped, its workers drain and end too; else they go on")            \
    X("gale.client.timeout.secs", NUM, "10", 0.1, 3600, "C",                                 \
      "how long a command waits for an answer")
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
    const char *readers; /* of a cluster's; NULL: it is a topology's */
    const char *text;
} gi_setting_info;

/* All of topologies, of clusters, in the order of the list. */
const gi_setting_info *gi_settings_all(size_t *n);
const gi_setting_info *gi_settings_cluster(size_t *n);

/* In both; NULL if there is no such key. */
const gi_setting_info *gi_settings_find(const char *key);

#endif
