/* Persistent folds on real maps: batches that fail, come again and come again
 * as others count once, whatever happens. */
#define STEPS_REAL_MAP
#include "tests/unit/trident/steps.h"

#include "base/mix.h"
#include "state/memory.h"

enum { WORDS = 12, BATCHES = 25 };

static uint32_t slot_0[] = { 0 }, slot_1[] = { 1 };

/* The numbers that came, in their order, as a text; only so long. */
static void list_init(gale_value *out)
{
    *out = S("");
}

static void list_reduce(const gale_value *so_far, gale_row in, gale_value *out)
{
    static char text[4096];
    int n = snprintf(text, sizeof(text), "%.*s%" PRId64 ",", (int)so_far->len,
                     so_far->len > 0 ? so_far->as.p : "", gale_row_i64(in, 0));

    cr_assert_lt(n, (int)sizeof(text));
    *out = gale_val_run(GALE_T_STR, text, (uint32_t)n);
}

static const gale_reducer list = {
    .output = GALE_FIELDS(GALE_STR("numbers")),
    .init = list_init,
    .reduce = list_reduce,
};

static gi_op_fold listing[] = { { { .reducer = &list }, slot_1, 1, 1 } };
static gi_op_fold adding[] = { { { .combiner = &gale_sum }, slot_1, 1, 1 } };

/* Rows (word, number). */
struct batch {
    uint32_t n;
    int64_t word[40], number[40];
};

static struct batch batches[BATCHES + 1]; /* what counts of each */

static void random_batch(gi_rng *rng, struct batch *b)
{
    b->n = gi_rng_below(rng, 4) == 0 ? 0 : (uint32_t)gi_rng_below(rng, 40);
    for (uint32_t i = 0; i < b->n; i++) {
        b->word[i] = (int64_t)gi_rng_below(rng, WORDS);
        b->number[i] = (int64_t)gi_rng_below(rng, 100);
    }
}

static bool play(world *w, const struct batch *b, uint64_t txid,
                 uint64_t attempt, bool fails)
{
    begin(w, txid, attempt);
    for (uint32_t i = 0; i < b->n; i++)
        FEED(w, I(b->word[i]), I(b->number[i]));
    if (fails)
        gi_round_fail(&w->round, "somewhere else");
    return finish(w);
}

/* What is in the map, through a query of its own. */
static void check(const char *id, const gi_op *persist, bool lists)
{
    world w = { .n = 0 };

    add(&w, (gi_op){ .kind = GI_OP_QUERY,
                     .id = id,
                     .in = slot_0,
                     .n_in = 1,
                     .n_row = 1,
                     .n_out = 2,
                     .n_values = 1,
                     .state = persist->state,
                     .out = (gale_field[]){ { "word", GALE_T_I64 },
                                            { "value", GALE_T_ANY },
                                            { NULL, GALE_T_ANY } } });
    add(&w, (gi_op){ .kind = GI_OP_SEND });
    chain(&w);
    start(&w);
    for (int64_t word = 0; word < WORDS; word++) {
        char text[4200], numbers[4096] = "";
        int64_t sum = 0;
        bool any = false;

        for (uint64_t txid = 1; txid <= BATCHES; txid++)
            for (uint32_t i = 0; i < batches[txid].n; i++) {
                char *end = numbers + strlen(numbers);

                if (batches[txid].word[i] != word)
                    continue;
                any = true;
                sum += batches[txid].number[i];
                snprintf(end, 32, "%d,", (int)batches[txid].number[i]);
            }
        if (!any)
            snprintf(text, sizeof(text), "%d nil\n", (int)word);
        else if (lists)
            snprintf(text, sizeof(text), "%d %s\n", (int)word, numbers);
        else
            snprintf(text, sizeof(text), "%d %d\n", (int)word, (int)sum);
        FEED(&w, I(word));
        cr_assert(finish(&w), "%s", w.why);
        cr_assert_str_eq(came(), text);
    }
    stop(&w);
}

static void history(uint64_t seed, gale_state_kind kind, bool lists)
{
    gi_rng rng = { seed };
    char id[64];
    world w = { .n = 0 };
    gi_op op = {
        .kind = GI_OP_PERSIST,
        .id = id,
        .keys = slot_0,
        .n_keys = 1,
        .folds = lists ? listing : adding,
        .n_folds = 1,
        .n_row = 2,
        .n_out = 2,
        .state = { .store = &gale_store_memory, .kind = kind },
    };
    uint64_t attempt = 1;

    snprintf(id, sizeof(id), "state-%d-%d-%" PRIu64, (int)kind, lists, seed);
    add(&w, op);
    add(&w, (gi_op){ .kind = GI_OP_SEND });
    chain(&w);
    start(&w);
    for (uint64_t txid = 1; txid <= BATCHES; txid++) {
        bool heard = false;

        random_batch(&rng, &batches[txid]);
        while (!heard) {
            bool fails = gi_rng_below(&rng, 4) == 0;

            cr_assert_eq(play(&w, &batches[txid], txid, attempt++, fails),
                         !fails, "%s", w.why);
            heard = !fails && gi_rng_below(&rng, 3) > 0;
            if (!heard && kind == GALE_STATE_OPAQUE)
                random_batch(&rng, &batches[txid]);
            if (gi_rng_below(&rng, 5) == 0) {
                stop(&w);
                start(&w);
            }
        }
    }
    cr_assert(!play(&w, &batches[1], 1, attempt, false), "too late");
    stop(&w);
    check(id, &op, lists);
    gi_store_memory_forget();
}

Test(op_exactly, opaque_batches_count_as_they_came_last)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        history(seed, GALE_STATE_OPAQUE, false);
        history(seed, GALE_STATE_OPAQUE, true);
    }
}

Test(op_exactly, transactional_batches_count_once)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        history(seed, GALE_STATE_TRANSACTIONAL, false);
        history(seed, GALE_STATE_TRANSACTIONAL, true);
    }
}

/* The test can tell: nothing keeps a plain state from counting twice. */
Test(op_exactly, a_non_transactional_state_counts_twice)
{
    world w = { .n = 0 };
    struct batch one = { 1, { 3 }, { 5 } };

    add(&w, (gi_op){ .kind = GI_OP_PERSIST,
                     .id = "plain",
                     .keys = slot_0,
                     .n_keys = 1,
                     .folds = adding,
                     .n_folds = 1,
                     .n_row = 2,
                     .n_out = 2,
                     .state = { .store = &gale_store_memory,
                                .kind = GALE_STATE_NON_TRANSACTIONAL } });
    add(&w, (gi_op){ .kind = GI_OP_SEND });
    chain(&w);
    start(&w);
    cr_expect(play(&w, &one, 1, 1, false));
    cr_expect(play(&w, &one, 1, 2, false));
    cr_expect_str_eq(came(), "3 5\n3 10\n");
    stop(&w);
    gi_store_memory_forget();
}
