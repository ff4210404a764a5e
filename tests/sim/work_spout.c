/* work_spout.c -- spouts, rows, and the chooser. */
#include <stdlib.h>

#include "work.h"

static struct shape *shapes; /* [n_comps] */
static char padding[4096];

uint64_t work_hash(uint64_t a, uint64_t b)
{
    return gi_mix64(a ^ gi_mix64(b + 0x9e3779b97f4a7c15u));
}

const struct shape *work_shape(const gale_task *t)
{
    return &shapes[t->comp->no];
}

static const part *part_of(const gale_task *t)
{
    const struct role *role = gale_task_arg(t);

    return role->part;
}

/* --------------------------------------------------------- the chooser -- */

struct chooser {
    const uint32_t *tasks; /* borrowed to the end */
    size_t n;
};

static void chooser_prepare(void *self, const uint32_t *tasks, size_t n)
{
    *(struct chooser *)self = (struct chooser){ tasks, n };
}

static bool chooses_two(uint64_t key, size_t n)
{
    return key % 3 == 0 && n > 1;
}

static size_t choose(void *self, gale_row row, uint32_t *chosen)
{
    const struct chooser *c = self;
    uint64_t key = (uint64_t)row.values[AT_KEY].as.i;

    chosen[0] = c->tasks[key % c->n];
    if (!chooses_two(key, c->n))
        return 1;
    chosen[1] = c->tasks[(key + 1) % c->n];
    return 2;
}

bool work_chooses(uint64_t key, uint32_t index, uint32_t n)
{
    return index == key % n || (chooses_two(key, n) && index == (key + 1) % n);
}

const gale_chooser work_chooser = { .state_size = sizeof(struct chooser),
                                    .prepare = chooser_prepare,
                                    .choose = choose };

/* -------------------------------------------------------------- shapes -- */

static void add_named(struct shape *s, const gi_comp *c)
{
    for (uint32_t i = 0; i < c->n_tasks; i++)
        s->named[s->n_named++] = c->first_task + i;
}

static void add_edge(struct shape *s, uint32_t stream, const gi_edge *e)
{
    const gi_comp *c = &model.plan->comps[e->to];

    if (stream == STREAM_NAMED)
        add_named(s, c);
    if (e->how == GALE_GROUP_ALL) {
        s->copies[stream] += c->n_tasks;
    } else if (e->how == GALE_GROUP_CUSTOM) {
        s->copies[stream] += 2;
        s->custom[stream] = true;
    } else if (stream != STREAM_NAMED || s->copies[stream] == 0) {
        s->copies[stream]++;
    }
}

void work_begin(void)
{
    const gi_plan *p = model.plan;

    shapes = calloc(p->n_comps, sizeof(*shapes));
    memset(padding, 'x', sizeof(padding));
    for (uint32_t i = 0; i < p->n_comps; i++)
        for (uint32_t k = 0; k < STREAM_DEAD; k++) {
            const gi_stream *s = &p->streams[p->comps[i].first_stream + k];

            for (uint32_t e = 0; e < s->n_edges; e++)
                add_edge(&shapes[i], k, &s->edges[e]);
        }
    work_begin_bolts();
}

void work_end(void)
{
    work_end_bolts();
    free(shapes);
}

/* ---------------------------------------------------------------- rows -- */

void work_row(struct row *r, gale_task *t, int64_t message, uint64_t ref,
              uint64_t path, uint64_t size, unsigned stream)
{
    const struct shape *s = work_shape(t);
    uint64_t key = path % N_KEYS;
    uint32_t pad = (uint32_t)((path >> 8) % (model.s->pad + 1));

    r->task = 0;
    if (stream == STREAM_NAMED) {
        r->task =
            s->n_named == 0 ? t->id : s->named[(path >> 16) % s->n_named];
        key = r->task;
    }
    r->v[AT_MESSAGE] = gale_val_i64(message);
    r->v[AT_REF] = gale_val_i64((int64_t)ref);
    r->v[AT_PATH] = gale_val_i64((int64_t)path);
    r->v[AT_SIZE] = gale_val_i64((int64_t)size);
    r->v[AT_SEQ] = gale_val_i64(++task_model(t->id)->seq);
    r->v[AT_KEY] = gale_val_i64((int64_t)key);
    r->v[AT_PAD] = gale_val_run(GALE_T_STR, padding, pad);
}

/* -------------------------------------------------------------- spouts -- */

static struct source *source_of(gale_spout_ctx *ctx)
{
    return model.source_of[gale_task_id(gale_spout_task(ctx)) - 1];
}

static gale_err open_source(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    shadow_opened(source_of(ctx));
    return GALE_OK;
}

/* One of the streams that somebody reads. */
static unsigned choose_stream(const struct shape *s, uint64_t path)
{
    for (unsigned i = 0; i < STREAM_DEAD; i++) {
        unsigned stream = (unsigned)((path >> 32) + i) % STREAM_DEAD;

        if (s->copies[stream] > 0)
            return stream;
    }
    return STREAM_MAIN;
}

static void emit(struct source *src, gale_spout_ctx *ctx, uint32_t message)
{
    gale_task *t = gale_spout_task(ctx);
    uint64_t path = work_hash(model.s->seed, message);
    bool untracked = work_hash(path, 1) % 1000 < part_of(t)->untracked;
    bool counted = untracked || model.s->ackers == 0;
    uint64_t ref = counted ? shadow_record(NULL, 0) : 0;
    unsigned stream = choose_stream(work_shape(t), path);
    struct row r;

    work_row(&r, t, message, ref, path, 1 + path % model.s->size, stream);
    gale_spout_emit_opts o = {
        .stream = stream, .task = r.task, .id = message, .untracked = untracked
    };
    gale_row row = { r.v, N_VALUES };
    size_t n = gale_spout_emit_with(ctx, &o, row);
    if (counted)
        shadow_sent(ref, (uint32_t)n);
    if (untracked)
        shadow_untracked(src, message);
}

static bool next(void *self, gale_spout_ctx *ctx)
{
    struct source *src = source_of(ctx);
    const part *p = part_of(gale_spout_task(ctx));
    uint32_t message;

    (void)self;
    if (sim_now() < src->due_ns)
        return true;
    if (p->pause > 0 && src->burst >= p->burst) {
        uint64_t ms =
            work_hash(model.s->seed, src->first + src->cursor) % p->pause;

        src->due_ns = sim_now() + (int64_t)(ms + 1) * 1000000;
        src->burst = 0;
        return true;
    }
    if (!shadow_next(src, &message))
        return false;
    emit(src, ctx, message);
    return true;
}

static void acked(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    shadow_acked(source_of(ctx), id);
}

static void failed(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    shadow_failed(source_of(ctx), id);
}

// clang-format off
#define ROW_FIELDS                                                     \
    GALE_FIELDS(GALE_I64("message"), GALE_I64("ref"), GALE_I64("path"), \
                GALE_I64("size"), GALE_I64("seq"), GALE_I64("key"),     \
                GALE_STR("pad"))
// clang-format on
#define STREAMS                                            \
    GALE_STREAMS({ .name = "side", .fields = ROW_FIELDS }, \
                 { .name = "named", .fields = ROW_FIELDS, .direct = true })

const gale_spout work_spout = {
    .state_size = 8,
    .output = ROW_FIELDS,
    .streams = STREAMS,
    .open = open_source,
    .next = next,
    .ack = acked,
};

const gale_spout work_replays_spout = {
    .state_size = 8,
    .output = ROW_FIELDS,
    .streams = STREAMS,
    .open = open_source,
    .next = next,
    .ack = acked,
    .fail = failed,
};

/* What a task dies with is never freed, as in a process that dies; so its own
 * state is small, and what it holds is in hands of ours (work_bolt.c). */
const gale_bolt work_bolt = {
    .state_size = 8,
    .output = ROW_FIELDS,
    .streams = STREAMS,
    .prepare = work_prepare,
    .execute = work_execute,
    .tick = work_tick,
};

const gale_bolt work_together_bolt = {
    .state_size = 8,
    .output = ROW_FIELDS,
    .streams = STREAMS,
    .prepare = work_prepare,
    .execute_batch = work_execute_batch,
    .tick = work_tick,
};
