/* line_mesh.c -- three workers, each linked to the others, over connections
 * that are cut again and again, while one of them is killed and begins anew:
 * between those who live nothing is lost and nothing comes twice, and what was
 * lost with the one who died is reported as lost. */
#include "line_ends.h"
#include "line_proxy.h"
#include "tests/free_port.h"

enum { WORKERS = 3, MORTAL = 1, CUTS = 40, SIZE = 700, KEPT = 20 };

#define N (UINT64_C(8000) / RACE_SLOWER)

/* From one worker to another, whatever their incarnations. */
struct way {
    _Atomic uint64_t sent;
    _Atomic uint64_t executed, lost, died; /* died: with who sent it */
    _Atomic unsigned char taken[8000 + 1];
};

struct worker {
    uint32_t me;
    uint64_t life;
    int port;
    struct end end[WORKERS]; /* to each; only its frames are used */
    gi_exchange *exchange;
    int fd;
    uint64_t last[WORKERS]; /* number taken from each */
    gi_coming kept[WORKERS][KEPT];
    uint32_t n_kept[WORKERS];
    bool dying;
    pthread_t thread;
};

static struct way way[WORKERS][WORKERS];
static struct proxy proxy[WORKERS][WORKERS]; /* [who dials][who listens] */
static struct worker worker[WORKERS];
static _Atomic uint32_t done;

static void wake(void *arg)
{
    struct worker *w = arg;

    CHECK(eventfd_write(w->fd, 1) == 0, "eventfd");
}

static uint64_t key_of(uint32_t who)
{
    return who + 1;
}

static void birth(struct worker *w)
{
    char url[64];
    gi_exchange_opts o = { .channel = { .me = ++w->life,
                                        .assignment = 7,
                                        .ping_ns = 100 * MS,
                                        .silent_min_ns = 300 * MS,
                                        .silent_max_ns = 500 * MS,
                                        .redial_min_ns = 1 * MS,
                                        .redial_max_ns = 10 * MS,
                                        .seed = w->me },
                           .key = key_of(w->me),
                           .secrets = race_secrets(),
                           .url = url,
                           .wake = wake,
                           .arg = w };
    gale_diag why = { "" };

    snprintf(url, sizeof(url), "tcp://127.0.0.1:%d", w->port);
    CHECK(gi_exchange_create(&w->exchange, &o, race_now_ns(), &why) == GALE_OK,
          "%s", why.text);
    w->port = gi_exchange_port(w->exchange);
    for (uint32_t i = 0; i < WORKERS; i++) {
        if (i != w->me)
            end_frames(&w->end[i], SIZE);
        w->last[i] = 0;
    }
}

static void meet_others(struct worker *w)
{
    char url[64];

    for (uint32_t i = 0; i < WORKERS; i++) {
        gi_peer_place peer = { key_of(i), url, "a peer" };

        if (i == w->me)
            continue;
        snprintf(url, sizeof(url), "tcp://127.0.0.1:%d", proxy[w->me][i].port);
        CHECK(gi_exchange_add(w->exchange, &peer, race_now_ns(),
                              &w->end[i].line) == GALE_OK,
              "a line");
    }
}

static void executed(struct worker *w, uint32_t from, gi_coming *c)
{
    gi_channel_executed(gi_line_channel(w->end[from].line), c->frame.from,
                        c->frame.seq, race_now_ns());
    gi_free(c->block);
}

/* Of what it takes before it is killed, the mortal keeps some for ever. */
static void take(struct worker *w, uint32_t from)
{
    gi_coming c;

    while (gi_line_take(w->end[from].line, &c)) {
        uint64_t no = gi_get_le64(c.frame.payload);

        CHECK(no > w->last[from], "%llu after %llu", (unsigned long long)no,
              (unsigned long long)w->last[from]);
        CHECK(atomic_fetch_add(&way[from][w->me].taken[no], 1) == 0,
              "%llu was taken twice", (unsigned long long)no);
        w->last[from] = no;
        if (w->me == MORTAL && w->life == 1 && no > N / 3 &&
            w->n_kept[from] < KEPT)
            w->kept[from][w->n_kept[from]++] = c;
        else
            executed(w, from, &c);
    }
}

static void back(struct worker *w, uint32_t to)
{
    struct end *e = &w->end[to];
    gi_going *g;

    while ((g = gi_line_back(e->line)) != NULL) {
        struct way *y = &way[w->me][to];
        uint64_t no = gi_get_le64(g->frame + GI_FRAME_HEAD);

        if (g->parcel.executed) {
            CHECK(atomic_load(&y->taken[no]) == 1, "executed by nobody");
            atomic_fetch_add(&y->executed, 1);
        } else {
            atomic_fetch_add(w->dying ? &y->died : &y->lost, 1);
        }
        e->idle[e->n_idle++] = g;
    }
}

static void offer(struct worker *w, uint32_t to)
{
    struct end *e = &w->end[to];
    struct way *y = &way[w->me][to];

    while (atomic_load(&y->sent) < N && e->n_idle > 0 &&
           gi_channel_room(gi_line_channel(e->line), GI_LANE_DATA, SIZE)) {
        gi_going *g = e->idle[--e->n_idle];

        gi_put_le64(g->frame + GI_FRAME_HEAD,
                    atomic_fetch_add(&y->sent, 1) + 1);
        CHECK(gi_line_offer(e->line, GI_LANE_DATA, g) == GALE_OK, "room");
    }
}

/* Without a word: its connections break. */
static void death(struct worker *w)
{
    w->dying = true;
    for (uint32_t i = 0; i < WORKERS; i++) {
        struct end *e = &w->end[i];

        if (i == w->me)
            continue;
        gi_line_abandon(e->line, race_now_ns());
        back(w, i);
        gi_exchange_remove(w->exchange, e->line);
        for (uint32_t k = 0; k < w->n_kept[i]; k++)
            gi_free(w->kept[i][k].block);
        w->n_kept[i] = 0;
        end_free_frames(e);
    }
    gi_exchange_destroy(w->exchange);
    w->dying = false;
}

static bool is_done(struct worker *w)
{
    for (uint32_t i = 0; i < WORKERS; i++) {
        struct way *y = &way[w->me][i];

        if (i != w->me &&
            (atomic_load(&y->sent) < N || w->end[i].n_idle < END_FRAMES))
            return false;
    }
    return true;
}

static void *run(void *arg)
{
    struct worker *w = arg;
    bool said = false;

    meet_others(w);
    while (atomic_load(&done) < WORKERS) {
        struct pollfd p = { .fd = w->fd, .events = POLLIN };
        int64_t due = gi_exchange_turn(w->exchange, race_now_ns());
        eventfd_t woken;

        for (uint32_t i = 0; i < WORKERS; i++) {
            if (i == w->me)
                continue;
            take(w, i);
            back(w, i);
            offer(w, i);
        }
        due = gi_exchange_turn(w->exchange, race_now_ns());
        if (w->n_kept[0] == KEPT && w->n_kept[2] == KEPT) {
            death(w);
            birth(w);
            meet_others(w);
        }
        if (!said && is_done(w)) {
            said = true;
            atomic_fetch_add(&done, 1);
        }
        due -= race_now_ns();
        poll(&p, 1, due <= 0 ? 0 : due > 20 * MS ? 20 : (int)(due / MS) + 1);
        eventfd_read(w->fd, &woken);
    }
    return NULL;
}

/* Each as it has to be between those who lived, and with the mortal. */
static void judge(uint32_t from, uint32_t to)
{
    struct way *y = &way[from][to];
    uint64_t taken = 0;

    for (uint64_t no = 1; no <= N; no++)
        taken += atomic_load(&y->taken[no]);
    printf("%u to %u: %llu sent, %llu taken, %llu executed, %llu lost, %llu "
           "with their sender\n",
           from, to, (unsigned long long)y->sent, (unsigned long long)taken,
           (unsigned long long)y->executed, (unsigned long long)y->lost,
           (unsigned long long)y->died);
    CHECK(y->sent == N && y->executed + y->lost + y->died == N, "all back");
    CHECK(taken >= y->executed, "executed, and not taken");
    if (from != MORTAL)
        CHECK(y->died == 0, "those lived");
    if (from != MORTAL && to != MORTAL)
        CHECK(y->executed == N && y->lost == 0, "nothing is lost");
    if (to == MORTAL)
        CHECK(y->lost >= KEPT, "what it kept is lost");
}

int main(void)
{
    uint32_t cuts = 0;

    alarm(600);
    for (uint32_t i = 0; i < WORKERS; i++) {
        worker[i].me = i;
        worker[i].fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        worker[i].port = free_port();
        birth(&worker[i]);
    }
    for (uint32_t i = 0; i < WORKERS; i++) {
        for (uint32_t k = 0; k < i; k++)
            proxy_start(&proxy[i][k], worker[k].port, CUTS, i * 10 + k);
    }
    for (uint32_t i = 0; i < WORKERS; i++)
        CHECK(pthread_create(&worker[i].thread, NULL, run, &worker[i]) == 0,
              "a thread");
    for (uint32_t i = 0; i < WORKERS; i++)
        pthread_join(worker[i].thread, NULL);
    CHECK(worker[MORTAL].life == 2, "nobody died");
    for (uint32_t i = 0; i < WORKERS; i++) {
        uint64_t deaths = i == MORTAL ? 0
                                      : gi_channel_deaths(gi_line_channel(
                                            worker[i].end[MORTAL].line));

        CHECK(deaths == (i != MORTAL), "%llu deaths",
              (unsigned long long)deaths);
        for (uint32_t k = 0; k < WORKERS; k++) {
            if (k != i)
                judge(i, k);
        }
    }
    for (uint32_t i = 0; i < WORKERS; i++) {
        death(&worker[i]);
        close(worker[i].fd);
        for (uint32_t k = 0; k < i; k++) {
            proxy_stop(&proxy[i][k]);
            cuts += proxy[i][k].cuts;
        }
    }
    printf("%u connections were cut\n", cuts);
    CHECK(cuts > WORKERS * CUTS / 4, "too few");
    return 0;
}
