/* bolt.c -- a bolt by hand: a little topology around it.
 *
 *     source, ... --> bolt --> reader
 *
 * Each component among the sources is a mocked spout.  The reader acks all it
 * gets, so that a source's tuple is acked when the bolt, and nobody else, has
 * answered for it.
 */
#include "base/diag.h"
#include "base/pool.h"
#include "local/testing/testing.h"

struct gale_test_bolt {
    gale_test *t;
    gi_pool pool; /* the table */
    const char *component;
    gale_test_source *sources; /* copied; their fields are not looked at
                                  once the test is made */
    size_t n_sources;

    gale_component *components; /* spouts, then the bolt, then the reader */
    size_t n_spouts;
    gale_abi abi;
    gale_topology topology;
    gale_bolt reader;

    uint64_t n_fed;
    gi_rows rows;          /* what the reader got, and ... */
    gale_test_emit *emits; /* ... how */
    size_t cap;
};

static const gale_field no_fields[] = { { 0 } };
static const gale_test_source no_sources[] = {
    { "source", NULL, no_fields },
    { 0 },
};

static bool is_default(const char *stream)
{
    return stream == NULL || strcmp(stream, "default") == 0;
}

/* ----------------------------------------------------------- the reader -- */

static gale_verdict read_row(void *self, const gale_tuple *in,
                             gale_bolt_ctx *ctx)
{
    gale_test_bolt *b =
        (gale_test_bolt *)(uintptr_t)gale_task_arg(gale_bolt_task(ctx));
    size_t n = b->rows.n;

    (void)self;
    if (n == b->cap) {
        size_t cap = n == 0 ? 16 : n * 2;
        gale_test_emit *at = gi_realloc(b->emits, cap * sizeof(*at));

        if (at == NULL)
            return GALE_FAIL;
        b->emits = at;
        b->cap = cap;
    }
    if (gi_rows_add(&b->rows, gale_tuple_row(in)) != GALE_OK)
        return GALE_FAIL;
    b->emits[n] = (gale_test_emit){
        .stream = gale_tuple_stream(in),
        .row = b->rows.at[n],
        .anchored = gale_tuple_tracked(in),
        .task = gale_task_id(gale_bolt_task(ctx)),
    };
    return GALE_ACK;
}

/* ---------------------------------------------------------- the sources -- */

static bool copy_sources(gale_test_bolt *b, const gale_test_source *from)
{
    while (from[b->n_sources].component != NULL)
        b->n_sources++;
    b->sources = gi_pool_take(&b->pool, b->n_sources + 1, sizeof(*from));
    if (b->sources == NULL)
        return false;
    memcpy(b->sources, from, b->n_sources * sizeof(*from));
    return true;
}

static bool never(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return false;
}

/* All that the sources say about one component, as a spout; false without
 * memory.  Its further streams are numbered as they are listed. */
static bool make_spout(gale_test_bolt *b, gale_component *c, const char *id)
{
    gale_spout *spout = gi_pool_take(&b->pool, 1, sizeof(*spout));
    gale_stream *streams =
        gi_pool_take(&b->pool, b->n_sources + 1, sizeof(*streams));
    size_t n = 0;

    if (spout == NULL || streams == NULL)
        return false;
    spout->next = never;
    spout->streams = streams;
    for (size_t i = 0; i < b->n_sources; i++) {
        const gale_test_source *s = &b->sources[i];

        if (strcmp(s->component, id) != 0)
            continue;
        if (is_default(s->stream))
            spout->output = s->fields;
        else
            streams[n++] = (gale_stream){ s->stream, s->fields, false };
    }
    *c = (gale_component){ .id = id, .spout = spout };
    return true;
}

static bool make_spouts(gale_test_bolt *b)
{
    for (size_t i = 0; i < b->n_sources; i++) {
        const char *id = b->sources[i].component;
        size_t first = 0;

        while (strcmp(b->sources[first].component, id) != 0)
            first++;
        if (first == i && !make_spout(b, &b->components[b->n_spouts++], id))
            return false;
    }
    return true;
}

/* ------------------------------------------------- the bolt, its reader -- */

static bool make_bolt(gale_test_bolt *b, gale_component *c,
                      const gale_bolt *bolt, const gale_test_bolt_opts *o)
{
    gale_input *in = gi_pool_take(&b->pool, b->n_sources + 1, sizeof(*in));

    if (in == NULL)
        return false;
    for (size_t i = 0; i < b->n_sources; i++) {
        in[i].from = b->sources[i].component;
        in[i].stream = b->sources[i].stream;
    }
    *c = (gale_component){
        .id = b->component,
        .bolt = bolt,
        .inputs = in,
        .tasks = 1,
        .tick_ms = o->tick_ms,
        .arg = o->arg,
        .conf = o->conf,
    };
    return true;
}

static bool make_reader(gale_test_bolt *b, gale_component *c,
                        const gale_bolt *bolt, const gale_test_bolt_opts *o)
{
    size_t n = 0;

    while (bolt->streams != NULL && bolt->streams[n].name != NULL)
        n++;
    gale_input *in = gi_pool_take(&b->pool, n + 2, sizeof(*in));
    if (in == NULL)
        return false;
    in[0] = (gale_input){ .from = b->component, .how = GALE_GROUP_GLOBAL };
    for (size_t i = 0; i < n; i++)
        in[i + 1] = (gale_input){
            .from = b->component,
            .how = bolt->streams[i].direct ? GALE_GROUP_DIRECT
                                           : GALE_GROUP_GLOBAL,
            .stream = bolt->streams[i].name,
        };
    b->reader = (gale_bolt){ .execute = read_row };
    *c = (gale_component){
        .id = o->reader == NULL ? "reader" : o->reader,
        .bolt = &b->reader,
        .inputs = bolt->output == NULL ? in + 1 : in,
        .tasks = o->readers == 0 ? 1 : o->readers,
        .arg = b,
    };
    return true;
}

/* A bolt that emits nothing at all has no reader. */
static bool emits_something(const gale_bolt *bolt)
{
    return bolt->output != NULL ||
           (bolt->streams != NULL && bolt->streams[0].name != NULL);
}

static bool make_table(gale_test_bolt *b, const gale_bolt *bolt,
                       const gale_test_bolt_opts *o)
{
    size_t n = 1;

    b->components =
        gi_pool_take(&b->pool, b->n_sources + 2, sizeof(gale_component));
    if (b->components == NULL || !make_spouts(b) ||
        !make_bolt(b, &b->components[b->n_spouts], bolt, o))
        return false;
    if (emits_something(bolt) &&
        !make_reader(b, &b->components[b->n_spouts + n++], bolt, o))
        return false;
    b->abi = *GALE_ABI;
    b->topology = (gale_topology){
        .abi = &b->abi,
        .name = "bolt-by-hand",
        .components = { b->components, b->n_spouts + n },
    };
    return true;
}

/* ----------------------------------------------------- making, dropping -- */

static gale_err make(gale_test_bolt *b, const gale_bolt *bolt,
                     const gale_test_bolt_opts *o, gale_diag *why)
{
    b->component = o->component == NULL ? "bolt" : o->component;
    if (!copy_sources(b, o->sources == NULL ? no_sources : o->sources))
        return GALE_ENOMEM;
    gale_test_mock *mocks =
        gi_pool_take(&b->pool, b->n_sources + 1, sizeof(*mocks));
    if (mocks == NULL || !make_table(b, bolt, o))
        return GALE_ENOMEM;
    for (size_t i = 0; i < b->n_spouts; i++)
        mocks[i].spout = b->components[i].id;
    gale_test_opts opts = {
        .seed = o->seed,
        .loops = 1,
        .mocks = mocks,
        .no_rows = true,
    };
    return gale_test_create(&b->t, &b->topology, &opts, why);
}

gale_err gale_test_bolt_create(gale_test_bolt **out, const gale_bolt *bolt,
                               const gale_test_bolt_opts *opts, gale_diag *why)
{
    gale_test_bolt_opts none = { 0 };
    gale_test_bolt *b = gi_alloc(sizeof(*b));
    gale_err rv = GALE_ENOMEM;

    if (b != NULL)
        rv = make(b, bolt, opts == NULL ? &none : opts, why);
    if (rv == GALE_OK) {
        *out = b;
        return GALE_OK;
    }
    gale_test_bolt_destroy(b);
    if (rv == GALE_ENOMEM)
        gi_diag_say(why, "%s", gale_err_text(rv));
    return rv;
}

void gale_test_bolt_destroy(gale_test_bolt *b)
{
    if (b == NULL)
        return;
    gale_test_destroy(b->t);
    gi_rows_fini(&b->rows);
    gi_free(b->emits);
    gi_pool_fini(&b->pool);
    gi_free(b);
}

gale_test *gale_test_bolt_test(gale_test_bolt *b)
{
    return b->t;
}

/* -------------------------------------------------------------- by hand -- */

/* The number of a component's stream; false if no source has that name. */
static bool find_stream(const gale_test_bolt *b, const char *component,
                        const char *stream, unsigned *no)
{
    unsigned n = 0;

    for (size_t i = 0; i < b->n_sources; i++) {
        const gale_test_source *s = &b->sources[i];

        if (strcmp(s->component, component) != 0)
            continue;
        n += !is_default(s->stream);
        *no = is_default(s->stream) ? 0 : n;
        if (is_default(stream) ? *no == 0
                               : *no != 0 && strcmp(s->stream, stream) == 0)
            return true;
    }
    return false;
}

gale_err gale_test_bolt_feed(gale_test_bolt *b, const char *component,
                             const char *stream, gale_row row, uint64_t *id)
{
    gale_spout_emit_opts o = { .id = b->n_fed + 1 };

    if (!find_stream(b, component, stream, &o.stream))
        return GALE_ENOTFOUND;
    gale_err rv = gale_test_feed_with(b->t, component, &o, row);
    if (rv != GALE_OK)
        return rv;
    b->n_fed++;
    if (id != NULL)
        *id = o.id;
    return gale_test_settle(b->t);
}

static bool among(const uint64_t *ids, size_t n, uint64_t id)
{
    while (n > 0)
        if (ids[--n] == id)
            return true;
    return false;
}

gale_verdict gale_test_bolt_answer(const gale_test_bolt *b, uint64_t id)
{
    for (size_t i = 0; i < b->n_spouts; i++) {
        const char *spout = b->components[i].id;
        const uint64_t *ids;
        size_t n = gale_test_acked(b->t, spout, &ids);

        if (among(ids, n, id))
            return GALE_ACK;
        n = gale_test_failed(b->t, spout, &ids);
        if (among(ids, n, id))
            return GALE_FAIL;
    }
    return GALE_HOLD;
}

void gale_test_bolt_tick(gale_test_bolt *b)
{
    const gi_comp *c = gi_plan_comp(b->t->plan, b->component);

    gale_task_wake(gi_worker_task(gi_virtual_worker(b->t->v), c->first_task));
    gale_test_settle(b->t);
}

size_t gale_test_bolt_emits(const gale_test_bolt *b)
{
    return b->rows.n;
}

gale_test_emit gale_test_bolt_emit(const gale_test_bolt *b, size_t i)
{
    gale_test_emit none = { 0 };

    return i < b->rows.n ? b->emits[i] : none;
}

void gale_test_bolt_forget(gale_test_bolt *b)
{
    gi_rows_forget(&b->rows);
}
