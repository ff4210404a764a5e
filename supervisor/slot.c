#include <string.h>

#include "supervisor/slot_inside.h"

/* Last words come from anywhere: their end counts, without what would move a
 * terminal's cursor. */
static void remember(gi_keeper *k, const char *words)
{
    size_t len = words == NULL ? 0 : strlen(words);

    if (len > GI_WORDS_MOST - 1)
        words += len - (GI_WORDS_MOST - 1), len = GI_WORDS_MOST - 1;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)words[i];

        k->words[i] =
            (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? '.' : (char)c;
    }
    k->words[len] = '\0';
}

/* There is no process: the next step towards one, if one is wanted. */
static void begin(gi_keeper *k, int64_t now)
{
    if (k->want == NULL) {
        gi_slot_enter(k, GI_SLOT_EMPTY, GI_NEVER);
        return;
    }
    if (gi_strays_any(&k->strays)) {
        k->why = GI_WHY_SLOT_STRAY;
        gi_slot_enter(k, GI_SLOT_BACKING_OFF, now + k->opts->again_ns);
        return;
    }
    if (!k->ready) {
        gi_slot_todo(k, GI_SLOT_FETCH);
        gi_slot_enter(k, GI_SLOT_FETCHING, now + k->opts->again_ns);
        return;
    }
    gi_slot_hold(&k->has, k->want);
    k->incarnation = ++*k->last;
    k->pid = 0;
    k->began = k->progress = 0;
    k->beats = k->unwanted = k->told = false;
    k->killed_for = GI_WHY_SLOT_NONE;
    gi_slot_todo(k, GI_SLOT_SAVE);
    gi_slot_todo(k, GI_SLOT_START);
    gi_slot_enter(k, GI_SLOT_STARTING, now + k->opts->start_ns);
}

static void fail(gi_keeper *k, int64_t now)
{
    int64_t pause =
        gi_backoff_next(&k->backoff, &k->opts->backoff, k->poisoned, &k->rng);

    gi_slot_todo(k, GI_SLOT_REPORT);
    if (pause == 0)
        begin(k, now);
    else
        gi_slot_enter(k, GI_SLOT_BACKING_OFF, now + pause);
}

static void no_process(gi_keeper *k)
{
    k->todo &= ~(1u << GI_SLOT_KILL | 1u << GI_SLOT_TERM | 1u << GI_SLOT_LOOK |
                 1u << GI_SLOT_START | 1u << GI_SLOT_TELL);
    k->incarnation = 0;
    k->pid = 0;
    k->yields = false;
    gi_slot_hold(&k->has, NULL);
    gi_slot_todo(k, GI_SLOT_SAVE);
}

static gi_slot_why why_died(const gi_keeper *k)
{
    if (k->killed_for != GI_WHY_SLOT_NONE)
        return k->killed_for;
    if (!k->beats)
        return GI_WHY_SLOT_UNBORN;
    if (k->ending.kind == GI_END_SIGNAL ||
        (k->ending.kind == GI_END_EXIT && k->ending.number != 0))
        return GI_WHY_SLOT_CRASHED;
    return GI_WHY_SLOT_EXITED;
}

/* A worker that was told what it cannot take in as it is ends well, and wants
 * to be started with what holds now.  That is no death. */
static bool ended_to_begin_anew(const gi_keeper *k)
{
    return k->told && k->beats && k->killed_for == GI_WHY_SLOT_NONE &&
           k->ending.kind == GI_END_EXIT && k->ending.number == 0;
}

static void ended(gi_keeper *k, const gi_slot_event *e, int64_t now)
{
    k->gone = k->incarnation;
    k->ending = e->ending;
    gi_slot_todo(k, GI_SLOT_GONE);
    if (k->unwanted || k->yields || ended_to_begin_anew(k)) {
        k->why = GI_WHY_SLOT_ORDERED;
        no_process(k);
        begin(k, now);
        return;
    }
    remember(k, e->words);
    k->why = why_died(k);
    k->deaths++;
    if (!k->beats)
        k->unborn++;
    else if (k->last_beat - k->first_beat >= k->opts->well_ns)
        gi_backoff_forgive(&k->backoff);
    k->poisoned = gi_backoff_died(&k->backoff, &k->opts->backoff, now);
    no_process(k);
    fail(k, now);
}

/* It will never be.  Whether the program is sound is asked again. */
static void start_failed(gi_keeper *k, const gi_slot_event *e, int64_t now)
{
    bool unwanted = k->unwanted || k->yields;

    no_process(k);
    if (unwanted) {
        begin(k, now);
        return;
    }
    k->ready = false;
    k->unborn++;
    k->why = GI_WHY_SLOT_START_FAILED;
    remember(k, e->words);
    fail(k, now);
}

static void to_killing(gi_keeper *k, int64_t now)
{
    k->kill_since = now;
    k->unwanted = k->unwanted || k->yields;
    k->yields = false;
    gi_slot_never_mind(k, GI_SLOT_TERM);
    gi_slot_todo(k, GI_SLOT_KILL);
    gi_slot_enter(k, GI_SLOT_KILLING, now + k->opts->again_ns);
}

static void stop(gi_keeper *k, int64_t now)
{
    k->why = GI_WHY_SLOT_ORDERED;
    k->words[0] = '\0';
    if (gi_slot_is_todo(k, GI_SLOT_START)) { /* nobody has heard of it */
        no_process(k);
        begin(k, now);
        return;
    }
    k->unwanted = true;
    k->yields = false;
    gi_slot_never_mind(k, GI_SLOT_TELL);
    gi_slot_todo(k, GI_SLOT_TERM);
    gi_slot_enter(k, GI_SLOT_STOPPING, now + k->opts->drain_ns);
}

static bool is_up(const gi_keeper *k)
{
    return k->state == GI_SLOT_STARTING || k->state == GI_SLOT_RUNNING;
}

static bool same_program(const gi_order *a, const gi_order *b)
{
    return a != NULL && b != NULL && strcmp(a->program, b->program) == 0;
}

static bool same_topology(const gi_order *a, const gi_order *b)
{
    return a != NULL && b != NULL && strcmp(a->topology, b->topology) == 0;
}

/* Is what is to run to wait until its program is here? */
static bool has_to_wait(const gi_keeper *k)
{
    return k->want != NULL && k->want->patient && !k->ready &&
           !gi_slot_is_todo(k, GI_SLOT_START);
}

static void fetch_at(gi_keeper *k, int64_t pause, int64_t now)
{
    k->fetch_at = now + pause;
    if (pause > 0)
        return;
    gi_slot_todo(k, GI_SLOT_FETCH);
    k->fetch_at = now + k->opts->again_ns;
}

static void other_worker(gi_keeper *k, int64_t now)
{
    k->backoff = (gi_backoff){ 0 };
    k->deaths = k->unborn = 0;
    k->poisoned = false;
    if (is_up(k) && has_to_wait(k)) {
        k->yields = true;
        gi_slot_never_mind(k, GI_SLOT_TELL);
        gi_slot_todo(k, GI_SLOT_REPORT);
        fetch_at(k, 0, now);
        return;
    }
    if (is_up(k)) {
        stop(k, now);
    } else if (k->incarnation == 0) {
        k->why = GI_WHY_SLOT_ORDERED;
        k->words[0] = '\0';
        gi_slot_never_mind(k, GI_SLOT_FETCH);
        gi_slot_todo(k, GI_SLOT_REPORT);
        begin(k, now);
        return;
    }
    k->unwanted = k->incarnation != 0;
    if (k->want != NULL && k->unwanted && !k->ready)
        gi_slot_todo(k, GI_SLOT_FETCH); /* while the old one ends */
}

void gi_keeper_order(gi_keeper *k, gi_order *order, int64_t now)
{
    bool same = gi_order_same_worker(k->want, order);
    bool hurry = k->yields && order != NULL && !order->patient;

    if (gi_order_older(order, k->want) ||
        (gi_order_same(k->want, order) && !hurry))
        return;
    /* A patient one wants to know of its own topology, too. */
    if (!same_program(k->want, order) ||
        (order->patient && !same_topology(k->want, order)))
        k->ready = false;
    gi_slot_hold(&k->want, order);
    gi_slot_todo(k, GI_SLOT_SAVE);
    if (!same) {
        other_worker(k, now);
    } else if (hurry) {
        stop(k, now);
    } else if (is_up(k) && !k->yields) {
        gi_slot_hold(&k->has, order);
        if (!gi_slot_is_todo(k, GI_SLOT_START)) {
            k->told = true;
            gi_slot_todo(k, GI_SLOT_TELL);
        }
    }
}

static void beat(gi_keeper *k, const gi_slot_event *e, int64_t now)
{
    if (!k->beats) {
        k->beats = true;
        k->first_beat = now;
        k->unborn = 0;
    }
    k->last_beat = now;
    if (e->progress > k->progress)
        k->progress = e->progress;
    if (!is_up(k))
        return;
    if (k->why == GI_WHY_SLOT_SILENT) {
        k->why = GI_WHY_SLOT_NONE;
        gi_slot_todo(k, GI_SLOT_REPORT);
    }
    gi_slot_enter(k, GI_SLOT_RUNNING, now + k->opts->silent_ns);
}

static void started(gi_keeper *k, const gi_slot_event *e)
{
    if (k->pid != 0 || e->pid <= 0)
        return;
    k->pid = e->pid;
    k->began = e->began;
    gi_slot_todo(k, GI_SLOT_SAVE);
    gi_slot_todo(k, GI_SLOT_REPORT);
}

/* News of another incarnation than that of now. */
static void foreign(gi_keeper *k, const gi_slot_event *e, int64_t now)
{
    if (e->kind == GI_SLOT_BEAT &&
        !gi_strays_has(&k->strays, e->incarnation)) {
        k->refused = e->incarnation;
        gi_slot_todo(k, GI_SLOT_REFUSE);
    }
    if (e->kind != GI_SLOT_ENDED ||
        !gi_strays_remove(&k->strays, e->incarnation))
        return;
    k->gone = e->incarnation;
    gi_slot_todo(k, GI_SLOT_GONE);
    if (k->state == GI_SLOT_BACKING_OFF && k->why == GI_WHY_SLOT_STRAY)
        begin(k, now);
}

/* What was to come cannot: what is there goes on. */
static void yield_longer(gi_keeper *k, int64_t now)
{
    gi_slot_todo(k, GI_SLOT_REPORT);
    fetch_at(k,
             gi_backoff_next(&k->backoff, &k->opts->backoff, false, &k->rng),
             now);
}

static void of_program(gi_keeper *k, const gi_slot_event *e, int64_t now)
{
    if (k->want == NULL || e->program == NULL ||
        strcmp(k->want->program, e->program) != 0)
        return;
    if (e->kind == GI_SLOT_READY) {
        k->ready = true;
        if (k->state == GI_SLOT_FETCHING)
            begin(k, now);
        else if (k->yields)
            stop(k, now);
    } else if (k->state == GI_SLOT_FETCHING || k->yields) {
        k->why = GI_WHY_SLOT_FETCH_FAILED;
        remember(k, e->words);
        if (k->yields)
            yield_longer(k, now);
        else
            fail(k, now);
    }
}

void gi_keeper_event(gi_keeper *k, const gi_slot_event *e, int64_t now)
{
    if (e->kind == GI_SLOT_READY || e->kind == GI_SLOT_FETCH_FAILED) {
        of_program(k, e, now);
        return;
    }
    if (e->incarnation == 0)
        return;
    if (e->incarnation != k->incarnation) {
        foreign(k, e, now);
        return;
    }
    switch (e->kind) {
    case GI_SLOT_STARTED:
        started(k, e);
        break;
    case GI_SLOT_START_FAILED:
        start_failed(k, e, now);
        break;
    case GI_SLOT_BEAT:
        beat(k, e, now);
        break;
    default:
        ended(k, e, now);
        break;
    }
}

static void still_there(gi_keeper *k, int64_t now)
{
    gi_slot_todo(k, GI_SLOT_KILL);
    if (now - k->kill_since >= k->opts->undead_ns &&
        k->why != GI_WHY_SLOT_UNDEAD) {
        k->why = GI_WHY_SLOT_UNDEAD;
        gi_slot_todo(k, GI_SLOT_REPORT);
    }
    k->deadline = now + k->opts->again_ns;
}

static void silent(gi_keeper *k, int64_t now)
{
    if (k->why != GI_WHY_SLOT_SILENT)
        gi_slot_todo(k, GI_SLOT_REPORT);
    k->why = GI_WHY_SLOT_SILENT;
    gi_slot_todo(k, GI_SLOT_LOOK);
    k->deadline = now + k->opts->silent_ns;
}

void gi_keeper_tick(gi_keeper *k, int64_t now)
{
    gi_strays_tick(&k->strays, now, k->opts->again_ns);
    if (k->yields && now >= k->fetch_at)
        fetch_at(k, 0, now);
    if (now < k->deadline)
        return;
    if (k->state == GI_SLOT_FETCHING || k->state == GI_SLOT_BACKING_OFF)
        begin(k, now);
    else if (k->state == GI_SLOT_STARTING)
        gi_keeper_kill(k, k->incarnation, GI_WHY_SLOT_START_TIMEOUT, now);
    else if (k->state == GI_SLOT_RUNNING)
        silent(k, now);
    else if (k->state == GI_SLOT_STOPPING)
        to_killing(k, now);
    else if (k->state == GI_SLOT_KILLING)
        still_there(k, now);
}

int64_t gi_keeper_due(const gi_keeper *k)
{
    int64_t due =
        k->deadline < k->strays.again ? k->deadline : k->strays.again;

    return k->yields && k->fetch_at < due ? k->fetch_at : due;
}

void gi_keeper_kill(gi_keeper *k, uint64_t incarnation, gi_slot_why why,
                    int64_t now)
{
    if (incarnation == 0 || incarnation != k->incarnation || !is_up(k) ||
        gi_slot_is_todo(k, GI_SLOT_START))
        return;
    k->why = k->killed_for = why;
    gi_slot_never_mind(k, GI_SLOT_TELL);
    to_killing(k, now);
}
