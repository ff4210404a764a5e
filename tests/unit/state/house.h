/* house.h -- stores for tests: a directory of their own, settings that a task
 * would have, maps with words and numbers in them. */
#ifndef TEST_STATE_HOUSE_H
#define TEST_STATE_HOUSE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gale/state.h"
#include "state/memory.h"

#ifdef HOUSE_REDIS
#include "tests/redis/server.h"
static const char *house_user = "", *house_password_file = "";
#endif

/* What the settings say; there is no task but this. */
static char house_dir[64];
static int64_t house_log_bytes, house_cache_bytes, house_timeout_ms;
static int house_dummy;
#define HOUSE_TASK ((gale_task *)(void *)&house_dummy)

const char *gale_task_conf_str(const gale_task *t, const char *key,
                               const char *otherwise)
{
    (void)t;
#ifdef HOUSE_REDIS
    if (strcmp(key, "topology.state.redis.server") == 0)
        return server.path;
    if (strcmp(key, "topology.state.redis.user") == 0)
        return house_user;
    if (strcmp(key, "topology.state.redis.password.file") == 0)
        return house_password_file;
#endif
    return strcmp(key, "topology.state.dir") == 0 ? house_dir : otherwise;
}

#ifdef HOUSE_REDIS
size_t gale_task_credential(const gale_task *t, const char *key, char *to,
                            size_t room)
{
    (void)t;
    (void)key;
    (void)to;
    (void)room;
    return 0;
}

void gale_task_log(gale_task *t, gale_level level, const char *format, ...)
{
    (void)t;
    (void)level;
    (void)format;
}
#endif

int64_t gale_task_conf_i64(const gale_task *t, const char *key,
                           int64_t otherwise)
{
    int64_t n = 0;

    (void)t;
    if (strcmp(key, "topology.state.log.bytes") == 0)
        n = house_log_bytes;
    else if (strcmp(key, "topology.state.cache.bytes") == 0)
        n = house_cache_bytes;
    else if (strcmp(key, "topology.state.redis.timeout.millis") == 0)
        n = house_timeout_ms;
    return n > 0 ? n : otherwise;
}

/* `quick`: in memory, if the machine has a place there, for tests that sync
 * often and write little. */
static inline void house_make_in(bool quick)
{
    const char *in =
        quick && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir;

    snprintf(house_dir, sizeof(house_dir), "%s/gale-state-XXXXXX", in);
    if (mkdtemp(house_dir) == NULL)
        abort();
#ifdef HOUSE_REDIS
    server_start(house_dir);
#endif
}

static inline void house_make(void)
{
    house_make_in(false);
}

static inline int house_remove_one(const char *path, const struct stat *st,
                                   int what, struct FTW *f)
{
    (void)st;
    (void)what;
    (void)f;
    return remove(path);
}

static inline void house_remove(void)
{
    gi_store_memory_forget();
#ifdef HOUSE_REDIS
    server_kill();
#endif
    if (house_dir[0] != '\0' &&
        nftw(house_dir, house_remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0)
        abort();
    house_dir[0] = '\0';
}

static inline gale_store_where house_where(uint32_t index, uint32_t count)
{
    return (gale_store_where){ .topology = "words",
                               .state = "counts",
                               .index = index,
                               .count = count,
                               .task = HOUSE_TASK };
}

/* ------------------------------------------------- words and how often -- */

static inline gale_err house_add(void *arg, size_t i, gale_row old,
                                 gale_row *now)
{
    static gale_value sum;
    const int64_t *more = arg;

    sum =
        gale_val_i64((old.values == NULL ? 0 : old.values[0].as.i) + more[i]);
    *now = (gale_row){ &sum, 1 };
    return GALE_OK;
}

/* What a word has now, after `more` was added to it; -1: something failed. */
static inline int64_t house_plus(gale_map *m, const char *word, int64_t more)
{
    gale_value key = gale_val_cstr(word);
    gale_row row = { &key, 1 }, now = { NULL, 0 };

    if (gale_map_update(m, &row, 1, house_add, &more, &now, NULL) != GALE_OK ||
        now.values == NULL)
        return -1;
    return now.values[0].as.i;
}

/* 0: it is not there. */
static inline int64_t house_get(gale_map *m, const char *word)
{
    gale_value key = gale_val_cstr(word);
    gale_row row = { &key, 1 }, now = { NULL, 0 };

    if (gale_map_get(m, &row, 1, &now, NULL) != GALE_OK)
        return -1;
    return now.values == NULL ? 0 : now.values[0].as.i;
}

static inline gale_err house_put(gale_map *m, const char *word, int64_t n)
{
    gale_value key = gale_val_cstr(word), value = gale_val_i64(n);
    gale_row row = { &key, 1 }, as = { n == 0 ? NULL : &value, 1 };

    return gale_map_put(m, &row, &as, 1, NULL);
}

#endif
