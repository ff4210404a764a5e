/* slot_inside.h -- what the files of a slot share.  Private to slot*.c. */
#ifndef GI_SUPERVISOR_SLOT_INSIDE_H
#define GI_SUPERVISOR_SLOT_INSIDE_H

#include "supervisor/slot.h"

static inline void gi_slot_todo(gi_keeper *k, gi_slot_act_kind kind)
{
    k->todo |= 1u << kind;
}

static inline void gi_slot_never_mind(gi_keeper *k, gi_slot_act_kind kind)
{
    k->todo &= ~(1u << kind);
}

static inline bool gi_slot_is_todo(const gi_keeper *k, gi_slot_act_kind kind)
{
    return (k->todo & 1u << kind) != 0;
}

static inline void gi_slot_hold(gi_order **held, gi_order *by)
{
    gi_order *before = *held;

    *held = gi_order_keep(by);
    gi_order_release(before);
}

static inline void gi_slot_enter(gi_keeper *k, gi_slot_state state,
                                 int64_t deadline)
{
    if (k->state != state)
        gi_slot_todo(k, GI_SLOT_REPORT);
    k->state = state;
    k->deadline = deadline;
}

#endif
