/* daemon_programs.c -- programs come from clients, go to supervisors, and to
 * those who stand by. */
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "nimbus/daemon_inside.h"

/* Who stands by says something every second or so. */
enum { STANDBY_GONE_MS = 5000 };

static gale_err get(gi_ndaemon *d, gi_asked_for *q, gi_when now,
                    gi_msg_blob_piece *out, gale_diag *why)
{
    const gi_msg_blob_get *ask = q->request;
    size_t most =
        ask->most < GI_MSG_BLOB_PIECE ? (size_t)ask->most : GI_MSG_BLOB_PIECE;
    void *bytes = gi_pool_take(&q->pool, most, 1);
    size_t len = 0;
    gale_err rv;

    if (bytes == NULL)
        return GALE_ENOMEM;
    rv = gi_blobs_get(d->blobs, ask->hash, ask->offset, bytes, most, now.ms,
                      &out->total, &len, why);
    out->bytes = (gi_bytes){ bytes, (uint32_t)len };
    return rv;
}

static gale_err put(gi_ndaemon *d, const gi_asked_for *q, gi_when now,
                    gi_blob_state *out, gale_diag *why)
{
    const gi_msg_blob_put *p = q->request;
    gi_blob_state before;
    gale_err rv = gi_blobs_look(d->blobs, p->hash, now.ms, &before, why);

    if (rv == GALE_OK)
        rv = gi_blobs_put(d->blobs, p->hash, p->total, p->offset, p->bytes.at,
                          p->bytes.n, now.ms, out, why);
    if (rv == GALE_EIO || rv == GALE_EFORMAT)
        gi_log(rv == GALE_EIO ? GALE_LOG_ERROR : GALE_LOG_WARN, GI_WHO,
               "a program from %s: %s", q->from, why->text);
    if (rv == GALE_OK && out->complete && !before.complete) {
        gi_log(GALE_LOG_INFO, GI_WHO, "has the program %s, from %s", p->hash,
               q->from);
        d->n_whole++;
    }
    return rv;
}

gale_err gi_nd_program(gi_ndaemon *d, gi_asked_for *q, gi_when now,
                       gi_nd_reply *out, gale_diag *why)
{
    const gi_msg_blob *blob = q->request;
    gi_blob_state state = { 0 };
    gale_err rv;

    if (q->verb == GI_ASK_BLOB_GET)
        return get(d, q, now, &out->blob_piece, why);
    rv = q->verb == GI_ASK_BLOB_PUT
             ? put(d, q, now, &state, why)
             : gi_blobs_look(d->blobs, blob->hash, now.ms, &state, why);
    out->blob_size = (gi_msg_blob_size){ state.size, state.complete };
    return rv;
}

/* ------------------------------------------------------- who stands by -- */

static void forget(gi_nd_standby *s)
{
    gi_free(s->hashes);
    *s = (gi_nd_standby){ 0 };
}

void gi_nd_forget_standbys(gi_ndaemon *d)
{
    for (int i = 0; i < GI_ND_STANDBYS; i++)
        forget(&d->standbys[i]);
}

/* His place, or that of whom nothing was heard for the longest time. */
static gi_nd_standby *place_of(gi_ndaemon *d, const char *id)
{
    gi_nd_standby *oldest = &d->standbys[0];

    for (int i = 0; i < GI_ND_STANDBYS; i++) {
        gi_nd_standby *s = &d->standbys[i];

        if (s->heard_ms != 0 && strcmp(s->id, id) == 0)
            return s;
        if (s->heard_ms < oldest->heard_ms)
            oldest = s;
    }
    return oldest;
}

void gi_nd_hear_standby(gi_ndaemon *d, const gi_msg_mirror *m, gi_when now)
{
    gi_nd_standby *s = place_of(d, m->id);

    forget(s);
    s->hashes =
        gi_calloc(m->n_blobs == 0 ? 1 : m->n_blobs, sizeof(*s->hashes));
    if (s->hashes == NULL)
        return; /* then he has nothing, for all we know */
    for (uint32_t i = 0; i < m->n_blobs; i++)
        if (gi_sha256_is_hex(m->blobs[i].hash))
            memcpy(s->hashes[s->n++], m->blobs[i].hash, sizeof(*s->hashes));
    snprintf(s->id, sizeof(s->id), "%s", m->id);
    s->heard_ms = now.ms;
}

bool gi_nd_is_mirrored(const gi_ndaemon *d, const char *hash, gi_when now)
{
    bool anybody = false;

    for (int i = 0; i < GI_ND_STANDBYS; i++) {
        const gi_nd_standby *s = &d->standbys[i];

        if (s->heard_ms == 0 || now.ms - s->heard_ms > STANDBY_GONE_MS)
            continue;
        anybody = true;
        for (uint32_t k = 0; k < s->n; k++)
            if (strcmp(s->hashes[k], hash) == 0)
                return true;
    }
    return !anybody;
}

typedef struct lacking {
    const gi_msg_mirror *m;
    bool any;
} lacking;

static void is_it_there(void *arg, const char *hash)
{
    lacking *l = arg;

    for (uint32_t i = 0; i < l->m->n_blobs; i++)
        if (strcmp(l->m->blobs[i].hash, hash) == 0)
            return;
    l->any = true;
}

bool gi_nd_standby_lacks(const gi_ndaemon *d, const gi_msg_mirror *m)
{
    lacking l = { m, false };

    gi_blobs_each(d->blobs, is_it_there, &l);
    return l.any;
}

static void count(void *arg, const char *hash)
{
    (void)hash;
    ++*(uint32_t *)arg;
}

static void list(void *arg, const char *hash)
{
    gi_msg_mirrored *m = arg;

    m->blobs[m->n_blobs++].hash = hash;
}

gale_err gi_nd_list(const gi_ndaemon *d, gi_pool *pool, gi_msg_mirrored *out)
{
    uint32_t n = 0;

    gi_blobs_each(d->blobs, count, &n);
    *out = (gi_msg_mirrored){ 0 };
    out->blobs = gi_pool_take(pool, n, sizeof(*out->blobs));
    if (out->blobs == NULL)
        return GALE_ENOMEM;
    gi_blobs_each(d->blobs, list, out);
    return GALE_OK;
}
