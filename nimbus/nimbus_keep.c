#include "nimbus/nimbus_keep.h"

#include <string.h>

#include "base/diag.h"

static gale_err refuse(gale_diag *why, const char *text)
{
    gi_diag_say(why, "%s", text);
    return GALE_EFORMAT;
}

static bool status_of(const char *name, gi_status *out)
{
    for (unsigned s = GI_STATUS_ACTIVE; s <= GI_STATUS_GONE; s++)
        if (strcmp(gi_status_name((gi_status)s), name) == 0) {
            *out = (gi_status)s;
            return true;
        }
    return false;
}

static gale_err read_life(gi_kept *k, gale_diag *why)
{
    gi_life *l = &k->life;
    bool rebalances;

    *l = (gi_life){ .turn = k->m.turn,
                    .wait_ms = k->m.wait_ms,
                    .timeout_ms = k->m.timeout_ms };
    if (!status_of(k->m.status, &l->status) ||
        !status_of(k->m.before, &l->before) || l->turn == 0)
        return refuse(why, "its state is none");
    rebalances = l->status == GI_STATUS_REBALANCING;
    if (rebalances && l->before != GI_STATUS_ACTIVE &&
        l->before != GI_STATUS_INACTIVE)
        return refuse(why, "it would come back from its rebalance as none");
    if (rebalances != (k->m.n_rebalance == 1))
        return refuse(why, "its state and its rebalance do not fit");
    return rebalances ? gi_kept_check_rebalance(k, k->m.rebalance, why)
                      : GALE_OK;
}

/* Are its executors those that its components have? */
static bool executors_fit(const gi_assignment *a, const gi_kept *k)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < k->m.n_components; i++) {
        const gi_component *c = &k->components[i];

        for (uint32_t j = 0; j < c->n_executors; j++, n++) {
            uint32_t first, end;

            gi_component_executor(c, j, &first, &end);
            if (n >= a->n_executors || a->executors[n].first_task != first ||
                a->executors[n].end_task != end)
                return false;
        }
    }
    return n == a->n_executors;
}

static gale_err read_worker(gi_assignment *a, uint32_t i,
                            const gi_msg_kept_worker *w, gale_diag *why)
{
    if (w->port == 0 || w->port > UINT16_MAX || w->node[0] == '\0')
        return refuse(why, "one of its workers has no place");
    a->workers[i].port = (uint16_t)w->port;
    a->workers[i].since = w->since;
    a->workers[i].supervisor = gi_assignment_keep(a, w->node);
    a->workers[i].host = gi_assignment_keep(a, w->host);
    if (a->workers[i].supervisor == NULL || a->workers[i].host == NULL)
        return GALE_ENOMEM;
    return GALE_OK;
}

static gale_err read_executor(gi_executor *to, const gi_msg_kept_executor *e,
                              gale_diag *why)
{
    if (e->first >= e->end || e->end > UINT32_MAX || e->worker >= GI_NOWHERE)
        return refuse(why, "one of its executors makes no sense");
    to->first_task = (uint32_t)e->first;
    to->end_task = (uint32_t)e->end;
    to->worker = e->worker == 0 ? GI_NOWHERE : (uint32_t)e->worker - 1;
    return GALE_OK;
}

static gale_err read_assignment(gi_kept *k, gale_diag *why)
{
    const gi_msg_kept_topology *m = &k->m;
    gale_err e = GALE_OK;

    if (m->version == 0)
        return GALE_OK;
    k->now = gi_assignment_create(m->n_placed, m->n_executors);
    if (k->now == NULL)
        return GALE_ENOMEM;
    k->now->version = m->version;
    for (uint32_t i = 0; i < m->n_placed && e == GALE_OK; i++)
        e = read_worker(k->now, i, &m->placed[i], why);
    for (uint32_t i = 0; i < m->n_executors && e == GALE_OK; i++)
        e = read_executor(&k->now->executors[i], &m->executors[i], why);
    if (e == GALE_OK && m->why[0] != '\0') {
        k->now->why = gi_assignment_keep(k->now, m->why);
        e = k->now->why == NULL ? GALE_ENOMEM : GALE_OK;
    }
    if (e == GALE_OK &&
        (!gi_assignment_valid(k->now) || !executors_fit(k->now, k)))
        e = refuse(why, "its assignment does not fit it");
    return e;
}

void gi_kept_recut(gi_kept *k)
{
    for (uint32_t i = 0; i < k->m.n_components; i++) {
        const gi_msg_component *c = &k->m.components[i];

        k->components[i] = (gi_component){
            .id = c->id,
            .first_task = (uint32_t)c->first_task,
            .n_tasks = (uint32_t)c->n_tasks,
            .n_executors = (uint32_t)c->n_executors,
            .cpu = (uint32_t)c->cpu,
            .memory_mb = (uint32_t)c->memory_mb,
        };
    }
}

/* name-NUMBER-SECONDS */
static bool id_fits(const gi_msg_kept_topology *m)
{
    size_t n = strlen(m->name);

    return strncmp(m->id, m->name, n) == 0 && m->id[n] == '-' &&
           strspn(m->id + n, "-0123456789") == strlen(m->id + n) &&
           strlen(m->id + n) < 48;
}

static gale_err derive(gi_kept *k)
{
    const gi_msg_kept_topology *m = &k->m;

    k->components =
        gi_pool_take(&k->pool, m->n_components, sizeof(*k->components));
    k->talks = gi_pool_take(&k->pool, m->n_talks, sizeof(*k->talks));
    if (k->components == NULL || k->talks == NULL)
        return GALE_ENOMEM;
    gi_kept_recut(k);
    for (uint32_t i = 0; i < m->n_talks; i++)
        k->talks[i] =
            (gi_talk){ (uint32_t)m->talks[i].from, (uint32_t)m->talks[i].to };
    return GALE_OK;
}

gale_err gi_kept_read(gi_kept **out, const void *bytes, size_t len,
                      gale_diag *why)
{
    gi_pool pool = { 0 };
    gi_kept *k = gi_pool_take(&pool, 1, sizeof(*k));
    gale_err e;

    if (k == NULL)
        return GALE_ENOMEM;
    e = gi_msg_read(GI_M_kept_topology, bytes, len, &pool, &k->m, NULL, why);
    k->pool = pool;
    if (e == GALE_OK)
        e = gi_name_check(k->m.name, why);
    if (e == GALE_OK && !id_fits(&k->m))
        e = refuse(why, "its id does not fit its name");
    if (e == GALE_OK)
        e = gi_kept_check(&k->m, why);
    if (e == GALE_OK)
        e = derive(k);
    if (e == GALE_OK)
        e = read_life(k, why);
    if (e == GALE_OK)
        e = read_assignment(k, why);
    if (e != GALE_OK) {
        gi_kept_destroy(k);
        return e == GALE_ENOMEM ? e : GALE_EFORMAT;
    }
    *out = k;
    return GALE_OK;
}

static bool write_assignment(gi_msg_kept_topology *m, const gi_assignment *a,
                             gi_pool *scratch)
{
    m->version = a->version;
    m->why = a->why;
    m->n_placed = a->n_workers;
    m->n_executors = a->n_executors;
    m->placed = gi_pool_take(scratch, a->n_workers, sizeof(*m->placed));
    m->executors =
        gi_pool_take(scratch, a->n_executors, sizeof(*m->executors));
    if (m->placed == NULL || m->executors == NULL)
        return false;
    for (uint32_t i = 0; i < a->n_workers; i++)
        m->placed[i] = (gi_msg_kept_worker){
            .node = a->workers[i].supervisor,
            .host = a->workers[i].host,
            .port = a->workers[i].port,
            .since = a->workers[i].since,
        };
    for (uint32_t i = 0; i < a->n_executors; i++)
        m->executors[i] = (gi_msg_kept_executor){
            .first = a->executors[i].first_task,
            .end = a->executors[i].end_task,
            .worker = a->executors[i].worker == GI_NOWHERE
                          ? 0
                          : (uint64_t)a->executors[i].worker + 1,
        };
    return true;
}

void gi_kept_write(gi_strbuf *out, const gi_kept *k, gi_pool *scratch)
{
    gi_msg_kept_topology m = k->m;

    m.status = gi_status_name(k->life.status);
    m.before = gi_status_name(k->life.before);
    m.turn = k->life.turn;
    m.wait_ms = k->life.wait_ms;
    m.timeout_ms = k->life.timeout_ms;
    m.version = 0;
    m.why = "";
    m.n_placed = m.n_executors = 0;
    if (k->now != NULL && !write_assignment(&m, k->now, scratch)) {
        out->failed = true;
        return;
    }
    gi_msg_write(out, GI_M_kept_topology, &m);
}

gale_err gi_kept_create(gi_kept **out, const gi_msg_kept_topology *m,
                        bool active, gale_diag *why)
{
    gi_msg_kept_topology whole = *m;
    gi_strbuf bytes = { 0 };
    gi_life life;
    gale_err e;

    gi_life_init(&life, active, m->timeout_ms);
    whole.status = gi_status_name(life.status);
    whole.before = gi_status_name(life.before);
    whole.turn = life.turn;
    gi_msg_write(&bytes, GI_M_kept_topology, &whole);
    if (bytes.failed) {
        e = GALE_ENOMEM;
    } else if (bytes.len > GI_SUBMIT_BYTES_MOST) {
        gi_diag_say(why,
                    "'%s' takes %zu bytes to describe; %d are the most "
                    "(settings and arguments may name a file instead)",
                    m->name, bytes.len, GI_SUBMIT_BYTES_MOST);
        e = GALE_ELIMIT;
    } else {
        e = gi_kept_read(out, bytes.at, bytes.len, why);
    }
    gi_strbuf_fini(&bytes);
    return e;
}

gale_err gi_kept_copy(gi_kept **out, const gi_kept *k)
{
    gi_strbuf bytes = { 0 };
    gi_pool scratch = { 0 };
    gale_err e = GALE_ENOMEM;

    gi_kept_write(&bytes, k, &scratch);
    if (!bytes.failed)
        e = gi_kept_read(out, bytes.at, bytes.len, NULL);
    if (e == GALE_OK)
        (*out)->life.until_ms = k->life.until_ms;
    gi_pool_fini(&scratch);
    gi_strbuf_fini(&bytes);
    return e;
}

void gi_kept_destroy(gi_kept *k)
{
    gi_pool pool;

    if (k == NULL)
        return;
    gi_assignment_destroy(k->now);
    pool = k->pool; /* it lies in its own memory */
    gi_pool_fini(&pool);
}
