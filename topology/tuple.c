/* tuple.c -- reading tuples: a bounds check, a type check, a pointer. */
#include "topology/hash.h"

_Thread_local gi_reader gi_reader_here;

static const char *reader_name(void)
{
    const gi_reader *r = &gi_reader_here;

    if (r->plan == NULL || r->task == 0 || r->task > r->plan->n_tasks)
        return "a test";
    return gi_plan_task(r->plan, r->task)->id;
}

static const gi_stream *stream_of(const gale_tuple *t)
{
    const gi_plan *p = gi_reader_here.plan;

    if (p == NULL)
        gi_bug("a tuple is read on a thread that runs no tasks");
    return &p->streams[t->stream];
}

static _Noreturn void no_such_slot(const gale_tuple *t, unsigned slot)
{
    gi_bug("'%s' reads slot %u of a tuple from '%s', stream '%s', which has "
           "%u (the first is 0)",
           reader_name(), slot, gale_tuple_component(t), gale_tuple_stream(t),
           t->n);
}

static _Noreturn void wrong_type(const gale_tuple *t, unsigned slot,
                                 const char *wanted)
{
    const gi_stream *s = stream_of(t);

    gi_bug("'%s' reads slot %u ('%s') of a tuple from '%s', stream '%s', as "
           "%s, but it is %s",
           reader_name(), slot,
           slot < s->n_fields ? s->fields[slot].name : "?",
           gale_tuple_component(t), s->name, wanted,
           gale_type_name(t->values[slot].type));
}

const gale_value *gale_tuple_at(const gale_tuple *t, unsigned slot)
{
    if (__builtin_expect(slot >= t->n, 0))
        no_such_slot(t, slot);
    return &t->values[slot];
}

static inline const gale_value *typed(const gale_tuple *t, unsigned slot,
                                      gale_type type)
{
    const gale_value *v = gale_tuple_at(t, slot);

    if (__builtin_expect(v->type != (uint32_t)type, 0))
        wrong_type(t, slot, gale_type_name((uint32_t)type));
    return v;
}

bool gale_tuple_bool(const gale_tuple *t, unsigned slot)
{
    return typed(t, slot, GALE_T_BOOL)->as.b;
}

int64_t gale_tuple_i64(const gale_tuple *t, unsigned slot)
{
    return typed(t, slot, GALE_T_I64)->as.i;
}

double gale_tuple_f64(const gale_tuple *t, unsigned slot)
{
    return typed(t, slot, GALE_T_F64)->as.f;
}

gale_str gale_tuple_str(const gale_tuple *t, unsigned slot)
{
    const gale_value *v = typed(t, slot, GALE_T_STR);
    gale_str s = { v->as.p, v->len };

    return s;
}

gale_str gale_tuple_bytes(const gale_tuple *t, unsigned slot)
{
    const gale_value *v = gale_tuple_at(t, slot);
    gale_str s = { v->as.p, v->len };

    if (!gi_type_has_bytes(v->type))
        wrong_type(t, slot, "bytes");
    return s;
}

size_t gale_tuple_len(const gale_tuple *t)
{
    return t->n;
}

gale_row gale_tuple_row(const gale_tuple *t)
{
    gale_row r = { t->values, t->n };

    return r;
}

uint32_t gale_tuple_task(const gale_tuple *t)
{
    return t->task;
}

const char *gale_tuple_component(const gale_tuple *t)
{
    return gi_reader_here.plan->comps[stream_of(t)->comp].id;
}

const char *gale_tuple_stream(const gale_tuple *t)
{
    return stream_of(t)->name;
}

int gale_tuple_slot(const gale_tuple *t, const char *name)
{
    const gi_stream *s = stream_of(t);

    for (uint32_t i = 0; i < s->n_fields; i++)
        if (strcmp(s->fields[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* By which edge it came to whoever reads here; NULL: nobody does. */
static const gi_edge *edge_of(const gale_tuple *t)
{
    const gi_stream *s = stream_of(t);
    const gi_reader *r = &gi_reader_here;

    for (uint32_t i = 0; r->task != 0 && i < s->n_edges; i++)
        if (s->edges[i].to == r->plan->task_comp[r->task])
            return &s->edges[i];
    return NULL;
}

static __attribute__((noinline)) uint32_t reckon_hash(const gale_tuple *t)
{
    const gi_edge *e = edge_of(t);

    if (e == NULL ||
        (e->how != GALE_GROUP_FIELDS && e->how != GALE_GROUP_PARTIAL_KEY))
        return 0;
    return (uint32_t)gi_hash_keys(e, t->values);
}

uint32_t gale_tuple_hash(const gale_tuple *t)
{
    uint32_t known = gi_tuple_known_hash(t);

    return __builtin_expect(known != 0, 1) ? known : reckon_hash(t);
}

bool gale_tuple_tracked(const gale_tuple *t)
{
    return t->link.root != 0;
}
