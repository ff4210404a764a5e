#include "local/process/process.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/clock.h"
#include "base/log.h"
#include "local/process/inside.h"
#include "local/signals.h"
#include "worker/loop.h"

#define MS INT64_C(1000000)

enum {
    PAGE_MS = 100,
    EARLY_MS = 4,    /* until there was an ack, for which somebody may wait, */
    YOUNG_MS = 2000, /* but no longer than so */
    LOOK_MS = 20,
    HURRY_MS = 2,       /* while something is waited for */
    OTHERS_MS = 10000,  /* spouts wait no longer for other workers */
    UNMOVED_MS = 500,   /* a worker without trees waits for those of others */
    GOODBYE_MS = 300,   /* and for their goodbyes */
    PATIENCE_MS = 1000, /* for callbacks to return */
    AWAKE_MS = 50,      /* of what passed between two looks, so much counts */
    SHUTDOWN_MS = 3000, /* supervisor.worker.shutdown.sleep.secs, unset */
};

/* Somebody may wait to see its first ack. */
static bool is_awaited(const gi_serve *s, int64_t now)
{
    return s->start_ns != 0 && now < s->start_ns + YOUNG_MS * MS &&
           gi_page_acked(s->page) == 0;
}

/* One look at everything, when the bell is rung or after so long: at the duty
 * if there is a new one; at the loops, and the page is written, when that is
 * due. */
static void look(gi_serve *s, int64_t *page_ns, int ms)
{
    gi_bell_wait(s->bell, ms);
    bool news = gi_duty_is_new(s->dir, &s->seen);

    if (news)
        gi_serve_obey(s);
    if (!news && gi_clock_ns() < *page_ns)
        return;
    gi_local_watch(s->local);
    gi_page_write(s->page, &s->says);
    int64_t now = gi_clock_ns();
    *page_ns = now + (is_awaited(s, now) ? EARLY_MS : PAGE_MS) * MS;
}

static bool has_failed(gi_serve *s)
{
    if (gi_worker_error(gi_local_worker(s->local), &s->why) == GALE_OK)
        return false;
    s->status = GI_SERVE_FAILED;
    return true;
}

/* ---------------------------------------------------------------- start -- */

static bool start(gi_serve *s)
{
    int64_t page_ns = 0;
    int pause = 1;

    gi_local_begin(s->local);
    while (!gi_local_opened(s->local)) {
        look(s, &page_ns, pause);
        if (pause < LOOK_MS)
            pause++;
    }
    gale_err rv = gi_local_go(s->local, &s->why);
    if (rv != GALE_OK) {
        s->status = GI_SERVE_FAILED;
        if (s->why.text[0] == '\0')
            snprintf(s->why.text, sizeof(s->why.text), "cannot start: %s",
                     gale_err_text(rv));
        return false;
    }
    s->start_ns = gi_clock_ns();
    return true;
}

/* As Storm does it: spouts begin when there is somebody to send to. */
static bool others_are_there(gi_serve *s)
{
    uint32_t missing = s->peers == NULL ? 0 : gi_peers_missing(s->peers);

    if (missing == 0)
        return true;
    if (gi_clock_ns() < s->start_ns + OTHERS_MS * MS)
        return false;
    gi_log(GALE_LOG_WARN, s->plan->name,
           "%u other worker%s not to be reached; spouts begin without",
           missing, missing == 1 ? " is" : "s are");
    return true;
}

/* ------------------------------------------------------------------ run -- */

/* There is nothing to look for before the page is due: the bell is rung for a
 * duty, a signal, and a task that gave up.  Without one all that is asked for
 * again and again. */
static int pause_ms(const gi_serve *s, int64_t page_ns, bool settled)
{
    if (page_ns == 0)
        return 0;
    if (!settled)
        return HURRY_MS;
    int64_t now = gi_clock_ns();
    if (s->bell < 0)
        return is_awaited(s, now) ? EARLY_MS : LOOK_MS;
    return page_ns <= now ? 0 : (int)((page_ns - now + MS - 1) / MS);
}

static void run(gi_serve *s)
{
    int64_t page_ns = 0;
    bool settled = false;

    while (gi_signals_seen() == 0 && !s->leave && !has_failed(s)) {
        if (!s->may_start && others_are_there(s)) {
            s->may_start = true;
            s->says.state = GI_PROGRESS_RUNNING;
            page_ns = 0;
        }
        if (s->may_start) {
            uint64_t turn = s->says.turn;

            settled = gi_serve_activate(s, false);
            if (s->says.turn != turn)
                page_ns = 0;
        }
        look(s, &page_ns, pause_ms(s, page_ns, settled));
    }
}

/* ------------------------------------------------------------------ end -- */

/* The supervisor loses patience after a while; be done before it does. */
static int64_t drain_ns(const gi_serve *s)
{
    double secs = SHUTDOWN_MS / 1000.0;
    int64_t ms;

    gi_conf_f64(s->plan->conf, "supervisor.worker.shutdown.sleep.secs", &secs);
    ms = (int64_t)(secs * 1000 * 2 / 3);
    if (s->plan->set.timeout_ms < ms)
        ms = s->plan->set.timeout_ms;
    return ms * MS;
}

static uint64_t pending(gi_serve *s)
{
    gi_worker *w = gi_local_worker(s->local);
    uint64_t n = 0;

    for (uint32_t i = 0; i < gi_worker_n_loops(w); i++)
        n += atomic_load_explicit(&gi_worker_loop(w, i)->pending,
                                  memory_order_acquire);
    return n;
}

/* Until all that was begun here has ended; others may go on sending. */
static void drain(gi_serve *s)
{
    int64_t began = gi_clock_ns(), until = began + drain_ns(s), page_ns = 0;

    s->says.state = GI_PROGRESS_CLOSING;
    while (gi_clock_ns() < until && gi_signals_seen() < 2 && !has_failed(s)) {
        if (gi_serve_activate(s, true)) {
            if (gi_local_quiet(s->local))
                return;
            if (pending(s) == 0 && gi_clock_ns() > began + UNMOVED_MS * MS)
                return;
        }
        look(s, &page_ns, HURRY_MS);
    }
    uint64_t left = pending(s);
    if (left > 0 && s->status == GI_SERVED)
        gi_log(GALE_LOG_WARN, s->plan->name,
               "%llu tree%s not finished when this worker ended",
               (unsigned long long)left, left == 1 ? " was" : "s were");
}

/* A callback does not return, and nobody can wait for ever. */
static void leave_without(gi_serve *s)
{
    gi_worker *w = gi_local_worker(s->local);

    for (uint32_t i = 0; i < gi_worker_n_loops(w); i++) {
        uint64_t step;
        char name[GI_TASK_NAME];
        const gale_task *t = gi_loop_running(gi_worker_loop(w, i), &step);

        if (t == NULL)
            continue;
        snprintf(s->why.text, sizeof(s->why.text),
                 "'%s' does not return from a callback; leaving without it",
                 gi_task_name(t, name));
        s->status = GI_SERVE_FAILED;
        gi_serve_last_words(s);
    }
    _exit(GI_SERVE_FAILED);
}

/* Who stood still himself, as a process or a machine may for a while, accuses
 * no callback of it: such a time counts for little. */
static void stop(gi_serve *s)
{
    int64_t waited = 0, was = gi_clock_ns(), page_ns = 0;

    s->says.state = GI_PROGRESS_CLOSING;
    gi_local_halt(s->local);
    while (!gi_local_ended(s->local)) {
        int64_t now = gi_clock_ns(), gone = now - was;

        was = now;
        waited += gone < AWAKE_MS * MS ? gone : AWAKE_MS * MS;
        if (gi_signals_seen() < 2 && gi_local_left(s->local))
            waited = 0;
        if (waited > PATIENCE_MS * MS)
            leave_without(s);
        look(s, &page_ns, HURRY_MS);
    }
    gi_local_stop(s->local);
    if (s->peers != NULL)
        gi_peers_leave(s->peers, GOODBYE_MS * MS);
    gi_page_write(s->page, &s->says);
}

int gi_process_serve(const gale_topology *t, const char *dir)
{
    gi_serve s;

    gi_crash_catch();
    gi_signals_catch();
    bool made = gi_serve_make(&s, t, dir);
    gi_signals_ring(s.bell);
    if (made && start(&s)) {
        gi_log(GALE_LOG_INFO, s.plan->name,
               "worker of %u of %u tasks, incarnation %llu", s.roster.n_here,
               s.plan->n_tasks, (unsigned long long)s.duty.incarnation);
        run(&s);
        if (s.status == GI_SERVED)
            drain(&s);
        stop(&s);
        has_failed(&s);
    }
    gi_serve_last_words(&s);
    gi_signals_ring(-1);
    gi_serve_fini(&s);
    gi_signals_restore();
    return s.status;
}
