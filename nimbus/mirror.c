#include "nimbus/mirror.h"

#include <stdatomic.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "wire/ask.h"

enum { PATIENCE_MS = 5000, PAUSE_MS = 1000 };

typedef struct hash {
    char text[GI_SHA256_HEX + 1];
} hash;

struct gi_mirror {
    gi_mirror_opts o;
    char id[64], url[512], trouble[256];

    gi_asker *asker; /* NULL: nobody leads */
    gi_verb_no asking;
    atomic_bool done; /* set by another thread */
    uint64_t not_before;

    uint32_t n, next; /* next: the first that may still be missing */
    hash *theirs;
    uint64_t at; /* how much of that one is here */
};

/* ------------------------------------------------------- begin and end -- */

gale_err gi_mirror_create(gi_mirror **out, const gi_mirror_opts *opts)
{
    gi_mirror *m = gi_alloc(sizeof(*m));

    if (m == NULL)
        return GALE_ENOMEM;
    m->o = *opts;
    m->o.id = NULL;
    snprintf(m->id, sizeof(m->id), "%s", opts->id);
    *out = m;
    return GALE_OK;
}

static void let_go(gi_mirror *m)
{
    if (m->asking != GI_ASK_NOTHING)
        gi_ask_cancel(m->asker);
    m->asking = GI_ASK_NOTHING;
    gi_asker_destroy(m->asker);
    m->asker = NULL;
    m->url[0] = '\0';
    m->next = m->n;
}

void gi_mirror_destroy(gi_mirror *m)
{
    if (m == NULL)
        return;
    let_go(m);
    gi_free(m->theirs);
    gi_free(m);
}

/* Once each time that it is another trouble. */
static void say(gi_mirror *m, const char *what, const char *why)
{
    char text[sizeof(m->trouble)];

    snprintf(text, sizeof(text), "%.100s: %.150s", what, why);
    if (strcmp(text, m->trouble) == 0)
        return;
    memcpy(m->trouble, text, sizeof(text));
    m->o.note(m->o.arg, true, text);
}

void gi_mirror_follow(gi_mirror *m, const char *url)
{
    const char *urls[] = { url };
    gi_asker_opts opts = {
        .urls = urls, .n_urls = 1, .secrets = m->o.secrets, .open = m->o.open
    };
    gale_diag why = { "" };
    gale_err rv;

    if (url == NULL)
        url = "";
    if (strcmp(url, m->url) == 0)
        return;
    let_go(m);
    m->not_before = 0;
    if (*url == '\0')
        return;
    rv = gi_asker_create(&m->asker, &opts, &why);
    if (rv == GALE_OK)
        snprintf(m->url, sizeof(m->url), "%s", url);
    else /* and whoever is told of him again tries again */
        say(m, "the leader cannot be asked for programs",
            why.text[0] == '\0' ? gale_err_text(rv) : why.text);
}

/* -------------------------------------------------------------- asking -- */

static void on_done(void *arg)
{
    gi_mirror *m = arg;

    atomic_store(&m->done, true);
    m->o.wake(m->o.arg);
}

static void begin(gi_mirror *m, gi_verb_no verb, const void *request,
                  uint64_t now_ms)
{
    atomic_store(&m->done, false);
    if (gi_ask_begin(m->asker, verb, request, PATIENCE_MS, on_done, m) ==
        GALE_OK)
        m->asking = verb;
    else
        m->not_before = now_ms + PAUSE_MS;
}

typedef struct listing {
    gi_msg_blob *blobs;
    uint32_t n, most;
} listing;

static void count_one(void *arg, const char *text)
{
    (void)text;
    ++*(uint32_t *)arg;
}

static void list_one(void *arg, const char *text)
{
    listing *l = arg;

    if (l->n < l->most)
        l->blobs[l->n++].hash = text;
}

static void ask_for_list(gi_mirror *m, uint64_t now_ms)
{
    gi_pool pool = { 0 };
    gi_msg_mirror ask = { .id = m->id };
    listing l = { 0 };

    gi_blobs_each(m->o.blobs, count_one, &l.most);
    l.blobs = gi_pool_take(&pool, l.most, sizeof(*l.blobs));
    if (l.blobs == NULL) {
        m->not_before = now_ms + PAUSE_MS;
        return;
    }
    gi_blobs_each(m->o.blobs, list_one, &l);
    ask.n_blobs = l.n;
    ask.blobs = l.blobs;
    begin(m, GI_ASK_MIRROR, &ask, now_ms);
    gi_pool_fini(&pool);
}

/* The first of theirs that is not here; false: all are. */
static bool is_one_missing(gi_mirror *m, uint64_t now_ms)
{
    gi_blob_state state;

    for (; m->next < m->n; m->next++) {
        if (gi_blobs_look(m->o.blobs, m->theirs[m->next].text, now_ms, &state,
                          NULL) == GALE_OK &&
            !state.complete) {
            m->at = state.size;
            return true;
        }
    }
    return false;
}

static void ask_next(gi_mirror *m, uint64_t now_ms)
{
    gi_msg_blob_get get;

    if (!is_one_missing(m, now_ms)) {
        ask_for_list(m, now_ms);
        return;
    }
    get =
        (gi_msg_blob_get){ m->theirs[m->next].text, m->at, GI_MSG_BLOB_PIECE };
    begin(m, GI_ASK_BLOB_GET, &get, now_ms);
}

/* ------------------------------------------------------------- answers -- */

static gale_err take_list(gi_mirror *m, const gi_msg_mirrored *r)
{
    hash *all = gi_calloc(r->n_blobs == 0 ? 1 : r->n_blobs, sizeof(*all));
    uint32_t n = 0;

    if (all == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < r->n_blobs; i++)
        if (gi_sha256_is_hex(r->blobs[i].hash))
            memcpy(all[n++].text, r->blobs[i].hash, sizeof(all->text));
    gi_free(m->theirs);
    m->theirs = all;
    m->n = n;
    m->next = 0;
    return GALE_OK;
}

static gale_err take_piece(gi_mirror *m, const gi_msg_blob_piece *p,
                           uint64_t now_ms, gale_diag *why)
{
    const char *text = m->theirs[m->next].text;
    gi_blob_state state;
    char words[128];
    gale_err rv = gi_blobs_put(m->o.blobs, text, p->total, m->at, p->bytes.at,
                               p->bytes.n, now_ms, &state, why);

    if (rv == GALE_OK && p->bytes.n == 0 && !state.complete) {
        gi_diag_say(why, "no more than a part came");
        return GALE_EFORMAT;
    }
    if (rv == GALE_OK && state.complete) {
        snprintf(words, sizeof(words), "has the program %s, from the leader",
                 text);
        m->o.note(m->o.arg, false, words);
    }
    return rv;
}

static void take_answer(gi_mirror *m, uint64_t now_ms)
{
    union {
        gi_msg_mirrored list;
        gi_msg_blob_piece piece;
    } reply = { 0 };
    gi_pool pool = { 0 };
    gale_diag why = { "" };
    gi_verb_no verb = m->asking;
    gale_err rv;

    m->asking = GI_ASK_NOTHING;
    rv = gi_asked(m->asker, &pool, &reply, &why);
    if (rv == GALE_OK)
        rv = verb == GI_ASK_MIRROR ? take_list(m, &reply.list)
                                   : take_piece(m, &reply.piece, now_ms, &why);
    if (rv == GALE_OK) {
        m->trouble[0] = '\0';
    } else {
        say(m,
            verb == GI_ASK_MIRROR ? "the leader does not tell its programs"
                                  : m->theirs[m->next].text,
            why.text[0] == '\0' ? gale_err_text(rv) : why.text);
        m->not_before = now_ms + PAUSE_MS;
        /* One that cannot be had must not keep others from coming. */
        if (verb == GI_ASK_BLOB_GET)
            m->next++;
    }
    gi_pool_fini(&pool);
}

void gi_mirror_turn(gi_mirror *m, uint64_t now_ms)
{
    if (m->asker == NULL)
        return;
    if (m->asking != GI_ASK_NOTHING) {
        if (!atomic_load(&m->done))
            return;
        take_answer(m, now_ms);
    }
    if (now_ms >= m->not_before)
        ask_next(m, now_ms);
}

uint64_t gi_mirror_due(const gi_mirror *m)
{
    return m->asker == NULL || m->asking != GI_ASK_NOTHING ? UINT64_MAX
                                                           : m->not_before;
}

bool gi_mirror_uses(const gi_mirror *m, const char *text)
{
    for (uint32_t i = 0; i < m->n; i++)
        if (strcmp(m->theirs[i].text, text) == 0)
            return true;
    return false;
}
