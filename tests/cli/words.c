/* words.c -- a small topology for tests/cli/cli.sh: numbers go through a bolt
 * that does what its settings tell it, to one that counts them.
 *
 *   words.count    how many numbers; 0: for ever
 *   words.do       ack (the default), fail (each multiple of ten, once),
 *                  hold (the first one, for good), refuse (to prepare),
 *                  sleep (a millisecond each), twice (ack twice), print
 *
 * A link to it called "wordless" takes no words; one called "bad" has
 * mistakes in its table.
 */
#include <gale/gale.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct numbers {
    uint64_t next, end;
};

static gale_err numbers_open(void *self, gale_spout_ctx *ctx)
{
    struct numbers *n = self;
    const gale_task *t = gale_spout_task(ctx);
    const char *const *words;
    size_t n_words = gale_task_args(t, &words);

    n->end = (uint64_t)gale_task_conf_i64(t, "words.count", 1000);
    for (size_t i = 0; i < n_words; i++)
        printf("word %s\n", words[i]);
    fflush(stdout); /* the test waits for it before it sends a signal */
    return GALE_OK;
}

static bool numbers_next(void *self, gale_spout_ctx *ctx)
{
    struct numbers *n = self;

    for (int i = 0; i < 16 && (n->end == 0 || n->next < n->end); i++) {
        n->next++;
        gale_spout_emit(ctx, n->next,
                        GALE_ROW(gale_val_i64((int64_t)n->next)));
    }
    return n->end == 0 || n->next < n->end;
}

static const gale_field number_fields[] = { { "n", GALE_T_I64 }, { 0 } };
static const gale_spout numbers = {
    .state_size = sizeof(struct numbers),
    .output = number_fields,
    .open = numbers_open,
    .next = numbers_next,
};

struct work {
    const char *what;
    gale_counter *seen;
    bool held;
    char failed[4096];
};

static gale_err work_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct work *w = self;
    gale_task *t = gale_bolt_task(ctx);

    w->what = gale_task_conf_str(t, "words.do", "ack");
    w->seen = gale_task_counter(t, "seen");
    if (strcmp(w->what, "refuse") != 0)
        return GALE_OK;
    gale_task_error(t, "there is no work today");
    return GALE_EUSER;
}

static bool is(const struct work *w, const char *what)
{
    return strcmp(w->what, what) == 0;
}

static gale_verdict ack_twice(const gale_tuple *in, gale_bolt_ctx *ctx)
{
    gale_held h = gale_hold(ctx, in);

    gale_ack(ctx, h);
    gale_ack(ctx, h);
    return GALE_HOLD;
}

static gale_verdict work_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    struct work *w = self;
    int64_t n = gale_tuple_i64(in, 0);

    gale_counter_add(w->seen, 1);
    if (is(w, "sleep"))
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    if (is(w, "print"))
        printf("%lld\n", (long long)n);
    if (is(w, "twice"))
        return ack_twice(in, ctx);
    if (is(w, "hold") && !w->held) {
        w->held = true;
        gale_hold(ctx, in);
        puts("holding");
        fflush(stdout);
        return GALE_HOLD;
    }
    if (is(w, "fail") && n % 10 == 0 && n < 4096 && !w->failed[n]) {
        w->failed[n] = 1;
        return GALE_FAIL;
    }
    gale_emit(ctx, GALE_ROW(gale_val_i64(n)));
    return GALE_ACK;
}

static const gale_bolt work = {
    .state_size = sizeof(struct work),
    .output = number_fields,
    .prepare = work_prepare,
    .execute = work_execute,
};

static gale_verdict count_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    return GALE_ACK;
}

static const gale_bolt count = { .execute = count_execute };

static const gale_setting count_conf[] = {
    { "topology.debug", "false" },
    { 0 },
};

static const gale_component components[] = {
    { .id = "numbers", .spout = &numbers },
    { .id = "work",
      .bolt = &work,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")) },
    { .id = "count",
      .bolt = &count,
      .inputs = GALE_INPUTS(GALE_BY("work", "n")),
      .tasks = 2,
      .conf = count_conf },
};

static const gale_component mistaken[] = {
    { .id = "numbers", .spout = &numbers },
    { .id = "work",
      .bolt = &work,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("nunbers")) },
    { .id = "count",
      .bolt = &count,
      .inputs = GALE_INPUTS(GALE_BY("work", "m")) },
};

static const gale_setting conf[] = { { "words.count", "1000" }, { 0 } };

static const gale_topology topology = {
    .abi = GALE_ABI,
    .name = "words",
    .components = GALE_COMPONENTS(components),
    .conf = conf,
    .about = "numbers, worked on and counted",
    .args = "WORD...",
};

static const gale_topology wordless = {
    .abi = GALE_ABI,
    .name = "wordless",
    .components = GALE_COMPONENTS(components),
};

static const gale_topology bad = {
    .abi = GALE_ABI,
    .name = "bad",
    .components = GALE_COMPONENTS(mistaken),
};

static bool is_called(const char *program, const char *name)
{
    const char *slash = strrchr(program, '/');

    return strcmp(slash == NULL ? program : slash + 1, name) == 0;
}

int main(int argc, char **argv)
{
    if (is_called(argv[0], "wordless"))
        return gale_main(argc, argv, &wordless);
    if (is_called(argv[0], "bad"))
        return gale_main(argc, argv, &bad);
    return gale_main(argc, argv, &topology);
}
