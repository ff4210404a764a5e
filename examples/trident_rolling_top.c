/* trident_rolling_top.c -- which words were the most frequent lately?  By the
 * time of each line, exactly, whatever happens.
 *
 *     build/bin/trident_rolling_top FILE...   count
 *     build/bin/trident_rolling_top top [N]   the last N windows, newest first
 *
 * Each line begins with its time, in milliseconds; then come words.  From any
 * text, as if a line came every tenth of a second:
 *
 *     awk '{ print NR * 100, $0 }' TEXT >FILE
 *
 *     lines -- each split -- group by word --> window: count
 *         --> group by window --> the 5 most frequent --> persist
 *
 * A window is a minute long, and another begins every ten seconds.  Lines may
 * be five seconds late; what comes later is dropped, and counted.  All of a
 * window closes in one batch, so that batch has all that its top five need.
 *
 * Kill it (kill -9) in the middle, and start it again: it goes on where it
 * was, with what it had of open windows, and no window is ever told twice or
 * otherwise.  Windows that the last line does not close stay open, and lines
 * that are added to the file go on with them.
 *
 * What it teaches: windows by the time of rows, folds of what has closed, and
 * a state that is kept by hand.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gale/trident.h>

#include "lines.h"

enum { LENGTH_MS = 60000, SLIDE_MS = 10000, LATE_MS = 5000, TOP = 5 };

static const char name[] = "trident_rolling_top";

/* ----------------------------------------------------------- the lines -- */

struct split {
    char small[MAX_LINE]; /* the line in small letters */
};

/* The digits in front; false: there are none. */
static bool read_time(gale_str line, int64_t *at)
{
    char digits[24];
    char *end;
    uint32_t n = line.len < 23 ? line.len : 23;

    memcpy(digits, line.ptr, n);
    digits[n] = '\0';
    *at = strtoll(digits, &end, 10);
    return end > digits;
}

static void split_apply(void *self, gale_row in, gale_batch_ctx *ctx)
{
    struct split *s = self;
    gale_str line = gale_row_str(in, 0);
    uint32_t begin = 0;
    int64_t at;

    if (line.len > MAX_LINE || !read_time(line, &at)) {
        gale_task_error(gale_batch_task(ctx),
                        "a line that is too long or has no time in front: "
                        "%.*s",
                        (int)(line.len < 60 ? line.len : 60), line.ptr);
        return;
    }
    for (uint32_t i = 0; i < line.len; i++)
        s->small[i] = letter(line.ptr[i]);
    while (begin < line.len) {
        uint32_t end = begin;

        while (end < line.len && s->small[end] != '\0')
            end++;
        if (end > begin) {
            gale_str word = { s->small + begin, end - begin };

            gale_batch_emit(ctx,
                            GALE_ROW(gale_val_i64(at), gale_val_str(word)));
        }
        begin = end + 1;
    }
}

static const gale_field words_out[] = { GALE_I64("at"),
                                        GALE_STR("word"),
                                        { 0, GALE_T_ANY } };

static const gale_function split = {
    .state_size = sizeof(struct split),
    .output = words_out,
    .apply = split_apply,
};

/* -------------------------------------------------------- the top five -- */

struct count {
    char word[64]; /* its beginning */
    int64_t n;
};

struct top {
    struct count at[TOP];
    int n;
};

/* By number; words of the same number by alphabet. */
static bool before(const struct count *a, const struct count *b)
{
    return a->n != b->n ? a->n > b->n : strcmp(a->word, b->word) < 0;
}

static void top_aggregate(void *state, gale_row in, gale_batch_ctx *ctx)
{
    struct top *t = state;
    gale_str word = gale_row_str(in, 0);
    struct count c = { "", gale_row_i64(in, 1) };
    int i;

    (void)ctx;
    snprintf(c.word, sizeof(c.word), "%.*s",
             (int)(word.len < 63 ? word.len : 63), word.ptr);
    if (t->n < TOP)
        i = t->n++;
    else if (before(&c, &t->at[TOP - 1]))
        i = TOP - 1;
    else
        return;
    for (; i > 0 && before(&c, &t->at[i - 1]); i--)
        t->at[i] = t->at[i - 1];
    t->at[i] = c;
}

static void top_complete(void *state, gale_batch_ctx *ctx)
{
    struct top *t = state;

    for (int i = 0; i < t->n; i++)
        gale_batch_emit(ctx, GALE_ROW(gale_val_i64(i + 1),
                                      gale_val_cstr(t->at[i].word),
                                      gale_val_i64(t->at[i].n)));
}

static const gale_field top_out[] = {
    GALE_I64("rank"), GALE_STR("top"), GALE_I64("times"), { 0, GALE_T_ANY }
};

static const gale_aggregator top_five = {
    .state_size = sizeof(struct top),
    .output = top_out,
    .aggregate = top_aggregate,
    .complete = top_complete,
};

/* Of (end, rank): word, times. */
static gale_err remember(gale_map *map, const gale_row *in, size_t n,
                         gale_batch_ctx *ctx)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++) {
        gale_row key = { in[i].values, 2 }, value = { in[i].values + 2, 2 };
        gale_err rv = gale_map_put(map, &key, &value, 1, NULL);

        if (rv != GALE_OK)
            return rv;
    }
    return GALE_OK;
}

static const gale_updater keep = { .update = remember };

static void define(gale_trident *t)
{
    gale_state_opts two = { .tasks = 2 };
    gale_batches *text =
        gale_parallelism(gale_new_stream(t, "lines", &gale_lines), 2);
    gale_batches *words = gale_map_rows(text, GALE_NAMES("line"), &split);
    gale_batches *counts = gale_group_window(
        gale_group_by(words, GALE_NAMES("word")), "recent",
        GALE_SLIDING_TIME("at", LENGTH_MS, SLIDE_MS, LATE_MS),
        GALE_FOLD(GALE_COUNT("count")), &two);
    gale_batches *tops = gale_group_aggregate(
        gale_group_by(counts, GALE_NAMES("window_end")),
        GALE_FOLD(GALE_AGGREGATE(&top_five, "word", "count")));

    gale_trident_about(t,
                       "The most frequent words of each minute, every ten "
                       "seconds, by the time in front of each line "
                       "(milliseconds). What came of it: the verb top.",
                       "FILE...");
    gale_partition_persist(tops, "tops",
                           GALE_NAMES("window_end", "rank", "top", "times"),
                           &keep, NULL);
}

/* ----------------------------------------------------- what came of it -- */

enum { MOST = 100000 }; /* lines to be shown */

struct line {
    int64_t end, rank, times;
    char word[64];
};

struct lines_shown {
    struct line *at;
    size_t n;
};

static gale_err take(void *arg, gale_row key, gale_row value)
{
    struct lines_shown *all = arg;
    const gale_value *word = &value.values[0];
    struct line *l = &all->at[all->n];

    if (all->n == MOST)
        return GALE_OK;
    all->n++;
    *l = (struct line){ key.values[0].as.i, key.values[1].as.i,
                        value.values[1].as.i, "" };
    snprintf(l->word, sizeof(l->word), "%.*s", (int)word->len, word->as.p);
    return GALE_OK;
}

/* The newest window first, in it the most frequent word. */
static int order(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    if (x->end != y->end)
        return x->end > y->end ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

static void print(const struct lines_shown *all, long windows)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct line *l = &all->at[i];

        if (i == 0 || l->end != all->at[i - 1].end) {
            if (windows-- == 0)
                return;
            printf("%" PRId64 " ms to %" PRId64 " ms\n", l->end - LENGTH_MS,
                   l->end);
        }
        printf("%10" PRId64 "  %s\n", l->times, l->word);
    }
}

static int show(long windows)
{
    gale_store_where where = {
        .topology = name, .state = "tops", .count = 1, .read_only = true
    };
    struct lines_shown all = { calloc(MOST, sizeof(*all.at)), 0 };
    gale_diag why = { "" };
    gale_map *tops;
    gale_err rv = all.at == NULL
                      ? GALE_ENOMEM
                      : gale_map_open(&tops, &gale_store_embedded, &where,
                                      GALE_STATE_OPAQUE, &why);

    if (rv == GALE_OK) {
        rv = gale_map_scan(tops, take, &all, &why);
        gale_map_close(tops);
    }
    if (rv == GALE_OK) {
        qsort(all.at, all.n, sizeof(*all.at), order);
        print(&all, windows);
    } else {
        fprintf(stderr, "%s: %s\n", name,
                why.text[0] != '\0' ? why.text : gale_err_text(rv));
    }
    free(all.at);
    return rv == GALE_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    long windows = argc > 2 ? strtol(argv[2], NULL, 10) : 1;

    if (argc > 1 && strcmp(argv[1], "top") == 0) {
        if (argc <= 3 && windows > 0)
            return show(windows);
        fprintf(stderr, "usage: %s top [how many windows]\n", name);
        return 2;
    }
    return gale_trident_main(argc, argv, name, define);
}
