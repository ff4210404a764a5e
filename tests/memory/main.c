/* main.c -- gale_main as a whole, with settings from a file and from the
 * command line: what it prints is what it should be, or it ends with 1 and
 * says why. */
#include <fcntl.h>

#include "memory.h"

enum { MOST_ARGS = 10, MOST_SAID = 1 << 16 };

/* ------------------------------------------------------------- topology -- */

static bool few_next(void *self, gale_spout_ctx *ctx)
{
    int64_t *n = self;

    gale_spout_emit(ctx, (uint64_t)*n, GALE_ROW(gale_val_i64(*n)));
    return ++*n < 20;
}

static gale_err sink_prepare(void *self, gale_bolt_ctx *ctx)
{
    gale_counter **seen = self;

    *seen = gale_task_counter(gale_bolt_task(ctx), "seen");
    return GALE_OK;
}

/* Fails one of them once, so that there is something to tell. */
static gale_verdict sink_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    static int64_t failed;
    gale_counter **seen = self;

    (void)ctx;
    gale_counter_add(*seen, 1);
    if (gale_tuple_i64(in, 0) == 5 && failed++ % 2 == 0)
        return GALE_FAIL;
    return GALE_ACK;
}

static const gale_spout few = {
    .state_size = sizeof(int64_t),
    .output = GALE_FIELDS(GALE_I64("n")),
    .next = few_next,
};
static const gale_bolt sink = {
    .state_size = sizeof(gale_counter *),
    .prepare = sink_prepare,
    .execute = sink_execute,
};

static const gale_component components[] = {
    { .id = "few", .spout = &few },
    { .id = "sink",
      .bolt = &sink,
      .inputs = GALE_INPUTS(GALE_BY("few", "n")),
      .conf = GALE_SETTINGS({ "topology.debug", "false" }) },
};

static const gale_component mistaken[] = {
    { .id = "few", .spout = &few },
    { .id = "sink",
      .bolt = &sink,
      .inputs = GALE_INPUTS(GALE_BY("fwe", "n"), GALE_BY("few", "m")) },
};

#define TABLE(parts)                                                     \
    {                                                                    \
        .abi = GALE_ABI, .name = "t", .about = "a few numbers",          \
        .args = "WORD...", .components = GALE_COMPONENTS(parts),         \
        .conf = GALE_SETTINGS({ "topology.replay.backoff.millis", "0" }, \
                              { "words.of.our.own", "some" }),           \
    }

static const gale_topology fine = TABLE(components);
static const gale_topology bad = TABLE(mistaken);

/* --------------------------------------------------------------- calls -- */

static char yaml[] = "memory-main.XXXXXX";

struct call {
    const gale_topology *t;
    int code;  /* with enough memory */
    bool runs; /* what it prints is another thing each time */
    const char *args[MOST_ARGS];
};

/* What one call said, and where the real outputs are meanwhile. */
static char said[MOST_SAID], expected[MOST_SAID];
static int real_out, real_err, catcher;

static void catch_output(void)
{
    fflush(NULL);
    CHECK(ftruncate(catcher, 0) == 0, "cannot empty a file");
    CHECK(lseek(catcher, 0, SEEK_SET) == 0, "cannot rewind a file");
    dup2(catcher, STDOUT_FILENO);
    dup2(catcher, STDERR_FILENO);
}

static void read_output(void)
{
    fflush(NULL);
    dup2(real_out, STDOUT_FILENO);
    dup2(real_err, STDERR_FILENO);
    lseek(catcher, 0, SEEK_SET);
    ssize_t n = read(catcher, said, sizeof(said) - 1);
    CHECK(n >= 0, "cannot read a file");
    said[n] = '\0';
}

static int make(const struct call *c)
{
    char words[MOST_ARGS + 1][64] = { "./t" };
    char *argv[MOST_ARGS + 2] = { words[0] };
    int argc = 1;

    for (; argc <= MOST_ARGS && c->args[argc - 1] != NULL; argc++) {
        snprintf(words[argc], sizeof(words[0]), "%s", c->args[argc - 1]);
        argv[argc] = words[argc];
    }
    catch_output();
    int code = gale_main(argc, argv, c->t);
    read_output();
    return code;
}

/* A hint is left out where there is no memory to look for it in. */
static void drop_hints(char *text)
{
    static const char *const begins[] = { " (did you mean ", " (it has " };

    for (int i = 0; i < 2; i++)
        for (char *at; (at = strstr(text, begins[i])) != NULL;) {
            const char *end = strchr(at, ')');

            CHECK(end != NULL, "'%s'", text);
            memmove(at, end + 1, strlen(end + 1) + 1);
        }
}

static bool call_once(const void *arg)
{
    const struct call *c = arg;
    int code = make(c);

    if (code == 2)
        drop_hints(said);
    if (code == c->code) {
        CHECK(c->runs || strcmp(said, expected) == 0, "'%s' and not '%s'",
              said, expected);
        if (!c->runs || code != 1)
            return true;
    }
    CHECK(code == 1, "exit code %d, said '%s'", code, said);
    CHECK(strstr(said, "memory") != NULL, "'%s'", said);
    return false;
}

static void write_settings(void)
{
    static const char text[] =
        "topology:\n  message.timeout.secs: 20\n  debug: no\n"
        "words:\n  list: [ one, 'two', \"three\" ]\n  deep: { er: { est: 1 } "
        "}\n"
        "storm.zookeeper.servers: [ localhost ]\n";
    int fd = mkstemp(yaml);

    CHECK(fd >= 0, "cannot make a file here");
    CHECK(write(fd, text, sizeof(text) - 1) == sizeof(text) - 1, "no room");
    close(fd);
}

#define FILE_AND_CONF                                              \
    "--config", yaml, "-c", "topology.batch.bytes=2048", "--conf", \
        "words.mine=x=y"

int main(void)
{
    const struct call calls[] = {
        { &fine, 0, false, { "validate", FILE_AND_CONF } },
        { &fine, 0, false, { "validate", "--json", FILE_AND_CONF } },
        { &fine, 0, false, { "describe", FILE_AND_CONF } },
        { &fine, 0, false, { "describe", "--format=json", FILE_AND_CONF } },
        { &fine, 0, false, { "describe", "--format=dot", FILE_AND_CONF } },
        { &fine, 0, false, { "settings", FILE_AND_CONF } },
        { &fine, 0, false, { "settings", "--json", FILE_AND_CONF } },
        { &fine, 0, false, { "--help" } },
        { &fine, 0, false, { "--version" } },
        { &bad, 2, false, { "validate", "--json", "-cx", FILE_AND_CONF } },
        { &bad, 2, false, { "--jsn", "--run-for", "soon", FILE_AND_CONF } },
        { &fine, 0, true, { "--json", "a", "word", FILE_AND_CONF } },
        { &fine, 0, true, { "--loops=3", "--color=always", FILE_AND_CONF } },
        { &fine, 0, true, { "-q", "--run-for=20ms", FILE_AND_CONF } },
    };

    alarm(600);
    write_settings();
    real_out = dup(STDOUT_FILENO);
    real_err = dup(STDERR_FILENO);
    FILE *file = tmpfile();
    CHECK(file != NULL, "cannot make a file");
    catcher = fileno(file);
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        CHECK(make(&calls[i]) == calls[i].code, "said '%s'", said);
        memcpy(expected, said, sizeof(said));
        if (calls[i].code == 2)
            drop_hints(expected);
        memory_every(calls[i].args[0], call_once, &calls[i], 1);
        memory_every(calls[i].args[0], call_once, &calls[i], 4);
        if (!calls[i].runs)
            memory_every(calls[i].args[0], call_once, &calls[i], UINT64_MAX);
    }
    unlink(yaml);
    fclose(file);
    return 0;
}
