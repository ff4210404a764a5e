/* numbers.h -- a topology that writes down, in a file that all its workers
 * have mapped, what becomes of each number.
 *
 *     numbers (2) --shuffle--> thrice (3) --by number--> sink (4)
 *
 * A number is acked, or it is not; it reaches the sink in three parts, always
 * in the same task, and at least once.  Numbers that are acked are not begun
 * again when a spout's process is started anew.  Words: the file.
 */
#ifndef TESTS_CLUSTER_NUMBERS_H
#define TESTS_CLUSTER_NUMBERS_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gale/gale.h"

enum { SPOUTS = 2, PARTS = 3, SINKS = 4, MOST_NUMBERS = 200000 };

struct board {
    _Atomic uint32_t n;      /* numbers there are */
    _Atomic uint32_t upto;   /* those from here on wait; 0: none does */
    _Atomic uint32_t pace;   /* ns a number and spout; 0: as fast as it goes */
    _Atomic uint32_t refuse; /* the sinks refuse to open, or, 2, give up */
    _Atomic uint32_t begun, acked, parts, wrong_task, wrong_hash, closed;
    _Atomic uint32_t road[2];
    _Atomic uint32_t early; /* acked before all parts were at the sinks */
    _Atomic uint8_t is_acked[MOST_NUMBERS];
    _Atomic uint8_t count[MOST_NUMBERS][PARTS]; /* of each part, up to 255 */
    _Atomic uint8_t task[MOST_NUMBERS];
};

static inline struct board *board_map(const char *path, bool make)
{
    int fd = open(path, O_RDWR | (make ? O_CREAT | O_TRUNC : 0), 0600);
    void *map = MAP_FAILED;

    if (fd < 0)
        return NULL;
    if (!make || ftruncate(fd, sizeof(struct board)) == 0)
        map = mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE,
                   MAP_SHARED, fd, 0);
    close(fd);
    return map == MAP_FAILED ? NULL : map;
}

struct on_board {
    struct board *b;
    uint32_t next;
    int64_t began_ms, given;
};

static inline gale_err find_board(struct on_board *s, gale_task *t)
{
    const char *const *words;

    if (gale_task_args(t, &words) == 1)
        s->b = board_map(words[0], false);
    if (s->b != NULL)
        return GALE_OK;
    gale_task_error(t, "there is no board");
    return GALE_EUSER;
}

static inline gale_err numbers_open(void *self, gale_spout_ctx *ctx)
{
    struct on_board *s = self;
    gale_task *t = gale_spout_task(ctx);

    s->next = gale_task_index(t);
    s->began_ms = gale_task_now_ms(t);
    return find_board(s, t);
}

static inline bool numbers_next(void *self, gale_spout_ctx *ctx)
{
    struct on_board *s = self;
    gale_task *t = gale_spout_task(ctx);
    int64_t ran_ms = gale_task_now_ms(t) - s->began_ms;

    if (s->b->pace != 0 && s->given * s->b->pace / 1000000 > ran_ms)
        return true;
    while (s->next < s->b->n && s->b->is_acked[s->next])
        s->next += SPOUTS;
    if (s->next >= s->b->n)
        return false;
    uint32_t upto = s->b->upto;
    if (upto != 0 && s->next >= upto)
        return true;
    s->b->begun++;
    s->given++;
    gale_spout_emit(ctx, s->next, GALE_ROW(gale_val_i64(s->next)));
    s->next += SPOUTS;
    return true;
}

static inline void numbers_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    struct on_board *s = self;

    (void)ctx;
    for (int part = 0; part < PARTS; part++)
        s->b->early += s->b->count[id][part] == 0;
    if (!s->b->is_acked[id])
        s->b->acked++;
    s->b->is_acked[id] = 1;
}

static inline void numbers_close(void *self, gale_spout_ctx *ctx)
{
    struct on_board *s = self;

    (void)ctx;
    s->b->closed++;
    munmap(s->b, sizeof(*s->b));
}

static inline gale_verdict thrice_execute(void *self, const gale_tuple *in,
                                          gale_bolt_ctx *ctx)
{
    (void)self;
    for (int64_t part = 0; part < PARTS; part++)
        gale_emit(ctx, GALE_ROW(gale_val_i64(gale_tuple_i64(in, 0)),
                                gale_val_i64(part)));
    return GALE_ACK;
}

static inline gale_err sink_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct on_board *s = self;
    gale_err rv = find_board(s, gale_bolt_task(ctx));

    if (rv == GALE_OK && s->b->refuse == 1) {
        gale_task_error(gale_bolt_task(ctx), "the board says no");
        munmap(s->b, sizeof(*s->b));
        s->b = NULL;
        return GALE_EUSER;
    }
    return rv;
}

static inline gale_verdict sink_execute(void *self, const gale_tuple *in,
                                        gale_bolt_ctx *ctx)
{
    struct on_board *s = self;
    uint32_t n = (uint32_t)gale_tuple_i64(in, 0);
    _Atomic uint8_t *count = &s->b->count[n][gale_tuple_i64(in, 1)];
    uint8_t me = (uint8_t)gale_task_id(gale_bolt_task(ctx));

    if (s->b->refuse == 2)
        gale_task_fatal(gale_bolt_task(ctx), "the board says that it is over");
    if (s->b->task[n] != 0 && s->b->task[n] != me)
        s->b->wrong_task++;
    if (gale_tuple_hash(in) != (uint32_t)gale_hash(gale_tuple_at(in, 0), 1))
        s->b->wrong_hash++;
    s->b->task[n] = me;
    s->b->parts++;
    if (*count < 255)
        ++*count;
    return GALE_ACK;
}

static inline void sink_cleanup(void *self, gale_bolt_ctx *ctx)
{
    struct on_board *s = self;

    (void)ctx;
    if (s->b == NULL)
        return;
    s->b->closed++;
    munmap(s->b, sizeof(*s->b));
}

static const gale_spout numbers_spout = {
    .state_size = sizeof(struct on_board),
    .output = GALE_FIELDS(GALE_I64("number")),
    .open = numbers_open,
    .next = numbers_next,
    .ack = numbers_ack,
    .close = numbers_close,
};

static const gale_bolt thrice_bolt = {
    .output = GALE_FIELDS(GALE_I64("number"), GALE_I64("part")),
    .execute = thrice_execute,
};

static const gale_bolt sink_bolt = {
    .state_size = sizeof(struct on_board),
    .prepare = sink_prepare,
    .execute = sink_execute,
    .cleanup = sink_cleanup,
};

static const gale_component numbers_components[] = {
    { .id = "numbers", .spout = &numbers_spout, .tasks = SPOUTS },
    {
        .id = "thrice",
        .bolt = &thrice_bolt,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")),
        .tasks = 3,
    },
    {
        .id = "sink",
        .bolt = &sink_bolt,
        .inputs = GALE_INPUTS(GALE_BY("thrice", "number")),
        .tasks = SINKS,
    },
};

static const gale_topology numbers = {
    .abi = GALE_ABI,
    .name = "numbers",
    .args = "BOARD",
    .components = GALE_COMPONENTS(numbers_components),
};

#endif
