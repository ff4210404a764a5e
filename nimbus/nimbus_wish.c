/* What is asked of a topology that is there: ACTIVATE, DEACTIVATE, KILL,
 * REBALANCE, SET_LOG.  CREDENTIALS are in nimbus_credentials.c. */
#include <string.h>

#include "base/diag.h"
#include "gale/task.h"
#include "nimbus/nimbus_decide.h"
#include "nimbus/nimbus_recut.h"

/* A wait that does not fit into a message is as good as endless. */
enum { MOST_WAIT_DAYS = 3650 };

static uint64_t wait_of(bool now, uint64_t wait_ms)
{
    const uint64_t most = (uint64_t)MOST_WAIT_DAYS * 86400 * 1000;

    if (!now)
        return GI_WAIT_USUAL;
    return wait_ms < most ? wait_ms : most;
}

struct wish {
    gi_wish wish;
    const char *verb, *name;
    uint64_t wait_ms;
};

static struct wish read_wish(gi_verb_no verb, const void *request)
{
    const gi_msg_kill *kill = request;
    const gi_msg_named *named = request;

    if (verb == GI_ASK_KILL)
        return (struct wish){ GI_WISH_KILL, "kill", kill->name,
                              wait_of(kill->now, kill->wait_ms) };
    if (verb == GI_ASK_ACTIVATE)
        return (struct wish){ GI_WISH_ACTIVATE, "activate", named->name, 0 };
    return (struct wish){ GI_WISH_DEACTIVATE, "deactivate", named->name, 0 };
}

static gale_err find(const gi_nimbus *n, const char *name, const char *user,
                     const char *verb, gi_topo **out, gale_diag *why)
{
    gale_err e = gi_nimbus_find(n, name, out, why);

    return e == GALE_OK ? gi_nimbus_may(n, (*out)->kept, user, verb, why) : e;
}

/* Words of life.h, with the name in front. */
static gale_err wish_life(gi_life *l, const char *name, gi_wish wish,
                          uint64_t wait_ms, uint64_t now_ms, unsigned *todo,
                          gale_diag *why)
{
    gale_diag words = { "" };
    gale_err e = gi_life_wish(l, wish, wait_ms, now_ms, todo, &words);

    if (e != GALE_OK)
        gi_diag_say(why, "'%s': %.1800s", name, words.text);
    return e;
}

gale_err gi_nimbus_wish(gi_nimbus *n, gi_verb_no verb, const void *request,
                        const char *user, gale_diag *why)
{
    struct wish w = read_wish(verb, request);
    gi_decision d;
    gi_life life;
    unsigned todo = 0;
    gi_topo *t;
    gi_kept *kept;
    gale_err e = find(n, w.name, user, w.verb, &t, why);

    if (e != GALE_OK)
        return e;
    life = t->kept->life;
    /* To those outside, one whose workers are being stopped is killed. */
    if (life.status == GI_STATUS_GONE && verb == GI_ASK_KILL)
        return GALE_OK;
    if (life.status == GI_STATUS_GONE)
        life.status = GI_STATUS_KILLED;
    e = wish_life(&life, t->kept->m.name, w.wish, w.wait_ms, n->now.ms, &todo,
                  why);
    if (e != GALE_OK || todo == 0)
        return e;
    gi_decision_init(&d, n);
    e = gi_decision_change(&d, t, true, &kept);
    if (e == GALE_OK) {
        kept->life = life;
        if ((todo & GI_LIFE_FORGET) != 0)
            kept->m.n_rebalance = 0;
        e = gi_decision_take(&d, why);
    }
    gi_decision_fini(&d);
    return e;
}

gale_err gi_nimbus_rebalance(gi_nimbus *n, const gi_msg_rebalance *q,
                             const char *user, gi_pool *pool,
                             gi_msg_rebalanced *out, gale_diag *why)
{
    gi_decision d;
    gi_life life;
    unsigned todo = 0;
    gi_topo *t;
    gi_kept *kept;
    gale_err e = find(n, q->name, user, "rebalance", &t, why);

    if (e != GALE_OK)
        return e;
    if (t->kept->life.status == GI_STATUS_REBALANCING &&
        gi_recut_same(t->kept, q)) /* the first reply was lost */
        return gi_nimbus_preview(n, t, q, pool, out);
    life = t->kept->life;
    if (life.status == GI_STATUS_GONE)
        life.status = GI_STATUS_KILLED;
    e = gi_kept_check_rebalance(t->kept, q, why);
    if (e == GALE_OK)
        e = wish_life(&life, t->kept->m.name, GI_WISH_REBALANCE,
                      wait_of(q->now, q->wait_ms), n->now.ms, &todo, why);
    if (e == GALE_OK)
        e = gi_nimbus_preview(n, t, q, pool, out);
    if (e != GALE_OK)
        return e;
    gi_decision_init(&d, n);
    e = gi_decision_change(&d, t, true, &kept);
    if (e == GALE_OK)
        e = gi_recut_set(kept, q);
    if (e == GALE_OK) {
        kept->life = life;
        e = gi_decision_take(&d, why);
    }
    gi_decision_fini(&d);
    if (e == GALE_OK) {
        /* Whoever wants it elsewhere wants it to be tried again. */
        gi_nimbus_absolve(n, t);
        t->suspects = 0;
        t->move_from_ms = 0;
    }
    return e;
}

static gale_err check_log(const gi_kept *k, const gi_msg_set_log *q,
                          gale_diag *why)
{
    const char *problem = NULL;

    if (q->level > GALE_LOG_DEBUG)
        problem = "the level is none (0 error, 1 warn, 2 info, 3 debug)";
    else if (q->for_ms > (uint64_t)366 * 86400 * 1000)
        problem = "a level is set for a year at most, or for good";
    else if (k->life.status == GI_STATUS_GONE)
        problem = "it is being killed";
    if (problem == NULL)
        return GALE_OK;
    gi_diag_say(why, "'%s': %s", k->m.name, problem);
    return GALE_EINVAL;
}

gale_err gi_nimbus_set_log(gi_nimbus *n, const gi_msg_set_log *q,
                           const char *user, gale_diag *why)
{
    gi_decision d;
    gi_topo *t;
    gi_kept *kept;
    gale_err e = find(n, q->name, user, "set the log level of", &t, why);

    if (e == GALE_OK)
        e = check_log(t->kept, q, why);
    if (e != GALE_OK)
        return e;
    gi_decision_init(&d, n);
    e = gi_decision_change(&d, t, true, &kept);
    if (e == GALE_OK) {
        if (kept->m.log_until_ms == 0)
            kept->m.log_before = kept->m.log_level;
        kept->m.log_level = q->level;
        kept->m.log_until_ms = q->for_ms == 0 ? 0 : n->now.wall_ms + q->for_ms;
        e = gi_decision_take(&d, why);
    }
    gi_decision_fini(&d);
    if (e == GALE_OK)
        t->log_until_ms = q->for_ms == 0 ? 0 : n->now.ms + q->for_ms;
    return e;
}
