/* scale_run.c -- the topology of a step, in a process of its own, so that
 * neither memory nor threads of one step are seen in another. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/mix.h"
#include "bench/scale_run.h"

struct instant {
    int64_t cpu_ns, wall_ns;
};

struct input {
    const scale_shape *shape;
    uint64_t first, all; /* trees of each spout */
    char *text;          /* the string field */
    uint32_t *count;     /* [keys] */
    uint64_t executed;   /* by the last layer; summed as its tasks end */
    struct instant from, to;
};

static struct instant look(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (struct instant){ t.tv_sec * INT64_C(1000000000) + t.tv_nsec,
                             bench_now_ns() };
}

/* -------------------------------------------------------------- source -- */

struct source {
    struct input *in;
    uint64_t n;
    bool timed; /* the first task looks at the clock for all of them */
    gale_value row[SCALE_FIELDS];
};

static gale_err source_open(void *self, gale_spout_ctx *ctx)
{
    const gale_task *task = gale_spout_task(ctx);
    struct source *s = self;

    s->in = (struct input *)(uintptr_t)gale_task_arg(task);
    s->timed = gale_task_index(task) == 0;
    const scale_shape *shape = s->in->shape;
    for (uint32_t i = 0; i < shape->fields; i++)
        s->row[i] = gale_val_i64(i);
    if (shape->bytes > 0)
        s->row[shape->fields - 1] =
            gale_val_str((gale_str){ s->in->text, shape->bytes });
    return GALE_OK;
}

static bool source_next(void *self, gale_spout_ctx *ctx)
{
    struct source *s = self;
    const scale_shape *shape = s->in->shape;

    if (s->timed && s->n == s->in->first)
        s->in->from = look();
    if (s->n == s->in->all) {
        if (s->timed && s->in->to.wall_ns == 0)
            s->in->to = look();
        return false;
    }
    if (shape->keys > 0)
        s->row[0].as.i = (int64_t)(gi_mix64(s->n) % shape->keys);
    else
        s->row[0].as.i = (int64_t)s->n;
    gale_spout_emit(ctx, s->n++, (gale_row){ s->row, shape->fields });
    return true;
}

/* Nothing fails; that it is there says that no copy need be kept. */
static void source_fail(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    (void)id;
    gale_task_error(gale_spout_task(ctx), "a tree failed");
}

/* -------------------------------------------------------------- layers -- */

struct pass {
    uint32_t times;
};

static gale_err pass_prepare(void *self, gale_bolt_ctx *ctx)
{
    const gale_task *task = gale_bolt_task(ctx);
    const struct input *in = gale_task_arg(task);

    ((struct pass *)self)->times =
        strcmp(gale_task_component(task), "layer1") == 0 ? in->shape->fan_out
                                                         : 1;
    return GALE_OK;
}

static gale_verdict pass_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    gale_row row = gale_tuple_row(in);

    for (uint32_t i = 0; i < ((struct pass *)self)->times; i++)
        gale_emit(ctx, row);
    return GALE_ACK;
}

struct last {
    struct input *in;
    uint64_t n;
    gale_held *held; /* a ring */
    uint32_t at, keep;
};

static gale_err last_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct last *s = self;

    s->in = (struct input *)(uintptr_t)gale_task_arg(gale_bolt_task(ctx));
    s->keep = s->in->shape->held;
    if (s->keep == 0)
        return GALE_OK;
    s->held = gi_calloc(s->keep, sizeof(*s->held));
    return s->held == NULL ? GALE_ENOMEM : GALE_OK;
}

/* In the place of the oldest one; the last tuple of all lets all go. */
static gale_verdict hold(struct last *s, const gale_tuple *in,
                         gale_bolt_ctx *ctx)
{
    if (s->held[s->at].ref != 0)
        gale_ack(ctx, s->held[s->at]);
    s->held[s->at] = gale_hold(ctx, in);
    s->at = s->at + 1 == s->keep ? 0 : s->at + 1;
    if (s->n < s->in->all)
        return GALE_HOLD;
    for (uint32_t i = 0; i < s->keep; i++)
        if (s->held[i].ref != 0)
            gale_ack(ctx, s->held[i]);
    return GALE_HOLD;
}

static gale_verdict last_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    struct last *s = self;

    s->n++;
    if (s->in->count != NULL) /* a key is one task's */
        s->in->count[gale_tuple_i64(in, 0)]++;
    return s->keep > 0 ? hold(s, in, ctx) : GALE_ACK;
}

static void last_cleanup(void *self, gale_bolt_ctx *ctx)
{
    struct last *s = self;

    (void)ctx;
    s->in->executed += s->n;
    gi_free(s->held);
}

/* ------------------------------------------------------------- topology -- */

struct parts {
    char names[SCALE_FIELDS][8], ids[SCALE_DEPTH + 1][16];
    gale_field fields[SCALE_FIELDS + 1];
    gale_spout source;
    gale_bolt pass, last;
    gale_input inputs[SCALE_DEPTH][2];
    gale_component components[SCALE_DEPTH + 1];
};

static void make_fields(struct parts *p, const scale_shape *s)
{
    for (uint32_t i = 0; i < s->fields; i++) {
        bool text = s->bytes > 0 && i == s->fields - 1;

        snprintf(p->names[i], sizeof(p->names[i]), "f%u", i);
        p->fields[i] =
            (gale_field){ p->names[i], text ? GALE_T_STR : GALE_T_I64 };
    }
}

static void make_components(struct parts *p, struct input *in)
{
    static const gale_name keys[] = { "f0", NULL };
    const scale_shape *s = in->shape;

    p->source = (gale_spout){ .state_size = sizeof(struct source),
                              .output = p->fields,
                              .open = source_open,
                              .next = source_next,
                              .fail = source_fail };
    p->pass = (gale_bolt){ .state_size = sizeof(struct pass),
                           .output = p->fields,
                           .prepare = pass_prepare,
                           .execute = pass_execute };
    p->last = (gale_bolt){ .state_size = sizeof(struct last),
                           .prepare = last_prepare,
                           .execute = last_execute,
                           .cleanup = last_cleanup };
    for (uint32_t i = 0; i <= s->depth; i++) {
        gale_component *c = &p->components[i];

        snprintf(p->ids[i], sizeof(p->ids[i]), i == 0 ? "source" : "layer%u",
                 i);
        *c = (gale_component){ .id = p->ids[i],
                               .tasks = i == 0 ? s->spouts : s->tasks,
                               .arg = in };
        if (i == 0) {
            c->spout = &p->source;
            continue;
        }
        c->bolt = i == s->depth ? &p->last : &p->pass;
        p->inputs[i - 1][0] =
            (gale_input){ .from = p->ids[i - 1],
                          .how = s->keys > 0 ? GALE_GROUP_FIELDS
                                             : GALE_GROUP_SHUFFLE,
                          .keys = s->keys > 0 ? keys : NULL };
        c->inputs = p->inputs[i - 1];
    }
}

/* As many tuples under way as there are trees by default, and those that are
 * held.  What is measured is how fast the source may go on: so it must not be
 * able to give all its trees before any of them is done. */
static bool run(struct input *in)
{
    const scale_shape *s = in->shape;
    static struct parts p;
    char pending[16];
    const gale_setting conf[] = {
        { "topology.max.spout.pending", pending },
        { "topology.message.timeout.secs", "3600" },
        { s->untracked ? "topology.acker.executors" : NULL, "0" },
        { 0 },
    };
    gale_run_result r;

    snprintf(pending, sizeof(pending), "%llu",
             (unsigned long long)(s->held + 4096 / scale_tuples(s) + 64));
    make_fields(&p, s);
    make_components(&p, in);
    gale_topology t = { .abi = GALE_ABI,
                        .name = "scale",
                        .components = { p.components, s->depth + 1 } };
    if (!bench_topology(&t, conf, s->loops, &r))
        return false;

    uint64_t roots = in->all * s->spouts;
    uint64_t want = roots * (s->depth < 2 ? 1 : s->fan_out);
    if (in->executed == want && r.acked == roots)
        return true;
    bench_say("scale: %llu tuples arrived instead of %llu; %llu trees of %llu "
              "were acked",
              (unsigned long long)in->executed, (unsigned long long)want,
              (unsigned long long)r.acked, (unsigned long long)roots);
    return false;
}

/* --------------------------------------------------------- the process -- */

/* So that no page of it is new when its time is taken. */
static void touch(uint32_t *count, uint32_t n)
{
    enum { PAGE = 4096 / sizeof(*count) };

    for (uint32_t i = 0; i < n; i += PAGE)
        *(volatile uint32_t *)&count[i] = 0;
}

static bool measure(const scale_shape *s, uint64_t first, uint64_t measured,
                    scale_cost *out)
{
    struct input in = { .shape = s, .first = first, .all = first + measured };
    double tuples = (double)(measured * s->spouts * scale_tuples(s));
    struct rusage usage;

    in.text = gi_alloc(s->bytes + 1);
    in.count = s->keys == 0 ? NULL : gi_calloc(s->keys, sizeof(*in.count));
    if (in.text == NULL || (s->keys > 0 && in.count == NULL)) {
        bench_say("out of memory");
        return false;
    }
    memset(in.text, 'x', s->bytes);
    touch(in.count, s->keys);
    if (!run(&in))
        return false;
    getrusage(RUSAGE_SELF, &usage);
    out->cpu_ns = (double)(in.to.cpu_ns - in.from.cpu_ns) / tuples;
    out->wall_ns = (double)(in.to.wall_ns - in.from.wall_ns) / tuples;
    out->rss_bytes = (uint64_t)usage.ru_maxrss * 1024;
    gi_free(in.text);
    gi_free(in.count);
    return true;
}

bool scale_run(const scale_shape *s, uint64_t first, uint64_t measured,
               scale_cost *out)
{
    int ends[2], status = 1;

    if (pipe(ends) != 0) {
        bench_say("no pipe: %s", strerror(errno));
        return false;
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        bool ok = measure(s, first, measured, out) &&
                  write(ends[1], out, sizeof(*out)) == sizeof(*out);
        _exit(ok ? 0 : 1);
    }
    close(ends[1]);
    ssize_t n = pid < 0 ? -1 : read(ends[0], out, sizeof(*out));
    close(ends[0]);
    if (pid < 0) {
        bench_say("no process: %s", strerror(errno));
        return false;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (status != 0 || n != sizeof(*out))
        bench_say("scale: a step ended with status %d", status);
    bench_count((first + measured) * s->spouts * scale_tuples(s));
    return status == 0 && n == sizeof(*out);
}
