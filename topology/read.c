/* read.c -- the table a person wrote, copied into this library's shapes.
 *
 * Arrays are walked with the sizes that the program was compiled with.  What
 * an older program does not have is zero here, and zero means default; what a
 * newer one has beyond is not looked at.
 */
#include "topology/draft.h"

enum {
    MAX_SETTINGS = 4096,
    MAX_STRIDE = 1 << 20, /* keeps a wild stride from wrapping a product */
};

void gi_widen(void *to, size_t ours, const void *from, size_t theirs)
{
    memset(to, 0, ours);
    memcpy(to, from, theirs < ours ? theirs : ours);
}

/* The tables as they are were the first: whoever has a GALE_ABI has at least
 * a pointer or a size in front of each struct. */
static bool check_abi(gi_draft *d, const gale_abi *abi)
{
    const struct {
        const char *name;
        uint32_t size;
    } sizes[] = {
        { "gale_topology", abi->topology },
        { "gale_component", abi->component },
        { "gale_spout", abi->spout },
        { "gale_bolt", abi->bolt },
        { "gale_input", abi->input },
        { "gale_field", abi->field },
        { "gale_stream", abi->stream },
        { "gale_setting", abi->setting },
        { "gale_chooser", abi->chooser },
        { "gale_emit_opts", abi->emit_opts },
        { "gale_spout_emit_opts", abi->spout_emit_opts },
        { "gale_run_opts", abi->run_opts },
        { "gale_run_result", abi->run_result },
    };
    bool fine = true;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        if (sizes[i].size < sizeof(void *) || sizes[i].size > MAX_STRIDE ||
            sizes[i].size % _Alignof(void *) != 0) {
            gi_report_add(d->r,
                          "the topology's abi gives a %s %u bytes, which "
                          "cannot be (write .abi = GALE_ABI)",
                          sizes[i].name, sizes[i].size);
            fine = false;
        }
    return fine;
}

bool gi_plan_abi(gale_abi *out, const gale_topology *t, gi_report *r)
{
    gi_draft d = { .r = r };

    if (!gi_draft_abi(&d, t))
        return false;
    *out = d.abi;
    return true;
}

bool gi_draft_abi(gi_draft *d, const gale_topology *t)
{
    if (t == NULL) {
        gi_report_add(d->r, "there is no topology: the table is NULL");
        return false;
    }
    if (t->abi == NULL || t->abi->version == 0) {
        gi_report_add(d->r, "the topology does not say what it was compiled "
                            "with (write .abi = GALE_ABI)");
        return false;
    }
    if (t->abi->version > GALE_ABI_VERSION) {
        gi_report_add(d->r,
                      "the topology was compiled for version %u of the "
                      "tables, and this library knows no newer than %u "
                      "(update the library)",
                      t->abi->version, GALE_ABI_VERSION);
        return false;
    }
    if (t->abi->abi < sizeof(uint32_t) * 15 || t->abi->abi > MAX_STRIDE) {
        gi_report_add(d->r,
                      "the topology's abi says it has %u bytes itself, which "
                      "cannot be (write .abi = GALE_ABI)",
                      t->abi->abi);
        return false;
    }
    gi_widen(&d->abi, sizeof(d->abi), t->abi, t->abi->abi);
    return check_abi(d, &d->abi);
}

/* How many elements there are before the one whose first member is NULL;
 * most + 1 if it is not among the first most + 1. */
static uint32_t count(const void *at, size_t stride, uint32_t most)
{
    uint32_t n = 0;

    for (const char *e = at; e != NULL && n <= most; e += stride) {
        const void *first;

        memcpy(&first, e, sizeof(first));
        if (first == NULL)
            break;
        n++;
    }
    return n;
}

/* `n` elements and a zeroed one to end them, so that the copy can be walked
 * as the original could. */
static void *copy(gi_pool *pool, const void *at, size_t stride, uint32_t n,
                  size_t ours)
{
    char *to = gi_pool_take(pool, (size_t)n + 1, ours);

    for (uint32_t i = 0; to != NULL && i < n; i++)
        gi_widen(to + i * ours, ours, (const char *)at + i * stride, stride);
    return to;
}

gale_err gi_read_settings(gi_pool *pool, size_t stride, const gale_setting *at,
                          const char *whose, gale_setting **out, uint32_t *n,
                          gi_report *r)
{
    *n = count(at, stride, MAX_SETTINGS);
    if (*n > MAX_SETTINGS) {
        gi_report_add(r,
                      "%s has more than %d settings, or they do not end "
                      "with {0}",
                      whose, MAX_SETTINGS);
        *n = 0;
    }
    *out = copy(pool, at, stride, *n, sizeof(**out));
    return *out == NULL ? GALE_ENOMEM : GALE_OK;
}

static gale_err read_fields(gi_draft *d, const gi_draft_comp *c,
                            gi_draft_stream *s, const gale_field *at)
{
    s->n_fields = count(at, d->abi.field, GI_MAX_FIELDS);
    if (s->n_fields > GI_MAX_FIELDS) {
        gi_report_add(d->r,
                      "%s has more than %d fields, or they do not end with "
                      "{0}",
                      gi_stream_who(c, s).s, GI_MAX_FIELDS);
        s->unclear = true;
        s->n_fields = 0;
    }
    s->fields =
        copy(&d->p->pool, at, d->abi.field, s->n_fields, sizeof(gale_field));
    return s->fields == NULL ? GALE_ENOMEM : GALE_OK;
}

/* What the runtime itself emits for a spout; the words of spout.h. */
static const gale_field dead_letter[] = {
    { "stream", GALE_T_STR },   { "id", GALE_T_I64 },
    { "attempts", GALE_T_I64 }, { "reason", GALE_T_STR },
    { "values", GALE_T_LIST },  { NULL, GALE_T_ANY },
};

static uint32_t count_streams(gi_draft *d, gi_draft_comp *c,
                              const gale_stream *at)
{
    uint32_t n = count(at, d->abi.stream, GI_MAX_OWN_STREAMS);

    if (n <= GI_MAX_OWN_STREAMS)
        return n;
    gi_report_add(d->r,
                  "%s has more than %d streams, or they do not end with {0}",
                  c->who.s, GI_MAX_OWN_STREAMS);
    c->unclear = true;
    return 0;
}

/* `output` and `more` are members of the component's copy; they are made to
 * point to copies as well. */
static gale_err read_streams(gi_draft *d, gi_draft_comp *c,
                             const gale_field **output,
                             const gale_stream **more)
{
    uint32_t n = count_streams(d, c, *more);
    gale_stream *all =
        copy(&d->p->pool, *more, d->abi.stream, n, sizeof(*all));
    c->streams = gi_pool_take(&d->scratch, (size_t)n + 2, sizeof(*c->streams));
    if (all == NULL || c->streams == NULL)
        return GALE_ENOMEM;

    gi_draft_stream *s = c->streams;
    s->name = "default";
    s->declared = *output != NULL;
    gale_err rv = read_fields(d, c, s, *output);
    if (s->declared)
        *output = s->fields;

    for (uint32_t i = 0; rv == GALE_OK && i < n; i++) {
        s++;
        s->name = all[i].name;
        s->direct = all[i].direct;
        s->declared = true;
        rv = read_fields(d, c, s, all[i].fields);
        all[i].fields = s->fields;
    }
    *more = all;
    c->n_streams = n + 1;
    if (c->is_spout)
        c->streams[c->n_streams++] = (gi_draft_stream){
            .name = GI_DEAD_LETTER,
            .declared = true,
            .n_fields = sizeof(dead_letter) / sizeof(dead_letter[0]) - 1,
            .fields = dead_letter,
        };
    return rv;
}

static void read_input(gi_draft *d, gi_draft_input *in, const void *at)
{
    gi_widen(&in->in, sizeof(in->in), at, d->abi.input);
    in->stream = in->in.stream == NULL ? "default" : in->in.stream;
    in->n_keys = count(in->in.keys, sizeof(gale_name), GI_MAX_KEYS);
    in->from = in->at = GI_NOWHERE;
    if (in->in.chooser != NULL)
        gi_widen(&in->chooser, sizeof(in->chooser), in->in.chooser,
                 d->abi.chooser);
}

static gale_err read_inputs(gi_draft *d, gi_draft_comp *c)
{
    const gale_input *at = c->c.inputs;

    c->n_inputs = count(at, d->abi.input, GI_MAX_STREAMS);
    if (c->n_inputs > GI_MAX_STREAMS) {
        gi_report_add(d->r,
                      "%s has more than %d inputs, or they do not end with "
                      "{0}",
                      c->who.s, GI_MAX_STREAMS);
        c->unclear = true;
        c->n_inputs = 0;
    }
    c->inputs = gi_pool_take(&d->scratch, c->n_inputs, sizeof(*c->inputs));
    if (c->inputs == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < c->n_inputs; i++)
        read_input(d, &c->inputs[i],
                   (const char *)at + (size_t)i * d->abi.input);
    return GALE_OK;
}

static void name_it(gi_draft_comp *c, uint32_t no)
{
    const char *kind = "component";

    if (c->is_spout || c->is_bolt)
        kind = c->is_spout ? "spout" : "bolt";
    if (c->c.id == NULL || c->c.id[0] == '\0')
        gi_words_add(&c->who, "%s number %u", kind, no + 1);
    else
        gi_words_add(&c->who, "%s '%s'", kind, gi_show(c->c.id).s);
}

static gale_err read_component(gi_draft *d, uint32_t no)
{
    gi_draft_comp *c = &d->comps[no];
    gale_err rv = GALE_OK;

    gi_widen(&c->c, sizeof(c->c),
             (const char *)d->t.components.at + (size_t)no * d->abi.component,
             d->abi.component);
    c->is_spout = c->c.spout != NULL && c->c.bolt == NULL;
    c->is_bolt = c->c.bolt != NULL && c->c.spout == NULL;
    c->unclear = !c->is_spout && !c->is_bolt;
    name_it(c, no);

    if (c->is_spout) {
        gi_widen(&c->spout, sizeof(c->spout), c->c.spout, d->abi.spout);
        rv = read_streams(d, c, &c->spout.output, &c->spout.streams);
    } else if (c->is_bolt) {
        gi_widen(&c->bolt, sizeof(c->bolt), c->c.bolt, d->abi.bolt);
        rv = read_streams(d, c, &c->bolt.output, &c->bolt.streams);
    }
    if (rv == GALE_OK)
        rv = read_inputs(d, c);
    if (rv == GALE_OK)
        rv = gi_read_settings(&d->scratch, d->abi.setting, c->c.conf, c->who.s,
                              &c->conf, &c->n_conf, d->r);
    c->first_stream = d->n_streams;
    d->n_streams += c->n_streams;
    return rv;
}

static bool read_size(gi_draft *d)
{
    size_t n = d->t.components.at == NULL ? 0 : d->t.components.n;

    if (n == 0)
        gi_report_add(d->r, "the topology has no components (write "
                            ".components = GALE_COMPONENTS(an array))");
    else if (n > GI_MAX_COMPONENTS)
        gi_report_add(d->r,
                      "the topology has %zu components, and %d is the most", n,
                      GI_MAX_COMPONENTS);
    d->n_comps = n > GI_MAX_COMPONENTS ? 0 : (uint32_t)n;
    return d->n_comps > 0;
}

gale_err gi_draft_read(gi_draft *d, const gale_topology *t)
{
    if (!gi_draft_abi(d, t))
        return GALE_EPLAN;
    gi_widen(&d->t, sizeof(d->t), t, d->abi.topology);

    gale_err rv = gi_read_settings(&d->scratch, d->abi.setting, d->t.conf,
                                   "the topology", &d->conf, &d->n_conf, d->r);
    if (rv != GALE_OK || !read_size(d))
        return rv;

    d->comps = gi_pool_take(&d->scratch, d->n_comps, sizeof(*d->comps));
    if (d->comps == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; rv == GALE_OK && i < d->n_comps; i++)
        rv = read_component(d, i);
    return rv;
}
