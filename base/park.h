/* park.h -- how a thread with nothing to do sleeps and is woken.
 *
 * The sleeper announces itself, looks once more for work, and only then
 * sleeps; whoever hands it work looks at the announcement afterwards.  Both
 * sides put a full fence between their store and their load, so at least one
 * of them sees the other (Dekker), and no wake-up is lost.  A producer pays
 * one fence and one load for a batch, and a system call only if the other
 * really sleeps.
 */
#ifndef GI_BASE_PARK_H
#define GI_BASE_PARK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "gale/base.h"

/* Between two looks at something that another core is about to write. */
static inline void gi_cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

typedef struct gi_parker {
    _Alignas(128) _Atomic uint32_t asleep;
    int fd; /* eventfd; -1: none */
} gi_parker;

gale_err gi_parker_init(gi_parker *p); /* GALE_EIO */
void gi_parker_fini(gi_parker *p);     /* zeroed is not fine, fd -1 is */

/* Thread  sleeper: announce; then look for work; then either of the next. */
static inline void gi_parker_announce(gi_parker *p)
{
    atomic_store_explicit(&p->asleep, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
}

/* There was work after all. */
static inline void gi_parker_cancel(gi_parker *p)
{
    atomic_store_explicit(&p->asleep, 0, memory_order_relaxed);
}

/* Sleep until woken or `ns` have passed (negative: until woken). */
void gi_parker_sleep(gi_parker *p, int64_t ns);

void gi_parker_wake_slow(gi_parker *p);

/* Thread  any, after it has made the work visible. */
static inline void gi_parker_wake(gi_parker *p)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&p->asleep, memory_order_relaxed) != 0)
        gi_parker_wake_slow(p);
}

#endif
