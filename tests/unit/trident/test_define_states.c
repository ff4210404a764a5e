/* What can go wrong between two streams, and with states. */
#include "programs.h"

/* Steps 1 and 2: s has line (str) and at (i64), o has who (str) and amount
 * (f64). */
#define MISTAKE(name, said, ...)                                     \
    Test(mistakes, name)                                             \
    {                                                                \
        gale_trident *t = begin();                                   \
        gale_batches *s = gale_new_stream(t, "lines", &lines_spout); \
        gale_batches *o = gale_new_stream(t, "paid", &opaque_spout); \
                                                                     \
        (void)s;                                                     \
        (void)o;                                                     \
        __VA_ARGS__;                                                 \
        expect_said(t, said);                                        \
    }

/* ------------------------------------------------------------------- pairs */

MISTAKE(merging_what_is_not_alike,
        "step 3, gale_merge behind 'lines': field number 2 is 'at', of type "
        "i64, in the one and 'amount', of type f64, in the other",
        gale_merge(s, o))
MISTAKE(merging_the_longer_with_the_shorter,
        "step 4, gale_merge behind 'lines': one stream has 2 fields and the "
        "other 1",
        gale_merge(s, gale_project(o, GALE_NAMES("who"))))
MISTAKE(merging_with_nothing,
        "step 3, gale_merge behind 'lines': the second stream is NULL",
        gale_merge(s, NULL))
MISTAKE(merging_nothing, "step 3, gale_merge: the first stream is NULL",
        gale_merge(NULL, s))
MISTAKE(joining_by_keys_of_two_types,
        "step 3, gale_join of 'line' behind 'lines': its key 'line' is of "
        "type str, and 'amount' of type f64",
        gale_join(s, GALE_NAMES("line"), o, GALE_NAMES("amount"),
                  GALE_JOIN_INNER))
MISTAKE(joining_by_more_keys_than_there_are,
        "step 3, gale_join of 'line', 'at' behind 'lines': one side has 2 "
        "keys and the other 1",
        gale_join(s, GALE_NAMES("line", "at"), o, GALE_NAMES("who"),
                  GALE_JOIN_INNER))
MISTAKE(joining_by_nothing,
        "step 3, gale_join behind 'lines': it names no key",
        gale_join(s, NULL, o, NULL, GALE_JOIN_INNER))
MISTAKE(joining_by_what_is_not_there,
        "step 3, gale_join of 'whom' behind 'lines': 'whom' is not a field of "
        "what it reads (did you mean 'who'? it has 'who', 'amount')",
        gale_join(s, GALE_NAMES("line"), o, GALE_NAMES("whom"),
                  GALE_JOIN_INNER))
MISTAKE(joining_in_a_way_that_there_is_not,
        "step 3, gale_join of 'line' behind 'lines': it is of kind 7, which "
        "is none (0 to 3)",
        gale_join(s, GALE_NAMES("line"), o, GALE_NAMES("who"),
                  (gale_join_kind)7))
MISTAKE(joining_what_has_the_same_fields,
        "step 3, gale_join of 'line' behind 'lines': its rows would have two "
        "fields 'at'",
        gale_join(s, GALE_NAMES("line"), s, GALE_NAMES("line"),
                  GALE_JOIN_INNER))
/* Its other fields may be nil, so they fit to anything. */
Test(mistakes, the_side_that_may_be_missing_has_no_types)
{
    gale_trident *t = begin();
    gale_batches *s = gale_new_stream(t, "lines", &lines_spout);
    gale_batches *o = gale_new_stream(t, "paid", &opaque_spout);
    gale_batches *j =
        gale_join(s, GALE_NAMES("line"), o, GALE_NAMES("who"), GALE_JOIN_LEFT);
    const gi_node *n = (gi_node *)gale_merge(
        gale_project(j, GALE_NAMES("line", "amount")), s);

    cr_expect(gi_report_empty(&t->mistakes));
    cr_expect_eq(n->out[0].type, GALE_T_STR);
    cr_expect_eq(n->out[1].type, GALE_T_ANY);
    gale_trident_destroy(t);
}

Test(mistakes, a_stream_of_another_program)
{
    gale_trident *t = begin(), *other = begin();
    gale_batches *s = gale_new_stream(t, "lines", &lines_spout);

    gale_merge(s, gale_new_stream(other, "lines", &lines_spout));
    expect_said(t,
                "step 2, gale_merge behind 'lines': the second stream is of "
                "another gale_trident");
    gale_trident_destroy(other);
}

/* ------------------------------------------------------------------ states */

#define COUNTS(of, id, opts)                                             \
    gale_persistent_aggregate(gale_group_by(of, GALE_NAMES("line")), id, \
                              GALE_FOLD(GALE_COUNT("n")), opts)
#define OPTS(...) (&(const gale_state_opts){ __VA_ARGS__ })

MISTAKE(a_state_without_an_id,
        "step 4, gale_persistent_aggregate behind 'lines': its id is NULL",
        COUNTS(s, NULL, NULL))
MISTAKE(two_states_of_one_id,
        "step 6, gale_persistent_aggregate 'n' behind 'lines': step 4 keeps a "
        "state of that id, too",
        COUNTS(s, "n", NULL);
        COUNTS(s, "n", NULL))
MISTAKE(a_state_of_no_kind,
        "step 4, gale_persistent_aggregate 'n' behind 'lines': its kind is 5, "
        "which is none (0 to 2)",
        COUNTS(s, "n", OPTS(.kind = (gale_state_kind)5)))
MISTAKE(a_state_in_more_tasks_than_groups,
        "step 4, gale_persistent_aggregate 'n' behind 'lines': it has 129 "
        "tasks, and a state has at most 128",
        COUNTS(s, "n", OPTS(.tasks = 129)))
MISTAKE(a_state_in_a_store_that_is_none,
        "step 4, gale_persistent_aggregate 'n' behind 'lines': its store "
        "'disk' lacks one of open, get, write, scan and close",
        COUNTS(s, "n", OPTS(.store = &disk_stand_in)))
MISTAKE(a_state_with_two_folds,
        "step 4, gale_persistent_aggregate 'n' behind 'lines': it has 2 "
        "folds, and a state is kept by one: make a state for each",
        gale_persistent_aggregate(gale_group_by(s, GALE_NAMES("line")), "n",
                                  GALE_FOLD(GALE_COUNT("n"),
                                            GALE_SUM("at", "m")),
                                  NULL))
MISTAKE(a_sum_of_a_field_that_is_not_there_is_one_mistake,
        "step 3, gale_persistent_total 'n' behind 'paid': 'amont' is not a "
        "field of what it reads (did you mean 'amount'? it has 'who', "
        "'amount')",
        gale_persistent_total(o, "n", GALE_FOLD(GALE_SUM("amont", "n")), NULL))
MISTAKE(a_stream_that_is_taken_for_a_grouped_one,
        "step 3, gale_persistent_aggregate 'n' behind 'paid': what it reads "
        "is not grouped (gale_group_by)",
        gale_persistent_aggregate((gale_grouped *)o, "n",
                                  GALE_FOLD(GALE_COUNT("n")), NULL))
MISTAKE(a_fold_by_group_of_what_is_not_grouped,
        "step 3, gale_group_aggregate behind 'paid': what it reads is not "
        "grouped (gale_group_by)",
        gale_group_aggregate((gale_grouped *)o, GALE_FOLD(GALE_COUNT("n"))))
MISTAKE(a_state_that_has_the_id_of_a_stream,
        "step 3, gale_persistent_total 'lines' behind 'paid': the stream of "
        "step 1 remembers under that id how far it is: take another one",
        gale_persistent_total(o, "lines", GALE_FOLD(GALE_COUNT("n")), NULL))
MISTAKE(a_state_that_has_the_id_of_a_coordinator,
        "step 3, gale_persistent_total 'lines-batches' behind 'paid': the "
        "stream of step 1 remembers under that id how far it is: take "
        "another one",
        gale_persistent_total(o, "lines-batches", GALE_FOLD(GALE_COUNT("n")),
                              NULL))
MISTAKE(a_stream_that_has_the_id_of_a_state,
        "step 4, gale_new_stream 'n': it would remember how far it is under "
        "the id of the state of step 3: take another one",
        gale_persistent_total(o, "n", GALE_FOLD(GALE_COUNT("n")), NULL);
        gale_new_stream(t, "n", &lines_spout))
MISTAKE(a_state_kept_by_an_aggregator,
        "step 3, gale_persistent_total 'n' behind 'paid': its fold is an "
        "aggregator, and only combiners and reducers go on from what was "
        "before",
        gale_persistent_total(o, "n",
                              GALE_FOLD(GALE_AGGREGATE(&median, "amount")),
                              NULL))
MISTAKE(one_value_in_several_tasks,
        "step 3, gale_persistent_total 'n' behind 'paid': it has 3 tasks, and "
        "one value is kept by one",
        gale_persistent_total(o, "n", GALE_FOLD(GALE_COUNT("n")),
                              OPTS(.tasks = 3)))
MISTAKE(no_updater,
        "step 3, gale_partition_persist 'n' behind 'paid': it has "
        "no updater",
        gale_partition_persist(o, "n", NULL, NULL, NULL))
MISTAKE(an_updater_without_update,
        "step 3, gale_partition_persist 'n' behind 'paid': its updater has no "
        "update",
        gale_partition_persist(o, "n", GALE_NAMES("who"),
                               &(const gale_updater){ .output = NULL }, NULL))
MISTAKE(new_values_that_nobody_puts_out,
        "step 4, gale_new_values behind 'n': the updater of that state has no "
        "output",
        gale_new_values(gale_partition_persist(
            o, "n", NULL, &(const gale_updater){ .update = update_nothing },
            NULL)))
MISTAKE(an_update_where_nobody_knows_which_task_has_a_key,
        "step 3, gale_partition_persist 'n' behind 'paid': it has 4 tasks, "
        "each with keys of its own, but its rows are not divided by key "
        "(gale_partition_by before it)",
        gale_partition_persist(o, "n", NULL, &updater, OPTS(.tasks = 4)))
MISTAKE(two_states_of_one_component_that_disagree,
        "step 6, gale_partition_persist 'b' behind 'a': it has 5 tasks, but "
        "shares its component with state 'a', which has 4",
        o = gale_partition_by(o, GALE_NAMES("who"));
        o = gale_new_values(gale_partition_persist(o, "a", NULL, &updater,
                                                   OPTS(.tasks = 4)));
        gale_partition_persist(o, "b", NULL, &updater, OPTS(.tasks = 5)))

/* ------------------------------------------------------------------ asking */

MISTAKE(asking_nothing,
        "step 3, gale_state_query behind 'lines': the state "
        "is NULL",
        gale_state_query(s, NULL, NULL, GALE_FIELDS(GALE_I64("n"))))
MISTAKE(asking_with_too_little,
        "step 5, gale_state_query behind 'lines': it asks with 0 fields, and "
        "a key of 'n' has 1",
        gale_state_query(s, COUNTS(s, "n", NULL), NULL,
                         GALE_FIELDS(GALE_I64("n"))))
MISTAKE(asking_with_another_type,
        "step 5, gale_state_query of 'at' behind 'lines': it asks with 'at', "
        "of type i64, and the key 'line' of 'n' is of type str",
        gale_state_query(s, COUNTS(s, "n", NULL), GALE_NAMES("at"),
                         GALE_FIELDS(GALE_I64("n"))))
MISTAKE(asking_for_nothing,
        "step 5, gale_state_query of 'line' behind 'lines': it has no output "
        "for what it is told",
        gale_state_query(s, COUNTS(s, "n", NULL), GALE_NAMES("line"), NULL))
MISTAKE(asking_for_more_than_there_is,
        "step 5, gale_state_query of 'line' behind 'lines': its output is 2 "
        "fields, and 'n' keeps 1",
        gale_state_query(s, COUNTS(s, "n", NULL), GALE_NAMES("line"),
                         GALE_FIELDS(GALE_I64("n"), GALE_I64("m"))))
MISTAKE(asking_for_another_type,
        "step 5, gale_state_query of 'line' behind 'lines': 'n' is of type "
        "str, and 'n' keeps 'n' of type i64",
        gale_state_query(s, COUNTS(s, "n", NULL), GALE_NAMES("line"),
                         GALE_FIELDS(GALE_STR("n"))))
Test(mistakes, what_is_defined_after_the_program_was_built)
{
    gale_trident *t = begin();
    gale_batches *s = gale_new_stream(t, "lines", &lines_spout);
    const gale_topology *out;
    gale_diag why;

    cr_assert_eq(gale_trident_build(t, &out, &why), GALE_OK, "%s", why.text);
    gale_each(s, GALE_NAMES("line"), &split);
    cr_expect_eq(gale_trident_build(t, &out, &why), GALE_EPLAN);
    cr_expect_str_eq(why.text, "step 2, gale_each: the program is built "
                               "already");
    gale_trident_destroy(t);
}
