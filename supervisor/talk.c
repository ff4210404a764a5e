/* talk.c -- REPORT, and what Nimbus answers.
 *
 * One report is at Nimbus all the time: it is answered when there is something
 * new, or after a moment.  When something changes here, the one under way is
 * given up, and another sent that asks for its answer at once.
 *
 * Versions are counted by each Nimbus for itself; here every assignment that
 * is taken is one more than the last.  After a start Nimbus is asked for all
 * of it, whatever the record says.
 *
 * Topologies that are known, from before or from the disk, are not told again;
 * the others may come in several parts, and then the orders.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/diag.h"
#include "base/log.h"
#include "base/mem.h"
#include "supervisor/daemon_inside.h"

enum { PATIENCE_MS = 4000 };

static const int64_t first_pause = 100000000, longest_pause = 2000000000;

static void on_done(void *arg)
{
    gi_sdaemon *d = arg;

    atomic_store(&d->talk.done, true);
    gi_sd_wake(d);
}

gale_err gi_talk_open(gi_sdaemon *d, gale_diag *why)
{
    static const char *const usual[] = { GI_NIMBUS_USUAL };
    gi_asker_opts opts = {
        .urls = d->o->nimbus == NULL ? usual : d->o->nimbus,
        .n_urls = d->o->nimbus == NULL ? 1 : d->o->n_nimbus,
        .secrets = d->secrets,
        .open = d->o->open,
    };

    d->talk.pause = first_pause;
    d->talk.urgent = true;
    return gi_asker_create(&d->talk.asker, &opts, why);
}

void gi_talk_close(gi_sdaemon *d)
{
    if (d->talk.asking)
        gi_ask_cancel(d->talk.asker);
    gi_asker_destroy(d->talk.asker);
    d->talk.asker = NULL;
}

/* Once each time that it is another trouble. */
static void say_trouble(gi_talk *t, const char *what)
{
    if (strncmp(t->trouble, what, sizeof(t->trouble) - 1) == 0)
        return;
    snprintf(t->trouble, sizeof(t->trouble), "%.511s", what);
    gi_log(GALE_LOG_WARN, GI_WHO, "Nimbus: %s", what);
}

static gale_err ask(gi_sdaemon *d, const gi_msg_report *report)
{
    uint32_t wait_ms =
        d->o->patience_ms == 0 ? PATIENCE_MS : d->o->patience_ms;

    return gi_ask_begin(d->talk.asker, GI_ASK_REPORT, report, wait_ms, on_done,
                        d);
}

/* What Nimbus cannot do without is small. */
static void leave_out_counters(gi_msg_report *r)
{
    for (uint32_t i = 0; i < r->n_slots; i++)
        r->slots[i].n_tallies = r->slots[i].n_mishaps = 0;
}

static void begin(gi_sdaemon *d, int64_t now)
{
    gi_talk *t = &d->talk;
    gi_msg_report report;
    gi_pool pool = { 0 };
    gale_err rv = gi_report_of(d, &pool, &report);

    report.urgent = t->urgent;
    atomic_store(&t->done, false);
    if (rv == GALE_OK)
        rv = ask(d, &report);
    if (rv == GALE_ELIMIT) {
        if (!t->cut_short)
            gi_log(GALE_LOG_WARN, GI_WHO,
                   "a report of all that runs here is too long for a message; "
                   "it goes without counters");
        t->cut_short = true;
        leave_out_counters(&report);
        rv = ask(d, &report);
    }
    gi_pool_fini(&pool);
    if (rv != GALE_OK) {
        say_trouble(t, gale_err_text(rv));
        t->not_before = now + first_pause;
        return;
    }
    t->asking = true;
    t->asked_urgently = t->urgent;
    t->urgent = false;
}

static void went_wrong(gi_sdaemon *d, int64_t now, gale_err rv,
                       const gale_diag *why)
{
    gi_talk *t = &d->talk;

    gi_node_nimbus(d->node, false);
    say_trouble(t, why->text[0] == '\0' ? gale_err_text(rv) : why->text);
    if (rv == GALE_EIO || rv == GALE_ETIME) { /* it was tried all the time */
        t->not_before = now + first_pause;
    } else {
        t->not_before = now + t->pause;
        t->pause = t->pause * 2 < longest_pause ? t->pause * 2 : longest_pause;
    }
    t->away = true;
    t->urgent = true;
}

/* The executors of the worker that is ordered: if they are not said with the
 * order, they stand in what is known of the topology. */
static bool find_spans(const gi_sdaemon *d, const gi_msg_order *o, uint32_t *n,
                       const gi_msg_span **out)
{
    const gi_msg_topology *t = gi_duties_of(d, o->topology);

    *n = o->n_executors;
    *out = o->executors;
    for (uint32_t i = 0; *n == 0 && t != NULL && i < t->n_workers; i++) {
        const gi_msg_peer *p = &t->workers[i];

        if (p->port == o->port && p->since == o->since &&
            strcmp(p->node, d->home.id) == 0) {
            *n = p->n_executors;
            *out = p->executors;
        }
    }
    return t != NULL;
}

static bool take_placed(gi_sdaemon *d, const gi_msg_order *from, gi_pool *pool,
                        gi_placed *to, gale_diag *why)
{
    const gi_msg_span *said;
    uint32_t n;
    bool known = find_spans(d, from, &n, &said);
    gi_span *spans = gi_pool_take(pool, n, sizeof(*spans));

    if (spans == NULL) {
        gi_diag_say(why, "%s", gale_err_text(GALE_ENOMEM));
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        const gi_msg_span *s = &said[i];

        if (s->first >= s->end || s->end > UINT32_MAX) {
            gi_diag_say(why,
                        "its order for slot %" PRIu64
                        " has tasks from %" PRIu64 " to %" PRIu64,
                        from->port, s->first, s->end);
            return false;
        }
        spans[i] = (gi_span){ (uint32_t)s->first, (uint32_t)s->end };
    }
    *to = (gi_placed){
        .port = (uint16_t)from->port,
        .order = {
            .n_executors = n,
            .patient = from->patient,
            .since = from->since,
            .version = from->version,
            .topology = from->topology,
            .program = from->program,
            .executors = spans,
        },
    };
    if (known)
        return true;
    gi_diag_say(why, "it does not say what topology '%.100s' consists of",
                from->topology);
    return false;
}

/* All of it or nothing; but a slot that is not ours has no say in that. */
static bool take_orders(gi_sdaemon *d, const gi_msg_orders *o, gi_pool *pool,
                        int64_t now, gale_diag *why)
{
    gi_placed *placed = gi_pool_take(pool, o->n_orders, sizeof(*placed));
    gale_err rv = placed == NULL ? GALE_ENOMEM : GALE_OK;
    uint32_t n = 0;
    bool taken;

    if (rv == GALE_OK && strlen(o->nimbus) >= sizeof(d->talk.nimbus))
        rv = GALE_EFORMAT;
    if (rv == GALE_OK)
        rv = gi_duties_take(d, o, why);
    for (uint32_t i = 0; i < o->n_orders && rv == GALE_OK; i++) {
        if (gi_sd_slot(d, o->orders[i].port) < 0)
            gi_log(GALE_LOG_WARN, GI_WHO,
                   "Nimbus orders %s to slot %" PRIu64 ", which is not here",
                   o->orders[i].topology, o->orders[i].port);
        else if (!take_placed(d, &o->orders[i], pool, &placed[n++], why))
            return false;
    }
    if (rv == GALE_OK)
        rv = gi_node_assign(d->node, gi_node_version(d->node) + 1, placed, n,
                            now, &taken);
    if (rv != GALE_OK && why->text[0] == '\0')
        gi_diag_say(why, "its orders make no sense: %s",
                    rv == GALE_EINVAL
                        ? "a slot stands there twice, or a name is "
                          "none"
                        : gale_err_text(rv));
    return rv == GALE_OK;
}

/* More follows when it is asked for.  Who says the same again has to wait. */
static bool take_part(gi_sdaemon *d, const gi_msg_orders *o, gale_diag *why)
{
    bool news = false;

    for (uint32_t i = 0; i < o->n_topologies; i++) {
        const gi_msg_topology *t = &o->topologies[i];
        const gi_msg_topology *known = gi_duties_of(d, t->id);

        news = news || known == NULL || known->digest != t->digest;
    }
    if (!news) {
        gi_diag_say(why, "it says a part of its orders a second time");
        return false;
    }
    d->talk.in_parts = true;
    return gi_duties_take(d, o, why) == GALE_OK;
}

static bool is_news(const gi_talk *t, const gi_msg_orders *o)
{
    return !o->same &&
           (strcmp(t->nimbus, o->nimbus) != 0 || o->version > t->version);
}

static void take_reply(gi_sdaemon *d, int64_t now)
{
    gi_talk *t = &d->talk;
    gi_msg_orders o;
    gi_pool pool = { 0 };
    gale_diag why = { 0 };
    gale_err rv = gi_asked(t->asker, &pool, &o, &why);

    t->asking = false;
    atomic_store(&t->done, false);
    if (rv != GALE_OK) {
        went_wrong(d, now, rv, &why);
    } else {
        if (t->away)
            gi_log(GALE_LOG_INFO, GI_WHO, "Nimbus answers again");
        t->away = false;
        t->pause = first_pause;
        gi_node_nimbus(d->node, true);
        if (!is_news(t, &o) || d->stop) {
            t->trouble[0] = '\0';
        } else if (o.part && take_part(d, &o, &why)) {
            t->trouble[0] = '\0';
        } else if (!o.part && take_orders(d, &o, &pool, now, &why)) {
            t->in_parts = false;
            snprintf(t->nimbus, sizeof(t->nimbus), "%s", o.nimbus);
            t->version = o.version;
            t->trouble[0] = '\0';
        } else { /* it would say the same again */
            say_trouble(t, why.text[0] == '\0' ? gale_err_text(GALE_ENOMEM)
                                               : why.text);
            t->not_before = now + 10 * first_pause;
        }
    }
    gi_pool_fini(&pool);
    gi_acts_obey(d);
}

void gi_talk_turn(gi_sdaemon *d, int64_t now)
{
    gi_talk *t = &d->talk;

    if (t->asking && atomic_load(&t->done))
        take_reply(d, now);
    if (t->asking && t->urgent && !t->asked_urgently) {
        gi_ask_cancel(t->asker);
        t->asking = false;
    }
    if (!t->asking && now >= t->not_before)
        begin(d, now);
}
