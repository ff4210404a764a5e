/* Every mistake that a table can hold, and what is said of it, word for
 * word. */
#include <criterion/criterion.h>

#include "plans.h"

#define LONG10  "aaaaaaaaaa"
#define LONG50  LONG10 LONG10 LONG10 LONG10 LONG10
#define LONG80  LONG50 LONG10 LONG10 LONG10
#define LONG255 LONG50 LONG50 LONG50 LONG50 LONG50 "aaaaa"
#define LONG256 LONG255 "a"

/* One of each, without fault; the cases below spoil one thing each. */
static const gale_spout lines_spout = {
    .output = GALE_FIELDS(GALE_STR("line")),
    .streams = GALE_STREAMS({ "odd", GALE_FIELDS(GALE_I64("n")), false },
                            { "told", GALE_FIELDS(GALE_I64("n")), true }),
    .next = give_up,
};
static const gale_bolt split_bolt = {
    .output = GALE_FIELDS(GALE_STR("word"), GALE_I64("length")),
    .execute = ack_all,
};
static const gale_bolt sink_bolt = { .execute = ack_all };
static const gale_bolt side_bolt = {
    .streams = GALE_STREAMS({ "late", GALE_FIELDS(GALE_I64("n")), false }),
    .execute = ack_all,
};
static const gale_bolt ticker_bolt = { .execute = ack_all, .tick = tick_tock };
static const gale_chooser first = { .choose = choose_first };
static const gale_chooser none = { .choose = NULL };

// clang-format off
#define LINES { .id = "lines", .spout = &lines_spout }
#define SPLIT { .id = "split", .bolt = &split_bolt, .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")) }
#define SINK(...) { .id = "sink", .bolt = &sink_bolt, .inputs = GALE_INPUTS(__VA_ARGS__) }
#define SPOUT(...) { .id = "lines", .spout = &(const gale_spout){ .next = give_up, __VA_ARGS__ } }
#define BOLT(...) { .id = "b", .bolt = &(const gale_bolt){ .execute = ack_all, __VA_ARGS__ }, .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")) }
#define WITH(...) { .id = "b", .bolt = &sink_bolt, .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")), __VA_ARGS__ }
#define KEYS8 "a", "b", "c", "d", "e", "f", "g", "h"
#define KEYS64 KEYS8, KEYS8, KEYS8, KEYS8, KEYS8, KEYS8, KEYS8, KEYS8
// clang-format on

struct mistake {
    gale_topology t;
    const char *said; /* the whole report */
};

static const struct mistake mistakes[] = {
    /* the topology */
    { { .abi = NULL },
      "the topology does not say what it was compiled with (write .abi = "
      "GALE_ABI)" },
    { { .abi = &(const gale_abi){ .version = 0 } },
      "the topology does not say what it was compiled with (write .abi = "
      "GALE_ABI)" },
    { { .abi = &(const gale_abi){ .version = 2 } },
      "the topology was compiled for version 2 of the tables, and this "
      "library knows no newer than 1 (update the library)" },
    { { .abi = GALE_ABI, .components = COMPONENTS(LINES) },
      "the topology has no name" },
    { { .abi = GALE_ABI, .name = "", .components = COMPONENTS(LINES) },
      "the topology has no name" },
    { { .abi = GALE_ABI, .name = "a\nb", .components = COMPONENTS(LINES) },
      "the topology's name 'a?b' has a control character in it" },
    { { .abi = GALE_ABI, .name = LONG256, .components = COMPONENTS(LINES) },
      "the topology's name '" LONG80 "...' is longer than 255 bytes" },
    { { .abi = GALE_ABI, .name = "t" },
      "the topology has no components (write .components = "
      "GALE_COMPONENTS(an array))" },
    { { .abi = GALE_ABI,
        .name = "t",
        .components = { (const gale_component[]){ LINES }, 0 } },
      "the topology has no components (write .components = "
      "GALE_COMPONENTS(an array))" },
    { { .abi = GALE_ABI,
        .name = "t",
        .components = { (const gale_component[]){ LINES }, SIZE_MAX } },
      "the topology has 18446744073709551615 components, and 4096 is the "
      "most" },
    { TABLE({ .id = "a",
              .bolt = &split_bolt,
              .inputs = GALE_INPUTS(GALE_SHUFFLE("a")) }),
      "the topology has no spout, so nothing would ever come in" },

    /* ids */
    { TABLE({ .spout = &lines_spout }), "spout number 1 has no id" },
    { TABLE(LINES, { .id = "" }),
      "component number 2 has no id\n"
      "component number 2 has neither a spout nor a bolt" },
    { TABLE(LINES, SPLIT, LINES),
      "components number 1 and 3 have the same id 'lines'" },
    { TABLE(LINES, LINES, LINES),
      "components number 1 and 2 have the same id 'lines'\n"
      "components number 1 and 3 have the same id 'lines'" },
    { TABLE({ .id = "__acker", .spout = &lines_spout }),
      "the id of spout '__acker' begins with '__', which is reserved" },
    { TABLE({ .id = "a\x7f", .spout = &lines_spout }),
      "the id of spout 'a?' has a control character in it" },
    { TABLE({ .id = LONG256, .spout = &lines_spout }),
      "the id of spout '" LONG80 "...' is longer than 255 bytes" },

    /* callbacks */
    { TABLE(LINES, { .id = "x" }),
      "component 'x' has neither a spout nor a bolt" },
    { TABLE({ .id = "x", .spout = &lines_spout, .bolt = &split_bolt }),
      "component 'x' has both a spout and a bolt" },
    { TABLE({ .id = "x", .spout = &(const gale_spout){ .next = NULL } }),
      "spout 'x' has no next" },
    { TABLE(LINES, { .id = "b",
                     .bolt = &(const gale_bolt){ .tick = tick_tock },
                     .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")) }),
      "bolt 'b' has neither execute nor execute_batch" },

    /* streams and fields */
    { TABLE(SPOUT(.streams = GALE_STREAMS({ "", NULL, false }))),
      "spout 'lines' has a stream without a name" },
    { TABLE(SPOUT(.streams = GALE_STREAMS({ "default", NULL, false }))),
      "spout 'lines' lists a stream 'default': that is what its output is "
      "called" },
    { TABLE(SPOUT(.streams = GALE_STREAMS({ "s", NULL, false },
                                          { "s", NULL, false }))),
      "spout 'lines' declares the stream 's' twice" },
    { TABLE(SPOUT(.streams = GALE_STREAMS({ "__dead_letter", NULL, false }))),
      "stream '__dead_letter' of spout 'lines' has a name that begins with "
      "'__', which is reserved" },
    { TABLE(LINES, BOLT(.streams = GALE_STREAMS({ "\t", NULL, false }))),
      "stream '?' of bolt 'b' has a control character in it" },
    { TABLE(SPOUT(.output = GALE_FIELDS(GALE_STR("a"), GALE_I64("a")))),
      "stream 'default' of spout 'lines' declares the field 'a' twice" },
    { TABLE(SPOUT(.output = GALE_FIELDS(GALE_STR("a"), GALE_I64("")))),
      "field number 2 of stream 'default' of spout 'lines' has no name" },
    { TABLE(SPOUT(.output = GALE_FIELDS(GALE_STR(LONG256)))),
      "field '" LONG80 "...' of stream 'default' of spout 'lines' is longer "
      "than 255 bytes" },
    { TABLE(SPOUT(.output = GALE_FIELDS(GALE_STR("\x1b[2J")))),
      "field '?[2J' of stream 'default' of spout 'lines' has a control "
      "character in it" },
    { TABLE(SPOUT(.output = GALE_FIELDS({ "a", (gale_type)9 }))),
      "field 'a' of stream 'default' of spout 'lines' has type 9, which is "
      "none (0 to 8)" },
    { TABLE(LINES,
            BOLT(.streams = GALE_STREAMS(
                     { "s", GALE_FIELDS({ "a", (gale_type)-1 }), false }))),
      "field 'a' of stream 's' of bolt 'b' has type 4294967295, which is "
      "none (0 to 8)" },

    /* inputs */
    { TABLE(LINES, { .id = "b", .bolt = &sink_bolt }),
      "bolt 'b' has no inputs: say which streams it reads, as in .inputs = "
      "GALE_INPUTS(GALE_SHUFFLE(\"id\"))" },
    { TABLE(LINES, { .id = "b",
                     .bolt = &sink_bolt,
                     .inputs = (const gale_input[]){ { 0 } } }),
      "bolt 'b' has no inputs: say which streams it reads, as in .inputs = "
      "GALE_INPUTS(GALE_SHUFFLE(\"id\"))" },
    { TABLE({ .id = "lines",
              .spout = &lines_spout,
              .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")) }),
      "spout 'lines' has inputs, and only bolts read" },
    { TABLE(LINES, SINK(GALE_SHUFFLE("lnies"))),
      "bolt 'sink' reads from 'lnies', which is not a component (did you "
      "mean 'lines'?)" },
    { TABLE(LINES, SINK(GALE_SHUFFLE("words"))),
      "bolt 'sink' reads from 'words', which is not a component (there is "
      "'lines', 'sink')" },
    { TABLE(LINES, SINK({ .from = "lines", .stream = "x" })),
      "bolt 'sink' reads stream 'x' of 'lines', which has no such stream "
      "(it has 'default', 'odd', 'told', '__dead_letter')" },
    { TABLE(LINES, SINK({ .from = "lines", .stream = "tolt" })),
      "bolt 'sink' reads stream 'tolt' of 'lines', which has no such stream "
      "(did you mean 'told'? it has 'default', 'odd', 'told', "
      "'__dead_letter')" },
    { TABLE(LINES, SPLIT, SINK({ .from = "split", .stream = GI_DEAD_LETTER })),
      "bolt 'sink' reads stream '__dead_letter' of 'split', which has no "
      "such stream (it has 'default')" },
    { TABLE(LINES,
            { .id = "side",
              .bolt = &side_bolt,
              .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")) },
            SINK(GALE_SHUFFLE("side"))),
      "bolt 'sink' reads stream 'default' of 'side', which has no such "
      "stream (it has 'late')" },
    { TABLE(LINES, WITH(.tasks = 1), SINK(GALE_SHUFFLE("b"))),
      "bolt 'sink' reads from 'b', which emits nothing" },
    { TABLE(LINES, SINK(GALE_SHUFFLE("lines"), GALE_ALL("lines"))),
      "bolt 'sink' reads 'lines' twice" },
    { TABLE(LINES, SINK({ .from = "lines", .stream = "odd" },
                        { .from = "lines", .stream = "odd" })),
      "bolt 'sink' reads stream 'odd' of 'lines' twice" },
    { TABLE(LINES, SINK(GALE_SHUFFLE("lines"),
                        { .from = "lines", .stream = "default" })),
      "bolt 'sink' reads stream 'default' of 'lines' twice" },

    /* groupings */
    { TABLE(LINES, SINK({ .from = "lines", .how = (gale_grouping)9 })),
      "bolt 'sink' reads 'lines' by grouping 9, which is none (0 to 8)" },
    { TABLE(LINES, SINK({ .from = "lines", .how = (gale_grouping)-1 })),
      "bolt 'sink' reads 'lines' by grouping 4294967295, which is none (0 "
      "to 8)" },
    { TABLE(LINES, SINK({ .from = "lines", .how = GALE_GROUP_FIELDS })),
      "bolt 'sink' reads 'lines' by fields, but names no key" },
    { TABLE(LINES, SINK({ .from = "lines",
                          .how = GALE_GROUP_PARTIAL_KEY,
                          .keys = (const gale_name[]){ NULL } })),
      "bolt 'sink' reads 'lines' by partial-key, but names no key" },
    { TABLE(LINES, SPLIT, SINK(GALE_BY("split", "wrod"))),
      "bolt 'sink' reads 'split' by 'wrod', which is not a field of it (did "
      "you mean 'word'? it has 'word', 'length')" },
    { TABLE(LINES, SPLIT, SINK(GALE_PARTIAL("split", "word", "x"))),
      "bolt 'sink' reads 'split' by 'x', which is not a field of it (it has "
      "'word', 'length')" },
    { TABLE(LINES,
            { .id = "side",
              .bolt =
                  &(const gale_bolt){ .output = (const gale_field[]){ { 0 } },
                                      .execute = ack_all },
              .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")) },
            SINK(GALE_BY("side", "x"))),
      "bolt 'sink' reads 'side' by 'x', which is not a field of it" },
    { TABLE(SPOUT(.output = GALE_FIELDS(GALE_STR("a"), GALE_STR("b"),
                                        GALE_STR(LONG50), GALE_STR("d"),
                                        GALE_STR("e"), GALE_STR("f"),
                                        GALE_STR("g"))),
            SINK(GALE_BY("lines", "x"))),
      "bolt 'sink' reads 'lines' by 'x', which is not a field of it (it has "
      "'a', 'b', '" LONG10 LONG10 LONG10 LONG10 "', 'd', 'e', 'f', ...)" },
    { TABLE(LINES, SPLIT, SINK(GALE_BY("split", "word", "word"))),
      "bolt 'sink' reads 'split' by the key 'word' twice" },
    { TABLE(LINES, SINK({ .from = "lines",
                          .how = GALE_GROUP_FIELDS,
                          .keys = GALE_NAMES(KEYS64, "i") })),
      "bolt 'sink' reads 'lines' by more than 64 keys, or they do not end "
      "with NULL" },
    { TABLE(LINES, SINK({ .from = "lines", .keys = GALE_NAMES("line") })),
      "bolt 'sink' reads 'lines' by shuffle, which takes no keys (fields and "
      "partial-key do)" },
    { TABLE(LINES, SINK(GALE_DIRECT("lines", "odd"))),
      "bolt 'sink' reads stream 'odd' of 'lines' by direct, but the stream is "
      "not declared direct (.direct = true)" },
    { TABLE(LINES, SINK(GALE_DIRECT("lines", NULL))),
      "bolt 'sink' reads 'lines' by direct, but the stream is not "
      "declared direct (.direct = true)" },
    { TABLE(
          LINES,
          SINK({ .from = "lines", .how = GALE_GROUP_ALL, .stream = "told" })),
      "bolt 'sink' reads stream 'told' of 'lines' by all, but the stream is "
      "declared direct and can only be read by direct" },
    { TABLE(LINES, SINK(GALE_CUSTOM("lines", NULL))),
      "bolt 'sink' reads 'lines' by custom, but has no chooser" },
    { TABLE(LINES, SINK(GALE_CUSTOM("lines", &none))),
      "bolt 'sink' reads 'lines' by a chooser that has no choose" },
    { TABLE(LINES, SINK({ .from = "lines", .chooser = &first })),
      "bolt 'sink' reads 'lines' by shuffle, which takes no chooser (custom "
      "does)" },

    /* reach */
    { TABLE(LINES,
            { .id = "a",
              .bolt = &split_bolt,
              .inputs = GALE_INPUTS(GALE_SHUFFLE("c")) },
            { .id = "c",
              .bolt = &split_bolt,
              .inputs = GALE_INPUTS(GALE_SHUFFLE("a")) }),
      "bolt 'a' cannot be reached from any spout\n"
      "bolt 'c' cannot be reached from any spout" },

    /* numbers */
    { TABLE(LINES, WITH(.tasks = 65536)),
      "bolt 'b' has 65536 tasks, and 65535 is the most" },
    { TABLE(LINES, WITH(.tasks = 65535)),
      "the topology has 65536 tasks, and 65535 is the most" },
    { TABLE(LINES, WITH(.executors = UINT32_MAX)),
      "bolt 'b' has 4294967295 executors, and 65535 is the most" },
    { TABLE(LINES, WITH(.tasks = 2, .executors = 3)),
      "bolt 'b' has more executors than tasks, 3 and 2; each needs a task" },
    { TABLE(LINES, WITH(.tick_ms = 5)),
      "bolt 'b' has tick_ms 5, but no tick" },
    { TABLE({ .id = "lines", .spout = &lines_spout, .tick_ms = 5 }),
      "spout 'lines' has tick_ms 5, and only bolts tick" },
    { TABLE({ .id = "lines", .spout = &lines_spout, .fused = true }),
      "spout 'lines' is fused, and only bolts are called by who emits" },
    { TABLE(LINES, WITH(.fused = true, .blocking = true)),
      "bolt 'b' is both fused and blocking, and what has a thread of its own "
      "is never called by another one" },
};

/* The same in settings: GALE_ECONF. */
static const struct mistake settings[] = {
    { { .abi = GALE_ABI,
        .name = "t",
        .components = COMPONENTS(LINES),
        .conf = GALE_SETTINGS({ "topology.worker", "2" }) },
      "unknown setting 'topology.worker' from the topology's table (did you "
      "mean 'topology.workers'?)" },
    { { .abi = GALE_ABI,
        .name = "t",
        .components = COMPONENTS(LINES),
        .conf = GALE_SETTINGS({ "mine", NULL }) },
      "the topology's table gives 'mine' no value" },
    { { .abi = GALE_ABI,
        .name = "t",
        .components = COMPONENTS(LINES),
        .conf = GALE_SETTINGS({ "mine", "1" }, { "mine", "1" }) },
      "the topology's table sets 'mine' twice" },
    { { .abi = GALE_ABI,
        .name = "t",
        .components = COMPONENTS(LINES),
        .conf = GALE_SETTINGS({ "topology.name", "a\nb" }) },
      "setting 'topology.name' = 'a?b' (the topology's table) has a control "
      "character in it" },
    { { .abi = GALE_ABI,
        .name = "t",
        .components = COMPONENTS(LINES),
        .conf =
            GALE_SETTINGS({ "topology.localityaware.lower.bound", "0.9" }) },
      "'topology.localityaware.lower.bound' = 0.9 is above "
      "'topology.localityaware.higher.bound' = 0.8" },
    { TABLE(LINES, WITH(.conf = GALE_SETTINGS({ "topology.workers", "2" }))),
      "setting 'topology.workers' (bolt 'b') is not a component's; it "
      "belongs to the topology" },
    { TABLE(LINES, WITH(.conf = GALE_SETTINGS(
                            { "topology.max.task.parallelism", "0" }))),
      "setting 'topology.max.task.parallelism' (bolt 'b') is 0; it must be "
      "between 1 and 65535" },
    { TABLE(LINES, WITH(.conf = GALE_SETTINGS(
                            { "topology.tick.tuple.freq.secs", "1" }))),
      "bolt 'b' sets 'topology.tick.tuple.freq.secs', but has no tick" },
    { TABLE(
          { .id = "lines",
            .spout = &lines_spout,
            .conf = GALE_SETTINGS({ "topology.tick.tuple.freq.secs", "1" }) }),
      "spout 'lines' sets 'topology.tick.tuple.freq.secs', and only bolts "
      "tick" },
};

Test(mistakes, each_is_named_word_for_word)
{
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
        expect_said(&mistakes[i].t, mistakes[i].said, GALE_EPLAN);
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        expect_said(&settings[i].t, settings[i].said, GALE_ECONF);
}

Test(mistakes, a_missing_table_is_one_of_them)
{
    expect_said(NULL, "there is no topology: the table is NULL", GALE_EPLAN);
}

Test(mistakes, all_of_them_are_named_at_once_in_the_order_of_the_table)
{
    const gale_topology t = {
        .abi = GALE_ABI,
        .components = COMPONENTS(
            { .id = "lines",
              .spout =
                  &(const gale_spout){
                      .output = GALE_FIELDS(GALE_STR("a"), GALE_STR("a")) } },
            SINK(GALE_SHUFFLE("lnies"), GALE_BY("lines", "b"))),
        .conf = GALE_SETTINGS({ "topology.debug", "maybe" }),
    };

    expect_said(
        &t,
        "the topology has no name\n"
        "spout 'lines' has no next\n"
        "stream 'default' of spout 'lines' declares the field 'a' twice\n"
        "bolt 'sink' reads from 'lnies', which is not a component (did you "
        "mean 'lines'?)\n"
        "bolt 'sink' reads 'lines' by 'b', which is not a field of it (it "
        "has 'a', 'a')\n"
        "setting 'topology.debug' = 'maybe' (the topology's table): "
        "neither true nor false",
        GALE_EPLAN);
}

Test(mistakes, bolts_behind_a_misspelt_name_are_not_called_unreachable)
{
    const gale_topology t =
        TABLE(LINES,
              { .id = "a",
                .bolt = &split_bolt,
                .inputs = GALE_INPUTS(GALE_SHUFFLE("lin")) },
              SINK(GALE_SHUFFLE("a")));

    expect_said(
        &t,
        "bolt 'a' reads from 'lin', which is not a component (there is "
        "'lines', 'a', 'sink')",
        GALE_EPLAN);
}

Test(mistakes, reading_from_half_a_component_is_not_blamed_on_the_reader)
{
    const gale_topology t =
        TABLE(LINES, { .id = "half" }, SINK(GALE_BY("half", "x")));

    expect_said(&t, "component 'half' has neither a spout nor a bolt",
                GALE_EPLAN);
}

Test(mistakes, what_is_unusual_but_right_is_let_pass)
{
    const gale_topology ts[] = {
        TABLE(LINES),                          /* nobody reads */
        TABLE(SPOUT(.state_size = 1)),         /* emits nothing */
        TABLE(LINES, BOLT(.tick = tick_tock)), /* ticks when woken */
        TABLE(LINES, SINK({ .from = "lines", .stream = GI_DEAD_LETTER })),
        TABLE(LINES,
              SINK(GALE_SHUFFLE("lines"), { .from = "lines", .stream = "odd" },
                   GALE_DIRECT("lines", "told"))),
        TABLE(LINES, { .id = "self",
                       .bolt = &split_bolt,
                       .inputs = GALE_INPUTS(GALE_SHUFFLE("lines"),
                                             GALE_BY("self", "word")) }),
        TABLE(LINES, { .id = "ticker",
                       .bolt = &ticker_bolt,
                       .inputs = GALE_INPUTS(GALE_CUSTOM("lines", &first)),
                       .tick_ms = UINT32_MAX,
                       .blocking = true }),
        TABLE(LINES, WITH(.tasks = 2, .executors = 2)),
        TABLE({ .id = LONG255, .spout = &lines_spout }),
        TABLE({ .id = "$batch \xc3\xa9 \"'", .spout = &lines_spout }),
    };

    for (size_t i = 0; i < sizeof(ts) / sizeof(ts[0]); i++) {
        gi_report r = { 0 };
        gi_plan *p = NULL;

        cr_expect_eq(gi_plan_create(&p, &ts[i], NULL, &r), GALE_OK);
        cr_expect(gi_report_empty(&r), "%zu: %s", i,
                  r.n > 0 ? r.lines[0] : "");
        gi_plan_destroy(p);
        gi_report_fini(&r);
    }
}
