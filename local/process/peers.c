#include "local/process/peers.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "wire/exchange.h"

typedef struct seat {
    gi_roster_peer want; /* its texts are the roster's */
    gi_line *line;       /* NULL: none */
    gi_channel_view view;
    bool given_up;    /* the line: waits until all is back */
    bool open;        /* as it was last logged */
    uint64_t ended;   /* incarnations, of lines that were */
    uint64_t gone;    /* the last incarnation that is known to be */
    int64_t again_ns; /* no new line before */
    bool failed;      /* to get a line, and that was logged */
} seat;

struct gi_peers {
    gi_carrier carrier;
    gi_exchange *x;
    char *name;
    uint32_t most;
    int64_t now;      /* of the turn */
    seat *seats;      /* [most] */
    gi_roster roster; /* that is obeyed */
    _Atomic(gi_worker *) worker;
    _Atomic uint32_t wakers;

    pthread_mutex_t lock; /* guards: next */
    gi_roster *next;
    _Atomic bool has_next;
    _Atomic uint32_t missing;
};

/* A peer that died is started anew in some tens of milliseconds; to ask often
 * whether it is there costs little, for peers are few. */
enum { AGAIN_NS = 20000000, REDIAL_NS = 32000000 };

/* On threads of nng's, while gi_peers_unbind takes the worker away. */
static void wake(void *arg)
{
    gi_peers *p = arg;

    atomic_fetch_add(&p->wakers, 1);
    gi_worker *w = atomic_load(&p->worker);
    if (w != NULL)
        gi_port_wake(w);
    atomic_fetch_sub(&p->wakers, 1);
}

/* ------------------------------------------------------------ the lines -- */

static void open_line(gi_peers *p, seat *s, int64_t now)
{
    const gi_peer_place place = { .key = s->want.key,
                                  .url = s->want.url,
                                  .name = s->want.name };
    gale_err rv = gi_exchange_add(p->x, &place, now, &s->line);

    s->again_ns = now + AGAIN_NS;
    if (rv != GALE_OK) {
        if (!s->failed)
            gi_log(GALE_LOG_WARN, p->name, "no line to worker %s: %s",
                   s->want.name, gale_err_text(rv));
        s->failed = true;
        s->line = NULL;
        return;
    }
    s->failed = false;
    s->given_up = false;
    gi_channel *c = gi_line_channel(s->line);
    gi_channel_peer_ended(c, s->gone, now);
    gi_channel_assign(c, s->want.since, now);
    gi_channel_look(c, &s->view);
}

/* What was under way on it comes back as lost; then the line goes. */
static void give_up(seat *s, int64_t now)
{
    if (s->view.peer > s->gone)
        s->gone = s->view.peer;
    gi_line_abandon(s->line, now);
    s->given_up = true;
}

static void close_line(gi_peers *p, seat *s)
{
    s->ended += s->view.counts.incarnations;
    gi_exchange_remove(p->x, s->line);
    s->line = NULL;
    s->view = (gi_channel_view){ 0 };
}

/* Its next incarnation may come, or it is one of us no more. */
static bool is_finished(const seat *s)
{
    const gi_channel_view *v = &s->view;

    return v->over || !s->want.here || (v->peer_leaving && !v->open);
}

static void say_open(gi_peers *p, seat *s)
{
    bool open = s->line != NULL && s->view.open;

    if (open == s->open)
        return;
    s->open = open;
    if (open)
        gi_log(GALE_LOG_INFO, p->name, "in touch with worker %s",
               s->want.name);
    else if (s->want.here)
        gi_log(GALE_LOG_WARN, p->name, "lost touch with worker %s",
               s->want.name);
}

static void look_at(gi_peers *p, seat *s, int64_t now)
{
    if (s->line != NULL) {
        gi_channel *c = gi_line_channel(s->line);

        gi_channel_look(c, &s->view);
        if (!s->given_up && is_finished(s))
            give_up(s, now);
        else if (s->view.peer_leaving && !s->view.leaving && !s->given_up)
            gi_channel_leave(c, now);
    } else if (s->want.here && now >= s->again_ns) {
        open_line(p, s, now);
    }
    say_open(p, s);
}

/* ----------------------------------------------------------- the roster -- */

/* It may be the same worker of a node that has another address now. */
static void follow(gi_peers *p, seat *s, const gi_roster_peer *want,
                   int64_t now)
{
    bool moved = s->want.url != NULL && want->url != NULL &&
                 strcmp(s->want.url, want->url) != 0;

    s->want = *want;
    if (want->ended > s->gone)
        s->gone = want->ended;
    if (s->line == NULL || !want->here)
        return;
    if (!s->given_up)
        gi_channel_peer_ended(gi_line_channel(s->line), s->gone, now);
    gi_channel_assign(gi_line_channel(s->line), want->since, now);
    if (moved && !s->given_up &&
        gi_exchange_move(p->x, s->line, want->url, now) != GALE_OK)
        gi_log(GALE_LOG_WARN, p->name,
               "worker %s is at %s now, which cannot be dialled", want->name,
               want->url);
}

static void obey(gi_peers *p, int64_t now)
{
    if (!atomic_load_explicit(&p->has_next, memory_order_acquire))
        return;
    pthread_mutex_lock(&p->lock);
    gi_roster *next = p->next;
    p->next = NULL;
    atomic_store_explicit(&p->has_next, false, memory_order_relaxed);
    pthread_mutex_unlock(&p->lock);

    for (uint32_t i = 0; i < next->n_peers; i++)
        follow(p, &p->seats[i], &next->peers[i], now);
    gi_roster_fini(&p->roster);
    p->roster = *next;
    gi_free(next);
}

static void free_roster(gi_roster *r)
{
    if (r != NULL)
        gi_roster_fini(r);
    gi_free(r);
}

gale_err gi_peers_set(gi_peers *p, const gi_roster *r)
{
    gi_roster *next = gi_alloc(sizeof(*next));

    if (next == NULL || gi_roster_copy_peers(next, r) != GALE_OK) {
        free_roster(next);
        return GALE_ENOMEM;
    }
    uint32_t here = 0;
    for (uint32_t i = 0; i < r->n_peers; i++)
        here += r->peers[i].here;
    pthread_mutex_lock(&p->lock);
    free_roster(p->next);
    p->next = next;
    atomic_store_explicit(&p->missing, here, memory_order_relaxed);
    atomic_store_explicit(&p->has_next, true, memory_order_release);
    pthread_mutex_unlock(&p->lock);
    wake(p);
    return GALE_OK;
}

uint32_t gi_peers_missing(gi_peers *p)
{
    return atomic_load_explicit(&p->missing, memory_order_relaxed);
}

/* ---------------------------------------------------------- the carrier -- */

static seat *seat_of(void *arg, uint32_t peer)
{
    gi_peers *p = arg;

    return &p->seats[peer];
}

static bool carries(const seat *s)
{
    return s->line != NULL && !s->given_up && !s->view.leaving;
}

static bool room(void *arg, uint32_t peer, gi_lane lane, uint32_t bytes)
{
    seat *s = seat_of(arg, peer);

    return carries(s) &&
           gi_channel_room(gi_line_channel(s->line), lane, bytes);
}

static gale_err offer(void *arg, uint32_t peer, gi_lane lane, gi_going *g)
{
    seat *s = seat_of(arg, peer);

    return carries(s) ? gi_line_offer(s->line, lane, g) : GALE_ELIMIT;
}

static gi_going *back(void *arg, uint32_t peer)
{
    seat *s = seat_of(arg, peer);
    gi_going *g = s->line == NULL ? NULL : gi_line_back(s->line);

    if (g == NULL && s->given_up && s->line != NULL)
        close_line(arg, s);
    return g;
}

static bool take(void *arg, uint32_t peer, gi_coming *out)
{
    seat *s = seat_of(arg, peer);

    return s->line != NULL && !s->given_up && gi_line_take(s->line, out);
}

static void executed(void *arg, uint32_t peer, uint64_t from, uint64_t no)
{
    const gi_peers *p = arg;
    seat *s = seat_of(arg, peer);

    if (s->line != NULL && !s->given_up)
        gi_channel_executed(gi_line_channel(s->line), from, no, p->now);
}

static uint64_t ended(void *arg, uint32_t peer)
{
    const seat *s = seat_of(arg, peer);

    return s->ended + s->view.counts.incarnations -
           (s->view.peer != 0 && !s->given_up);
}

/* Between nodes; on one node the net is faster than any compression. */
static bool packs(void *arg, uint32_t peer)
{
    static const char *const near[] = { "://127.",
                                        "://localhost:", "://[::1]:" };
    const char *url = seat_of(arg, peer)->want.url;

    for (size_t i = 0; url != NULL && i < sizeof(near) / sizeof(*near); i++)
        if (strstr(url, near[i]) != NULL)
            return false;
    return true;
}

static int64_t turn(void *arg, int64_t now)
{
    gi_peers *p = arg;
    uint32_t missing = 0;
    int64_t due;

    p->now = now;
    obey(p, now);
    due = gi_exchange_turn(p->x, now);
    for (uint32_t i = 0; i < p->roster.n_peers; i++) {
        seat *s = &p->seats[i];
        bool had_one = s->line != NULL;

        look_at(p, s, now);
        if (!had_one && s->line != NULL)
            due = now; /* to dial */
        missing += s->want.here && !s->open;
        if (s->line == NULL && s->want.here && s->again_ns < due)
            due = s->again_ns;
        if (s->given_up && s->line != NULL)
            due = now; /* it can go as soon as all is back */
    }
    if (!atomic_load_explicit(&p->has_next, memory_order_acquire))
        atomic_store_explicit(&p->missing, missing, memory_order_relaxed);
    return due;
}

/* ------------------------------------------------------- life and death -- */

const gi_carrier *gi_peers_carrier(gi_peers *p)
{
    return &p->carrier;
}

void gi_peers_bind(gi_peers *p, gi_worker *w)
{
    atomic_store(&p->worker, w);
}

void gi_peers_unbind(gi_peers *p)
{
    int64_t now = gi_clock_ns();

    atomic_store(&p->worker, NULL);
    while (atomic_load(&p->wakers) > 0)
        gi_cpu_relax();
    for (uint32_t i = 0; i < p->most; i++)
        if (p->seats[i].line != NULL && !p->seats[i].given_up)
            give_up(&p->seats[i], now);
}

gale_err gi_peers_create(gi_peers **out, const gi_peers_opts *o,
                         gale_diag *why)
{
    gi_exchange_opts x = {
        .channel = { .me = o->incarnation,
                     .protocol = 1,
                     .redial_max_ns = REDIAL_NS },
        .key = o->key,
        .url = o->url,
        .payload_most = o->payload_most,
        .secrets = o->secrets,
        .wake = wake,
    };
    gi_peers *p = gi_alloc(sizeof(*p));
    gale_err rv = GALE_ENOMEM;

    if (p == NULL)
        return rv;
    pthread_mutex_init(&p->lock, NULL);
    p->most = o->most;
    p->carrier = (gi_carrier){ .arg = p,
                               .room = room,
                               .offer = offer,
                               .back = back,
                               .take = take,
                               .executed = executed,
                               .packs = packs,
                               .ended = ended,
                               .turn = turn };
    p->name = gi_strdup(o->name);
    p->seats = gi_calloc(o->most + 1, sizeof(*p->seats));
    x.arg = p;
    /* Whatever outlets may have under way has room: else what waits for a
     * task that is held up would hold up what it waits for. */
    x.channel.lane[GI_LANE_DATA].frames = o->frames;
    x.channel.lane[GI_LANE_DATA].bytes =
        (uint64_t)o->frames * (GI_FRAME_PAYLOAD + GI_FRAME_HEAD) +
        o->payload_most + GI_FRAME_HEAD;
    x.channel.seed = gi_env_real.entropy(NULL);
    if (p->name != NULL && p->seats != NULL)
        rv = gi_exchange_create(&p->x, &x, gi_clock_ns(), why);
    if (rv != GALE_OK) {
        gi_peers_destroy(p);
        return rv;
    }
    *out = p;
    return GALE_OK;
}

void gi_peers_leave(gi_peers *p, int64_t wait_ns)
{
    int64_t now = gi_clock_ns(), until = now + wait_ns;
    bool all = false;

    for (uint32_t i = 0; i < p->most; i++)
        if (carries(&p->seats[i]))
            gi_channel_leave(gi_line_channel(p->seats[i].line), now);
    while (!all && now < until) {
        all = true;
        gi_exchange_turn(p->x, now);
        for (uint32_t i = 0; i < p->most; i++) {
            seat *s = &p->seats[i];

            if (s->line == NULL || s->given_up)
                continue;
            gi_channel_look(gi_line_channel(s->line), &s->view);
            all = all && (s->view.over || !s->view.open);
        }
        if (!all)
            gi_clock_nap_ms(1);
        now = gi_clock_ns();
    }
}

void gi_peers_destroy(gi_peers *p)
{
    int64_t now = gi_clock_ns();

    if (p == NULL)
        return;
    for (uint32_t i = 0; p->seats != NULL && i < p->most; i++) {
        seat *s = &p->seats[i];

        if (s->line == NULL)
            continue;
        if (!s->given_up)
            gi_line_abandon(s->line, now);
        while (gi_line_back(s->line) != NULL)
            ; /* whose it was is gone */
        gi_exchange_remove(p->x, s->line);
    }
    gi_exchange_destroy(p->x);
    free_roster(p->next);
    gi_roster_fini(&p->roster);
    pthread_mutex_destroy(&p->lock);
    gi_free(p->seats);
    gi_free(p->name);
    gi_free(p);
}
