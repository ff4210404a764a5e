/* desk.c -- requests: accepted, answered, given up. */
#include "drpc/desk.h"

#include <stdio.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "drpc/desk_inside.h"

enum { WHY = 400 }; /* bytes of a reason that are kept */

gi_desk *gi_desk_create(const gi_desk_opts *o)
{
    gi_desk *d = gi_alloc(sizeof(*d));

    if (d == NULL)
        return NULL;
    d->o = *o;
    d->next_id = o->first_id == 0 ? 1 : o->first_id;
    if (d->o.gives == 0)
        d->o.gives = 1;
    return d;
}

void gi_desk_destroy(gi_desk *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; i < GI_DESK_REQUESTS; i++)
        if (d->requests[i] != NULL)
            gi_desk_drop(d, d->requests[i]);
    gi_free(d);
}

/* -------------------------------------------------------------- asking -- */

static gi_function *function_of(gi_desk *d, const char *name)
{
    for (size_t i = 0; i < GI_DESK_FUNCTIONS; i++)
        if (d->functions[i].used && strcmp(d->functions[i].name, name) == 0)
            return &d->functions[i];
    return NULL;
}

static bool is_known(const gi_desk *d, const gi_function *f, int64_t now_ms)
{
    return f != NULL && (f->takers > 0 || now_ms - f->seen_ms < d->o.known_ms);
}

/* "nobody serves 'rech'; did you mean 'reach'? there is 'reach', 'who'" */
static void say_unknown(gi_desk *d, const char *name, int64_t now_ms,
                        gale_diag *why)
{
    const char *names[GI_DESK_FUNCTIONS], *nearest;
    char list[600] = "";
    size_t n = 0, at = 0;

    for (size_t i = 0; i < GI_DESK_FUNCTIONS; i++)
        if (d->functions[i].used && is_known(d, &d->functions[i], now_ms))
            names[n++] = d->functions[i].name;
    for (size_t i = 0; i < n && at < sizeof(list) - 100; i++)
        at += (size_t)snprintf(list + at, sizeof(list) - at, "%s'%.60s'",
                               i == 0 ? "" : ", ", names[i]);
    nearest = gi_nearest(name, names, n);
    if (n == 0)
        gi_diag_say(why, "nobody serves '%.80s', nor any other function",
                    name);
    else
        gi_diag_say(why, "nobody serves '%.80s'; %s%.60s%sthere is %s", name,
                    nearest == NULL ? "" : "did you mean '",
                    nearest == NULL ? "" : nearest,
                    nearest == NULL ? "" : "'? ", list);
}

static gale_err may_ask(gi_desk *d, const gi_function *f, size_t len,
                        gale_diag *why)
{
    if (len > d->o.most_bytes) {
        gi_diag_say(why, "its arguments have %zu bytes; %zu are the most", len,
                    d->o.most_bytes);
        return GALE_ELIMIT;
    }
    if (f->waiting >= d->o.queue || d->n >= GI_DESK_REQUESTS ||
        len > d->o.all_bytes - d->bytes) {
        gi_diag_say(
            why,
            "%u requests wait for '%.80s', and %u are under way in all: "
            "no more are taken now",
            f->waiting, f->name, d->n);
        return GALE_ELIMIT;
    }
    return GALE_OK;
}

static bool is_name(const char *name)
{
    size_t n = name == NULL ? 0 : strnlen(name, GI_DESK_NAME + 1);

    return n > 0 && n <= GI_DESK_NAME;
}

/* The next number whose place is free; there is one. */
static uint64_t number(gi_desk *d)
{
    while (d->requests[d->next_id % GI_DESK_REQUESTS] != NULL)
        d->next_id++;
    return d->next_id++;
}

gale_err gi_desk_ask(gi_desk *d, const char *function, gale_str args,
                     void *caller, int64_t now_ms, int64_t wait_ms,
                     uint64_t *id, gale_diag *why)
{
    gi_function *f;
    gi_request *r;
    gale_err rv;

    if (!is_name(function)) {
        gi_diag_say(why, "a function's name has 1 to %d bytes", GI_DESK_NAME);
        return GALE_EINVAL;
    }
    f = function_of(d, function);
    if (!is_known(d, f, now_ms)) {
        say_unknown(d, function, now_ms, why);
        return GALE_ENOTFOUND;
    }
    rv = may_ask(d, f, args.len, why);
    if (rv != GALE_OK)
        return rv;
    r = gi_alloc(sizeof(*r) + args.len + 1);
    if (r == NULL) {
        gi_diag_say(why, "%s", gale_err_text(GALE_ENOMEM));
        return GALE_ENOMEM;
    }
    if (args.len > 0)
        memcpy((char *)(r + 1), args.ptr, args.len);
    r->args = (gale_str){ (char *)(r + 1), args.len };
    r->id = number(d);
    r->function = f;
    r->caller = caller;
    r->done_ms = INT64_MAX;
    r->until_ms = now_ms + (wait_ms > 0 ? wait_ms : d->o.timeout_ms);
    d->requests[r->id % GI_DESK_REQUESTS] = r;
    d->n++;
    d->bytes += args.len;
    gi_desk_enqueue(r);
    if (id != NULL)
        *id = r->id;
    return GALE_OK;
}

void gi_desk_forget(gi_desk *d, uint64_t id)
{
    gi_request *r = gi_desk_find(d, id);

    if (r != NULL)
        gi_desk_drop(d, r);
}

/* ------------------------------------------------------------- answers -- */

void gi_desk_answer(gi_desk *d, uint64_t id, gale_str text)
{
    gi_request *r = gi_desk_find(d, id);

    if (r != NULL)
        gi_desk_tell(d, r, GALE_OK, text);
}

void gi_desk_fail(gi_desk *d, uint64_t id, gale_str why)
{
    gi_request *r = gi_desk_find(d, id);

    if (r == NULL)
        return;
    if (r->why != NULL)
        why = gale_cstr(r->why);
    else if (why.len == 0)
        why = gale_cstr("it failed");
    gi_desk_tell(d, r, GALE_EUSER, why);
}

void gi_desk_note(gi_desk *d, uint64_t id, gale_str why)
{
    gi_request *r = gi_desk_find(d, id);
    uint32_t n = why.len < WHY ? why.len : WHY;
    char *copy = r == NULL || n == 0 ? NULL : gi_alloc(n + 1u);

    if (copy == NULL)
        return;
    memcpy(copy, why.ptr, n);
    copy[n] = '\0';
    gi_free(r->why);
    r->why = copy;
}

void gi_desk_done(gi_desk *d, uint64_t id, int64_t now_ms)
{
    gi_request *r = gi_desk_find(d, id);

    if (r == NULL || r->session == 0 || r->done_ms != INT64_MAX)
        return;
    r->done_ms = now_ms;
    if (d->o.answer_ms == 0)
        gi_desk_again(d, r, "it was worked on, and no answer came");
}

/* ---------------------------------------------------------------- time -- */

static void say_late(gi_desk *d, gi_request *r)
{
    char text[WHY + 200];

    if (r->session == 0)
        snprintf(
            text, sizeof(text), "its time was over before anybody took it: %s",
            r->function->takers == 0 ? "nobody serves this function now"
                                     : "who serves this function is busy");
    else
        snprintf(text, sizeof(text),
                 "its time was over before it was done%s%s",
                 r->why == NULL ? "" : ": ", r->why == NULL ? "" : r->why);
    gi_desk_tell(d, r, GALE_ETIME, gale_cstr(text));
}

/* When it waits for a function that nobody serves any more: then. */
static int64_t unserved_due(const gi_desk *d, const gi_request *r)
{
    return r->session != 0 || r->function->takers > 0
               ? INT64_MAX
               : r->function->seen_ms + d->o.known_ms;
}

static int64_t answer_due(const gi_desk *d, const gi_request *r)
{
    return r->done_ms == INT64_MAX ? INT64_MAX : r->done_ms + d->o.answer_ms;
}

void gi_desk_tick(gi_desk *d, int64_t now_ms)
{
    for (size_t i = 0; i < GI_DESK_TAKERS && d->o.silent_ms > 0; i++) {
        gi_taker *t = &d->takers[i];

        if (t->session != 0 && now_ms - t->heard_ms >= d->o.silent_ms)
            gi_desk_lose(d, t, "who worked on it was lost", now_ms);
    }
    for (size_t i = 0; i < GI_DESK_REQUESTS && d->n > 0; i++) {
        gi_request *r = d->requests[i];

        if (r == NULL)
            continue;
        if (now_ms >= r->until_ms)
            say_late(d, r);
        else if (now_ms >= unserved_due(d, r))
            gi_desk_tell(d, r, GALE_ENOTFOUND,
                         gale_cstr("nobody serves this function any more"));
        else if (now_ms >= answer_due(d, r))
            gi_desk_again(d, r, "it was worked on, and no answer came");
    }
}

int64_t gi_desk_due(const gi_desk *d)
{
    int64_t due = INT64_MAX;

    for (size_t i = 0; i < GI_DESK_TAKERS && d->o.silent_ms > 0; i++) {
        const gi_taker *t = &d->takers[i];

        if (t->session != 0 && t->heard_ms + d->o.silent_ms < due)
            due = t->heard_ms + d->o.silent_ms;
    }
    for (size_t i = 0; i < GI_DESK_REQUESTS && d->n > 0; i++) {
        const gi_request *r = d->requests[i];

        if (r == NULL)
            continue;
        if (r->until_ms < due)
            due = r->until_ms;
        if (answer_due(d, r) < due)
            due = answer_due(d, r);
        if (unserved_due(d, r) < due)
            due = unserved_due(d, r);
    }
    return due;
}

void gi_desk_give_up(gi_desk *d, const char *why)
{
    for (size_t i = 0; i < GI_DESK_REQUESTS && d->n > 0; i++)
        if (d->requests[i] != NULL)
            gi_desk_tell(d, d->requests[i], GALE_EUSER, gale_cstr(why));
}

size_t gi_desk_requests(const gi_desk *d)
{
    return d->n;
}
