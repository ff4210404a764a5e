/* single_join.c -- two streams that tell of the same people, joined by id.
 *
 *     build/bin/single_join
 *
 *     genders (id, gender) --by id--+
 *                                   +--> join (id, gender, age) --> print
 *     ages (id, age) --------by id--+
 *
 * What it teaches: keeping a tuple until its counterpart comes (gale_hold),
 * emitting what descends from two tuples (anchors), answering later
 * (gale_ack, gale_fail), and a tick that gives up what nobody came for.
 *
 * The ages of persons 10 and 11 are told, but not their genders.  When
 * join.patience.ms (500) have passed, their tuples fail, and their spout,
 * which has a fail of its own, says so instead of telling them again.
 */
#include <inttypes.h>
#include <stdio.h>

#include <gale/gale.h>

enum { PERSONS = 10, STRANGERS = 2 };

/* The same for both inputs of the join. */
enum { ID, ATTRIBUTE };

/* ---------------------------------------------------- genders and ages -- */

struct teller {
    int64_t told;
};

static bool genders_next(void *self, gale_spout_ctx *ctx)
{
    struct teller *s = self;
    int64_t id = s->told;
    const char *gender = id % 2 == 0 ? "male" : "female";

    if (s->told == PERSONS)
        return false;
    gale_spout_emit(ctx, (uint64_t)id,
                    GALE_ROW(gale_val_i64(id), gale_val_cstr(gender)));
    s->told++;
    return true;
}

static const gale_spout genders = {
    .state_size = sizeof(struct teller),
    .output = GALE_FIELDS(GALE_I64("id"), GALE_STR("gender")),
    .next = genders_next,
};

/* The oldest is told first, so that the two streams meet from both sides. */
static bool ages_next(void *self, gale_spout_ctx *ctx)
{
    struct teller *s = self;
    int64_t id = PERSONS + STRANGERS - 1 - s->told;

    if (s->told == PERSONS + STRANGERS)
        return false; /* asked once more after each fail */
    gale_spout_emit(ctx, (uint64_t)id,
                    GALE_ROW(gale_val_i64(id), gale_val_i64(20 + id)));
    s->told++;
    return true;
}

/* Because this is here, the runtime does not replay: it is up to us. */
static void ages_fail(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    printf("%" PRIu64 " nobody (%s)\n", id, gale_spout_why(ctx));
}

static const gale_spout ages = {
    .state_size = sizeof(struct teller),
    .output = GALE_FIELDS(GALE_I64("id"), GALE_I64("age")),
    .next = ages_next,
    .fail = ages_fail,
};

/* ----------------------------------------------------------------- join -- */

/* Someone of whom one half is known. */
struct waiting {
    gale_held half;
    int64_t id;
    int64_t since_ms;
};

enum { MAX_WAITING = 1000 };

struct join {
    struct waiting at[MAX_WAITING];
    size_t n;
    int64_t patience_ms;
};

static gale_err join_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct join *j = self;

    j->patience_ms =
        gale_task_conf_i64(gale_bolt_task(ctx), "join.patience.ms", 500);
    return GALE_OK;
}

static struct waiting *find(struct join *j, int64_t id)
{
    for (size_t i = 0; i < j->n; i++)
        if (j->at[i].id == id)
            return &j->at[i];
    return NULL;
}

static void forget(struct join *j, struct waiting *w)
{
    *w = j->at[--j->n];
}

/* Keep `in` until its counterpart comes. */
static gale_verdict wait_for_other(struct join *j, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    if (j->n == MAX_WAITING)
        return GALE_FAIL; /* no room now; perhaps when it is replayed */
    j->at[j->n++] = (struct waiting){
        .half = gale_hold(ctx, in),
        .id = gale_tuple_i64(in, ID),
        .since_ms = gale_task_now_ms(gale_bolt_task(ctx)),
    };
    return GALE_HOLD;
}

static void emit_pair(const gale_tuple *gender, const gale_tuple *age,
                      gale_held other, gale_bolt_ctx *ctx)
{
    const gale_held anchors[] = { GALE_INPUT, other };
    const gale_emit_opts opts = { .anchors = anchors, .n_anchors = 2 };

    gale_emit_with(ctx, &opts,
                   GALE_ROW(gale_val_i64(gale_tuple_i64(gender, ID)),
                            gale_val_str(gale_tuple_str(gender, ATTRIBUTE)),
                            gale_val_i64(gale_tuple_i64(age, ATTRIBUTE))));
}

static bool is_gender(const gale_tuple *t)
{
    return strcmp(gale_tuple_component(t), "genders") == 0;
}

static gale_verdict join_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    struct join *j = self;
    struct waiting *w = find(j, gale_tuple_i64(in, ID));

    if (w == NULL)
        return wait_for_other(j, in, ctx);

    gale_held held = w->half;
    const gale_tuple *other = gale_held_tuple(ctx, held);
    if (other == NULL) { /* there was no memory to hold it: it has failed */
        forget(j, w);
        return wait_for_other(j, in, ctx);
    }
    if (is_gender(in) == is_gender(other)) { /* the same half once more: */
        gale_ack(ctx, held);                 /* a replay takes its place */
        forget(j, w);
        return wait_for_other(j, in, ctx);
    }
    if (is_gender(in))
        emit_pair(in, other, held, ctx);
    else
        emit_pair(other, in, held, ctx);
    gale_ack(ctx, held);
    forget(j, w);
    return GALE_ACK;
}

/* Fail those who have waited for too long. */
static void join_tick(void *self, gale_bolt_ctx *ctx)
{
    struct join *j = self;
    int64_t now_ms = gale_task_now_ms(gale_bolt_task(ctx));

    for (size_t i = 0; i < j->n;) {
        if (now_ms - j->at[i].since_ms < j->patience_ms) {
            i++;
        } else {
            gale_fail(ctx, j->at[i].half);
            forget(j, &j->at[i]);
        }
    }
}

static const gale_bolt join = {
    .state_size = sizeof(struct join),
    .output = GALE_FIELDS(GALE_I64("id"), GALE_STR("gender"), GALE_I64("age")),
    .prepare = join_prepare,
    .execute = join_execute,
    .tick = join_tick,
};

/* ---------------------------------------------------------------- print -- */

static gale_verdict print_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    gale_str gender = gale_tuple_str(in, 1);

    (void)self;
    (void)ctx;
    printf("%" PRId64 " %.*s %" PRId64 "\n", gale_tuple_i64(in, 0),
           (int)gender.len, gender.ptr, gale_tuple_i64(in, 2));
    return GALE_ACK;
}

static const gale_bolt print = {
    .execute = print_execute,
};

/* ------------------------------------------------------------- topology -- */

static const gale_component components[] = {
    { .id = "genders", .spout = &genders },
    { .id = "ages", .spout = &ages },
    {
        .id = "join",
        .bolt = &join,
        .inputs = GALE_INPUTS(GALE_BY("genders", "id"), GALE_BY("ages", "id")),
        .tasks = 2,
        .tick_ms = 100,
    },
    {
        .id = "print",
        .bolt = &print,
        .inputs = GALE_INPUTS(GALE_GLOBAL("join")),
    },
};

static const gale_topology single_join = {
    .abi = GALE_ABI,
    .name = "single_join",
    .components = GALE_COMPONENTS(components),
    .about = "Joins two streams of facts about the same people.",
};

int main(int argc, char **argv)
{
    return gale_main(argc, argv, &single_join);
}
