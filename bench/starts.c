#include "bench/starts.h"

struct starts {
    uint64_t at, by, end;
};

static gale_err starts_open(void *self, gale_spout_ctx *ctx)
{
    const gale_task *task = gale_spout_task(ctx);
    const uint64_t *all = gale_task_arg(task);
    struct starts *s = self;

    s->at = (uint64_t)gale_task_index(task) * STARTS_EACH;
    s->by = (uint64_t)gale_task_count(task) * STARTS_EACH;
    s->end = *all;
    return GALE_OK;
}

static bool starts_next(void *self, gale_spout_ctx *ctx)
{
    struct starts *s = self;

    if (s->at >= s->end)
        return false;
    gale_spout_emit(ctx, s->at, GALE_ROW(gale_val_i64((int64_t)s->at)));
    s->at += s->by;
    return true;
}

const gale_spout starts = {
    .state_size = sizeof(struct starts),
    .output = GALE_FIELDS(GALE_I64("start")),
    .open = starts_open,
    .next = starts_next,
};
