/* A supervisor with real workers and a Nimbus that says what it is told to:
 * everybody is killed, stopped and lied to, and it has to come out right.
 *
 *     cluster_supervisor                all of it, a few seconds each
 *     cluster_supervisor NAME [SEED [ROUNDS]]
 */
#define _GNU_SOURCE /* memmem */
#include <sys/stat.h>

#include "supervised.h"

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* A worker that is killed is replaced, whenever that is. */
static void workers_killed(void)
{
    int64_t *took = calloc(rounds, sizeof(*took));

    MUST(took != NULL);
    begin_with(2, "");
    for (uint32_t i = 0; i < rounds; i++) {
        uint64_t was = running_as(0, NULL), is;
        pid_t other = (pid_t)yard.nimbus.slots[1].pid;

        live_on((int)pick(120, 400));
        struct census c = census();
        MUST(c.n[0] == 1);
        int64_t began = now_ns();
        MUST(kill(c.pid[0], SIGKILL) == 0);
        UNTIL((is = running_as(0, NULL)) > was);
        took[i] = (now_ns() - began) / 1000;
        UNTIL(is_well(0) && yard.nimbus.slots[0].incarnation == is);
        MUST((pid_t)yard.nimbus.slots[1].pid == other);
    }
    qsort(took, rounds, sizeof(*took), by_size);
    printf("  killed workers run again after %.1f ms (half of them), %.1f ms "
           "(the last)\n",
           (double)took[rounds / 2] / 1e3, (double)took[rounds - 1] / 1e3);
    MUST(took[rounds / 2] < 2000000 * SLOWER);
    MUST(yard.nimbus.slots[0].deaths == rounds);
    free(took);
}

/* Whenever a supervisor dies, the next one finds its workers. */
static void supervisors_killed(void)
{
    struct census before, after;

    begin_with(3, "");
    before = census();
    for (uint32_t i = 0; i < rounds; i++) {
        uint64_t n;

        end_supervisor(SIGKILL);
        start_supervisor();
        n = yard.nimbus.incarnation;
        UNTIL(yard.nimbus.incarnation > n && is_well(0) && is_well(1) &&
              is_well(2));
        live_on((int)pick(0, 200));
        after = census();
        for (uint32_t k = 0; k < SLOTS; k++)
            MUST(after.n[k] == 1 && after.pid[k] == before.pid[k] &&
                 yard.nimbus.slots[k].deaths == 0);
    }
    MUST(end_supervisor(SIGTERM) == 0);
    after = census();
    MUST(memcmp(&before, &after, sizeof(after)) == 0);
    start_supervisor();
    live_on(100);
    UNTIL(is_well(0) && is_well(1) && is_well(2));
    after = census();
    MUST(memcmp(&before, &after, sizeof(after)) == 0);
}

/* Everybody dies at any instant, also between fork and record. */
static void all_killed(void)
{
    pid_t victims[SLOTS] = { 0 };

    begin_with(3, "");
    for (uint32_t i = 0; i < rounds * 2; i++) {
        struct census c = census();
        uint32_t who = (uint32_t)gi_rng_below(&yard.rng, SLOTS);

        if (c.n[who] > 0)
            kill(victims[who] = c.pid[who], SIGKILL);
        int64_t until = now_ns() + pick(0, 12000000);
        while (now_ns() < until)
            turn();
        end_supervisor(SIGKILL);
        start_supervisor();
        live_on((int)pick(0, 60));
    }
    for (uint32_t k = 0; k < SLOTS; k++) /* to die takes a moment */
        UNTIL(victims[k] == 0 || !lives(victims[k]));
    UNTIL(has_settled());
}

/* A worker that is stopped is found so, reported, and left alone. */
static void stopped_is_found(void)
{
    int64_t began;

    begin_with(2, "");
    began = now_ns();
    MUST(kill((pid_t)yard.nimbus.slots[0].pid, SIGSTOP) == 0);
    UNTIL(finds(0, "STOPPED"));
    printf("  a stopped worker is reported after %.2f s\n",
           (double)(now_ns() - began) / 1e9);
    MUST(now_ns() - began < 10000000000ll * SLOWER);
    MUST(says(0, "stopped by a signal"));
    UNTIL(finds(0, "STOPPED") && is_well(1));
    MUST(kill((pid_t)yard.nimbus.slots[0].pid, SIGCONT) == 0);
    UNTIL(is_well(0));
    MUST(yard.nimbus.slots[0].deaths == 0);
}

static void unwell_is_found(const char *does, const char *finding)
{
    place(1, yard.nimbus.blobs[0].hash, does);
    nimbus_say(&yard.nimbus);
    UNTIL(finds(1, finding) && is_well(0));
    MUST(yard.nimbus.slots[1].deaths == 0);
}

static void frozen_and_hung_are_found(void)
{
    begin_with(1, "");
    unwell_is_found("freeze", "FROZEN");
    unwell_is_found("hang", "HUNG");
    place(1, yard.nimbus.blobs[0].hash, "strange");
    nimbus_say(&yard.nimbus);
    UNTIL(says(1, "cannot be read"));
}

/* If that is what is wanted, they are killed and replaced. */
static void unwell_is_replaced(void)
{
    uint64_t first;

    begin_with(1, "kill");
    place(1, yard.nimbus.blobs[0].hash, "hang");
    nimbus_say(&yard.nimbus);
    UNTIL(yard.nimbus.slots[1].deaths > 0 && says(1, "did not return"));
    first = yard.nimbus.slots[0].incarnation;
    MUST(kill((pid_t)yard.nimbus.slots[0].pid, SIGSTOP) == 0);
    UNTIL(is_well(0) && yard.nimbus.slots[0].incarnation > first);
    MUST(yard.nimbus.slots[0].deaths == 1);
}

/* What cannot run is refused with its reason, and what runs is left alone. */
static void programs_refused(void)
{
    static const char no_program[] = "this is no program";
    struct nimbus *n = &yard.nimbus;
    const char *junk, *lied_about, *lame;
    char *at;

    begin_with(1, "soon");
    struct census before = census();
    junk = nimbus_blob(n, no_program, sizeof(no_program));
    place(1, junk, "");
    place(2, n->blobs[0].hash, "invalid");
    nimbus_say(n);
    UNTIL(says(1, "Exec format error") && says(2, "reads from nowhere"));

    lied_about = nimbus_blob(n, n->blobs[0].bytes, n->blobs[0].len);
    n->blobs[2].bytes[n->blobs[2].len / 2] ^= 1;
    n->blobs[2].hash[0] = n->blobs[2].hash[0] == 'a' ? 'b' : 'a';
    place(1, lied_about, "");
    place(2,
          "0000000000000000000000000000000000000000000000000000000000000000",
          "");
    nimbus_say(n);
    UNTIL(says(1, "SHA-256") && says(2, "no such program"));

    at = memmem(n->blobs[0].bytes, n->blobs[0].len, "libevent_core-", 14);
    MUST(at != NULL);
    char *copy = malloc(n->blobs[0].len);
    MUST(copy != NULL);
    memcpy(copy, n->blobs[0].bytes, n->blobs[0].len);
    memcpy(copy + (at - n->blobs[0].bytes), "libeventxcore-", 14);
    lame = nimbus_blob(n, copy, n->blobs[0].len);
    free(copy);
    place(1, lame, "");
    place(2, n->blobs[0].hash, "slow");
    nimbus_say(n);
    UNTIL(says(1, "libeventxcore-") && says(2, "did not end within"));
    struct census after = census();
    MUST(after.n[0] == 1 && after.pid[0] == before.pid[0] && after.n[1] == 0 &&
         after.n[2] == 0 && is_well(0));
    place(1, n->blobs[0].hash, "");
    place(2, n->blobs[0].hash, "");
    nimbus_say(n);
    UNTIL(is_well(1) && is_well(2));
}

/* A check that outlived its supervisor is ended by the next one.  That may
 * have it in its record, and begin another one; others wait for neither. */
static void checks_ended(void)
{
    pid_t stranger;

    begin_with(1, "");
    place(1, yard.nimbus.blobs[0].hash, "slow");
    nimbus_say(&yard.nimbus);
    UNTIL((stranger = census().stranger) != 0);
    end_supervisor(SIGKILL);
    MUST(lives(stranger));
    place(2, yard.nimbus.blobs[0].hash, "");
    yard.nimbus.version++;
    start_supervisor();
    UNTIL(is_well(0) && is_well(2) && !lives(stranger));
}

/* Workers that do not come up say why. */
static void deaths_told(void)
{
    begin_with(1, "");
    place(1, yard.nimbus.blobs[0].hash, "refuse");
    place(2, yard.nimbus.blobs[0].hash, "crash");
    nimbus_say(&yard.nimbus);
    UNTIL(says(1, "this worker refuses") && says(1, "status 3"));
    UNTIL(says(2, "these are my last words") && says(2, "SIGABRT") &&
          yard.nimbus.slots[2].deaths > 1);
    UNTIL(is_well(0));
}

/* A turn and other executors reach who runs; other workers replace them. */
static void orders_change(void)
{
    struct nimbus *n = &yard.nimbus;
    uint64_t turn_no = 0;
    struct census before, after;

    begin_with(3, "");
    before = census();
    n->places[0].turn = 17;
    n->places[1].version = n->version + 1;
    nimbus_say(n);
    UNTIL(running_as(0, &turn_no) != 0 && turn_no == 17);
    UNTIL(n->slots[0].turn == 17 && n->slots[1].version == n->version);
    after = census();
    MUST(memcmp(&before, &after, sizeof(after)) == 0);
    n->places[0].program = NULL;
    place(1, n->blobs[0].hash, "stubborn");
    nimbus_say(n);
    UNTIL(state_is(0, "nothing is to run") && is_well(1) &&
          (pid_t)n->slots[1].pid != before.pid[1]);
    after = census();
    MUST(after.n[0] == 0 && after.n[1] == 1 && after.pid[2] == before.pid[2]);
    n->places[1].program = NULL; /* it does not heed SIGTERM */
    nimbus_say(n);
    UNTIL(state_is(1, "nothing is to run"));
    MUST(census().n[1] == 0);
}

/* Without Nimbus all goes on, also for a supervisor that starts anew; and
 * another Nimbus, which counts from one, is listened to. */
static void nimbus_away(void)
{
    struct nimbus *n = &yard.nimbus;
    struct census before, after;
    uint64_t was;

    begin_with(2, "");
    n->version = 40;
    nimbus_say(n);
    live_on(200);
    before = census();
    nimbus_close(n);
    end_supervisor(SIGKILL);
    start_supervisor();
    live_on(300);
    was = running_as(0, NULL);
    MUST(kill(before.pid[0], SIGKILL) == 0);
    UNTIL(running_as(0, NULL) > was);
    after = census();
    MUST(after.n[0] == 1 && after.pid[1] == before.pid[1]);
    nimbus_open(n, "nimbus-2");
    n->version = 1;
    n->places[0].turn = 3;
    nimbus_say(n);
    UNTIL(n->slots[0].turn == 3 && is_well(0) && is_well(1));
    before = census();
    MUST(memcmp(&before, &after, sizeof(after)) == 0);
}

/* While nothing can be written nothing is started, and nothing is lost. */
static void disk_full(void)
{
    struct census before, after;
    uint64_t was;

    begin_with(2, "");
    before = census();
    MUST(kill(yard.supervisor, SIGUSR1) == 0);
    live_on(200);
    was = running_as(0, NULL);
    MUST(kill(before.pid[0], SIGKILL) == 0);
    UNTIL(yard.nimbus.slots[0].deaths == 1 &&
          (says(0, "record") || says(0, "cannot be written")));
    live_on(700);
    after = census();
    MUST(after.n[0] == 0 || running_as(0, NULL) <= was);
    MUST(after.pid[1] == before.pid[1]);
    UNTIL(is_well(1));
    MUST(kill(yard.supervisor, SIGUSR2) == 0);
    UNTIL(is_well(0) && running_as(0, NULL) > was);
    MUST(census().pid[1] == before.pid[1]);
}

/* What the record does not know of yet waits, and is no worker. */
static void record_first(void)
{
    char path[192];
    uint64_t was;

    begin_with(1, "");
    was = running_as(0, NULL);
    snprintf(path, sizeof(path), "%s/record.new", yard.dir);
    MUST(mkdir(path, 0700) == 0); /* it is written there first */
    MUST(kill((pid_t)yard.nimbus.slots[0].pid, SIGKILL) == 0);
    UNTIL(says(0, "waits to be started until"));
    MUST(running_as(0, NULL) <= was);
    MUST(rmdir(path) == 0);
    UNTIL(is_well(0) && running_as(0, NULL) > was);
    MUST(yard.nimbus.slots[0].deaths == 1);
}

/* Four busy threads a core, and nobody is accused of standing still. */
static void busy(void)
{
    long n = 4 * sysconf(_SC_NPROCESSORS_ONLN);
    char does[32];

    snprintf(does, sizeof(does), "busy=%ld", n < LOOPS ? n : LOOPS);
    yard_begin("kill", seed);
    place(0, blob_of_self(), does);
    nimbus_say(&yard.nimbus);
    start_supervisor();
    UNTIL(yard.nimbus.slots[0].pid != 0 && running_as(0, NULL) != 0);
    int64_t until = now_ns() + (rounds > 6 ? 20 : 3) * 1000000000ll;
    while (now_ns() < until) {
        turn();
        MUST(yard.nimbus.slots[0].deaths == 0 && !finds(0, "FROZEN") &&
             !finds(0, "HUNG"));
    }
}

/* Clients may read what workers print, and nothing else. */
static void logs_told(void)
{
    static const char *const bad[] = { "..", "../x", "", "/etc",
                                       "words-0/.." };
    gi_msg_log_piece piece;
    gi_pool pool = { 0 };
    gale_diag why = { 0 };
    char path[256];

    begin_with(1, "");
    UNTIL(running_as(0, NULL) != 0); /* which it says after it has printed */
    MUST(ask_log("words-0", FIRST_PORT, &pool, &piece, &why) == GALE_OK);
    MUST(piece.bytes.n == 8 && memcmp(piece.bytes.at, "turning\n", 8) == 0 &&
         piece.size == 8);
    for (uint32_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        MUST(ask_log(bad[i], FIRST_PORT, &pool, &piece, &why) == GALE_EINVAL);
    MUST(ask_log("words-0", 1, &pool, &piece, &why) == GALE_ENOTFOUND);
    MUST(ask_log("words-1", FIRST_PORT, &pool, &piece, &why) ==
         GALE_ENOTFOUND);
    snprintf(path, sizeof(path), "%s/logs/words-0/1.log", yard.dir);
    MUST(symlink("/proc/version", path) == 0);
    MUST(ask_log("words-0", 1, &pool, &piece, &why) == GALE_ENOTFOUND);
    gi_pool_fini(&pool);
}

/* One supervisor a directory; and with --stop it takes its workers along. */
static void ends_in_order(void)
{
    int status;
    pid_t second;

    begin_with(2, "stop");
    second = spawn_supervisor("second");
    MUST(waitpid(second, &status, 0) == second);
    MUST(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    MUST(kill(yard.supervisor, SIGTERM) == 0);
    while (waitpid(yard.supervisor, &status, WNOHANG) == 0)
        turn();
    yard.supervisor = 0;
    MUST(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    struct census c = census();
    MUST(c.n[0] + c.n[1] + c.n[2] + c.strange == 0);
}

static const supervised_test tests[] = {
    { "workers_killed", workers_killed },
    { "supervisors_killed", supervisors_killed },
    { "all_killed", all_killed },
    { "stopped_is_found", stopped_is_found },
    { "frozen_and_hung_are_found", frozen_and_hung_are_found },
    { "unwell_is_replaced", unwell_is_replaced },
    { "programs_refused", programs_refused },
    { "checks_ended", checks_ended },
    { "deaths_told", deaths_told },
    { "orders_change", orders_change },
    { "nimbus_away", nimbus_away },
    { "disk_full", disk_full },
    { "record_first", record_first },
    { "busy", busy },
    { "logs_told", logs_told },
    { "ends_in_order", ends_in_order },
};

int main(int argc, char **argv)
{
    return supervised_main(argc, argv, tests,
                           sizeof(tests) / sizeof(tests[0]));
}
