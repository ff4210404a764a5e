/* Every setting of Storm's has an answer. */
#include <criterion/criterion.h>

#include <string.h>

#include "base/scalar.h"
#include "base/settings.h"
#include "base/storm_keys.h"

/* Those with a default in Storm 2.8 and 3.0, and those often set. */
static const char *const storms[] = {
    "storm.local.dir",
    "storm.cluster.mode",
    "storm.zookeeper.servers",
    "storm.zookeeper.port",
    "storm.zookeeper.root",
    "storm.zookeeper.session.timeout",
    "storm.zookeeper.connection.timeout",
    "storm.zookeeper.retry.times",
    "storm.zookeeper.retry.interval",
    "storm.zookeeper.retry.intervalceiling.millis",
    "storm.nimbus.retry.times",
    "storm.nimbus.retry.interval.millis",
    "storm.nimbus.retry.intervalceiling.millis",
    "storm.health.check.timeout.ms",
    "storm.blobstore.replication.factor",
    "nimbus.seeds",
    "nimbus.host",
    "nimbus.admins",
    "nimbus.thrift.port",
    "nimbus.thrift.threads",
    "nimbus.thrift.max_buffer_size",
    "nimbus.task.timeout.secs",
    "nimbus.supervisor.timeout.secs",
    "nimbus.monitor.freq.secs",
    "nimbus.cleanup.inbox.freq.secs",
    "nimbus.inbox.jar.expiration.secs",
    "nimbus.code.sync.freq.secs",
    "nimbus.task.launch.secs",
    "nimbus.file.copy.expiration.secs",
    "nimbus.queue.size",
    "nimbus.topology.blobstore.deletion.delay.ms",
    "topology.min.replication.count",
    "topology.max.replication.wait.time.sec",
    "ui.host",
    "ui.port",
    "ui.actions.enabled",
    "ui.pagination",
    "logviewer.port",
    "logviewer.cleanup.age.mins",
    "logviewer.max.sum.worker.logs.size.mb",
    "logviewer.max.per.worker.logs.size.mb",
    "drpc.port",
    "drpc.invocations.port",
    "drpc.http.port",
    "drpc.worker.threads",
    "drpc.queue.size",
    "drpc.request.timeout.secs",
    "drpc.servers",
    "transactional.zookeeper.root",
    "transactional.zookeeper.servers",
    "transactional.zookeeper.port",
    "supervisor.slots.ports",
    "supervisor.worker.start.timeout.secs",
    "supervisor.worker.timeout.secs",
    "supervisor.worker.shutdown.sleep.secs",
    "supervisor.monitor.frequency.secs",
    "supervisor.heartbeat.frequency.secs",
    "supervisor.worker.heartbeats.max.timeout.secs",
    "worker.max.timeout.secs",
    "supervisor.enable",
    "supervisor.memory.capacity.mb",
    "supervisor.cpu.capacity",
    "supervisor.thrift.port",
    "supervisor.thrift.threads",
    "supervisor.thrift.socket.timeout.ms",
    "supervisor.localizer.cache.target.size.mb",
    "supervisor.localizer.cleanup.interval.ms",
    "supervisor.localizer.update.blob.interval.secs",
    "worker.heap.memory.mb",
    "worker.heartbeat.frequency.secs",
    "worker.log.level.reset.poll.secs",
    "executor.metrics.frequency.secs",
    "task.heartbeat.frequency.secs",
    "task.refresh.poll.secs",
    "task.credentials.poll.secs",
    "storm.messaging.netty.server_worker_threads",
    "storm.messaging.netty.client_worker_threads",
    "storm.messaging.netty.buffer_size",
    "storm.messaging.netty.buffer.high.watermark",
    "storm.messaging.netty.buffer.low.watermark",
    "storm.messaging.netty.min_wait_ms",
    "storm.messaging.netty.max_wait_ms",
    "storm.messaging.netty.transfer.batch.size",
    "storm.messaging.netty.flush_timeout_ms",
    "storm.messaging.netty.socket.backlog",
    "storm.messaging.netty.authentication",
    "topology.enable.message.timeouts",
    "topology.message.timeout.secs",
    "topology.debug",
    "topology.workers",
    "topology.acker.executors",
    "topology.ras.acker.executors.per.worker",
    "topology.eventlogger.executors",
    "topology.tasks",
    "topology.max.task.parallelism",
    "topology.max.spout.pending",
    "topology.shellbolt.max.pending",
    "topology.state.synchronization.timeout.secs",
    "topology.stats.sample.rate",
    "topology.builtin.metrics.bucket.size.secs",
    "num.stat.buckets",
    "topology.tick.tuple.freq.secs",
    "topology.worker.shared.thread.pool.size",
    "topology.spout.wait.strategy",
    "topology.bolt.wait.strategy",
    "topology.backpressure.wait.strategy",
    "topology.spout.wait.progressive.level1.count",
    "topology.spout.wait.progressive.level2.count",
    "topology.spout.wait.progressive.level3.sleep.millis",
    "topology.bolt.wait.progressive.level1.count",
    "topology.backpressure.wait.progressive.level1.count",
    "topology.bolt.wait.park.microsec",
    "topology.backpressure.check.millis",
    "topology.executor.overflow.limit",
    "topology.error.throttle.interval.secs",
    "topology.max.error.report.per.interval",
    "topology.trident.batch.emit.interval.millis",
    "topology.testing.always.try.serialize",
    "topology.transfer.buffer.size",
    "topology.transfer.batch.size",
    "topology.executor.receive.buffer.size",
    "topology.producer.batch.size",
    "topology.producer.batch.dynamic",
    "topology.batch.flush.interval.millis",
    "topology.spout.recvq.skips",
    "topology.disable.loadaware.messaging",
    "topology.localityaware.higher.bound",
    "topology.localityaware.lower.bound",
    "topology.state.checkpoint.interval.ms",
    "topology.serialized.message.size.metrics",
    "topology.priority",
    "topology.component.resources.onheap.memory.mb",
    "topology.component.resources.offheap.memory.mb",
    "topology.component.cpu.pcore.percent",
    "topology.worker.max.heap.size.mb",
    "topology.scheduler.strategy",
    "topology.fall.back.on.java.serialization",
    "topology.skip.missing.kryo.registrations",
    "topology.multilang.serializer",
    "blacklist.scheduler.tolerance.time.secs",
    "blacklist.scheduler.tolerance.count",
    "blacklist.scheduler.resume.time.secs",
    "pacemaker.servers",
    "pacemaker.port",
    "storm.daemon.metrics.reporter.interval.secs",
    "storm.cluster.metrics.consumer.publish.interval.secs",
    "topology.tuple.compression.enable",
    "topology.tuple.compression.threshold",
    "topology.stats.ewma.enable",
    "topology.stats.ewma.smoothing.factor",
    "topology.upstream.feedback.enable",
    "topology.upstream.feedback.freq.secs",
    "storm.scheduler",
    "isolation.scheduler.machines",
    "multitenant.scheduler.user.pools",
    "resource.aware.scheduler.user.pools",
    "topology.bolts.window.length.count",
    "topology.bolts.window.sliding.interval.duration.ms",
    "topology.bolts.late.tuple.stream",
    "topology.bolts.watermark.event.interval.ms",
    "topology.bolts.tuple.timestamp.max.lag.ms",
    "topology.bolts.tuple.timestamp.field.name",
    "topology.state.provider",
    "topology.state.provider.config",
    "topology.metrics.consumer.register",
    "topology.metrics.reporters",
    "topology.auto.task.hooks",
    "topology.subprocess.timeout.secs",
    "topology.worker.timeout.secs",
    "topology.worker.childopts",
    "topology.blobstore.map",
    "topology.event.logger.register",
    "topology.isolate.machines",
    "topology.trident.windowing.cache.tuple.limit",
    "topology.spout.max.batch.size",
    "topology.users",
    "topology.groups",
    "topology.readonly.users",
    "topology.kryo.register",
    "topology.name",
    "topology.version",
    "topology.environment",
    "topology.classpath",
    "storm.local.hostname",
    "storm.log.dir",
};

Test(storm_keys, each_is_known_or_it_is_said_why_not)
{
    for (size_t i = 0; i < sizeof(storms) / sizeof(storms[0]); i++) {
        const char *why = NULL;

        if (gi_settings_find(storms[i]) != NULL)
            continue;
        cr_expect_neq(gi_storm_key(storms[i], &why), GI_STORM_UNKNOWN, "%s",
                      storms[i]);
        cr_expect_not_null(why, "%s", storms[i]);
    }
}

static void expect_order(bool of_topologies)
{
    size_t n;
    const gi_storm_row *rows = gi_storm_rows(of_topologies, &n);

    cr_assert_gt(n, 20);
    for (size_t i = 0; i < n; i++) {
        cr_expect_gt(strlen(rows[i].why), 0, "%s", rows[i].key);
        cr_expect_null(gi_settings_find(rows[i].key), "%s is read",
                       rows[i].key);
        if (i > 0)
            cr_expect_lt(strcmp(rows[i - 1].key, rows[i].key), 0,
                         "%s stands behind %s", rows[i].key, rows[i - 1].key);
    }
}

Test(storm_keys, each_stands_once_in_its_place_and_is_not_read)
{
    expect_order(false);
    expect_order(true);
}

Test(storm_keys, what_an_answer_names_exists)
{
    for (int of_topologies = 0; of_topologies < 2; of_topologies++) {
        size_t n;
        const gi_storm_row *rows = gi_storm_rows(of_topologies != 0, &n);

        for (size_t i = 0; i < n; i++) {
            char word[128];
            const char *at = strstr(rows[i].why, "use ");

            if (at == NULL)
                at = strstr(rows[i].why, "see ");
            if (at == NULL || strncmp(rows[i].why, at, 4) != 0)
                continue;
            size_t len = strcspn(at + 4, " ;,");
            memcpy(word, at + 4, len);
            word[len] = '\0';
            if (strchr(word, '.') != NULL)
                cr_expect_not_null(gi_settings_find(word), "%s: %s",
                                   rows[i].key, word);
        }
    }
}

Test(storm_keys, each_default_of_a_cluster_is_of_its_kind_and_in_its_range)
{
    size_t n;
    const gi_setting_info *all = gi_settings_cluster(&n);

    for (size_t i = 0; i < n; i++) {
        const gi_setting_info *s = &all[i];
        double v = 0;
        bool b;

        cr_expect_gt(strlen(s->text), 0);
        cr_expect_gt(strlen(s->readers), 0);
        cr_expect_eq(gi_settings_find(s->key), s);
        if (s->otherwise[0] == '\0' || s->kind == GI_KIND_TEXT ||
            s->kind == GI_KIND_LIST)
            continue;
        if (s->kind == GI_KIND_BOOL) {
            cr_expect(gi_scalar_bool(s->otherwise, &b), "%s", s->key);
            continue;
        }
        cr_expect(gi_scalar_f64(s->otherwise, &v), "%s", s->key);
        cr_expect(v >= s->min && v <= s->max, "%s", s->key);
    }
}
