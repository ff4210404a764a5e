/* As large as it gets: how long it takes is printed, not judged.  And every
 * allocation fails once. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "nimbus/schedule/diff.h"
#include "nimbus/schedule/schedule.h"

enum { SUPERVISORS = 500, SLOTS = 4, TOPOLOGIES = 100, COMPONENTS = 5 };

static struct {
    char ids[SUPERVISORS][16], names[TOPOLOGIES][16];
    gi_slot slots[SLOTS];
    gi_supervisor supervisors[SUPERVISORS];
    gi_component components[COMPONENTS];
    gi_talk talks[COMPONENTS - 1];
    gi_topology topologies[TOPOLOGIES];
    gi_cluster c;
} big;

static void build(uint32_t n_supervisors, uint32_t n_topologies,
                  uint32_t n_executors)
{
    static const char *const ids[] = { "a", "b", "c", "d", "e" };

    for (uint16_t i = 0; i < SLOTS; i++)
        big.slots[i] = (gi_slot){ (uint16_t)(6700 + i), false };
    for (uint32_t i = 0; i < n_supervisors; i++) {
        snprintf(big.ids[i], sizeof(big.ids[i]), "s%u", i);
        big.supervisors[i] = (gi_supervisor){
            big.ids[i], big.ids[i],          SLOTS, big.slots, 3200,
            131072,     GI_SUPERVISOR_ALIVE,
        };
    }
    for (uint32_t i = 0; i < COMPONENTS; i++)
        big.components[i] = (gi_component){
            ids[i],
            1 + i * n_executors * 2 / COMPONENTS,
            n_executors * 2 / COMPONENTS,
            n_executors / COMPONENTS,
            10,
            128,
        };
    for (uint32_t i = 0; i + 1 < COMPONENTS; i++)
        big.talks[i] = (gi_talk){ i, i + 1 };
    for (uint32_t i = 0; i < n_topologies; i++) {
        snprintf(big.names[i], sizeof(big.names[i]), "t%u", i);
        big.topologies[i] = (gi_topology){
            .id = big.names[i],
            .n_components = COMPONENTS,
            .components = big.components,
            .n_talks = COMPONENTS - 1,
            .talks = big.talks,
            .n_workers = 20,
            .priority = 29,
        };
    }
    big.c = (gi_cluster){
        n_supervisors, big.supervisors, n_topologies, big.topologies, 0, NULL
    };
}

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

typedef gale_err (*scheduler)(gi_schedule *out, const gi_cluster *c);

static void keep(const gi_schedule *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        big.topologies[i].now = s->of[i];
}

static void time_it(const char *name, scheduler schedule)
{
    gi_before_after changes[TOPOLOGIES];
    gi_schedule first, again;
    gi_diff d;
    double t0, t1, t2, t3;

    build(SUPERVISORS, TOPOLOGIES, 1000);
    t0 = now_ms();
    cr_assert_eq(schedule(&first, &big.c), GALE_OK);
    t1 = now_ms();
    keep(&first);
    for (uint32_t i = 0; i < 25; i++)
        big.supervisors[i * 20].state = GI_SUPERVISOR_DEAD;
    t2 = now_ms();
    cr_assert_eq(schedule(&again, &big.c), GALE_OK);
    t3 = now_ms();
    for (uint32_t i = 0; i < TOPOLOGIES; i++) {
        changes[i] =
            (gi_before_after){ big.names[i], first.of[i], again.of[i] };
        for (uint32_t k = 0; k < 1000; k++)
            cr_assert_neq(again.of[i]->executors[k].worker, GI_NOWHERE);
    }
    fprintf(stderr,
            "%s: 100 topologies of 1,000 executors on 500 supervisors: "
            "%.1f ms; after 25 of them died: %.1f ms",
            name, t1 - t0, t3 - t2);
    t0 = now_ms();
    cr_assert_eq(gi_diff_init(&d, changes, TOPOLOGIES), GALE_OK);
    fprintf(stderr, "; what changed: %.1f ms\n", now_ms() - t0);
    cr_assert_gt(d.n, 0);
    gi_diff_fini(&d);
    gi_schedule_fini(&first);
    gi_schedule_fini(&again);
}

Test(schedule_large, even)
{
    time_it("even", gi_schedule_even);
}

Test(schedule_large, resource)
{
    time_it("resource", gi_schedule_resource);
}

/* Fifty topologies fill the cluster, then come fifty that push them out. */
Test(schedule_large, everybody_is_pushed_out)
{
    gi_schedule first, again;
    double t0, t1;

    build(SUPERVISORS, TOPOLOGIES, 1000);
    for (uint32_t i = 0; i < COMPONENTS; i++)
        big.components[i].cpu = 32;
    big.c.n_topologies = TOPOLOGIES / 2;
    cr_assert_eq(gi_schedule_resource(&first, &big.c), GALE_OK);
    keep(&first);
    for (uint32_t i = TOPOLOGIES / 2; i < TOPOLOGIES; i++)
        big.topologies[i].priority = 0;
    big.c.n_topologies = TOPOLOGIES;
    t0 = now_ms();
    cr_assert_eq(gi_schedule_resource(&again, &big.c), GALE_OK);
    t1 = now_ms();
    fprintf(stderr, "resource: fifty topologies push out fifty: %.1f ms\n",
            t1 - t0);
    for (uint32_t i = 0; i < TOPOLOGIES; i++)
        cr_assert_eq(again.of[i]->n_workers > 0, i >= TOPOLOGIES / 2);
    gi_schedule_fini(&first);
    gi_schedule_fini(&again);
}

/* The n-th allocation fails, for every n: ENOMEM, nothing lost, and the one
 * after that goes well. */
static void fail_each(scheduler schedule)
{
    gi_schedule first, again;
    gi_diff d;
    gale_err err = GALE_ENOMEM;
    uint64_t n = 0;

    build(6, 4, 20);
    cr_assert_eq(schedule(&first, &big.c), GALE_OK);
    keep(&first);
    big.supervisors[2].state = GI_SUPERVISOR_DEAD;
    big.topologies[1].leaving = true;
    for (; err != GALE_OK; n++) {
        gi_mem_fail_after(n, 1);
        err = schedule(&again, &big.c);
        gi_mem_fail_after(0, 0);
        cr_assert(err == GALE_OK || err == GALE_ENOMEM);
    }
    cr_assert_gt(n, 20);
    for (n = 0, err = GALE_ENOMEM; err != GALE_OK; n++) {
        gi_before_after change = { "t0", first.of[0], again.of[0] };

        gi_mem_fail_after(n, 1);
        err = gi_diff_init(&d, &change, 1);
        gi_mem_fail_after(0, 0);
    }
    gi_diff_fini(&d);
    gi_schedule_fini(&first);
    gi_schedule_fini(&again);
}

Test(schedule_large, without_memory_even_says_so)
{
    fail_each(gi_schedule_even);
}

Test(schedule_large, without_memory_resource_says_so)
{
    fail_each(gi_schedule_resource);
}
