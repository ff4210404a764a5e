/* Any table: it is a plan, whose numbers agree with one another and which can
 * be told in words, as JSON and as a graph, or there is something to say
 * against it. */
#include <stdio.h>

#include "base/mem.h"
#include "bytes.h"
#include "gale/run.h"
#include "topology/plan.h"

enum { COMPS = 9, INPUTS = 5, FIELDS = 5, STREAMS = 3, KEYS = 4, CONF = 3 };

/* ------------------------------------------------------------ the table -- */

static char longest[257], text[(COMPS + 2) * CONF][32];
static size_t n_text;

static const char *const usual[] = { "a",   "b",    "c",    "d", "aa",
                                     "abc", "word", "gale", "e" };

/* The one that is wanted, mostly; any other, or none. */
static const char *name(bytes *b, const char *wanted)
{
    static const char *const odd[] = {
        "a",    "b",     "word",     "default", "__system", "words",
        "ab\n", "\"<>&", "\xff\xfe", "a\\",     "",         "two  words",
    };
    unsigned no = bytes_below(b, 64);

    if (no < 50)
        return wanted;
    no -= 50;
    if (no < sizeof(odd) / sizeof(odd[0]))
        return odd[no];
    return no == 12 ? longest : NULL;
}

/* Mostly a small number. */
static uint32_t number(bytes *b)
{
    unsigned kind = bytes_below(b, 16);

    return kind < 13 ? kind % 4 : (uint32_t)bytes_number(b);
}

static const gale_setting *make_conf(bytes *b, gale_setting at[CONF + 1])
{
    static const char *const keys[] = {
        "topology.max.task.parallelism",
        "topology.tick.tuple.freq.secs",
        "topology.max.spout.pending",
        "topology.acker.executors",
        "topology.batch.bytes",
        "topology.name",
        "topology.debug",
        "topology.kryo.register",
        "topology.batch.bites",
        "words.top",
        "",
    };
    unsigned n = bytes_below(b, 2 * CONF); /* half of the time none */

    memset(at, 0, (CONF + 1) * sizeof(*at));
    for (unsigned i = 0; i < n && i < CONF; i++) {
        gale_str s = bytes_run(b);
        char *value = text[n_text++];

        snprintf(value, sizeof(text[0]), "%.*s", (int)s.len,
                 s.len == 0 ? "" : s.ptr);
        at[i].key = keys[bytes_below(b, sizeof(keys) / sizeof(keys[0]))];
        at[i].value = bytes_below(b, 16) == 15 ? NULL : value;
    }
    return n == 0 || n > CONF ? NULL : at;
}

struct part {
    gale_field fields[1 + STREAMS][FIELDS + 1];
    gale_stream streams[STREAMS + 1];
    gale_input inputs[INPUTS + 1];
    const char *keys[INPUTS][KEYS + 1];
    gale_setting conf[CONF + 1];
    gale_spout spout;
    gale_bolt bolt;
};

static struct part parts[COMPS];
static gale_component comps[COMPS];
static gale_setting conf[CONF + 1], call_conf[CONF + 1];
static gale_topology table;
static gale_abi abi;

static bool do_next(void *self, gale_spout_ctx *ctx)
{
    return self != NULL && ctx != NULL;
}

static gale_verdict do_execute(void *self, const gale_tuple *in,
                               gale_bolt_ctx *ctx)
{
    return self != NULL && in != NULL && ctx != NULL ? GALE_ACK : GALE_FAIL;
}

static void do_tick(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    (void)ctx;
}

static size_t do_choose(void *self, gale_row row, uint32_t *chosen)
{
    return self != NULL && row.n > 0 && chosen != NULL ? 1 : 0;
}

static const gale_chooser choosers[] = { { .choose = do_choose }, { 0 } };

static const gale_field *make_fields(bytes *b, gale_field at[FIELDS + 1])
{
    unsigned n = bytes_below(b, 64);

    memset(at, 0, (FIELDS + 1) * sizeof(*at));
    if (n == 63)
        return NULL;
    for (unsigned i = 0; i < n % (FIELDS + 1); i++) {
        at[i].name = name(b, usual[i]);
        at[i].type = (gale_type)(bytes_next(b) % 64 % 10);
    }
    return at;
}

static const gale_stream *make_streams(bytes *b, struct part *p)
{
    unsigned n = bytes_below(b, STREAMS + 1);

    memset(p->streams, 0, sizeof(p->streams));
    for (unsigned i = 0; i < n; i++) {
        p->streams[i].name = name(b, usual[i]);
        p->streams[i].fields = make_fields(b, p->fields[1 + i]);
        p->streams[i].direct = bytes_below(b, 4) == 3;
    }
    return n == 0 ? NULL : p->streams;
}

static const gale_name *make_keys(bytes *b, const char *keys[KEYS + 1],
                                  gale_grouping how)
{
    bool by_key = how == GALE_GROUP_FIELDS || how == GALE_GROUP_PARTIAL_KEY;
    unsigned n = bytes_below(b, 16);

    n = n == 15 ? KEYS : by_key ? n % 3 : 0;
    for (unsigned k = 0; k < n; k++)
        keys[k] = name(b, usual[k]);
    return n == 0 ? NULL : keys;
}

/* Mostly of what stands before it: cycles are made too, but not always. */
static const gale_input *make_inputs(bytes *b, struct part *p, unsigned no)
{
    unsigned n = bytes_below(b, 32);

    memset(p->inputs, 0, sizeof(p->inputs));
    memset(p->keys, 0, sizeof(p->keys));
    n = n == 31 ? 0 : 1 + n % INPUTS;
    for (unsigned i = 0; i < n; i++) {
        gale_input *in = &p->inputs[i];
        unsigned from = bytes_next(b);

        from = from < 200 ? from % (no + 1) : from % COMPS;
        in->from = name(b, usual[from]);
        in->how = (gale_grouping)(bytes_next(b) % 64 % 11);
        in->stream = bytes_below(b, 8) == 7 ? name(b, usual[0]) : NULL;
        in->keys = make_keys(b, p->keys[i], in->how);
        if (in->how == GALE_GROUP_CUSTOM || bytes_below(b, 32) == 31)
            in->chooser = &choosers[bytes_below(b, 8) == 7];
    }
    return n == 0 ? NULL : p->inputs;
}

static void make_part(bytes *b, gale_component *c, struct part *p, unsigned no)
{
    unsigned kind = bytes_below(b, 32);
    bool spout = no == 0 ? kind != 1 : kind % 8 == 0;

    *c = (gale_component){ .id = name(b, usual[no]) };
    p->spout = (gale_spout){ .next = kind == 30 ? NULL : do_next };
    p->bolt = (gale_bolt){ .execute = kind == 30 ? NULL : do_execute,
                           .tick = kind % 2 == 0 ? do_tick : NULL };
    p->spout.output = p->bolt.output = make_fields(b, p->fields[0]);
    p->spout.streams = p->bolt.streams = make_streams(b, p);
    if (spout || kind == 31)
        c->spout = &p->spout;
    if (!spout && kind != 29)
        c->bolt = &p->bolt;
    if (!spout || kind == 28)
        c->inputs = make_inputs(b, p, no);
    c->tasks = number(b);
    c->executors = bytes_below(b, 2) == 0 ? 0 : number(b);
    c->tick_ms = spout || kind % 2 != 0 ? 0 : number(b);
    c->blocking = bytes_below(b, 4) == 0;
    c->fused = kind % 4 == 3;
    c->conf = make_conf(b, p->conf);
}

/* Sizes that the program does not have are refused, if they cannot be. */
static void make_abi(bytes *b)
{
    abi = (gale_abi)GALE_ABI_SIZES;
    switch (bytes_below(b, 64)) {
    case 60:
        abi.version = bytes_below(b, 3);
        break;
    case 61:
        abi.abi = bytes_below(b, 60);
        break;
    case 62:
        abi.component = bytes_below(b, 8);
        break;
    case 63:
        abi.run_result = UINT32_MAX - bytes_below(b, 256);
        break;
    default:
        break;
    }
}

static void make_table(bytes *b)
{
    unsigned n = 1 + bytes_below(b, COMPS);

    memset(longest, 'x', sizeof(longest) - 1);
    n_text = 0;
    make_abi(b);
    for (unsigned i = 0; i < n; i++)
        make_part(b, &comps[i], &parts[i], i);
    table = (gale_topology){ .components = { comps, n } };
    table.abi = bytes_below(b, 64) == 63 ? NULL : &abi;
    table.name = name(b, "t");
    table.about = name(b, NULL);
    table.args = name(b, NULL);
    table.conf = make_conf(b, conf);
}

/* --------------------------------------------------------- what is true -- */

static void check_edge(const gi_plan *p, const gi_edge *e)
{
    const gi_stream *s = &p->streams[e->stream];
    const gi_comp *from = &p->comps[s->comp], *to = &p->comps[e->to];

    assert(e->stream < p->n_streams && e->to < p->n_comps && !to->is_spout);
    for (uint32_t k = 0; k < e->n_keys; k++)
        assert(e->keys[k] < s->n_fields);
    assert(s->direct == (e->how == GALE_GROUP_DIRECT));
    assert((e->how == GALE_GROUP_CUSTOM) == (e->chooser.choose != NULL));
    assert(e->inner ==
           (from->in_cycle && to->in_cycle && from->cycle == to->cycle));
    assert(e->inner ? from->rank == to->rank : from->rank > to->rank);
}

/* No two streams of a component, no two fields of a stream have one name. */
static void check_names(const gi_plan *p, const gi_comp *c)
{
    const gi_stream *s = &p->streams[c->first_stream];

    for (uint32_t i = 0; i < c->n_streams; i++) {
        for (uint32_t k = 0; k < i; k++)
            assert(strcmp(s[i].name, s[k].name) != 0);
        for (uint32_t f = 0; f < s[i].n_fields; f++)
            for (uint32_t g = 0; g < f; g++)
                assert(strcmp(s[i].fields[f].name, s[i].fields[g].name) != 0);
    }
}

static void check_plan(const gi_plan *p)
{
    uint32_t tasks = 0, edges = 0;

    for (uint32_t i = 0; i < p->n_comps; i++) {
        const gi_comp *c = &p->comps[i];

        assert(c->no == i && gi_plan_comp(p, c->id) == c);
        assert(c->n_tasks > 0 && c->first_task == tasks + 1);
        assert(c->n_executors > 0 && c->n_executors <= c->n_tasks);
        for (uint32_t t = 0; t < c->n_tasks; t++)
            assert(gi_plan_task(p, ++tasks) == c);
        for (uint32_t s = 0; s < c->n_streams; s++)
            assert(p->streams[c->first_stream + s].comp == i);
        check_names(p, c);
    }
    assert(tasks == p->n_tasks && tasks <= GI_MAX_TASKS);
    for (uint32_t s = 0; s < p->n_streams; s++) {
        for (uint32_t k = 0; k < p->streams[s].n_edges; k++) {
            assert(p->streams[s].edges[k].no == edges++);
            check_edge(p, &p->streams[s].edges[k]);
        }
        assert(p->streams[s].no == s);
    }
    assert(edges == p->n_edges);
}

/* Brackets close what they opened, outside of strings. */
static void check_brackets(const char *s)
{
    char open[64];
    unsigned depth = 0;
    bool quoted = false;

    for (; *s != '\0'; s++) {
        if (quoted && *s == '\\')
            s++;
        else if (*s == '"')
            quoted = !quoted;
        else if (!quoted && (*s == '{' || *s == '['))
            open[depth++] = *s;
        else if (!quoted && (*s == '}' || *s == ']'))
            assert(depth > 0 && open[--depth] == *s - 2);
        assert(depth < sizeof(open));
    }
    assert(depth == 0 && !quoted);
}

static void check_words(const gi_plan *p)
{
    char *words = gi_plan_text(p), *json = gi_plan_json(p);
    char *dot = gi_plan_dot(p);

    assert(words != NULL && json != NULL && dot != NULL);
    assert(strstr(words, p->name) != NULL);
    check_brackets(json);
    check_brackets(dot);
    gi_free(words);
    gi_free(json);
    gi_free(dot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    bytes b = { data, len };
    gi_report r = { 0 };
    gi_plan *p = NULL;
    gale_diag why;

    make_table(&b);
    gale_err rv = gi_plan_create(&p, &table, NULL, &r);
    assert(rv == GALE_OK || rv == GALE_EPLAN || rv == GALE_ECONF);
    assert((rv == GALE_OK) == gi_report_empty(&r));
    assert((rv == GALE_OK) == (p != NULL));
    for (size_t i = 0; i < r.n; i++)
        assert(r.lines[i][0] != '\0');
    if (p != NULL) {
        check_plan(p);
        check_words(p);
    }
    gi_plan_destroy(p);
    gi_report_fini(&r);

    /* The same under the settings of a call. */
    const gale_setting *over = make_conf(&b, call_conf);
    gale_err again = gale_validate(&table, over, &why);
    assert((again == GALE_OK) == (why.text[0] == '\0'));
    assert(over != NULL || again == rv);
    return 0;
}
