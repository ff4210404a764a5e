/* questions.c -- many threads ask a topology that runs in this process: each
 * gets the answer to his own question, also while there are others, and none
 * is left when nobody asks any more. */
#include "race.h"

#include <pthread.h>
#include <stdio.h>

#include "gale/drpc.h"

enum { THREADS = 4, QUESTIONS = 200, WAIT_MS = 60000 };

static gale_drpc *drpc;

/* ------------------------------------------------------------ the topology */

static const gale_field letter[] = { GALE_STR("letter"), { 0, GALE_T_ANY } };

static void spell(void *self, gale_row in, gale_batch_ctx *ctx)
{
    gale_str s = gale_row_str(in, 0);

    (void)self;
    for (uint32_t i = 0; i < s.len; i++)
        gale_batch_emit(ctx,
                        GALE_ROW(gale_val_str((gale_str){ s.ptr + i, 1 })));
}

static const gale_function spelling = { .output = letter, .apply = spell };

static void define(gale_trident *t)
{
    gale_batches *s =
        gale_parallelism(gale_new_drpc_stream(t, "length", drpc), 2);

    s = gale_parallelism(
        gale_map_rows(gale_shuffle(s), GALE_NAMES("args"), &spelling), 2);
    s = gale_aggregate(s, GALE_FOLD(GALE_COUNT("n")));
    gale_drpc_return(gale_parallelism(s, 2), NULL);
}

static void *run(void *arg)
{
    gale_run_opts o = { .loops = 3 };
    gale_diag why = { "" };

    CHECK(gale_local_run(arg, &o, NULL, &why) == GALE_OK, "%s", why.text);
    return NULL;
}

/* ------------------------------------------------------------ who asks -- */

static void *ask(void *arg)
{
    static const char text[] = "0123456789012345678901234567890123456789";

    for (int i = 0; i < QUESTIONS; i++) {
        gale_str args = { text, (uint32_t)(i * 7 % 40) };
        char expected[32], *answer;
        gale_diag why = { "" };

        snprintf(expected, sizeof(expected), "[[%u]]", args.len);
        CHECK(gale_drpc_execute(drpc, "length", args, WAIT_MS, &answer,
                                &why) == GALE_OK,
              "%s", why.text);
        CHECK(strcmp(answer, expected) == 0, "%s, not %s", answer, expected);
        gale_drpc_free(answer);
    }
    return arg;
}

int main(void)
{
    const gale_topology *topology;
    pthread_t runner, askers[THREADS];
    gale_trident *t;
    gale_diag why = { "" };

    CHECK(gale_drpc_create(&drpc) == GALE_OK, "no memory");
    CHECK(gale_trident_create(&t, "questions") == GALE_OK, "no memory");
    gale_trident_remember(t, &gale_store_memory);
    define(t);
    CHECK(gale_trident_build(t, &topology, &why) == GALE_OK, "%s", why.text);
    for (size_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&askers[i], NULL, ask, NULL) == 0, "no thread");
    CHECK(pthread_create(&runner, NULL, run, (void *)(uintptr_t)topology) == 0,
          "no thread");
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(askers[i], NULL);
    gale_drpc_end(drpc);
    pthread_join(runner, NULL);
    gale_trident_destroy(t);
    gale_drpc_destroy(drpc);
    return 0;
}
