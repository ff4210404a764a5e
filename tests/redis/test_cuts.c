/* The connection is cut, or Redis killed, at every command of a run: what
 * counts in the end is what a plain loop over the batches says. */
#define _GNU_SOURCE /* nftw */
#include "house_map.h"

#include "proxy.h"

enum { PARTS = 2, WORDS = 6, BATCHES = 4 };

static const uint32_t places[PARTS] = { 17, 90 }; /* of 128: a group each */
static char words[PARTS][WORDS][16];
static gale_map *parts[PARTS];

/* Words of one group for each part. */
static void find_words(void)
{
    int found[PARTS] = { 0 };

    for (int i = 0; found[0] < WORDS || found[1] < WORDS; i++) {
        char word[16];
        gale_value v;

        snprintf(word, sizeof(word), "w%d", i);
        v = gale_val_cstr(word);
        for (int p = 0; p < PARTS; p++)
            if (found[p] < WORDS && gale_state_group(&v, 1) == places[p])
                memcpy(words[p][found[p]++], word, sizeof(word));
    }
}

/* What an attempt adds; 0: it does not touch the word, -1: it removes it. */
static int64_t more(uint64_t txid, uint64_t attempt, int word)
{
    uint64_t h = txid * 31 + attempt * 17 + (uint64_t)word * 7;

    return h % 3 == 0 ? 0 : h % 7 == 0 ? -1 : (int64_t)(h % 50) + 1;
}

static gale_err open_it(int p)
{
    gale_store_where w = house_where(places[p], 128);

    if (parts[p] != NULL)
        return GALE_OK;
    w.place = proxy->path;
    return gale_map_open(&parts[p], &gale_store_redis, &w, GALE_STATE_OPAQUE,
                         NULL);
}

static gale_err apply(int p, uint64_t txid, uint64_t attempt)
{
    gale_err rv = open_it(p);

    if (rv == GALE_OK)
        rv = gale_map_begin(parts[p], txid, attempt, NULL);
    for (int w = 0; rv == GALE_OK && w < WORDS; w++) {
        int64_t n = more(txid, attempt, w);
        gale_value key = gale_val_cstr(words[p][w]);
        gale_row row = { &key, 1 }, gone = { NULL, 0 };

        if (n > 0)
            rv = gale_map_update(parts[p], &row, 1, house_add, &n, NULL, NULL);
        else if (n < 0)
            rv = gale_map_put(parts[p], &row, &gone, 1, NULL);
    }
    if (rv == GALE_OK)
        rv = gale_map_commit(parts[p], NULL);
    if (rv != GALE_OK) {
        gale_map_close(parts[p]);
        parts[p] = NULL;
    }
    return rv;
}

/* Who was killed is begun again, with what it has on the disk; to die takes it
 * a moment, in which it cannot be asked. */
static void recover(void)
{
    if (atomic_load(&proxy->how) == PROXY_KILL && atomic_load(&proxy->hit) &&
        atomic_load(&proxy->victim) == server.pid &&
        waitpid(server.pid, NULL, 0) == server.pid)
        server_start(house_dir);
}

static void run(int64_t sums[WORDS])
{
    memset(sums, 0, WORDS * sizeof(sums[0]));
    for (uint64_t t = 1; t <= BATCHES; t++) {
        uint64_t attempt = 0;
        bool whole = false;

        for (; !whole; attempt++) {
            cr_assert_lt(attempt, 200);
            whole = true;
            for (int p = 0; p < PARTS; p++)
                whole = apply(p, t, attempt) == GALE_OK && whole;
            if (!whole)
                recover();
        }
        for (int w = 0; w < WORDS; w++) {
            int64_t n = more(t, attempt - 1, w);

            sums[w] = n < 0 ? 0 : sums[w] + n;
        }
    }
}

static void close_all(void)
{
    for (int p = 0; p < PARTS; p++) {
        gale_map_close(parts[p]);
        parts[p] = NULL;
    }
}

static void cut_everywhere(enum proxy_how how, long step)
{
    char answer[64];
    bool hit = true;
    long at = 1;

    house_make_in(true);
    find_words();
    proxy_start(house_dir);
    for (; hit; at += step) {
        int64_t sums[WORDS];

        server_ask("FLUSHALL\r\n", answer, sizeof(answer));
        cr_assert_eq(strncmp(answer, "+OK", 3), 0);
        proxy_plan(how, at);
        run(sums);
        recover(); /* if it was killed behind the last answer */
        hit = atomic_load(&proxy->hit);
        proxy_plan(PROXY_PASS, 0);
        close_all(); /* whatever they remember */
        for (int p = 0; p < PARTS; p++) {
            cr_assert_eq(open_it(p), GALE_OK);
            for (int w = 0; w < WORDS; w++)
                cr_assert_eq(house_get(parts[p], words[p][w]), sums[w],
                             "cut at command %ld: '%s' is %ld, not %ld", at,
                             words[p][w],
                             (long)house_get(parts[p], words[p][w]),
                             (long)sums[w]);
        }
        close_all();
    }
    cr_expect_gt(at, 80, "there are more commands than %ld", at);
    proxy_end();
    house_remove();
}

Test(cuts, a_command_that_is_lost, .timeout = 150)
{
    cut_everywhere(PROXY_LOSE_COMMAND, 1);
}

Test(cuts, an_answer_that_is_lost, .timeout = 150)
{
    cut_everywhere(PROXY_LOSE_ANSWER, 1);
}

Test(cuts, redis_is_killed, .timeout = 150)
{
    cut_everywhere(PROXY_KILL, 3);
}
