#include "base/storm_keys.h"

#include <stdbool.h>
#include <string.h>

/* In all tables a name stands for itself and all that begins with it and a
 * dot; an asterisk at the end, for all that begins so.  By name. */

/* What Storm's daemons read, and ours do not. */
static const gi_storm_row cluster[] = {
    { "blacklist.scheduler",
      "slots in which nothing comes up are left alone by themselves" },
    { "client.blobstore.class", "programs are kept by Nimbus, by their hash" },
    { "dev.zookeeper.path", "gale dev needs no ZooKeeper" },
    { "drpc.authorizer", "see gale.token.file" },
    { "drpc.childopts", "there is no Java" },
    { "drpc.disable.http.binding", "drpc.http.port: -1 does it" },
    { "drpc.http.creds.plugin", "see gale.token.file" },
    { "drpc.https", "HTTP is for this machine, or for a proxy with TLS" },
    { "drpc.invocations.threads", "one loop answers all" },
    { "drpc.worker.threads", "one loop answers all" },
    { "executor.metrics.frequency.secs", "counters are exact" },
    { "isolation.scheduler", "there are the schedulers even and resource" },
    { "logviewer", "use gale logs" },
    { "multitenant.scheduler", "there are the schedulers even and resource" },
    { "nimbus.assignments", "supervisors are told by what they ask" },
    { "nimbus.autocredential", "there are no credentials to renew" },
    { "nimbus.blobstore", "programs are kept by Nimbus, by their hash" },
    { "nimbus.childopts", "there is no Java" },
    { "nimbus.cleanup.inbox.freq.secs",
      "what nobody needs is deleted at once" },
    { "nimbus.code.sync.freq.secs",
      "programs are fetched when they are needed" },
    { "nimbus.credential", "there are no credentials to renew" },
    { "nimbus.daemon", "it always is one" },
    { "nimbus.file.copy.expiration.secs",
      "an upload is a file until it is complete" },
    { "nimbus.groups", "see nimbus.users" },
    { "nimbus.impersonation", "nobody acts for another" },
    { "nimbus.inbox.jar.expiration.secs",
      "what nobody needs is deleted at once" },
    { "nimbus.local.assignments", "the state is kept in one place" },
    { "nimbus.monitor.freq.secs", "Nimbus acts when something happens" },
    { "nimbus.queue.size", "requests that wait are bounded" },
    { "nimbus.supervisor.users", "supervisors are known by gale.secret.file" },
    { "nimbus.task.launch.secs", "use supervisor.worker.start.timeout.secs" },
    { "nimbus.task.timeout.secs",
      "a worker's death is seen by its supervisor, at once; that one's by "
      "nimbus.supervisor.timeout.secs" },
    { "nimbus.thrift.max_buffer_size", "a message has 4 MB at most" },
    { "nimbus.thrift.threads", "one loop answers all" },
    { "nimbus.thrift.tls", "see gale.tls.ca.file" },
    { "nimbus.topology.blobstore.deletion.delay.ms",
      "a program goes when its last topology does" },
    { "nimbus.topology.validator", "the program validates itself" },
    { "nimbus.worker.heartbeats.recovery.strategy.class",
      "workers that live are adopted" },
    { "num.stat.buckets", "counters are exact" },
    { "pacemaker", "heartbeats need no server of their own" },
    { "resource.aware.scheduler", "who comes first is topology.priority" },
    { "scheduler.display.resource", "gale status shows it" },
    { "storm.auth", "see gale.token.file and gale.tls.ca.file" },
    { "storm.blobstore", "programs are kept by Nimbus, by their hash" },
    { "storm.cluster.metrics.consumer", "ask by gale status --json" },
    { "storm.cluster.mode",
      "a local cluster is the bare program, a real one is gale nimbus" },
    { "storm.codedistributor", "supervisors fetch programs from Nimbus" },
    { "storm.daemon.metrics", "ask by gale status --json" },
    { "storm.group", "see nimbus.admins" },
    { "storm.health", "the supervisor looks at the workers themselves" },
    { "storm.log4j2", "there is no Java" },
    { "storm.meta.serialization.delegate", "messages are msgpack" },
    { "storm.network", "a node has no rack here" },
    { "storm.nimbus.retry", "a client asks until gale.client.timeout.secs" },
    { "storm.principal", "see gale.tls.ca.file" },
    { "storm.resource", "an executor needs cpu and memory, nothing else" },
    { "storm.supervisor", "see supervisor.memory.capacity.mb" },
    { "storm.thrift", "see gale.tls.ca.file" },
    { "storm.topology", "classpaths and the like: there is no Java" },
    { "storm.workers", "there is no Java" },
    { "storm.zookeeper.auth", "the ensemble is used without Storm's log-in" },
    { "storm.zookeeper.retry", "asked again until the session ends" },
    { "storm.zookeeper.superACL",
      "the ensemble is used without Storm's log-in" },
    { "storm.zookeeper.topology", "topologies do not speak to ZooKeeper" },
    { "supervisor.blobstore", "programs come from Nimbus" },
    { "supervisor.childopts", "there is no Java" },
    { "supervisor.enable", "start it, or do not" },
    { "supervisor.heartbeat.frequency.secs",
      "a supervisor reports each second, and when something happens" },
    { "supervisor.localizer", "programs that nobody uses are deleted" },
    { "supervisor.memory.limit.tolerance", "memory is planned, not policed" },
    { "supervisor.monitor.frequency.secs",
      "a process that ends is seen at once" },
    { "supervisor.numa.meta", "workers are not bound to memory" },
    { "supervisor.queue.size", "requests that wait are bounded" },
    { "supervisor.resource", "see supervisor.memory.capacity.mb" },
    { "supervisor.scheduler.meta", "a node has no labels here" },
    { "supervisor.supervisors", "supervisors are known by gale.secret.file" },
    { "supervisor.thrift", "see gale.tls.ca.file; one loop answers all" },
    { "supervisor.worker.default", "a topology brings its own version along" },
    { "supervisor.worker.heartbeats.max.timeout.secs",
      "workers that live are adopted" },
    { "supervisor.worker.launcher", "the supervisor starts workers itself" },
    { "supervisor.worker.version", "a topology brings its own version along" },
    { "task.credentials.poll.secs", "a worker is told at once" },
    { "task.heartbeat.frequency.secs",
      "a worker is seen in a page of memory, all the time" },
    { "task.refresh.poll.secs", "a worker is told at once" },
    { "topology.isolate.machines",
      "there are the schedulers even and resource" },
    { "topology.max.replication.wait.time.sec",
      "a program is stored before it is accepted" },
    { "topology.min.replication.count",
      "a program is stored before it is accepted" },
    { "topology.worker.timeout.secs", "use supervisor.worker.timeout.secs" },
    { "transactional.zookeeper", "transactions do not use ZooKeeper" },
    { "ui", "there are gale list, status and errors, each with --json" },
    { "worker.blob", "a topology is one program" },
    { "worker.childopts", "there is no Java" },
    { "worker.gc.childopts", "there is no Java" },
    { "worker.heap.memory.mb", "use topology.worker.max.heap.size.mb" },
    { "worker.heartbeat.frequency.secs",
      "a worker is seen in a page of memory, all the time" },
    { "worker.log.level.reset.poll.secs",
      "gale set-log-level --for is exact" },
    { "worker.max.timeout.secs", "use supervisor.worker.timeout.secs" },
    { "worker.metrics", "ask by gale status --json" },
    { "worker.profiler", "use perf and gdb on the worker" },
};

/* What Storm's topologies read. */
static const gi_storm_row meaningless[] = {
    { "storm.messaging", "see topology.batch.bytes" },
    { "topology.acker.tasks", "use topology.acker.executors" },
    { "topology.auto.task.hooks", "callbacks are in the component's table" },
    { "topology.backpressure", "senders wait when their credit is used up" },
    { "topology.batch.flush.interval.millis",
      "batches leave at the end of every turn" },
    { "topology.blobstore.map", "a topology is one program" },
    { "topology.bolt.wait", "use topology.spin.micros" },
    { "topology.bolts", "windows are not settings" },
    { "topology.builtin.metrics.bucket.size.secs", "counters are exact" },
    { "topology.classpath*", "a topology is one program" },
    { "topology.component.resources.offheap.memory.mb",
      "memory is of one kind: use "
      "topology.component.resources.onheap.memory.mb" },
    { "topology.disruptor", "see topology.batch.credit" },
    { "topology.environment", "set it in the shell" },
    { "topology.event.logger.register", "use topology.debug" },
    { "topology.eventlogger.executors", "use topology.debug" },
    { "topology.executor.overflow.limit", "queues are bounded by credit" },
    { "topology.executor.receive.buffer.size", "use topology.batch.credit" },
    { "topology.executor.send.buffer.size", "use topology.batch.credit" },
    { "topology.fall.back.on.java.serialization", "there is no Java" },
    { "topology.groups", "a topology is its owner's, and the admins'" },
    { "topology.kryo", "values are msgpack" },
    { "topology.metrics", "ask by gale status --json" },
    { "topology.multilang.serializer", "components are C" },
    { "topology.optimize", "there is nothing to switch on" },
    { "topology.producer.batch", "use topology.batch.bytes" },
    { "topology.ras", "use topology.acker.executors" },
    { "topology.readonly", "everybody with the token may look" },
    { "topology.receiver.buffer.size", "use topology.batch.credit" },
    { "topology.scheduler", "the scheduler is Nimbus' (storm.scheduler)" },
    { "topology.serialized.message.size.metrics",
      "the size of batches is topology.batch.bytes" },
    { "topology.shellbolt", "components are C" },
    { "topology.skip.missing.kryo.registrations", "values are msgpack" },
    { "topology.sleep.spout.wait.strategy.time.ms",
      "use topology.spout.wait.progressive.level3.sleep.millis" },
    { "topology.spout.max.batch.size",
      "a spout emits what it likes in one next" },
    { "topology.spout.recvq.skips", "acks have a lane of their own" },
    { "topology.spout.wait",
      "use topology.spout.wait.progressive.level3.sleep.millis" },
    { "topology.state",
      "a bolt's state is its own; Trident's is kept in topology.state.dir" },
    { "topology.stats", "counters are exact, not sampled" },
    { "topology.submitter", "the owner is who submits" },
    { "topology.subprocess.timeout.secs", "components are C" },
    { "topology.tasks", "give .tasks in the component's table" },
    { "topology.testing.always.try.serialize",
      "tuples always travel as bytes" },
    { "topology.transfer.batch.size", "use topology.batch.bytes" },
    { "topology.transfer.buffer.size", "use topology.batch.credit" },
    { "topology.trident",
      "of Trident's, topology.trident.batch.emit.interval.millis is known" },
    { "topology.tuple.compression",
      "frames between nodes are compressed where it pays" },
    { "topology.tuple.serializer", "values are msgpack" },
    { "topology.upstream.feedback",
      "senders wait when their credit is used up" },
    { "topology.users", "a topology is its owner's, and the admins'" },
    { "topology.version", "a program is known by its hash" },
    { "topology.worker.childopts", "there is no Java" },
    { "topology.worker.gc.childopts", "there is no Java" },
    { "topology.worker.logwriter.childopts", "there is no Java" },
    { "topology.worker.receiver.thread.count", "use topology.worker.loops" },
    { "topology.worker.shared.thread.pool.size",
      "mark the component as blocking" },
};

/* Whatever else begins so is for daemons, whether we know it or not. */
static const char *const families[] = {
    "nimbus",    "supervisor",      "worker",          "storm.local",
    "storm.log", "storm.scheduler", "storm.zookeeper",
};

enum {
    N_CLUSTER = sizeof(cluster) / sizeof(cluster[0]),
    N_MEANINGLESS = sizeof(meaningless) / sizeof(meaningless[0]),
};

static bool stands_for(const char *name, const char *key)
{
    size_t n = strcspn(name, "*");

    return strncmp(name, key, n) == 0 &&
           (name[n] == '*' || key[n] == '\0' || key[n] == '.');
}

static const char *find(const gi_storm_row *rows, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (stands_for(rows[i].key, key))
            return rows[i].why;
    return NULL;
}

const gi_storm_row *gi_storm_rows(bool of_topologies, size_t *n)
{
    *n = of_topologies ? N_MEANINGLESS : N_CLUSTER;
    return of_topologies ? meaningless : cluster;
}

gi_storm gi_storm_key(const char *key, const char **why)
{
    const char *of_cluster = find(cluster, N_CLUSTER, key);
    const char *of_topology = find(meaningless, N_MEANINGLESS, key);

    if (why != NULL)
        *why = of_cluster != NULL ? of_cluster : of_topology;
    if (of_cluster != NULL)
        return GI_STORM_CLUSTER;
    if (of_topology != NULL)
        return GI_STORM_VOID;
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        if (stands_for(families[i], key))
            return GI_STORM_CLUSTER;
    return GI_STORM_UNKNOWN;
}
