#define _GNU_SOURCE /* sched_setaffinity */
#include <criterion/criterion.h>
#include <sched.h>
#include <unistd.h>

#include "base/cpus.h"

Test(cpus, are_one_at_least_and_no_more_than_there_are)
{
    cr_assert_geq(gi_cpus(), 1);
    cr_assert_leq(gi_cpus(), (uint32_t)sysconf(_SC_NPROCESSORS_CONF));
}

Test(cpus, are_those_of_the_affinity_mask)
{
    cpu_set_t set;
    int first = 0;

    cr_assert_eq(sched_getaffinity(0, sizeof(set), &set), 0);
    while (!CPU_ISSET(first, &set))
        first++;
    CPU_ZERO(&set);
    CPU_SET(first, &set);
    cr_assert_eq(sched_setaffinity(0, sizeof(set), &set), 0);
    cr_assert_eq(gi_cpus(), 1);
}
