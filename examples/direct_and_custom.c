/* direct_and_custom.c -- who gets a tuple: two ways to decide for oneself.
 *
 *     build/bin/direct_and_custom
 *
 *     jobs --shuffle--> deal --direct--> work --custom--> file
 *
 * What it teaches: a direct stream, whose sender names the task that gets
 * each tuple (deal gives a job to the worker with the least to do), and a
 * grouping of one's own (done jobs are filed by first letter, a to m in one
 * task, n to z in the other).  Each line of output is
 *
 *     job hours worker shelf
 */
#include <inttypes.h>
#include <stdio.h>

#include <gale/gale.h>

/* ----------------------------------------------------------------- jobs -- */

static const struct {
    const char *name;
    int64_t hours;
} todo[] = {
    { "paint", 6 }, { "dig", 1 },   { "mow", 2 },  { "nail", 1 },
    { "saw", 3 },   { "carve", 2 }, { "glue", 4 }, { "weld", 1 },
};

enum { N_JOBS = sizeof(todo) / sizeof(todo[0]) };

struct jobs {
    uint64_t given;
};

static bool jobs_next(void *self, gale_spout_ctx *ctx)
{
    struct jobs *j = self;
    uint64_t i = j->given;

    if (i == N_JOBS)
        return false;
    gale_spout_emit(
        ctx, i,
        GALE_ROW(gale_val_cstr(todo[i].name), gale_val_i64(todo[i].hours)));
    j->given++;
    return true;
}

static const gale_spout jobs = {
    .state_size = sizeof(struct jobs),
    .output = GALE_FIELDS(GALE_STR("name"), GALE_I64("hours")),
    .next = jobs_next,
};

/* ----------------------------------------------------------------- deal -- */

enum { MAX_WORKERS = 16 };

struct deal {
    uint32_t first, n; /* the tasks of work */
    int64_t hours[MAX_WORKERS];
};

static gale_err deal_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct deal *d = self;

    d->n = gale_task_peers(gale_bolt_task(ctx), "work", &d->first);
    if (d->n == 0 || d->n > MAX_WORKERS) {
        gale_task_error(gale_bolt_task(ctx), "%" PRIu32 " workers", d->n);
        return GALE_ELIMIT;
    }
    return GALE_OK;
}

/* Streams are numbered: 0 is the default one, which deal does not have; 1 the
 * first of its table. */
enum { TO_WORKER = 1 };

static gale_verdict deal_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    struct deal *d = self;
    uint32_t least = 0;

    for (uint32_t i = 1; i < d->n; i++)
        if (d->hours[i] < d->hours[least])
            least = i;
    d->hours[least] += gale_tuple_i64(in, 1);

    const gale_emit_opts opts = { .stream = TO_WORKER,
                                  .task = d->first + least };
    gale_emit_with(ctx, &opts, gale_tuple_row(in));
    return GALE_ACK;
}

static const gale_bolt deal = {
    .state_size = sizeof(struct deal),
    .streams = GALE_STREAMS({
        .name = "to_worker",
        .fields = GALE_FIELDS(GALE_STR("name"), GALE_I64("hours")),
        .direct = true,
    }),
    .prepare = deal_prepare,
    .execute = deal_execute,
};

/* ----------------------------------------------------------------- work -- */

static gale_verdict work_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    int64_t me = gale_task_index(gale_bolt_task(ctx));

    (void)self;
    gale_emit(ctx, GALE_ROW(*gale_tuple_at(in, 0), *gale_tuple_at(in, 1),
                            gale_val_i64(me)));
    return GALE_ACK;
}

static const gale_bolt work = {
    .output =
        GALE_FIELDS(GALE_STR("name"), GALE_I64("hours"), GALE_I64("worker")),
    .execute = work_execute,
};

/* ----------------------------------------------------------------- file -- */

struct by_letter {
    const uint32_t *tasks;
    size_t n;
};

static void by_letter_prepare(void *self, const uint32_t *tasks, size_t n)
{
    struct by_letter *b = self;

    b->tasks = tasks;
    b->n = n;
}

/* The alphabet in as many equal parts as there are tasks. */
static size_t by_letter_choose(void *self, gale_row row, uint32_t *chosen)
{
    const struct by_letter *b = self;
    const gale_value *name = &row.values[0];
    size_t part = 0;

    if (name->len > 0 && name->as.p[0] >= 'a' && name->as.p[0] <= 'z')
        part = (size_t)(name->as.p[0] - 'a') * b->n / 26;
    chosen[0] = b->tasks[part];
    return 1;
}

static const gale_chooser by_letter = {
    .state_size = sizeof(struct by_letter),
    .prepare = by_letter_prepare,
    .choose = by_letter_choose,
};

static gale_verdict file_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    gale_str name = gale_tuple_str(in, 0);

    (void)self;
    printf("%.*s %" PRId64 " %" PRId64 " %" PRIu32 "\n", (int)name.len,
           name.ptr, gale_tuple_i64(in, 1), gale_tuple_i64(in, 2),
           gale_task_index(gale_bolt_task(ctx)));
    return GALE_ACK;
}

static const gale_bolt file = {
    .execute = file_execute,
};

/* ------------------------------------------------------------- topology -- */

static const gale_component components[] = {
    { .id = "jobs", .spout = &jobs },
    {
        .id = "deal",
        .bolt = &deal,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("jobs")),
    },
    {
        .id = "work",
        .bolt = &work,
        .inputs = GALE_INPUTS(GALE_DIRECT("deal", "to_worker")),
        .tasks = 3,
    },
    {
        .id = "file",
        .bolt = &file,
        .inputs = GALE_INPUTS(GALE_CUSTOM("work", &by_letter)),
        .tasks = 2,
    },
};

static const gale_topology direct_and_custom = {
    .abi = GALE_ABI,
    .name = "direct_and_custom",
    .components = GALE_COMPONENTS(components),
    .about = "Deals out jobs by their size, and files them by their name.",
};

int main(int argc, char **argv)
{
    return gale_main(argc, argv, &direct_and_custom);
}
