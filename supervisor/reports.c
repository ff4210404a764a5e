/* reports.c -- what a supervisor tells Nimbus: of itself, and of each slot. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cpus.h"
#include "supervisor/daemon_inside.h"

static uint64_t memory_mb(void)
{
    FILE *f = fopen("/proc/meminfo", "re");
    char line[128];
    uint64_t kb = 0;

    while (f != NULL && fgets(line, sizeof(line), f) != NULL)
        if (sscanf(line, "MemTotal: %" SCNu64, &kb) == 1)
            break;
    if (f != NULL)
        fclose(f);
    return kb / 1024;
}

/* Who answers on the loopback has workers there too. */
static void find_host(gi_sdaemon *d)
{
    const char *host = d->o->host;

    if (host == NULL && (strstr(d->url, "://127.") != NULL ||
                         strstr(d->url, "://localhost") != NULL ||
                         strstr(d->url, "://[::1]") != NULL))
        host = "127.0.0.1";
    if (host != NULL)
        snprintf(d->host, sizeof(d->host), "%s", host);
    else if (gethostname(d->host, sizeof(d->host)) != 0)
        snprintf(d->host, sizeof(d->host), "127.0.0.1");
    d->host[sizeof(d->host) - 1] = '\0';
}

void gi_resources_of(gi_sdaemon *d)
{
    struct utsname u;

    d->cpu = d->o->cpu != 0 ? d->o->cpu : (uint64_t)gi_cpus() * 100;
    d->memory_mb = d->o->memory_mb != 0 ? d->o->memory_mb : memory_mb();
    snprintf(d->machine, sizeof(d->machine), "%s",
             uname(&u) == 0 ? u.machine : "");
    find_host(d);
}

static const char *copy(gi_pool *pool, const char *text)
{
    size_t len = strlen(text) + 1;
    char *own = gi_pool_take(pool, len, 1);

    return own == NULL ? NULL : memcpy(own, text, len);
}

static bool went_wrong(const gi_keeper *k)
{
    return k->why != GI_WHY_SLOT_NONE && k->why != GI_WHY_SLOT_ORDERED &&
           k->why != GI_WHY_SLOT_ADOPTED;
}

static const gi_msg_component *component_of(const gi_msg_topology *t,
                                            uint64_t task)
{
    for (uint32_t i = 0; t != NULL && i < t->n_components; i++) {
        const gi_msg_component *c = &t->components[i];

        if (task >= c->first_task && task - c->first_task < c->n_tasks)
            return c;
    }
    return NULL;
}

void gi_report_finding(gi_sdaemon *d, uint32_t i, char *text, size_t size)
{
    const gi_keeper *k = gi_node_slot(d->node, i);
    const gi_view *v = &d->views[i];
    gi_finding f = gi_node_finding(d->node, i);
    const gi_msg_component *c = NULL;
    uint64_t task = 0;

    snprintf(text, size, "%s",
             v->strange && v->incarnation == k->incarnation ? GI_STRANGE_PAGE
                                                            : "");
    if (f.kind == GI_FOUND_WELL)
        return;
    if (f.kind == GI_FOUND_HUNG && v->incarnation == k->incarnation &&
        f.loop < v->page.n_loops)
        task = v->page.loops[f.loop].task;
    if (task != 0 && k->has != NULL)
        c = component_of(gi_duties_of(d, k->has->topology), task);
    if (c == NULL)
        snprintf(text, size, "loop %" PRIu32 " %s for %.1f s", f.loop,
                 gi_finding_text(f.kind), (double)f.for_ns / 1e9);
    else
        snprintf(text, size, "%s '%s/%" PRIu64 "' %s for %.1f s",
                 c->spout ? "spout" : "bolt", c->id, task - c->first_task,
                 gi_finding_text(f.kind), (double)f.for_ns / 1e9);
}

/* What a person should know: what went wrong, what is wrong now. */
static const char *words_of(gi_sdaemon *d, uint32_t i, gi_pool *pool)
{
    const gi_keeper *k = gi_node_slot(d->node, i);
    const gi_hand *h = gi_hand_of(d, k->port, k->incarnation);
    char text[1024] = "", found[GI_WORDS_MOST];

    gi_report_finding(d, i, found, sizeof(found));
    if (h != NULL && h->held)
        snprintf(text, sizeof(text),
                 "it waits to be started until %s/record can be written",
                 d->home.dir);
    else if (went_wrong(k) &&
             !(k->yields && k->why == GI_WHY_SLOT_FETCH_FAILED))
        gi_keeper_say_why(k, text, sizeof(text));
    if (found[0] == '\0')
        return copy(pool, text);
    if (text[0] == '\0')
        return copy(pool, found);
    char both[sizeof(text) + sizeof(found) + 2];
    snprintf(both, sizeof(both), "%s; %s", found, text);
    return copy(pool, both);
}

/* The page's lists may be read anew before the report is written. */
static bool take_page(const gi_progress *p, gi_pool *pool, gi_msg_slot *s)
{
    s->version = p->version;
    s->turn = p->turn;
    s->pending = p->pending != 0 ? p->pending : p->queued;
    s->tallies = gi_pool_take(pool, p->n_tallies, sizeof(*s->tallies));
    s->mishaps = gi_pool_take(pool, p->n_mishaps, sizeof(*s->mishaps));
    if (s->tallies == NULL || s->mishaps == NULL)
        return false;
    s->n_tallies = p->n_tallies;
    if (p->n_tallies > 0)
        memcpy(s->tallies, p->tallies, p->n_tallies * sizeof(*s->tallies));
    s->n_mishaps = p->n_mishaps;
    for (uint32_t i = 0; i < p->n_mishaps; i++) {
        const gi_msg_mishap *m = &p->mishaps[i];

        s->mishaps[i] = *m;
        s->mishaps[i].component =
            m->component == NULL ? "" : copy(pool, m->component);
        s->mishaps[i].text = m->text == NULL ? "" : copy(pool, m->text);
        if (s->mishaps[i].component == NULL || s->mishaps[i].text == NULL)
            return false;
    }
    return true;
}

/* What waits in a slot until its program is here, beside what runs there. */
static bool take_waiting(gi_sdaemon *d, uint32_t i, gi_pool *pool,
                         gi_msg_slot *s)
{
    const gi_keeper *k = gi_node_slot(d->node, i);
    bool failed = k->why == GI_WHY_SLOT_FETCH_FAILED;
    char text[1024] = "";

    if (failed)
        gi_keeper_say_why(k, text, sizeof(text));
    *s = (gi_msg_slot){
        .port = k->port,
        .state = gi_slot_state_text(failed ? GI_SLOT_BACKING_OFF
                                           : GI_SLOT_FETCHING),
        .topology = copy(pool, k->want->topology),
        .since = k->want->since,
        .finding = gi_finding_name(GI_FOUND_WELL),
        .words = copy(pool, text),
    };
    return s->topology != NULL && s->words != NULL;
}

static bool take_slot(gi_sdaemon *d, uint32_t i, gi_pool *pool, gi_msg_slot *s)
{
    const gi_keeper *k = gi_node_slot(d->node, i);
    const gi_order *o = k->has != NULL ? k->has : k->want;
    const gi_view *v = &d->views[i];

    *s = (gi_msg_slot){
        .port = k->port,
        .state = gi_slot_state_text(k->state),
        .topology = o == NULL ? "" : copy(pool, o->topology),
        .since = o == NULL ? 0 : o->since,
        .incarnation = k->incarnation,
        .gone = k->gone,
        .pid = k->pid > 0 ? (uint64_t)k->pid : 0,
        .deaths = k->deaths,
        .poisoned = k->poisoned,
        .finding = gi_finding_name(gi_node_finding(d->node, i).kind),
        .words = words_of(d, i, pool),
    };
    if (s->topology == NULL || s->words == NULL)
        return false;
    if (k->incarnation == 0 || v->incarnation != k->incarnation)
        return true;
    int64_t up = (gi_clock_ns() - v->since) / 1000000;
    s->up_ms = up > 0 ? (uint64_t)up : 0;
    return !v->has_page || take_page(&v->page, pool, s);
}

gale_err gi_report_of(gi_sdaemon *d, gi_pool *pool, gi_msg_report *out)
{
    uint32_t n = gi_node_n_slots(d->node);
    uint64_t now_ms = (uint64_t)(gi_clock_ms());

    *out = (gi_msg_report){
        .node = d->home.id,
        .host = d->host,
        .url = d->url,
        .machine = d->machine,
        .incarnation = d->home.incarnation,
        .number = ++d->talk.number,
        .up_ms = now_ms - d->began_ms,
        .cpu = d->cpu,
        .memory_mb = d->memory_mb,
        .nimbus = d->talk.nimbus,
        .version = d->talk.version,
        .n_ports = n,
        .ports = gi_pool_take(pool, n, sizeof(*out->ports)),
        .slots = gi_pool_take(pool, 2 * (size_t)n, sizeof(*out->slots)),
    };
    if (out->ports == NULL || out->slots == NULL)
        return GALE_ENOMEM;
    if (gi_duties_known(d, pool, out) != GALE_OK)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        out->ports[i].port = gi_node_slot(d->node, i)->port;
        if (!take_slot(d, i, pool, &out->slots[out->n_slots++]))
            return GALE_ENOMEM;
        if (gi_node_slot(d->node, i)->yields &&
            !take_waiting(d, i, pool, &out->slots[out->n_slots++]))
            return GALE_ENOMEM;
    }
    return GALE_OK;
}
