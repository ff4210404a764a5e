/* send.c -- the step that sends rows to other parts, and what is told about
 * them: a row has its mark in front and is nobody's to wait for; the report
 * that follows says how many there were and which. */
#include "base/mem.h"
#include "base/mix.h"
#include "trident/direct.h"
#include "trident/host.h"

typedef struct sender {
    gi_direct direct;
    gale_value *row; /* the mark, and room for the row */
    uint32_t shift;  /* from a task to its number among who is reported to */
    uint32_t due;    /* GI_SEND_GROUPING: how many tasks a row goes to */
} sender;

static gale_err open(gi_step *s, gale_diag *why)
{
    sender *to = s->self;
    const gi_host *h = s->host;
    const gi_peers *p = gi_peers_of(h->to, h->part->n_readers, s->op->to);

    (void)why;
    to->shift = p->base - p->first;
    to->due = s->op->to_all ? p->n : 1;
    to->row = gi_calloc(s->op->n_row + 1u, sizeof(*to->row));
    if (to->row == NULL)
        return GALE_ENOMEM;
    if (s->op->send == GI_SEND_GROUPING)
        return GALE_OK;
    return gi_direct_open(&to->direct, s->op, p->first, p->n);
}

static void close(gi_step *s)
{
    sender *to = s->self;

    gi_direct_close(&to->direct);
    gi_free(to->row);
    to->row = NULL;
}

static void book(const sender *to, gi_stay *stay, const uint32_t *tasks,
                 size_t n, uint64_t mark)
{
    uint64_t mixed = gi_mix64(mark);

    for (size_t i = 0; i < n; i++) {
        gi_sent *sent = &stay->sent[tasks[i] + to->shift];

        sent->n++;
        sent->sum += mixed;
    }
}

/* Nobody waits for a row, so a report that knows only of those that were sent
 * would agree with what came. */
static void send(gi_step *s, gi_stay *stay, const gale_emit_opts *o,
                 gale_row out, size_t due)
{
    const gi_host *h = s->host;
    size_t n = gale_emit_with(h->ctx, o, out);

    book(s->self, stay, h->sent_to, n, (uint64_t)out.values[0].as.i);
    if (n < due)
        gi_round_fail(&stay->round, "out of memory");
}

static void row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    gi_host *h = s->host;
    gi_stay *stay = (gi_stay *)r; /* its first member */
    sender *to = s->self;
    uint64_t mark = gi_mark(r->attempt, stay->n_rows++);
    gale_emit_opts o = { .stream = s->op->stream,
                         .unanchored = true,
                         .sent_to = h->sent_to,
                         .sent_to_cap = h->n_to };
    gale_row out = { to->row, in.n + 1 };

    (void)port;
    to->row[0] = gale_val_i64((int64_t)mark);
    for (size_t i = 0; i < in.n; i++)
        to->row[i + 1] = in.values[i];
    if (s->op->send == GI_SEND_GROUPING) {
        send(s, stay, &o, out, to->due);
        return;
    }
    const uint32_t *tasks;
    size_t n = gi_direct_pick(&to->direct, r->attempt, in, &tasks);

    for (size_t i = 0; i < n; i++) {
        o.task = tasks[i];
        send(s, stay, &o, out, 1);
    }
}

const gi_op_type gi_op_send = {
    .size = sizeof(sender), .open = open, .row = row, .close = close
};

/* In a commit nothing is held: it is the tuple that is executed. */
static void report(gi_host *h, const gi_stay *s, const gi_part *to,
                   uint32_t task, const gi_sent *sent)
{
    gale_emit_opts o = { .stream = GI_STREAM_REPORTS, .task = task };

    if (s->n_held > 0) {
        o.anchors = &s->held[s->n_held - 1];
        o.n_anchors = 1;
    }
    gale_emit_with(h->ctx, &o,
                   GALE_ROW(gale_val_i64((int64_t)s->round.txid),
                            gale_val_i64((int64_t)s->round.attempt),
                            gale_val_i64((int64_t)h->tracker.floor),
                            gale_val_i64((int64_t)sent->n),
                            gale_val_i64((int64_t)sent->sum),
                            gale_val_i64(h->part->no), gale_val_i64(to->no),
                            gale_val_i64(s->round.time_ms)));
}

void gi_send_reports(gi_host *h, gi_stay *s)
{
    for (uint32_t i = 0; i < h->part->n_readers; i++) {
        const gi_peers *p = &h->to[i];

        for (uint32_t k = 0; k < p->n; k++)
            report(h, s, p->part, p->first + k, &s->sent[p->base + k]);
    }
}
