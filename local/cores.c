#include "local/cores.h"

#include <stdio.h>

#include "base/cpus.h"

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
    most = (most - 1) / period + 1;
    return most < UINT32_MAX ? (uint32_t)most : UINT32_MAX;
}

uint32_t gi_cores(void)
{
    uint32_t n = gi_cpus(), limit = quota();

    return n < limit ? n : limit;
}
