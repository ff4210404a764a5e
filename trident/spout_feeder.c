/* spout_feeder.c -- what the topology sees of a feeder.
 *
 * A transactional one plans a batch by its number, and all tasks share it. The
 * others have one partition, so one task gives their rows: an opaque one goes
 * on at a row of a batch, and takes all that there is when a transaction is
 * done again; a non-transactional one knows by itself where it is.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "trident/feed.h"

enum {
    ROWS_A_CALL = 256, /* of emit: others have theirs soon */
    PLACE_TEXT = 64,
    STALLED_MS = 1000,
};

/* A row of a batch, in words: the feeder's id, too, for those of a process
 * that has died mean nothing. */
typedef struct place {
    uint64_t no, row;
} place;

static uint32_t place_write(char *to, size_t room, const gale_feeder *f,
                            place at)
{
    return (uint32_t)snprintf(to, room, "%016" PRIx64 " %" PRIu64 " %" PRIu64,
                              f->id, at.no, at.row);
}

/* False: it is none of this feeder's. */
static bool place_read(const gale_feeder *f, gale_str s, place *at)
{
    char text[PLACE_TEXT];
    uint64_t id;

    if (s.len == 0 || s.len >= sizeof(text))
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    return sscanf(text, "%" SCNx64 " %" SCNu64 " %" SCNu64, &id, &at->no,
                  &at->row) == 3 &&
           id == f->id;
}

/* ------------------------------------------------------- the coordinator's */

typedef struct planner {
    gale_feeder *f;
    gale_task *task;
} planner;

/* Who comes after a coordinator that died does not know what that one had
 * under way: it looks at once. */
static gale_err plan_open(void *c, const void *arg, gale_task *task)
{
    planner *p = c;
    gale_feeder *f = *(gale_feeder *const *)arg;

    *p = (planner){ f, task };
    pthread_mutex_lock(&f->mtx);
    f->coordinator = task;
    f->moved_ms = gale_task_now_ms(task) - STALLED_MS;
    pthread_mutex_unlock(&f->mtx);
    return GALE_OK;
}

static void plan_close(void *c)
{
    gale_feeder *f = ((planner *)c)->f;

    pthread_mutex_lock(&f->mtx);
    f->coordinator = NULL;
    pthread_mutex_unlock(&f->mtx);
}

/* Is there a batch that was not begun?  Or one that was, by an attempt that is
 * over and whose coordinator is gone? */
static bool ready(void *c, gale_task *task)
{
    gale_feeder *f = ((planner *)c)->f;
    bool is;

    pthread_mutex_lock(&f->mtx);
    is = f->last != NULL &&
         (!f->last->begun ||
          gale_task_now_ms(task) - f->moved_ms >= STALLED_MS);
    pthread_mutex_unlock(&f->mtx);
    return is;
}

/* TRANSACTIONAL: the batch behind that one. */
static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    gale_feeder *f = ((planner *)c)->f;
    place at = { 0, 0 };
    size_t n = 0;
    gi_fed *b;

    if (!place_read(f, before, &at))
        at.no = 0;
    pthread_mutex_lock(&f->mtx);
    b = gi_feed_from(f, at.no + 1);
    if (b != NULL) {
        b->begun = true;
        n = place_write(now, room, f, (place){ b->no, 0 });
    }
    pthread_mutex_unlock(&f->mtx);
    return n;
}

static bool ended(void *c, gale_task *task)
{
    gale_feeder *f = ((planner *)c)->f;
    bool is;

    (void)task;
    pthread_mutex_lock(&f->mtx);
    is = f->ended && f->first == NULL;
    pthread_mutex_unlock(&f->mtx);
    return is;
}

static void plan_committed(void *c, uint64_t txid)
{
    planner *p = c;

    pthread_mutex_lock(&p->f->mtx);
    p->f->moved_ms = gale_task_now_ms(p->task);
    gi_feed_counted(p->f, txid);
    pthread_mutex_unlock(&p->f->mtx);
}

/* ---------------------------------------------------------------- emitters */

typedef struct giver {
    gale_feeder *f;
    gale_task *task;
    place at;       /* the next row */
    uint64_t until; /* the last batch of this transaction */
    uint64_t step;  /* from one row to this task's next one */
} giver;

static gale_err open(void *self, const void *arg, gale_task *task)
{
    *(giver *)self =
        (giver){ .f = *(gale_feeder *const *)arg, .task = task, .step = 1 };
    return GALE_OK;
}

static uint32_t one_partition(void *self, gale_task *task)
{
    (void)self;
    (void)task;
    return 1;
}

static void start_planned(giver *g, const gale_batch_part *p)
{
    gi_fed *b;

    g->step = p->partitions;
    if (!place_read(g->f, p->from, &g->at)) {
        gale_task_log(g->task, GALE_LOG_WARN,
                      "batch %" PRIu64 " was given to a process that is gone, "
                      "or to another one: it comes without its rows",
                      p->txid);
        return;
    }
    b = gi_feed_from(g->f, g->at.no);
    if (b == NULL || b->no != g->at.no)
        return; /* it has counted: nobody waits for this attempt */
    b->txid = p->txid;
    g->until = b->no;
    g->at.row = p->partition;
}

/* What was emitted in this transaction, or in those behind it, was not. */
static void take_back(gale_feeder *f, uint64_t txid)
{
    for (gi_fed *b = f->first; b != NULL && b->begun; b = b->next)
        if (b->txid >= txid)
            b->txid = 0;
}

static void start_opaque(giver *g, const gale_batch_part *p)
{
    gale_feeder *f = g->f;
    gi_fed *b;

    if (!place_read(f, p->from, &g->at))
        g->at = (place){ 0, 0 };
    take_back(f, p->txid);
    b = gi_feed_from(f, g->at.no);
    if (b != NULL)
        g->until = p->txid > f->newest ? b->no : f->last->no;
    if (p->txid > f->newest)
        f->newest = p->txid;
}

static void start(giver *g, const gale_batch_part *p)
{
    gi_fed *b;

    g->at = (place){ 0, 0 };
    g->until = 0;
    switch (g->f->spout.kind) {
    case GALE_SPOUT_TRANSACTIONAL:
        start_planned(g, p);
        break;
    case GALE_SPOUT_OPAQUE:
        start_opaque(g, p);
        break;
    case GALE_SPOUT_NON_TRANSACTIONAL:
        g->at = (place){ g->f->at_no, g->f->at_row };
        b = gi_feed_from(g->f, g->at.no);
        g->until = b == NULL ? 0 : b->no;
        break;
    }
}

/* The batch that has the next row; NULL: no more comes. */
static gi_fed *next_batch(giver *g)
{
    gi_fed *b = g->until == 0 ? NULL : gi_feed_from(g->f, g->at.no);

    if (b == NULL || b->no > g->until)
        return NULL;
    if (b->no != g->at.no)
        g->at = (place){ b->no, 0 };
    b->begun = true;
    return b;
}

/* It was emitted up to here. */
static void reach(giver *g, gi_fed *b, gale_batch_part *p)
{
    gale_feeder *f = g->f;

    f->moved_ms = gale_task_now_ms(g->task);
    if (g->at.row >= b->n) {
        b->txid = p->txid;
        g->at = (place){ b->no + 1, 0 };
    }
    if (f->spout.kind == GALE_SPOUT_OPAQUE)
        p->upto_len = place_write(p->upto, sizeof(p->upto), f, g->at);
    if (f->spout.kind == GALE_SPOUT_NON_TRANSACTIONAL) {
        f->at_no = g->at.no;
        f->at_row = g->at.row;
    }
}

static bool emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    giver *g = self;
    gi_fed *b;

    pthread_mutex_lock(&g->f->mtx);
    if (p->first)
        start(g, p);
    b = next_batch(g);
    if (b != NULL) {
        b->users++;
        pthread_mutex_unlock(&g->f->mtx);
        for (int n = 0; n < ROWS_A_CALL && g->at.row < b->n; n++) {
            gale_batch_emit(ctx, b->rows[g->at.row]);
            g->at.row += g->step;
        }
        pthread_mutex_lock(&g->f->mtx);
        reach(g, b, p);
        gi_feed_leave(g->f, b);
    }
    pthread_mutex_unlock(&g->f->mtx);
    return b != NULL && g->at.no <= g->until;
}

/* --------------------------------------------------------------- the table */

void gi_feeder_init(gale_feeder *f, gale_spout_kind kind)
{
    bool planned = kind == GALE_SPOUT_TRANSACTIONAL;

    f->self = f;
    f->spout = (gale_batch_spout){
        .kind = kind,
        .output = f->fields,
        .arg = &f->self,
        .plan_size = sizeof(planner),
        .plan_open = plan_open,
        .ready = planned ? NULL : ready,
        .plan = planned ? plan : NULL,
        .ended = ended,
        .plan_close = plan_close,
        .plan_committed = plan_committed,
        .state_size = sizeof(giver),
        .partitions = planned ? NULL : one_partition,
        .open = open,
        .emit = emit,
    };
}
