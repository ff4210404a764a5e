/* frontier.c -- the frontier never overlooks work that is under way.
 *
 * Three threads pass tokens round through rings; each token, handled, gives
 * rise to none, one or two others.  One of them, the beacon, is never without
 * a successor, whose epoch is published before the old one ends.  A fourth
 * thread looks on: as long as the beacon burns the frontier is not quiet, and
 * the horizon does not pass it. */
#include "race.h"

#include <pthread.h>
#include <sched.h>

#include "acker/ledger.h"
#include "base/mix.h"
#include "base/ring.h"
#include "worker/frontier.h"

enum { SIDES = 3, RING = 64, POOL = 40, RUN_MS = 2000 };
enum {
    PROOFS = 1000
}; /* looks of use there have to be, however long it takes */

struct token {
    uint16_t epoch;
    bool beacon;
};

struct side {
    uint32_t no;
    gi_rng rng;
    struct token token[POOL]; /* all it may have out; free ones in idle */
    gi_ring back;             /* from the next side: what it has read */
    gi_ring out;              /* to the next side */
    struct token *idle[POOL];
    uint32_t n_idle;
};

static gi_frontier frontier;
static struct side side[SIDES];
static _Atomic uint64_t beacon; /* epoch, and a count of changes above it */
static _Atomic uint64_t proved;
static _Atomic bool ending, over;

static void send(struct side *s, uint16_t epoch, bool is_beacon)
{
    struct token *t = s->idle[--s->n_idle];

    *t = (struct token){ epoch, is_beacon };
    gi_frontier_made(&frontier, s->no, epoch);
    if (is_beacon)
        atomic_store(&beacon,
                     ((atomic_load(&beacon) >> 16) + 1) << 16 | epoch);
    CHECK(gi_ring_push(&s->out, t), "a ring has room for the whole pool");
}

/* Its successor is made first: of the same epoch, or now and then of the
 * present one, as a spout would begin a new tree. */
static void handle_beacon(struct side *s, const struct token *t)
{
    uint16_t epoch = t->epoch;

    if (atomic_load(&ending))
        return;
    if (gi_rng_below(&s->rng, 500) == 0)
        epoch = gi_frontier_now(&frontier);
    send(s, epoch, true);
}

static void handle(struct side *s, struct side *from, struct token *t)
{
    uint16_t epoch = t->epoch;

    if (t->beacon)
        handle_beacon(s, t);
    else
        for (uint64_t n = gi_rng_below(&s->rng, 3); n > 0 && s->n_idle > 4;
             n--)
            send(s, epoch, false);
    gi_frontier_done(&frontier, s->no, epoch, 1);
    CHECK(gi_ring_push(&from->back, t), "a ring has room for the whole pool");
}

static void *work(void *arg)
{
    struct side *s = arg, *from = &side[(s->no + SIDES - 1) % SIDES];
    int64_t now = 1, end = race_now_ns() + RUN_MS * 1000000ll;

    /* What is made at random leaves a few tokens idle: one that is to be
     * handled can always be, and the beacon always has a successor. */
    for (int step = 0; !atomic_load_explicit(&over, memory_order_relaxed);
         step++) {
        bool last = atomic_load_explicit(&ending, memory_order_relaxed);
        struct token *t = NULL;

        while ((t = gi_ring_pop(&s->back)) != NULL)
            s->idle[s->n_idle++] = t;
        if ((t = gi_ring_pop(&from->out)) != NULL)
            handle(s, from, t);
        else if (!last && s->n_idle > 8 && gi_rng_below(&s->rng, 8) == 0)
            send(s, gi_frontier_now(&frontier), false);
        else
            sched_yield();
        if (s->no == 0 && step % 64 == 0)
            gi_frontier_tick(&frontier, now += frontier.length_ns);
        if (s->no == 0 && step % 1024 == 0 && race_now_ns() > end &&
            atomic_load(&proved) > PROOFS)
            atomic_store(&ending, true);
    }
    return NULL;
}

static void look_on(void)
{
    uint64_t looks = 0;

    while (!atomic_load(&ending)) {
        uint64_t before = atomic_load(&beacon);
        bool quiet = gi_frontier_quiet(&frontier);
        uint16_t horizon = gi_frontier_horizon(&frontier);
        uint64_t after = atomic_load(&beacon);
        uint16_t epoch = (uint16_t)before;

        looks++;
        if (atomic_load(&ending))
            break;
        CHECK(!quiet, "while the beacon burns; look %llu",
              (unsigned long long)looks);
        if ((uint16_t)after != epoch)
            continue; /* it changed epochs meanwhile: no telling */
        atomic_fetch_add(&proved, 1);
        CHECK(!gi_epoch_before(epoch, horizon),
              "horizon %u is beyond the beacon at %u", horizon, epoch);
    }
    while (!gi_frontier_quiet(&frontier))
        sched_yield();
    CHECK(gi_frontier_horizon(&frontier) != (uint16_t)atomic_load(&beacon),
          "all is done");
    atomic_store(&over, true);
}

int main(void)
{
    pthread_t thread[SIDES];

    alarm(600);
    CHECK(gi_frontier_init(&frontier, SIDES, 1000, 1) == GALE_OK, "memory");
    for (uint32_t i = 0; i < SIDES; i++) {
        struct side *s = &side[i];

        s->no = i;
        s->rng.at = i;
        CHECK(gi_ring_init(&s->out, RING) == GALE_OK, "memory");
        CHECK(gi_ring_init(&s->back, RING) == GALE_OK, "memory");
        for (uint32_t k = 0; k < POOL; k++)
            s->idle[s->n_idle++] = &s->token[k];
    }
    send(&side[0], gi_frontier_now(&frontier), true);
    for (uint32_t i = 0; i < SIDES; i++)
        CHECK(pthread_create(&thread[i], NULL, work, &side[i]) == 0, "thread");
    look_on();
    for (uint32_t i = 0; i < SIDES; i++)
        pthread_join(thread[i], NULL);
    CHECK(gi_frontier_quiet(&frontier), "and stays so");
    for (uint32_t i = 0; i < SIDES; i++) {
        gi_ring_fini(&side[i].out);
        gi_ring_fini(&side[i].back);
    }
    gi_frontier_fini(&frontier);
    return 0;
}
