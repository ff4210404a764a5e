/* Programs compiled against older and newer headers than the library's.  The
 * structs below are what those headers could have said. */
#include <criterion/criterion.h>

#include "gale/run.h"

#include "plans.h"

/* --------------------------------------------------- an older program -- */

typedef struct old_field {
    const char *name;
} old_field;

typedef struct old_stream {
    const char *name;
    const old_field *fields;
} old_stream;

typedef struct old_spout {
    size_t state_size;
    const old_field *output;
    const old_stream *streams;
    gale_err (*open)(void *self, gale_spout_ctx *ctx);
    bool (*next)(void *self, gale_spout_ctx *ctx);
} old_spout;

typedef struct old_bolt {
    size_t state_size;
    const old_field *output;
    const old_stream *streams;
    gale_err (*prepare)(void *self, gale_bolt_ctx *ctx);
    gale_verdict (*execute)(void *self, const gale_tuple *in,
                            gale_bolt_ctx *ctx);
} old_bolt;

typedef struct old_input {
    const char *from;
    gale_grouping how;
    const gale_name *keys;
} old_input;

typedef struct old_component {
    const char *id;
    const old_spout *spout;
    const old_bolt *bolt;
    const old_input *inputs;
    uint32_t tasks;
    uint32_t executors;
} old_component;

typedef struct old_topology {
    const gale_abi *abi;
    const char *name;
    gale_components components;
} old_topology;

static const gale_abi old_abi = {
    .version = 1,
    .abi = sizeof(gale_abi),
    .emit_opts = sizeof(gale_emit_opts),
    .spout_emit_opts = sizeof(gale_spout_emit_opts),
    .run_opts = sizeof(gale_run_opts),
    .run_result = sizeof(gale_run_result),
    .topology = sizeof(old_topology),
    .component = sizeof(old_component),
    .spout = sizeof(old_spout),
    .bolt = sizeof(old_bolt),
    .input = sizeof(old_input),
    .field = sizeof(old_field),
    .stream = sizeof(old_stream),
    .setting = sizeof(gale_setting),
    .chooser = sizeof(gale_chooser),
};

static const old_field old_fields[] = { { "word" }, { "n" }, { NULL } };
static const old_stream old_streams[] = {
    { "odd", old_fields },
    { "even", old_fields + 1 },
    { NULL, NULL },
};
static const old_spout old_lines = {
    .output = old_fields,
    .streams = old_streams,
    .next = give_up,
};
static const old_bolt old_count = { .execute = ack_all };
static const old_input old_inputs[] = {
    { "lines", GALE_GROUP_FIELDS, (const gale_name[]){ "n", NULL } },
    { "echo", GALE_GROUP_SHUFFLE, NULL },
    { NULL, 0, NULL },
};
static const old_input echo_inputs[] = {
    { "lines", GALE_GROUP_ALL, NULL },
    { NULL, 0, NULL },
};
static const old_bolt old_echo = { .output = old_fields, .execute = ack_all };
static const old_component old_components[] = {
    { "lines", &old_lines, NULL, NULL, 2, 0 },
    { "echo", NULL, &old_echo, echo_inputs, 0, 0 },
    { "count", NULL, &old_count, old_inputs, 3, 0 },
};
static const old_topology old_table = {
    .abi = &old_abi,
    .name = "old",
    .components = { (const void *)old_components, 3 },
};

Test(abi, what_an_older_program_does_not_have_is_the_default)
{
    gi_report r = { 0 };
    gi_plan *p = NULL;

    cr_assert_eq(gi_plan_create(&p, (const void *)&old_table, NULL, &r),
                 GALE_OK, "%s", r.n > 0 ? r.lines[0] : "");
    cr_assert_eq(p->n_comps, 3);
    cr_assert_eq(p->n_edges, 3);
    cr_expect_eq(p->n_tasks, 6);
    cr_expect_null(p->about);
    cr_expect_null(p->comps[2].arg);
    cr_expect_eq(p->comps[2].tick_ms, 0);
    cr_expect_null(p->comps[2].bolt.tick);
    cr_expect_null(p->comps[0].spout.ack);

    const gi_stream *s = &p->streams[p->comps[0].first_stream];
    cr_assert_eq(p->comps[0].n_streams, 4);
    cr_expect_str_eq(s[0].fields[1].name, "n");
    cr_expect_eq(s[0].fields[0].type, GALE_T_ANY);
    cr_expect_str_eq(s[2].name, "even");
    cr_expect_eq(s[2].n_fields, 1);
    cr_expect_not(s[2].direct);
    cr_expect_eq(s[0].edges[1].keys[0], 1);
    gi_plan_destroy(p);
}

/* ---------------------------------------------------- a newer program -- */

/* Whatever comes to stand behind a struct, it is not nothing. */
#define BEYOND void *beyond[3]
#define MORE                            \
    {                                   \
        (void *)1, (void *)2, (void *)3 \
    }

typedef struct new_field {
    gale_field now;
    BEYOND;
} new_field;

typedef struct new_stream {
    gale_stream now;
    BEYOND;
} new_stream;

typedef struct new_spout {
    gale_spout now;
    BEYOND;
} new_spout;

typedef struct new_bolt {
    gale_bolt now;
    BEYOND;
} new_bolt;

typedef struct new_input {
    gale_input now;
    BEYOND;
} new_input;

typedef struct new_setting {
    gale_setting now;
    BEYOND;
} new_setting;

typedef struct new_chooser {
    gale_chooser now;
    BEYOND;
} new_chooser;

typedef struct new_component {
    gale_component now;
    BEYOND;
} new_component;

typedef struct new_topology {
    gale_topology now;
    BEYOND;
} new_topology;

static const gale_abi new_abi = {
    .version = 1,
    .abi = sizeof(gale_abi),
    .emit_opts = sizeof(gale_emit_opts),
    .spout_emit_opts = sizeof(gale_spout_emit_opts),
    .run_opts = sizeof(gale_run_opts),
    .run_result = sizeof(gale_run_result),
    .topology = sizeof(new_topology),
    .component = sizeof(new_component),
    .spout = sizeof(new_spout),
    .bolt = sizeof(new_bolt),
    .input = sizeof(new_input),
    .field = sizeof(new_field),
    .stream = sizeof(new_stream),
    .setting = sizeof(new_setting),
    .chooser = sizeof(new_chooser),
};

static const new_field new_fields[] = {
    { { "word", GALE_T_STR }, MORE },
    { { "n", GALE_T_I64 }, MORE },
    { { NULL, GALE_T_ANY }, MORE },
};
static const new_stream new_streams[] = {
    { { "odd", &new_fields[1].now, false }, MORE },
    { { "told", &new_fields[0].now, true }, MORE },
    { { NULL, NULL, false }, MORE },
};
static const new_spout new_lines = {
    { .output = &new_fields[0].now,
      .streams = &new_streams[0].now,
      .next = give_up },
    MORE,
};
static const new_bolt new_count = { { .execute = ack_all }, MORE };
static const new_chooser new_first = { { .choose = choose_first }, MORE };
static const new_input new_inputs[] = {
    { GALE_BY("lines", "n"), MORE },
    { { .from = "lines",
        .how = GALE_GROUP_CUSTOM,
        .stream = "odd",
        .chooser = &new_first.now },
      MORE },
    { GALE_DIRECT("lines", "told"), MORE },
    { { .from = NULL }, MORE },
};
static const new_setting new_settings[] = {
    { { "topology.debug", "true" }, MORE },
    { { "mine", "1" }, MORE },
    { { NULL, NULL }, MORE },
};
static const new_component new_components[] = {
    { { .id = "lines", .spout = &new_lines.now }, MORE },
    { { .id = "count",
        .bolt = &new_count.now,
        .inputs = &new_inputs[0].now,
        .conf = &new_settings[0].now },
      MORE },
};
static const new_topology new_table = {
    { .abi = &new_abi,
      .name = "new",
      .components = { &new_components[0].now, 2 },
      .conf = &new_settings[1].now },
    MORE,
};

Test(abi, what_a_newer_program_has_beyond_is_not_looked_at)
{
    gi_report r = { 0 };
    gi_plan *p = NULL;

    cr_assert_eq(gi_plan_create(&p, &new_table.now, NULL, &r), GALE_OK, "%s",
                 r.n > 0 ? r.lines[0] : "");
    cr_assert_eq(p->n_comps, 2);
    cr_assert_eq(p->n_edges, 3);
    cr_expect_str_eq(gi_conf_get(p->conf, "mine"), "1");
    cr_expect_null(gi_conf_get(p->conf, "topology.debug"));
    cr_expect_str_eq(gi_conf_get(p->comps[1].conf, "topology.debug"), "true");

    const gi_stream *s = &p->streams[p->comps[0].first_stream];
    cr_assert_eq(p->comps[0].n_streams, 4);
    cr_expect_eq(s[0].n_fields, 2);
    cr_expect_str_eq(s[0].fields[1].name, "n");
    cr_expect_eq(s[1].n_fields, 1);
    cr_expect(s[2].direct);
    cr_expect_eq(s[0].edges[0].keys[0], 1);
    cr_expect_eq(s[1].edges[0].chooser.choose, choose_first);
    cr_expect_eq(p->comps[0].spout.output[1].type, GALE_T_I64);
    cr_expect_str_eq(p->comps[0].spout.streams[1].name, "told");
    cr_expect_null(p->comps[0].spout.streams[2].name);
    gi_plan_destroy(p);
}
