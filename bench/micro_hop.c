/* micro_hop.c -- a thing through a ring to another thread, which sends it back
 * through another ring: half of what that takes.  Both look for it all the
 * time, as loops do for some microseconds; where there is one core only, or
 * others take it, they make room for one another.
 */
#include <pthread.h>
#include <sched.h>

#include "base/ring.h"
#include "bench/micro.h"

struct hop {
    gi_ring there, back;
    uint64_t n;
};

static void *await(gi_ring *r)
{
    enum { LOOKS = 2000 };
    void *p;

    for (unsigned i = 1; (p = gi_ring_pop(r)) == NULL; i++)
        if (i % LOOKS == 0)
            sched_yield();
    return p;
}

static void *send_back(void *arg)
{
    struct hop *h = arg;

    for (uint64_t i = 0; i < h->n; i++) {
        void *p = await(&h->there);

        while (!gi_ring_push(&h->back, p))
            ;
    }
    return NULL;
}

double micro_hop(uint64_t n, bool *ok)
{
    struct hop h = { .n = n };
    pthread_t other;
    char thing;
    double ns = 0;

    bool begun = gi_ring_init(&h.there, 128) == GALE_OK &&
                 gi_ring_init(&h.back, 128) == GALE_OK &&
                 pthread_create(&other, NULL, send_back, &h) == 0;
    *ok &= begun;
    if (begun) {
        int64_t began = bench_now_ns();

        for (uint64_t i = 0; i < n; i++)
            *ok &= gi_ring_push(&h.there, &thing) && await(&h.back) == &thing;
        ns = (double)(bench_now_ns() - began) / (double)n / 2;
        pthread_join(other, NULL);
    }
    gi_ring_fini(&h.there);
    gi_ring_fini(&h.back);
    return ns;
}
