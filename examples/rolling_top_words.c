/* rolling_top_words.c -- which words were the most frequent of late?
 *
 *     tr -cs A-Za-z '\n' <FILE | build/bin/rolling_top_words -
 *
 * Reads one word a line, rolling.rate (100) of them a second, and says every
 * two seconds which rolling.top (3) occurred most often in the last nine: in
 * rolling.slots (3) times three seconds.
 *
 *     words --by word--> count --by word--> rank --global--> total --> print
 *
 * What it teaches: ticks.  No bolt here emits when a tuple comes; each keeps
 * what it needs and speaks when its tick says that time has passed.
 *
 *   count   how often each of its words occurred, in slots of three seconds;
 *           each tick says the sums and lets the oldest slot go
 *   rank    keeps the latest sums of its words; each tick says the greatest
 *   total   the same for the rankings of all tasks of rank
 *
 * A ranking is one value: a list of words and counts in turns (nested.h).
 * What a tick emits is unanchored: a lost one is made up for by the next.
 */
#include <inttypes.h>
#include <stdio.h>

#include <gale/gale.h>
#include <gale/nested.h>

#include "lines.h"
#include "words.h"

/* ---------------------------------------------------------------- words -- */

/* The spout of lines.h, slowed down.  After the last word it waits until the
 * rankings that it is in have been said. */
struct paced {
    struct lines lines;
    int64_t per_second, linger_ms;
    int64_t began_ms, end_ms; /* -1: not yet */
    int64_t said;
};

static gale_err words_open(void *self, gale_spout_ctx *ctx)
{
    struct paced *p = self;
    gale_task *task = gale_spout_task(ctx);

    p->per_second = gale_task_conf_i64(task, "rolling.rate", 100);
    p->linger_ms = gale_task_conf_i64(task, "rolling.linger.ms", 8000);
    p->began_ms = -1;
    p->end_ms = -1;
    if (p->per_second < 1) {
        gale_task_error(task, "rolling.rate is to be at least 1");
        return GALE_ECONF;
    }
    return lines_open(&p->lines, ctx);
}

static bool words_next(void *self, gale_spout_ctx *ctx)
{
    struct paced *p = self;
    int64_t now_ms = gale_task_now_ms(gale_spout_task(ctx));

    if (p->end_ms >= 0)
        return now_ms < p->end_ms + p->linger_ms;
    if (p->began_ms < 0)
        p->began_ms = now_ms;
    if (p->said * 1000 > (now_ms - p->began_ms) * p->per_second)
        return true; /* not yet; nothing is lost by being asked again */
    p->said++;
    if (!lines_next(&p->lines, ctx))
        p->end_ms = now_ms;
    return true;
}

static void words_close(void *self, gale_spout_ctx *ctx)
{
    struct paced *p = self;

    lines_close(&p->lines, ctx);
}

static const gale_spout words = {
    .state_size = sizeof(struct paced),
    .output = GALE_FIELDS(GALE_STR("word")),
    .open = words_open,
    .next = words_next,
    .close = words_close,
};

/* ---------------------------------------------------------------- count -- */

enum { SLOT_MS = 3000, MAX_SLOTS = 100000 };

struct count {
    struct words *slot; /* one of them is being filled: `now` */
    size_t slots, now;
    struct words sum; /* of all slots */
};

static gale_err count_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct count *c = self;
    gale_task *task = gale_bolt_task(ctx);
    int64_t slots = gale_task_conf_i64(task, "rolling.slots", 3);

    if (slots < 1 || slots > MAX_SLOTS) {
        gale_task_error(task, "rolling.slots is to be from 1 to %d",
                        MAX_SLOTS);
        return GALE_ECONF;
    }
    c->slot = calloc((size_t)slots, sizeof(*c->slot));
    if (c->slot == NULL)
        return GALE_ENOMEM;
    c->slots = (size_t)slots;
    return GALE_OK;
}

static gale_verdict count_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct count *c = self;
    gale_str word = gale_tuple_str(in, 0);
    int64_t *in_slot = words_at(&c->slot[c->now], word);
    int64_t *in_all = words_at(&c->sum, word);

    (void)ctx;
    if (in_slot == NULL || in_all == NULL)
        return GALE_FAIL;
    ++*in_slot;
    ++*in_all;
    return GALE_ACK;
}

/* The oldest slot is emptied and becomes the one to be filled. */
static void advance(struct count *c)
{
    c->now = (c->now + 1) % c->slots;

    struct words *oldest = &c->slot[c->now];
    for (size_t i = 0; i < oldest->cap; i++) {
        const struct word *x = &oldest->at[i];

        if (x->text != NULL) /* it is in the sums: no memory is needed */
            *words_at(&c->sum, (gale_str){ x->text, x->len }) -= x->n;
    }
    words_free(oldest);
}

/* A word that has become rare to the point of absence is said once more, with
 * 0, so that the ranks forget it. */
static void count_tick(void *self, gale_bolt_ctx *ctx)
{
    struct count *c = self;

    for (size_t i = 0; i < c->sum.cap; i++) {
        const struct word *x = &c->sum.at[i];

        if (x->text != NULL)
            gale_emit(ctx,
                      GALE_ROW(gale_val_cstr(x->text), gale_val_i64(x->n)));
    }
    if (!words_drop_zeros(&c->sum))
        gale_task_error(gale_bolt_task(ctx), "no memory to forget words");
    advance(c);
}

static void count_cleanup(void *self, gale_bolt_ctx *ctx)
{
    struct count *c = self;

    (void)ctx;
    for (size_t i = 0; i < c->slots; i++)
        words_free(&c->slot[i]);
    free(c->slot);
    words_free(&c->sum);
}

static const gale_bolt count = {
    .state_size = sizeof(struct count),
    .output = GALE_FIELDS(GALE_STR("word"), GALE_I64("count")),
    .prepare = count_prepare,
    .execute = count_execute,
    .tick = count_tick,
    .cleanup = count_cleanup,
};

/* ------------------------------------------------------- rank and total -- */

enum { MAX_RANKING = 65536 };

struct rank {
    struct words latest;
    int64_t top;
    char packed[MAX_RANKING];
};

static gale_err rank_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct rank *r = self;

    r->top = gale_task_conf_i64(gale_bolt_task(ctx), "rolling.top", 3);
    return GALE_OK;
}

static bool take(struct words *w, gale_str word, int64_t n)
{
    int64_t *latest = words_at(w, word);

    if (latest != NULL)
        *latest = n;
    return latest != NULL;
}

static gale_verdict rank_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    enum { WORD, COUNT };
    struct rank *r = self;

    (void)ctx;
    return take(&r->latest, gale_tuple_str(in, WORD),
                gale_tuple_i64(in, COUNT))
               ? GALE_ACK
               : GALE_FAIL;
}

/* The greatest numbers of all. */
static void rank_tick(void *self, gale_bolt_ctx *ctx)
{
    struct rank *r = self;
    gale_task *task = gale_bolt_task(ctx);
    gale_pack p;

    if (!words_drop_zeros(&r->latest))
        gale_task_error(task, "no memory to forget words");
    struct word *list = words_sorted(&r->latest, words_by_number);
    if (list == NULL) {
        gale_task_error(task, "no memory to rank the words");
        return;
    }
    uint32_t n = (uint32_t)r->latest.used;
    if (r->top < (int64_t)n)
        n = r->top < 0 ? 0 : (uint32_t)r->top;

    gale_pack_init(&p, r->packed, sizeof(r->packed));
    gale_pack_list(&p, 2 * n);
    for (uint32_t i = 0; i < n; i++) {
        gale_pack_str(&p, (gale_str){ list[i].text, list[i].len });
        gale_pack_i64(&p, list[i].n);
    }
    free(list);
    if (gale_pack_len(&p) != 0)
        gale_emit(ctx, GALE_ROW(gale_pack_value(&p)));
    else
        gale_task_error(task, "the %" PRIu32 " words do not fit", n);
}

static void rank_cleanup(void *self, gale_bolt_ctx *ctx)
{
    struct rank *r = self;

    (void)ctx;
    words_free(&r->latest);
}

static const gale_bolt rank = {
    .state_size = sizeof(struct rank),
    .output = GALE_FIELDS(GALE_LIST("ranking")),
    .prepare = rank_prepare,
    .execute = rank_execute,
    .tick = rank_tick,
    .cleanup = rank_cleanup,
};

/* Rankings come here from every task of rank.  The latest one of each is
 * kept, so that it does not matter in which order they come and ticks go. */
struct total {
    struct rank rank; /* of all rankings together */
    struct words *of; /* the latest ranking of each task of rank */
    uint32_t first, n;
};

static gale_err total_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct total *t = self;

    t->n = gale_task_peers(gale_bolt_task(ctx), "rank", &t->first);
    t->of = calloc(t->n, sizeof(*t->of));
    return t->of == NULL ? GALE_ENOMEM : rank_prepare(&t->rank, ctx);
}

static gale_verdict total_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct total *t = self;
    struct words *latest = &t->of[gale_tuple_task(in) - t->first];
    gale_unpack u = gale_unpack_of(*gale_tuple_at(in, 0));
    gale_value word, n;

    (void)ctx;
    words_free(latest);
    while (gale_unpack_next(&u, &word) && gale_unpack_next(&u, &n))
        if (!take(latest, (gale_str){ word.as.p, word.len }, n.as.i))
            return GALE_FAIL;
    return gale_unpack_failed(&u) ? GALE_FAIL : GALE_ACK;
}

/* A word is in the rankings of one task only: there is nothing to add up. */
static void total_tick(void *self, gale_bolt_ctx *ctx)
{
    struct total *t = self;

    for (uint32_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < t->of[i].cap; k++) {
            const struct word *x = &t->of[i].at[k];

            if (x->text != NULL &&
                !take(&t->rank.latest, (gale_str){ x->text, x->len }, x->n))
                gale_task_error(gale_bolt_task(ctx), "no memory for %s",
                                x->text);
        }
    rank_tick(&t->rank, ctx);
    words_free(&t->rank.latest);
}

static void total_cleanup(void *self, gale_bolt_ctx *ctx)
{
    struct total *t = self;

    for (uint32_t i = 0; i < t->n; i++)
        words_free(&t->of[i]);
    free(t->of);
    rank_cleanup(&t->rank, ctx);
}

static const gale_bolt total = {
    .state_size = sizeof(struct total),
    .output = GALE_FIELDS(GALE_LIST("ranking")),
    .prepare = total_prepare,
    .execute = total_execute,
    .tick = total_tick,
    .cleanup = total_cleanup,
};

/* ---------------------------------------------------------------- print -- */

static gale_verdict print_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    gale_unpack u = gale_unpack_of(*gale_tuple_at(in, 0));
    gale_value word, n;
    const char *comma = "";

    (void)self;
    (void)ctx;
    while (gale_unpack_next(&u, &word) && gale_unpack_next(&u, &n)) {
        printf("%s%.*s %" PRId64, comma, (int)word.len, word.as.p, n.as.i);
        comma = ", ";
    }
    if (gale_unpack_count(&u) > 0)
        printf("\n");
    fflush(stdout); /* somebody may be watching */
    return gale_unpack_failed(&u) ? GALE_FAIL : GALE_ACK;
}

static const gale_bolt print = {
    .execute = print_execute,
};

/* ------------------------------------------------------------- topology -- */

static const gale_component components[] = {
    { .id = "words", .spout = &words },
    {
        .id = "count",
        .bolt = &count,
        .inputs = GALE_INPUTS(GALE_BY("words", "word")),
        .tasks = 2,
        .tick_ms = SLOT_MS,
    },
    {
        .id = "rank",
        .bolt = &rank,
        .inputs = GALE_INPUTS(GALE_BY("count", "word")),
        .tasks = 2,
        .tick_ms = 2000,
    },
    {
        .id = "total",
        .bolt = &total,
        .inputs = GALE_INPUTS(GALE_GLOBAL("rank")),
        .tick_ms = 2000,
    },
    {
        .id = "print",
        .bolt = &print,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("total")),
    },
};

static const gale_topology rolling_top_words = {
    .abi = GALE_ABI,
    .name = "rolling_top_words",
    .components = GALE_COMPONENTS(components),
    .about = "Says which words were the most frequent of late.",
    .args = "[FILE...]",
};

int main(int argc, char **argv)
{
    return gale_main(argc, argv, &rolling_top_words);
}
