/* hash.c -- one counting bolt in two ways: it hashes each key itself, or
 * takes the hash that is handed over with the tuple (gale_tuple_hash).
 *
 *     keys --by key--> count
 *
 * So many keys come equally often.  They are alike but for their first eight
 * bytes and their last, which are their number; the table compares all bytes
 * of a key with those that it has kept, as any table has to.
 */
#include "base/mem.h"
#include "bench/sides.h"

enum { KEYS = 1000, STEP = 389 /* not a factor of it */, PLACES = 4096 };
enum { MOST = 1024, NUMBER = sizeof(uint64_t) };

struct input {
    uint32_t len;    /* of a key */
    uint64_t tuples; /* of a run, a multiple of KEYS */
    /* By count's cleanup, one task at a time. */
    uint64_t *distinct; /* those that were counted */
    bool *wrong;
};

static void spell(char *to, uint32_t len, uint64_t no)
{
    memcpy(to, &no, NUMBER);
    memcpy(to + len - NUMBER, &no, NUMBER);
}

/* ------------------------------------------------------------- the keys -- */

struct keys {
    const struct input *input;
    uint64_t at, by;
    char key[MOST];
};

static gale_err keys_open(void *self, gale_spout_ctx *ctx)
{
    const gale_task *task = gale_spout_task(ctx);
    struct keys *s = self;

    s->input = gale_task_arg(task);
    s->at = gale_task_index(task);
    s->by = gale_task_count(task);
    memset(s->key, 'x', sizeof(s->key));
    return GALE_OK;
}

static bool keys_next(void *self, gale_spout_ctx *ctx)
{
    static const gale_spout_emit_opts opts = { .untracked = true };
    struct keys *s = self;

    if (s->at >= s->input->tuples)
        return false;
    spell(s->key, s->input->len, s->at * STEP % KEYS);
    gale_spout_emit_with(ctx, &opts,
                         GALE_ROW(gale_val_bytes(s->key, s->input->len)));
    s->at += s->by;
    return true;
}

static const gale_spout keys = {
    .state_size = sizeof(struct keys),
    .output = GALE_FIELDS(GALE_BYTES("key")),
    .open = keys_open,
    .next = keys_next,
};

/* ------------------------------------------------------ both countings -- */

struct place {
    uint32_t hash, len;
    char *key; /* NULL: empty */
    uint64_t n;
};

struct count {
    struct place at[PLACES]; /* a quarter of them used, if all come here */
    uint64_t distinct;
    bool failed;
};

static void add_new(struct count *c, struct place *p, uint32_t hash,
                    gale_str key)
{
    p->key = gi_alloc(key.len);
    if (p->key == NULL) {
        c->failed = true;
        return;
    }
    memcpy(p->key, key.ptr, key.len);
    p->hash = hash;
    p->len = key.len;
    p->n = 1;
    c->distinct++;
}

static inline void add(struct count *c, uint32_t hash, gale_str key)
{
    for (uint32_t i = hash % PLACES;; i = (i + 1) % PLACES) {
        struct place *p = &c->at[i];

        if (p->key == NULL) {
            add_new(c, p, hash, key);
            return;
        }
        if (p->hash == hash && p->len == key.len &&
            memcmp(p->key, key.ptr, key.len) == 0) {
            p->n++;
            return;
        }
    }
}

static gale_verdict own_execute(void *self, const gale_tuple *in,
                                gale_bolt_ctx *ctx)
{
    uint32_t hash = (uint32_t)gale_hash(gale_tuple_at(in, 0), 1);

    (void)ctx;
    add(self, hash, gale_tuple_bytes(in, 0));
    return GALE_ACK;
}

static gale_verdict handed_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    (void)ctx;
    add(self, gale_tuple_hash(in), gale_tuple_bytes(in, 0));
    return GALE_ACK;
}

static bool is_right(const struct place *p, const struct input *input)
{
    char key[MOST];
    uint64_t no;

    if (p->len != input->len || p->n != input->tuples / KEYS)
        return false;
    memcpy(&no, p->key, NUMBER);
    memset(key, 'x', sizeof(key));
    spell(key, input->len, no);
    return no < KEYS && memcmp(p->key, key, p->len) == 0;
}

/* Tasks have no key in common, or it is counted too seldom in both. */
static void count_cleanup(void *self, gale_bolt_ctx *ctx)
{
    const struct input *input = gale_task_arg(gale_bolt_task(ctx));
    struct count *c = self;

    *input->distinct += c->distinct;
    *input->wrong |= c->failed;
    for (uint32_t i = 0; i < PLACES; i++) {
        if (c->at[i].key != NULL && !is_right(&c->at[i], input))
            *input->wrong = true;
        gi_free(c->at[i].key);
    }
}

static const gale_bolt own = {
    .state_size = sizeof(struct count),
    .execute = own_execute,
    .cleanup = count_cleanup,
};

static const gale_bolt handed = {
    .state_size = sizeof(struct count),
    .execute = handed_execute,
    .cleanup = count_cleanup,
};

/* ------------------------------------------------------------ measuring -- */

static double run(const bench_opts *o, uint32_t len, uint64_t tuples,
                  bool handed_over)
{
    uint64_t distinct = 0;
    bool wrong = false;
    struct input input = { len, tuples, &distinct, &wrong };
    const gale_component components[] = {
        {
            .id = "keys",
            .spout = &keys,
            .tasks = o->loops,
            .arg = &input,
        },
        {
            .id = "count",
            .bolt = handed_over ? &handed : &own,
            .inputs = GALE_INPUTS(GALE_BY("keys", "key")),
            .tasks = o->loops,
            .arg = &input,
        },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "hash",
                              .components = GALE_COMPONENTS(components) };
    gale_run_result r;

    if (!bench_topology(&t, NULL, o->loops, &r))
        return 0;
    if (wrong || distinct != KEYS) {
        bench_say("hash: counted wrong with the %s hash",
                  handed_over ? "handed" : "own");
        return 0;
    }
    return (double)tuples * 1e9 / (double)r.run_ns;
}

bool bench_hash(const bench_opts *o, bench_report *r)
{
    static const sides_size sizes[] = {
        { "bytes_8", 8, KEYS },
        { "bytes_32", 32, KEYS },
        { "bytes_128", 128, KEYS },
        { "bytes_1024", MOST, KEYS },
    };
    static const sides s = {
        .unit = "tuples",
        .name = { "own", "handed" },
        .sizes = sizes,
        .n_sizes = sizeof(sizes) / sizeof(sizes[0]),
        .profiled = &sizes[2],
        .run = run,
    };

    return sides_measure(&s, o, r);
}
