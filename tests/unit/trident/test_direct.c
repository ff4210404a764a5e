/* Which tasks get a row that Trident itself sends. */
#include <signal.h>

#include <criterion/criterion.h>

#include "trident/direct.h"

enum { FIRST = 7, TASKS = 5 };

#define STR(s)                     \
    {                              \
        GALE_T_STR, sizeof(s) - 1, \
        {                          \
            .p = (s)               \
        }                          \
    }

static const gale_value row_values[] = { STR("a"), STR("key"), STR("b") };
static const gale_row row = { row_values, 3 };

/* -------------------------------------------------------- a user's chooser */

static const uint32_t *handed;
static size_t n_handed;
static gale_row seen;
static uint32_t says[8];
static size_t n_says;

static void chooser_prepare(void *self, const uint32_t *tasks, size_t n)
{
    *(uint32_t *)self = 1;
    handed = tasks;
    n_handed = n;
}

static size_t chooser_choose(void *self, gale_row r, uint32_t *chosen)
{
    cr_assert_eq(*(uint32_t *)self, 1);
    seen = r;
    for (size_t i = 0; i < n_says && i < TASKS; i++)
        chosen[i] = says[i];
    return n_says;
}

static const gale_chooser chooser = { .state_size = sizeof(uint32_t),
                                      .prepare = chooser_prepare,
                                      .choose = chooser_choose };

static gi_direct opened(const gi_op *op)
{
    gi_direct d;

    cr_assert_eq(gi_direct_open(&d, op, FIRST, TASKS), GALE_OK);
    return d;
}

Test(direct, keys_go_where_states_have_them)
{
    uint32_t keys[] = { 1, 0 };
    const gi_op op = { .send = GI_SEND_KEYS, .keys = keys, .n_keys = 2 };
    const gale_value key[] = { row_values[1], row_values[0] };
    gi_direct d = opened(&op);
    const uint32_t *tasks;

    cr_assert_eq(gi_direct_pick(&d, 1, row, &tasks), 1);
    cr_expect_eq(tasks[0],
                 FIRST + gale_state_part(gale_state_group(key, 2), TASKS));
    gi_direct_close(&d);
}

Test(direct, a_batch_goes_to_one_task_and_the_next_to_another)
{
    const gi_op op = { .send = GI_SEND_BATCH };
    gi_direct d = opened(&op);
    bool used[TASKS] = { false };
    const uint32_t *tasks;

    for (uint64_t attempt = 1; attempt < 100; attempt++) {
        cr_assert_eq(gi_direct_pick(&d, attempt, row, &tasks), 1);
        cr_assert_eq(tasks[0], FIRST + gi_batch_task(attempt, TASKS));
        used[tasks[0] - FIRST] = true;
    }
    for (int i = 0; i < TASKS; i++)
        cr_expect(used[i]);
    /* Who knows no more of the attempt than a mark has agrees. */
    cr_expect_eq(
        gi_batch_task(3 + ((uint64_t)5 << 40), TASKS),
        gi_batch_task(gi_mark(3 + ((uint64_t)5 << 40), 9) >> GI_MARK_BITS,
                      TASKS));
    gi_direct_close(&d);
}

Test(direct, a_chooser_sees_the_row_as_the_user_knows_it)
{
    const gi_op op = { .send = GI_SEND_CHOOSER, .user = &chooser, .id = "to" };
    gi_direct d = opened(&op);
    const uint32_t *tasks;

    cr_assert_eq(n_handed, TASKS);
    for (uint32_t i = 0; i < TASKS; i++)
        cr_expect_eq(handed[i], FIRST + i);
    n_says = 2;
    says[0] = FIRST + 4;
    says[1] = FIRST;
    cr_assert_eq(gi_direct_pick(&d, 1, row, &tasks), 2);
    cr_expect_eq(tasks[0], FIRST + 4);
    cr_expect_eq(tasks[1], FIRST);
    cr_expect_eq(seen.values, row_values);
    n_says = 0;
    cr_expect_eq(gi_direct_pick(&d, 1, row, &tasks), 0);
    gi_direct_close(&d);
}

static void choose_wrongly(uint32_t task, size_t n)
{
    const gi_op op = { .send = GI_SEND_CHOOSER, .user = &chooser, .id = "to" };
    gi_direct d = opened(&op);
    const uint32_t *tasks;

    says[0] = task;
    n_says = n;
    gi_direct_pick(&d, 1, row, &tasks);
}

Test(direct, a_task_below_is_none, .signal = SIGABRT)
{
    choose_wrongly(FIRST - 1, 1);
}

Test(direct, a_task_above_is_none, .signal = SIGABRT)
{
    choose_wrongly(FIRST + TASKS, 1);
}

Test(direct, more_tasks_than_there_are, .signal = SIGABRT)
{
    choose_wrongly(FIRST, TASKS + 1);
}
