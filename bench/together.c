/* together.c -- one counting bolt in two ways: tuple by tuple, and with
 * execute_batch, asking for the memory of all tuples at hand first.
 *
 *     starts --shuffle--> make --by word--> count
 *
 * A start is a number, make emits the words of the next few numbers, and each
 * of so many words comes equally often, in an order that no cache can guess.
 */
#include "base/mem.h"
#include "bench/sides.h"
#include "bench/starts.h"
#include "bench/words.h"

enum { LETTERS = 8, STEP = 7919 /* no size has it as a factor */ };

struct input {
    uint64_t keys, words; /* different ones; all of a run */
    /* By count's cleanup, one task at a time. */
    uint64_t *distinct; /* those that were counted */
    bool *wrong;
};

/* ----------------------------------------------------------- the words -- */

/* Number i as eight letters, a to p. */
static void spell(char *to, uint64_t keys, uint64_t i)
{
    uint64_t w = i * STEP % keys;

    w = (w | w << 16) & 0x0000ffff0000ffffu;
    w = (w | w << 8) & 0x00ff00ff00ff00ffu;
    w = (w | w << 4) & 0x0f0f0f0f0f0f0f0fu;
    w += 0x6161616161616161u;
    memcpy(to, &w, LETTERS);
}

/* Is it one of so many? */
static bool is_spelt(words_key k, uint64_t keys)
{
    uint64_t w = k.lo - 0x6161616161616161u;

    if ((w & 0xf0f0f0f0f0f0f0f0u) != 0 || k.hi != 0)
        return false;
    w = (w | w >> 4) & 0x00ff00ff00ff00ffu;
    w = (w | w >> 8) & 0x0000ffff0000ffffu;
    return ((w | w >> 16) & 0xffffffffu) < keys;
}

static gale_verdict make_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    const struct input *input = gale_task_arg(gale_bolt_task(ctx));
    uint64_t i = (uint64_t)gale_tuple_i64(in, 0);
    uint64_t end = starts_end(i, input->words);
    char word[LETTERS];

    (void)self;
    for (; i < end; i++) {
        spell(word, input->keys, i);
        gale_emit(ctx, GALE_ROW(gale_val_str((gale_str){ word, LETTERS })));
    }
    return GALE_ACK;
}

static const gale_bolt make = {
    .output = GALE_FIELDS(GALE_STR("word")),
    .execute = make_execute,
};

/* ------------------------------------------------------ both countings -- */

struct count {
    words_table seen;
};

static gale_err count_prepare(void *self, gale_bolt_ctx *ctx)
{
    const gale_task *task = gale_bolt_task(ctx);
    const struct input *input = gale_task_arg(task);
    struct count *c = self;
    uint64_t n = input->keys * 5 / 4 / gale_task_count(task);

    return words_init_for(&c->seen, n) ? GALE_OK : GALE_ENOMEM;
}

static gale_verdict count_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct count *c = self;
    gale_str w = gale_tuple_str(in, 0);

    (void)ctx;
    words_add(&c->seen, w.ptr, w.len);
    return GALE_ACK;
}

static void count_execute_batch(void *self, const gale_tuple *const *in,
                                size_t n, gale_bolt_ctx *ctx)
{
    struct count *c = self;
    words_key key[GALE_EXECUTE_MOST];

    for (size_t i = 0; i < n; i++) {
        gale_str w = gale_tuple_str(in[i], 0);

        key[i] = words_key_of(w.ptr, w.len);
        __builtin_prefetch(&c->seen.at[words_place(&c->seen, key[i])], 1);
    }
    for (size_t i = 0; i < n; i++) {
        words_add_key(&c->seen, key[i], 1);
        gale_answer(ctx, GALE_ACK);
    }
}

/* Tasks have no word in common, or it is counted too seldom in both. */
static void count_cleanup(void *self, gale_bolt_ctx *ctx)
{
    const struct input *input = gale_task_arg(gale_bolt_task(ctx));
    struct count *c = self;
    size_t places = (size_t)1 << (64 - c->seen.shift);

    *input->distinct += c->seen.used;
    *input->wrong |= c->seen.failed || c->seen.n_rare > 0;
    for (size_t i = 0; i < places; i++) {
        const words_entry *e = &c->seen.at[i];

        if (e->n != 0 && (e->n != input->words / input->keys ||
                          !is_spelt(e->key, input->keys)))
            *input->wrong = true;
    }
    words_fini(&c->seen);
}

static const gale_bolt count = {
    .state_size = sizeof(struct count),
    .prepare = count_prepare,
    .execute = count_execute,
    .cleanup = count_cleanup,
};

static const gale_bolt count_together = {
    .state_size = sizeof(struct count),
    .prepare = count_prepare,
    .cleanup = count_cleanup,
    .execute_batch = count_execute_batch,
};

/* ------------------------------------------------------------ measuring -- */

static double run(const bench_opts *o, uint32_t keys, uint64_t words,
                  bool together)
{
    uint64_t distinct = 0;
    bool wrong = false;
    struct input input = { keys, words, &distinct, &wrong };
    const gale_component components[] = {
        {
            .id = "starts",
            .spout = &starts,
            .tasks = o->loops,
            .arg = &input.words,
        },
        {
            .id = "make",
            .bolt = &make,
            .inputs = GALE_INPUTS(GALE_SHUFFLE("starts")),
            .tasks = o->loops,
            .arg = &input,
        },
        {
            .id = "count",
            .bolt = together ? &count_together : &count,
            .inputs = GALE_INPUTS(GALE_BY("make", "word")),
            .tasks = o->loops,
            .arg = &input,
        },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "together",
                              .components = GALE_COMPONENTS(components) };
    gale_run_result r;

    if (!bench_topology(&t, NULL, o->loops, &r))
        return 0;
    if (wrong || distinct != keys) {
        bench_say("together: counted wrong with %s",
                  together ? "execute_batch" : "execute");
        return 0;
    }
    return (double)words * 1e9 / (double)r.run_ns;
}

bool bench_together(const bench_opts *o, bench_report *r)
{
    static const sides_size sizes[] = {
        { "keys_13000", 13000, 13000 },
        { "keys_100000", 100000, 100000 },
        { "keys_1000000", 1000000, 1000000 },
    };
    static const sides s = {
        .unit = "words",
        .name = { "execute", "execute_batch" },
        .sizes = sizes,
        .n_sizes = sizeof(sizes) / sizeof(sizes[0]),
        .profiled = &sizes[1],
        .run = run,
    };

    return sides_measure(&s, o, r);
}
