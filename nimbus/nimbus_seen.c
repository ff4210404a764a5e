/* The supervisors: by id; and whether they are still there. */
#include <string.h>

#include "base/mem.h"
#include "nimbus/nimbus_state.h"

/* The index of `id`, or of the first that is behind it. */
static uint32_t place_of(const gi_nimbus *n, const char *id)
{
    uint32_t from = 0, to = n->n_seen;

    while (from < to) {
        uint32_t mid = from + (to - from) / 2;

        if (strcmp(n->seen[mid]->id, id) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

gi_seen *gi_nimbus_seen(const gi_nimbus *n, const char *id)
{
    uint32_t at = place_of(n, id);

    if (at == n->n_seen || strcmp(n->seen[at]->id, id) != 0)
        return NULL;
    return n->seen[at];
}

void gi_seen_destroy(gi_seen *s)
{
    if (s == NULL)
        return;
    if (s->told != NULL) {
        gi_pool pool = s->told->pool; /* it lies in its own memory */

        gi_pool_fini(&pool);
    }
    gi_free(s->ports);
    gi_free(s->first_host);
    gi_free(s->id);
    gi_free(s);
}

static gi_seen *create(const char *id, const char *host)
{
    gi_seen *s = gi_alloc(sizeof(*s));

    if (s == NULL)
        return NULL;
    s->id = gi_strdup(id);
    s->first_host = gi_strdup(host);
    if (s->id == NULL || s->first_host == NULL) {
        gi_seen_destroy(s);
        return NULL;
    }
    s->host = s->first_host;
    return s;
}

gale_err gi_nimbus_meet(gi_nimbus *n, const char *id, const char *host,
                        gi_seen **out)
{
    uint32_t at = place_of(n, id);
    gi_seen *s;

    if (n->n_seen == GI_SUPERVISORS_MOST)
        return GALE_ELIMIT;
    if (n->n_seen == n->seen_cap) {
        uint32_t cap = n->seen_cap == 0 ? 8 : n->seen_cap * 2;
        gi_seen **seen = gi_realloc(n->seen, cap * sizeof(gi_seen *));

        if (seen == NULL)
            return GALE_ENOMEM;
        n->seen = seen;
        n->seen_cap = cap;
    }
    s = create(id, host);
    if (s == NULL)
        return GALE_ENOMEM;
    s->state = GI_SUPERVISOR_SILENT;
    s->heard_ms = n->awake_ms;
    s->version = ++n->version;
    memmove(&n->seen[at + 1], &n->seen[at],
            (n->n_seen - at) * sizeof(gi_seen *));
    n->seen[at] = s;
    n->n_seen++;
    *out = s;
    return GALE_OK;
}

/* Is any worker of a topology that is not gone there? */
static bool needed(const gi_nimbus *n, const gi_seen *s)
{
    for (uint32_t i = 0; i < n->n_topologies; i++) {
        const gi_assignment *a = n->topologies[i]->kept->now;

        for (uint32_t k = 0; a != NULL && k < a->n_workers; k++)
            if (strcmp(a->workers[k].supervisor, s->id) == 0)
                return true;
    }
    return false;
}

static bool forget(gi_nimbus *n, uint32_t i)
{
    gi_seen *s = n->seen[i];

    if (s->state != GI_SUPERVISOR_DEAD ||
        n->awake_ms - s->heard_ms < n->opts.forget_ms || needed(n, s))
        return false;
    gi_seen_destroy(s);
    memmove(&n->seen[i], &n->seen[i + 1],
            (n->n_seen - i - 1) * sizeof(gi_seen *));
    n->n_seen--;
    return true;
}

void gi_nimbus_pass(gi_nimbus *n, gi_when now)
{
    uint64_t passed = now.ms > n->now.ms ? now.ms - n->now.ms : 0;

    /* Who was late himself accuses nobody. */
    n->awake_ms += passed > n->opts.lag_ms ? n->opts.lag_ms : passed;
    if (now.ms < n->now.ms)
        now.ms = n->now.ms;
    n->now = now;
    for (uint32_t i = 0; i < n->n_seen;) {
        gi_seen *s = n->seen[i];

        if (s->state != GI_SUPERVISOR_DEAD &&
            n->awake_ms - s->heard_ms >= n->opts.supervisor_timeout_ms) {
            s->state = GI_SUPERVISOR_DEAD;
            n->dirty = true;
            gi_nimbus_note(n, true,
                           "supervisor '%s' (%s) was not heard for %g s: it "
                           "is taken for dead",
                           s->id, s->host,
                           (double)(n->awake_ms - s->heard_ms) / 1e3);
        }
        if (!forget(n, i))
            i++;
    }
}

const gi_msg_slot *gi_nimbus_slot(const gi_nimbus *n, const char *topology,
                                  const gi_assigned *w)
{
    const gi_seen *s = gi_nimbus_seen(n, w->supervisor);

    if (s == NULL || s->told == NULL || s->state == GI_SUPERVISOR_DEAD)
        return NULL;
    for (uint32_t i = 0; i < s->told->m.n_slots; i++) {
        const gi_msg_slot *slot = &s->told->m.slots[i];

        if (slot->port == w->port && slot->since == w->since &&
            strcmp(slot->topology, topology) == 0)
            return slot;
    }
    return NULL;
}

gi_topo *gi_nimbus_owner(const gi_nimbus *n, const gi_seen *s,
                         const gi_msg_slot *slot)
{
    for (uint32_t i = 0; i < n->n_topologies; i++) {
        const gi_assignment *a = n->topologies[i]->kept->now;

        if (strcmp(n->topologies[i]->kept->m.id, slot->topology) != 0)
            continue;
        for (uint32_t k = 0; a != NULL && k < a->n_workers; k++)
            if (a->workers[k].port == slot->port &&
                a->workers[k].since == slot->since &&
                strcmp(a->workers[k].supervisor, s->id) == 0)
                return n->topologies[i];
    }
    return NULL;
}

bool gi_seen_runs(const gi_seen *s, const char *topology)
{
    for (uint32_t i = 0; s->told != NULL && i < s->told->m.n_slots; i++)
        if (strcmp(s->told->m.slots[i].topology, topology) == 0)
            return true;
    return false;
}

void gi_nimbus_turn_version(gi_nimbus *n, const char *node)
{
    gi_seen *s = gi_nimbus_seen(n, node);

    if (s != NULL)
        s->version = ++n->version;
}
