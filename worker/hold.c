/* hold.c -- tuples that a bolt keeps and still has to answer for.
 *
 * A handle names task, generation and slot, so that an answer given twice, or
 * for somebody else's tuple, is recognised and refused:
 *
 *     | task 16 | generation 24 | slot 24 |
 *
 * A hold goes on collecting the edges of what is emitted under it; its update
 * leaves when it is answered, whole.
 */
#include "worker/hold.h"
#include "base/testpoint.h"
#include "worker/track_own.h"

struct hold {
    gale_tuple *tuple; /* the copy; NULL: answered */
    uint64_t born;     /* xor of the edges emitted under it */
    uint32_t gen;
    uint32_t next_free;
    uint16_t epoch;
};

struct gi_holds {
    struct hold *at;
    uint32_t n, cap;
    uint32_t free; /* slot + 1; 0: none */
};

enum { MAX_HOLDS = 1 << 24, GEN_MASK = (1 << 24) - 1 };

static inline gale_task *task_of(gale_bolt_ctx *ctx)
{
    return (gale_task *)(void *)ctx;
}

static gale_held handle(const gale_task *t, uint32_t slot)
{
    gale_held h = { (uint64_t)t->id << 48 |
                    (uint64_t)t->holds->at[slot].gen << 24 | slot };

    return h;
}

/* The open hold behind a handle; NULL if it is answered or a stranger's. */
static struct hold *find(gale_task *t, gale_held h)
{
    uint32_t slot = (uint32_t)h.ref & (MAX_HOLDS - 1);

    if (t->holds == NULL || h.ref >> 48 != t->id || slot >= t->holds->n)
        return NULL;
    struct hold *o = &t->holds->at[slot];
    if (o->gen != ((h.ref >> 24) & GEN_MASK) || o->tuple == NULL)
        return NULL;
    return o;
}

static bool make_room(gale_task *t)
{
    if (t->holds == NULL) {
        t->holds = gi_alloc(sizeof(*t->holds));
        if (t->holds == NULL)
            return false;
    }
    gi_holds *hs = t->holds;
    if (hs->free != 0 || hs->n < hs->cap)
        return true;
    uint32_t cap = hs->cap == 0 ? 16 : hs->cap * 2;
    if (cap > MAX_HOLDS)
        return false;
    struct hold *at = gi_realloc(hs->at, cap * sizeof(*at));
    if (at == NULL)
        return false;
    hs->at = at;
    hs->cap = cap;
    return true;
}

static void count_held(gale_task *t, int by)
{
    gi_loop *l = t->loop;
    uint32_t n = atomic_load_explicit(&l->n_held, memory_order_relaxed);

    gi_count(&t->count.held, (uint64_t)by);
    atomic_store_explicit(&l->n_held, n + (uint32_t)by, memory_order_relaxed);
}

static uint32_t take_slot(gi_holds *hs)
{
    uint32_t slot = hs->free;

    if (slot != 0) {
        hs->free = hs->at[slot - 1].next_free;
        return slot - 1;
    }
    hs->at[hs->n] = (struct hold){ .gen = 0 };
    return hs->n++;
}

/* An update that changes nothing: the acker learns who has the tuple, for the
 * message when it is never answered, and its deadline begins now.  If it is
 * the first that the acker hears, the hold becomes the tree's edge. */
static void tell_who_holds(gale_task *t, gale_tuple *in)
{
    uint16_t comp = (uint16_t)t->comp->no;

    if (in->link.edge == GI_UNTOLD) {
        in->link.edge = gi_edge_id(t->loop);
        gi_track_init(t->loop, in->link.root, in->link.edge, comp, t->epoch,
                      false);
        return;
    }
    gi_track(t->loop, in->link.root, 0, comp);
    for (uint32_t i = 0; i < gi_tuple_more(in); i++)
        gi_track(t->loop, gi_tuple_links(in)[i].root, 0, comp);
}

/* With its links, so that it can be answered for; NULL without memory. */
static gale_tuple *copy_of(gale_task *t, const gale_tuple *in)
{
    uint32_t more = gi_tuple_more(in);
    gale_tuple *copy = gi_keep_row(&t->keep, gale_tuple_row(in), more);

    if (copy == NULL)
        return NULL;
    copy->stream = in->stream;
    copy->task = in->task;
    copy->link = in->link;
    gi_tuple_set_hash(copy, gi_tuple_known_hash(in));
    if (more > 0)
        memcpy(gi_tuple_links(copy), gi_tuple_links(in),
               more * sizeof(gi_link));
    return copy;
}

/* The present input is held, as `copy`. */
static void begin(gale_task *t, gale_tuple *copy)
{
    uint32_t slot = take_slot(t->holds);
    struct hold *o = &t->holds->at[slot];

    o->tuple = copy;
    o->born = 0;
    o->gen = o->gen == GEN_MASK ? 1 : o->gen + 1;
    o->epoch = t->epoch;
    t->holding = slot + 1;
    count_held(t, 1);
    if (copy->link.root != 0)
        tell_who_holds(t, copy);
}

gale_held gale_hold(gale_bolt_ctx *ctx, const gale_tuple *in)
{
    gale_task *t = task_of(ctx);
    gale_held none = { 0 };

    gi_check_here(t, "gale_hold");
    if (in == NULL || in != t->in) {
        gi_refuse(t, "gale_hold of a tuple that is not being executed");
        return none;
    }
    if (t->holding == 0) {
        gi_settle_lone(t);
        gale_tuple *copy = make_room(t) ? copy_of(t, in) : NULL;
        if (copy == NULL) {
            t->lost = true;
            return none;
        }
        begin(t, copy);
    }
    return handle(t, t->holding - 1);
}

const gale_tuple *gale_held_tuple(gale_bolt_ctx *ctx, gale_held h)
{
    gale_task *t = task_of(ctx);
    struct hold *o = find(t, h);

    if (h.ref == 0)
        return t->in;
    return o == NULL ? NULL : o->tuple;
}

/* ------------------------------------------------------------ answering -- */

static void release(gale_task *t, struct hold *o)
{
    gi_keep_drop(&t->keep, o->tuple);
    o->tuple = NULL;
    o->next_free = t->holds->free;
    t->holds->free = (uint32_t)(o - t->holds->at) + 1;
    count_held(t, -1);
}

/* What is about to be said concerns a tree as old as the tuple that is held.
 * Until it arrives that tree must not seem forgotten, so the notes of this
 * turn count as that old; as far as epochs go back. */
static void speak_for(gale_task *t, uint16_t epoch)
{
    gi_loop *l = t->loop;
    uint16_t now = gi_frontier_now(&l->w->frontier);

    if ((uint16_t)(now - epoch) >= GI_EPOCHS)
        epoch = (uint16_t)(now - GI_EPOCHS + 1);
    if (gi_epoch_before(epoch, l->turn_epoch))
        l->turn_epoch = epoch;
}

/* Of an untold tree nobody counts the time. */
static void touch_all(gale_task *t, const gale_tuple *in)
{
    if (in->link.edge == GI_UNTOLD)
        return;
    gi_note note = { .root = in->link.root,
                     .kind = GI_NOTE_TOUCH,
                     .epoch = gi_frontier_now(&t->loop->w->frontier) };

    gi_track_note(t->loop, &note);
    for (uint32_t i = 0; i < gi_tuple_more(in); i++) {
        note.root = gi_tuple_links(in)[i].root;
        gi_track_note(t->loop, &note);
    }
}

void gi_holds_shield(gale_task *t)
{
    GI_SEEN(HOLD_SHIELDED);
    for (uint32_t i = 0; i < t->holds->n; i++) {
        const gale_tuple *in = t->holds->at[i].tuple;

        if (in == NULL || in->link.root == 0)
            continue;
        speak_for(t, t->holds->at[i].epoch);
        touch_all(t, in);
    }
}

static void answer(gale_task *t, struct hold *o, bool ack)
{
    const gi_between *between = t->loop->w->between;
    const gale_tuple *in = o->tuple;
    uint32_t slot = (uint32_t)(o - t->holds->at);

    gi_why why = GI_WHY_FAILED;

    /* What was emitted under the present input belongs to its hold. */
    if (t->holding == slot + 1) {
        o->born ^= t->born;
        t->born = 0;
        if (t->lost) {
            ack = false;
            why = GI_WHY_NOMEM;
        }
    }
    if (ack && between != NULL && between->fails(between->arg, t, in))
        ack = false;
    gi_count(ack ? &t->count.acked : &t->count.failed, 1);
    speak_for(t, o->epoch);
    if (in->link.root != 0 && ack) {
        /* What was emitted late may be queued now under a later epoch. */
        if (o->epoch != gi_frontier_now(&t->loop->w->frontier)) {
            GI_SEEN(HOLD_TOUCHED);
            touch_all(t, in);
        }
        gi_answer_ack(t, in, GI_BUG(HELD_EDGES) ? 0 : o->born);
    } else if (in->link.root != 0) {
        gi_answer_fail(t, in, why);
    }
    release(t, o);
}

static void answer_by_handle(gale_bolt_ctx *ctx, gale_held h, bool ack)
{
    gale_task *t = task_of(ctx);
    const char *call = ack ? "gale_ack" : "gale_fail";

    gi_check_here(t, call); /* before anything of it is looked at */
    struct hold *o = find(t, h);
    if (h.ref == 0)
        gi_refuse(t, "%s of GALE_INPUT: return GALE_ACK or GALE_FAIL instead",
                  call);
    else if (h.ref >> 48 != t->id)
        gi_refuse(t, "%s of a tuple that task %u holds, not this one", call,
                  (unsigned)(h.ref >> 48));
    else if (o == NULL)
        gi_refuse(t, "%s of a tuple that was already answered", call);
    else
        answer(t, o, ack);
}

void gale_ack(gale_bolt_ctx *ctx, gale_held h)
{
    answer_by_handle(ctx, h, true);
}

void gale_fail(gale_bolt_ctx *ctx, gale_held h)
{
    answer_by_handle(ctx, h, false);
}

void gale_reset_timeout(gale_bolt_ctx *ctx, gale_held h)
{
    gale_task *t = task_of(ctx);

    gi_check_here(t, "gale_reset_timeout");
    const gale_tuple *in = gale_held_tuple(ctx, h);
    const struct hold *o = find(t, h);
    if (o != NULL)
        speak_for(t, o->epoch);
    if (in == NULL)
        gi_refuse(t, "gale_reset_timeout of a tuple that was already answered "
                     "or is another task's");
    else if (in->link.root != 0)
        touch_all(t, in);
}

/* ----------------------------------------------------- execute returned -- */

bool gi_hold_settle(gale_task *t)
{
    if (t->holding == 0)
        return false;
    struct hold *o = &t->holds->at[t->holding - 1];
    if (o->tuple != NULL)
        o->born ^= t->born;
    else if (t->born != 0)
        gi_refuse(t, "emitted anchored to a tuple after answering for it");
    return true;
}

void gi_hold_answer(gale_task *t, bool ack)
{
    struct hold *o = &t->holds->at[t->holding - 1];

    if (o->tuple != NULL)
        answer(t, o, ack);
    else
        gi_refuse(t, "returned %s for a tuple that was already answered",
                  ack ? "GALE_ACK" : "GALE_FAIL");
}

/* --------------------------------------------------- for the emit calls -- */

const gale_tuple *gi_hold_anchor(gale_task *t, gale_held h, uint64_t **born)
{
    struct hold *o = find(t, h);

    if (o == NULL)
        return NULL;
    *born = &o->born;
    return o->tuple;
}

bool gi_hold_input_answered(const gale_task *t)
{
    if (t->in == NULL)
        return t->together != NULL; /* all of them */
    return t->holding != 0 && t->holds->at[t->holding - 1].tuple == NULL;
}

void gi_holds_lose(gale_task *t)
{
    for (uint32_t i = 0; t->holds != NULL && i < t->holds->n; i++) {
        struct hold *o = &t->holds->at[i];

        if (o->tuple == NULL)
            continue;
        GI_SEEN(HOLD_DIED);
        if (o->tuple->link.root != 0 && !GI_BUG(HELD_LOST))
            gi_answer_fail(t, o->tuple, GI_WHY_LOST);
        release(t, o);
    }
}

void gi_holds_drop(gale_task *t)
{
    if (t->holds == NULL)
        return;
    for (uint32_t i = 0; i < t->holds->n; i++)
        gi_keep_drop(&t->keep, t->holds->at[i].tuple);
    gi_free(t->holds->at);
    gi_free(t->holds);
    t->holds = NULL;
}
