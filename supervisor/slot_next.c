/* slot_next.c -- what is to do, one after another. */
#include "supervisor/slot.h"

static void fill(const gi_keeper *k, gi_slot_act_kind kind, gi_slot_act *out)
{
    *out = (gi_slot_act){
        .kind = kind,
        .port = k->port,
        .incarnation = k->incarnation,
        .order = k->has != NULL ? k->has : k->want,
    };
    if (kind == GI_SLOT_GONE)
        out->incarnation = k->gone;
    else if (kind == GI_SLOT_REFUSE)
        out->incarnation = k->refused;
    else if (kind == GI_SLOT_FETCH)
        out->order = k->want;
}

void gi_keeper_look(gi_keeper *k)
{
    if (k->incarnation != 0)
        k->todo |= 1u << GI_SLOT_LOOK;
}

void gi_keeper_report(gi_keeper *k)
{
    k->todo |= 1u << GI_SLOT_REPORT;
}

bool gi_keeper_next_of(gi_keeper *k, uint32_t kinds, gi_slot_act *out)
{
    uint64_t stray =
        kinds & 1u << GI_SLOT_KILL ? gi_strays_next(&k->strays) : 0;
    uint32_t bits = k->todo & kinds;

    if (stray != 0) {
        fill(k, GI_SLOT_KILL, out);
        out->incarnation = stray;
        return true;
    }
    if (bits == 0)
        return false;
    fill(k, (gi_slot_act_kind)__builtin_ctz(bits), out);
    k->todo &= ~(bits & -bits);
    return true;
}

bool gi_keeper_next(gi_keeper *k, gi_slot_act *out)
{
    return gi_keeper_next_of(k, ~0u, out);
}
