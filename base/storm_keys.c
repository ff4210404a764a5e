#include "base/storm_keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* In both tables a name stands for itself and all that begins with it and a
 * dot; an asterisk at the end, for all that begins so. */
static const char *const cluster[] = {
    "nimbus",
    "supervisor",
    "worker",
    "storm.auth",
    "storm.blobstore",
    "storm.cluster",
    "storm.codedistributor",
    "storm.daemon",
    "storm.group",
    "storm.health",
    "storm.local",
    "storm.log",
    "storm.log4j2",
    "storm.meta.serialization.delegate",
    "storm.network",
    "storm.nimbus",
    "storm.principal",
    "storm.resource",
    "storm.scheduler",
    "storm.supervisor",
    "storm.thrift",
    "storm.topology",
    "storm.workers",
    "storm.zookeeper",
    "topology.isolate.machines",
    "topology.max.replication.wait.time.sec",
    "topology.min.replication.count",
    "topology.priority",
    "topology.worker.timeout.secs",
};

static const struct {
    const char *key, *why; /* why may be NULL */
} meaningless[] = {
    { "storm.messaging", "see topology.batch.bytes" },
    { "topology.acker.tasks", "use topology.acker.executors" },
    { "topology.auto.task.hooks", NULL },
    { "topology.backpressure", "senders wait when their credit is used up" },
    { "topology.batch.flush.interval.millis",
      "batches leave at the end of every turn" },
    { "topology.blobstore.map", NULL },
    { "topology.bolt.wait", "use topology.spin.micros" },
    { "topology.bolts", "windows are not settings" },
    { "topology.builtin.metrics.bucket.size.secs", "counters are exact" },
    { "topology.classpath*", "a topology is one program" },
    { "topology.component.cpu.pcore.percent", NULL },
    { "topology.component.resources", NULL },
    { "topology.disable.loadaware.messaging",
      "shuffling goes by what the receivers can take" },
    { "topology.disruptor", "see topology.batch.credit" },
    { "topology.environment", "set it in the shell" },
    { "topology.event.logger.register", "use topology.debug" },
    { "topology.eventlogger.executors", "use topology.debug" },
    { "topology.executor.overflow.limit", "queues are bounded by credit" },
    { "topology.executor.receive.buffer.size", "use topology.batch.credit" },
    { "topology.executor.send.buffer.size", "use topology.batch.credit" },
    { "topology.fall.back.on.java.serialization", "there is no Java" },
    { "topology.groups", NULL },
    { "topology.kryo", "values are msgpack" },
    { "topology.localityaware", NULL },
    { "topology.metrics", NULL },
    { "topology.multilang.serializer", NULL },
    { "topology.optimize", NULL },
    { "topology.producer.batch", "use topology.batch.bytes" },
    { "topology.ras", "use topology.acker.executors" },
    { "topology.readonly", NULL },
    { "topology.receiver.buffer.size", "use topology.batch.credit" },
    { "topology.scheduler", NULL },
    { "topology.serialized.message.size.metrics", NULL },
    { "topology.shellbolt", NULL },
    { "topology.skip.missing.kryo.registrations", "values are msgpack" },
    { "topology.sleep.spout.wait.strategy.time.ms",
      "use topology.spout.wait.progressive.level3.sleep.millis" },
    { "topology.spout.max.batch.size", NULL },
    { "topology.spout.recvq.skips", "acks have a lane of their own" },
    { "topology.spout.wait",
      "use topology.spout.wait.progressive.level3.sleep.millis" },
    { "topology.state", NULL },
    { "topology.stats", "counters are exact, not sampled" },
    { "topology.submitter", NULL },
    { "topology.subprocess.timeout.secs", NULL },
    { "topology.tasks", "give .tasks in the component's table" },
    { "topology.testing.always.try.serialize",
      "tuples always travel as bytes" },
    { "topology.transfer.batch.size", "use topology.batch.bytes" },
    { "topology.transfer.buffer.size", "use topology.batch.credit" },
    { "topology.trident", NULL },
    { "topology.tuple.compression", NULL },
    { "topology.tuple.serializer", "values are msgpack" },
    { "topology.upstream.feedback", NULL },
    { "topology.users", NULL },
    { "topology.version", NULL },
    { "topology.worker.childopts", "there is no Java" },
    { "topology.worker.gc.childopts", "there is no Java" },
    { "topology.worker.logwriter.childopts", "there is no Java" },
    { "topology.worker.max.heap.size.mb", "there is no Java" },
    { "topology.worker.receiver.thread.count", "use topology.worker.loops" },
    { "topology.worker.shared.thread.pool.size",
      "mark the component as blocking" },
};

static bool stands_for(const char *name, const char *key)
{
    size_t n = strcspn(name, "*");

    return strncmp(name, key, n) == 0 &&
           (name[n] == '*' || key[n] == '\0' || key[n] == '.');
}

gi_storm gi_storm_key(const char *key, const char **why)
{
    for (size_t i = 0; i < sizeof(cluster) / sizeof(cluster[0]); i++)
        if (stands_for(cluster[i], key))
            return GI_STORM_CLUSTER;
    for (size_t i = 0; i < sizeof(meaningless) / sizeof(meaningless[0]); i++)
        if (stands_for(meaningless[i].key, key)) {
            if (why != NULL)
                *why = meaningless[i].why;
            return GI_STORM_VOID;
        }
    return GI_STORM_UNKNOWN;
}
