/* Workers as processes, over real connections: they do what their duties say,
 * lose nothing when they are killed, and end as they should.
 *
 *     cluster_workers NAME [SEED]
 *     cluster_workers worker DIR    it is their program too
 */
#include <inttypes.h>
#include <stddef.h>

#include "base/env.h"
#include "base/mix.h"
#include "tests/cluster/crew.h"

static uint64_t seed;

static uint32_t below(uint32_t n)
{
    seed = gi_mix64(seed + UINT64_C(0x9e3779b97f4a7c15));
    return (uint32_t)(seed >> 33) % n;
}

static bool all_acked(struct crew *c)
{
    return c->board->acked == c->board->n;
}

/* Every part of every number, at least so often and at most so often. */
static void check_parts(struct crew *c, uint32_t most)
{
    for (uint32_t n = 0; n < c->board->n; n++)
        for (uint32_t part = 0; part < PARTS; part++) {
            CREW_MUST(c, c->board->is_acked[n] == 1);
            CREW_MUST(c, c->board->count[n][part] >= 1);
            CREW_MUST(c, c->board->count[n][part] <= most);
        }
    CREW_MUST(c, c->board->wrong_task == 0 && c->board->wrong_hash == 0);
}

static void run_all(uint32_t n_workers, uint32_t n_numbers)
{
    struct crew c;

    crew_open(&c, n_workers, n_numbers);
    for (uint32_t i = 0; i < n_workers; i++)
        crew_start(&c, (int)i);
    CREW_UNTIL(&c, all_acked(&c), 60000);
    check_parts(&c, 1);
    CREW_MUST(&c, c.board->begun == n_numbers);
    CREW_UNTIL(&c, CREW_SUM(&c, acked) >= n_numbers, 20000);
    CREW_MUST(&c, CREW_SUM(&c, failed) == 0);
    CREW_MUST(&c, CREW_SUM(&c, replayed) == 0);
    crew_end(&c);
    CREW_MUST(&c, c.board->closed == SPOUTS + SINKS);
    crew_close(&c);
}

static void one(void)
{
    run_all(1, 20000);
}

static void two(void)
{
    run_all(2, 20000);
}

static void three(void)
{
    run_all(3, 50000);
}

/* ------------------------------------------------------------ progress -- */

static bool is_running(struct crew *c, int i)
{
    return crew_look(c, i) && c->m[i].at.state == GI_PROGRESS_RUNNING;
}

static void progress_is_told(void)
{
    struct crew c;
    gi_progress *at = &c.m[0].at;

    crew_open(&c, 2, 1000);
    crew_start(&c, 0);
    CREW_UNTIL(&c, crew_look(&c, 0) && at->state == GI_PROGRESS_STARTING,
               20000);
    CREW_UNTIL(&c, crew_look(&c, 0) && at->beats > 3, 20000);
    CREW_MUST(&c, at->state == GI_PROGRESS_STARTING); /* alone: it waits */
    CREW_MUST(&c, c.board->begun == 0);
    crew_start(&c, 1);
    CREW_UNTIL(&c, is_running(&c, 0) && is_running(&c, 1), 20000);
    CREW_UNTIL(&c, crew_look(&c, 0) && at->turn == c.turn, 20000);
    CREW_MUST(&c, at->incarnation == 1 && at->number == 1);
    CREW_MUST(&c, at->version == c.version);
    CREW_MUST(&c, at->n_loops >= 2 && at->n_tallies == 3);

    /* Loops that have nothing to do turn ten times a second all the same. */
    CREW_UNTIL(&c, all_acked(&c), 30000);
    CREW_UNTIL(&c, crew_look(&c, 0) && at->pending == 0, 20000);
    for (uint32_t i = 0; i < at->n_loops; i++) {
        uint64_t turns = at->loops[i].turns, thread = at->loops[i].thread;
        char path[128];

        CREW_UNTIL(&c, crew_look(&c, 0) && at->loops[i].turns >= turns + 25,
                   10000);
        snprintf(path, sizeof(path), "/proc/%d/task/%" PRIu64, (int)c.m[0].pid,
                 thread);
        CREW_MUST(&c, access(path, F_OK) == 0);
    }
    CREW_MUST(&c, at->tallies[0].emitted > 0 && at->tallies[0].p99_ns > 0);
    CREW_MUST(&c, at->tallies[1].component == 1);
    crew_end(&c);
    crew_close(&c);
}

/* ---------------------------------------------------------- go and stop -- */

static bool stopped(struct crew *c)
{
    for (int i = 0; i < 3; i++)
        if (!crew_look(c, i) || c->m[i].at.turn != c->turn ||
            c->m[i].at.pending != 0)
            return false;
    return true;
}

static void spouts_stop_and_go(void)
{
    struct crew c;

    crew_open(&c, 3, 30000);
    c.board->pace = 50000;
    c.board->upto = 1; /* they do not run on while we are held up */
    for (int i = 0; i < 3; i++)
        crew_start(&c, i);
    for (int round = 0; round < 3; round++) {
        uint32_t begun = c.board->begun;

        c.board->upto += 9000; /* else they may be done before us */
        CREW_UNTIL(&c, c.board->begun > begun + 500, 30000);
        c.active = false;
        c.turn++;
        crew_tell_all(&c);
        CREW_UNTIL(&c, stopped(&c), 20000);
        begun = c.board->begun;
        CREW_MUST(&c, c.board->acked == begun);
        nap_ms(20);
        CREW_MUST(&c, c.board->begun == begun);
        c.active = true;
        c.turn++;
        crew_tell_all(&c);
    }
    c.board->pace = c.board->upto = 0;
    CREW_UNTIL(&c, all_acked(&c), 60000);
    check_parts(&c, 1);
    crew_end(&c);
    crew_close(&c);
}

/* They look for themselves. */
static void told_without_bells(void)
{
    struct crew c;
    char bell[144];

    crew_open(&c, 3, 10000);
    c.board->pace = 50000;
    for (int i = 0; i < 3; i++) {
        snprintf(bell, sizeof(bell), "%s/" GI_BELL_FILE, c.m[i].dir);
        CREW_MUST(&c, mkdir(bell, 0700) == 0);
        crew_start(&c, i);
    }
    CREW_UNTIL(&c, c.board->begun > 500, 15000);
    c.active = false;
    c.turn++;
    crew_tell_all(&c);
    CREW_UNTIL(&c, stopped(&c), 20000);
    c.active = true;
    c.turn++;
    crew_tell_all(&c);
    c.board->pace = 0;
    CREW_UNTIL(&c, all_acked(&c), 20000);
    crew_end(&c);
    crew_close(&c);
}

/* One that is started while they shall not go says nothing. */
static void inactive_from_the_start(void)
{
    struct crew c;

    crew_open(&c, 3, 1000);
    c.active = false;
    for (int i = 0; i < 3; i++)
        crew_start(&c, i);
    CREW_UNTIL(&c, stopped(&c) && is_running(&c, 0), 20000);
    CREW_MUST(&c, c.board->begun == 0);
    c.active = true;
    c.turn++;
    crew_tell_all(&c);
    CREW_UNTIL(&c, all_acked(&c), 30000);
    crew_end(&c);
    crew_close(&c);
}

/* --------------------------------------------------------------- killed -- */

static void killed_and_started_anew(void)
{
    enum { KILLS = 6 };
    struct crew c;

    crew_open(&c, 3, 60000);
    c.board->pace = 40000;
    c.board->upto = 1;
    for (int i = 0; i < 3; i++)
        crew_start(&c, i);
    for (uint32_t k = 0; k < KILLS; k++) {
        int who = (int)below(3);
        uint32_t acked = c.board->acked;

        c.board->upto = (k + 1) * 8000; /* else they may be done before us */

        CREW_UNTIL(&c, c.board->acked > acked + 200, 30000);
        nap_ms(below(30));
        crew_kill(&c, who);
        nap_ms(below(30));
        crew_start(&c, who);
    }
    c.board->upto = 0;
    CREW_UNTIL(&c, all_acked(&c), 60000);
    check_parts(&c, 255);
    CREW_MUST(&c, CREW_SUM(&c, timed_out) == 0);
    crew_end(&c);
    crew_close(&c);
}

/* Numbers of the first worker's spout that ended in a sink of the second. */
static uint32_t crossed(struct crew *c)
{
    uint32_t count = 0;

    for (uint32_t n = 0; n < c->board->n; n += SPOUTS)
        count += c->board->is_acked[n] && c->where[c->board->task[n] - 1] == 1;
    return count;
}

/* It is not started anew for long: what was under way to it fails as soon as
 * somebody who knows says that it ended, and is replayed when it is back. */
static void told_that_it_died(void)
{
    struct crew c;
    uint64_t failed;

    crew_open(&c, 2, 30000);
    c.board->pace = 20000;
    c.board->upto = 1;
    crew_start(&c, 0);
    crew_start(&c, 1);
    for (int k = 0; k < 3; k++) {
        uint32_t before = crossed(&c);
        uint64_t beats;

        c.board->upto += 5000;
        CREW_UNTIL(&c, crossed(&c) > before + 20, 30000);
        failed = CREW_SUM(&c, failed);
        crew_stop(&c, 1); /* so that it has what it has not executed */
        c.board->upto += 5000;
        CREW_UNTIL(&c, crew_look(&c, 0), 20000);
        beats = c.m[0].at.beats;
        CREW_UNTIL(&c,
                   crew_look(&c, 0) && c.m[0].at.beats > beats + 2 &&
                       c.m[0].at.pending >= 20,
                   20000);
        crew_kill(&c, 1);
        nap_ms(100); /* nobody says anything, and what is begun waits */
        CREW_UNTIL(&c, crew_look(&c, 0) && c.m[0].at.pending >= 20, 20000);
        c.m[1].ended = c.m[1].incarnation;
        crew_tell(&c, 0);
        CREW_UNTIL(&c, CREW_SUM(&c, failed) > failed, 20000);
        crew_start(&c, 1);
    }
    c.board->upto = 0;
    CREW_UNTIL(&c, all_acked(&c), 60000);
    check_parts(&c, 255);
    CREW_MUST(&c, CREW_SUM(&c, timed_out) == 0);
    crew_end(&c);
    crew_close(&c);
}

/* It is placed elsewhere, and a worker that is left lives on. */
static void moved_when_it_died(void)
{
    struct crew c;
    pid_t stays;

    crew_open(&c, 3, 60000);
    c.board->pace = 20000;
    for (int i = 0; i < 3; i++)
        crew_start(&c, i);
    stays = c.m[0].pid;
    CREW_UNTIL(&c, c.board->acked > 500, 30000);
    crew_kill(&c, 2);
    c.version++;
    c.m[2].here = false;
    c.m[3].here = true;
    c.m[3].since = c.version;
    for (uint32_t i = 0; i < CREW_TASKS; i++)
        if (c.where[i] == 2)
            c.where[i] = 3;
    crew_tell_all(&c);
    crew_start(&c, 3);
    CREW_UNTIL(&c, all_acked(&c), 60000);
    check_parts(&c, 255);
    CREW_MUST(&c, CREW_SUM(&c, timed_out) == 0);
    CREW_MUST(&c, c.m[0].pid == stays && kill(stays, 0) == 0);
    crew_end(&c);
    crew_close(&c);
}

/* ---------------------------------------------------------------- ends -- */

static void says(struct crew *c, int i, int status, const char *words)
{
    CREW_MUST(c, crew_wait(c, i, 30000) == status);
    CREW_MUST(c, crew_look(c, i));
    if (strstr(c->m[i].at.words, words) == NULL)
        fprintf(stderr, "its words are: %s\n", c->m[i].at.words);
    CREW_MUST(c, strstr(c->m[i].at.words, words) != NULL);
}

static void ends_with_words(void)
{
    struct crew c;

    crew_open(&c, 1, 1000);
    c.other_tasks = 1;
    crew_start(&c, 0);
    says(&c, 0, 2, "component 2 was submitted as bolt 'sink' with 5 tasks");
    c.other_tasks = 0;
    c.setting[0] = "topology.batch.bytes";
    c.setting[1] = "few";
    crew_start(&c, 0);
    says(&c, 0, 2, "'few'");
    c.setting[0] = NULL;
    c.board->refuse = 1;
    crew_start(&c, 0);
    says(&c, 0, 1, "the board says no");
    CREW_MUST(&c, c.m[0].at.n_mishaps >= 1);
    CREW_MUST(&c, strcmp(c.m[0].at.mishaps[0].component, "sink") == 0);
    CREW_MUST(&c, strcmp(c.m[0].at.mishaps[0].text, "the board says no") == 0);
    c.board->refuse = 2;
    crew_start(&c, 0);
    says(&c, 0, 1, "the board says that it is over");
    c.board->refuse = 0;
    crew_start(&c, 0);
    CREW_UNTIL(&c, all_acked(&c), 30000);
    crew_end(&c);
    crew_close(&c);
}

static void other_tasks_need_another_process(void)
{
    struct crew c;

    crew_open(&c, 2, 30000);
    c.board->pace = 20000;
    crew_start(&c, 0);
    crew_start(&c, 1);
    CREW_UNTIL(&c, c.board->acked > 200, 30000);
    c.version++;
    c.where[CREW_TASKS - 1] = 1 - c.where[CREW_TASKS - 1];
    crew_tell_all(&c);
    says(&c, 0, 0, "other executors");
    says(&c, 1, 0, "other executors");
    crew_start(&c, 0);
    crew_start(&c, 1);
    c.board->pace = 0;
    CREW_UNTIL(&c, all_acked(&c), 60000);
    for (uint32_t n = 0; n < c.board->n; n++)
        CREW_MUST(&c, c.board->count[n][0] >= 1);
    crew_end(&c);
    crew_close(&c);
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    { "one", one },
    { "two", two },
    { "three", three },
    { "progress_is_told", progress_is_told },
    { "spouts_stop_and_go", spouts_stop_and_go },
    { "told_without_bells", told_without_bells },
    { "inactive_from_the_start", inactive_from_the_start },
    { "killed_and_started_anew", killed_and_started_anew },
    { "told_that_it_died", told_that_it_died },
    { "moved_when_it_died", moved_when_it_died },
    { "ends_with_words", ends_with_words },
    { "other_tasks_need_another_process", other_tasks_need_another_process },
};

int main(int argc, char **argv)
{
    bool any = false;

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return gale_main(argc, argv, &numbers);
    seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (argc > 1 && strcmp(argv[1], tests[i].name) != 0)
            continue;
        int64_t began = now_ms();

        any = true;
        fprintf(stderr, "%s, seed %" PRIu64 "\n", tests[i].name, seed);
        tests[i].run();
        fprintf(stderr, "%s: %" PRId64 " ms\n", tests[i].name,
                now_ms() - began);
    }
    return any ? 0 : 2;
}
