/* hands.c -- the processes of workers: started, taken over, buried. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/log.h"
#include "base/mem.h"
#include "supervisor/daemon_inside.h"
#include "supervisor/output.h"
#include "wire/brief.h"

enum { LOG_MOST = 16 << 20 };

static gale_err refused(gale_diag *why, const char *path)
{
    gi_diag_say(why, "%.1500s: %.500s", path, strerror(errno));
    return GALE_EIO;
}

gale_err gi_hands_open(gi_sdaemon *d)
{
    uint32_t n = 0;

    while (d->o->env != NULL && d->o->env[n] != NULL)
        n++;
    d->env = gi_pool_take(&d->pool, n + 3, sizeof(*d->env));
    if (d->env == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        d->env[i] = d->o->env[i];
    d->env[n++] = GI_BRIEF_NAME "=1";
    if (d->o->open)
        d->env[n] = "GALE_OPEN=1";
    return GALE_OK;
}

gi_hand *gi_hand_of(const gi_sdaemon *d, uint16_t port, uint64_t incarnation)
{
    for (gi_hand *h = d->hands; h != NULL; h = h->next)
        if (h->port == port && h->incarnation == incarnation)
            return h;
    return NULL;
}

static gi_hand *make(gi_sdaemon *d, uint16_t port, uint64_t incarnation,
                     const char *topology)
{
    gi_hand *h = gi_alloc(sizeof(*h));

    if (h == NULL)
        return NULL;
    h->d = d;
    h->port = port;
    h->incarnation = incarnation;
    snprintf(h->topology, sizeof(h->topology), "%s", topology);
    return h;
}

static void add(gi_sdaemon *d, gi_hand *h)
{
    h->next = d->hands;
    d->hands = h;
}

static void drop(gi_hand *h)
{
    gi_hand **at = &h->d->hands;

    while (*at != h)
        at = &(*at)->next;
    *at = h->next;
    gi_process_close(h->process);
    gi_free(h);
}

/* What a worker leaves behind: in what it hung, if that was it, or what it
 * wrote on its page, or the end of what it printed. */
static void last_words(const gi_hand *h, char *text, size_t size)
{
    char path[GI_PATH_MOST], printed[GI_WORDS_MOST];
    gi_progress page;
    gi_pool pool = { 0 };
    int i = gi_sd_slot(h->d, h->port);

    text[0] = '\0';
    if (i >= 0 &&
        gi_node_finding(h->d->node, (uint32_t)i).kind == GI_FOUND_HUNG)
        gi_report_finding(h->d, (uint32_t)i, text, size);
    if (text[0] != '\0')
        return;
    gi_home_worker(&h->d->home, h->port, path);
    if (gi_progress_read(&page, path, h->incarnation, &pool) == GALE_OK &&
        page.words != NULL && page.words[0] != '\0')
        snprintf(text, size, "%s", page.words);
    gi_pool_fini(&pool);
    if (text[0] != '\0')
        return;
    gi_home_log(&h->d->home, h->topology, h->port, path);
    gi_output_tail(path, h->log_from, printed, sizeof(printed));
    snprintf(text, size, "%s", printed);
}

static void on_ended(void *arg, gi_process *p, gi_ending ending)
{
    gi_hand *h = arg;
    gi_sdaemon *d = h->d;
    char words[GI_WORDS_MOST], how[128];
    gi_slot_event e = {
        .kind = GI_SLOT_ENDED,
        .incarnation = h->incarnation,
        .ending = ending,
        .words = words,
    };

    gi_ending_text(ending, how, sizeof(how));
    gi_log(GALE_LOG_INFO, GI_WHO, "slot %u: process %d (%s) %s", h->port,
           (int)gi_process_pid(p), h->topology, how);
    last_words(h, words, sizeof(words));
    gi_node_event(d->node, h->port, &e, gi_clock_ns());
    drop(h);
    gi_acts_obey(d);
    gi_talk_turn(d, gi_clock_ns());
}

/* An own directory, with nothing in it of whoever was there before. */
static gale_err prepare(gi_sdaemon *d, gi_hand *h, const gi_slot_act *a,
                        const gi_account *as, const char *dir, int *output,
                        gale_diag *why)
{
    char log[GI_PATH_MOST], logs[GI_PATH_MOST];
    gale_err rv;

    if ((as == NULL ? gi_dir_fresh(dir, geteuid(), getegid())
                    : gi_dir_fresh(dir, as->uid, as->gid)) != GALE_OK)
        return refused(why, dir);
    rv = gi_duty_for(d, a->port, a->incarnation, a->order, why);
    if (rv != GALE_OK)
        return rv;
    gi_path(logs, "%s/%s", d->home.logs, a->order->topology);
    gi_home_log(&d->home, a->order->topology, a->port, log);
    if (gi_dir_make(logs) != GALE_OK)
        return refused(why, logs);
    if (gi_output_open(log, output, &h->log_from) != GALE_OK)
        return refused(why, log);
    return GALE_OK;
}

static gale_err hold(gi_sdaemon *d, gi_hand *h, const gi_slot_act *a,
                     const gi_account *as, gale_diag *why)
{
    char dir[GI_PATH_MOST], program[GI_PATH_MOST], *brief = NULL;
    const char *argv[] = { a->order->topology, "worker", dir, NULL };
    gi_cookie cookie;
    gi_process_spec spec = {
        .program = program,
        .argv = argv,
        .env = d->env,
        .cookie = &cookie,
        .dir = dir,
        .output = -1,
        .account = as,
        .limits = d->o->limits,
        .n_limits = d->o->n_limits,
    };
    gale_err rv =
        gi_cookie_make(&cookie, d->home.id, a->port, a->incarnation, a->order);

    gi_home_worker(&d->home, a->port, dir);
    gi_home_program(&d->home, a->order->program, program);
    if (rv == GALE_OK && as != NULL)
        rv = gi_account_reaches(as, program, why);
    if (rv == GALE_OK)
        rv = prepare(d, h, a, as, dir, &spec.output, why);
    if (rv == GALE_OK && as != NULL)
        rv = gi_account_reaches(as, dir, why);
    if (rv == GALE_OK)
        rv = gi_brief_make(&brief, &spec.brief_len, &d->o->secrets,
                           a->order->topology, why);
    spec.brief = brief;
    if (rv == GALE_OK)
        rv = gi_process_hold(&h->process, d->base, &spec, on_ended, h, why);
    if (spec.output >= 0)
        close(spec.output);
    gi_brief_free(brief, spec.brief_len);
    return rv;
}

/* As whoever it is to run as. */
static gale_err hold_as(gi_sdaemon *d, gi_hand *h, const gi_slot_act *a,
                        gale_diag *why)
{
    const gi_msg_topology *t = gi_duties_of(d, a->order->topology);
    gi_account as = { 0 };
    gale_err rv = GALE_OK;

    if (t != NULL) /* else prepare says that it is not known */
        rv = gi_as_whom(d, t, &as, why);
    if (rv == GALE_OK)
        rv = hold(d, h, a, as.name == NULL ? NULL : &as, why);
    gi_account_fini(&as);
    return rv;
}

gale_err gi_hand_begin(gi_sdaemon *d, const gi_slot_act *a, gale_diag *why)
{
    gi_hand *h = make(d, a->port, a->incarnation, a->order->topology);
    gi_slot_event e = {
        .kind = GI_SLOT_STARTED,
        .incarnation = a->incarnation,
    };
    gale_err rv = h == NULL ? GALE_ENOMEM : hold_as(d, h, a, why);

    if (rv != GALE_OK) {
        gi_free(h);
        return rv;
    }
    h->held = true;
    add(d, h);
    e.pid = gi_process_pid(h->process);
    e.began = gi_process_began(h->process);
    gi_watch_begin(d, a->port, a->incarnation, gi_clock_ns());
    gi_node_event(d->node, a->port, &e, gi_clock_ns());
    gi_sd_wake(d); /* from now on there is more to look at */
    return GALE_OK;
}

/* When it began, on the clock that all else is measured by. */
static int64_t began_ns(uint64_t ticks)
{
    int64_t a_tick = 1000000000 / sysconf(_SC_CLK_TCK);
    struct timespec up, now;

    clock_gettime(CLOCK_BOOTTIME, &up);
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)ticks * a_tick - (up.tv_sec - now.tv_sec) * 1000000000 -
           (up.tv_nsec - now.tv_nsec);
}

gale_err gi_hand_adopt(gi_sdaemon *d, const gi_recorded *r)
{
    gi_hand *h = make(d, r->as.port, r->incarnation, r->as.order.topology);
    char path[GI_PATH_MOST];
    struct stat st;
    gale_err rv;

    if (h == NULL)
        return GALE_ENOMEM;
    rv = gi_process_adopt(&h->process, d->base, r->pid, r->began,
                          r->incarnation, on_ended, h);
    if (rv != GALE_OK) {
        gi_free(h);
        return rv;
    }
    gi_home_log(&d->home, h->topology, h->port, path);
    if (stat(path, &st) == 0)
        h->log_from = (uint64_t)st.st_size;
    add(d, h);
    gi_watch_begin(d, h->port, h->incarnation, began_ns(r->began));
    return GALE_OK;
}

/* It is over, and nobody else will say so. */
static void never_was(gi_sdaemon *d, gi_hand *h, const char *words)
{
    gi_slot_event e = {
        .kind = GI_SLOT_START_FAILED,
        .incarnation = h->incarnation,
        .words = words,
    };
    uint16_t port = h->port;

    gi_log(GALE_LOG_WARN, GI_WHO, "slot %u: the worker cannot be started: %s",
           port, words);
    drop(h);
    gi_node_event(d->node, port, &e, gi_clock_ns());
}

bool gi_hands_go(gi_sdaemon *d)
{
    gi_hand *h, *next;
    bool news = false;

    for (h = d->hands; h != NULL; h = next) {
        gale_diag why = { 0 };

        next = h->next;
        if (!h->held)
            continue;
        h->held = false;
        if (gi_process_go(h->process, &why) == GALE_OK) {
            gi_log(GALE_LOG_INFO, GI_WHO, "slot %u: started process %d (%s)",
                   h->port, (int)gi_process_pid(h->process), h->topology);
            continue;
        }
        never_was(d, h, why.text);
        news = true;
    }
    return news;
}

void gi_hands_trim(gi_sdaemon *d)
{
    uint64_t most = d->o->log_most == 0 ? LOG_MOST : d->o->log_most;
    char path[GI_PATH_MOST];
    struct stat st;

    for (gi_hand *h = d->hands; h != NULL; h = h->next) {
        gi_home_log(&d->home, h->topology, h->port, path);
        if (lstat(path, &st) == 0 && (uint64_t)st.st_size > most &&
            gi_output_trim(path, most) != GALE_OK)
            gi_log(GALE_LOG_WARN, GI_WHO, "%s cannot be cut: %s", path,
                   strerror(errno));
    }
}

void gi_hands_close(gi_sdaemon *d)
{
    while (d->hands != NULL)
        drop(d->hands);
}
