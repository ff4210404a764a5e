/* Random transactions, attempts that differ, commits that only some parts
 * made, parts closed and opened, other numbers of parts: in the end every key
 * has what a plain loop over the batches that counted says. */
#define _GNU_SOURCE /* nftw */
#include "house_map.h"

#include "base/mix.h"

enum { WORDS = 24, MOST_PARTS = 5 };

typedef struct world {
    gi_rng rng;
    const gale_store *store;
    gale_state_kind kind;
    uint32_t count;
    gale_map *parts[MOST_PARTS];
    int64_t sums[WORDS]; /* after the batches that counted */
    uint32_t groups[WORDS];
    char words[WORDS][8];
    uint64_t seed;
} world;

static uint64_t below(world *w, uint64_t n)
{
    return gi_rng_below(&w->rng, n);
}

static void open_all(world *w)
{
    for (uint32_t p = 0; p < w->count; p++)
        w->parts[p] = open_part(w->store, w->kind, p, w->count);
}

static void close_all(world *w)
{
    for (uint32_t p = 0; p < w->count; p++) {
        gale_map_close(w->parts[p]);
        w->parts[p] = NULL;
    }
}

/* What happens to people's topologies. */
static void disturb(world *w)
{
    switch (below(w, 12)) {
    case 0:
        close_all(w);
        w->count = 1 + (uint32_t)below(w, MOST_PARTS);
        open_all(w);
        break;
    case 1:
    case 2: {
        uint32_t p = (uint32_t)below(w, w->count);

        gale_map_close(w->parts[p]);
        w->parts[p] = open_part(w->store, w->kind, p, w->count);
        break;
    }
    default:
        break;
    }
}

static void fill(world *w, int64_t more[WORDS])
{
    uint64_t many = below(w, 4);

    for (int i = 0; i < WORDS; i++) {
        more[i] = below(w, 4) < many ? 1 + (int64_t)below(w, 9) : 0;
        if (more[i] != 0 && below(w, 6) == 0)
            more[i] = -1; /* it is removed */
    }
}

static int64_t after(int64_t old, int64_t more)
{
    return more < 0 ? 0 : old + more;
}

/* The part's share of a batch, in one call or in several; some is read, too.
 * True: committed. */
static bool apply(world *w, uint32_t p, uint64_t txid, uint64_t attempt,
                  const int64_t more[WORDS])
{
    gale_map *m = w->parts[p];
    uint64_t gives_up = below(w, 8) == 0 ? below(w, WORDS) : WORDS;

    begin(m, txid, attempt);
    for (uint64_t i = 0; i < WORDS; i++) {
        if (i == gives_up) {
            gale_map_abandon(m);
            return false;
        }
        if (gale_state_part(w->groups[i], w->count) != p || more[i] == 0)
            continue;
        if (more[i] < 0)
            cr_assert_eq(house_put(m, w->words[i], 0), GALE_OK);
        else
            cr_assert_eq(house_plus(m, w->words[i], more[i]),
                         after(w->sums[i], more[i]),
                         "seed %lu, '%s' at %lu.%lu", (unsigned long)w->seed,
                         w->words[i], (unsigned long)txid,
                         (unsigned long)attempt);
    }
    commit(m);
    return true;
}

/* A batch until all parts have it. */
static void batch(world *w, uint64_t txid)
{
    int64_t more[WORDS];
    bool whole = false;

    fill(w, more);
    for (uint64_t attempt = 0; !whole; attempt++) {
        if (attempt > 0 && w->kind == GALE_STATE_OPAQUE)
            fill(w, more);
        whole = true;
        for (uint32_t p = 0; p < w->count; p++) {
            bool reached = attempt > 8 || below(w, 5) != 0;

            whole = reached && apply(w, p, txid, attempt, more) && whole;
        }
        disturb(w);
    }
    for (int i = 0; i < WORDS; i++)
        w->sums[i] = after(w->sums[i], more[i]);
}

static void check(world *w, uint64_t txid)
{
    for (int i = 0; i < WORDS; i++) {
        gale_map *m = w->parts[gale_state_part(w->groups[i], w->count)];

        cr_assert_eq(house_get(m, w->words[i]), w->sums[i],
                     "seed %lu, '%s' after %lu: %ld, not %ld",
                     (unsigned long)w->seed, w->words[i], (unsigned long)txid,
                     (long)house_get(m, w->words[i]), (long)w->sums[i]);
    }
}

static void play(const gale_store *s, gale_state_kind kind, uint64_t seed)
{
    world w = { .rng = { seed }, .store = s, .kind = kind, .seed = seed };

    if (s->durable)
        house_make_in(true);
    house_log_bytes = 500 + (int64_t)below(&w, 4000);
    house_cache_bytes = 1 + (int64_t)below(&w, 6000);
    w.count = 1 + (uint32_t)below(&w, MOST_PARTS);
    for (int i = 0; i < WORDS; i++) {
        snprintf(w.words[i], sizeof(w.words[i]), "w%d", i);
        gale_value v = gale_val_cstr(w.words[i]);
        w.groups[i] = gale_state_group(&v, 1);
    }
    open_all(&w);
    for (uint64_t txid = 1; txid <= 12; txid++) {
        batch(&w, txid);
        check(&w, txid);
    }
    close_all(&w);
    if (s->durable)
        house_remove();
    gi_store_memory_forget();
}

static void play_all(const gale_store *s, gale_state_kind kind, uint64_t n)
{
    for (uint64_t seed = 1; seed <= n; seed++)
        play(s, kind, seed);
}

#ifdef HOUSE_REDIS
Test(model, opaque_in_redis, .timeout = 120)
{
    play_all(&gale_store_redis, GALE_STATE_OPAQUE, 20);
}

Test(model, transactional_in_redis, .timeout = 120)
{
    play_all(&gale_store_redis, GALE_STATE_TRANSACTIONAL, 10);
}
#else
Test(model, opaque_in_memory, .timeout = 120)
{
    play_all(&gale_store_memory, GALE_STATE_OPAQUE, 500);
}

Test(model, transactional_in_memory, .timeout = 120)
{
    play_all(&gale_store_memory, GALE_STATE_TRANSACTIONAL, 300);
}

Test(model, opaque_in_files, .timeout = 120)
{
    play_all(&gale_store_embedded, GALE_STATE_OPAQUE, 30);
}

Test(model, transactional_in_files, .timeout = 120)
{
    play_all(&gale_store_embedded, GALE_STATE_TRANSACTIONAL, 15);
}
#endif
