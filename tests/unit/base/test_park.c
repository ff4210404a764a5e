/* The parker seen from one thread, or from two one after another; two at
 * once: tests/race/park.c. */
#include <criterion/criterion.h>

#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/park.h"

static gi_parker p;

static void make(void)
{
    cr_assert_eq(gi_parker_init(&p), GALE_OK);
}

static void drop(void)
{
    gi_parker_fini(&p);
}

TestSuite(park, .init = make, .fini = drop, .timeout = 20);

static int64_t now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool was_written(void)
{
    struct pollfd pfd = { .fd = p.fd, .events = POLLIN };

    return poll(&pfd, 1, 0) == 1;
}

static int64_t sleep_for(int64_t ns)
{
    int64_t began = now_ms();

    gi_parker_announce(&p);
    gi_parker_sleep(&p, ns);
    cr_assert_eq(atomic_load(&p.asleep), 0, "awake again");
    return now_ms() - began;
}

Test(park, a_sleep_ends_when_its_time_is_up)
{
    cr_assert_geq(sleep_for(30000000), 29);
    cr_assert_lt(sleep_for(0), 10000);
}

Test(park, a_wake_between_announcing_and_sleeping_is_not_lost)
{
    gi_parker_announce(&p);
    gi_parker_wake(&p);
    gi_parker_sleep(&p, -1);
    cr_assert_eq(atomic_load(&p.asleep), 0);
}

Test(park, waking_one_who_is_awake_costs_no_system_call)
{
    gi_parker_wake(&p);
    cr_assert_not(was_written());
    gi_parker_announce(&p);
    gi_parker_cancel(&p);
    gi_parker_wake(&p);
    cr_assert_not(was_written());
}

Test(park, many_wakes_are_one)
{
    gi_parker_announce(&p);
    for (int i = 0; i < 1000; i++)
        gi_parker_wake(&p);
    cr_assert(was_written());
    gi_parker_sleep(&p, -1);
    cr_assert_not(was_written());
    cr_assert_geq(sleep_for(20000000), 19, "nothing is left over");
}

static void *wake_soon(void *arg)
{
    nanosleep(&(struct timespec){ .tv_nsec = 30000000 }, NULL);
    gi_parker_wake(arg);
    return NULL;
}

Test(park, another_thread_ends_a_sleep_without_end)
{
    pthread_t t;

    for (int i = 0; i < 3; i++) {
        gi_parker_announce(&p);
        cr_assert_eq(pthread_create(&t, NULL, wake_soon, &p), 0);
        gi_parker_sleep(&p, -1);
        pthread_join(t, NULL);
    }
}

Test(park, without_a_file_descriptor_is_not_made)
{
    struct rlimit old, none = { 0, 0 };
    gi_parker q;

    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    none.rlim_max = old.rlim_max;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    gale_err rv = gi_parker_init(&q);
    setrlimit(RLIMIT_NOFILE, &old);
    cr_assert_eq(rv, GALE_EIO);
    gi_parker_fini(&q);
    gi_parker_fini(&q);
}
