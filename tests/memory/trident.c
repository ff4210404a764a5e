/* trident.c -- batches: whichever allocation of a run is refused, each row
 * counts once and each question has its answer; or words say why not, and the
 * next run goes on with what is there.
 *
 * On a virtual clock, so that what waits for a time-out takes no time. */
#include "memory.h"

#include "gale/drpc.h"
#include "gale/sim.h"
#include "gale/trident.h"
#include "state/memory.h"

enum { ROWS = 12, WORDS = 3, PANE = 2, QUESTIONS = 3 };

/* By error, false: a run that was refused something may say so. */
static bool is_fine(gale_err rv, const gale_diag *why)
{
    if (rv == GALE_OK)
        return true;
    CHECK(rv == GALE_ENOMEM || rv == GALE_EUSER, "%s: %s", gale_err_name(rv),
          why->text);
    CHECK(strstr(why->text, "memory") != NULL, "'%s'", why->text);
    return false;
}

static gale_trident *program(const char *name, void (*define)(gale_trident *t),
                             const gale_topology **out)
{
    gale_trident *t;
    gale_diag why = { "" };

    CHECK(gale_trident_create(&t, name) == GALE_OK, "no memory");
    gale_trident_remember(t, &gale_store_memory);
    define(t);
    CHECK(gale_trident_build(t, out, &why) == GALE_OK, "%s", why.text);
    return t;
}

/* ---------------------------------------------- counts, kept in states -- */

static const gale_field word[] = { GALE_I64("word"), { 0 } };

static void give_word(const void *arg, uint64_t i, gale_batch_ctx *ctx)
{
    (void)arg;
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64((int64_t)i % WORDS)));
}

/* A window is told of as often as its batch is done. */
static int64_t told;

static void hear(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    (void)ctx;
    CHECK(gale_row_i64(in, 0) == PANE, "%d", (int)gale_row_i64(in, 0));
    told++;
}

static const gale_function hearing = { .apply = hear };

static void define_counts(gale_trident *t)
{
    static const gale_generate_opts some = { .row = give_word,
                                             .rows = ROWS,
                                             .batch_rows = 5 };
    static gale_batch_spout spout;
    const gale_state_opts here = { .store = &gale_store_memory, .tasks = 2 };
    gale_batches *s;

    spout = gale_generate;
    spout.output = word;
    spout.arg = &some;
    /* Planned together, or not at all. */
    s = gale_merge(gale_new_stream(t, "words", &spout),
                   gale_new_stream(t, "more", &spout));
    gale_persistent_aggregate(gale_group_by(s, GALE_NAMES("word")), "counts",
                              GALE_FOLD(GALE_COUNT("n")), &here);
    gale_peek(gale_group_window(gale_group_by(s, GALE_NAMES("word")), "panes",
                                GALE_TUMBLING_ROWS(PANE),
                                GALE_FOLD(GALE_COUNT("n")), &here),
              GALE_NAMES("n"), &hearing);
}

static gale_err check_count(void *arg, gale_row key, gale_row value)
{
    CHECK(value.values[0].as.i == 2 * ROWS / WORDS, "word %d: %d",
          (int)key.values[0].as.i, (int)value.values[0].as.i);
    ++*(int *)arg;
    return GALE_OK;
}

static void check_counts(void)
{
    const gale_store_where where = { .topology = "counts",
                                     .state = "counts",
                                     .count = 1 };
    gale_diag why = { "" };
    gale_map *m;
    int n = 0;

    CHECK(gale_map_open(&m, &gale_store_memory, &where, GALE_STATE_OPAQUE,
                        &why) == GALE_OK,
          "%s", why.text);
    CHECK(gale_map_scan(m, check_count, &n, &why) == GALE_OK, "%s", why.text);
    CHECK(n == WORDS, "%d words", n);
    gale_map_close(m);
    CHECK(told >= 2 * ROWS / PANE, "%d windows", (int)told);
}

static bool count(const void *arg)
{
    const gale_sim_opts o = { .seed = 1 };
    gale_diag why = { "" };
    bool fine;

    told = 0;
    fine = is_fine(gale_sim_run(arg, &o, NULL, &why), &why);
    gi_mem_fail_after(0, 0);
    if (!fine)
        CHECK(gale_sim_run(arg, &o, NULL, &why) == GALE_OK,
              "it does not go on: %s", why.text);
    check_counts();
    gi_store_memory_forget();
    return fine;
}

/* ----------------------------------------------------------- questions -- */

static gale_drpc *drpc;

static const gale_field letter[] = { GALE_STR("letter"), { 0 } };

static void spell(void *self, gale_row in, gale_batch_ctx *ctx)
{
    gale_str s = gale_row_str(in, 0);

    (void)self;
    for (uint32_t i = 0; i < s.len; i++)
        gale_batch_emit(ctx,
                        GALE_ROW(gale_val_str((gale_str){ s.ptr + i, 1 })));
}

static const gale_function spelling = { .output = letter, .apply = spell };

static void define_questions(gale_trident *t)
{
    gale_batches *s = gale_new_drpc_stream(t, "length", drpc);

    s = gale_map_rows(gale_shuffle(s), GALE_NAMES("args"), &spelling);
    gale_drpc_return(gale_aggregate(s, GALE_FOLD(GALE_COUNT("n"))), NULL);
}

/* Asked, answered rightly, or told why not. */
static bool hear_answer(gale_drpc_call *c, const char *expected)
{
    gale_diag why = { "" };
    char *answer = NULL;
    gale_err rv = gale_drpc_finish(c, 0, &answer, &why);

    if (rv != GALE_OK) {
        CHECK(why.text[0] != '\0', "%s without words", gale_err_name(rv));
        return false;
    }
    CHECK(strcmp(answer, expected) == 0, "%s", answer);
    gale_drpc_free(answer);
    return true;
}

static bool ask_all(const gale_topology *t)
{
    static const char *const expected[QUESTIONS] = { "[[1]]", "[[2]]",
                                                     "[[3]]" };
    const gale_sim_opts o = { .seed = 1, .within_ms = 3600000 };
    gale_drpc_call *call[QUESTIONS] = { NULL };
    gale_diag why = { "" };
    bool fine = true;

    for (uint32_t i = 0; i < QUESTIONS; i++) {
        gale_str args = { "abc", i + 1 };
        gale_err rv = gale_drpc_begin(drpc, "length", args, &call[i], &why);

        if (rv != GALE_OK)
            call[i] = NULL;
        fine &= is_fine(rv, &why);
    }
    gale_drpc_end(drpc);
    fine &= is_fine(gale_sim_run(t, &o, NULL, &why), &why);
    for (uint32_t i = 0; i < QUESTIONS; i++)
        if (call[i] != NULL)
            fine &= hear_answer(call[i], expected[i]);
    return fine;
}

static bool ask(const void *arg)
{
    const gale_topology *topology;
    gale_diag why = { "" };
    gale_trident *t = NULL;
    bool fine = false;
    gale_err rv;

    (void)arg;
    if (gale_drpc_create(&drpc) != GALE_OK)
        return false;
    rv = gale_trident_create(&t, "questions");
    if (rv == GALE_OK) {
        gale_trident_remember(t, &gale_store_memory);
        define_questions(t);
        rv = gale_trident_build(t, &topology, &why);
        fine = is_fine(rv, &why) && ask_all(topology);
    }
    gi_mem_fail_after(0, 0);
    gale_trident_destroy(t);
    gale_drpc_destroy(drpc);
    gi_store_memory_forget();
    return fine;
}

int main(void)
{
    const gale_topology *counts;
    gale_trident *t = program("counts", define_counts, &counts);

    alarm(600);
    memory_every("batches", count, counts, 1);
    memory_every("batches", count, counts, 4);
    gale_trident_destroy(t);
    memory_every("questions", ask, NULL, 1);
    memory_every("questions", ask, NULL, 4);
    return 0;
}
