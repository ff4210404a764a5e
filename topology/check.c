/* check.c -- what can be said of each component by itself: its name, its
 * callbacks, the streams it declares. */
#include "topology/draft.h"

static void check_topology(gi_draft *d)
{
    const char *name = d->t.name;
    const char *fault = name == NULL ? NULL : gi_name_fault(name);

    if (name == NULL || name[0] == '\0')
        gi_report_add(d->r, "the topology has no name");
    else if (fault != NULL)
        gi_report_add(d->r, "the topology's name '%s' %s", gi_show(name).s,
                      fault);
    if (d->n_streams > GI_MAX_STREAMS)
        gi_report_add(d->r, "the topology has %u streams, and %d is the most",
                      d->n_streams, GI_MAX_STREAMS);
}

static void check_id(gi_draft *d, uint32_t no)
{
    const gi_draft_comp *c = &d->comps[no];
    const char *id = c->c.id;

    if (id == NULL || id[0] == '\0') {
        gi_report_add(d->r, "%s has no id", c->who.s);
        return;
    }
    if (gi_name_fault(id) != NULL)
        gi_report_add(d->r, "the id of %s %s", c->who.s, gi_name_fault(id));
    if (gi_name_reserved(id))
        gi_report_add(d->r, "the id of %s begins with '__', which is reserved",
                      c->who.s);
    for (uint32_t i = 0; i < no; i++)
        if (d->comps[i].c.id != NULL && strcmp(d->comps[i].c.id, id) == 0) {
            gi_report_add(d->r,
                          "components number %u and %u have the same id '%s'",
                          i + 1, no + 1, gi_show(id).s);
            return;
        }
}

static void check_callbacks(gi_draft *d, const gi_draft_comp *c)
{
    if (c->c.spout == NULL && c->c.bolt == NULL)
        gi_report_add(d->r, "%s has neither a spout nor a bolt", c->who.s);
    else if (c->c.spout != NULL && c->c.bolt != NULL)
        gi_report_add(d->r, "%s has both a spout and a bolt", c->who.s);

    if (c->is_spout && c->spout.next == NULL)
        gi_report_add(d->r, "%s has no next", c->who.s);
    if (c->is_bolt && c->bolt.execute == NULL && c->bolt.execute_batch == NULL)
        gi_report_add(d->r, "%s has neither execute nor execute_batch",
                      c->who.s);
    if (c->is_bolt && c->bolt.execute != NULL && c->bolt.execute_batch != NULL)
        gi_report_add(d->r,
                      "%s has both execute and execute_batch, of which only "
                      "one could be called",
                      c->who.s);
}

/* ------------------------------------------------------------ streams -- */

static void check_field(gi_draft *d, const gi_draft_comp *c,
                        const gi_draft_stream *s, uint32_t no)
{
    const gale_field *f = &s->fields[no];
    const char *fault = gi_name_fault(f->name);

    if (f->name[0] == '\0')
        gi_report_add(d->r, "field number %u of %s has no name", no + 1,
                      gi_stream_who(c, s).s);
    else if (fault != NULL)
        gi_report_add(d->r, "field '%s' of %s %s", gi_show(f->name).s,
                      gi_stream_who(c, s).s, fault);
    if ((uint32_t)f->type > GALE_T_MAP)
        gi_report_add(d->r,
                      "field '%s' of %s has type %u, which is none (0 to %d)",
                      gi_show(f->name).s, gi_stream_who(c, s).s,
                      (unsigned)f->type, GALE_T_MAP);

    for (uint32_t i = 0; i < no && f->name[0] != '\0'; i++)
        if (strcmp(s->fields[i].name, f->name) == 0) {
            gi_report_add(d->r, "%s declares the field '%s' twice",
                          gi_stream_who(c, s).s, gi_show(f->name).s);
            return;
        }
}

/* Of a stream that the table lists beside `output`. */
static void check_stream_name(gi_draft *d, const gi_draft_comp *c, uint32_t no)
{
    const char *name = c->streams[no].name;

    if (name[0] == '\0') {
        gi_report_add(d->r, "%s has a stream without a name", c->who.s);
        return;
    }
    if (strcmp(name, "default") == 0) {
        gi_report_add(d->r,
                      "%s lists a stream 'default': that is what its output "
                      "is called",
                      c->who.s);
        return;
    }
    if (gi_name_fault(name) != NULL)
        gi_report_add(d->r, "%s %s", gi_stream_who(c, &c->streams[no]).s,
                      gi_name_fault(name));
    if (gi_name_reserved(name))
        gi_report_add(d->r,
                      "%s has a name that begins with '__', which is "
                      "reserved",
                      gi_stream_who(c, &c->streams[no]).s);
    for (uint32_t i = 1; i < no; i++)
        if (strcmp(c->streams[i].name, name) == 0) {
            gi_report_add(d->r, "%s declares the stream '%s' twice", c->who.s,
                          gi_show(name).s);
            return;
        }
}

static void check_streams(gi_draft *d, const gi_draft_comp *c)
{
    uint32_t n = c->n_streams - (c->is_spout ? 1 : 0); /* no dead letters */

    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            check_stream_name(d, c, i);
        for (uint32_t f = 0; f < c->streams[i].n_fields; f++)
            check_field(d, c, &c->streams[i], f);
    }
}

void gi_draft_check(gi_draft *d)
{
    bool spout = d->n_comps == 0;

    check_topology(d);
    for (uint32_t i = 0; i < d->n_comps; i++) {
        check_id(d, i);
        check_callbacks(d, &d->comps[i]);
        check_streams(d, &d->comps[i]);
        spout = spout || d->comps[i].c.spout != NULL;
    }
    if (!spout)
        gi_report_add(d->r, "the topology has no spout, so nothing would "
                            "ever come in");
}
