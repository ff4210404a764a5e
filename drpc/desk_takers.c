/* desk_takers.c -- who serves which function, and takes its requests. */
#include <stdio.h>

#include "base/diag.h"
#include "drpc/desk_inside.h"

static gi_taker *taker_of(const gi_desk *d, uint64_t session)
{
    for (size_t i = 0; i < GI_DESK_TAKERS && session != 0; i++)
        if (d->takers[i].session == session)
            return (gi_taker *)&d->takers[i];
    return NULL;
}

void gi_desk_lose(gi_desk *d, gi_taker *t, const char *why, int64_t now_ms)
{
    uint64_t session = t->session;

    t->function->takers--;
    t->function->seen_ms = now_ms;
    *t = (gi_taker){ 0 };
    for (size_t i = 0; i < GI_DESK_REQUESTS; i++) {
        gi_request *r = d->requests[i];

        if (r != NULL && r->session == session)
            gi_desk_again(d, r, why);
    }
}

void gi_desk_leave(gi_desk *d, uint64_t session, int64_t now_ms)
{
    gi_taker *t = taker_of(d, session);

    if (t != NULL)
        gi_desk_lose(d, t, "who worked on it ended", now_ms);
}

/* ------------------------------------------------------------- serving -- */

static bool is_idle(const gi_function *f)
{
    return f->takers == 0 && f->waiting == 0 && f->out == 0;
}

/* The place of that function, or one for it; NULL: there is no room. */
static gi_function *place_for(gi_desk *d, const char *name)
{
    gi_function *best = NULL;

    for (size_t i = 0; i < GI_DESK_FUNCTIONS; i++) {
        gi_function *f = &d->functions[i];

        if (f->used && strcmp(f->name, name) == 0)
            return f;
        if (!f->used && (best == NULL || best->used))
            best = f;
        else if (f->used && is_idle(f) &&
                 (best == NULL || (best->used && f->seen_ms < best->seen_ms)))
            best = f;
    }
    if (best == NULL)
        return NULL;
    *best = (gi_function){ .used = true };
    snprintf(best->name, sizeof(best->name), "%s", name);
    return best;
}

static gale_err refuse(gale_diag *why, gale_err rv, const char *what,
                       const char *name, const char *who)
{
    gi_diag_say(why, what, name, who);
    return rv;
}

/* Its taker of before is gone: there is one at a time. */
static void replace(gi_desk *d, const gi_function *f, int64_t now_ms)
{
    for (size_t i = 0; i < GI_DESK_TAKERS; i++)
        if (d->takers[i].session != 0 && d->takers[i].function == f)
            gi_desk_lose(d, &d->takers[i], "who worked on it began anew",
                         now_ms);
}

gale_err gi_desk_serve(gi_desk *d, uint64_t session, const char *key,
                       const char *function, int64_t now_ms, gale_diag *why)
{
    gi_taker *t = taker_of(d, session);
    gi_function *f;

    if (session == 0 || strnlen(key, GI_DESK_NAME + 1) > GI_DESK_NAME ||
        *function == '\0' ||
        strnlen(function, GI_DESK_NAME + 1) > GI_DESK_NAME)
        return refuse(why, GALE_EINVAL, "%s%s", "that is no function's name",
                      "");
    if (t != NULL && strcmp(t->function->name, function) == 0) {
        t->heard_ms = now_ms;
        t->function->seen_ms = now_ms;
        return GALE_OK;
    }
    f = place_for(d, function);
    if (f == NULL || t != NULL)
        return refuse(why, GALE_ELIMIT, "%s%s", "too many functions", "");
    if (f->takers > 0 && strcmp(f->key, key) != 0)
        return refuse(why, GALE_EBUSY, "'%.200s' is served by %.200s",
                      function, f->key);
    replace(d, f, now_ms);
    t = d->takers;
    while (t < d->takers + GI_DESK_TAKERS && t->session != 0)
        t++;
    if (t == d->takers + GI_DESK_TAKERS)
        return refuse(why, GALE_ELIMIT, "%s%s", "too many takers", "");
    *t = (gi_taker){ .session = session, .function = f, .heard_ms = now_ms };
    snprintf(f->key, sizeof(f->key), "%s", key);
    f->takers++;
    f->seen_ms = now_ms;
    return GALE_OK;
}

/* -------------------------------------------------------------- taking -- */

bool gi_desk_has(const gi_desk *d, uint64_t session)
{
    const gi_taker *t = taker_of(d, session);

    return t != NULL && t->function->first != NULL;
}

void gi_desk_heard(gi_desk *d, uint64_t session, uint64_t after)
{
    gi_taker *t = taker_of(d, session);

    if (t == NULL || after >= t->number)
        return;
    for (size_t i = 0; i < GI_DESK_REQUESTS; i++) {
        gi_request *r = d->requests[i];

        if (r == NULL || r->session != session || r->number <= after)
            continue;
        r->given--; /* it was not */
        r->session = 0;
        r->function->out--;
        gi_desk_enqueue(r);
    }
}

uint64_t gi_desk_number(const gi_desk *d, uint64_t session)
{
    const gi_taker *t = taker_of(d, session);

    return t == NULL ? 0 : t->number;
}

size_t gi_desk_take(gi_desk *d, uint64_t session, gi_handed *to, size_t most,
                    int64_t now_ms)
{
    gi_taker *t = taker_of(d, session);
    size_t n = 0;

    if (t == NULL)
        return 0;
    t->heard_ms = now_ms;
    t->number += most > 0 && t->function->first != NULL;
    while (n < most && t->function->first != NULL) {
        gi_request *r = t->function->first;

        gi_desk_dequeue(r);
        t->function->out++;
        r->session = session;
        r->given++;
        r->number = t->number;
        to[n++] = (gi_handed){ r->id, r->args };
    }
    return n;
}

bool gi_desk_function(const gi_desk *d, uint32_t i, const char **name,
                      const char **key, uint32_t *waiting, uint32_t *out)
{
    for (size_t k = 0; k < GI_DESK_FUNCTIONS; k++) {
        const gi_function *f = &d->functions[k];

        if (!f->used || f->takers == 0 || i-- > 0)
            continue;
        *name = f->name;
        *key = f->key;
        *waiting = f->waiting;
        *out = f->out;
        return true;
    }
    return false;
}
