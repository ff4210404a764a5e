/* Workers that do not come up: is it the slot, or the topology?
 *
 * The supervisor says that a slot is poisoned when its worker failed again and
 * again.  Then the slot counts as bad for a while, and the worker goes
 * elsewhere; but not at once a second time, and if it fails in GI_SUSPECTS
 * slots, it was not the slots: they are good again, and the topology stays
 * where it is, where its supervisor tries ever more slowly.  Nobody is moved
 * if there is no other place. */
#include <string.h>

#include "nimbus/nimbus_state.h"

/* One that is being killed is not to blame any more. */
static gi_topo *owner(const gi_nimbus *n, const gi_seen *s,
                      const gi_msg_slot *slot)
{
    gi_topo *t = gi_nimbus_owner(n, s, slot);

    return t != NULL && (t->kept->life.status == GI_STATUS_KILLED ||
                         t->kept->life.status == GI_STATUS_GONE)
               ? NULL
               : t;
}

static bool used(const gi_nimbus *n, const gi_seen *s, const gi_seen_port *p)
{
    for (uint32_t i = 0; i < n->n_topologies; i++) {
        const gi_kept *k = n->topologies[i]->kept;

        if (k->now == NULL || k->life.status == GI_STATUS_GONE)
            continue;
        for (uint32_t j = 0; j < k->now->n_workers; j++)
            if (k->now->workers[j].port == p->port &&
                strcmp(k->now->workers[j].supervisor, s->id) == 0)
                return true;
    }
    return false;
}

static bool other_place(const gi_nimbus *n, const char *machine)
{
    for (uint32_t i = 0; i < n->n_seen; i++) {
        const gi_seen *s = n->seen[i];

        if (s->state != GI_SUPERVISOR_ALIVE ||
            strcmp(s->told->m.machine, machine) != 0)
            continue;
        for (uint32_t k = 0; k < s->n_ports; k++)
            if (s->ports[k].bad_until_ms == 0 && !used(n, s, &s->ports[k]))
                return true;
    }
    return false;
}

void gi_nimbus_absolve(gi_nimbus *n, const gi_topo *t)
{
    for (uint32_t i = 0; i < n->n_seen; i++)
        for (uint32_t k = 0; k < n->seen[i]->n_ports; k++) {
            gi_seen_port *p = &n->seen[i]->ports[k];

            if (p->of != t)
                continue;
            n->dirty = n->dirty || p->bad_until_ms > 0;
            p->of = NULL;
            p->bad_until_ms = 0;
        }
}

static uint64_t later(uint64_t now, uint64_t by)
{
    return by > UINT64_MAX - now ? UINT64_MAX : now + by;
}

static void suspect(gi_nimbus *n, gi_seen *s, gi_seen_port *p, gi_topo *t,
                    const gi_msg_slot *slot)
{
    t->move_from_ms = later(n->now.ms, n->opts.move_ms << t->suspects);
    if (++t->suspects == GI_SUSPECTS) {
        gi_nimbus_note(n, true,
                       "'%s' does not come up in %d slots, the last one port "
                       "%u of '%s': it is not moved any more (%s)",
                       t->kept->m.id, GI_SUSPECTS, p->port, s->id,
                       slot->words);
        gi_nimbus_absolve(n, t);
        return;
    }
    p->bad_until_ms = later(n->now.ms, n->opts.bad_ms);
    p->of = t;
    n->dirty = true;
    gi_nimbus_note(n, true,
                   "'%s' does not come up at port %u of '%s', and is moved "
                   "(%s)",
                   t->kept->m.id, p->port, s->id, slot->words);
}

void gi_nimbus_suspect(gi_nimbus *n, gi_seen *s)
{
    for (uint32_t i = 0; i < s->told->m.n_slots; i++) {
        const gi_msg_slot *slot = &s->told->m.slots[i];
        gi_topo *t = slot->poisoned ? owner(n, s, slot) : NULL;

        if (t == NULL || t->suspects == GI_SUSPECTS ||
            n->now.ms < t->move_from_ms)
            continue;
        for (uint32_t k = 0; k < s->n_ports; k++)
            if (s->ports[k].port == slot->port &&
                s->ports[k].bad_until_ms == 0 &&
                other_place(n, s->told->m.machine))
                suspect(n, s, &s->ports[k], t, slot);
    }
}

void gi_nimbus_forgive(gi_nimbus *n)
{
    for (uint32_t i = 0; i < n->n_topologies; i++) {
        gi_topo *t = n->topologies[i];

        if (t->suspects > 0 &&
            n->now.ms >= later(t->move_from_ms, n->opts.bad_ms))
            t->suspects = 0;
    }
    for (uint32_t i = 0; i < n->n_seen; i++)
        for (uint32_t k = 0; k < n->seen[i]->n_ports; k++) {
            gi_seen_port *p = &n->seen[i]->ports[k];

            if (p->bad_until_ms == 0 || n->now.ms < p->bad_until_ms)
                continue;
            p->bad_until_ms = 0;
            p->of = NULL;
            n->dirty = true;
        }
}
