#define _GNU_SOURCE /* sched_getaffinity */
#include "base/cpus.h"

#include <errno.h>
#include <sched.h>

/* The count in a set with room for `room` of them; 0: there are more than
 * that, < 0: it cannot be told. */
static int count(int room)
{
    size_t size = CPU_ALLOC_SIZE(room);
    cpu_set_t *set = CPU_ALLOC(room);
    int n = -1;

    if (set == NULL)
        return n;
    CPU_ZERO_S(size, set);
    if (sched_getaffinity(0, size, set) == 0)
        n = CPU_COUNT_S(size, set);
    else if (errno == EINVAL)
        n = 0;
    CPU_FREE(set);
    return n;
}

uint32_t gi_cpus(void)
{
    enum { ROOM_MOST = 1 << 20 };
    int n = 0;

    for (int room = CPU_SETSIZE; n == 0 && room <= ROOM_MOST; room *= 2)
        n = count(room);
    return n > 0 ? (uint32_t)n : 1;
}
