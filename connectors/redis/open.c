#include "connectors/redis/open.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

bool gi_redis_is_hash(const redisReply *type)
{
    return type->type == REDIS_REPLY_STATUS &&
           (strcmp(type->str, "hash") == 0 || strcmp(type->str, "none") == 0);
}

/* --------------------------------------------------- is there a state? -- */

static gale_err check_version(gi_redis *r, const redisReply *v, gale_diag *why)
{
    if (v->type == REDIS_REPLY_ERROR)
        return gi_redis_refused(&r->link, v, why);
    if (v->type == REDIS_REPLY_NIL)
        return r->read_only
                   ? gi_redis_failed(&r->link, GALE_ENOTFOUND, why,
                                     "there is no state '%.200s' (%.200s)",
                                     r->state, r->base)
                   : GALE_OK;
    if (v->type == REDIS_REPLY_STRING && strcmp(v->str, GI_REDIS_VERSION) == 0)
        return GALE_OK;
    return gi_redis_failed(&r->link, GALE_EFORMAT, why,
                           "'%.200s' is a state of another version of Gale",
                           r->base);
}

static gale_err look(gi_redis *r, gale_diag *why)
{
    redisReply *answer;
    gale_err rv;

    gi_redis_say(&r->link, 3);
    gi_redis_text(&r->link, "HGET");
    gi_redis_text(&r->link, r->base);
    gi_redis_text(&r->link, "version");
    rv = gi_redis_hear(&r->link, &answer, why);
    if (rv != GALE_OK)
        return rv;
    rv = check_version(r, answer, why);
    freeReplyObject(answer);
    return rv;
}

static gale_err check_types(gi_redis *r, gale_diag *why)
{
    char key[GI_REDIS_KEY];
    gale_err rv = GALE_OK;

    for (uint32_t b = 2 * r->from; b < 2 * r->to; b++) {
        gi_redis_say(&r->link, 2);
        gi_redis_text(&r->link, "TYPE");
        gi_redis_text(&r->link, gi_redis_key(r, b, key));
    }
    for (uint32_t b = 2 * r->from; rv == GALE_OK && b < 2 * r->to; b++) {
        redisReply *answer;

        rv = gi_redis_hear(&r->link, &answer, why);
        if (rv != GALE_OK)
            return rv;
        if (answer->type == REDIS_REPLY_ERROR)
            rv = gi_redis_refused(&r->link, answer, why);
        else if (!gi_redis_is_hash(answer))
            rv = gi_redis_failed(&r->link, GALE_EFORMAT, why,
                                 "'%.200s' is there and is no hash: it is not "
                                 "of this state",
                                 gi_redis_key(r, b, key));
        freeReplyObject(answer);
    }
    return rv;
}

/* -------------------------------------------------------------- taking -- */

static gale_err next_epoch(gi_redis *r, gale_diag *why)
{
    redisReply *answer;
    gale_err rv;

    gi_redis_say(&r->link, 4);
    gi_redis_text(&r->link, "HINCRBY");
    gi_redis_text(&r->link, r->base);
    gi_redis_text(&r->link, "epoch");
    gi_redis_text(&r->link, "1");
    rv = gi_redis_hear(&r->link, &answer, why);
    if (rv != GALE_OK)
        return rv;
    if (answer->type == REDIS_REPLY_ERROR)
        rv = gi_redis_refused(&r->link, answer, why);
    else if (answer->type != REDIS_REPLY_INTEGER)
        rv = gi_redis_failed(&r->link, GALE_EFORMAT, why,
                             "'%.200s' has no epoch", r->base);
    else
        snprintf(r->epoch, sizeof(r->epoch), "%lld", answer->integer);
    freeReplyObject(answer);
    return rv;
}

static void say_set(gi_redis *r, const char *command, const char *key,
                    const char *field, const char *value)
{
    gi_redis_say(&r->link, 4);
    gi_redis_text(&r->link, command);
    gi_redis_text(&r->link, key);
    gi_redis_text(&r->link, field);
    gi_redis_text(&r->link, value);
}

/* All groups at once: whoever is the last to do so has them. */
static gale_err own(gi_redis *r, gale_diag *why)
{
    char key[GI_REDIS_KEY];
    gale_err rv = GALE_OK;

    gi_redis_say(&r->link, 1);
    gi_redis_text(&r->link, "MULTI");
    say_set(r, "HSET", r->base, "version", GI_REDIS_VERSION);
    for (uint32_t g = r->from; g < r->to; g++)
        say_set(r, "HSET", gi_redis_key(r, 2 * g + 1, key), GI_REDIS_OWNER,
                r->epoch);
    gi_redis_say(&r->link, 1);
    gi_redis_text(&r->link, "EXEC");
    for (uint32_t i = 0; rv == GALE_OK && i < r->to - r->from + 3; i++)
        rv = gi_redis_hear_ok(&r->link, why);
    return rv;
}

/* ------------------------------------------------------- what it keeps -- */

/* "" if it does not say. */
static gale_err ask_config(gi_redis *r, const char *name, char *value,
                           size_t size, gale_diag *why)
{
    redisReply *answer;
    gale_err rv;

    value[0] = '\0';
    gi_redis_say(&r->link, 3);
    gi_redis_text(&r->link, "CONFIG");
    gi_redis_text(&r->link, "GET");
    gi_redis_text(&r->link, name);
    rv = gi_redis_hear(&r->link, &answer, why);
    if (rv != GALE_OK)
        return rv;
    if (answer->type == REDIS_REPLY_ARRAY && answer->elements == 2 &&
        answer->element[1]->type == REDIS_REPLY_STRING)
        snprintf(value, size, "%s", answer->element[1]->str);
    freeReplyObject(answer);
    return GALE_OK;
}

/* Once a process. */
static gale_err warn(gi_redis *r, gale_task *task, gale_diag *why)
{
    static atomic_bool said;
    char append[16], sync[16] = "", evicts[32] = "";
    gale_err rv;

    if (task == NULL || atomic_exchange(&said, true))
        return GALE_OK;
    rv = ask_config(r, "appendonly", append, sizeof(append), why);
    if (rv == GALE_OK)
        rv = ask_config(r, "appendfsync", sync, sizeof(sync), why);
    if (rv == GALE_OK)
        rv = ask_config(r, "maxmemory-policy", evicts, sizeof(evicts), why);
    if (rv != GALE_OK)
        return rv;
    if (strcmp(append, "no") == 0)
        gale_task_log(task, GALE_LOG_WARN,
                      "redis %s keeps no append-only file: states are lost "
                      "with it (appendonly yes)",
                      r->o.name);
    else if (sync[0] != '\0' && strcmp(sync, "always") != 0)
        gale_task_log(task, GALE_LOG_WARN,
                      "redis %s may lose batches that counted in a power cut "
                      "(appendfsync is %s, not always)",
                      r->o.name, sync);
    if (strncmp(evicts, "allkeys", 7) == 0)
        gale_task_log(task, GALE_LOG_WARN,
                      "redis %s evicts keys of states when its memory is full "
                      "(maxmemory-policy is %s, not noeviction)",
                      r->o.name, evicts);
    return GALE_OK;
}

gale_err gi_redis_take(gi_redis *r, const gale_store_where *where,
                       gale_diag *why)
{
    gale_err rv = look(r, why);

    if (rv != GALE_OK || r->read_only)
        return rv;
    rv = check_types(r, why);
    if (rv == GALE_OK)
        rv = warn(r, where->task, why);
    if (rv == GALE_OK)
        rv = next_epoch(r, why);
    return rv == GALE_OK ? own(r, why) : rv;
}
