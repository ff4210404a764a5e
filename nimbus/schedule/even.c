/* Storm's even scheduler, with one difference: where Storm takes apart every
 * worker that has not the right number of executors, only those that are too
 * many leave theirs here. */
#include <stdlib.h>

#include "nimbus/schedule/board.h"
#include "nimbus/schedule/spread.h"

/* A worker of the tenant that is being placed. */
struct share {
    uint32_t slot;
    uint32_t n; /* executors that were there when it began */
};

/* A node with free slots. */
struct offer {
    uint32_t node, n_free, next;
};

/* An executor that might have to leave its worker. */
struct leaver {
    uint32_t slot, stay, executor;
};

/* Memory for the largest tenant, used again for each. */
struct even {
    gi_board *b;
    struct share *shares;   /* [n_slots] */
    struct offer *offers;   /* [n_nodes] */
    struct leaver *leavers; /* [most executors] */
};

static int by_share(const void *a, const void *b)
{
    const struct share *x = a, *y = b;

    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return x->slot < y->slot ? -1 : 1;
}

static int by_offer(const void *a, const void *b)
{
    const struct offer *x = a, *y = b;

    if (x->n_free != y->n_free)
        return x->n_free > y->n_free ? -1 : 1;
    return x->node < y->node ? -1 : 1;
}

/* Those with least to lose leave first; of equals the last one. */
static int by_leaver(const void *a, const void *b)
{
    const struct leaver *x = a, *y = b;

    if (x->slot != y->slot)
        return x->slot < y->slot ? -1 : 1;
    if (x->stay != y->stay)
        return x->stay < y->stay ? -1 : 1;
    return x->executor > y->executor ? -1 : 1;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The tenant's workers, those with most executors first. */
static uint32_t own(const struct even *ev, const gi_tenant *t)
{
    gi_board *b = ev->b;
    uint32_t n = 0;

    for (uint32_t i = 0; i < b->n_slots; i++)
        if (b->slots[i].tenant == t->no) {
            b->slots[i].n = 0;
            ev->shares[n++].slot = i;
        }
    for (uint32_t i = 0; i < t->n_executors; i++)
        if (t->executors[i].slot != GI_NOWHERE)
            b->slots[t->executors[i].slot].n++;
    for (uint32_t i = 0; i < n; i++)
        ev->shares[i].n = b->slots[ev->shares[i].slot].n;
    if (n > 0)
        qsort(ev->shares, n, sizeof(*ev->shares), by_share);
    return n;
}

/* Give back the workers beyond the first `keep`. */
static void drop(const struct even *ev, gi_tenant *t, uint32_t keep,
                 uint32_t n)
{
    gi_seat_slot *slots = ev->b->slots;

    for (uint32_t i = keep; i < n; i++)
        slots[ev->shares[i].slot].tenant = GI_NOWHERE;
    for (uint32_t i = 0; i < t->n_executors; i++) {
        uint32_t *slot = &t->executors[i].slot;

        if (*slot != GI_NOWHERE && slots[*slot].tenant != t->no)
            *slot = GI_NOWHERE;
    }
}

/* Take `n` free slots, a node after the other, into shares[at] and on. */
static void take(const struct even *ev, const gi_tenant *t, uint32_t at,
                 uint32_t n)
{
    gi_board *b = ev->b;
    uint32_t n_offers = 0, k = 0;

    for (uint32_t i = 0; i < b->n_nodes; i++) {
        const gi_seat_node *node = &b->nodes[i];
        uint32_t end = node->first_slot + node->n_slots, n_free = 0;

        for (uint32_t s = node->first_slot; s < end; s++)
            n_free += gi_seat_free(&b->slots[s]);
        if (n_free > 0)
            ev->offers[n_offers++] =
                (struct offer){ i, n_free, node->first_slot };
    }
    if (n_offers > 0)
        qsort(ev->offers, n_offers, sizeof(*ev->offers), by_offer);
    for (uint32_t i = 0; i < n; k++) {
        struct offer *from = &ev->offers[k % n_offers];

        if (from->n_free <= k / n_offers)
            continue; /* it has given all in the rounds before */
        while (!gi_seat_free(&b->slots[from->next]))
            from->next++;
        b->slots[from->next].tenant = t->no;
        b->slots[from->next].n = 0;
        ev->shares[at + i++] = (struct share){ from->next, 0 };
    }
}

/* Every worker's part of `sum` executors: Storm divides integers, and what is
 * left over goes by one to the first, which have most of them already. */
static void divide(const struct even *ev, uint32_t n, uint32_t sum)
{
    for (uint32_t i = 0; i < n; i++)
        ev->b->slots[ev->shares[i].slot].quota =
            sum / n + (i < sum % n ? 1 : 0);
}

static void shed(const struct even *ev, gi_tenant *t)
{
    gi_seat_slot *slots = ev->b->slots;
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->n_executors; i++) {
        const gi_seated *e = &t->executors[i];

        if (e->slot != GI_NOWHERE && slots[e->slot].n > slots[e->slot].quota)
            ev->leavers[n++] = (struct leaver){ e->slot, e->stay, i };
    }
    if (n > 0)
        qsort(ev->leavers, n, sizeof(*ev->leavers), by_leaver);
    for (uint32_t i = 0; i < n; i++) {
        gi_seat_slot *s = &slots[ev->leavers[i].slot];

        if (s->n > s->quota) {
            s->n--;
            t->executors[ev->leavers[i].executor].slot = GI_NOWHERE;
        }
    }
}

static void deal(const struct even *ev, gi_tenant *t, uint32_t n)
{
    gi_seat_slot *slots = ev->b->slots;
    uint32_t next = 0;

    for (uint32_t i = 0; i < t->n_executors; i++) {
        gi_seated *e = &t->executors[i];

        if (e->slot != GI_NOWHERE)
            continue;
        while (slots[ev->shares[next].slot].n >=
               slots[ev->shares[next].slot].quota)
            next = (next + 1) % n;
        e->slot = ev->shares[next].slot;
        slots[e->slot].n++;
        next = (next + 1) % n;
    }
}

static void say_why(const gi_board *b, gi_tenant *t, uint32_t got,
                    uint32_t wanted)
{
    uint32_t alive = 0, open = 0;

    for (uint32_t i = 0; i < b->n_nodes; i++)
        alive += gi_seat_alive(&b->nodes[i]);
    for (uint32_t i = 0; i < b->n_slots; i++)
        open += b->slots[i].open;
    if (got > 0)
        gi_strbuf_printf(&t->why, "%u of %u workers: no more slots are free",
                         got, wanted);
    else if (alive == 0)
        gi_strbuf_puts(&t->why, "no supervisor is alive");
    else if (open == 0)
        gi_strbuf_puts(&t->why, "no supervisor has a slot that can be used");
    else if (open == 1)
        gi_strbuf_puts(&t->why, "the only slot is taken");
    else
        gi_strbuf_printf(&t->why, "all %u slots of %u supervisor%s are taken",
                         open, alive, alive == 1 ? "" : "s");
}

/* Workers that would at most be wanted. */
static uint32_t wanted_by(const gi_tenant *t)
{
    return least(t->of->n_workers == 0 ? 1 : t->of->n_workers, t->n_executors);
}

/* Nobody keeps more workers than they want: so that whoever is served first
 * finds those slots free. */
static void trim(const struct even *ev, gi_tenant *t)
{
    uint32_t n_kept = own(ev, t);

    if (n_kept > wanted_by(t))
        drop(ev, t, wanted_by(t), n_kept);
}

static gale_err place(const struct even *ev, gi_tenant *t)
{
    gi_board *b = ev->b;
    uint32_t wanted = wanted_by(t), n_free = 0, n;
    uint32_t n_kept = own(ev, t);

    for (uint32_t i = 0; i < b->n_slots; i++)
        n_free += gi_seat_free(&b->slots[i]);
    n = least(wanted, n_kept + n_free);
    if (n < wanted)
        say_why(b, t, n, wanted);
    if (n == 0)
        return GALE_OK;
    if (n > n_kept)
        take(ev, t, n_kept, n - n_kept);
    if (t->of->spread) {
        gale_err err = gi_schedule_spread(b, t);

        if (err != GALE_OK)
            return err;
        own(ev, t);
    }
    divide(ev, n, t->n_executors);
    shed(ev, t);
    deal(ev, t, n);
    return GALE_OK;
}

static gale_err prepare(struct even *ev)
{
    gi_board *b = ev->b;
    uint32_t most = 0;

    for (uint32_t i = 0; i < b->n_tenants; i++)
        if (most < b->tenants[i].n_executors)
            most = b->tenants[i].n_executors;
    ev->shares = gi_pool_take(&b->pool, b->n_slots, sizeof(*ev->shares));
    ev->offers = gi_pool_take(&b->pool, b->n_nodes, sizeof(*ev->offers));
    ev->leavers = gi_pool_take(&b->pool, most, sizeof(*ev->leavers));
    if (ev->shares == NULL || ev->offers == NULL || ev->leavers == NULL)
        return GALE_ENOMEM;
    return GALE_OK;
}

/* Those that leave first, so that nobody takes their slots. */
static gale_err seat_all(gi_board *b)
{
    gale_err err = GALE_OK;

    for (int leaving = 1; leaving >= 0; leaving--)
        for (uint32_t i = 0; err == GALE_OK && i < b->n_tenants; i++) {
            gi_tenant *t = &b->tenants[b->by_id[i]];

            if (t->of->leaving == (leaving == 1))
                err = gi_board_seat(b, t);
        }
    return err;
}

gale_err gi_schedule_even(gi_schedule *out, const gi_cluster *c)
{
    gi_board b;
    struct even ev = { .b = &b };
    gale_err err = gi_board_init(&b, c);

    if (err != GALE_OK)
        return err;
    err = prepare(&ev);
    if (err == GALE_OK)
        err = seat_all(&b);
    for (uint32_t i = 0; err == GALE_OK && i < b.n_tenants; i++)
        if (!b.tenants[i].of->leaving)
            trim(&ev, &b.tenants[i]);
    for (uint32_t i = 0; err == GALE_OK && i < b.n_tenants; i++)
        if (!b.tenants[b.by_id[i]].of->leaving)
            err = place(&ev, &b.tenants[b.by_id[i]]);
    if (err == GALE_OK)
        err = gi_board_result(out, &b);
    gi_board_fini(&b);
    return err;
}
