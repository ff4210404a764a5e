#include "wire/exchange_inside.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/mix.h"

uint64_t gi_peer_key(const char *topology, const char *node, uint16_t port)
{
    uint64_t key = XXH3_64bits(topology, strlen(topology));

    key = XXH3_64bits_withSeed(node, strlen(node), gi_mix64(key));
    key = gi_mix64(key ^ port);
    return key != 0 ? key : 1;
}

gi_line *gi_exchange_line(const gi_exchange *x, uint64_t key)
{
    for (gi_line *l = x->lines; l != NULL; l = l->next) {
        if (l->key == key)
            return l;
    }
    return NULL;
}

gale_err gi_exchange_add(gi_exchange *x, const gi_peer_place *peer,
                         int64_t now, gi_line **out)
{
    gi_channel_opts o = x->channel;
    gi_line *l;
    gale_err e;

    if (peer->key == 0 || peer->key == o.key ||
        gi_exchange_line(x, peer->key) != NULL)
        return GALE_EINVAL;
    o.peer_key = peer->key;
    o.dials = o.key > peer->key;
    o.seed = gi_mix64(o.seed ^ peer->key);
    e = gi_line_create(&l, &x->common, &o, peer, now);
    if (e != GALE_OK)
        return e;
    l->next = x->lines;
    x->lines = l;
    x->n_lines++;
    *out = l;
    return GALE_OK;
}

gale_err gi_exchange_move(gi_exchange *x, gi_line *line, const char *url,
                          int64_t now)
{
    gale_err e;

    if (x->channel.key < line->key)
        return GALE_OK; /* it is for the peer to dial */
    e = gi_line_open_dialer(line, url);
    if (e == GALE_OK)
        gi_channel_dial_now(gi_line_channel(line), now);
    return e;
}

void gi_exchange_remove(gi_exchange *x, gi_line *line)
{
    gi_line **at = &x->lines;

    while (*at != line)
        at = &(*at)->next;
    *at = line->next;
    x->n_lines--;
    gi_line_destroy(line);
}

void gi_exchange_assign(gi_exchange *x, uint64_t version, int64_t now)
{
    if (version <= x->channel.assignment)
        return;
    x->channel.assignment = version;
    for (gi_line *l = x->lines; l != NULL; l = l->next)
        gi_channel_assign(gi_line_channel(l), version, now);
}

int64_t gi_exchange_turn(gi_exchange *x, int64_t now)
{
    int64_t due;

    gi_inbox_look(&x->common.inbox);
    due = gi_strangers_turn(x, now);
    for (gi_line *l = x->lines; l != NULL; l = l->next) {
        int64_t d = gi_line_turn(l, now);

        due = d < due ? d : due;
    }
    return due;
}

uint16_t gi_exchange_port(const gi_exchange *x)
{
    return gi_door_port(x->door);
}

void gi_exchange_look(const gi_exchange *x, gi_exchange_counts *out)
{
    *out = x->counts;
}

/* ---------------------------------------------------- made and undone -- */

static void settle(gi_exchange *x, const gi_exchange_opts *o)
{
    gi_line_common *c = &x->common;

    x->channel = o->channel;
    x->channel.key = o->key;
    c->inbox.wake = o->wake;
    c->inbox.arg = o->arg;
    c->secrets = o->secrets;
    c->key = o->key;
    c->payload_most =
        o->payload_most != 0 ? o->payload_most : GI_FRAME_PAYLOAD;
    if (c->payload_most < GI_LETTER_PAYLOAD_MOST)
        c->payload_most = GI_LETTER_PAYLOAD_MOST;
}

gale_err gi_exchange_create(gi_exchange **out, const gi_exchange_opts *opts,
                            int64_t now, gale_diag *why)
{
    gi_channel *probe = NULL;
    gi_exchange *x;
    gale_err e;

    if (opts->url == NULL || opts->wake == NULL || opts->key == 0 ||
        opts->payload_most > GI_FRAME_PAYLOAD_MAX)
        return GALE_EINVAL;
    x = gi_alloc(sizeof(*x));
    if (x == NULL)
        return GALE_ENOMEM;
    settle(x, opts);
    x->common.numbers =
        gi_calloc(GI_LETTER_OPEN_MOST, sizeof(*x->common.numbers));
    e = x->common.numbers == NULL
            ? GALE_ENOMEM
            : gi_channel_create(&probe, &x->channel, now); /* sound opts? */
    gi_channel_destroy(probe);
    if (e == GALE_EINVAL)
        gi_diag_say(why, "the settings of links make no sense");
    if (e == GALE_OK)
        e = gi_door_open(&x->door, opts->url, opts->secrets, &x->common.inbox,
                         why);
    if (e == GALE_ENOMEM)
        gi_diag_say(why, "%s", gale_err_text(e));
    if (e != GALE_OK) {
        gi_exchange_destroy(x);
        return e;
    }
    *out = x;
    return GALE_OK;
}

void gi_exchange_destroy(gi_exchange *x)
{
    if (x == NULL)
        return;
    gi_door_close(x->door);
    gi_strangers_end(x);
    gi_free(x->common.numbers);
    gi_free(x);
}
