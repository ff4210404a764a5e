/* wordcount.c -- lines -> split -> count, against plain loops.
 *
 * "COST" (McSherry et al., HotOS 2015) asks how much machine a system needs
 * to beat one thread of plain code.  Two plain codes are asked here: the
 * fastest one that we can write, with the topology's own tokenizer and table,
 * and the one that most people would write.
 */
#include "base/mem.h"
#include "bench/bare.h"
#include "bench/bench.h"
#include "bench/text.h"
#include "bench/words.h"

/* -------------------------------------------------------- the topology -- */

struct input {
    const bench_text *text;
    uint32_t rounds;
    words_table *total; /* filled by count's cleanup: one task at a time */
};

/* lines: each task emits its share of the text, line by line, again and
 * again. */
struct lines {
    const char *from, *at, *end;
    uint32_t rounds;
    uint64_t id;
};

static const char *share(const bench_text *text, uint32_t i, uint32_t n)
{
    size_t at = text->len / n * i;

    if (i == 0)
        return text->at;
    if (i == n)
        return text->at + text->len;
    return (char *)memchr(text->at + at, '\n', text->len - at) + 1;
}

static gale_err lines_open(void *self, gale_spout_ctx *ctx)
{
    const gale_task *task = gale_spout_task(ctx);
    const struct input *input = gale_task_arg(task);
    uint32_t i = gale_task_index(task), n = gale_task_count(task);
    struct lines *s = self;

    s->from = s->at = share(input->text, i, n);
    s->end = share(input->text, i + 1, n);
    s->rounds = input->rounds;
    return GALE_OK;
}

static bool lines_next(void *self, gale_spout_ctx *ctx)
{
    struct lines *s = self;

    if (s->at == s->end) {
        if (s->rounds <= 1 || s->from == s->end)
            return false;
        s->rounds--;
        s->at = s->from;
    }
    const char *eol = memchr(s->at, '\n', (size_t)(s->end - s->at));
    gale_str line = { s->at, (uint32_t)(eol - s->at) };

    gale_spout_emit(ctx, s->id++, GALE_ROW(gale_val_str(line)));
    s->at = eol + 1;
    return true;
}

static const gale_spout lines = {
    .state_size = sizeof(struct lines),
    .output = GALE_FIELDS(GALE_STR("line")),
    .open = lines_open,
    .next = lines_next,
};

/* split: one tuple a word. */
struct split {
    char *text;
    uint32_t *cuts;
    size_t cap;
};

static bool split_reserve(struct split *s, size_t len)
{
    size_t cap = len + 1 + WORDS_PAD;

    if (cap <= s->cap)
        return true;
    cap *= 2;
    char *text = gi_realloc(s->text, cap);
    if (text != NULL)
        s->text = text;
    uint32_t *cuts = gi_realloc(s->cuts, cap * sizeof(*cuts));
    if (cuts != NULL)
        s->cuts = cuts;
    if (text == NULL || cuts == NULL)
        return false;
    memset(s->text, 0, cap);
    s->cap = cap;
    return true;
}

static gale_verdict split_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    enum { LINE };
    struct split *s = self;
    gale_str line = gale_tuple_str(in, LINE);
    bool in_word = false;

    if (!split_reserve(s, line.len))
        return GALE_FAIL;
    words_lower(s->text, line.ptr, line.len);
    s->text[line.len] = '\n';
    size_t n = words_cut(s->text, 0, line.len + 1, &in_word, s->cuts);

    for (size_t i = 0; i < n; i += 2) {
        gale_str w = { s->text + s->cuts[i], s->cuts[i + 1] - s->cuts[i] };

        gale_emit(ctx, GALE_ROW(gale_val_str(w)));
    }
    return GALE_ACK;
}

static void split_cleanup(void *self, gale_bolt_ctx *ctx)
{
    struct split *s = self;

    (void)ctx;
    gi_free(s->text);
    gi_free(s->cuts);
}

static const gale_bolt split = {
    .state_size = sizeof(struct split),
    .output = GALE_FIELDS(GALE_STR("word")),
    .execute = split_execute,
    .cleanup = split_cleanup,
};

/* count: how often each word was seen by this task. */
struct count {
    words_table seen;
};

static gale_err count_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct count *c = self;

    (void)ctx;
    return words_init(&c->seen) ? GALE_OK : GALE_ENOMEM;
}

static gale_verdict count_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    enum { WORD };
    struct count *c = self;
    gale_str word = gale_tuple_str(in, WORD);

    (void)ctx;
    words_add(&c->seen, word.ptr, word.len);
    return GALE_ACK;
}

static void count_cleanup(void *self, gale_bolt_ctx *ctx)
{
    const struct input *input = gale_task_arg(gale_bolt_task(ctx));
    struct count *c = self;

    words_merge(input->total, &c->seen);
    words_fini(&c->seen);
}

static const gale_bolt count = {
    .state_size = sizeof(struct count),
    .prepare = count_prepare,
    .execute = count_execute,
    .cleanup = count_cleanup,
};

/* ----------------------------------------------------------- measuring -- */

struct measured {
    const bench_opts *o;
    bench_text text;
    words_table once; /* the right answer, for one round */
    uint32_t rounds;
    double words; /* of all rounds */
    uint32_t *cuts;
    uint64_t roots_acked;
    bench_samples acked, unacked, bare, simple;
};

/* Words a second; 0 if something was wrong. */
static double run_bare(struct measured *m, bool simple)
{
    words_table t;

    if (!words_init(&t))
        return 0;
    size_t places = 65536;
    while (places < 4 * (size_t)words_distinct(&m->once))
        places *= 2;
    int64_t began = bench_now_ns();
    if (simple)
        bare_count_simply(&t, &m->text, places, m->rounds);
    for (uint32_t i = 0; !simple && i < m->rounds; i++)
        bare_count(&t, &m->text, m->cuts);
    int64_t took = bench_now_ns() - began;

    bool right = words_same(&t, &m->once, m->rounds);
    words_fini(&t);
    if (!right)
        bench_say("wordcount: the %s loop counted wrong",
                  simple ? "simple" : "bare");
    return right ? m->words * 1e9 / (double)took : 0;
}

static double run_topology(struct measured *m, bool ack)
{
    static const gale_setting untracked[] = {
        { "topology.acker.executors", "0" },
        { 0 },
    };
    words_table total;
    struct input input = { &m->text, m->rounds, &total };
    uint32_t each = m->o->loops;
    const gale_component components[] = {
        { .id = "lines", .spout = &lines, .tasks = each, .arg = &input },
        {
            .id = "split",
            .bolt = &split,
            .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")),
            .tasks = each,
        },
        {
            .id = "count",
            .bolt = &count,
            .inputs = GALE_INPUTS(GALE_BY("split", "word")),
            .tasks = each,
            .arg = &input,
        },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "wordcount",
                              .components = GALE_COMPONENTS(components) };
    gale_run_result r;

    if (!words_init(&total))
        return 0;
    bool ok = bench_topology(&t, ack ? NULL : untracked, m->o->loops, &r);
    bool right = ok && words_same(&total, &m->once, m->rounds);

    words_fini(&total);
    if (ok && !right)
        bench_say("wordcount: the topology counted wrong");
    if (ack)
        m->roots_acked += r.acked;
    return right ? m->words * 1e9 / (double)r.run_ns : 0;
}

static bool prepare(struct measured *m)
{
    bool have = m->o->input == NULL ? bench_text_make(&m->text)
                                    : bench_text_read(&m->text, m->o->input);

    if (!have)
        return false;
    m->cuts = gi_calloc(BARE_CUTS, sizeof(*m->cuts));
    if (m->cuts == NULL || !words_init(&m->once)) {
        bench_say("out of memory");
        return false;
    }
    bare_count(&m->once, &m->text, m->cuts);
    m->words = (double)words_total(&m->once);
    m->rounds = 1;
    return true;
}

/* The second run is not the first one any more: it tells how many rounds are
 * needed. */
static bool calibrate(struct measured *m)
{
    double rate = 0;

    for (int i = 0; i < 2; i++)
        if ((rate = run_topology(m, true)) == 0)
            return false;
    m->rounds = bench_rounds(m->o->seconds, m->words / rate);
    m->words *= m->rounds;
    m->roots_acked = 0;
    return true;
}

/* One run of one side, for a profiler. */
static bool once(struct measured *m, bench_report *r)
{
    bool ack = bench_wants_acked(m->o);

    m->rounds = bench_rounds((double)m->o->tuples, m->words);
    m->words *= m->rounds;
    double rate = run_topology(m, ack);
    bench_put_u64(r, "words", (uint64_t)m->words);
    bench_put_f64(r, ack ? "words_per_s_acked" : "words_per_s_unacked", rate);
    return rate > 0;
}

static bool measure(struct measured *m)
{
    for (unsigned i = 0; i < m->o->repeats; i++) {
        double acked = run_topology(m, true);
        double unacked = run_topology(m, false);
        double bare = run_bare(m, false);
        double simple = run_bare(m, true);

        if (acked == 0 || unacked == 0 || bare == 0 || simple == 0)
            return false;
        bench_add(&m->acked, acked);
        bench_add(&m->unacked, unacked);
        bench_add(&m->bare, bare);
        bench_add(&m->simple, simple);
    }
    return true;
}

static void put_all(const struct measured *m, bench_report *r)
{
    bench_samples ack_ratio = bench_ratios(&m->acked, &m->unacked);
    bench_samples cost_ratio = bench_ratios(&m->acked, &m->bare);
    bench_samples simple_ratio = bench_ratios(&m->acked, &m->simple);

    bench_put_str(r, "input", m->o->input == NULL ? "made up" : m->o->input);
    bench_put_u64(r, "input_bytes", m->text.len);
    bench_put_u64(r, "distinct_words", words_distinct(&m->once));
    bench_put_u64(r, "words", (uint64_t)m->words);
    bench_put(r, "words_per_s_acked", &m->acked);
    bench_put(r, "words_per_s_unacked", &m->unacked);
    bench_put(r, "ack_ratio", &ack_ratio);
    bench_put(r, "bare_loop_words_per_s", &m->bare);
    bench_put(r, "cost_ratio", &cost_ratio);
    bench_put(r, "simple_loop_words_per_s", &m->simple);
    bench_put(r, "simple_cost_ratio", &simple_ratio);
    bench_put_u64(r, "roots_acked", m->roots_acked);
}

bool bench_wordcount(const bench_opts *o, bench_report *r)
{
    struct measured m = { .o = o };
    bool ok = prepare(&m);

    if (ok && o->tuples > 0)
        ok = once(&m, r);
    else if (ok)
        ok = calibrate(&m) && measure(&m) && (put_all(&m, r), true);
    words_fini(&m.once);
    bench_text_fini(&m.text);
    gi_free(m.cuts);
    return ok;
}
