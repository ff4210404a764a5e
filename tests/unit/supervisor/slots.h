/* One slot for tests: orders by a few words, events by a call, and what was
 * said to be done as a line of text. */
#ifndef TESTS_SLOTS_H
#define TESTS_SLOTS_H

#include <criterion/criterion.h>
#include <stdio.h>

#include "supervisor/slot.h"

#define MS     1000000ll
#define SECOND 1000000000ll

static inline gi_order *order_of(const char *topology, const char *program,
                                 uint64_t since, uint64_t version,
                                 uint32_t executors)
{
    gi_span spans[16];
    gi_order from = {
        .topology = topology,
        .program = program,
        .since = since,
        .version = version,
        .n_executors = executors,
        .executors = spans,
    };
    gi_order *o = NULL;

    for (uint32_t i = 0; i < executors; i++)
        spans[i] = (gi_span){ i, i + 1 };
    cr_assert_eq(gi_order_create(&o, &from), GALE_OK);
    return o;
}

struct bench {
    gi_slot_opts opts;
    gi_keeper k;
    uint64_t last;
    int64_t now;
    char said[256]; /* by the last call: "FETCH REPORT" */
};

static const char *const act_names[] = {
    "NOTHING", "GONE", "REFUSE", "KILL", "TERM",   "LOOK",
    "FETCH",   "SAVE", "START",  "TELL", "REPORT",
};

/* What is to be done; what is said to Nimbus and to the disk goes without
 * saying. */
static inline const char *said(struct bench *b)
{
    gi_slot_act a;

    b->said[0] = '\0';
    while (gi_keeper_next(&b->k, &a)) {
        size_t len = strlen(b->said);

        if (a.kind != GI_SLOT_REPORT && a.kind != GI_SLOT_SAVE)
            snprintf(b->said + len, sizeof(b->said) - len, "%s%s",
                     len > 0 ? " " : "", act_names[a.kind]);
    }
    return b->said;
}

static inline void bench_init(struct bench *b)
{
    *b = (struct bench){ .now = SECOND, .last = 100 };
    gi_slot_settle(&b->opts);
    gi_keeper_init(&b->k, 6700, &b->opts, &b->last, 7);
}

static inline const char *give(struct bench *b, gi_order *o)
{
    gi_keeper_order(&b->k, o, b->now);
    gi_order_release(o);
    return said(b);
}

static inline const char *tell(struct bench *b, gi_slot_event e)
{
    if (e.incarnation == 0)
        e.incarnation = b->k.incarnation;
    gi_keeper_event(&b->k, &e, b->now);
    return said(b);
}

static inline const char *ready(struct bench *b, const char *program)
{
    return tell(b,
                (gi_slot_event){ .kind = GI_SLOT_READY, .program = program });
}

static inline const char *started(struct bench *b, int32_t pid)
{
    return tell(
        b, (gi_slot_event){ .kind = GI_SLOT_STARTED, .pid = pid, .began = 5 });
}

static inline const char *beats(struct bench *b)
{
    return tell(b, (gi_slot_event){ .kind = GI_SLOT_BEAT });
}

static inline const char *exits(struct bench *b, int status)
{
    return tell(b, (gi_slot_event){ .kind = GI_SLOT_ENDED,
                                    .ending = { GI_END_EXIT, status, false },
                                    .words = "help!" });
}

static inline const char *later(struct bench *b, int64_t ns)
{
    b->now += ns;
    gi_keeper_tick(&b->k, b->now);
    return said(b);
}

/* A worker of "words" that runs and beats. */
static inline void bench_running(struct bench *b)
{
    bench_init(b);
    give(b, order_of("words", "abc", 1, 1, 2));
    ready(b, "abc");
    started(b, 42);
    beats(b);
    cr_assert_eq(b->k.state, GI_SLOT_RUNNING);
}

#endif
