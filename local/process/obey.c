/* A new duty, while the worker runs. */
#include "local/process/inside.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "worker/loop.h"

/* ----------------------------------------------------- what is another -- */

static bool same_list(const gi_msg_pair *a, uint32_t n_a, const gi_msg_pair *b,
                      uint32_t n_b)
{
    if (n_a != n_b)
        return false;
    for (uint32_t i = 0; i < n_a; i++)
        if (strcmp(a[i].key, b[i].key) != 0 ||
            strcmp(a[i].value, b[i].value) != 0)
            return false;
    return true;
}

static bool same_words(const gi_msg_topology *a, const gi_msg_topology *b)
{
    if (a->n_words != b->n_words)
        return false;
    for (uint32_t i = 0; i < a->n_words; i++)
        if (strcmp(a->words[i].text, b->words[i].text) != 0)
            return false;
    return true;
}

static bool runs_here(const gi_serve *s, const gi_comp *c)
{
    for (uint32_t i = 0; i < c->n_tasks; i++)
        if (s->roster.peer_of[c->first_task - 1 + i] == GI_HERE)
            return true;
    return false;
}

static bool cut_alike(const gi_serve *s, const gi_msg_topology *t)
{
    if (t->n_components != s->plan->n_comps)
        return false;
    for (uint32_t i = 0; i < s->plan->n_comps; i++)
        if (runs_here(s, &s->plan->comps[i]) &&
            t->components[i].n_executors != s->plan->comps[i].n_executors)
            return false;
    return true;
}

/* What a process is for good, so that only another one can obey; NULL: it is
 * all as it was. */
static const char *what_is_new(const gi_serve *s, const gi_msg_duty *duty,
                               const gi_roster *r)
{
    const gi_msg_topology *t = &duty->topology[0];
    const gi_msg_topology *now = gi_serve_topology(s);

    if (strcmp(t->id, now->id) != 0)
        return "another topology";
    if (strcmp(t->program, now->program) != 0)
        return "another program";
    if (!same_list(t->settings, t->n_settings, now->settings, now->n_settings))
        return "other settings";
    if (!same_words(t, now))
        return "other arguments";
    if (!gi_roster_same_here(r, &s->roster) || !cut_alike(s, t))
        return "other executors";
    return NULL;
}

/* ----------------------------------------------------------------- obey -- */

static void to_be_started_anew(gi_serve *s, const char *what)
{
    s->leave = true;
    snprintf(s->why.text, sizeof(s->why.text),
             "the duty has %s for this worker: it ends, to be started anew",
             what);
}

gale_err gi_serve_credentials(gi_serve *s, const gi_msg_topology *t)
{
    gi_credential *list =
        gi_calloc((size_t)t->n_credentials + 1, sizeof(*list));
    gale_err rv = GALE_ENOMEM;

    for (uint32_t i = 0; list != NULL && i < t->n_credentials; i++)
        list[i] = (gi_credential){
            .key = (char *)(uintptr_t)t->credentials[i].key,
            .value = (char *)(uintptr_t)t->credentials[i].value,
        };
    if (list != NULL)
        rv = gi_credentials_set(
            gi_worker_credentials(gi_local_worker(s->local)), list,
            t->n_credentials);
    gi_free(list);
    return rv;
}

/* True: they are as told. */
static bool take_credentials(gi_serve *s, const gi_msg_topology *t)
{
    const gi_msg_topology *now = gi_serve_topology(s);

    if (same_list(t->credentials, t->n_credentials, now->credentials,
                  now->n_credentials))
        return true;
    if (gi_serve_credentials(s, t) != GALE_OK)
        return false;
    gi_log(GALE_LOG_INFO, s->plan->name, "its credentials are others now");
    return true;
}

/* Takes the roster if all is well. */
static void take(gi_serve *s, const gi_msg_duty *duty, gi_roster *r)
{
    const gi_msg_topology *t = &duty->topology[0];
    const char *what = what_is_new(s, duty, r);

    if (what != NULL) {
        to_be_started_anew(s, what);
        return;
    }
    if (!take_credentials(s, t)) {
        to_be_started_anew(s, "no memory");
        return;
    }
    /* Lines first: then there is somebody to whom tasks can be placed. */
    if (s->peers != NULL &&
        (gi_peers_set(s->peers, r) != GALE_OK ||
         gi_port_place(gi_local_worker(s->local), r->peer_of) != GALE_OK)) {
        to_be_started_anew(s, "no memory");
        return;
    }
    gi_log_set_level(t->log_level > GALE_LOG_DEBUG ? GALE_LOG_DEBUG
                                                   : (gale_level)t->log_level);
    gi_roster_fini(&s->roster);
    s->roster = *r;
    *r = (gi_roster){ 0 };
    s->says.version = t->version;
}

/* GALE_ENOMEM: all is as it was, and this is to be tried again. */
static gale_err obey(gi_serve *s, const gi_msg_duty *duty)
{
    gale_diag why = { "" };
    gi_roster r = { 0 };
    gale_err rv = gi_roster_make(&r, &s->roster, duty, s->plan->n_tasks,
                                 s->roster.most, &why);

    if (rv == GALE_ENOMEM)
        return rv;
    if (rv == GALE_OK)
        take(s, duty, &r);
    else if (rv == GALE_ELIMIT)
        to_be_started_anew(s, "too many others");
    else if (rv != GALE_ENOTFOUND) /* else SIGTERM is about to come */
        gi_log(GALE_LOG_ERROR, s->plan->name,
               "a duty that makes no sense is not obeyed: %s",
               why.text[0] == '\0' ? gale_err_text(rv) : why.text);
    gi_roster_fini(&r);
    return GALE_OK;
}

static bool concerns(const gi_serve *s, const gi_msg_duty *duty)
{
    return duty->number > s->duty.number &&
           duty->incarnation == s->duty.incarnation;
}

/* Reads it into *pool, which it swaps for the old one's if it is obeyed. */
static gale_err read_and_obey(gi_serve *s, gi_pool **pool)
{
    gi_msg_duty duty;
    gale_diag why;
    gale_err rv = gi_duty_read(&duty, s->dir, *pool, &why);

    if (rv == GALE_OK && concerns(s, &duty)) {
        rv = obey(s, &duty);
        if (rv != GALE_OK)
            return rv;
        if (!s->leave) {
            gi_pool *old = s->pool;

            s->duty = duty;
            s->pool = *pool;
            *pool = old;
        }
        s->says.number = duty.number;
    } else if (rv != GALE_OK && rv != GALE_ENOMEM) {
        gi_log(GALE_LOG_ERROR, s->plan->name, "%s", why.text);
    }
    return rv;
}

/* The next look finds it new: there may be no other one for long, and the
 * supervisor waits for this one to be obeyed. */
static void forget_that_it_was_seen(gi_serve *s)
{
    if (s->seen >= 0)
        close(s->seen);
    s->seen = -1;
}

void gi_serve_obey(gi_serve *s)
{
    gi_pool *pool = gi_alloc(sizeof(*pool));
    gale_err rv = pool == NULL ? GALE_ENOMEM : read_and_obey(s, &pool);

    if (rv == GALE_ENOMEM)
        forget_that_it_was_seen(s);
    if (pool != NULL)
        gi_pool_fini(pool);
    gi_free(pool);
}

/* --------------------------------------------------------- go and stop -- */

/* Since they were told to stop, has every loop begun a turn and ended it, and
 * is every spout deactivated? */
static bool spouts_stopped(gi_serve *s)
{
    gi_worker *w = gi_local_worker(s->local);

    for (uint32_t i = 0; i < gi_worker_n_loops(w); i++) {
        gi_local_loop l;

        gi_local_look(s->local, i, &l);
        if (l.turns < s->stop[i] + 2 ||
            atomic_load_explicit(&gi_worker_loop(w, i)->spouts_awake,
                                 memory_order_acquire) > 0)
            return false;
    }
    return true;
}

static void stop(gi_serve *s)
{
    gi_local_activate(s->local, false);
    s->active = false;
    for (uint32_t i = 0; i < gi_worker_n_loops(gi_local_worker(s->local));
         i++) {
        gi_local_loop l;

        gi_local_look(s->local, i, &l);
        s->stop[i] = l.turns;
    }
}

bool gi_serve_activate(gi_serve *s, bool never)
{
    const gi_msg_topology *t = gi_serve_topology(s);
    bool want = t->active && !never;

    if (want && !s->active) {
        gi_local_activate(s->local, true);
        s->active = true;
    } else if (!want && s->active) {
        stop(s);
    }
    if (!want && !spouts_stopped(s))
        return false;
    if (!never || !t->active)
        s->says.turn = t->turn;
    return true;
}
