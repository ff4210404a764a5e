/* slot_begin.c -- a slot before anything has happened, and after all has. */
#include "supervisor/slot_inside.h"

static void settle(int64_t *ns, int64_t otherwise)
{
    if (*ns <= 0)
        *ns = otherwise;
}

void gi_slot_settle(gi_slot_opts *o)
{
    const int64_t second = 1000000000;

    settle(&o->drain_ns, 3 * second);
    settle(&o->start_ns, 120 * second);
    settle(&o->silent_ns, 30 * second);
    settle(&o->well_ns, 60 * second);
    settle(&o->again_ns, second);
    settle(&o->undead_ns, 120 * second);
    gi_backoff_settle(&o->backoff);
}

void gi_keeper_init(gi_keeper *k, uint16_t port, const gi_slot_opts *opts,
                    uint64_t *last, uint64_t seed)
{
    *k = (gi_keeper){
        .port = port,
        .opts = opts,
        .last = last,
        .rng = { seed },
        .deadline = GI_NEVER,
    };
    gi_strays_init(&k->strays);
}

void gi_keeper_fini(gi_keeper *k)
{
    gi_order_release(k->want);
    gi_order_release(k->has);
    k->want = k->has = NULL;
}

static void take_on(gi_keeper *k, gi_order *order, uint64_t incarnation)
{
    gi_slot_hold(&k->want, order);
    gi_slot_hold(&k->has, order);
    k->incarnation = incarnation;
    if (*k->last < incarnation)
        *k->last = incarnation;
}

bool gi_keeper_adopt(gi_keeper *k, gi_order *order, uint64_t incarnation,
                     int32_t pid, uint64_t began, int64_t now)
{
    int64_t again = now + k->opts->again_ns;

    if (incarnation == k->incarnation ||
        gi_strays_has(&k->strays, incarnation))
        return true;
    if (incarnation < k->incarnation)
        return gi_strays_add(&k->strays, incarnation, again);
    if (k->incarnation != 0 &&
        !gi_strays_add(&k->strays, k->incarnation, again))
        return false;
    take_on(k, order, incarnation);
    k->pid = pid;
    k->began = began;
    k->beats = true;
    k->unwanted = false;
    k->first_beat = k->last_beat = now;
    k->why = GI_WHY_SLOT_ADOPTED;
    gi_slot_enter(k, GI_SLOT_RUNNING, now + k->opts->silent_ns);
    return true;
}
