#include "acker/inside.h"

#include "base/mem.h"

gale_err gi_acker_create(gi_acker **out, uint32_t n_spouts, uint32_t slots)
{
    gi_acker *a = gi_alloc_apart(sizeof(*a));

    if (a == NULL)
        return GALE_ENOMEM;
    a->n_spouts = n_spouts;
    a->slots = slots;
    a->ledger = gi_calloc(n_spouts == 0 ? 1 : n_spouts, sizeof(*a->ledger));
    a->bound = gi_calloc(n_spouts == 0 ? 1 : n_spouts, sizeof(*a->bound));
    if (a->ledger == NULL || a->bound == NULL) {
        gi_free(a->ledger);
        gi_free(a->bound);
        gi_free(a);
        return GALE_ENOMEM;
    }
    *out = a;
    return GALE_OK;
}

void gi_acker_bound(gi_acker *a, uint32_t spout, const _Atomic uint32_t *first,
                    const _Atomic uint32_t *last)
{
    a->bound[spout] = (gi_bound){ first, last };
}

void gi_acker_lose(gi_acker *a)
{
    for (uint32_t i = 0; i < a->n_spouts; i++) {
        gi_ledger_destroy(a->ledger[i]);
        a->ledger[i] = NULL;
    }
}

void gi_acker_destroy(gi_acker *a)
{
    if (a == NULL)
        return;
    gi_acker_lose(a);
    gi_free(a->ledger);
    gi_free(a->bound);
    gi_free(a);
}

gi_ledger *gi_acker_make_ledger(gi_acker *a, uint32_t spout)
{
    gi_ledger *l = NULL;

    if (gi_ledger_create(&l, a->slots) != GALE_OK)
        return NULL;
    gi_ledger_bound(l, a->bound[spout].first, a->bound[spout].last);
    a->ledger[spout] = l;
    return l;
}

static gi_tree ask(gi_acker *a, uint64_t root)
{
    bool nomem;
    const gi_ledger *l = gi_acker_ledger(a, root, &nomem);

    if (l == NULL)
        return gi_ledger_not_found(nomem);
    if (gi_ledger_knows(l, root))
        return GI_TREE_OPEN;
    GI_SEEN(ASKED_IN_VAIN);
    return GI_TREE_FAILED;
}

static gi_tree apply(gi_acker *a, const gi_note *in, uint32_t now)
{
    bool nomem;
    gi_ledger *l;

    switch (in->kind) {
    case GI_NOTE_INIT:
        return gi_acker_init(a, in->root, in->sum, now, in->comp, in->epoch,
                             false);
    case GI_NOTE_ACK:
        return gi_acker_ack(a, in->root, in->sum, now, in->comp);
    case GI_NOTE_ASK:
        return gi_acker_count(a, ask(a, in->root));
    case GI_NOTE_FAIL:
    case GI_NOTE_TOUCH:
        l = gi_acker_ledger(a, in->root, &nomem);
        if (l == NULL)
            return gi_acker_count(a, gi_ledger_not_found(nomem));
        return gi_acker_count(
            a, in->kind == GI_NOTE_FAIL
                   ? gi_ledger_fail(l, in->root, now)
                   : gi_ledger_touch(l, in->root, now, in->epoch));
    default:
        return gi_acker_count(a, GI_TREE_STALE);
    }
}

bool gi_acker_take(gi_acker *a, const gi_note *in, uint32_t now,
                   gi_note *answer)
{
    switch (apply(a, in, now)) {
    case GI_TREE_OPEN:
    case GI_TREE_STALE:
        break;
    case GI_TREE_DONE:
        *answer = (gi_note){ .root = in->root, .kind = GI_NOTE_DONE };
        return true;
    case GI_TREE_FAILED:
        *answer = (gi_note){ .root = in->root,
                             .kind = GI_NOTE_FAILED,
                             .why = in->why,
                             .comp = in->comp };
        return true;
    case GI_TREE_NOMEM:
        /* What cannot be remembered cannot be followed: replay it. */
        *answer = (gi_note){ .root = in->root,
                             .kind = GI_NOTE_FAILED,
                             .why = GI_WHY_NOMEM,
                             .comp = GI_NOBODY };
        return true;
    }
    return false;
}

struct telling {
    gi_acker *a;
    gi_acker_tell tell;
    void *arg;
};

static void on_expired(void *arg, uint64_t root, uint16_t comp)
{
    struct telling *t = arg;
    gi_note answer = { .root = root,
                       .kind = GI_NOTE_FAILED,
                       .why = GI_WHY_TIMEOUT,
                       .comp = comp };

    t->a->stats.expired++;
    t->tell(t->arg, &answer);
}

bool gi_acker_expire(gi_acker *a, const gi_judge *j, gi_acker_tell tell,
                     void *arg)
{
    struct telling t = { a, tell, arg };
    uint32_t round = j->timeout / 32 + 1; /* milliseconds for all the slots */
    uint32_t elapsed = j->clock - a->swept;
    uint32_t soon = 0;

    if (elapsed == 0)
        return false;
    if (elapsed > round)
        elapsed = round;
    a->swept = j->clock;
    for (uint32_t i = 0; i < a->n_spouts; i++) {
        if (a->ledger[i] == NULL || gi_ledger_open(a->ledger[i]) == 0)
            continue;
        uint64_t slots = gi_ledger_slots(a->ledger[i]);
        uint32_t part = (uint32_t)((slots * elapsed + round - 1) / round);

        soon += gi_ledger_sweep(a->ledger[i], part, j, on_expired, &t);
    }
    return soon > 0;
}

size_t gi_acker_open(const gi_acker *a)
{
    size_t open = 0;

    for (uint32_t i = 0; i < a->n_spouts; i++)
        if (a->ledger[i] != NULL)
            open += gi_ledger_open(a->ledger[i]);
    return open;
}

gi_acker_stats gi_acker_get_stats(const gi_acker *a)
{
    return a->stats;
}
