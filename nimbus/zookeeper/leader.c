#include "nimbus/zookeeper/leader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gi_leader_init(gi_leader *l)
{
    *l = (gi_leader){ .under_way = GI_WANT_NOTHING };
}

/* What was known by the session that is no more. */
static void forget(gi_leader *l)
{
    l->connected = l->looked = l->entered = l->first = l->holds = false;
    l->url[0] = '\0';
    l->under_way = GI_WANT_NOTHING;
}

void gi_leader_opened(gi_leader *l, const char *name)
{
    forget(l);
    snprintf(l->name, sizeof(l->name), "%s", name);
    l->open = true;
    l->ended = false;
}

void gi_leader_connected(gi_leader *l, uint32_t session_ms, uint64_t now_ms)
{
    l->connected = true;
    l->looked = false;
    l->session_ms = session_ms;
    l->beat_ms = now_ms; /* at once, if there is any doubt */
}

void gi_leader_disconnected(gi_leader *l)
{
    l->connected = false;
    l->looked = false;
}

void gi_leader_ended(gi_leader *l)
{
    forget(l);
    l->ended = true;
}

void gi_leader_changed(gi_leader *l)
{
    l->looked = false;
}

/* ------------------------------------------------------------- looking -- */

enum { DIGITS = 10 }; /* as ZooKeeper numbers nodes */

/* "NAME-0000000012"; others that lie there are none of ours. */
static bool number_of(const char *node, size_t *name_len, long *number)
{
    size_t len = strlen(node);
    const char *at;

    if (len < DIGITS + 2 || node[len - DIGITS - 1] != '-')
        return false;
    at = node + len - DIGITS;
    if (strspn(at, "0123456789") != DIGITS)
        return false;
    *name_len = len - DIGITS - 1;
    *number = strtol(at, NULL, 10);
    return true;
}

/* The number of his node, the lowest if there are more; -1: he has none. */
static long find(const gi_leader_look *look, const char *name)
{
    long lowest = -1, number;
    size_t len;

    for (uint32_t i = 0; i < look->n_names; i++)
        if (number_of(look->names[i], &len, &number) && len == strlen(name) &&
            memcmp(look->names[i], name, len) == 0 &&
            (lowest < 0 || number < lowest))
            lowest = number;
    return lowest;
}

static uint32_t before(const gi_leader_look *look, long mine)
{
    uint32_t n = 0;
    long number;
    size_t len;

    for (uint32_t i = 0; i < look->n_names; i++)
        n += number_of(look->names[i], &len, &number) && number < mine;
    return n;
}

static void looked(gi_leader *l, const gi_leader_look *look, uint64_t now_ms)
{
    long mine = find(look, l->name);
    bool ours = strcmp(look->holder, l->name) == 0;

    l->entered = mine >= 0;
    l->ahead = l->entered ? before(look, mine) : 0;
    l->first = l->entered && l->ahead == 0;
    /* It may be ours although we never heard that we got it. */
    if (ours && l->entered && !l->holds) {
        l->holds = true;
        l->beat_ms = now_ms;
        l->sure_until_ms = 0;
    } else if (!ours || !l->entered) {
        l->holds = false;
    }
    l->version = look->version;
    l->url[0] = '\0';
    if (look->holder[0] != '\0' && find(look, look->holder) >= 0)
        snprintf(l->url, sizeof(l->url), "%s", look->url);
}

/* ------------------------------------------------------- what was done -- */

void gi_leader_proved(gi_leader *l, uint64_t begun_ms)
{
    uint64_t until = begun_ms + gi_leader_sure_ms(l->session_ms);

    if (!l->holds)
        return;
    if (until > l->sure_until_ms)
        l->sure_until_ms = until;
    l->beat_ms = begun_ms + l->session_ms / 6;
}

static void took(gi_leader *l, uint64_t begun_ms)
{
    l->holds = true;
    l->version++;
    l->sure_until_ms = 0;
    l->looked = false; /* whose url is in there now, and for whom */
    gi_leader_proved(l, begun_ms);
}

/* The office has another version: somebody has taken it. */
static void lost(gi_leader *l)
{
    l->holds = false;
    l->url[0] = '\0';
    l->looked = false;
}

static void did_well(gi_leader *l, gi_want what, const gi_leader_look *look,
                     uint64_t begun_ms, uint64_t now_ms)
{
    switch (what) {
    case GI_WANT_LOOK:
        looked(l, look, now_ms);
        break;
    case GI_WANT_ENTER:
        l->looked = false;
        break;
    case GI_WANT_TAKE:
        took(l, begun_ms);
        break;
    case GI_WANT_BEAT:
        gi_leader_proved(l, begun_ms);
        break;
    case GI_WANT_NOTHING:
    case GI_WANT_OPEN: /* he is told by gi_leader_opened */
    case GI_WANT_CLOSE:
        break;
    }
}

void gi_leader_did(gi_leader *l, gi_want what, gi_went how,
                   const gi_leader_look *look, uint64_t begun_ms,
                   uint64_t now_ms)
{
    if (what != l->under_way)
        return; /* of a session that is no more */
    l->under_way = GI_WANT_NOTHING;
    if (how == GI_WENT_WELL) {
        did_well(l, what, look, begun_ms, now_ms);
        return;
    }
    if (how == GI_WENT_REFUSED && what == GI_WANT_BEAT)
        lost(l);
    l->looked = false;
    if (how == GI_WENT_WRONG)
        l->not_before_ms = now_ms + GI_LEADER_FAILED_MS;
}

void gi_leader_resign(gi_leader *l, uint64_t now_ms)
{
    forget(l);
    l->ended = true;
    l->not_before_ms = now_ms + GI_LEADER_RESIGNED_MS;
}

/* -------------------------------------------------------- what is next -- */

/* What there would be to do if it were time for it. */
static gi_want wanted(const gi_leader *l)
{
    if (!l->open)
        return GI_WANT_OPEN;
    if (!l->connected)
        return GI_WANT_NOTHING;
    if (!l->looked)
        return GI_WANT_LOOK;
    if (!l->entered)
        return GI_WANT_ENTER;
    return l->first && !l->holds ? GI_WANT_TAKE : GI_WANT_NOTHING;
}

gi_want gi_leader_next(gi_leader *l, uint64_t now_ms)
{
    gi_want w;

    if (l->open && l->ended) {
        l->open = false;
        return GI_WANT_CLOSE;
    }
    if (l->under_way != GI_WANT_NOTHING)
        return GI_WANT_NOTHING;
    if (l->connected && l->holds && now_ms >= l->beat_ms)
        w = GI_WANT_BEAT;
    else
        w = now_ms >= l->not_before_ms ? wanted(l) : GI_WANT_NOTHING;
    if (w == GI_WANT_LOOK)
        l->looked = true; /* a change while it is under way undoes this */
    l->under_way = w;
    return w;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t gi_leader_due(const gi_leader *l, uint64_t now_ms)
{
    uint64_t due = UINT64_MAX;

    if (l->open && l->ended)
        return now_ms;
    if (l->holds && now_ms < l->sure_until_ms)
        due = l->sure_until_ms;
    if (l->under_way != GI_WANT_NOTHING)
        return due;
    if (l->connected && l->holds)
        due = earlier(due, l->beat_ms);
    if (wanted(l) != GI_WANT_NOTHING)
        due = earlier(due, l->not_before_ms);
    return due > now_ms ? due : now_ms;
}

gi_standing gi_leader_standing(const gi_leader *l, uint64_t now_ms)
{
    if (!l->holds)
        return GI_STANDS_BY;
    return now_ms < l->sure_until_ms ? GI_LEADS : GI_DOUBTS;
}

int32_t gi_leader_version(const gi_leader *l)
{
    return l->version;
}

const char *gi_leader_url(const gi_leader *l)
{
    return l->url;
}
