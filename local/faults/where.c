/* where.c -- WHERE: names against the components of a plan. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/scalar.h"
#include "base/strbuf.h"
#include "local/faults/read.h"

/* What may stand where a component's name does. */
typedef struct name {
    char *text;
    const gi_comp *comp; /* NULL: it is __acker, or no component */
    bool acker;
} name;

/* A name out of its quotes, in place; false if they do not end, or too soon.
 */
static bool unquote(gi_fault_reader *rd, char **s)
{
    char *from = *s = gi_fault_trim(*s), *to = *s;

    if (*from != '"') {
        if (strchr(from, '"') == NULL)
            return true;
    } else {
        for (from++; *from != '\0' && *from != '"'; from++) {
            if (*from == '\\' && (from[1] == '"' || from[1] == '\\'))
                from++;
            *to++ = *from;
        }
        if (*from == '"' && from[1] == '\0') {
            *to = '\0';
            return true;
        }
    }
    gi_fault_wrong(rd, NULL, "quotes go around the whole of a name");
    return false;
}

/* ------------------------------------------------------- did you mean? -- */

/* Of n names the one of that number, towards "'a', 'b' and 'c'". */
static void add_name(gi_strbuf *to, const char *id, size_t no, size_t n)
{
    gi_strbuf_printf(to, "%s'%.40s'",
                     no == 0 ? "" : (no + 1 == n ? " and " : ", "), id);
}

static void unknown(gi_fault_reader *rd, const char *id)
{
    enum { FEW = 6 };
    const gi_plan *p = rd->plan;
    const char **ids = gi_calloc(p->n_comps + 1, sizeof(*ids));
    size_t n = 0, few = p->n_comps < FEW ? p->n_comps : FEW;
    gi_strbuf list = { 0 };

    for (uint32_t i = 0; i < p->n_comps && ids != NULL; i++)
        ids[n++] = p->comps[i].id;
    if (ids != NULL)
        ids[n++] = GI_ACKER;
    const char *near = gi_nearest(id, ids, n);
    for (size_t i = 0; i < few; i++)
        add_name(&list, p->comps[i].id, i, few);
    if (near != NULL || list.failed)
        gi_fault_wrong(rd, near, "'%.80s' is not a component", id);
    else
        gi_fault_wrong(rd, NULL, "'%.80s' is not a component; %s %s", id,
                       p->n_comps > FEW ? "the first are" : "there are",
                       list.at);
    gi_strbuf_fini(&list);
    gi_free(ids);
}

static bool read_name(gi_fault_reader *rd, char *s, name *out)
{
    if (!unquote(rd, &s))
        return false;
    *out = (name){ .text = s, .comp = gi_plan_comp(rd->plan, s) };
    out->acker = strcmp(s, GI_ACKER) == 0;
    if (out->acker && rd->plan->set.ackers == 0) {
        gi_fault_wrong(rd, NULL,
                       "there are no ackers (topology.acker.executors is 0)");
        return false;
    }
    if (out->comp != NULL || out->acker)
        return true;
    if (*s == '\0')
        gi_fault_wrong(rd, NULL, "a component's name is missing");
    else
        unknown(rd, s);
    return false;
}

/* ------------------------------------------------------- tuples, edges -- */

static bool reads(const gi_plan *p, const gi_comp *to, const gi_comp *from)
{
    for (uint32_t i = 0; i < p->n_edges; i++)
        if (p->edges[i].to == to->no &&
            p->streams[p->edges[i].stream].comp == from->no)
            return true;
    return false;
}

static void no_edge(gi_fault_reader *rd, const gi_comp *from,
                    const gi_comp *to)
{
    enum { MANY = 6 };
    const gi_plan *p = rd->plan;
    gi_strbuf list = { 0 };
    size_t n = 0, no = 0;

    for (uint32_t i = 0; i < p->n_comps; i++)
        n += reads(p, &p->comps[i], from);
    size_t told = n < MANY ? n : MANY;
    for (uint32_t i = 0; i < p->n_comps && no < told; i++)
        if (reads(p, &p->comps[i], from))
            add_name(&list, p->comps[i].id, no++, told);
    gi_fault_wrong(rd, NULL, "'%.40s' does not read '%.40s': %s%s%s", to->id,
                   from->id, n == 0 || list.failed ? "nobody" : list.at,
                   n > told ? " and others" : "", n > 1 ? " do" : " does");
    gi_strbuf_fini(&list);
}

/* "split>count" */
static bool read_edge(gi_fault_reader *rd, char *s, char *arrow, gi_fault *f)
{
    name from, to;

    *arrow = '\0';
    bool fine = read_name(rd, s, &from);
    if (!read_name(rd, arrow + 1, &to) || !fine)
        return false;
    if (from.acker || to.acker) {
        gi_fault_wrong(rd, GI_ACKER,
                       "what tasks and ackers tell one another has no "
                       "direction");
        return false;
    }
    if (!reads(rd->plan, to.comp, from.comp)) {
        no_edge(rd, from.comp, to.comp);
        return false;
    }
    f->from = from.comp->no;
    f->comp = to.comp->no;
    return true;
}

static bool read_comp(gi_fault_reader *rd, char *s, gi_fault *f)
{
    name it;

    if (!read_name(rd, s, &it))
        return false;
    f->acks = it.acker;
    if (it.acker)
        return true;
    if (it.comp->is_spout) {
        gi_fault_wrong(rd, NULL,
                       "nothing comes to the spout '%.40s'; what it gives is "
                       "'%.40s>COMPONENT'",
                       it.text, it.text);
        return false;
    }
    f->comp = it.comp->no;
    return true;
}

static bool read_way(gi_fault_reader *rd, char *s, gi_fault *f)
{
    char *slash = gi_fault_find(s, "/"), *arrow = gi_fault_find(s, ">");

    if (*slash != '\0') {
        *slash = '\0';
        gi_fault_wrong(rd, *arrow == '>' ? NULL : s,
                       "what goes to one task cannot be told from the rest; "
                       "name components without '/'");
        return false;
    }
    return *arrow == '>' ? read_edge(rd, s, arrow, f) : read_comp(rd, s, f);
}

/* --------------------------------------------------------------- tasks -- */

/* Ackers: as many as are asked for; unset, one a loop, and how many those are
 * shows only when it runs. */
static bool read_index(gi_fault_reader *rd, const char *s, const name *of,
                       uint32_t *out)
{
    int32_t ackers = rd->plan->set.ackers;
    uint64_t n = !of->acker   ? of->comp->n_tasks
                 : ackers > 0 ? (uint64_t)ackers
                              : GI_MAX_TASKS;
    uint64_t no;

    if ((s[0] == '0' && s[1] != '\0') || !gi_scalar_u64(s, &no)) {
        gi_fault_wrong(rd, NULL,
                       "'%.40s' is not the number of a task; they count "
                       "from 0",
                       s);
        return false;
    }
    if (no < n) {
        *out = (uint32_t)no;
        return true;
    }
    if (n == 1)
        gi_fault_wrong(rd, NULL, "'%.40s' has one task, which is number 0",
                       of->text);
    else
        gi_fault_wrong(rd, NULL,
                       "'%.40s' has %" PRIu64 " tasks, numbers 0 to %" PRIu64,
                       of->text, n, n - 1);
    return false;
}

static bool read_task(gi_fault_reader *rd, char *s, gi_fault *f)
{
    const gi_fault_rule *rule = gi_fault_rule_of(f->kind);
    char *slash = gi_fault_find(s, "/");
    bool indexed = *slash == '/';
    name it;

    if (*gi_fault_find(s, ">") == '>') {
        gi_fault_wrong(rd, NULL,
                       "'%.80s' are tuples on their way; %s is of a component "
                       "or a task of it, such as count/2",
                       s, rd->kind);
        return false;
    }
    *slash = '\0';
    if (!read_name(rd, s, &it))
        return false;
    if (it.acker && !rule->acker) {
        gi_fault_wrong(rd, NULL,
                       "an acker is no task: %s is not for " GI_ACKER,
                       rd->kind);
        return false;
    }
    if (!it.acker && it.comp->is_spout && !rule->spouts) {
        gi_fault_wrong(rd, NULL,
                       "'%.40s' is a spout, which is given nothing to answer",
                       it.text);
        return false;
    }
    f->acks = it.acker;
    f->comp = it.acker ? GI_FAULT_ANY : it.comp->no;
    return !indexed || read_index(rd, gi_fault_trim(slash + 1), &it, &f->task);
}

bool gi_fault_read_where(gi_fault_reader *rd, char *s, gi_fault *f)
{
    switch (gi_fault_rule_of(f->kind)->where) {
    case GI_FAULT_OF_EDGE:
        return read_way(rd, s, f);
    case GI_FAULT_OF_TASK:
        return read_task(rd, s, f);
    case GI_FAULT_OF_PROCESS:
        break;
    }
    gi_fault_wrong(rd, NULL,
                   "%s is of the whole process; there is no '%.80s' to it",
                   rd->kind, s);
    return false;
}
