/* frontier_old.c -- work that comes from elsewhere is counted in an epoch that
 * goes on meaning that one.
 *
 * One thread keeps time, as fast as it can.  The other counts work that is as
 * old as it gets, so its counter is about to be used again, and looks: as long
 * as the work is under way its epoch has not gone round. */
#include "race.h"

#include <pthread.h>

#include "worker/frontier.h"

enum { RUN_MS = 1000, LOOKS = 20, VERY_OLD = 1000 };

static gi_frontier frontier;
static _Atomic bool over;

static void *keep_time(void *arg)
{
    int64_t now = 1;

    (void)arg;
    while (!atomic_load_explicit(&over, memory_order_relaxed))
        gi_frontier_tick(&frontier, now += frontier.length_ns);
    return NULL;
}

static void count_old_work(void)
{
    uint16_t now = gi_frontier_now(&frontier);
    uint16_t e =
        gi_frontier_made_elsewhere(&frontier, 1, (uint16_t)(now - VERY_OLD));

    for (int i = 0; i < LOOKS; i++) {
        uint16_t age = (uint16_t)(gi_frontier_now(&frontier) - e);

        CHECK(age < GI_EPOCHS, "epoch %u is %u old and counts as another one",
              e, age);
    }
    gi_frontier_done(&frontier, 1, e, 1);
}

int main(void)
{
    int64_t end = race_now_ns() + RUN_MS * 1000000ll;
    pthread_t thread;

    alarm(600);
    CHECK(gi_frontier_init(&frontier, 2, 1000, 1) == GALE_OK, "memory");
    CHECK(pthread_create(&thread, NULL, keep_time, NULL) == 0, "thread");
    while (race_now_ns() < end)
        count_old_work();
    atomic_store(&over, true);
    pthread_join(thread, NULL);
    gi_frontier_fini(&frontier);
    return 0;
}
