/* A feeder: what is given counts once, in the cells that promise it. */
#include "base/mem.h"
#include "gale/feeder.h"
#include "tests/unit/semantics/kept.h"

enum { TOTAL = 420, A_TIME = 14 };

static gale_feeder *feeder(gale_spout_kind kind)
{
    gale_feeder *f;

    cr_assert_eq(gale_feeder_create(&f, kind, number_field), GALE_OK);
    return f;
}

/* The numbers from ... to - 1 as a batch. */
static uint64_t give(gale_feeder *f, int from, int to)
{
    gale_value values[64];
    gale_row rows[64];
    uint64_t no = 0;
    gale_diag why = { "" };

    for (int i = from; i < to; i++) {
        values[i - from] = gale_val_i64(i);
        rows[i - from] = (gale_row){ &values[i - from], 1 };
    }
    cr_assert_eq(gale_feeder_give(f, rows, (size_t)(to - from), &no, &why),
                 GALE_OK, "%s", why.text);
    return no;
}

static uint64_t add_one(gale_feeder *f, int n)
{
    uint64_t no = 0;
    gale_diag why = { "" };

    cr_assert_eq(gale_feeder_add(f, GALE_ROW(gale_val_i64(n)), &no, &why),
                 GALE_OK, "%s", why.text);
    return no;
}

/* ---------------------------------------------------- what is promised -- */

typedef struct cell {
    gale_spout_kind spout;
    gale_state_kind state;
} cell;

/* Batches and single rows are given all the while.  How many counts are
 * wrong? */
static int wrong(const cell *c, uint64_t seed, const char *faults)
{
    gale_feeder *f = feeder(c->spout);
    program p;

    program_new(&p, "fed");
    p.kind = c->state;
    program_start(&p, gale_feeder_spout(f), TASKS, seed, faults);
    for (int i = 0; i < TOTAL; i += A_TIME) {
        give(f, i, i + A_TIME - 4);
        for (int k = A_TIME - 4; k < A_TIME; k++)
            add_one(f, i + k);
        gale_test_advance_ms(p.test, i % 3 * 700);
    }
    gale_feeder_end(f);
    program_go(&p, 200);
    cr_assert_eq(gale_feeder_wait(f, 0, 0), GALE_OK,
                 "%zu batches are left, seed %d, faults '%s'",
                 gale_feeder_left(f), (int)seed, faults);
    program_end(&p);
    gale_feeder_destroy(f);
    return wrong_counts(&p, TOTAL);
}

static void right_whatever_happens(cell c)
{
    for (int i = 0; i < FAULT_PLANS; i++)
        for (uint64_t seed = 1; seed <= 8; seed++)
            cr_assert_eq(wrong(&c, seed, fault_plans[i]), 0,
                         "seed %d, faults '%s'", (int)seed, fault_plans[i]);
}

Test(feeder, transactional_and_transactional_states_count_once)
{
    right_whatever_happens(
        (cell){ GALE_SPOUT_TRANSACTIONAL, GALE_STATE_TRANSACTIONAL });
}

Test(feeder, transactional_and_opaque_states_count_once)
{
    right_whatever_happens(
        (cell){ GALE_SPOUT_TRANSACTIONAL, GALE_STATE_OPAQUE });
}

Test(feeder, opaque_and_opaque_states_count_once)
{
    right_whatever_happens((cell){ GALE_SPOUT_OPAQUE, GALE_STATE_OPAQUE });
}

Test(feeder, other_cells_promise_nothing_and_do_count_wrongly)
{
    static const cell cells[] = {
        { GALE_SPOUT_TRANSACTIONAL, GALE_STATE_NON_TRANSACTIONAL },
        { GALE_SPOUT_OPAQUE, GALE_STATE_TRANSACTIONAL },
        { GALE_SPOUT_OPAQUE, GALE_STATE_NON_TRANSACTIONAL },
        { GALE_SPOUT_NON_TRANSACTIONAL, GALE_STATE_TRANSACTIONAL },
        { GALE_SPOUT_NON_TRANSACTIONAL, GALE_STATE_OPAQUE },
        { GALE_SPOUT_NON_TRANSACTIONAL, GALE_STATE_NON_TRANSACTIONAL },
    };

    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        int bad = 0;

        for (uint64_t seed = 1; seed <= 60 && bad == 0; seed++)
            bad = wrong(&cells[i], seed,
                        "kill=counts:0.05,fail=counts:0.1,until=60s");
        cr_assert_gt(bad, 0, "cell %d", (int)i);
    }
}

/* Else its count would be wrong for another reason. */
Test(feeder, a_non_transactional_one_gives_all_when_nothing_fails)
{
    cell c = { GALE_SPOUT_NON_TRANSACTIONAL, GALE_STATE_NON_TRANSACTIONAL };

    cr_assert_eq(wrong(&c, 3, ""), 0);
}

/* ------------------------------------------------------ what is in a batch */

Test(feeder, what_is_given_at_once_is_one_transaction)
{
    for (int kind = 0; kind <= GALE_SPOUT_NON_TRANSACTIONAL; kind++) {
        gale_feeder *f = feeder((gale_spout_kind)kind);
        program p;

        program_new(&p, "at-once");
        cr_assert_eq(give(f, 0, 3), 1);
        cr_assert_eq(give(f, 3, 3), 2); /* nothing is a batch, too */
        cr_assert_eq(give(f, 3, 5), 3);
        program_start(&p, gale_feeder_spout(f), 1, 1, NULL);
        program_go(&p, 5);
        cr_assert_eq(gale_feeder_left(f), 0);
        program_end(&p);
        cr_assert_str_eq(sights(), "1: 0 1 2; 3: 3 4", "kind %d: %s", kind,
                         sights());
        gale_feeder_destroy(f);
    }
}

Test(feeder, single_rows_make_one_batch_until_it_has_begun)
{
    for (int kind = 0; kind <= GALE_SPOUT_NON_TRANSACTIONAL; kind++) {
        gale_feeder *f = feeder((gale_spout_kind)kind);
        program p;

        program_new(&p, "singles");
        cr_assert_eq(add_one(f, 0), 1);
        cr_assert_eq(add_one(f, 1), 1);
        cr_assert_eq(gale_feeder_left(f), 1);
        cr_assert_eq(gale_feeder_wait(f, 1, 0), GALE_ETIME);
        program_start(&p, gale_feeder_spout(f), 1, 1, NULL);
        program_go(&p, 2);
        cr_assert_eq(gale_feeder_wait(f, 1, 0), GALE_OK);
        cr_assert_eq(add_one(f, 2), 2);
        cr_assert_eq(gale_feeder_wait(f, 0, 0), GALE_ETIME);
        program_go(&p, 2);
        cr_assert_eq(gale_feeder_wait(f, 0, 0), GALE_OK);
        program_end(&p);
        cr_assert(strncmp(sights(), "1: 0 1; ", 8) == 0, "%s", sights());
        cr_assert_eq(wrong_counts(&p, 3), 0);
        gale_feeder_destroy(f);
    }
}

static const char *done_again(gale_spout_kind kind, program *p)
{
    gale_feeder *f = feeder(kind);

    program_new(p, "again");
    give(f, 0, 2);
    program_start(p, gale_feeder_spout(f), 1, 1, NULL);
    fail_below = 2;
    gale_test_settle(p->test); /* fails, and pauses */
    give(f, 2, 3);
    give(f, 3, 4);
    program_go(p, 10);
    cr_assert_eq(gale_feeder_wait(f, 0, 0), GALE_OK);
    program_end(p);
    gale_feeder_destroy(f);
    return sights();
}

Test(feeder, done_again_a_batch_has_what_its_kind_says)
{
    program p;

    cr_assert_str_eq(done_again(GALE_SPOUT_TRANSACTIONAL, &p),
                     "1: 0 1; 1: 0 1; 2: 2; 3: 3");
    cr_assert_eq(wrong_counts(&p, 4), 0);
    cr_assert_str_eq(done_again(GALE_SPOUT_OPAQUE, &p), "1: 0 1; 1: 0 1 2 3");
    cr_assert_eq(wrong_counts(&p, 4), 0);
    cr_assert_str_eq(done_again(GALE_SPOUT_NON_TRANSACTIONAL, &p),
                     "1: 0 1; 1: 2; 2: 3", "%s", sights());
    cr_assert_eq(count_of_all(&p), 2);
}

/* As when the process dies and is begun anew: what it had is gone. */
static void after_a_death(gale_spout_kind kind)
{
    gale_feeder *f = feeder(kind);
    program p;

    program_new(&p, "death");
    program_start(&p, gale_feeder_spout(f), TASKS, 1, NULL);
    give(f, 0, 7);
    program_go(&p, 5);
    cr_assert_eq(gale_feeder_wait(f, 0, 0), GALE_OK);
    fail_below = UINT64_MAX;
    give(f, 7, 20);
    program_go(&p, 5);
    cr_assert_eq(gale_feeder_wait(f, 0, 0), GALE_ETIME);
    program_end(&p);
    gale_feeder_destroy(f);

    fail_below = 0;
    f = feeder(kind);
    give(f, 7, 14);
    program_start(&p, gale_feeder_spout(f), TASKS, 2, NULL);
    program_go(&p, 10);
    cr_assert_eq(gale_feeder_wait(f, 0, 0), GALE_OK);
    program_end(&p);
    gale_feeder_destroy(f);
    cr_assert_eq(wrong_counts(&p, 14), 0);
}

Test(feeder, a_later_process_goes_on_with_what_is_given_to_it)
{
    after_a_death(GALE_SPOUT_TRANSACTIONAL);
    after_a_death(GALE_SPOUT_OPAQUE);
}

/* ------------------------------------------------------------ mistakes -- */

Test(feeder, a_row_that_does_not_fit_is_named_and_nothing_is_given)
{
    gale_feeder *f = feeder(GALE_SPOUT_TRANSACTIONAL);
    gale_diag why = { "" };
    const gale_value good = gale_val_i64(1), bad = gale_val_cstr("x");
    const gale_row rows[] = { { &good, 1 }, { &bad, 1 }, { &good, 0 } };

    cr_assert_eq(gale_feeder_give(f, rows, 2, NULL, &why), GALE_EINVAL);
    cr_assert_str_eq(why.text,
                     "row 1: field 'n' is i64, but the value is str");
    cr_assert_eq(gale_feeder_add(f, rows[2], NULL, &why), GALE_EINVAL);
    cr_assert_str_eq(why.text, "row 0 has 0 values, but there are 1 fields");
    cr_assert_eq(gale_feeder_left(f), 0);
    gale_feeder_end(f);
    cr_assert_eq(gale_feeder_give(f, rows, 1, NULL, &why), GALE_EINVAL);
    cr_assert_eq(gale_feeder_add(f, rows[0], NULL, NULL), GALE_EINVAL);
    cr_assert(strstr(why.text, "gale_feeder_end") != NULL);
    gale_feeder_destroy(f);
    gale_feeder_destroy(NULL);

    cr_assert_eq(gale_feeder_create(&f, (gale_spout_kind)3, number_field),
                 GALE_EINVAL);
    cr_assert_eq(gale_feeder_create(&f, GALE_SPOUT_OPAQUE, number_field + 1),
                 GALE_EINVAL);
}

Test(feeder, without_memory_nothing_is_given_and_nothing_leaks)
{
    gale_feeder *f;
    gale_err rv = GALE_ENOMEM;

    for (uint64_t n = 0; rv != GALE_OK; n++) {
        gi_mem_fail_after(n, 1);
        rv = gale_feeder_create(&f, GALE_SPOUT_OPAQUE, number_field);
        gi_mem_fail_after(0, 0);
    }
    for (int k = 0; k < 2; k++) {
        uint64_t n = 0;

        for (rv = GALE_ENOMEM; rv != GALE_OK; n++) {
            gale_value v = gale_val_i64(1);
            gale_row rows[20];

            for (int i = 0; i < 20; i++)
                rows[i] = (gale_row){ &v, 1 };
            gi_mem_fail_after(n, 1);
            rv = k == 0 ? gale_feeder_give(f, rows, 20, NULL, NULL)
                        : gale_feeder_add(f, rows[0], NULL, NULL);
            gi_mem_fail_after(0, 0);
            cr_assert_eq(gale_feeder_left(f), (size_t)(k + (rv == GALE_OK)));
        }
        cr_assert_gt(n, 2);
    }
    gale_feeder_destroy(f);
}
