#define _GNU_SOURCE /* sched_getaffinity */
#include "local/cores.h"

#include <sched.h>
#include <stdio.h>

/* cgroup v2: "max 100000" or "150000 100000". */
static uint32_t quota(void)
{
    FILE *f = fopen("/sys/fs/cgroup/cpu.max", "re");
    long long most, period;
    int n;

    if (f == NULL)
        return UINT32_MAX;
    n = fscanf(f, "%lld %lld", &most, &period);
    fclose(f);
    if (n != 2 || period <= 0 || most <= 0)
        return UINT32_MAX;
    return (uint32_t)((most + period - 1) / period);
}

uint32_t gi_cores(void)
{
    cpu_set_t set;
    uint32_t n = 1, limit = quota();

    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        n = (uint32_t)CPU_COUNT(&set);
    if (n > limit)
        n = limit;
    return n == 0 ? 1 : n;
}
