/* sources.h -- numbers from 0 to TOTAL, in batches: of a transactional source,
 * SIZE at a time, and of an opaque one of which no two attempts have the same.
 * Who includes it has named both before. */
#ifndef TEST_SEMANTICS_SOURCES_H
#define TEST_SEMANTICS_SOURCES_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gale/testing.h"
#include "gale/trident.h"

static bool never;        /* the source does not end */
static long upto = TOTAL; /* or before it should */

static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    long from = before.len == 0 ? 0 : strtol(before.ptr, NULL, 10) + SIZE;

    (void)c;
    return from >= upto ? 0 : (size_t)snprintf(now, room, "%ld", from) + 1;
}

static bool always(void *c, gale_task *task)
{
    (void)c;
    (void)task;
    return !never;
}

static bool emit_planned(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    long from = strtol(p->from.ptr, NULL, 10);

    (void)self;
    for (long i = from; i < from + SIZE; i++)
        if ((uint32_t)(i % p->partitions) == p->partition)
            gale_batch_emit(ctx, GALE_ROW(gale_val_i64(i)));
    return false;
}

static const gale_field number[] = { GALE_I64("n"), { 0, 0 } };

static const gale_batch_spout transactional = {
    .kind = GALE_SPOUT_TRANSACTIONAL,
    .output = number,
    .plan = plan,
    .ended = always,
    .emit = emit_planned,
};

/* -------------- the same, but what is in a batch changes with attempts -- */

enum { PARTITIONS = 3 }; /* each has the numbers that leave this rest */

typedef struct opaque {
    gale_task *task;
} opaque;

/* What batches reached when they were emitted, and what has counted.  Whether
 * the source is at its end is a question about the latter: what was emitted
 * may be emitted again. */
static long emitted[64][PARTITIONS], reached[PARTITIONS];

static gale_err opaque_open(void *self, const void *arg, gale_task *task)
{
    (void)arg;
    ((opaque *)self)->task = task;
    return GALE_OK;
}

static uint32_t opaque_partitions(void *self, gale_task *task)
{
    (void)self;
    (void)task;
    return PARTITIONS;
}

static bool opaque_emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    opaque *o = self;
    long from = p->from.len == 0 ? (long)p->partition
                                 : strtol(p->from.ptr, NULL, 10),
         n = 5 + (long)(gale_task_random(o->task) % 20);

    for (; n > 0 && from < TOTAL; n--, from += PARTITIONS)
        gale_batch_emit(ctx, GALE_ROW(gale_val_i64(from)));
    p->upto_len =
        (uint32_t)snprintf(p->upto, sizeof(p->upto), "%ld", from) + 1;
    emitted[p->txid % 64][p->partition] = from;
    return false;
}

static void opaque_committed(void *self, uint64_t txid)
{
    (void)self;
    memcpy(reached, emitted[txid % 64], sizeof(reached));
}

static bool opaque_ended(void *c, gale_task *task)
{
    (void)c;
    (void)task;
    for (int i = 0; i < PARTITIONS; i++)
        if (reached[i] < TOTAL)
            return false;
    return true;
}

static bool opaque_ready(void *c, gale_task *task)
{
    return !opaque_ended(c, task);
}

static const gale_batch_spout changing = {
    .kind = GALE_SPOUT_OPAQUE,
    .output = number,
    .ready = opaque_ready,
    .ended = opaque_ended,
    .state_size = sizeof(opaque),
    .open = opaque_open,
    .partitions = opaque_partitions,
    .emit = opaque_emit,
    .committed = opaque_committed,
};

#endif
