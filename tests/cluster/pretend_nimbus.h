/* A Nimbus for tests of supervisors: it says what it is told to say, and
 * remembers what it heard last.  One node asks it. */
#ifndef TESTS_PRETEND_NIMBUS_H
#define TESTS_PRETEND_NIMBUS_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "wire/answer.h"

#define MUST(what)                                                     \
    do {                                                               \
        if (!(what)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
            give_up();                                                 \
        }                                                              \
    } while (0)

static void give_up(void); /* says what there is to say, and ends */

enum { SLOTS = 3, BLOBS = 8, FIRST_PORT = 7700 };

struct blob {
    char hash[GI_SHA256_HEX + 1];
    char *bytes;
    uint32_t len;
};

/* What shall run in a slot, and what was heard of it. */
struct place {
    const char *program; /* NULL: nothing */
    const char *does;    /* the worker; see worker.h */
    uint64_t since, version, turn;
    bool patient; /* what runs there goes on until the program is there */
};

struct heard {
    char state[64], finding[32], words[1024], topology[64];
    char waits[64], waits_words[1024]; /* who waits there until he can run */
    uint64_t pid, incarnation, deaths, turn, version, up_ms;
    bool poisoned;
};

struct nimbus {
    gi_answerer *answerer;
    char url[64], id[32];
    uint64_t version;
    struct place places[SLOTS];
    struct blob blobs[BLOBS];
    uint32_t n_blobs;
    bool away;            /* it takes nothing and answers nothing */
    bool large;           /* topologies, of which it says one at a time */
    uint32_t said[SLOTS]; /* how often they were, ever */

    char node[128], node_url[128];
    uint64_t n_reports, incarnation;
    struct heard slots[SLOTS];
    gi_asked_for *held;
    int64_t held_at;
};

static inline int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline void nimbus_open(struct nimbus *n, const char *id)
{
    gi_answerer_opts opts = { .url = "tcp://127.0.0.1:0" };
    gale_diag why = { 0 };

    if (n->url[0] != '\0')
        opts.url = n->url; /* the one it had */
    MUST(gi_answerer_create(&n->answerer, &opts, &why) == GALE_OK);
    snprintf(n->url, sizeof(n->url), "tcp://127.0.0.1:%u",
             gi_answerer_port(n->answerer));
    snprintf(n->id, sizeof(n->id), "%s", id);
    n->held = NULL;
}

static inline void nimbus_close(struct nimbus *n)
{
    gi_answerer_destroy(n->answerer);
    n->answerer = NULL;
    n->held = NULL;
}

static inline const char *nimbus_blob(struct nimbus *n, const char *bytes,
                                      size_t len)
{
    struct blob *b = &n->blobs[n->n_blobs++];
    gi_sha256 s;

    MUST(n->n_blobs <= BLOBS);
    b->bytes = malloc(len);
    MUST(b->bytes != NULL);
    memcpy(b->bytes, bytes, len);
    b->len = (uint32_t)len;
    gi_sha256_begin(&s);
    gi_sha256_add(&s, bytes, len);
    gi_sha256_end_hex(&s, b->hash);
    return b->hash;
}

static inline void name_of(const struct place *p, uint32_t slot, char id[64])
{
    snprintf(id, 64, p->patient ? "patient-%u" : "words-%u", slot);
}

enum { OTHERS = 2000 };

/* Many other workers, elsewhere, behind the one that is here. */
static inline gi_msg_peer *others(void)
{
    static gi_msg_peer peers[OTHERS];

    for (uint32_t i = 1; i < OTHERS; i++)
        peers[i] = (gi_msg_peer){
            .node = "another-node-of-this-cluster-with-a-name-that-is-long",
            .host = "another-host-of-this-cluster.example",
            .port = 1 + i,
        };
    return peers;
}

static inline uint64_t digest_of(const struct place *p)
{
    return p->since * 1000003 + p->version * 1009 + p->turn + 1;
}

static inline bool knows(const gi_msg_report *r, const char *id,
                         uint64_t digest)
{
    for (uint32_t i = 0; i < r->n_known; i++)
        if (r->known[i].digest == digest && strcmp(r->known[i].id, id) == 0)
            return true;
    return false;
}

/* One topology after the other, and then the orders. */
static inline void say_in_parts(struct nimbus *n, gi_asked_for *q)
{
    const gi_msg_report *r = q->request;
    gi_msg_order orders[SLOTS];
    gi_msg_topology t;
    gi_msg_pair does;
    gi_msg_span span = { .first = 1, .end = 5 };
    char ids[SLOTS][64];
    gi_msg_orders o = {
        .nimbus = n->id,
        .version = n->version,
        .orders = orders,
        .topologies = &t,
    };

    MUST(r->parts);
    for (uint32_t i = 0; i < SLOTS; i++) {
        const struct place *p = &n->places[i];
        gi_msg_peer *peers = others();

        if (p->program == NULL)
            continue;
        name_of(p, i, ids[i]);
        orders[o.n_orders++] = (gi_msg_order){
            .port = FIRST_PORT + i,
            .topology = ids[i],
            .program = p->program,
            .since = p->since,
            .version = p->version,
        };
        if (o.part || knows(r, ids[i], digest_of(p)))
            continue;
        peers[0] = (gi_msg_peer){
            .node = n->node,
            .host = "127.0.0.1",
            .port = FIRST_PORT + i,
            .since = p->since,
            .n_executors = 1,
            .executors = &span,
        };
        does = (gi_msg_pair){ .key = "do", .value = p->does };
        t = (gi_msg_topology){
            .id = ids[i],
            .name = "words",
            .program = p->program,
            .version = p->version,
            .turn = p->turn,
            .active = true,
            .digest = digest_of(p),
            .n_settings = 1,
            .settings = &does,
            .n_workers = OTHERS,
            .workers = peers,
        };
        o.n_topologies = 1;
        o.part = true;
        n->said[i]++;
    }
    if (o.part)
        o.n_orders = 0;
    gi_answer(n->answerer, q, GALE_OK, &o, NULL, NULL);
}

/* All that shall run. */
static inline void say_orders(struct nimbus *n, gi_asked_for *q)
{
    gi_msg_order orders[SLOTS];
    gi_msg_topology topologies[SLOTS];
    gi_msg_peer peers[SLOTS];
    gi_msg_pair does[SLOTS];
    gi_msg_span span = { .first = 1, .end = 5 };
    char ids[SLOTS][64];
    gi_msg_orders o = {
        .nimbus = n->id,
        .version = n->version,
        .orders = orders,
        .topologies = topologies,
    };

    if (n->large) {
        say_in_parts(n, q);
        return;
    }
    for (uint32_t i = 0; i < SLOTS; i++) {
        const struct place *p = &n->places[i];
        uint32_t k = o.n_orders;

        if (p->program == NULL)
            continue;
        name_of(p, i, ids[k]);
        does[k] = (gi_msg_pair){ .key = "do", .value = p->does };
        peers[k] = (gi_msg_peer){
            .node = n->node,
            .host = "127.0.0.1",
            .port = FIRST_PORT + i,
            .since = p->since,
            .n_executors = 1,
            .executors = &span,
        };
        topologies[k] = (gi_msg_topology){
            .id = ids[k],
            .name = "words",
            .program = p->program,
            .version = p->version,
            .turn = p->turn,
            .active = true,
            .n_settings = 1,
            .settings = &does[k],
            .n_workers = 1,
            .workers = &peers[k],
        };
        orders[k] = (gi_msg_order){
            .port = FIRST_PORT + i,
            .topology = ids[k],
            .program = p->program,
            .since = p->since,
            .version = p->version,
            .patient = p->patient,
            .n_executors = 1,
            .executors = &span,
        };
        o.n_orders = o.n_topologies = k + 1;
    }
    gi_answer(n->answerer, q, GALE_OK, &o, NULL, NULL);
}

static inline void say_same(struct nimbus *n, gi_asked_for *q)
{
    gi_msg_orders o = { .nimbus = n->id, .version = n->version, .same = true };

    gi_answer(n->answerer, q, GALE_OK, &o, NULL, NULL);
}

static inline void remember(struct nimbus *n, const gi_msg_report *r)
{
    uint32_t at = 0;

    MUST(r->n_slots >= SLOTS);
    MUST(r->incarnation >= n->incarnation);
    snprintf(n->node, sizeof(n->node), "%s", r->node);
    snprintf(n->node_url, sizeof(n->node_url), "%s", r->url);
    n->incarnation = r->incarnation;
    n->n_reports++;
    for (uint32_t i = 0; i < SLOTS; i++) {
        const gi_msg_slot *s = &r->slots[at++];
        struct heard *h = &n->slots[i];

        MUST(s->port == FIRST_PORT + i);
        *h = (struct heard){
            .pid = s->pid,
            .incarnation = s->incarnation,
            .deaths = s->deaths,
            .turn = s->turn,
            .version = s->version,
            .up_ms = s->up_ms,
            .poisoned = s->poisoned,
        };
        snprintf(h->state, sizeof(h->state), "%s", s->state);
        snprintf(h->finding, sizeof(h->finding), "%s", s->finding);
        snprintf(h->words, sizeof(h->words), "%s", s->words);
        snprintf(h->topology, sizeof(h->topology), "%s", s->topology);
        if (at == r->n_slots || r->slots[at].port != s->port)
            continue;
        snprintf(h->waits, sizeof(h->waits), "%s", r->slots[at].topology);
        snprintf(h->waits_words, sizeof(h->waits_words), "%s",
                 r->slots[at++].words);
    }
    MUST(at == r->n_slots);
}

static inline void answer_report(struct nimbus *n, gi_asked_for *q)
{
    const gi_msg_report *r = q->request;

    remember(n, r);
    if (n->held != NULL)
        say_same(n, n->held);
    n->held = NULL;
    if (strcmp(r->nimbus, n->id) != 0 || r->version < n->version) {
        say_orders(n, q);
    } else if (r->urgent) {
        say_same(n, q);
    } else {
        n->held = q;
        n->held_at = now_ns();
    }
}

static inline void answer_blob(struct nimbus *n, gi_asked_for *q)
{
    const gi_msg_blob_get *g = q->request;
    gi_msg_blob_piece piece;

    for (uint32_t i = 0; i < n->n_blobs; i++) {
        const struct blob *b = &n->blobs[i];
        uint64_t left = b->len - g->offset;

        if (strcmp(b->hash, g->hash) != 0 || g->offset > b->len)
            continue;
        piece.total = b->len;
        piece.bytes.at = b->bytes + g->offset;
        piece.bytes.n = (uint32_t)(left < g->most ? left : g->most);
        gi_answer(n->answerer, q, GALE_OK, &piece, NULL, NULL);
        return;
    }
    gi_answer(n->answerer, q, GALE_ENOTFOUND, NULL, "no such program", NULL);
}

/* A little while of its life. */
static inline void nimbus_turn(struct nimbus *n)
{
    gi_asked_for *q;

    while (n->answerer != NULL && (q = gi_answerer_take(n->answerer)) != NULL)
        if (q->verb == GI_ASK_REPORT)
            answer_report(n, q);
        else if (q->verb == GI_ASK_BLOB_GET)
            answer_blob(n, q);
        else
            gi_answer(n->answerer, q, GALE_EINVAL, NULL, "what?", NULL);
    if (n->held != NULL && now_ns() - n->held_at > 1000000000) {
        say_same(n, n->held);
        n->held = NULL;
    }
}

/* Something shall be otherwise. */
static inline void nimbus_say(struct nimbus *n)
{
    n->version++;
    if (n->held != NULL)
        say_orders(n, n->held);
    n->held = NULL;
}

#endif
