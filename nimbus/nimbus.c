#include "nimbus/nimbus.h"

#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "nimbus/nimbus_decide.h"
#include "nimbus/nimbus_show.h"

const gi_nimbus_opts *gi_nimbus_settled(const gi_nimbus *n)
{
    return &n->opts;
}

const char *gi_nimbus_broken(const gi_nimbus *n)
{
    return n->broken.text[0] == '\0' ? NULL : n->broken.text;
}

/* ------------------------------------------------------- begin and end -- */

static const char *keep(gi_pool *pool, const char *s)
{
    size_t size = s == NULL ? 1 : strlen(s) + 1;
    char *copy = gi_pool_take(pool, size, 1);

    if (copy != NULL && s != NULL)
        memcpy(copy, s, size);
    return copy;
}

static void usual(uint64_t *value, uint64_t ms)
{
    if (*value == 0)
        *value = ms;
}

static gale_err settle_opts(gi_nimbus *n, const gi_nimbus_opts *opts)
{
    gi_nimbus_opts *o = &n->opts;
    const char **admins =
        gi_pool_take(&n->pool, opts->n_admins, sizeof(*admins));

    *o = *opts;
    o->id = keep(&n->pool, opts->id);
    o->host = keep(&n->pool, opts->host);
    o->url = keep(&n->pool, opts->url);
    o->admins = admins;
    if (admins == NULL || o->id == NULL || o->host == NULL || o->url == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < opts->n_admins; i++) {
        admins[i] = keep(&n->pool, opts->admins[i]);
        if (admins[i] == NULL)
            return GALE_ENOMEM;
    }
    usual(&o->supervisor_timeout_ms, 10 * 1000);
    usual(&o->report_wait_ms, 1000);
    usual(&o->lag_ms, 2000);
    usual(&o->bad_ms, 5 * 60 * 1000);
    usual(&o->move_ms, 10 * 1000);
    usual(&o->forget_ms, 60 * 60 * 1000);
    return GALE_OK;
}

void gi_nimbus_destroy(gi_nimbus *n)
{
    if (n == NULL)
        return;
    for (uint32_t i = 0; i < n->n_topologies; i++) {
        gi_kept_destroy(n->topologies[i]->kept);
        gi_free(n->topologies[i]);
    }
    for (uint32_t i = 0; i < n->n_seen; i++)
        gi_seen_destroy(n->seen[i]);
    gi_free(n->topologies);
    gi_free(n->seen);
    gi_pool_fini(&n->pool);
    gi_free(n);
}

gale_err gi_nimbus_create(gi_nimbus **out, const gi_nimbus_opts *opts,
                          const gi_store *store, gi_when now, gale_diag *why)
{
    gi_nimbus *n;
    gale_err e;

    if (opts->id == NULL || opts->id[0] == '\0') {
        gi_diag_say(why, "a Nimbus needs an id");
        return GALE_EINVAL;
    }
    n = gi_alloc(sizeof(*n));
    if (n == NULL)
        return GALE_ENOMEM;
    n->store = store;
    n->began = n->now = now;
    e = settle_opts(n, opts);
    if (e == GALE_OK)
        e = gi_nimbus_load(n, why);
    if (e != GALE_OK) {
        gi_nimbus_destroy(n);
        return e;
    }
    n->dirty = true;
    *out = n;
    return GALE_OK;
}

/* ---------------------------------------------------------------- time -- */

void gi_nimbus_tick(gi_nimbus *n, gi_when now)
{
    gi_nimbus_pass(n, now);
    gi_nimbus_settle(n);
}

static void at_most(uint64_t *due, uint64_t ms)
{
    if (ms < *due)
        *due = ms;
}

uint64_t gi_nimbus_due(const gi_nimbus *n)
{
    uint64_t due = UINT64_MAX;

    if (n->broken.text[0] != '\0')
        return due;
    for (uint32_t i = 0; i < n->n_topologies; i++) {
        const gi_topo *t = n->topologies[i];

        if (gi_life_waits(&t->kept->life))
            at_most(&due, t->kept->life.until_ms);
        if (t->log_until_ms != 0)
            at_most(&due, t->log_until_ms);
    }
    for (uint32_t i = 0; i < n->n_seen; i++) {
        const gi_seen *s = n->seen[i];

        for (uint32_t k = 0; k < s->n_ports; k++)
            if (s->ports[k].bad_until_ms != 0)
                at_most(&due, s->ports[k].bad_until_ms);
        if (s->state == GI_SUPERVISOR_DEAD)
            continue;
        at_most(&due, s->heard_ms + n->opts.supervisor_timeout_ms -
                          n->awake_ms + n->now.ms);
        /* Not so late that it would count as being away. */
        at_most(&due, n->now.ms + (n->opts.lag_ms + 1) / 2);
    }
    if (n->dirty)
        due = n->now.ms;
    if (n->retry_ms > n->now.ms)
        due = n->retry_ms;
    return due;
}

bool gi_nimbus_uses(const gi_nimbus *n, const char *program)
{
    for (uint32_t i = 0; i < n->n_topologies; i++)
        if (strcmp(n->topologies[i]->kept->m.program, program) == 0)
            return true;
    return false;
}

/* ------------------------------------------------------------- the ask -- */

static gale_err look(gi_nimbus *n, const gi_msg_named *q, gi_pool *pool,
                     void *reply, gale_diag *why)
{
    gi_topo *t;
    gale_err e = gi_nimbus_find(n, q->name, &t, why);

    return e == GALE_OK ? gi_nimbus_look(n, t, pool, reply) : e;
}

static gale_err answer(gi_nimbus *n, gi_verb_no verb, const void *request,
                       const char *user, gi_pool *pool, void *reply,
                       gale_diag *why)
{
    switch ((int)verb) {
    case GI_ASK_INFO:
        gi_nimbus_info(n, reply);
        return GALE_OK;
    case GI_ASK_SUBMIT:
        return gi_nimbus_submit(n, request, user, pool, reply, why);
    case GI_ASK_LIST:
        return gi_nimbus_list(n, pool, reply);
    case GI_ASK_LOOK:
        return look(n, request, pool, reply, why);
    case GI_ASK_CLUSTER:
        return gi_nimbus_cluster(n, pool, reply);
    case GI_ASK_ACTIVATE:
    case GI_ASK_DEACTIVATE:
    case GI_ASK_KILL:
        *(gi_msg_nothing *)reply = (gi_msg_nothing){ 0 };
        return gi_nimbus_wish(n, verb, request, user, why);
    case GI_ASK_REBALANCE:
        return gi_nimbus_rebalance(n, request, user, pool, reply, why);
    case GI_ASK_SET_LOG:
        *(gi_msg_nothing *)reply = (gi_msg_nothing){ 0 };
        return gi_nimbus_set_log(n, request, user, why);
    case GI_ASK_CREDENTIALS:
        *(gi_msg_nothing *)reply = (gi_msg_nothing){ 0 };
        return gi_nimbus_credentials(n, request, user, why);
    default:
        gi_diag_say(why, "this is nothing to ask of Nimbus");
        return GALE_EINVAL;
    }
}

/* Verbs that only look answer from the state as it is when they return. */
static bool only_looks(gi_verb_no verb)
{
    return verb == GI_ASK_INFO || verb == GI_ASK_LIST || verb == GI_ASK_LOOK ||
           verb == GI_ASK_CLUSTER;
}

gale_err gi_nimbus_ask(gi_nimbus *n, gi_verb_no verb, const void *request,
                       const char *user, gi_when now, gi_pool *pool,
                       void *reply, gale_diag *why)
{
    gale_err e;

    if (why != NULL)
        why->text[0] = '\0';
    gi_nimbus_tick(n, now);
    if (n->broken.text[0] != '\0') {
        if (why != NULL)
            *why = n->broken;
        return GALE_EIO;
    }
    e = answer(n, verb, request, user, pool, reply, why);
    if (!only_looks(verb))
        gi_nimbus_settle(n);
    if (e != GALE_OK && why != NULL && why->text[0] == '\0')
        gi_diag_say(why, "%s", gale_err_text(e));
    return e;
}
