/* all_arrive.c -- numbers that all arrive, whoever dies on the way.
 *
 *     gale submit build/bin/all_arrive -c topology.workers=3 DIR
 *
 *     numbers --shuffle--> check --by number--> note
 *
 * The spout says the numbers from 1 to arrive.upto (20000), arrive.rate (1000)
 * of them a second.  Each number is checked, and noted as a line of a file in
 * DIR, one file a task.  Kill workers while it runs, kill supervisors, kill
 * Nimbus: in the end
 *
 *     sort -nu DIR/note-* | wc -l
 *
 * says 20000.  Lines may be there twice: this is what at least once means.
 *
 * What it teaches: to ack only what is written; that a worker starts in a
 * directory of its own, perhaps on another machine, so that DIR is to be a
 * whole path; that a spout whose process died begins anew, and says again what
 * it has said, unless it knows from somewhere else how far it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gale/gale.h>

/* -------------------------------------------------------------- numbers -- */

struct numbers {
    int64_t said, upto, per_second, began_ms;
};

static gale_err numbers_open(void *self, gale_spout_ctx *ctx)
{
    struct numbers *s = self;
    gale_task *task = gale_spout_task(ctx);

    s->upto = gale_task_conf_i64(task, "arrive.upto", 20000);
    s->per_second = gale_task_conf_i64(task, "arrive.rate", 1000);
    s->began_ms = gale_task_now_ms(task);
    if (s->upto >= 0 && s->per_second >= 1)
        return GALE_OK;
    gale_task_error(task, "arrive.upto and arrive.rate are to be positive");
    return GALE_ECONF;
}

static bool numbers_next(void *self, gale_spout_ctx *ctx)
{
    struct numbers *s = self;
    int64_t passed_ms = gale_task_now_ms(gale_spout_task(ctx)) - s->began_ms;

    if (s->said == s->upto)
        return false;
    if (s->said * 1000 > passed_ms * s->per_second)
        return true; /* not yet */
    s->said++;
    gale_spout_emit(ctx, (uint64_t)s->said, GALE_ROW(gale_val_i64(s->said)));
    return true;
}

/* Without fail: the runtime replays. */
static const gale_spout numbers = {
    .state_size = sizeof(struct numbers),
    .output = GALE_FIELDS(GALE_I64("number")),
    .open = numbers_open,
    .next = numbers_next,
};

/* ---------------------------------------------------------------- check -- */

static gale_verdict check_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    (void)self;
    gale_emit(ctx, GALE_ROW(gale_val_i64(gale_tuple_i64(in, 0))));
    return GALE_ACK; /* the number goes on: its tree is not complete yet */
}

static const gale_bolt check = {
    .output = GALE_FIELDS(GALE_I64("number")),
    .execute = check_execute,
};

/* ----------------------------------------------------------------- note -- */

struct note {
    bool is_open; /* only then there is a descriptor */
    int fd;
};

/* What stands in the file already, from a life before this one, stays. */
static gale_err note_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct note *n = self;
    gale_task *task = gale_bolt_task(ctx);
    const char *const *words;
    char name[4096];

    if (gale_task_args(task, &words) != 1) {
        gale_task_error(task, "name one directory for the notes");
        return GALE_ECONF;
    }
    mkdir(words[0], 0777); /* perhaps it is there; open will tell */
    snprintf(name, sizeof(name), "%s/note-%" PRIu32, words[0],
             gale_task_index(task));
    n->fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    n->is_open = n->fd >= 0;
    if (n->is_open)
        return GALE_OK;
    gale_task_error(task, "cannot open %s: %s", name, strerror(errno));
    return GALE_EIO;
}

/* A line is written at once and whole: nobody's death cuts it. */
static gale_verdict note_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    struct note *n = self;
    char line[32];
    int len =
        snprintf(line, sizeof(line), "%" PRId64 "\n", gale_tuple_i64(in, 0));

    if (write(n->fd, line, (size_t)len) == len)
        return GALE_ACK;
    gale_task_error(gale_bolt_task(ctx), "cannot write: %s", strerror(errno));
    return GALE_FAIL;
}

static void note_cleanup(void *self, gale_bolt_ctx *ctx)
{
    struct note *n = self;

    (void)ctx;
    if (n->is_open)
        close(n->fd);
}

static const gale_bolt note = {
    .state_size = sizeof(struct note),
    .prepare = note_prepare,
    .execute = note_execute,
    .cleanup = note_cleanup,
};

/* ------------------------------------------------------------- topology -- */

static const gale_component components[] = {
    { .id = "numbers", .spout = &numbers },
    {
        .id = "check",
        .bolt = &check,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")),
        .tasks = 2,
    },
    {
        .id = "note",
        .bolt = &note,
        .inputs = GALE_INPUTS(GALE_BY("check", "number")),
        .tasks = 3,
    },
};

static const gale_topology all_arrive = {
    .abi = GALE_ABI,
    .name = "all_arrive",
    .components = GALE_COMPONENTS(components),
    .about = "Numbers that all arrive, whoever dies on the way.",
    .args = "DIR",
};

int main(int argc, char **argv)
{
    return gale_main(argc, argv, &all_arrive);
}
