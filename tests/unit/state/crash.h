/* crash.h -- runs that are cut short in a child process, a model of what they
 * should have made, and a comparison. */
#ifndef TEST_STATE_CRASH_H
#define TEST_STATE_CRASH_H

#include "calls.h"

#include <criterion/criterion.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "house.h"

enum { WORDS = 60, BATCHES = 14, MOST_PARTS = 4 };

/* --------------------------------------------------------------- model -- */

static char words[WORDS][8];
static uint32_t groups[WORDS];

/* What batch `txid` adds to a word; 0: it does not touch it. */
static inline int64_t more(uint64_t txid, uint64_t attempt, int word)
{
    uint64_t h = txid * 31 + (uint64_t)word * 7 + attempt * 13;

    return h % 3 == 0 ? (int64_t)(h % 50) + 1 : 0;
}

/* After all batches up to txid, each by its attempt 0, but for the last one.
 */
static inline void model(uint64_t txid, uint64_t attempt, int64_t sums[WORDS])
{
    memset(sums, 0, WORDS * sizeof(sums[0]));
    for (uint64_t t = 1; t <= txid; t++)
        for (int w = 0; w < WORDS; w++) {
            sums[w] += more(t, t == txid ? attempt : 0, w);
            if ((t + (uint64_t)w) % 11 == 0)
                sums[w] = 0; /* and it is removed */
        }
}

/* ---------------------------------------------------------------- runs -- */

/* What a child tells: survives it. */
static struct told {
    uint64_t committed[MOST_PARTS]; /* txid of each part */
    uint64_t begun[MOST_PARTS];
} * told;

static inline gale_err add_or_remove(void *arg, size_t i, gale_row old,
                                     gale_row *now)
{
    static gale_value v;
    const int64_t *n = arg;

    (void)i;
    v = gale_val_i64((old.values == NULL ? 0 : old.values[0].as.i) + n[0]);
    *now = (gale_row){ n[1] != 0 ? NULL : &v, 1 };
    return GALE_OK;
}

static inline gale_err one_batch(gale_map *m, uint32_t part, uint32_t count,
                                 uint64_t txid, uint64_t attempt,
                                 gale_diag *why)
{
    gale_err rv = gale_map_begin(m, txid, attempt, why);

    for (int w = 0; rv == GALE_OK && w < WORDS; w++) {
        gale_value key = gale_val_cstr(words[w]);
        gale_row row = { &key, 1 };
        int64_t n[2] = { more(txid, attempt, w),
                         (txid + (uint64_t)w) % 11 == 0 };

        if (gale_state_part(groups[w], count) == part &&
            (n[0] != 0 || n[1] != 0))
            rv = gale_map_update(m, &row, 1, add_or_remove, n, NULL, why);
    }
    if (rv != GALE_OK)
        return rv;
    told->begun[part] = txid;
    rv = gale_map_commit(m, why);
    if (rv == GALE_OK)
        told->committed[part] = txid;
    return rv;
}

static inline gale_err open_one(gale_map **m, uint32_t part, uint32_t count,
                                gale_diag *why)
{
    gale_store_where w = house_where(part, count);

    return gale_map_open(m, &gale_store_embedded, &w, GALE_STATE_OPAQUE, why);
}

/* Batches from..to over all parts, part by part. */
static inline gale_err run(uint32_t count, uint64_t from, uint64_t to,
                           uint64_t first_attempt, gale_diag *why)
{
    gale_map *m[MOST_PARTS] = { NULL };
    gale_err rv = GALE_OK;

    for (uint32_t p = 0; rv == GALE_OK && p < count; p++)
        rv = open_one(&m[p], p, count, why);
    for (uint64_t t = from; rv == GALE_OK && t <= to; t++)
        for (uint32_t p = 0; rv == GALE_OK && p < count; p++)
            rv = one_batch(m[p], p, count, t, t == from ? first_attempt : 0,
                           why);
    for (uint32_t p = 0; p < count; p++)
        gale_map_close(m[p]);
    return rv;
}

/* The parts have, each, what the model has after the batch that it says it was
 * at; which is the last that was committed, or the one behind it.  Returns the
 * lowest of them. */
static inline uint64_t check(uint32_t count, const char *what)
{
    uint64_t least = UINT64_MAX;

    for (uint32_t p = 0; p < count; p++) {
        gale_map *m;
        gale_diag why = { "" };
        int64_t sums[WORDS];

        cr_assert_eq(open_one(&m, p, count, &why), GALE_OK, "%s: %s", what,
                     why.text);
        uint64_t txid = gale_map_txid(m);
        cr_assert(txid >= told->committed[p] && txid <= told->begun[p],
                  "%s: part %u is at %lu, committed %lu", what, p,
                  (unsigned long)txid, (unsigned long)told->committed[p]);
        model(txid, 0, sums);
        for (int w = 0; w < WORDS; w++)
            if (gale_state_part(groups[w], count) == p)
                cr_assert_eq(house_get(m, words[w]), sums[w],
                             "%s: '%s' is %ld, not %ld, at %lu", what,
                             words[w], (long)house_get(m, words[w]),
                             (long)sums[w], (unsigned long)txid);
        least = txid < least ? txid : least;
        gale_map_close(m);
    }
    return least;
}

static inline void setup(void)
{
    told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(told != MAP_FAILED);
    for (int w = 0; w < WORDS; w++) {
        snprintf(words[w], sizeof(words[w]), "w%d", w);
        gale_value v = gale_val_cstr(words[w]);
        groups[w] = gale_state_group(&v, 1);
    }
    house_log_bytes = 2500; /* a checkpoint every few batches */
    house_make_in(true);
}

static inline void clean(void)
{
    house_remove();
    house_make_in(true);
    memset(told, 0, sizeof(*told));
}

/* True: it was killed. */
static inline bool killed(enum calls_how how, long at,
                          gale_err (*act)(gale_diag *))
{
    pid_t pid = fork();
    int status;

    cr_assert_geq(pid, 0);
    if (pid == 0) {
        gale_diag why = { "" };

        calls.how = how;
        calls.at = at;
        calls.n = 0;
        gale_err rv = act(&why);
        calls.how = CALLS_COUNT;
        if (rv != GALE_OK)
            fprintf(stderr, "at call %ld: %s\n", at, why.text);
        _exit(rv == GALE_OK ? 0 : 1);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status), "at call %ld: signal %d", at,
              WTERMSIG(status));
    cr_assert(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == CALLS_KILLED,
              "at call %ld", at);
    return WEXITSTATUS(status) != 0;
}

#endif
