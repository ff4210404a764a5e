/* A plan in words, as JSON and as a picture. */
#include <criterion/criterion.h>

#include "plans.h"

static const gale_spout lines_spout = {
    .output = GALE_FIELDS(GALE_STR("line")),
    .next = give_up,
};
static const gale_bolt split_bolt = {
    .output = GALE_FIELDS(GALE_STR("word")),
    .execute = ack_all,
};
static const gale_bolt count_bolt = {
    .output = GALE_FIELDS(GALE_STR("word"), GALE_I64("count")),
    .execute = ack_all,
};
static const gale_component wordcount[] = {
    { .id = "lines", .spout = &lines_spout },
    {
        .id = "split",
        .bolt = &split_bolt,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")),
        .tasks = 4,
    },
    {
        .id = "count",
        .bolt = &count_bolt,
        .inputs = GALE_INPUTS(GALE_BY("split", "word")),
        .tasks = 4,
    },
};
static const gale_topology plain = {
    .abi = GALE_ABI,
    .name = "wordcount",
    .components = GALE_COMPONENTS(wordcount),
};

/* One of everything that is said about a component. */
static const gale_spout feed_spout = {
    .output = GALE_FIELDS(GALE_STR("symbol"), GALE_F64("bid"), GALE_F64("ask"),
                          GALE_ANY("anything"),
                          GALE_MAP("a rather long name for a field")),
    .streams = GALE_STREAMS({ "told", GALE_FIELDS(GALE_I64("n")), true },
                            { "empty", NULL, false }),
    .next = give_up,
};
static const gale_bolt match_bolt = {
    .streams = GALE_STREAMS({ "trades", GALE_FIELDS(GALE_ANY("x")), false }),
    .execute = ack_all,
    .tick = tick_tock,
};
static const gale_bolt sink_bolt = { .execute = ack_all };
static const gale_component market[] = {
    { .id = "feed", .spout = &feed_spout, .executors = 12 },
    {
        .id = "a-matching-engine-of-some-length",
        .bolt = &match_bolt,
        .inputs = GALE_INPUTS(GALE_BY("feed", "symbol", "bid"),
                              GALE_DIRECT("feed", "told"),
                              { .from = "a-matching-engine-of-some-length",
                                .stream = "trades" }),
        .tasks = 4,
        .executors = 1,
        .tick_ms = 20,
        .blocking = true,
        .conf = GALE_SETTINGS({ "topology.debug", "off" },
                              { "topology.tick.tuple.freq.secs", "0.5" }),
    },
    {
        .id = "\"\\&lt;",
        .bolt = &sink_bolt,
        .inputs = GALE_INPUTS({ .from = "feed", .stream = GI_DEAD_LETTER }),
        .fused = true,
    },
};
static const gale_topology rich = {
    .abi = GALE_ABI,
    .name = "a \"market\"",
    .components = GALE_COMPONENTS(market),
    .about = "Takes bids and asks from a feed and matches them, best price "
             "first and then first come, first served.",
    .conf = GALE_SETTINGS({ "topology.workers", "01" },
                          { "topology.debug", "yes" },
                          { "topology.acker.executors", "2" },
                          { "exchange.address", "tcp://localhost:4000" }),
};

static void expect_text(char *(*describe)(const gi_plan *),
                        const gale_topology *t, const char *text)
{
    gi_report r = { 0 };
    gi_plan *p = NULL;

    cr_assert_eq(gi_plan_create(&p, t, NULL, &r), GALE_OK, "%s",
                 r.n > 0 ? r.lines[0] : "");
    char *s = describe(p);
    cr_expect_str_eq(s, text);
    gi_free(s);
    gi_plan_destroy(p);
}

Test(describe, a_line_a_component_what_it_reads_below)
{
    expect_text(gi_plan_text, &plain,
                "topology wordcount: 3 components, 9 tasks\n"
                "  lines   spout   1 task    default(line: str)\n"
                "  split   bolt    4 tasks   default(word: str)\n"
                "          reads lines by shuffle\n"
                "  count   bolt    4 tasks   default(word: str, count: i64)\n"
                "          reads split by fields(word)\n");
}

Test(describe, what_is_out_of_the_ordinary_is_said)
{
    expect_text(
        gi_plan_text, &rich,
        "topology a \"market\": 3 components, 17 tasks\n"
        "  Takes bids and asks from a feed and matches them, best price first "
        "and then\n"
        "  first come, first served.\n"
        "  feed     spout   12 tasks   default(symbol: str, bid: f64, ask: "
        "f64, anything,\n"
        "                                a rather long name for a field: "
        "map)\n"
        "                              told(n: i64) direct\n"
        "                              empty()\n"
        "                              __dead_letter(stream: str, id: i64, "
        "attempts: i64,\n"
        "                                reason: str, values: list)\n"
        "  a-matching-engine-of-some-length\n"
        "           bolt    4 tasks    trades(x)\n"
        "           1 executor, ticks every 500 ms, blocking, in a cycle\n"
        "           reads feed by fields(symbol, bid)\n"
        "           reads told of feed by direct\n"
        "           reads trades of a-matching-engine-of-some-length by "
        "shuffle\n"
        "  \"\\&lt;   bolt    1 task\n"
        "           fused\n"
        "           reads __dead_letter of feed by shuffle\n"
        "settings\n"
        "  topology.debug = yes (the topology's table)\n"
        "  topology.acker.executors = 2 (the topology's table)\n"
        "  exchange.address = tcp://localhost:4000 (the topology's table)\n"
        "  topology.debug = off (bolt 'a-matching-engine-of-some-length')\n"
        "  topology.tick.tuple.freq.secs = 0.5 (bolt "
        "'a-matching-engine-of-some-length')\n");
}

#define TEN "aaaa bbbb "

Test(describe, a_word_that_ends_at_the_edge_of_the_page_is_still_on_it)
{
    gale_topology t = { .abi = GALE_ABI,
                        .name = "t",
                        .components = { wordcount, 1 },
                        .about = TEN TEN TEN TEN TEN TEN TEN "aaa bbbb" };

    expect_text(gi_plan_text, &t,
                "topology t: 1 component, 1 task\n"
                "  " TEN TEN TEN TEN TEN TEN TEN "aaa bbbb\n"
                "  lines   spout   1 task   default(line: str)\n");
    t.about = TEN TEN TEN TEN TEN TEN TEN "aaaa bbbb";
    expect_text(gi_plan_text, &t,
                "topology t: 1 component, 1 task\n"
                "  " TEN TEN TEN TEN TEN TEN TEN "aaaa\n"
                "  bbbb\n"
                "  lines   spout   1 task   default(line: str)\n");
}

Test(describe, json_leaves_no_key_out)
{
    expect_text(
        gi_plan_json, &plain,
        "{\"name\":\"wordcount\",\"components\":["
        "{\"id\":\"lines\",\"kind\":\"spout\",\"tasks\":1,\"executors\":1,"
        "\"tick_ms\":0,\"blocking\":false,\"fused\":false,\"rank\":2,\"in_"
        "cycle\":false,"
        "\"streams\":[{\"name\":\"default\",\"direct\":false,"
        "\"fields\":[{\"name\":\"line\",\"type\":\"str\"}]},"
        "{\"name\":\"__dead_letter\",\"direct\":false,"
        "\"fields\":[{\"name\":\"stream\",\"type\":\"str\"},"
        "{\"name\":\"id\",\"type\":\"i64\"},"
        "{\"name\":\"attempts\",\"type\":\"i64\"},"
        "{\"name\":\"reason\",\"type\":\"str\"},"
        "{\"name\":\"values\",\"type\":\"list\"}]}],"
        "\"inputs\":[],\"settings\":{}},"
        "{\"id\":\"split\",\"kind\":\"bolt\",\"tasks\":4,\"executors\":4,"
        "\"tick_ms\":0,\"blocking\":false,\"fused\":false,\"rank\":1,\"in_"
        "cycle\":false,"
        "\"streams\":[{\"name\":\"default\",\"direct\":false,"
        "\"fields\":[{\"name\":\"word\",\"type\":\"str\"}]}],"
        "\"inputs\":[{\"from\":\"lines\",\"stream\":\"default\","
        "\"grouping\":\"shuffle\",\"fields\":[]}],\"settings\":{}},"
        "{\"id\":\"count\",\"kind\":\"bolt\",\"tasks\":4,\"executors\":4,"
        "\"tick_ms\":0,\"blocking\":false,\"fused\":false,\"rank\":0,\"in_"
        "cycle\":false,"
        "\"streams\":[{\"name\":\"default\",\"direct\":false,"
        "\"fields\":[{\"name\":\"word\",\"type\":\"str\"},"
        "{\"name\":\"count\",\"type\":\"i64\"}]}],"
        "\"inputs\":[{\"from\":\"split\",\"stream\":\"default\","
        "\"grouping\":\"fields\",\"fields\":[\"word\"]}],"
        "\"settings\":{}}],\"settings\":{}}");
}

Test(describe, json_says_where_a_setting_comes_from)
{
    const gale_component one[] = { {
        .id = "a",
        .spout = &(const gale_spout){ .next = give_up },
        .conf = GALE_SETTINGS({ "topology.debug", "true" }),
    } };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "t",
                              .components = GALE_COMPONENTS(one),
                              .conf = GALE_SETTINGS({ "mine", "\"" }) };

    gi_report r = { 0 };
    gi_plan *p = NULL;

    cr_assert_eq(gi_plan_create(&p, &t, NULL, &r), GALE_OK);
    char *s = gi_plan_json(p);
    cr_expect_not_null(strstr(s, "\"settings\":{\"topology.debug\":{\"value\":"
                                 "\"true\",\"from\":\"spout 'a'\"}}}],"));
    cr_expect_not_null(strstr(s, "],\"settings\":{\"mine\":{\"value\":"
                                 "\"\\\"\",\"from\":\"the topology's "
                                 "table\"}}}"));
    gi_free(s);
    gi_plan_destroy(p);
}

Test(describe, a_picture_has_a_node_a_component_and_an_arrow_an_input)
{
    expect_text(
        gi_plan_dot, &rich,
        "digraph \"a \\\"market\\\"\" {\n"
        "    rankdir=LR;\n"
        "    node [fontname=\"sans-serif\"];\n"
        "    edge [fontname=\"sans-serif\", fontsize=10];\n"
        "    \"feed\" [shape=cds, label=\"feed\\n12 tasks\"];\n"
        "    \"a-matching-engine-of-some-length\" [shape=box, "
        "label=\"a-matching-engine-of-some-length\\n4 tasks\"];\n"
        "    \"\\\"\\\\&lt;\" [shape=box, label=\"\\\"\\\\&amp;lt;\\n1 "
        "task\"];\n"
        "    \"feed\" -> \"a-matching-engine-of-some-length\" "
        "[label=\"default\\nfields(symbol, bid)\"];\n"
        "    \"feed\" -> \"a-matching-engine-of-some-length\" "
        "[label=\"told\\ndirect\"];\n"
        "    \"feed\" -> \"\\\"\\\\&lt;\" "
        "[label=\"__dead_letter\\nshuffle\"];\n"
        "    \"a-matching-engine-of-some-length\" -> "
        "\"a-matching-engine-of-some-length\" [label=\"trades\\nshuffle\", "
        "style=dashed];\n"
        "}\n");
}

/* --------------------------------------------------------- any names -- */

static uint64_t seed = 1;

static uint32_t below(uint32_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((seed >> 33) % n);
}

/* Any characters that a name may have, blanks and quotes among them, and a
 * letter of two bytes. */
static void draw_name(char *name, uint32_t most)
{
    uint32_t n = 0, len = 1 + below(most);

    while (n + 2 <= len)
        if (below(20) == 0) {
            memcpy(name + n, "\xc3\xa9", 2);
            n += 2;
        } else {
            name[n++] = (char)(below(4) == 0 ? "\"\\ &"[below(4)]
                                             : (int)(' ' + below(95)));
        }
    name[n == 0 ? n++ : n] = 'x';
    name[n] = '\0';
}

/* The names of one spout that speaks to one bolt. */
struct names {
    char t[256], spout[256], bolt[256], field[256], other[256];
};

static gi_plan *plan_named(struct names *n)
{
    uint32_t most = below(3) == 0 ? 255 : 20;

    draw_name(n->t, most);
    draw_name(n->spout, most);
    draw_name(n->bolt, most);
    draw_name(n->field, most);
    draw_name(n->other, most);
    const gale_field fields[] = { GALE_STR(n->field),
                                  GALE_ANY(n->other),
                                  { 0 } };
    const gale_spout spout = { .output = fields, .next = give_up };
    const gale_name keys[] = { n->field, NULL };
    const gale_input inputs[] = {
        { .from = n->spout, .how = GALE_GROUP_FIELDS, .keys = keys }, { 0 }
    };
    const gale_component components[] = {
        { .id = n->spout, .spout = &spout },
        { .id = n->bolt, .bolt = &count_bolt, .inputs = inputs },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = n->t,
                              .components = GALE_COMPONENTS(components) };
    gi_report r = { 0 };
    gi_plan *p = NULL;

    gi_plan_create(&p, &t, NULL, &r); /* fails if two are alike */
    gi_report_fini(&r);
    return p;
}

static void check_page(const char *text)
{
    size_t col = 0;

    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\n')
            col = 0;
        else
            col += ((unsigned char)*c & 0xc0) != 0x80;
        cr_assert_leq(col, 80, "%s", text);
    }
}

/* What stands between the next two quotes, read as Graphviz reads it. */
static const char *quoted(const char *at, char *out)
{
    at = strchr(at, '"') + 1;
    for (; *at != '"'; at++) {
        cr_assert_neq(*at, '\0');
        if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
            at++;
        *out++ = *at;
    }
    *out = '\0';
    return at + 1;
}

static void check_picture(const char *dot, const struct names *n)
{
    char name[1024];
    const char *at = quoted(dot, name);

    cr_assert_str_eq(name, n->t);
    at = quoted(strstr(at, "    \""), name);
    cr_assert_str_eq(name, n->spout);
    at = quoted(at, name); /* its label */
    at = quoted(at, name);
    cr_assert_str_eq(name, n->bolt);
    at = quoted(at, name);
    at = quoted(at, name);
    cr_assert_str_eq(name, n->spout);
    at = quoted(at, name);
    cr_assert_str_eq(name, n->bolt);
    at = quoted(at, name);
    cr_assert_str_eq(at, "];\n}\n");
}

Test(describe, whatever_the_names_pages_are_narrow_and_pictures_are_whole)
{
    int good = 0;

    for (int round = 0; round < 2000; round++) {
        struct names n;
        gi_plan *p = plan_named(&n);

        if (p == NULL)
            continue;
        char *text = gi_plan_text(p), *dot = gi_plan_dot(p);

        check_page(text);
        check_picture(dot, &n);
        gi_free(text);
        gi_free(dot);
        gi_plan_destroy(p);
        good++;
    }
    cr_expect_gt(good, 1500);
}

/* ------------------------------------------------------------- memory -- */

static void starve(char *(*describe)(const gi_plan *), const gi_plan *p)
{
    char *whole = describe(p), *s = NULL;

    for (uint64_t n = 0; s == NULL; n++) {
        gi_mem_fail_after(n, 1);
        s = describe(p);
        gi_mem_fail_after(0, 0);
        cr_assert_lt(n, 10000);
    }
    cr_expect_str_eq(s, whole);
    gi_free(s);
    gi_free(whole);
}

Test(describe, without_memory_there_is_no_text_rather_than_half_of_one)
{
    gi_report r = { 0 };
    gi_plan *p = NULL;

    cr_assert_eq(gi_plan_create(&p, &rich, NULL, &r), GALE_OK);
    starve(gi_plan_text, p);
    starve(gi_plan_json, p);
    starve(gi_plan_dot, p);
    gi_plan_destroy(p);
}
