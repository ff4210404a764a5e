/* ring.c -- ten million pointers through rings of many sizes, over the end
 * of the 32-bit indices: all arrive, in order, and what they point at with
 * them. */
#include "race.h"

#include <pthread.h>
#include <sched.h>

#include "base/ring.h"

enum { ITEMS = 10000000 / RACE_SLOWER, CELLS = 4096 };

/* Written by the producer, read by the consumer: plain memory that only the
 * ring orders. */
static uint64_t cell[CELLS];

struct lane {
    gi_ring ring;
    uint64_t n;
};

static void *produce(void *arg)
{
    struct lane *lane = arg;

    for (uint64_t i = 0; i < lane->n; i++) {
        uint64_t *p = &cell[i % CELLS];

        while (!gi_ring_push(&lane->ring, p))
            sched_yield();
    }
    return NULL;
}

/* The cell is the consumer's once it has been handed over: the producer comes
 * round to it only after the ring, far smaller, has let it through. */
static void consume(struct lane *lane)
{
    for (uint64_t i = 0; i < lane->n; i++) {
        uint64_t *p;

        while ((p = gi_ring_pop(&lane->ring)) == NULL)
            sched_yield();
        CHECK(p == &cell[i % CELLS], "item %llu", (unsigned long long)i);
        CHECK(*p == i / CELLS, "item %llu was here %llu times",
              (unsigned long long)i, (unsigned long long)*p);
        ++*p;
    }
    CHECK(gi_ring_empty(&lane->ring), "and nothing more");
    CHECK(gi_ring_pop(&lane->ring) == NULL, "and nothing more");
}

static void pass(uint32_t size, uint32_t start, uint64_t n)
{
    struct lane lane = { .n = n };
    pthread_t producer;

    for (int i = 0; i < CELLS; i++)
        cell[i] = 0;
    CHECK(gi_ring_init(&lane.ring, size) == GALE_OK, "memory");
    atomic_store(&lane.ring.head, start);
    atomic_store(&lane.ring.tail, start);
    lane.ring.head_seen = lane.ring.tail_seen = start;
    CHECK(pthread_create(&producer, NULL, produce, &lane) == 0, "thread");
    consume(&lane);
    pthread_join(producer, NULL);
    gi_ring_fini(&lane.ring);
}

int main(void)
{
    alarm(600);
    pass(1, UINT32_MAX - 5, ITEMS / 100);
    pass(2, UINT32_MAX - 1000, ITEMS / 100);
    pass(128, UINT32_MAX - ITEMS / 2, ITEMS);
    pass(1024, 0, ITEMS);
    return 0;
}
