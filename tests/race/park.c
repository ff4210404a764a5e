/* park.c -- no wake-up is lost.
 *
 * Two threads hand a number to and fro, each parked, for ever if need be,
 * until it is its turn; a few others wake them for no reason all the while.
 * A wake-up that is lost leaves both asleep, and the alarm goes off. */
#include "race.h"

#include <pthread.h>

#include "base/mix.h"
#include "base/park.h"

enum { ROUNDS = 100000 / RACE_SLOWER, SECONDS = 600 };

static gi_parker parker[2];
static _Atomic uint64_t turn; /* whose: its parity */
static _Atomic int stop;
static uint64_t plain; /* only who has the turn may touch it */

/* Look for a random while before announcing, as a loop does; so the one who
 * wakes and the one who falls asleep meet in every narrow place. */
static void wait_for(int me, uint64_t round, gi_rng *rng)
{
    int64_t limit_ns = round % 7 == 0 ? 50000 : -1;
    uint64_t looks = gi_rng_below(rng, 400);

    for (;;) {
        while (looks-- > 0 &&
               atomic_load_explicit(&turn, memory_order_relaxed) != round)
            ;
        looks = 0;
        gi_parker_announce(&parker[me]);
        if (atomic_load_explicit(&turn, memory_order_acquire) == round) {
            gi_parker_cancel(&parker[me]);
            return;
        }
        gi_parker_sleep(&parker[me], limit_ns);
    }
}

/* Every few rounds it takes its time, so that the other one really sleeps. */
static void *play(void *arg)
{
    int me = arg == &parker[1];
    gi_rng rng = { (uint64_t)me };

    for (uint64_t round = (uint64_t)me; round < 2 * ROUNDS; round += 2) {
        wait_for(me, round, &rng);
        CHECK(plain == round, "round %llu", (unsigned long long)round);
        plain++;
        if (round % 101 == 0)
            race_nap_us(round % 3 * 40);
        for (uint64_t i = gi_rng_below(&rng, 400); i > 0; i--)
            atomic_load_explicit(&turn, memory_order_relaxed);
        atomic_store_explicit(&turn, round + 1, memory_order_release);
        gi_parker_wake(&parker[!me]);
    }
    return NULL;
}

static void *disturb(void *arg)
{
    (void)arg;
    for (unsigned i = 0; !atomic_load(&stop); i++) {
        gi_parker_wake(&parker[i % 2]);
        if (i % 16 == 0)
            race_nap_us(i / 16 % 8 * 30);
    }
    return NULL;
}

int main(void)
{
    pthread_t player[2], other;

    alarm(SECONDS);
    for (int i = 0; i < 2; i++)
        CHECK(gi_parker_init(&parker[i]) == GALE_OK, "eventfd");
    for (int quiet = 0; quiet < 2; quiet++) {
        atomic_store(&turn, 0);
        atomic_store(&stop, quiet);
        plain = 0;
        CHECK(pthread_create(&other, NULL, disturb, NULL) == 0, "thread");
        for (int i = 0; i < 2; i++)
            CHECK(pthread_create(&player[i], NULL, play, &parker[i]) == 0,
                  "thread");
        for (int i = 0; i < 2; i++)
            pthread_join(player[i], NULL);
        atomic_store(&stop, 1);
        pthread_join(other, NULL);
        CHECK(plain == 2 * ROUNDS, "%llu", (unsigned long long)plain);
    }
    for (int i = 0; i < 2; i++)
        gi_parker_fini(&parker[i]);
    return 0;
}
