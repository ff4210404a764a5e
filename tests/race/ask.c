/* ask.c -- many who ask one port, all at once: how many requests a second it
 * takes, and then a time of trouble.  The port dies and comes back, keeps
 * requests, answers them in another order; and those who ask give up, ask
 * again, ask without waiting, and go.  Who gets a reply gets his own. */
#include "race.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/mix.h"
#include "tests/free_port.h"
#include "tests/unit/wire/port.h"

enum { ASKERS = 8, ALONE = 2000, TOGETHER = 1000, TROUBLE_MS = 3000 };
enum { REPLIES = 100, GIVEN_UP = 20 }; /* as many at least, then it is over */

static const char *url;
static _Atomic uint64_t replies, given_up, errors;
static _Atomic bool over;

static gi_asker *asker(bool hasty)
{
    gi_asker_opts o = { .urls = &url, .n_urls = 1, .hasty = hasty };
    gi_asker *a = NULL;
    gale_diag why;

    CHECK(gi_asker_create(&a, &o, &why) == GALE_OK, "%s", why.text);
    return a;
}

/* --------------------------------------------------------------- speed -- */

static void ask_often(int n)
{
    gi_asker *a = asker(false);
    gale_diag why;

    for (int i = 0; i < n; i++)
        CHECK(port_look(a, "wordcount", 20000, &why) == GALE_OK, "%s",
              why.text);
    gi_asker_destroy(a);
}

static void *asks_often(void *arg)
{
    ask_often(TOGETHER);
    return arg;
}

static void speed(void)
{
    pthread_t t[ASKERS];
    struct port p;
    int64_t began;

    CHECK(port_open(&p, 0, port_echo, NULL) == GALE_OK, "a port");
    url = p.url;
    began = race_now_ns();
    ask_often(ALONE);
    printf("one: %.0f requests a second\n",
           ALONE * 1e9 / (double)(race_now_ns() - began));
    began = race_now_ns();
    for (int i = 0; i < ASKERS; i++)
        pthread_create(&t[i], NULL, asks_often, NULL);
    for (int i = 0; i < ASKERS; i++)
        pthread_join(t[i], NULL);
    printf("%d: %.0f requests a second\n", ASKERS,
           ASKERS * TOGETHER * 1e9 / (double)(race_now_ns() - began));
    port_close(&p);
}

/* ------------------------------------------------------------- trouble -- */

/* The port's thread only. */
static gi_asked_for *kept[4];
static int n_kept;
static gi_rng mood = { 7 };

static void moody(struct port *p, gi_asked_for *q)
{
    switch (gi_rng_below(&mood, 4)) {
    case 0:
        if (n_kept < 4) {
            kept[n_kept++] = q;
            break;
        }
        while (n_kept > 0)
            port_echo(p, kept[--n_kept]);
        port_echo(p, q);
        break;
    case 1:
        (void)gi_answerer_gone(p->a, q);
        gi_answer(p->a, q, GALE_ELIMIT, NULL, "not now", NULL);
        break;
    default:
        port_echo(p, q);
    }
}

struct one {
    gi_asker *a;
    gi_rng rng;
    _Atomic int told;
};

static void tell(void *arg)
{
    struct one *o = arg;

    atomic_fetch_add(&o->told, 1);
}

static void count(gale_err e)
{
    CHECK(e == GALE_OK || e == GALE_ETIME || e == GALE_EIO || e == GALE_ELIMIT,
          "%s", gale_err_name(e));
    atomic_fetch_add(e == GALE_OK ? &replies : &errors, 1);
}

static void without_waiting(struct one *o, const char *name)
{
    gi_msg_named named = { .name = name };
    gi_msg_topology_look look;
    gi_pool pool = { 0 };
    int told = atomic_load(&o->told);

    CHECK(gi_ask_begin(o->a, GI_ASK_LOOK, &named, 100, tell, o) == GALE_OK,
          "begun");
    race_nap_us((int64_t)gi_rng_below(&o->rng, 2000));
    if (gi_rng_below(&o->rng, 2) == 0) {
        gi_ask_cancel(o->a);
        told = atomic_load(&o->told);
        race_nap_us(100);
        CHECK(told == atomic_load(&o->told), "told after it was given up");
        atomic_fetch_add(&given_up, 1);
        return;
    }
    gale_err e = gi_asked(o->a, &pool, &look, NULL);
    CHECK(e != GALE_OK || strcmp(look.row[0].name, name) == 0, "%s, not %s",
          look.row[0].name, name);
    count(e);
    gi_pool_fini(&pool);
}

static void *troubles(void *arg)
{
    uint64_t no = *(uint64_t *)arg;
    struct one o = { .a = asker(no % 2 == 0), .rng = { no } };
    char name[32];

    for (unsigned i = 0; !atomic_load(&over); i++) {
        snprintf(name, sizeof(name), "%u-%u", (unsigned)no, i);
        switch (gi_rng_below(&o.rng, 8)) {
        case 0:
            gi_asker_destroy(o.a);
            o.a = asker(no % 2 == 0);
            break;
        case 1:
        case 2:
        case 3:
            without_waiting(&o, name);
            break;
        default:
            count(port_look(o.a, name, 100, NULL));
        }
    }
    gi_asker_destroy(o.a);
    return NULL;
}

static void trouble(void)
{
    uint64_t no[ASKERS];
    pthread_t t[ASKERS];
    struct port p;
    int64_t until = race_now_ns() + TROUBLE_MS * INT64_C(1000000);
    int deaths = 0;

    uint16_t port = free_port();
    CHECK(port_open(&p, port, moody, NULL) == GALE_OK, "a port");
    char at[64];
    snprintf(at, sizeof(at), "%s", p.url);
    url = at;
    for (uint64_t i = 0; i < ASKERS; i++) {
        no[i] = i;
        pthread_create(&t[i], NULL, troubles, &no[i]);
    }
    while (race_now_ns() < until || atomic_load(&replies) <= REPLIES ||
           atomic_load(&given_up) <= GIVEN_UP) {
        race_nap_us(50000);
        port_close(&p);
        n_kept = 0;
        race_nap_us(5000);
        CHECK(port_open(&p, port, moody, NULL) == GALE_OK, "it comes back");
        deaths++;
    }
    atomic_store(&over, true);
    for (int i = 0; i < ASKERS; i++)
        pthread_join(t[i], NULL);
    port_close(&p);
    printf("%d deaths: %llu replies, %llu given up, %llu errors\n", deaths,
           (unsigned long long)replies, (unsigned long long)given_up,
           (unsigned long long)errors);
}

int main(void)
{
    alarm(600);
    speed();
    trouble();
    return 0;
}
