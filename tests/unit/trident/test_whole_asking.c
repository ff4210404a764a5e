/* Who asks a state sees what he is promised, in the stream that keeps it and
 * in others; and streams that only ask share no fate with it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "gale/testing.h"
#include "gale/trident.h"

enum { BATCHES = 3, ROWS = 9, LINES = 400 };

/* ------------------------------------------------------------ the source */

/* Batch b has the rows (b, word), nine of them, "a", "b", "c" in turn.  How a
 * stream behaves beyond that is said here. */
typedef struct manner {
    bool waits; /* for the first one, which has to count to its end */
    bool hangs; /* no batch is ever whole */
} manner;

static uint64_t counted; /* of the first stream; all tasks are on one thread */

static gale_err plan_open(void *c, const void *arg, gale_task *task)
{
    (void)task;
    *(const manner **)c = arg;
    return GALE_OK;
}

static bool ready(void *c, gale_task *task)
{
    const manner *how = *(const manner **)c;

    (void)task;
    return how == NULL || !how->waits || counted >= BATCHES;
}

static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    (void)c;
    (void)room;
    now[0] = before.len == 0 ? '1' : (char)(before.ptr[0] + 1);
    return now[0] > '0' + BATCHES ? 0 : 1;
}

static bool ended(void *c, gale_task *task)
{
    return ready(c, task);
}

static gale_err open_it(void *self, const void *arg, gale_task *task)
{
    (void)task;
    *(const manner **)self = arg;
    return GALE_OK;
}

static bool emit(void *self, gale_batch_part *part, gale_batch_ctx *ctx)
{
    const manner *how = *(const manner **)self;
    int64_t b = part->from.ptr[0] - '0';

    for (uint32_t k = part->partition; part->first && k < ROWS;
         k += part->partitions) {
        char word[] = { (char)('a' + k % 3), '\0' };

        gale_batch_emit(ctx, GALE_ROW(gale_val_i64(b), gale_val_cstr(word)));
    }
    return how != NULL && how->hangs;
}

static void committed(void *self, uint64_t txid)
{
    if (*(const manner **)self == NULL && txid > counted)
        counted = txid;
}

#define WORDS(how)                                                            \
    {                                                                         \
        .output = row, .arg = (how), .plan_size = sizeof(void *),             \
        .plan_open = plan_open, .ready = ready, .plan = plan, .ended = ended, \
        .state_size = sizeof(void *), .open = open_it, .emit = emit,          \
        .committed = committed                                                \
    }

static const gale_field row[] = { GALE_I64("b"),
                                  GALE_STR("word"),
                                  { NULL, GALE_T_ANY } };
static const manner waiting = { .waits = true }, hanging = { .hangs = true };
static const gale_batch_spout words = WORDS(NULL), later = WORDS(&waiting),
                              endless = WORDS(&hanging);

/* -------------------------------------------------------------- callbacks */

static char lines[LINES][80];
static size_t n_lines;

static void note(void *self, gale_row in, gale_batch_ctx *ctx)
{
    char *to = lines[n_lines++];
    size_t at = 0, size = sizeof(lines[0]);

    (void)self;
    (void)ctx;
    cr_assert_lt(n_lines, LINES);
    for (size_t i = 0; i < in.n; i++) {
        const gale_value *v = &in.values[i];
        const char *gap = i == 0 ? "" : " ";

        if (v->type == GALE_T_I64)
            at += (size_t)snprintf(to + at, size - at, "%s%" PRId64, gap,
                                   v->as.i);
        else if (v->type == GALE_T_STR)
            at += (size_t)snprintf(to + at, size - at, "%s%.*s", gap,
                                   (int)v->len, v->as.p);
        else
            at += (size_t)snprintf(to + at, size - at, "%s%s", gap,
                                   gale_type_name(v->type));
    }
}

static const gale_function noting = { .apply = note };

static void next_word(void *self, gale_row in, gale_batch_ctx *ctx)
{
    char word[] = { gale_row_str(in, 0).ptr[0], '\0' };

    (void)self;
    word[0] = word[0] == 'c' ? 'a' : (char)(word[0] + 1);
    gale_batch_emit(ctx, GALE_ROW(gale_val_cstr(word)));
}

static const gale_function next = { .output = GALE_FIELDS(GALE_STR("next")),
                                    .apply = next_word };

static void look(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
}

static const gale_function looking = { .apply = look };

static void give_up(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    (void)in;
    gale_batch_fail(ctx, "as it should");
}

static const gale_function failing = { .apply = give_up };

/* ---------------------------------------------------------------- a run */

static gale_trident *t;
static gale_batches *s;
static gale_kept *k;

static gale_kept *keep(gale_batches *of)
{
    return gale_persistent_aggregate(
        gale_group_by(of, GALE_NAMES("word")), "counts",
        GALE_FOLD(GALE_COUNT("n")),
        &(const gale_state_opts){ .store = &gale_store_memory, .tasks = 3 });
}

static void begin(void)
{
    counted = 0;
    cr_assert_eq(gale_trident_create(&t, "asking"), GALE_OK);
    gale_trident_remember(t, &gale_store_memory);
    s = gale_parallelism(gale_new_stream(t, "words", &words), 2);
    k = keep(s);
}

static gale_batches *ask(gale_batches *from, const gale_name *key)
{
    return gale_state_query(from, k, key, GALE_FIELDS(GALE_I64("now")));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* How often each row comes in `of`, if the program is run to its end, or for
 * a minute if it has none. */
static void expect(gale_batches *of, bool ends, const char *text)
{
    static char said[LINES * 100];
    const gale_topology *topology;
    gale_test *test;
    gale_diag why = { "" };
    size_t n = 0;

    gale_peek(of, NULL, &noting);
    cr_assert_eq(gale_trident_build(t, &topology, &why), GALE_OK, "%s",
                 why.text);
    cr_assert_eq(gale_test_create(&test, topology, NULL, &why), GALE_OK, "%s",
                 why.text);
    if (ends)
        cr_assert_eq(gale_test_run(test, 60000, &why), GALE_OK, "%s",
                     why.text);
    else
        gale_test_advance_ms(test, 60000);
    gale_test_destroy(test);
    gale_trident_destroy(t);

    qsort(lines, n_lines, sizeof(lines[0]), by_text);
    for (size_t i = 0, same; i < n_lines; i += same) {
        for (same = 1; i + same < n_lines; same++)
            if (strcmp(lines[i], lines[i + same]) != 0)
                break;
        n += (size_t)snprintf(said + n, sizeof(said) - n, "%zu x %s\n", same,
                              lines[i]);
    }
    said[n] = '\0';
    cr_expect_str_eq(said, text, "expected:\n%s\nis:\n%s", text, said);
}

/* ----------------------------------------------------- the same stream -- */

Test(asking, a_batch_sees_what_it_did_and_those_before, .init = begin)
{
    expect(ask(s, GALE_NAMES("word")), true,
           "3 x 1 a 3\n3 x 1 b 3\n3 x 1 c 3\n"
           "3 x 2 a 6\n3 x 2 b 6\n3 x 2 c 6\n"
           "3 x 3 a 9\n3 x 3 b 9\n3 x 3 c 9\n");
}

Test(asking, rows_come_back_to_ask_by_another_key, .init = begin)
{
    expect(ask(gale_each(gale_new_values(k), GALE_NAMES("word"), &next),
               GALE_NAMES("next")),
           true,
           "1 x a 3 b 3\n1 x a 6 b 6\n1 x a 9 b 9\n"
           "1 x b 3 c 3\n1 x b 6 c 6\n1 x b 9 c 9\n"
           "1 x c 3 a 3\n1 x c 6 a 6\n1 x c 9 a 9\n");
}

Test(asking, also_by_way_of_another_component, .init = begin)
{
    gale_batches *there =
        gale_parallelism(gale_shuffle(gale_new_values(k)), 2);
    gale_batches *once = ask(there, GALE_NAMES("word"));

    expect(gale_state_query(
               gale_each(gale_shuffle(once), GALE_NAMES("word"), &next), k,
               GALE_NAMES("next"), GALE_FIELDS(GALE_I64("then"))),
           true,
           "1 x a 3 3 b 3\n1 x a 6 6 b 6\n1 x a 9 9 b 9\n"
           "1 x b 3 3 c 3\n1 x b 6 6 c 6\n1 x b 9 9 c 9\n"
           "1 x c 3 3 a 3\n1 x c 6 6 a 6\n1 x c 9 9 a 9\n");
}

/* Numbered together, since they meet. */
Test(asking, a_stream_that_meets_the_other_is_the_same, .init = begin)
{
    gale_batches *other =
        gale_parallelism(gale_new_stream(t, "other", &words), 2);
    gale_batches *asked = ask(other, GALE_NAMES("word"));

    gale_peek(gale_merge(other, s), NULL, &looking);
    expect(asked, true,
           "3 x 1 a 3\n3 x 1 b 3\n3 x 1 c 3\n"
           "3 x 2 a 6\n3 x 2 b 6\n3 x 2 c 6\n"
           "3 x 3 a 9\n3 x 3 b 9\n3 x 3 c 9\n");
}

/* --------------------------------------------------------- another stream */

Test(asking, others_see_what_was_committed, .init = begin)
{
    expect(ask(gale_new_stream(t, "later", &later), GALE_NAMES("word")), true,
           "3 x 1 a 9\n3 x 1 b 9\n3 x 1 c 9\n"
           "3 x 2 a 9\n3 x 2 b 9\n3 x 2 c 9\n"
           "3 x 3 a 9\n3 x 3 b 9\n3 x 3 c 9\n");
}

Test(asking, who_asks_waits_for_no_batch_of_the_other)
{
    gale_batches *asked;

    cr_assert_eq(gale_trident_create(&t, "asking"), GALE_OK);
    gale_trident_remember(t, &gale_store_memory);
    k = keep(gale_new_stream(t, "endless", &endless));
    asked = ask(gale_new_stream(t, "words", &words), GALE_NAMES("word"));
    expect(asked, false,
           "3 x 1 a nil\n3 x 1 b nil\n3 x 1 c nil\n"
           "3 x 2 a nil\n3 x 2 b nil\n3 x 2 c nil\n"
           "3 x 3 a nil\n3 x 3 b nil\n3 x 3 c nil\n");
}

Test(asking, the_state_waits_for_nobody_who_asks, .init = begin)
{
    gale_batches *asked = gale_new_stream(t, "endless", &endless);

    gale_peek(ask(asked, GALE_NAMES("word")), NULL, &looking);
    expect(gale_new_values(k), false,
           "1 x a 3\n1 x a 6\n1 x a 9\n1 x b 3\n1 x b 6\n1 x b 9\n"
           "1 x c 3\n1 x c 6\n1 x c 9\n");
}

Test(asking, a_batch_that_fails_there_does_not_fail_here, .init = begin)
{
    gale_batches *asked =
        ask(gale_new_stream(t, "other", &words), GALE_NAMES("word"));

    gale_peek(asked, NULL, &failing);
    expect(gale_new_values(k), false,
           "1 x a 3\n1 x a 6\n1 x a 9\n1 x b 3\n1 x b 6\n1 x b 9\n"
           "1 x c 3\n1 x c 6\n1 x c 9\n");
}

Test(asking, nor_the_other_way, .init = begin)
{
    gale_peek(gale_shuffle(gale_new_values(k)), NULL, &failing);
    expect(gale_project(
               ask(gale_new_stream(t, "other", &words), GALE_NAMES("word")),
               GALE_NAMES("b")),
           false, "9 x 1\n9 x 2\n9 x 3\n");
}
