/* write.c -- a batch of changes: all of it, or nothing.
 *
 * First owners and types are looked at, and watched from then on; then all of
 * it goes between MULTI and EXEC.  EXEC does nothing if a key that is watched
 * was touched meanwhile, or if any command was refused (for want of memory,
 * say); and since keys have the types that they should, none of them fails
 * while it is done. */
#include <string.h>

#include "base/mem.h"
#include "connectors/redis/open.h"

enum {
    WORDS_MOST = 512,
    BYTES_MOST = 1 << 20
}; /* of a command, but one pair */

typedef struct writing {
    gi_redis *r;
    const gale_change *c;
    gi_redis_sorted s;
    size_t answers; /* to commands between MULTI and EXEC */
} writing;

static bool touches(const writing *w, uint32_t group)
{
    return w->s.start[2 * group] < w->s.start[2 * group + 2];
}

/* ------------------------------------------------------------- looking -- */

static void say_two(gi_redis_link *l, const char *command, const char *key)
{
    gi_redis_say(l, 2);
    gi_redis_text(l, command);
    gi_redis_text(l, key);
}

/* Of each group: WATCH and TYPE of both keys, the owner. */
enum { LOOKS = 5 };

static void say_looks(const writing *w, uint32_t group)
{
    gi_redis_link *l = &w->r->link;
    char pairs[GI_REDIS_KEY], fence[GI_REDIS_KEY];

    gi_redis_key(w->r, 2 * group, pairs);
    gi_redis_key(w->r, 2 * group + 1, fence);
    say_two(l, "WATCH", pairs);
    say_two(l, "WATCH", fence);
    say_two(l, "TYPE", pairs);
    say_two(l, "TYPE", fence);
    gi_redis_say(l, 3);
    gi_redis_text(l, "HGET");
    gi_redis_text(l, fence);
    gi_redis_text(l, GI_REDIS_OWNER);
}

static gale_err judge(const writing *w, uint32_t group, int look,
                      const redisReply *answer, gale_diag *why)
{
    const gi_redis *r = w->r;
    char key[GI_REDIS_KEY];

    if (answer->type == REDIS_REPLY_ERROR)
        return gi_redis_refused(&r->link, answer, why);
    if ((look == 2 || look == 3) && !gi_redis_is_hash(answer))
        return gi_redis_failed(
            &r->link, GALE_EFORMAT, why,
            "'%.200s' is there and is no hash: it is not of this state",
            gi_redis_key(r, 2 * group + (look == 3), key));
    if (look == 4 && (answer->type != REDIS_REPLY_STRING ||
                      strcmp(answer->str, r->epoch) != 0))
        return gi_redis_failed(&r->link, GALE_EIO, why,
                               "somebody else has opened this part of state "
                               "'%.150s' since, or Redis has lost it",
                               r->state);
    return GALE_OK;
}

static gale_err look(writing *w, gale_diag *why)
{
    gale_err rv = GALE_OK;

    for (uint32_t g = w->r->from; g < w->r->to; g++)
        if (touches(w, g))
            say_looks(w, g);
    for (uint32_t g = w->r->from; rv == GALE_OK && g < w->r->to; g++)
        for (int i = 0; rv == GALE_OK && touches(w, g) && i < LOOKS; i++) {
            redisReply *answer;

            rv = gi_redis_hear(&w->r->link, &answer, why);
            if (rv != GALE_OK)
                return rv;
            rv = judge(w, g, i, answer, why);
            freeReplyObject(answer);
        }
    return rv;
}

/* ------------------------------------------------------------ changing -- */

/* Those of a bucket from `from` on that are removals, or are not: so many as
 * one command takes.  Returns where the next one begins. */
static size_t measure(const writing *w, size_t from, size_t end, bool removal,
                      size_t *n)
{
    size_t bytes = 0, i = from;

    for (*n = 0; i < end && *n < WORDS_MOST; i++) {
        const gale_change *c = &w->c[w->s.order[i]];

        if ((c->value.ptr == NULL) != removal)
            continue;
        if (*n > 0 && bytes + c->key.len + c->value.len > BYTES_MOST)
            break;
        bytes += (size_t)c->key.len + c->value.len;
        ++*n;
    }
    return i;
}

static void say_changes(writing *w, uint32_t bucket, bool removal)
{
    gi_redis_link *l = &w->r->link;
    size_t end = w->s.start[bucket + 1], n, next;
    char key[GI_REDIS_KEY];

    for (size_t i = w->s.start[bucket]; i < end; i = next) {
        next = measure(w, i, end, removal, &n);
        if (n == 0)
            continue;
        gi_redis_say(l, 2 + (removal ? n : 2 * n));
        gi_redis_text(l, removal ? "HDEL" : "HSET");
        gi_redis_text(l, gi_redis_key(w->r, bucket, key));
        for (; i < next; i++) {
            const gale_change *c = &w->c[w->s.order[i]];

            if ((c->value.ptr == NULL) != removal)
                continue;
            gi_redis_word(l, gi_redis_field(c->key));
            if (!removal)
                gi_redis_word(l, c->value);
        }
        w->answers++;
    }
}

/* What EXEC says. */
static gale_err judge_exec(writing *w, const redisReply *answer,
                           gale_diag *why)
{
    const gi_redis_link *l = &w->r->link;

    if (answer->type == REDIS_REPLY_ERROR)
        return gi_redis_refused(l, answer, why);
    if (answer->type != REDIS_REPLY_ARRAY)
        return gi_redis_failed(l, GALE_EIO, why,
                               "somebody else has opened this part of state "
                               "'%.150s' meanwhile",
                               w->r->state);
    for (size_t i = 0; i < answer->elements; i++)
        if (answer->element[i]->type == REDIS_REPLY_ERROR)
            return gi_redis_refused(l, answer->element[i], why);
    return GALE_OK;
}

/* The first that was refused has the reason, EXEC only says that it did
 * nothing. */
static gale_err change(writing *w, gale_diag *why)
{
    gi_redis_link *l = &w->r->link;
    redisReply *answer;
    gale_err refused = GALE_OK, rv = GALE_OK;

    gi_redis_say(l, 1);
    gi_redis_text(l, "MULTI");
    for (uint32_t b = 0; b < GI_REDIS_BUCKETS; b++) {
        say_changes(w, b, true);
        say_changes(w, b, false);
    }
    gi_redis_say(l, 1);
    gi_redis_text(l, "EXEC");
    for (size_t i = 0; i < 1 + w->answers; i++) {
        rv = gi_redis_hear(l, &answer, why);
        if (rv != GALE_OK)
            return rv;
        if (refused == GALE_OK && answer->type == REDIS_REPLY_ERROR)
            refused = gi_redis_refused(l, answer, why);
        freeReplyObject(answer);
    }
    rv = gi_redis_hear(l, &answer, refused == GALE_OK ? why : NULL);
    if (rv != GALE_OK)
        return rv;
    rv = refused != GALE_OK ? refused : judge_exec(w, answer, why);
    freeReplyObject(answer);
    return rv;
}

gale_err gi_redis_write(void *self, const gale_change *c, size_t n,
                        gale_diag *why)
{
    writing w = { .r = self, .c = c };
    gale_err rv =
        gi_stored_check_changes(c, n, w.r->from, w.r->to, w.r->read_only, why);

    if (rv == GALE_OK && n > 0)
        rv = gi_redis_ready(w.r, why);
    if (rv != GALE_OK || n == 0)
        return rv;
    if (gi_redis_sort(&w.s, &c->key, n, sizeof(*c)) != GALE_OK)
        return gi_stored_no_memory(why);
    rv = look(&w, why);
    if (rv == GALE_OK)
        rv = change(&w, why);
    gi_free(w.s.order);
    if (rv == GALE_OK)
        return rv;
    /* What was watched is so no more, and nothing is under way. */
    gi_redis_hang_up(&w.r->link);
    w.r->unknown = true;
    return rv == GALE_ENOMEM
               ? gi_redis_failed(&w.r->link, GALE_EIO, why, "out of memory")
               : rv;
}
