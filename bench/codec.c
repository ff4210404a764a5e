/* codec.c -- what it costs to put tuples into frames and to take them out.
 *
 * Batches of 32 KiB, tracked tuples, fields that are words of eight bytes or
 * numbers of any size.  Figures are for one tuple or note; checksums and
 * compression, which do not care what bytes mean, are in gigabytes a second.
 */
#include "base/crc32c.h"
#include "base/mem.h"
#include "base/mix.h"
#include "bench/micro.h"
#include "wire/frame.h"
#include "wire/notes.h"
#include "wire/tuples.h"

enum {
    BATCH = 32768,
    BATCHES = 16,
    NOTES = 1000,
    MOST_FIELDS = 16,
    VOCABULARY = 512
};

/* One spout whose row has `n` fields, and a bolt that reads it. */
static bool no_next(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return false;
}

static gale_verdict no_execute(void *self, const gale_tuple *in,
                               gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    return GALE_ACK;
}

static gi_plan *plan_of(unsigned n, gale_type type)
{
    static const char names[][2] = { "a", "b", "c", "d", "e", "f", "g", "h",
                                     "i", "j", "k", "l", "m", "n", "o", "p" };
    gale_field fields[MOST_FIELDS + 1] = { 0 };
    for (unsigned i = 0; i < n; i++)
        fields[i] = (gale_field){ names[i], type };
    const gale_spout spout = { .output = fields, .next = no_next };
    const gale_bolt bolt = { .execute = no_execute };
    const gale_component components[] = {
        { .id = "spout", .spout = &spout },
        {
            .id = "bolt",
            .bolt = &bolt,
            .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")),
        },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "codec",
                              .components = GALE_COMPONENTS(components) };
    gi_plan *p = NULL;

    return gi_plan_of(&p, &t, NULL, NULL, NULL) == GALE_OK ? p : NULL;
}

/* A batch, the section it becomes, and the batch that comes of that. */
struct bench_codec {
    gi_plan *plan;
    gi_rules rules;
    gi_batch *out[BATCHES], *in;
    unsigned char *room[BATCHES];
    size_t len[BATCHES];
    uint64_t tuples, bytes; /* of all batches */
};

static void fill(gi_batch *b, unsigned n, gale_type type, gi_rng *r)
{
    char words[MOST_FIELDS][8];
    gale_value v[MOST_FIELDS];

    for (;;) {
        for (unsigned i = 0; i < n; i++) {
            uint64_t x = gi_rng_next(r), word = gi_mix64(x % VOCABULARY);

            for (unsigned k = 0; k < 8; k++)
                words[i][k] = (char)('a' + (word >> 8 * k) % 26);
            v[i] = type == GALE_T_STR
                       ? gale_val_run(GALE_T_STR, words[i], 8)
                       : gale_val_i64((int64_t)(x >> gi_rng_below(r, 64)));
        }
        gale_row row = { v, n };
        uint32_t need = (uint32_t)gi_tuple_need(row, 0);
        if (b->cap - b->used < need)
            return;
        gale_tuple *t = gi_batch_at(b, b->used);
        t->size = need;
        t->task = 1;
        t->stream = 0;
        gi_tuple_fill(t, row, 0);
        t->link = (gi_link){ gi_root(0, b->n, 1), gi_rng_next(r) };
        b->used += need;
        b->n++;
    }
}

static bool make(struct bench_codec *c, unsigned n, gale_type type)
{
    gi_rng r = { n };

    c->plan = plan_of(n, type);
    c->in = gi_alloc(sizeof(*c->in) + BATCH);
    if (c->plan == NULL || c->in == NULL)
        return false;
    c->rules = gi_rules_of(c->plan);
    for (unsigned i = 0; i < BATCHES; i++) {
        c->out[i] = gi_alloc(sizeof(gi_batch) + BATCH);
        c->room[i] = gi_alloc(BATCH + GI_TUPLES_OVER);
        if (c->out[i] == NULL || c->room[i] == NULL)
            return false;
        c->out[i]->cap = BATCH;
        c->out[i]->to = 2;
        fill(c->out[i], n, type, &r);
        c->tuples += c->out[i]->n;
    }
    return true;
}

static void drop(struct bench_codec *c)
{
    for (unsigned i = 0; i < BATCHES; i++) {
        gi_free(c->out[i]);
        gi_free(c->room[i]);
    }
    gi_free(c->in);
    gi_plan_destroy(c->plan);
}

/* ----------------------------------------------------------- measuring -- */

/* One round of something; false: it went wrong. */
typedef bool (*round_run)(void *arg);

/* Nanoseconds a round, over about `seconds`. */
static double each_ns(double seconds, round_run run, void *arg, bool *ok)
{
    int64_t began = bench_now_ns(), now = began;
    uint64_t rounds = 0;

    while (*ok && (double)(now - began) < seconds * 1e9) {
        for (int i = 0; i < 8; i++)
            *ok &= run(arg);
        rounds += 8;
        now = bench_now_ns();
    }
    return rounds == 0 ? 0 : (double)(now - began) / (double)rounds;
}

/* --------------------------------------------------------------- tuples -- */

static bool write_all(void *arg)
{
    struct bench_codec *c = arg;

    c->bytes = 0;
    for (unsigned i = 0; i < BATCHES; i++) {
        c->len[i] = gi_tuples_write(c->out[i], c->room[i]);
        c->bytes += c->len[i];
    }
    return true;
}

static bool read_all(void *arg)
{
    struct bench_codec *c = arg;
    bool ok = true;

    for (unsigned i = 0; i < BATCHES; i++) {
        gi_tuples head;
        size_t used;

        ok &= gi_tuples_peek(&c->rules, c->room[i], c->len[i], &head) ==
                  GI_TAKEN &&
              gi_tuples_read(&c->rules, &head, c->in, &used) == GI_TAKEN &&
              c->in->n == c->out[i]->n;
    }
    return ok;
}

static bool tuples(const bench_opts *o, bench_report *r, const char *key,
                   unsigned n, gale_type type, double seconds)
{
    struct bench_codec c = { 0 };
    bench_samples wrote = { 0 }, read = { 0 };
    bool ok = make(&c, n, type);

    for (unsigned k = 0; k < o->repeats && ok; k++) {
        bench_add(&wrote,
                  each_ns(seconds, write_all, &c, &ok) / (double)c.tuples);
        bench_add(&read,
                  each_ns(seconds, read_all, &c, &ok) / (double)c.tuples);
    }
    if (ok) {
        bench_open(r, key);
        bench_put(r, "write_ns", &wrote);
        bench_put(r, "read_ns", &read);
        bench_put_f64(r, "bytes", (double)c.bytes / (double)c.tuples);
        bench_close(r);
    }
    drop(&c);
    return ok;
}

/* A round, over and over until `n` tuples went through; all were written once
 * before. */
static double micro(round_run run, uint64_t n, bool *ok)
{
    struct bench_codec c = { 0 };
    double ns = 0;

    *ok &= make(&c, 1, GALE_T_STR);
    if (*ok) {
        uint64_t rounds = n / c.tuples + 1;
        int64_t began;

        *ok &= write_all(&c) && c.bytes > 0;
        began = bench_now_ns();
        for (uint64_t i = 0; i < rounds; i++)
            *ok &= run(&c);
        ns = (double)(bench_now_ns() - began) / (double)(rounds * c.tuples);
    }
    drop(&c);
    return ns;
}

double micro_frame_encode(uint64_t n, bool *ok)
{
    return micro(write_all, n, ok);
}

double micro_frame_decode(uint64_t n, bool *ok)
{
    return micro(read_all, n, ok);
}

/* ---------------------------------------------------------------- notes -- */

struct bench_notes {
    gi_rules rules;
    uint64_t sum; /* of all that were written */
    gi_note note[NOTES];
    unsigned char room[GI_NOTES_HEAD + NOTES * GI_NOTES_EACH];
};

static bool write_notes(void *arg)
{
    struct bench_notes *b = arg;

    return gi_notes_write(b->note, NOTES, b->room) == sizeof(b->room);
}

static bool read_notes(void *arg)
{
    struct bench_notes *b = arg;
    gi_notes s = { 0 };
    size_t used;
    uint64_t sum = 0;

    if (gi_notes_check(&b->rules, b->room, sizeof(b->room), &s, &used) !=
        GI_TAKEN)
        return false;
    for (uint32_t i = 0; i < s.n; i++)
        sum ^= gi_notes_at(&s, i).sum;
    return sum == b->sum;
}

static bool notes(const bench_opts *o, bench_report *r, double seconds)
{
    static struct bench_notes b;
    bench_samples wrote = { 0 }, read = { 0 };
    gi_plan *p = plan_of(1, GALE_T_STR);
    gi_rng rng = { 1 };
    bool ok = p != NULL;

    b.sum = 0;
    for (uint32_t i = 0; i < NOTES; i++) {
        b.note[i] = (gi_note){ .root = gi_root(0, i, 1),
                               .sum = gi_rng_next(&rng),
                               .kind = GI_NOTE_ACK };
        b.sum ^= b.note[i].sum;
    }
    if (ok)
        b.rules = gi_rules_of(p);
    for (unsigned k = 0; k < o->repeats && ok; k++) {
        bench_add(&wrote, each_ns(seconds, write_notes, &b, &ok) / NOTES);
        bench_add(&read, each_ns(seconds, read_notes, &b, &ok) / NOTES);
    }
    if (ok) {
        bench_open(r, "notes");
        bench_put(r, "write_ns", &wrote);
        bench_put(r, "read_ns", &read);
        bench_close(r);
    }
    gi_plan_destroy(p);
    return ok;
}

/* ------------------------------------------------------------- payloads -- */

enum { PAYLOAD = 2 * (BATCH + GI_TUPLES_OVER) };

/* A payload of two sections of words. */
struct bench_payload {
    gi_frame frame;
    uint32_t crc;
    unsigned char bytes[PAYLOAD], packed[PAYLOAD], again[PAYLOAD];
};

static bool sum_up(void *arg)
{
    struct bench_payload *p = arg;

    return gi_crc32c(0, p->bytes, p->frame.raw) == p->crc;
}

static bool sum_up_by_table(void *arg)
{
    struct bench_payload *p = arg;

    return gi_crc32c_by_table(0, p->bytes, p->frame.raw) == p->crc;
}

static bool pack(void *arg)
{
    struct bench_payload *p = arg;

    p->frame.stored = gi_frame_pack(p->bytes, p->frame.raw, p->packed);
    return p->frame.stored > 0;
}

static bool unpack(void *arg)
{
    struct bench_payload *p = arg;

    return gi_frame_unpack(&p->frame, p->again) == GI_TAKEN;
}

static bool payloads(const bench_opts *o, bench_report *r, double seconds)
{
    static struct bench_payload p;
    static const struct {
        const char *key;
        round_run run;
    } parts[] = {
        { "crc_gb_per_s", sum_up },
        { "crc_table_gb_per_s", sum_up_by_table },
        { "lz4_pack_gb_per_s", pack },
        { "lz4_unpack_gb_per_s", unpack },
    };
    struct bench_codec c = { 0 };
    bool ok = make(&c, 4, GALE_T_STR);
    uint32_t len = 0;

    for (unsigned i = 0; i < 2 && ok; i++)
        len += (uint32_t)gi_tuples_write(c.out[i], p.bytes + len);
    p.frame = (gi_frame){ .kind = GI_FRAME_DATA,
                          .flags = GI_FRAME_LZ4,
                          .raw = len,
                          .payload = p.packed };
    p.crc = gi_crc32c_by_table(0, p.bytes, len);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && ok; i++) {
        bench_samples s = { 0 };

        for (unsigned k = 0; k < o->repeats && ok; k++)
            bench_add(&s, len / each_ns(seconds, parts[i].run, &p, &ok));
        bench_put(r, parts[i].key, &s);
    }
    ok = ok && memcmp(p.again, p.bytes, len) == 0;
    if (ok)
        bench_put_f64(r, "lz4_packed_to",
                      (double)p.frame.stored / (double)p.frame.raw);
    drop(&c);
    return ok;
}

bool bench_codec(const bench_opts *o, bench_report *r)
{
    double each = o->seconds / 14;
    bool ok = tuples(o, r, "words_1", 1, GALE_T_STR, each) &&
              tuples(o, r, "words_4", 4, GALE_T_STR, each) &&
              tuples(o, r, "words_16", 16, GALE_T_STR, each) &&
              tuples(o, r, "numbers_4", 4, GALE_T_I64, each) &&
              notes(o, r, each) && payloads(o, r, each);

    if (!ok)
        bench_say("codec: an answer was wrong");
    return ok;
}
