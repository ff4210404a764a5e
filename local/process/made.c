/* Making a worker process out of its duty. */
#include "local/process/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "wire/brief.h"
#include "wire/exchange.h"
#include "wire/pass.h"
#include "wire/url.h"

static bool fail(gi_serve *s, int status, gale_err rv)
{
    s->status = status;
    if (s->why.text[0] == '\0')
        snprintf(s->why.text, sizeof(s->why.text), "cannot start: %s",
                 gale_err_text(rv));
    return false;
}

static void set_log_level(uint64_t level)
{
    gi_log_set_level(level > GALE_LOG_DEBUG ? GALE_LOG_DEBUG
                                            : (gale_level)level);
}

/* Seen before it is read, so that none is missed. */
static bool read_duty(gi_serve *s)
{
    gale_err rv;

    gi_duty_is_new(s->dir, &s->seen);
    s->pool = gi_alloc(sizeof(*s->pool));
    if (s->pool == NULL)
        return fail(s, GI_SERVE_FAILED, GALE_ENOMEM);
    rv = gi_duty_read(&s->duty, s->dir, s->pool, &s->why);
    if (rv != GALE_OK) {
        s->duty = (gi_msg_duty){ 0 };
        return fail(s, GI_SERVE_MISTAKEN, rv);
    }
    if (s->duty.port == 0 || s->duty.port > UINT16_MAX ||
        s->duty.incarnation == 0) {
        snprintf(s->why.text, sizeof(s->why.text),
                 "the duty names no port, or no incarnation");
        return fail(s, GI_SERVE_MISTAKEN, GALE_EFORMAT);
    }
    set_log_level(gi_serve_topology(s)->log_level);
    return true;
}

static bool make_plan(gi_serve *s, const gale_topology *t)
{
    const gi_msg_topology *m = gi_serve_topology(s);
    gi_conf *over = NULL;
    gi_report r;
    gale_err rv = gi_roster_conf(&over, m);

    gi_report_init(&r);
    if (rv == GALE_OK)
        rv = gi_plan_create(&s->plan, t, over, &r);
    gi_report_to_diag(&r, &s->why);
    gi_report_fini(&r);
    gi_conf_destroy(over);
    if (rv != GALE_OK)
        return fail(s, rv == GALE_ENOMEM ? GI_SERVE_FAILED : GI_SERVE_MISTAKEN,
                    rv);
    s->why.text[0] = '\0';
    rv = gi_roster_cut(s->plan, m, &s->why);
    return rv == GALE_OK || fail(s, GI_SERVE_MISTAKEN, rv);
}

/* How many others there can be, before this one has to be started anew: a
 * number is given once only. */
static uint32_t most_peers(const gi_serve *s)
{
    uint64_t most = 8 + 4 * (uint64_t)gi_serve_topology(s)->n_workers;

    return most > s->plan->n_tasks + 8u ? s->plan->n_tasks + 8u
                                        : (uint32_t)most;
}

/* At once, and whether or not there is anybody to speak with: what this
 * process starts must not find it. */
static bool take_brief(gi_serve *s)
{
    const char *briefed = getenv(GI_BRIEF_NAME);

    if (briefed == NULL || strcmp(briefed, "1") != 0)
        return true;
    gale_err rv = gi_brief_take(&s->secrets, STDIN_FILENO, &s->why);
    return rv == GALE_OK || fail(s, GI_SERVE_FAILED, rv);
}

/* Of one that no supervisor started: from files. */
static bool load_secrets(gi_serve *s)
{
    gi_secrets_opts o = { .ca_file = getenv("GALE_TLS_CA_FILE"),
                          .cert_file = getenv("GALE_TLS_CERT_FILE"),
                          .secret_file = getenv("GALE_SECRET_FILE") };

    if (s->secrets != NULL)
        return true;
    if (o.ca_file == NULL || *o.ca_file == '\0')
        o.ca_file = o.cert_file = NULL;
    if (o.secret_file != NULL && *o.secret_file == '\0')
        o.secret_file = NULL;
    gale_err rv = gi_secrets_load(&s->secrets, &o, &s->why);
    return rv == GALE_OK || fail(s, GI_SERVE_FAILED, rv);
}

/* From each loop to each task as many batches as there is credit, and as many
 * again that come back.  Both ends compute the same, whatever loops they have.
 */
static uint32_t most_frames(const gi_plan *plan)
{
    enum { LOOPS = 8, LEAST = 128, MOST = 4096 };
    uint64_t n = (uint64_t)plan->n_tasks * LOOPS *
                 (plan->set.batch_credit * GI_FAR_CREDIT + 1);

    return n < LEAST ? LEAST : n > MOST ? MOST : (uint32_t)n;
}

static bool make_peers(gi_serve *s)
{
    const gi_msg_topology *m = gi_serve_topology(s);
    uint16_t port = (uint16_t)s->duty.port;
    bool six = strchr(s->duty.host, ':') != NULL && s->duty.host[0] != '[';
    const char *open = getenv("GALE_OPEN");
    char url[512];
    gi_peers_opts o = {
        .key = gi_peer_key(m->id, s->duty.node, port),
        .incarnation = s->duty.incarnation,
        .url = url,
        .name = s->plan->name,
        .most = s->roster.most,
        .payload_most = gi_port_payload_most(s->plan),
        .frames = most_frames(s->plan),
        .secrets = s->secrets,
    };

    snprintf(url, sizeof(url), six ? "tcp://[%s]:%u" : "tcp://%s:%u",
             s->duty.host, port);
    gale_err rv =
        gi_url_allowed(url, gi_secrets_tls(s->secrets),
                       open != NULL && strcmp(open, "1") == 0, &s->why);
    if (rv == GALE_OK)
        rv = gi_peers_create(&s->peers, &o, &s->why);
    if (rv == GALE_OK)
        rv = gi_peers_set(s->peers, &s->roster);
    return rv == GALE_OK || fail(s, GI_SERVE_FAILED, rv);
}

static bool make_roster(gi_serve *s)
{
    gale_err rv = gi_roster_make(&s->roster, NULL, &s->duty, s->plan->n_tasks,
                                 most_peers(s), &s->why);

    if (rv != GALE_OK)
        return fail(s, rv == GALE_ENOMEM ? GI_SERVE_FAILED : GI_SERVE_MISTAKEN,
                    rv);
    return s->roster.n_here == s->plan->n_tasks ||
           (load_secrets(s) && make_peers(s));
}

/* What its tasks may say of it to other daemons. */
static void set_pass(const gi_serve *s)
{
    const char *open = getenv("GALE_OPEN");
    gi_pass pass = { .secrets = s->secrets,
                     .open = open != NULL && strcmp(open, "1") == 0 };

    snprintf(pass.topology, sizeof(pass.topology), "%s",
             gi_serve_topology(s)->id);
    gi_pass_set(&pass);
}

static gale_err list_words(gi_serve *s)
{
    const gi_msg_topology *m = gi_serve_topology(s);

    s->words = gi_calloc(m->n_words + 1, sizeof(*s->words));
    if (s->words == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < m->n_words; i++) {
        s->words[i] = gi_strdup(m->words[i].text);
        if (s->words[i] == NULL)
            return GALE_ENOMEM;
    }
    return GALE_OK;
}

static bool make_local(gi_serve *s)
{
    gi_port_opts port = {
        .carrier = s->peers == NULL ? NULL : gi_peers_carrier(s->peers),
        .n_peers = s->roster.most,
        .frames = most_frames(s->plan),
        .peer_of = s->roster.peer_of,
    };
    gi_local_opts o = { .beat_ms = 100,
                        .neighbours = s->roster.n_near,
                        .port = s->peers == NULL ? NULL : &port };
    gale_err rv = list_words(s);

    if (rv == GALE_OK && s->peers == NULL)
        rv = gi_fault_plan_of(&s->faults, s->plan, &s->why);
    o.faults = s->faults;
    o.args = s->words;
    o.n_args = gi_serve_topology(s)->n_words;
    if (rv == GALE_OK)
        rv = gi_local_create(&s->local, s->plan, &o);
    if (rv == GALE_OK) {
        gi_worker_set_bell(gi_local_worker(s->local), s->bell);
        rv = gi_serve_credentials(s, gi_serve_topology(s));
    }
    if (rv == GALE_OK && s->peers != NULL)
        gi_peers_bind(s->peers, gi_local_worker(s->local));
    if (rv == GALE_OK)
        rv = gi_page_create(&s->page, s->dir, s->duty.incarnation, s->local);
    if (rv == GALE_OK) {
        s->stop = gi_calloc(gi_worker_n_loops(gi_local_worker(s->local)),
                            sizeof(*s->stop));
        rv = s->stop == NULL ? GALE_ENOMEM : GALE_OK;
    }
    return rv == GALE_OK || fail(s, GI_SERVE_FAILED, rv);
}

bool gi_serve_make(gi_serve *s, const gale_topology *t, const char *dir)
{
    *s = (gi_serve){ .dir = dir, .seen = -1, .bell = gi_duty_bell(dir) };
    if (!take_brief(s) || !read_duty(s) || !make_plan(s, t) || !make_roster(s))
        return false;
    set_pass(s);
    if (!make_local(s))
        return false;
    s->says = (gi_page_says){ .state = GI_PROGRESS_STARTING,
                              .number = s->duty.number,
                              .version = gi_serve_topology(s)->version,
                              .words = "" };
    gi_page_write(s->page, &s->says);
    return true;
}

void gi_serve_fini(gi_serve *s)
{
    gi_page_destroy(s->page);
    if (s->peers != NULL)
        gi_peers_unbind(s->peers);
    gi_local_destroy(s->local); /* what is under way comes back to it */
    gi_pass_set(&(gi_pass){ .secrets = NULL });
    gi_peers_destroy(s->peers);
    gi_secrets_destroy(s->secrets);
    gi_roster_fini(&s->roster);
    for (uint32_t i = 0; s->words != NULL && s->words[i] != NULL; i++)
        gi_free((void *)(uintptr_t)s->words[i]);
    gi_free(s->words);
    gi_free(s->stop);
    gi_fault_plan_destroy(s->faults);
    gi_plan_destroy(s->plan);
    if (s->pool != NULL)
        gi_pool_fini(s->pool);
    gi_free(s->pool);
    if (s->seen >= 0)
        close(s->seen);
    if (s->bell >= 0)
        close(s->bell);
}

void gi_serve_last_words(gi_serve *s)
{
    const char *who = s->plan != NULL ? s->plan->name : "worker";
    gi_progress_page *bare = NULL;
    gi_progress now = { .beats = 1,
                        .state = GI_PROGRESS_CLOSING,
                        .number = s->duty.number,
                        .words = s->why.text };

    if (s->why.text[0] == '\0')
        return;
    gi_log(s->status == GI_SERVED ? GALE_LOG_INFO : GALE_LOG_ERROR, who, "%s",
           s->why.text);
    s->says.words = s->why.text;
    if (s->page != NULL)
        gi_page_write(s->page, &s->says);
    else if (s->duty.incarnation != 0 &&
             gi_progress_create(&bare, s->dir, s->duty.incarnation, 0, 0) ==
                 GALE_OK)
        gi_progress_write(bare, &now);
    gi_progress_close(bare);
}
