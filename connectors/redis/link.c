#include "connectors/redis/link.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/mem.h"
#include "connectors/redis/dial.h"
#include "state/stored.h"

enum {
    SEND_FROM = 256 << 10, /* bytes that are kept until they are sent */
    RECEIVE = 64 << 10,
};

/* 32 values of the largest that there are, which is what is asked at once. */
size_t gi_redis_answer_most = 320 << 20;

gale_err gi_redis_failed(const gi_redis_link *l, gale_err e, gale_diag *why,
                         const char *format, ...)
{
    char text[sizeof(why->text) - 220];
    va_list ap;

    if (why == NULL)
        return e;
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    gi_diag_say(why, "redis %.200s: %s", l->o->name, text);
    return e;
}

static bool begins(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

gale_err gi_redis_refused(const gi_redis_link *l, const redisReply *answer,
                          gale_diag *why)
{
    static const char *const ours[] = {
        "NOAUTH",   "WRONGPASS",    "NOPERM",         "ERR Client sent AUTH",
        "ERR AUTH", "ERR DB index", "ERR invalid DB", "ERR invalid password"
    };
    const char *s = answer->str == NULL ? "" : answer->str;
    gale_err e = begins(s, "WRONGTYPE") ? GALE_EFORMAT : GALE_EIO;

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (begins(s, ours[i]))
            e = GALE_EINVAL;
    return gi_redis_failed(l, e, why, "%.250s", s);
}

/* ---------------------------------------------------------- hanging up -- */

void gi_redis_hang_up(gi_redis_link *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    if (l->reader != NULL)
        redisReaderFree(l->reader);
    l->reader = NULL;
    for (size_t i = 0; i < l->n; i++)
        freeReplyObject(l->in[l->first + i]);
    gi_free(l->in);
    l->in = NULL;
    l->first = l->n = l->cap = l->since = l->sent = 0;
    gi_bytes_fini(&l->out);
    l->no_memory = false;
}

static gale_err lost(gi_redis_link *l, gale_diag *why, const char *what)
{
    snprintf(l->reason, sizeof(l->reason), "%s", what);
    gi_redis_hang_up(l);
    return gi_redis_failed(l, GALE_EIO, why, "%s", l->reason);
}

static gale_err out_of_memory(gi_redis_link *l, gale_diag *why)
{
    gi_redis_hang_up(l);
    return gi_stored_no_memory(why);
}

/* ---------------------------------------------------------- what comes -- */

static bool keep(gi_redis_link *l, redisReply *answer)
{
    if (l->first > 0 && l->first + l->n == l->cap) {
        memmove(l->in, l->in + l->first, l->n * sizeof(*l->in));
        l->first = 0;
    }
    if (l->n == l->cap) {
        size_t cap = l->cap == 0 ? 64 : 2 * l->cap;
        redisReply **in = gi_realloc(l->in, cap * sizeof(*in));

        if (in == NULL)
            return false;
        l->in = in;
        l->cap = cap;
    }
    l->in[l->first + l->n++] = answer;
    return true;
}

/* All answers that are whole. */
static gale_err take_answers(gi_redis_link *l, gale_diag *why)
{
    for (;;) {
        void *answer = NULL;

        if (redisReaderGetReply(l->reader, &answer) != REDIS_OK)
            return l->reader->err == REDIS_ERR_OOM
                       ? out_of_memory(l, why)
                       : lost(l, why, "it does not answer as Redis does");
        if (answer == NULL)
            return l->since <= gi_redis_answer_most
                       ? GALE_OK
                       : lost(l, why, "it answers with too much");
        l->since = 0;
        if (!keep(l, answer)) {
            freeReplyObject(answer);
            return out_of_memory(l, why);
        }
    }
}

static gale_err receive(gi_redis_link *l, gale_diag *why)
{
    char room[RECEIVE];
    ssize_t n = recv(l->fd, room, sizeof(room), 0);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return GALE_OK;
    if (n < 0)
        return lost(l, why, strerror(errno));
    if (n == 0)
        return lost(l, why, "it hung up");
    l->since += (size_t)n;
    if (redisReaderFeed(l->reader, room, (size_t)n) != REDIS_OK)
        return out_of_memory(l, why);
    return take_answers(l, why);
}

/* ----------------------------------------------------------- what goes -- */

static gale_err send_some(gi_redis_link *l, bool *moved, gale_diag *why)
{
    ssize_t n =
        send(l->fd, l->out.at + l->sent, l->out.len - l->sent, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return lost(l, why, strerror(errno));
    *moved = n > 0;
    l->sent += n > 0 ? (size_t)n : 0;
    if (l->sent == l->out.len)
        l->sent = l->out.len = 0;
    return GALE_OK;
}

/* Something is sent, or comes.  What comes is taken while we send, or both
 * ends might wait for each other. */
static gale_err move(gi_redis_link *l, gale_diag *why)
{
    int64_t until = gi_clock_ms() + l->o->timeout_ms;
    bool moved = false;
    gale_err rv = GALE_OK;

    while (rv == GALE_OK && !moved) {
        bool sends = l->out.len > 0;
        int got =
            gi_redis_wait(l->fd, sends ? POLLIN | POLLOUT : POLLIN, until);

        if (got == 0)
            return lost(l, why, "it does not answer");
        if (got < 0)
            return lost(l, why, strerror(errno));
        if (sends && (got & POLLOUT) != 0)
            rv = send_some(l, &moved, why);
        if (rv == GALE_OK && (got & ~POLLOUT) != 0) {
            rv = receive(l, why);
            moved = true;
        }
    }
    return rv;
}

/* --------------------------------------------------------------- words -- */

static void add(gi_redis_link *l, const char *p, size_t n)
{
    char *at = l->no_memory ? NULL : gi_bytes_room(&l->out, n);

    if (at == NULL) {
        l->no_memory = true;
        return;
    }
    if (n > 0)
        memcpy(at, p, n);
    l->out.len += n;
}

static void add_head(gi_redis_link *l, char kind, size_t n)
{
    char head[32];

    add(l, head, (size_t)snprintf(head, sizeof(head), "%c%zu\r\n", kind, n));
}

/* What fails here fails again, with words, where the answer is taken. */
void gi_redis_say(gi_redis_link *l, size_t words)
{
    while (l->fd >= 0 && !l->no_memory && l->out.len >= SEND_FROM)
        if (move(l, NULL) != GALE_OK)
            break;
    if (l->fd >= 0)
        add_head(l, '*', words);
}

void gi_redis_word(gi_redis_link *l, gale_str word)
{
    if (l->fd < 0)
        return;
    add_head(l, '$', word.len);
    add(l, word.ptr, word.len);
    add(l, "\r\n", 2);
}

void gi_redis_text(gi_redis_link *l, const char *word)
{
    gi_redis_word(l, gale_cstr(word));
}

gale_err gi_redis_hear(gi_redis_link *l, redisReply **answer, gale_diag *why)
{
    gale_err rv = GALE_OK;

    if (l->no_memory)
        return out_of_memory(l, why);
    if (l->fd < 0)
        return gi_redis_failed(l, GALE_EIO, why, "%s", l->reason);
    while (rv == GALE_OK && (l->n == 0 || l->out.len > 0))
        rv = move(l, why);
    if (rv != GALE_OK)
        return rv;
    *answer = l->in[l->first++];
    if (--l->n == 0)
        l->first = 0;
    return GALE_OK;
}

gale_err gi_redis_hear_ok(gi_redis_link *l, gale_diag *why)
{
    redisReply *r;
    gale_err rv = gi_redis_hear(l, &r, why);

    if (rv != GALE_OK)
        return rv;
    if (r->type == REDIS_REPLY_ERROR)
        rv = gi_redis_refused(l, r, why);
    freeReplyObject(r);
    return rv;
}

/* ---------------------------------------------------------- connecting -- */

/* Nobody is told the password but Redis. */
static gale_err introduce(gi_redis_link *l, gale_diag *why)
{
    const gi_redis_opts *o = l->o;
    char database[24];
    gale_err rv = GALE_OK;

    if (o->password != NULL) {
        gi_redis_say(l, o->user == NULL ? 2 : 3);
        gi_redis_text(l, "AUTH");
        if (o->user != NULL)
            gi_redis_text(l, o->user);
        gi_redis_text(l, o->password);
        rv = gi_redis_hear_ok(l, why);
    }
    if (rv != GALE_OK || o->database == 0)
        return rv;
    snprintf(database, sizeof(database), "%" PRId64, o->database);
    gi_redis_say(l, 2);
    gi_redis_text(l, "SELECT");
    gi_redis_text(l, database);
    return gi_redis_hear_ok(l, why);
}

gale_err gi_redis_connect(gi_redis_link *l, const gi_redis_opts *o,
                          gale_diag *why)
{
    const char *wrong = "";
    gale_err rv;

    *l = (gi_redis_link){ .o = o, .fd = -1 };
    l->fd = gi_redis_dial(o, &wrong);
    if (l->fd < 0)
        return gi_redis_failed(l, GALE_EIO, why, "%s", wrong);
    l->reader = redisReaderCreate();
    if (l->reader == NULL)
        return out_of_memory(l, why);
    rv = introduce(l, why);
    if (rv != GALE_OK)
        gi_redis_hang_up(l);
    return rv;
}
