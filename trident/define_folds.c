/* define_folds.c -- folds: that they are whole, what they are over, and what
 * they put out. */
#include "base/bug.h"
#include "trident/graph.h"

static bool is_last(const gale_fold *f)
{
    return f->in == NULL && f->combiner == NULL && f->reducer == NULL &&
           f->aggregator == NULL && f->as == NULL;
}

static uint32_t count(const gale_fold *folds)
{
    uint32_t n = 0;

    while (folds != NULL && !is_last(&folds[n]) && n <= GI_MOST_FOLDS)
        n++;
    return n;
}

static const gale_field *output(const gale_fold *f)
{
    if (f->combiner != NULL)
        return f->combiner->output;
    if (f->reducer != NULL)
        return f->reducer->output;
    return f->aggregator == NULL ? NULL : f->aggregator->output;
}

uint32_t gi_folds_out(const gale_fold *folds)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < count(folds); i++)
        n += gi_node_count_fields(output(&folds[i]));
    return n;
}

bool gi_folds_combine(const gi_op_fold *folds, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (folds[i].fold.combiner == NULL)
            return false;
    return true;
}

/* ---------------------------------------------------------- callbacks -- */

static void check_combiner(gi_node *n, uint32_t no, const gale_combiner *c,
                           bool zero)
{
    if (c->init == NULL)
        gi_node_say(n, "the combiner of its fold number %u has no init", no);
    if (c->combine == NULL)
        gi_node_say(n, "the combiner of its fold number %u has no combine",
                    no);
    if (c->zero == NULL && zero)
        gi_node_say(n,
                    "the combiner of its fold number %u has no zero, which is "
                    "what an empty batch comes to",
                    no);
}

static void check_reducer(gi_node *n, uint32_t no, const gale_reducer *r)
{
    if (r->init == NULL)
        gi_node_say(n, "the reducer of its fold number %u has no init", no);
    if (r->reduce == NULL)
        gi_node_say(n, "the reducer of its fold number %u has no reduce", no);
}

static void check_aggregator(gi_node *n, uint32_t no, const gale_aggregator *a)
{
    if (a->aggregate == NULL)
        gi_node_say(n, "the aggregator of its fold number %u has no aggregate",
                    no);
    if (a->complete == NULL)
        gi_node_say(n, "the aggregator of its fold number %u has no complete",
                    no);
}

static void check_calls(gi_node *n, uint32_t no, const gale_fold *f, bool zero)
{
    int kinds =
        (f->combiner != NULL) + (f->reducer != NULL) + (f->aggregator != NULL);

    if (kinds != 1) {
        gi_node_say(n,
                    "its fold number %u has %s combiner, reducer or "
                    "aggregator",
                    no, kinds == 0 ? "no" : "more than one");
        n->unclear = true;
        return;
    }
    if (f->combiner != NULL)
        check_combiner(n, no, f->combiner, zero);
    else if (f->reducer != NULL)
        check_reducer(n, no, f->reducer);
    else
        check_aggregator(n, no, f->aggregator);
    if (gi_node_count_fields(output(f)) == 0) {
        gi_node_say(n, "its fold number %u has no output", no);
        n->unclear = true;
    }
}

/* --------------------------------------------------------------- types -- */

/* What our own folds put out has the type of what they are over, but that
 * nothing comes to nil, or to a whole number. */
static bool by_input(const gale_fold *f)
{
    return f->combiner == &gale_sum || f->combiner == &gale_min ||
           f->combiner == &gale_max;
}

static const char *own_name(const gale_fold *f)
{
    if (f->combiner == &gale_sum)
        return "sum";
    return f->combiner == &gale_min ? "least value" : "largest value";
}

static gale_type type_of(gi_node *n, const gi_node *from, const gi_op_fold *f,
                         bool zero)
{
    const gale_field *over;

    if (f->n_in != 1) {
        gi_node_say(n, "a %s is of one field, not of %u", own_name(&f->fold),
                    f->n_in);
        return GALE_T_ANY;
    }
    if (from->unclear)
        return GALE_T_ANY;
    over = &from->out[f->in[0]];
    if (f->fold.combiner == &gale_sum && over->type != GALE_T_ANY &&
        over->type != GALE_T_I64 && over->type != GALE_T_F64)
        gi_node_say(n, "'%s' is of type %s, and sums are of i64 or f64 only",
                    gi_text_name(over->name).s,
                    gale_type_name((uint32_t)over->type));
    if (zero && (f->fold.combiner != &gale_sum || over->type != GALE_T_I64))
        return GALE_T_ANY;
    return over->type;
}

/* `known`: the fields that it is over are. */
static void put_out(gi_node *n, const gi_node *from, gi_op_fold *f, bool zero,
                    bool known)
{
    const gale_field *out = output(&f->fold);
    gale_type type = GALE_T_ANY;

    if (by_input(&f->fold) && known)
        type = type_of(n, from, f, zero);

    f->n_out = gi_node_count_fields(out);
    for (uint32_t i = 0; i < f->n_out; i++)
        gi_node_out_add(
            n, i == 0 && f->fold.as != NULL ? f->fold.as : out[i].name,
            by_input(&f->fold) ? type : out[i].type);
}

void gi_node_folds(gi_node *n, const gi_node *from, const gale_fold *folds,
                   bool zero)
{
    uint32_t many = count(folds);
    size_t mistakes;

    if (many == 0 || many > GI_MOST_FOLDS) {
        if (many == 0)
            gi_node_say(n, "it has no fold");
        else
            gi_node_say(n,
                        "it has more than %d folds, or they do not end with "
                        "{0} (write GALE_FOLD(...))",
                        GI_MOST_FOLDS);
        n->unclear = true;
        return;
    }
    n->folds = gi_node_take(n, many, sizeof(*n->folds));
    if (n->folds == NULL)
        return;
    n->n_folds = many;
    for (uint32_t i = 0; i < many; i++) {
        gi_op_fold *f = &n->folds[i];

        f->fold = folds[i];
        check_calls(n, i + 1, &f->fold, zero);
        mistakes = gi_node_mistakes(n);
        f->in = gi_node_slots_of(n, from, folds[i].in, &f->n_in);
        f->fold.in = NULL; /* the slots say it */
        put_out(n, from, f, zero, gi_node_mistakes(n) == mistakes);
        f->fold.as = NULL;
    }
}

/* ----------------------------------------------------------- the calls -- */

/* A compiler that is not told to be strict only warns of the wrong type. */
void gi_node_check_grouped(gi_node *n)
{
    if (n->from->kind == GI_NODE_GROUP)
        return;
    gi_node_say(n, "what it reads is not grouped (gale_group_by)");
    n->unclear = true;
}

static gale_batches *fold(gi_node *from, gi_over over, const char *call,
                          const gale_fold *folds)
{
    gi_node *n = gi_node_add(from == NULL ? NULL : from->t, GI_NODE_FOLD, call,
                             from, NULL);
    size_t before = gi_node_mistakes(n);
    uint32_t n_keys;

    if (!gi_node_lives(n))
        return (gale_batches *)n;
    n->over = over;
    if (over == GI_OVER_GROUP)
        gi_node_check_grouped(n);
    n_keys = over == GI_OVER_GROUP ? n->from->n_keys : 0;
    n->keys = n->from->keys;
    n->n_keys = n_keys;
    if (!gi_node_out(n, n_keys + gi_folds_out(folds)))
        return (gale_batches *)n;
    for (uint32_t i = 0; i < n_keys && !n->from->unclear; i++)
        gi_node_out_add(n, n->from->out[n->keys[i]].name,
                        n->from->out[n->keys[i]].type);
    gi_node_folds(n, n->from, folds, over != GI_OVER_GROUP);
    n->unclear = n->unclear || gi_node_mistakes(n) > before;
    return (gale_batches *)n;
}

gale_batches *gale_aggregate(gale_batches *s, const gale_fold *folds)
{
    return fold((gi_node *)s, GI_OVER_BATCH, "gale_aggregate", folds);
}

gale_batches *gale_partition_aggregate(gale_batches *s, const gale_fold *folds)
{
    return fold((gi_node *)s, GI_OVER_SHARE, "gale_partition_aggregate",
                folds);
}

gale_batches *gale_group_aggregate(gale_grouped *g, const gale_fold *folds)
{
    return fold((gi_node *)g, GI_OVER_GROUP, "gale_group_aggregate", folds);
}
