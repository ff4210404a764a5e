/* acts.c -- doing what the node says is to do. */
#include <errno.h>
#include <inttypes.h>

#include "base/log.h"
#include "supervisor/daemon_inside.h"

enum { AGAIN_MS = 250 };

static void save(gi_sdaemon *d)
{
    char path[GI_PATH_MOST];
    gi_record r = { 0 };
    gale_err rv = gi_record_of(&r, d->node, d->boot);
    bool known = r.version == d->kept;

    d->save_due = false;
    gi_home_record(&d->home, path);
    if (rv == GALE_OK)
        rv = known ? gi_record_swap(&r, path) : gi_record_save(&r, path);
    if (rv == GALE_OK)
        d->kept = r.version;
    if (rv != GALE_OK && !d->unsaved)
        gi_log(GALE_LOG_ERROR, GI_WHO,
               "%s cannot be written (%s): what runs goes on, and nothing new "
               "is started until it can",
               path, rv == GALE_EIO ? strerror(errno) : gale_err_text(rv));
    if (rv == GALE_OK && d->unsaved)
        gi_log(GALE_LOG_INFO, GI_WHO, "%s is written again", path);
    d->unsaved = rv != GALE_OK;
    d->save_again = gi_clock_ns() + (int64_t)AGAIN_MS * 1000000;
    gi_record_fini(&r);
}

static void tell_node(gi_sdaemon *d, uint16_t port, gi_slot_event_kind kind,
                      uint64_t incarnation, gi_ending ending,
                      const char *words)
{
    gi_slot_event e = {
        .kind = kind,
        .incarnation = incarnation,
        .ending = ending,
        .words = words,
    };

    gi_node_event(d->node, port, &e, gi_clock_ns());
}

void gi_acts_gone(gi_sdaemon *d, uint16_t port, uint64_t incarnation)
{
    gi_ending unknown = { .kind = GI_END_UNKNOWN };

    tell_node(d, port, GI_SLOT_ENDED, incarnation, unknown, NULL);
}

static void start(gi_sdaemon *d, const gi_slot_act *a)
{
    gi_ending none = { .kind = GI_END_NEVER };
    gale_diag why = { 0 };

    if (gi_hand_of(d, a->port, a->incarnation) != NULL)
        return;
    gale_err rv = gi_hand_begin(d, a, &why);
    if (rv == GALE_OK)
        return;
    if (why.text[0] == '\0')
        snprintf(why.text, sizeof(why.text), "%s", gale_err_text(rv));
    gi_log(GALE_LOG_WARN, GI_WHO, "slot %u: a worker cannot be started: %s",
           a->port, why.text);
    tell_node(d, a->port, GI_SLOT_START_FAILED, a->incarnation, none,
              why.text);
}

/* Of one that is not in our hands there is nothing: those that were found
 * living were taken by the hand, or are over. */
static void on_process(gi_sdaemon *d, const gi_slot_act *a)
{
    gi_hand *h = gi_hand_of(d, a->port, a->incarnation);
    gi_ending never = { .kind = GI_END_NEVER };

    if (h == NULL)
        tell_node(d, a->port, GI_SLOT_ENDED, a->incarnation, never, NULL);
    else if (a->kind == GI_SLOT_KILL)
        gi_process_kill(h->process);
    else if (a->kind == GI_SLOT_TERM)
        gi_process_term(h->process);
    /* LOOK: its pidfd will say so if it does not live. */
}

static void report(gi_sdaemon *d, uint16_t port)
{
    int i = gi_sd_slot(d, port);
    char text[1024], found[GI_WORDS_MOST];

    d->talk.urgent = true;
    if (i < 0)
        return;
    gi_keeper_say(gi_node_slot(d->node, (uint32_t)i), text, sizeof(text));
    gi_report_finding(d, (uint32_t)i, found, sizeof(found));
    if (found[0] == '\0')
        gi_log(GALE_LOG_INFO, GI_WHO, "%s", text);
    else
        gi_log(GALE_LOG_WARN, GI_WHO, "%s; %s", text, found);
}

static void obey(gi_sdaemon *d, const gi_slot_act *a)
{
    int i;

    switch (a->kind) {
    case GI_SLOT_SAVE:
        d->save_due = true; /* for what begins waits at its gate till then */
        break;
    case GI_SLOT_START:
        start(d, a);
        break;
    case GI_SLOT_KILL:
    case GI_SLOT_TERM:
    case GI_SLOT_LOOK:
        on_process(d, a);
        break;
    case GI_SLOT_FETCH:
        gi_programs_want(d, a->order);
        break;
    case GI_SLOT_TELL:
        i = gi_sd_slot(d, a->port);
        if (i >= 0)
            d->views[i].duty_due = true;
        break;
    case GI_SLOT_REPORT:
        report(d, a->port);
        break;
    case GI_SLOT_GONE:   /* the report says so, if nobody comes after it */
    case GI_SLOT_REFUSE: /* only pages of the right incarnation are read */
    case GI_SLOT_NOTHING:
        break;
    }
}

void gi_acts_obey(gi_sdaemon *d)
{
    gi_slot_act a;

    do {
        while (gi_node_next(d->node, &a))
            obey(d, &a);
        if (d->save_due)
            save(d);
    } while (!d->unsaved && gi_hands_go(d));
    gi_duties_write(d);
}

void gi_acts_save_again(gi_sdaemon *d)
{
    if (d->unsaved && gi_clock_ns() >= d->save_again)
        save(d);
}
