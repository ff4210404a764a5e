/* recovery.c -- a worker is killed by SIGKILL under load: how soon is that
 * known, how soon is there another one, and what is lost?
 *
 * A cluster as `gale dev` makes it, three workers, a topology that writes down
 * what becomes of each number (flow.h).  For each kill:
 *
 *     detected      until its supervisor has written the duty of the next one
 *     replaced      until the next one says that it runs
 *     first_replay  from detected until a number comes for the second time,
 *                   if anything was under way there
 *     stall         the longest time without an ack
 *     worst         the longest that a number took to be acked
 *
 * In the end every number is acked, and each of its parts was counted, or it
 * is lost.
 */
#include <signal.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/mix.h"
#include "bench/bench.h"
#include "bench/flow.h"
#include "bench/house.h"
#include "wire/duty.h"
#include "wire/progress.h"

enum { PACE_NS = 50000, WORKERS = 3 };

struct figures {
    bench_samples up, first_ack; /* from the start of `gale dev` */
    bench_samples detected, replaced, replay, stall, worst;
    uint64_t numbers, lost, early, duplicated;
};

struct yard {
    bench_house house;
    flow_board *board;
    gi_rng rng;
};

static double ms(int64_t ns)
{
    return (double)ns / 1e6;
}

static bool until(bool (*is)(struct yard *y, uint64_t arg), struct yard *y,
                  uint64_t arg, const char *what)
{
    int64_t end = bench_now_ns() + 60000000000;

    while (!is(y, arg)) {
        if (bench_now_ns() > end) {
            bench_say("not within a minute: %s", what);
            return false;
        }
        bench_nap_us(1000);
    }
    return true;
}

static bool acked(struct yard *y, uint64_t so_many)
{
    return y->board->acked >= so_many;
}

static bool all_here(struct yard *y, uint64_t n)
{
    bench_process p[BENCH_PROCESSES];

    return bench_house_find(&y->house, BENCH_WORKER, p) == n;
}

/* ------------------------------------------------------------- one kill -- */

struct watched {
    char dir[192];
    uint64_t incarnation; /* of the one to be killed */
    int64_t killed_ns, detected_ns, replaced_ns;
};

static bool begin_watch(struct yard *y, const bench_process *p,
                        struct watched *w)
{
    gi_pool pool = { 0 };
    gi_progress page;
    bool fine;

    *w = (struct watched){ 0 };
    bench_house_worker(&y->house, p->port, w->dir, sizeof(w->dir));
    fine = gi_progress_read(&page, w->dir, 0, &pool) == GALE_OK;
    if (fine)
        w->incarnation = page.incarnation;
    else
        bench_say("there is nothing to read in %s", w->dir);
    gi_pool_fini(&pool);
    return fine;
}

static void watch(struct watched *w)
{
    int64_t now = bench_now_ns();
    gi_pool pool = { 0 };
    gi_progress page;
    gi_msg_duty duty;

    if (w->detected_ns == 0 &&
        gi_duty_read(&duty, w->dir, &pool, NULL) == GALE_OK &&
        duty.incarnation > w->incarnation)
        w->detected_ns = now;
    if (gi_progress_read(&page, w->dir, 0, &pool) == GALE_OK &&
        page.incarnation > w->incarnation && page.state == GI_PROGRESS_RUNNING)
        w->replaced_ns = now;
    gi_pool_fini(&pool);
}

/* Known, replaced, and what was lost comes again, if anything was. */
static bool is_mended(const flow_board *b, const struct watched *w)
{
    return w->replaced_ns != 0 && w->detected_ns != 0 &&
           (b->again_ns != 0 || !flow_owes(b, w->detected_ns));
}

/* The peers may know before the supervisor does. */
static int64_t replay_ns(const struct yard *y, const struct watched *w)
{
    int64_t took = y->board->again_ns - w->detected_ns;

    return took < 0 ? 0 : took;
}

static bool kill_one(struct yard *y, const bench_process *who,
                     struct figures *f)
{
    struct watched w;
    flow_board *b = y->board;

    if (!begin_watch(y, who, &w))
        return false;
    b->again_ns = 0;
    b->gap_ns = 0;
    b->worst_ns = 0;
    w.killed_ns = bench_now_ns();
    b->again_from_ns = w.killed_ns;
    kill(who->pid, SIGKILL);
    do {
        watch(&w);
        bench_nap_us(200);
        if (bench_now_ns() > w.killed_ns + 60000000000) {
            bench_say("the worker at port %u was not replaced", who->port);
            return false;
        }
    } while (!is_mended(b, &w));
    if (!until(acked, y, b->acked + 3000u, "acks after a kill"))
        return false;
    bench_add(&f->detected, ms(w.detected_ns - w.killed_ns));
    bench_add(&f->replaced, ms(w.replaced_ns - w.killed_ns));
    if (b->again_ns != 0)
        bench_add(&f->replay, ms(replay_ns(y, &w)));
    bench_add(&f->stall, ms(b->gap_ns));
    bench_add(&f->worst, ms(b->worst_ns));
    return true;
}

/* ---------------------------------------------------------- one cluster -- */

/* Each of its workers once: those that die again and again are made to wait.
 */
static bool kill_each(struct yard *y, unsigned most, struct figures *f)
{
    bench_process p[BENCH_PROCESSES];
    uint64_t few = y->board->acked + 3000u;

    if (!until(acked, y, few, "the first acks") ||
        !until(all_here, y, WORKERS, "three workers"))
        return false;
    uint32_t n = bench_house_find(&y->house, BENCH_WORKER, p);
    for (uint32_t i = 0; i < n && i < most; i++) {
        bench_nap_us(100000 + (long)gi_rng_below(&y->rng, 200000));
        if (!kill_one(y, &p[i], f))
            return false;
    }
    return true;
}

/* Every number is acked, and all its parts were counted. */
static bool check(struct yard *y, struct figures *f)
{
    bool settled = flow_settle(y->board, 60000000000);
    flow_sums s = flow_count(y->board);

    f->numbers += s.begun;
    f->lost += s.lost + s.unacked;
    f->early += y->board->early;
    f->duplicated += s.duplicated;
    return settled && s.lost + s.unacked == 0 && y->board->early == 0 &&
           y->board->wrong_task == 0;
}

static bool one_cluster(struct yard *y, unsigned most, struct figures *f)
{
    static const char *const settings[] = { "topology.workers=3",
                                            "topology.worker.loops=1", NULL };
    int64_t began = bench_now_ns();

    if (!bench_house_begin(&y->house))
        return false;
    bench_add(&f->up, ms(bench_now_ns() - began));
    y->board->n = FLOW_MOST;
    y->board->pace = PACE_NS;
    if (!bench_house_submit(&y->house, "flow", settings, true))
        return false;
    bench_add(&f->first_ack, ms(bench_now_ns() - began));
    return kill_each(y, most, f) && check(y, f) && bench_house_end(&y->house);
}

static void put(bench_report *r, const char *name, const bench_samples *s)
{
    char key[64];

    snprintf(key, sizeof(key), "%s_ms", name);
    bench_put(r, key, s);
    snprintf(key, sizeof(key), "%s_p99_ms", name);
    bench_put_f64(r, key, bench_ranked(s, 0.99));
}

static void tell(const struct figures *f, bench_report *r)
{
    bench_put(r, "up_ms", &f->up);
    bench_put(r, "first_ack_shown_ms", &f->first_ack);
    put(r, "detected", &f->detected);
    put(r, "replaced", &f->replaced);
    put(r, "first_replay", &f->replay);
    put(r, "stall", &f->stall);
    put(r, "worst", &f->worst);
    bench_put_u64(r, "numbers", f->numbers);
    bench_put_u64(r, "lost", f->lost);
    bench_put_u64(r, "acked_too_early", f->early);
    bench_put_u64(r, "parts_duplicated", f->duplicated);
}

static bool in_a_house(struct yard *y, unsigned most, struct figures *f)
{
    bool fine = bench_house_open(&y->house, NULL);

    y->board = fine ? flow_map(y->house.board, true) : NULL;
    if (fine && y->board == NULL)
        bench_say("%s cannot be mapped", y->house.board);
    fine = y->board != NULL && one_cluster(y, most, f);
    if (!fine)
        bench_house_logs(&y->house);
    if (y->board != NULL)
        flow_unmap(y->board);
    bench_house_close(&y->house);
    return fine;
}

bool bench_recovery(const bench_opts *o, bench_report *r)
{
    struct yard y = { .rng = { .at = 1 } };
    struct figures f = { 0 };
    bool fine = true;

    bench_put_u64(r, "kills", o->kills);
    while (fine && f.detected.n < o->kills)
        fine = in_a_house(&y, o->kills - f.detected.n, &f);
    tell(&f, r);
    return fine;
}
