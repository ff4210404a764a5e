#include "local/process/roster.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "wire/exchange.h"
#include "worker/port.h"

#define TOLD(why, ...)                                               \
    do {                                                             \
        if ((why) != NULL)                                           \
            snprintf((why)->text, sizeof((why)->text), __VA_ARGS__); \
    } while (0)

gale_err gi_roster_conf(gi_conf **out, const gi_msg_topology *t)
{
    gi_conf *conf = NULL;
    gale_err rv = gi_conf_create(&conf, NULL);

    for (uint32_t i = 0; i < t->n_settings && rv == GALE_OK; i++)
        rv = gi_conf_set(conf, t->settings[i].key, t->settings[i].value,
                         "submission");
    if (rv == GALE_OK && t->name[0] != '\0')
        rv = gi_conf_set(conf, "topology.name", t->name, "submission");
    if (rv == GALE_OK)
        *out = conf;
    else
        gi_conf_destroy(conf);
    return rv;
}

/* ---------------------------------------------------------- components -- */

static bool same(const gi_comp *c, const gi_msg_component *m)
{
    return strcmp(c->id, m->id) == 0 && c->is_spout == m->spout &&
           c->first_task == m->first_task && c->n_tasks == m->n_tasks;
}

gale_err gi_roster_cut(gi_plan *plan, const gi_msg_topology *t, gale_diag *why)
{
    if (plan->n_comps != t->n_components) {
        TOLD(why,
             "the topology was submitted with %u components, and this program "
             "has %u: it is another one, or behaves differently here",
             t->n_components, plan->n_comps);
        return GALE_EPLAN;
    }
    for (uint32_t i = 0; i < plan->n_comps; i++) {
        gi_comp *c = &plan->comps[i];
        const gi_msg_component *m = &t->components[i];

        if (!same(c, m)) {
            TOLD(why,
                 "component %u was submitted as %s '%.200s' with %" PRIu64
                 " tasks from number %" PRIu64
                 " on, and in this program it is %s '%.200s' with %u from %u "
                 "on: it is another one, or behaves differently here",
                 i, m->spout ? "spout" : "bolt", m->id, m->n_tasks,
                 m->first_task, c->is_spout ? "spout" : "bolt", c->id,
                 c->n_tasks, c->first_task);
            return GALE_EPLAN;
        }
        if (m->n_executors < 1 || m->n_executors > c->n_tasks) {
            TOLD(why,
                 "'%.200s' has %u tasks, which do not make %" PRIu64
                 " executors",
                 c->id, c->n_tasks, m->n_executors);
            return GALE_EPLAN;
        }
    }
    for (uint32_t i = 0; i < plan->n_comps; i++)
        plan->comps[i].n_executors = (uint32_t)t->components[i].n_executors;
    return GALE_OK;
}

/* ------------------------------------------------------------- workers -- */

static bool is_here(const gi_msg_duty *d, const gi_msg_peer *p)
{
    return p->port == d->port && strcmp(p->node, d->node) == 0;
}

static char *text_of(const char *prefix, const char *a, uint64_t port)
{
    gi_strbuf b = { 0 };
    bool six = prefix[0] != '\0' && strchr(a, ':') != NULL && a[0] != '[';

    gi_strbuf_printf(&b, six ? "%s[%s]:%" PRIu64 : "%s%s:%" PRIu64, prefix, a,
                     port);
    return gi_strbuf_take(&b);
}

static gale_err add_peer(gi_roster *r, uint64_t key, uint32_t *no)
{
    for (*no = 0; *no < r->n_peers; ++*no)
        if (r->peers[*no].key == key)
            return GALE_OK;
    if (r->n_peers == r->most)
        return GALE_ELIMIT;
    r->peers[r->n_peers++].key = key;
    return GALE_OK;
}

static gale_err note_peer(gi_roster *r, const gi_msg_duty *d,
                          const gi_msg_peer *p, uint32_t *no, gale_diag *why)
{
    const char *id = d->topology[0].id;
    gale_err rv = GALE_EINVAL;

    if (p->port == 0 || p->port > UINT16_MAX || p->host[0] == '\0') {
        TOLD(why, "worker %.200s:%" PRIu64 " of the topology has no address",
             p->node, p->port);
        return rv;
    }
    rv = add_peer(r, gi_peer_key(id, p->node, (uint16_t)p->port), no);
    if (rv == GALE_ELIMIT)
        TOLD(why, "there are, or were, more than %u other workers", r->most);
    if (rv != GALE_OK)
        return rv;

    gi_roster_peer *peer = &r->peers[*no];
    if (peer->here) {
        TOLD(why, "worker %.200s:%" PRIu64 " is there twice", p->node,
             p->port);
        return GALE_EINVAL;
    }
    peer->here = true;
    peer->since = p->since > d->since ? p->since : d->since;
    peer->ended = p->ended;
    peer->url = text_of("tcp://", p->host, p->port);
    peer->name = text_of("", p->node, p->port);
    return peer->url == NULL || peer->name == NULL ? GALE_ENOMEM : GALE_OK;
}

static gale_err note_tasks(gi_roster *r, const gi_msg_peer *p, uint32_t no,
                           gale_diag *why)
{
    for (uint32_t i = 0; i < p->n_executors; i++) {
        const gi_msg_span *s = &p->executors[i];

        if (s->first < 1 || s->end <= s->first || s->end > r->n_tasks + 1) {
            TOLD(why,
                 "worker %.200s:%" PRIu64 " shall run the tasks %" PRIu64
                 " to %" PRIu64 ", and there are 1 to %u",
                 p->node, p->port, s->first, s->end - 1, r->n_tasks);
            return GALE_EINVAL;
        }
        for (uint64_t task = s->first; task < s->end; task++) {
            if (r->peer_of[task - 1] != GI_NOBODY_YET) {
                TOLD(why, "two workers shall run task %" PRIu64, task);
                return GALE_EINVAL;
            }
            r->peer_of[task - 1] = no;
            r->n_here += no == GI_HERE;
        }
    }
    return GALE_OK;
}

static gale_err note_workers(gi_roster *r, const gi_msg_duty *d,
                             gale_diag *why)
{
    const gi_msg_topology *t = &d->topology[0];
    gale_err rv = GALE_OK;

    for (uint32_t i = 0; i < t->n_workers && rv == GALE_OK; i++) {
        const gi_msg_peer *p = &t->workers[i];
        uint32_t no = GI_HERE;

        if (!is_here(d, p)) {
            r->n_near += strcmp(p->node, d->node) == 0;
            rv = note_peer(r, d, p, &no, why);
        }
        if (rv == GALE_OK)
            rv = note_tasks(r, p, no, why);
    }
    if (rv == GALE_OK && r->n_here == 0) {
        TOLD(why, "worker %.200s:%" PRIu64 " has no task of '%.200s'", d->node,
             d->port, t->id);
        rv = GALE_ENOTFOUND;
    }
    return rv;
}

gale_err gi_roster_make(gi_roster *out, const gi_roster *before,
                        const gi_msg_duty *duty, uint32_t n_tasks,
                        uint32_t most, gale_diag *why)
{
    gi_roster r = { .n_tasks = n_tasks, .most = most };
    gale_err rv;

    r.peers = gi_calloc(most == 0 ? 1 : most, sizeof(*r.peers));
    r.peer_of = gi_calloc(n_tasks, sizeof(*r.peer_of));
    if (r.peers == NULL || r.peer_of == NULL) {
        gi_roster_fini(&r);
        return GALE_ENOMEM;
    }
    for (uint32_t i = 0; i < n_tasks; i++)
        r.peer_of[i] = GI_NOBODY_YET;
    if (before != NULL)
        r.n_peers = before->n_peers;
    for (uint32_t i = 0; i < r.n_peers; i++)
        r.peers[i].key = before->peers[i].key;
    rv = note_workers(&r, duty, why);
    if (rv == GALE_OK)
        *out = r;
    else
        gi_roster_fini(&r);
    return rv;
}

gale_err gi_roster_copy_peers(gi_roster *to, const gi_roster *from)
{
    *to = (gi_roster){ .n_peers = from->n_peers, .most = from->most };
    to->peers = gi_calloc(from->most + 1, sizeof(*to->peers));
    if (to->peers == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < from->n_peers; i++) {
        const gi_roster_peer *peer = &from->peers[i];

        to->peers[i] = *peer;
        to->peers[i].url = peer->here ? gi_strdup(peer->url) : NULL;
        to->peers[i].name = peer->here ? gi_strdup(peer->name) : NULL;
        if (peer->here &&
            (to->peers[i].url == NULL || to->peers[i].name == NULL))
            return GALE_ENOMEM;
    }
    return GALE_OK;
}

void gi_roster_fini(gi_roster *r)
{
    for (uint32_t i = 0; r->peers != NULL && i < r->n_peers; i++) {
        gi_free(r->peers[i].url);
        gi_free(r->peers[i].name);
    }
    gi_free(r->peers);
    gi_free(r->peer_of);
    *r = (gi_roster){ 0 };
}

bool gi_roster_same_here(const gi_roster *a, const gi_roster *b)
{
    for (uint32_t i = 0; i < a->n_tasks; i++)
        if ((a->peer_of[i] == GI_HERE) != (b->peer_of[i] == GI_HERE))
            return false;
    return true;
}
