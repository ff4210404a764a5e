/* Every mistake that a definition can hold, and what is said of it, word for
 * word. */
#include "programs.h"

#define LONG64 \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG256 LONG64 LONG64 LONG64 LONG64

/* Step 1 is there in all of them: s has line (str) and at (i64). */
#define MISTAKE(name, said, ...)                                     \
    Test(mistakes, name)                                             \
    {                                                                \
        gale_trident *t = begin();                                   \
        gale_batches *s = gale_new_stream(t, "lines", &lines_spout); \
                                                                     \
        (void)s;                                                     \
        __VA_ARGS__;                                                 \
        expect_said(t, said);                                        \
    }

/* ----------------------------------------------------------------- program */

Test(mistakes, a_program_without_a_stream)
{
    expect_said(begin(), "the program has no stream, so nothing would ever "
                         "come in (gale_new_stream)");
}

Test(mistakes, a_program_without_a_name)
{
    gale_trident *t = NULL;

    cr_assert_eq(gale_trident_create(&t, NULL), GALE_OK);
    gale_new_stream(t, "lines", &lines_spout);
    expect_said(t, "the program has no name");
}

Test(mistakes, all_of_them_are_named_one_a_line)
{
    gale_trident *t = begin();
    gale_batches *s = gale_new_stream(t, "lines", &lines_spout);

    gale_each(s, GALE_NAMES("lnie"), &split);
    gale_each(s, GALE_NAMES("line"), NULL);
    gale_aggregate(s, GALE_FOLD(GALE_SUM("line", "n")));
    expect_said(t,
                "step 2, gale_each of 'lnie' behind 'lines': 'lnie' is not a "
                "field of what it reads (did you mean 'line'? it has 'line', "
                "'at')\n"
                "step 3, gale_each of 'line' behind 'lines': it has no "
                "function\n"
                "step 4, gale_aggregate behind 'lines': 'line' is of type "
                "str, and sums are of i64 or f64 only");
}

MISTAKE(what_follows_from_one_is_not_said_again,
        "step 2, gale_project of 'lnie' behind 'lines': 'lnie' is not a field "
        "of what it reads (did you mean 'line'? it has 'line', 'at')",
        s = gale_project(s, GALE_NAMES("lnie"));
        s = gale_each(s, GALE_NAMES("line"), &split);
        gale_persistent_aggregate(gale_group_by(s, GALE_NAMES("word")), "n",
                                  GALE_FOLD(GALE_COUNT("n")), NULL))

MISTAKE(the_nearest_name_that_was_given_is_said,
        "step 3, gale_where of 'lin' behind 'cut': 'lin' is not a field of "
        "what it reads (did you mean 'line'? it has 'line', 'at', 'word')",
        s = gale_named(gale_each(s, NULL, &split), "cut");
        gale_where(s, GALE_NAMES("lin"), &some))

MISTAKE(a_store_to_remember_in_that_is_none,
        "gale_trident_remember: its store 'disk' lacks one of open, get, "
        "write, scan and close",
        gale_trident_remember(t, &disk_stand_in))

/* ----------------------------------------------------------------- sources */

MISTAKE(a_stream_without_an_id, "step 2, gale_new_stream: its id is NULL",
        gale_new_stream(t, NULL, &lines_spout))
MISTAKE(a_stream_with_an_empty_id,
        "step 2, gale_new_stream: its id '' is "
        "empty",
        gale_new_stream(t, "", &lines_spout))
MISTAKE(a_stream_with_a_reserved_id,
        "step 2, gale_new_stream: its id '__x' begins with '__', which is "
        "reserved",
        gale_new_stream(t, "__x", &lines_spout))
MISTAKE(a_stream_with_an_endless_id,
        "step 2, gale_new_stream: its id '" LONG64 "aaaaaaaaaaaaaaaa...' is "
        "longer than 255 bytes",
        gale_new_stream(t, LONG256, &lines_spout))
MISTAKE(a_stream_with_a_line_break_in_its_id,
        "step 2, gale_new_stream: its id 'a?b' has a control character in it",
        gale_new_stream(t, "a\nb", &lines_spout))
MISTAKE(two_streams_of_one_id,
        "step 2, gale_new_stream 'lines': step 1 has that id, too",
        gale_new_stream(t, "lines", &lines_spout))
MISTAKE(a_stream_without_a_spout,
        "step 2, gale_new_stream 'b': it has no "
        "spout",
        gale_new_stream(t, "b", NULL))
MISTAKE(an_empty_spout,
        "step 2, gale_new_stream 'b': its kind is 9, which is none (0 to 2)\n"
        "step 2, gale_new_stream 'b': its spout has no emit\n"
        "step 2, gale_new_stream 'b': its spout has no output, so nothing "
        "would come",
        gale_new_stream(
            t, "b", &(const gale_batch_spout){ .kind = (gale_spout_kind)9 }))
MISTAKE(a_transactional_spout_without_a_plan,
        "step 2, gale_new_stream 'b': its spout is transactional, but has no "
        "plan",
        gale_new_stream(t, "b",
                        &(const gale_batch_spout){
                            .output = GALE_FIELDS(GALE_ANY("x")),
                            .emit = emit_nothing }))

/* ------------------------------------------------------------------ fields */

MISTAKE(a_field_twice,
        "step 2, gale_project of 'line', 'at', 'line' behind 'lines': it "
        "names 'line' twice",
        gale_project(s, GALE_NAMES("line", "at", "line")))
MISTAKE(nothing_remains,
        "step 2, gale_project behind 'lines': it names no field, so nothing "
        "would remain",
        gale_project(s, NULL))
MISTAKE(a_name_that_is_near_to_none,
        "step 2, gale_project of 'colour' behind 'lines': 'colour' is not a "
        "field of what it reads (it has 'line', 'at')",
        gale_project(s, GALE_NAMES("colour")))
MISTAKE(what_is_put_out_is_there_already,
        "step 3, gale_each of 'line' behind 'lines': its rows would have two "
        "fields 'word'",
        gale_each(gale_each(s, GALE_NAMES("line"), &split), GALE_NAMES("line"),
                  &split))
MISTAKE(a_field_without_a_type,
        "step 2, gale_map_rows of 'line', 'at' behind 'lines': the field 'x' "
        "has type 77, which is none (0 to 8)",
        gale_map_rows(s, GALE_NAMES("line", "at"),
                      &(const gale_function){
                          .output = GALE_FIELDS({ "x", (gale_type)77 }),
                          .apply = apply_nothing }))
MISTAKE(a_field_with_a_reserved_name,
        "step 2, gale_each of 'at' behind 'lines': the field '__mark' begins "
        "with '__', which is reserved",
        gale_each(s, GALE_NAMES("at"),
                  &(const gale_function){
                      .output = GALE_FIELDS(GALE_I64("__mark")),
                      .apply = apply_nothing }))

Test(mistakes, names_without_an_end)
{
    static gale_name names[2000];
    gale_trident *t = begin();

    for (int i = 0; i < 2000; i++)
        names[i] = "line";
    gale_project(gale_new_stream(t, "lines", &lines_spout), names);
    expect_said(t, "step 2, gale_project behind 'lines': it names more than "
                   "1023 fields, or they do not end with NULL");
}

Test(mistakes, fields_without_an_end)
{
    static gale_field fields[2000];
    static gale_function wide = { .output = fields, .apply = apply_nothing };
    gale_trident *t = begin();

    for (int i = 0; i < 2000; i++)
        fields[i].name = "x";
    gale_each(gale_new_stream(t, "lines", &lines_spout), NULL, &wide);
    expect_said(t, "step 2, gale_each behind 'lines': its rows would have "
                   "more than 1023 fields, or they do not end with {0}");
}

/* --------------------------------------------------------------- callbacks */

MISTAKE(a_function_without_apply,
        "step 2, gale_each of 'at' behind 'lines': its function has no apply",
        gale_each(s, GALE_NAMES("at"),
                  &(const gale_function){ .output = NULL }))
MISTAKE(a_map_that_puts_nothing_out,
        "step 2, gale_map_rows of 'at' behind 'lines': its function has no "
        "output, so nothing would remain",
        gale_map_rows(s, GALE_NAMES("at"), &show))
MISTAKE(a_peek_that_puts_something_out,
        "step 2, gale_peek of 'at' behind 'lines': its function has an "
        "output, and whoever peeks emits nothing (gale_each does)",
        gale_peek(s, GALE_NAMES("at"), &split))
MISTAKE(no_filter,
        "step 2, gale_where of 'at' behind 'lines': it has no "
        "filter",
        gale_where(s, GALE_NAMES("at"), NULL))
MISTAKE(a_filter_without_keep,
        "step 2, gale_where of 'at' behind 'lines': its filter has no keep",
        gale_where(s, GALE_NAMES("at"),
                   &(const gale_filter){ .state_size = 1 }))
MISTAKE(no_chooser, "step 2, gale_partition behind 'lines': it has no chooser",
        gale_partition(s, NULL))
MISTAKE(a_chooser_without_choose,
        "step 2, gale_partition behind 'lines': its chooser has no choose",
        gale_partition(s, &(const gale_chooser){ .state_size = 1 }))

/* ----------------------------------------------------------------- numbers */

MISTAKE(no_tasks,
        "step 1, gale_new_stream 'lines': gale_parallelism 0 makes no sense "
        "(1 to 65535)",
        gale_parallelism(s, 0))
MISTAKE(too_many_tasks,
        "step 1, gale_new_stream 'lines': gale_parallelism 65536 makes no "
        "sense (1 to 65535)",
        gale_parallelism(s, 65536))
MISTAKE(no_first_rows,
        "step 2, gale_first_n of 'at' behind 'lines': the 0 first rows are "
        "none",
        gale_first_n(s, 0, "at"))
MISTAKE(first_by_what_is_not_there,
        "step 2, gale_first_n of 'a' behind 'lines': 'a' is not a field of "
        "what it reads (it has 'line', 'at')",
        gale_first_n(s, 1, "-a"))
MISTAKE(a_reserved_component,
        "step 1, gale_new_stream 'lines': its name '__acker' begins with "
        "'__', which is reserved",
        gale_named(s, "__acker"))
MISTAKE(two_components_of_one_name, "two components are named 'a'",
        gale_named(s, "a");
        gale_peek(gale_named(gale_shuffle(s), "a"), NULL, &show))

/* -------------------------------------------------------------------- keys */

MISTAKE(no_key, "step 2, gale_group_by behind 'lines': it names no key",
        gale_group_by(s, NULL))
MISTAKE(nothing_to_partition_by,
        "step 2, gale_partition_by behind 'lines': it names no key",
        gale_partition_by(s, GALE_NAMES(NULL)))
MISTAKE(a_key_that_is_not_there,
        "step 2, gale_group_by of 'word' behind 'lines': 'word' is not a "
        "field of what it reads (it has 'line', 'at')",
        gale_group_by(s, GALE_NAMES("word")))

/* ------------------------------------------------------------------- folds */

MISTAKE(no_fold, "step 2, gale_aggregate behind 'lines': it has no fold",
        gale_aggregate(s, NULL))
MISTAKE(a_fold_that_is_none,
        "step 2, gale_aggregate behind 'lines': its fold number 1 has no "
        "combiner, reducer or aggregator",
        gale_aggregate(s, GALE_FOLD({ GALE_NAMES("at"), 0, 0, 0, 0 })))
MISTAKE(a_fold_that_is_two,
        "step 2, gale_aggregate behind 'lines': its fold number 2 has more "
        "than one combiner, reducer or aggregator",
        gale_aggregate(s, GALE_FOLD(GALE_COUNT("n"),
                                    { 0, &gale_count, &last, 0, 0 })))
MISTAKE(a_sum_of_text,
        "step 2, gale_aggregate behind 'lines': 'line' is of type str, and "
        "sums are of i64 or f64 only",
        gale_aggregate(s, GALE_FOLD(GALE_SUM("line", NULL))))
MISTAKE(a_sum_of_two,
        "step 2, gale_aggregate behind 'lines': a sum is of one field, not "
        "of 2",
        gale_aggregate(s, GALE_FOLD({ GALE_NAMES("at", "line"), &gale_sum, 0,
                                      0, 0 })))
MISTAKE(the_least_of_nothing,
        "step 2, gale_aggregate behind 'lines': a least value is of one "
        "field, not of 0",
        gale_aggregate(s, GALE_FOLD({ 0, &gale_min, 0, 0, 0 })))
MISTAKE(a_fold_over_what_is_not_there,
        "step 2, gale_aggregate of 'att' behind 'lines': 'att' is not a field "
        "of what it reads (did you mean 'at'? it has 'line', 'at')",
        gale_aggregate(s, GALE_FOLD(GALE_REDUCE(&last, "att"))))
MISTAKE(two_folds_of_one_name,
        "step 2, gale_aggregate behind 'lines': its rows would have two "
        "fields 'count'",
        gale_aggregate(s, GALE_FOLD(GALE_COUNT(NULL), GALE_COUNT(NULL))))
MISTAKE(a_fold_named_as_the_key,
        "step 3, gale_group_aggregate behind 'lines': its rows would have two "
        "fields 'line'",
        gale_group_aggregate(gale_group_by(s, GALE_NAMES("line")),
                             GALE_FOLD(GALE_COUNT("line"))))
MISTAKE(a_combiner_without_anything,
        "step 2, gale_aggregate behind 'lines': the combiner of its fold "
        "number 1 has no init\n"
        "step 2, gale_aggregate behind 'lines': the combiner of its fold "
        "number 1 has no combine\n"
        "step 2, gale_aggregate behind 'lines': the combiner of its fold "
        "number 1 has no zero, which is what an empty batch comes to\n"
        "step 2, gale_aggregate behind 'lines': its fold number 1 has no "
        "output",
        gale_aggregate(s,
                       GALE_FOLD({ 0, &(const gale_combiner){ .init = NULL },
                                   0, 0, 0 })))
MISTAKE(a_reducer_without_anything,
        "step 2, gale_aggregate behind 'lines': the reducer of its fold "
        "number 1 has no init\n"
        "step 2, gale_aggregate behind 'lines': the reducer of its fold "
        "number 1 has no reduce\n"
        "step 2, gale_aggregate behind 'lines': its fold number 1 has no "
        "output",
        gale_aggregate(s,
                       GALE_FOLD({ 0, 0, &(const gale_reducer){ .init = NULL },
                                   0, 0 })))
MISTAKE(an_aggregator_without_anything,
        "step 2, gale_aggregate behind 'lines': the aggregator of its fold "
        "number 1 has no aggregate\n"
        "step 2, gale_aggregate behind 'lines': the aggregator of its fold "
        "number 1 has no complete\n"
        "step 2, gale_aggregate behind 'lines': its fold number 1 has no "
        "output",
        gale_aggregate(s, GALE_FOLD({ 0, 0, 0,
                                      &(const gale_aggregator){ .init = NULL },
                                      0 })))

Test(mistakes, folds_without_an_end)
{
    static gale_fold folds[100];
    gale_trident *t = begin();

    for (int i = 0; i < 100; i++)
        folds[i].combiner = &gale_count;
    gale_aggregate(gale_new_stream(t, "lines", &lines_spout), folds);
    expect_said(t, "step 2, gale_aggregate behind 'lines': it has more than "
                   "64 folds, or they do not end with {0} (write "
                   "GALE_FOLD(...))");
}
