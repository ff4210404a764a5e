/* wordcount.c -- how often does each word occur?
 *
 *     build/bin/wordcount FILE...                the ten most frequent words
 *     build/bin/wordcount -c wordcount.top=3 -   of standard input, three
 *     build/bin/wordcount -c wordcount.out=counts FILE...
 *                                  and all of them, sorted, in a file
 *
 * A word is a run of ASCII letters; capitals count as small letters.
 *
 *     lines --shuffle--> split --by word--> count
 *
 * What it teaches: a bolt that emits many tuples for one, state that is
 * divided by key, settings, errors.  The spout is in lines.h.
 *
 * Each line is tracked until the last of its words is counted.  If one of
 * them fails, the whole line is replayed and its other words are counted
 * twice: this is what at least once means.  Here nothing fails but for want
 * of memory, so the counts are exact.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <gale/gale.h>

#include "lines.h"
#include "words.h"

/* ---------------------------------------------------------------- split -- */

struct split {
    char small[MAX_LINE]; /* the line in small letters */
};

static gale_verdict split_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    enum { LINE };
    gale_str line = gale_tuple_str(in, LINE);
    struct split *s = self;
    uint32_t begin = 0;

    if (line.len > MAX_LINE) {
        gale_task_error(gale_bolt_task(ctx), "a line of %" PRIu32 " bytes",
                        line.len);
        return GALE_ACK; /* failing it would not make it shorter */
    }
    for (uint32_t i = 0; i < line.len; i++)
        s->small[i] = letter(line.ptr[i]);
    while (begin < line.len) {
        uint32_t end = begin;

        while (end < line.len && s->small[end] != '\0')
            end++;
        if (end > begin) {
            gale_str word = { s->small + begin, end - begin };
            gale_emit(ctx, GALE_ROW(gale_val_str(word)));
        }
        begin = end + 1;
    }
    return GALE_ACK;
}

static const gale_bolt split = {
    .state_size = sizeof(struct split),
    .output = GALE_FIELDS(GALE_STR("word")),
    .execute = split_execute,
};

/* ---------------------------------------------------------------- count -- */

struct count {
    struct words seen;
    FILE *out; /* of the task that reports, if the counts go to a file */
};

/* The last one to be cleaned up says what all of them found. */
static bool reports(const gale_task *task)
{
    return gale_task_index(task) + 1 == gale_task_count(task);
}

/* The file is opened now, as nobody wants to hear at the end that it cannot
 * be written. */
static gale_err count_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct count *c = self;
    gale_task *task = gale_bolt_task(ctx);
    const char *path = gale_task_conf_str(task, "wordcount.out", NULL);

    if (path == NULL || !reports(task))
        return GALE_OK;
    c->out = fopen(path, "w");
    if (c->out == NULL) {
        gale_task_error(task, "cannot write %s: %s", path, strerror(errno));
        return GALE_EIO;
    }
    return GALE_OK;
}

static gale_verdict count_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    enum { WORD };
    struct count *c = self;
    int64_t *n = words_at(&c->seen, gale_tuple_str(in, WORD));

    (void)ctx;
    if (n == NULL)
        return GALE_FAIL;
    ++*n;
    return GALE_ACK;
}

/* The counts of all tasks together.  No lock: cleanups are called one at a
 * time, in the order of the tasks' numbers.  All tasks must be in one process,
 * as they are in a local run; results that are to outlive a process belong in
 * a store. */
static struct words total;

static bool add_to_total(const struct words *seen)
{
    for (size_t i = 0; i < seen->cap; i++) {
        const struct word *x = &seen->at[i];

        if (x->text != NULL) {
            int64_t *n = words_at(&total, (gale_str){ x->text, x->len });

            if (n == NULL)
                return false;
            *n += x->n;
        }
    }
    return true;
}

/* The first `limit` of `list`, each a line "count word". */
static void print(FILE *out, const struct word *list, size_t limit)
{
    for (size_t i = 0; i < limit; i++)
        fprintf(out, "%" PRId64 " %s\n", list[i].n, list[i].text);
}

static void report(struct count *c, gale_task *task)
{
    int64_t top = gale_task_conf_i64(task, "wordcount.top", 10);
    struct word *list = words_sorted(&total, words_by_number);
    size_t limit = total.used;
    bool written = true;

    if (list == NULL) {
        gale_task_error(task, "no memory to sort the words");
        return;
    }
    if (top < (int64_t)limit)
        limit = top < 0 ? 0 : (size_t)top;
    print(stdout, list, limit);
    written &= fflush(stdout) == 0;
    if (c->out != NULL) {
        qsort(list, total.used, sizeof(*list), words_by_text);
        print(c->out, list, total.used);
        written &= fflush(c->out) == 0;
    }
    if (!written)
        gale_task_error(task, "cannot write the counts: %s", strerror(errno));
    free(list);
}

static void count_cleanup(void *self, gale_bolt_ctx *ctx)
{
    struct count *c = self;
    gale_task *task = gale_bolt_task(ctx);

    if (!add_to_total(&c->seen))
        gale_task_error(task, "no memory to add up the counts");
    words_free(&c->seen);
    if (!reports(task))
        return;
    report(c, task);
    words_free(&total);
    if (c->out != NULL)
        fclose(c->out);
}

static const gale_bolt count = {
    .state_size = sizeof(struct count),
    .prepare = count_prepare,
    .execute = count_execute,
    .cleanup = count_cleanup,
};

/* ------------------------------------------------------------- topology -- */

static const gale_component components[] = {
    { .id = "lines", .spout = &lines },
    {
        .id = "split",
        .bolt = &split,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")),
        .tasks = 2,
    },
    {
        .id = "count",
        .bolt = &count,
        .inputs = GALE_INPUTS(GALE_BY("split", "word")),
        .tasks = 2,
    },
};

static const gale_topology wordcount = {
    .abi = GALE_ABI,
    .name = "wordcount",
    .components = GALE_COMPONENTS(components),
    .about = "Counts the words of files, or of standard input.",
    .args = "[FILE...]",
};

int main(int argc, char **argv)
{
    return gale_main(argc, argv, &wordcount);
}
