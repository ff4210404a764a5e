/* When memory runs out: for every n, the n-th allocation of a definition that
 * has one of everything fails.  It sticks, and is said once. */
#include "programs.h"

static void windows(gale_batches *w)
{
    gale_batches *late =
        gale_window_aggregate(w, "late", GALE_TUMBLING_TIME("at", 1000, 0),
                              GALE_FOLD(GALE_AGGREGATE(&median, "at")), NULL);

    gale_peek(gale_group_window(gale_group_by(w, GALE_NAMES("word")), "recent",
                                GALE_SLIDING_TIME("at", 1000, 100, 10),
                                GALE_FOLD(GALE_COUNT("n")), NULL),
              GALE_NAMES("n"), &show);
    gale_peek(gale_late_rows(late), GALE_NAMES("word"), &show);
    gale_peek(gale_window_aggregate(w, "rows", GALE_TUMBLING_ROWS(3),
                                    GALE_FOLD(GALE_COUNT("n")), NULL),
              GALE_NAMES("n"), &show);
}

static void define(gale_trident *t)
{
    gale_batches *s = gale_new_stream(t, "lines", &lines_spout);
    gale_batches *o = gale_new_stream(t, "paid", &opaque_spout);
    gale_batches *w, *j;
    gale_kept *k, *u;

    gale_trident_about(t, "Counts words.", "FILE...");
    gale_trident_remember(t, &gale_store_memory);
    w = gale_named(gale_each(s, GALE_NAMES("line"), &split), "cut");
    w = gale_where(gale_parallelism(w, 4), NULL, &some);
    k = gale_persistent_aggregate(gale_group_by(w, GALE_NAMES("word")), "n",
                                  GALE_FOLD(GALE_COUNT("n")), NULL);
    j = gale_join(w, GALE_NAMES("word"), o, GALE_NAMES("who"), GALE_JOIN_LEFT);
    gale_persistent_total(j, "last", GALE_FOLD(GALE_REDUCE(&last, "amount")),
                          NULL);
    gale_peek(gale_state_query(o, k, GALE_NAMES("who"),
                               GALE_FIELDS(GALE_I64("count"))),
              NULL, &show);
    gale_peek(gale_first_n(w, 3, "-at"), GALE_NAMES("at"), &show);
    gale_peek(gale_merge(gale_project(w, GALE_NAMES("word")),
                         gale_project(o, GALE_NAMES("who"))),
              NULL, &show);
    u = gale_partition_persist(gale_partition_by(s, GALE_NAMES("at")), "own",
                               NULL, &updater, NULL);
    gale_map_rows(gale_new_values(u), GALE_NAMES("key"), &split);
    gale_peek(gale_aggregate(gale_broadcast(s),
                             GALE_FOLD(GALE_SUM("at", "sum"),
                                       GALE_AGGREGATE(&median, "at"))),
              NULL, &show);
    gale_peek(gale_group_aggregate(gale_group_by(gale_partition(w, &chooser),
                                                 GALE_NAMES("word", "at")),
                                   GALE_FOLD(GALE_MIN("line", "least"))),
              NULL, &show);
    gale_shuffle(w);
    windows(w);
}

/* The program's words; NULL if memory was refused. */
static char *one_run(void)
{
    gale_trident *t = NULL;
    gale_err rv = gale_trident_create(&t, "test");
    gi_program *p = NULL;
    char *text = NULL;
    gale_diag why;

    if (rv != GALE_OK) {
        cr_assert_eq(rv, GALE_ENOMEM);
        return NULL;
    }
    define(t);
    rv = build(t, &p, &why);
    if (rv == GALE_OK)
        text = gi_program_print(p);
    else
        cr_assert_eq(rv, GALE_ENOMEM, "%s: %s", gale_err_name(rv), why.text);
    gi_program_destroy(p);
    gale_trident_destroy(t);
    return text;
}

Test(memory, every_allocation_fails_once)
{
    char *right = one_run();
    uint64_t n = 0;
    bool refused = true;

    cr_assert_not_null(right);
    for (; refused; n++) {
        uint64_t before = gi_mem_asked();
        char *text;

        gi_mem_fail_after(n, 1);
        text = one_run();
        refused = gi_mem_asked() - before > n;
        gi_mem_fail_after(0, 0);
        if (text != NULL)
            cr_assert_str_eq(text, right, "allocation %llu",
                             (unsigned long long)n);
        gi_free(text);
    }
    cr_expect_gt(n, 500);
    gi_free(right);
}

/* Mistakes, too, are words that need memory. */
Test(memory, a_mistake_that_cannot_be_told_is_no_program)
{
    gale_diag why;
    gi_program *p;

    for (uint64_t n = 0; n < 60; n++) {
        gale_trident *t = begin();
        gale_err rv;

        gi_mem_fail_after(n, 1);
        gale_project(gale_new_stream(t, "lines", &lines_spout),
                     GALE_NAMES("line", "lin"));
        gi_mem_fail_after(0, 0);
        rv = build(t, &p, &why);
        cr_assert(rv == GALE_ENOMEM || rv == GALE_EPLAN, "allocation %llu",
                  (unsigned long long)n);
        cr_assert_null(p);
        gale_trident_destroy(t);
    }
}
