/* Ready spouts whose rows have numbers: gale_generate, gale_fixed. */
#include "tests/unit/semantics/kept.h"

/* --------------------------------------------------------------- generate */

static uint64_t least; /* number that was asked for */

static void make_row(const void *arg, uint64_t i, gale_batch_ctx *ctx)
{
    (void)arg;
    if (i < least)
        least = i;
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64((int64_t)i)));
}

static gale_batch_spout generating(const gale_generate_opts *o)
{
    gale_batch_spout spout = gale_generate;

    spout.output = number_field;
    spout.arg = o;
    least = UINT64_MAX;
    return spout;
}

Test(generate, each_row_counts_once_whatever_happens)
{
    gale_generate_opts o = { .row = make_row, .rows = 611, .batch_rows = 40 };
    gale_batch_spout spout = generating(&o);

    for (int i = 0; i < FAULT_PLANS; i++)
        for (uint64_t seed = 1; seed <= 6; seed++) {
            program p;

            program_new(&p, "generate");
            p.kind =
                seed % 2 == 0 ? GALE_STATE_TRANSACTIONAL : GALE_STATE_OPAQUE;
            program_start(&p, &spout, TASKS, seed, fault_plans[i]);
            program_go(&p, 200);
            program_end(&p);
            cr_assert_eq(wrong_counts(&p, 611), 0, "seed %d, faults '%s'",
                         (int)seed, fault_plans[i]);
        }
}

Test(generate, a_program_that_comes_back_goes_on_behind_the_last_batch)
{
    gale_generate_opts o = { .row = make_row, .batch_rows = 10, .rate = 100 };
    gale_batch_spout spout = generating(&o);
    int64_t before;
    program p;

    program_new(&p, "back");
    program_start(&p, &spout, 1, 1, NULL);
    program_go(&p, 3);
    program_end(&p);
    before = count_of_all(&p);
    cr_assert_gt(before, 200);

    o.rows = 1000;
    o.rate = 0;
    least = UINT64_MAX;
    program_start(&p, &spout, 3, 2, NULL);
    program_go(&p, 100);
    program_end(&p);
    cr_assert_eq(wrong_counts(&p, 1000), 0);
    cr_assert_geq(least + 10, (uint64_t)before,
                  "row %d was asked again, when %d had counted", (int)least,
                  (int)before);
}

Test(generate, no_more_rows_a_second_than_were_asked_for)
{
    gale_generate_opts o = { .row = make_row, .rate = 50 };
    gale_batch_spout spout = generating(&o);
    program p;

    program_new(&p, "rate");
    program_start(&p, &spout, 1, 1, NULL);
    program_go(&p, 20);
    program_end(&p);
    cr_assert_leq(count_of_all(&p), 20 * 50);
    cr_assert_geq(count_of_all(&p), 19 * 50);
}

Test(generate, a_rate_below_one_row_a_second_is_kept, .timeout = 20)
{
    gale_generate_opts o = { .row = make_row, .rate = 0.25 };
    gale_batch_spout spout = generating(&o);
    program p;

    program_new(&p, "slow");
    program_start(&p, &spout, 1, 1, NULL);
    program_go(&p, 22);
    program_end(&p);
    cr_assert_eq(count_of_all(&p), 5);
}

Test(generate, without_a_callback_it_says_what_is_missing)
{
    gale_generate_opts o = { .rows = 3 };
    gale_batch_spout spout = generating(&o);
    gale_diag why = { "" };
    program p;

    program_new(&p, "nothing");
    cr_assert_eq(program_try(&p, &spout, 1, 1, NULL, &why), GALE_EUSER);
    cr_assert(strstr(why.text, "opts->row is NULL") != NULL, "%s", why.text);
    gale_trident_destroy(p.t);

    o.row = make_row;
    o.rate = -1;
    cr_assert_eq(program_try(&p, &spout, 1, 1, NULL, &why), GALE_EUSER);
    cr_assert(strstr(why.text, "rate is -1") != NULL, "%s", why.text);
    gale_trident_destroy(p.t);
}

/* ------------------------------------------------------------------ fixed */

#define N(n)                                                       \
    {                                                              \
        (const gale_value[]){ { GALE_T_I64, 0, { .i = (n) } } }, 1 \
    }

static const gale_row five[] = { N(0), N(1), N(2), N(3), N(4) };

static gale_batch_spout fixed(const gale_fixed_opts *o)
{
    gale_batch_spout spout = gale_fixed;

    spout.output = number_field;
    spout.arg = o;
    return spout;
}

Test(fixed, rows_come_once_in_batches_of_so_many)
{
    gale_fixed_opts o = { .rows = five, .n = 5, .batch_rows = 2 };
    gale_batch_spout spout = fixed(&o);
    program p;

    program_new(&p, "fixed");
    program_start(&p, &spout, 1, 1, NULL);
    program_go(&p, 5);
    program_end(&p);
    cr_assert_str_eq(sights(), "1: 0 1; 2: 2 3; 3: 4");
    cr_assert_eq(wrong_counts(&p, 5), 0);
}

Test(fixed, all_of_them_are_one_batch_if_nothing_else_is_said)
{
    gale_fixed_opts o = { .rows = five, .n = 5 };
    gale_batch_spout spout = fixed(&o);
    program p;

    program_new(&p, "one");
    program_start(&p, &spout, 1, 1, NULL);
    program_go(&p, 5);
    program_end(&p);
    cr_assert_str_eq(sights(), "1: 0 1 2 3 4");
}

Test(fixed, a_cycle_begins_again_behind_the_last_row)
{
    gale_fixed_opts o = {
        .rows = five, .n = 5, .batch_rows = 3, .cycle = true, .rate = 5
    };
    gale_batch_spout spout = fixed(&o);
    program p;

    program_new(&p, "cycle");
    program_start(&p, &spout, 1, 1, NULL);
    program_go(&p, 60);
    program_end(&p);
    cr_assert_gt(count_of_all(&p), 200);
    for (size_t i = 0; i < n_seen; i++) {
        cr_assert_eq(seen[i].n, (int64_t)(i % 5));
        if (seen[i].n == 0 && i > 0)
            cr_assert_gt(seen[i].txid, seen[i - 1].txid);
    }
}

Test(fixed, each_row_counts_once_whatever_happens)
{
    static gale_value values[300];
    static gale_row rows[300];
    gale_fixed_opts o = { .rows = rows, .n = 300, .batch_rows = 17 };
    gale_batch_spout spout = fixed(&o);

    for (int i = 0; i < 300; i++) {
        values[i] = gale_val_i64(i);
        rows[i] = (gale_row){ &values[i], 1 };
    }
    for (int i = 0; i < FAULT_PLANS; i++) {
        program p;

        program_new(&p, "fixed");
        program_start(&p, &spout, TASKS, 7, fault_plans[i]);
        program_go(&p, 200);
        program_end(&p);
        cr_assert_eq(wrong_counts(&p, 300), 0, "faults '%s'", fault_plans[i]);
    }
}
