/* Keys whose first values do not count for their group. */
#include <criterion/criterion.h>

#include "gale/state.h"

static gale_err count(void *arg, gale_row key, gale_row value)
{
    cr_expect_eq(key.n, 2);
    cr_expect_eq(value.n, 1);
    ++*(int *)arg;
    return GALE_OK;
}

Test(map_aside, what_has_the_same_values_behind_them_lies_together)
{
    enum { TASKS = 4, KEYS = 50, EACH = 3 };
    int found = 0;

    for (uint32_t task = 0; task < TASKS; task++) {
        gale_store_where where = { .topology = "aside",
                                   .state = "s",
                                   .index = task,
                                   .count = TASKS,
                                   .aside = 1 };
        gale_diag why = { "" };
        gale_map *m = NULL;

        cr_assert_eq(gale_map_open(&m, &gale_store_memory, &where, 0, &why),
                     GALE_OK);
        cr_assert_eq(gale_map_begin(m, 1, 1, &why), GALE_OK);
        for (int64_t k = 0; k < KEYS; k++) {
            gale_value v = gale_val_i64(k);

            if (gale_state_part(gale_state_group(&v, 1), TASKS) != task)
                continue;
            for (int64_t i = 0; i < EACH; i++)
                cr_assert_eq(gale_map_put(m, &GALE_ROW(gale_val_i64(i), v),
                                          &GALE_ROW(gale_val_i64(k)), 1, &why),
                             GALE_OK, "%s", why.text);
        }
        cr_assert_eq(gale_map_commit(m, &why), GALE_OK);
        cr_assert_eq(gale_map_scan(m, count, &found, &why), GALE_OK);
        gale_map_close(m);
    }
    cr_expect_eq(found, KEYS * EACH);
}
