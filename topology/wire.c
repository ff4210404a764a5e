/* wire.c -- who reads what of whom: inputs find their streams, and keys their
 * slots. */
#include "topology/draft.h"

static uint32_t find_comp(const gi_draft *d, const char *id)
{
    for (uint32_t i = 0; i < d->n_comps; i++)
        if (d->comps[i].c.id != NULL && strcmp(d->comps[i].c.id, id) == 0)
            return i;
    return GI_NOWHERE;
}

static uint32_t find_stream(const gi_draft_comp *c, const char *name)
{
    for (uint32_t i = 0; i < c->n_streams; i++)
        if (c->streams[i].declared && strcmp(c->streams[i].name, name) == 0)
            return i;
    return GI_NOWHERE;
}

static uint32_t find_field(const gi_draft_stream *s, const char *name)
{
    for (uint32_t i = 0; i < s->n_fields; i++)
        if (strcmp(s->fields[i].name, name) == 0)
            return i;
    return GI_NOWHERE;
}

/* "bolt 'count' reads stream 'odd' of 'split'"; the default stream goes
 * without saying. */
static gi_words reads(const gi_draft_comp *c, const gi_draft_input *in)
{
    gi_words w = { "" };

    if (in->in.stream == NULL)
        gi_words_add(&w, "%s reads '%s'", c->who.s, gi_show(in->in.from).s);
    else
        gi_words_add(&w, "%s reads stream '%s' of '%s'", c->who.s,
                     gi_show(in->stream).s, gi_show(in->in.from).s);
    return w;
}

static bool by_key(gale_grouping how)
{
    return how == GALE_GROUP_FIELDS || how == GALE_GROUP_PARTIAL_KEY;
}

static void find_source(gi_draft *d, const gi_draft_comp *c,
                        gi_draft_input *in)
{
    in->from = find_comp(d, in->in.from);
    if (in->from == GI_NOWHERE) {
        gi_report_add(d->r, "%s reads from '%s', which is not a component%s",
                      c->who.s, gi_show(in->in.from).s,
                      gi_hint_comp(d, in->in.from).s);
        return;
    }

    const gi_draft_comp *from = &d->comps[in->from];
    in->at = find_stream(from, in->stream);
    if (in->at != GI_NOWHERE || from->unclear)
        return;
    gi_words hint = gi_hint_stream(from, in->stream);
    if (hint.s[0] == '\0')
        gi_report_add(d->r, "%s reads from '%s', which emits nothing",
                      c->who.s, gi_show(in->in.from).s);
    else
        gi_report_add(d->r,
                      "%s reads stream '%s' of '%s', which has no such "
                      "stream%s",
                      c->who.s, gi_show(in->stream).s, gi_show(in->in.from).s,
                      hint.s);
}

/* What a grouping is given, whatever it reads. */
static void check_grouping(gi_draft *d, const gi_draft_comp *c,
                           const gi_draft_input *in)
{
    gale_grouping how = in->in.how;
    const char *name = gi_grouping_name(how);

    if ((uint32_t)how > GALE_GROUP_CUSTOM) {
        gi_report_add(d->r, "%s by grouping %u, which is none (0 to %d)",
                      reads(c, in).s, (unsigned)how, GALE_GROUP_CUSTOM);
        return;
    }
    if (by_key(how) && in->n_keys == 0)
        gi_report_add(d->r, "%s by %s, but names no key", reads(c, in).s,
                      name);
    if (!by_key(how) && in->n_keys > 0)
        gi_report_add(d->r,
                      "%s by %s, which takes no keys (fields and partial-key "
                      "do)",
                      reads(c, in).s, name);
    if (how != GALE_GROUP_CUSTOM && in->in.chooser != NULL)
        gi_report_add(d->r, "%s by %s, which takes no chooser (custom does)",
                      reads(c, in).s, name);
    if (how == GALE_GROUP_CUSTOM && in->in.chooser == NULL)
        gi_report_add(d->r, "%s by custom, but has no chooser",
                      reads(c, in).s);
    else if (how == GALE_GROUP_CUSTOM && in->chooser.choose == NULL)
        gi_report_add(d->r, "%s by a chooser that has no choose",
                      reads(c, in).s);
}

static void check_direct(gi_draft *d, const gi_draft_comp *c,
                         const gi_draft_input *in, bool direct)
{
    gale_grouping how = in->in.how;

    if (how == GALE_GROUP_DIRECT && !direct)
        gi_report_add(d->r,
                      "%s by direct, but the stream is not declared direct "
                      "(.direct = true)",
                      reads(c, in).s);
    if (how != GALE_GROUP_DIRECT && direct)
        gi_report_add(d->r,
                      "%s by %s, but the stream is declared direct and can "
                      "only be read by direct",
                      reads(c, in).s, gi_grouping_name(how));
}

static gale_err find_keys(gi_draft *d, const gi_draft_comp *c,
                          gi_draft_input *in, const gi_draft_stream *s)
{
    uint16_t *slots = gi_pool_take(&d->p->pool, in->n_keys, sizeof(*slots));

    if (slots == NULL)
        return GALE_ENOMEM;
    in->slots = slots;
    for (uint32_t i = 0; i < in->n_keys; i++) {
        const char *key = in->in.keys[i];
        uint32_t slot = find_field(s, key), twice = 0;

        while (twice < i && strcmp(in->in.keys[twice], key) != 0)
            twice++;
        if (twice < i)
            gi_report_add(d->r, "%s by the key '%s' twice", reads(c, in).s,
                          gi_show(key).s);
        else if (slot == GI_NOWHERE)
            gi_report_add(d->r, "%s by '%s', which is not a field of it%s",
                          reads(c, in).s, gi_show(key).s,
                          gi_hint_field(s, key).s);
        slots[i] = (uint16_t)slot;
    }
    return GALE_OK;
}

/* `reader[s]` is the last component that read stream s, counted from 1. */
static gale_err wire(gi_draft *d, uint32_t no, gi_draft_input *in,
                     uint32_t *reader)
{
    const gi_draft_comp *c = &d->comps[no];

    find_source(d, c, in);
    check_grouping(d, c, in);
    if (in->n_keys > GI_MAX_KEYS) {
        gi_report_add(d->r,
                      "%s by more than %d keys, or they do not end with NULL",
                      reads(c, in).s, GI_MAX_KEYS);
        return GALE_OK;
    }
    if (in->at == GI_NOWHERE)
        return GALE_OK;

    const gi_draft_comp *from = &d->comps[in->from];
    const gi_draft_stream *s = &from->streams[in->at];
    uint32_t *last = &reader[from->first_stream + in->at];
    if (*last == no + 1) {
        gi_report_add(d->r, "%s twice", reads(c, in).s);
        return GALE_OK;
    }
    *last = no + 1;
    if ((uint32_t)in->in.how <= GALE_GROUP_CUSTOM)
        check_direct(d, c, in, s->direct);
    return by_key(in->in.how) && !s->unclear ? find_keys(d, c, in, s)
                                             : GALE_OK;
}

gale_err gi_draft_wire(gi_draft *d)
{
    uint32_t *reader =
        gi_pool_take(&d->scratch, d->n_streams, sizeof(*reader));
    gale_err rv = reader == NULL ? GALE_ENOMEM : GALE_OK;

    for (uint32_t i = 0; rv == GALE_OK && i < d->n_comps; i++) {
        gi_draft_comp *c = &d->comps[i];

        if (c->is_spout && c->n_inputs > 0)
            gi_report_add(d->r, "%s has inputs, and only bolts read",
                          c->who.s);
        if (c->is_bolt && c->n_inputs == 0 && !c->unclear)
            gi_report_add(d->r,
                          "%s has no inputs: say which streams it reads, as "
                          "in .inputs = GALE_INPUTS(GALE_SHUFFLE(\"id\"))",
                          c->who.s);
        for (uint32_t k = 0; rv == GALE_OK && k < c->n_inputs; k++)
            if (!c->is_spout)
                rv = wire(d, i, &c->inputs[k], reader);
    }
    return rv;
}
