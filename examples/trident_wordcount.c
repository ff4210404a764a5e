/* trident_wordcount.c -- how often does each word occur?  Exactly, whatever
 * happens.
 *
 *     build/bin/trident_wordcount FILE...    count
 *     build/bin/trident_wordcount FILE...    again: nothing is left to count
 *     build/bin/trident_wordcount top [N]    the most frequent ones, also
 * while another one counts
 *
 * A word is a run of ASCII letters; capitals count as small letters.
 *
 *     lines -- each split -- group by word --> persistent aggregate: count
 *
 * Kill it (kill -9) in the middle, and start it again: it goes on where it
 * was, and the counts are those of a run that nobody disturbed.  wordcount.c
 * cannot do that.  Both the counts and how far the files were read are kept in
 * topology.state.dir; lines that are added to a file are counted by the next
 * run.
 *
 * What it teaches: a source of batches, steps, a state that counts each batch
 * once, and how to look into a state from outside.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gale/trident.h>

#include "lines.h"

static const char name[] = "trident_wordcount";

/* ---------------------------------------------------------- the stream -- */

struct split {
    char small[MAX_LINE]; /* the line in small letters */
};

static void split_apply(void *self, gale_row in, gale_batch_ctx *ctx)
{
    struct split *s = self;
    gale_str line = gale_row_str(in, 0);
    uint32_t begin = 0;

    if (line.len > MAX_LINE) {
        gale_task_error(gale_batch_task(ctx), "a line of %" PRIu32 " bytes",
                        line.len);
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

            gale_batch_emit(ctx, GALE_ROW(gale_val_str(word)));
        }
        begin = end + 1;
    }
}

static const gale_field word[] = { GALE_STR("word"), { 0, GALE_T_ANY } };

static const gale_function split = {
    .state_size = sizeof(struct split),
    .output = word,
    .apply = split_apply,
};

static void define(gale_trident *t)
{
    gale_batches *text =
        gale_parallelism(gale_new_stream(t, "lines", &gale_lines), 2);
    gale_batches *words = gale_map_rows(text, GALE_NAMES("line"), &split);
    gale_state_opts two = { .tasks = 2 };

    gale_trident_about(t, "Counts words, each exactly once.", "FILE...");
    gale_persistent_aggregate(gale_group_by(words, GALE_NAMES("word")),
                              "counts", GALE_FOLD(GALE_COUNT("count")), &two);
}

/* ----------------------------------------------------------- the state -- */

enum { TOP_MOST = 1000 };

struct count {
    char word[64]; /* its beginning */
    int64_t n;
};

struct top {
    struct count at[TOP_MOST];
    int n, most;
};

/* Keep it among the most frequent, those first. */
static gale_err take(void *arg, gale_row key, gale_row value)
{
    struct top *t = arg;
    gale_str text = { key.values[0].as.p, key.values[0].len };
    struct count c = { "", value.values[0].as.i };
    int i = t->n < t->most ? t->n++ : t->most - 1;

    if (i == t->most - 1 && t->n == t->most && t->at[i].n > c.n)
        return GALE_OK;
    snprintf(c.word, sizeof(c.word), "%.*s",
             (int)(text.len < 63 ? text.len : 63), text.ptr);
    for (; i > 0 && t->at[i - 1].n < c.n; i--)
        t->at[i] = t->at[i - 1];
    t->at[i] = c;
    return GALE_OK;
}

/* What is in the state now, whoever writes to it meanwhile. */
static int show(int most)
{
    static struct top top;
    gale_store_where where = {
        .topology = name, .state = "counts", .count = 1, .read_only = true
    };
    gale_diag why = { "" };
    gale_map *counts;
    gale_err rv = gale_map_open(&counts, &gale_store_embedded, &where,
                                GALE_STATE_OPAQUE, &why);

    top.most = most;
    if (rv == GALE_OK) {
        rv = gale_map_scan(counts, take, &top, &why);
        gale_map_close(counts);
    }
    if (rv != GALE_OK) {
        fprintf(stderr, "%s: %s\n", name,
                why.text[0] != '\0' ? why.text : gale_err_text(rv));
        return 1;
    }
    for (int i = 0; i < top.n; i++)
        printf("%10" PRId64 "  %s\n", top.at[i].n, top.at[i].word);
    return 0;
}

int main(int argc, char **argv)
{
    int most = argc > 2 ? atoi(argv[2]) : 10;

    if (argc > 1 && strcmp(argv[1], "top") == 0) {
        if (argc <= 3 && most > 0 && most <= TOP_MOST)
            return show(most);
        fprintf(stderr, "usage: %s top [1 to %d]\n", name, TOP_MOST);
        return 2;
    }
    return gale_trident_main(argc, argv, name, define);
}
