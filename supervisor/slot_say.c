/* slot_say.c -- how it goes with a slot, in words for a person. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "supervisor/slot.h"

struct text {
    char *at;
    size_t left;
};

static void add(struct text *t, const char *format, ...) GALE_PRINTF(2, 3);

static void add(struct text *t, const char *format, ...)
{
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(t->at, t->left, format, ap);
    va_end(ap);
    if (n < 0 || t->left == 0)
        return;
    if ((size_t)n >= t->left)
        n = (int)t->left - 1;
    t->at += n;
    t->left -= (size_t)n;
}

static bool tells_of_death(gi_slot_why w)
{
    return w == GI_WHY_SLOT_EXITED || w == GI_WHY_SLOT_CRASHED ||
           w == GI_WHY_SLOT_UNBORN || w == GI_WHY_SLOT_START_TIMEOUT ||
           w == GI_WHY_SLOT_FROZEN || w == GI_WHY_SLOT_STOPPED ||
           w == GI_WHY_SLOT_HUNG;
}

static void say_more(const gi_keeper *k, struct text *t)
{
    char how[128];

    if (tells_of_death(k->why) && k->incarnation != k->gone && k->gone != 0) {
        gi_ending_text(k->ending, how, sizeof(how));
        add(t, ": incarnation %" PRIx64 " %s", k->gone, how);
    }
    if (k->unborn > 1)
        add(t, "; %" PRIu32 " attempts in a row were never heard", k->unborn);
    if (k->poisoned)
        add(t,
            "; %" PRIu32 " deaths within %" PRIi64
            " s: it is started again only every %" PRIi64 " s",
            k->opts->backoff.deaths, k->opts->backoff.window_ns / 1000000000,
            k->opts->backoff.longest_ns / 1000000000);
    if (k->words[0] != '\0')
        add(t, "; last words: %s", k->words);
}

void gi_keeper_say(const gi_keeper *k, char *text, size_t size)
{
    struct text t = { text, size };

    add(&t, "slot %u: %s", k->port, gi_slot_state_text(k->state));
    if (k->yields)
        add(&t, ", for %s until %s can be", k->has->topology,
            k->want->topology);
    else if (k->want != NULL)
        add(&t, ", for %s", k->want->topology);
    if (k->why != GI_WHY_SLOT_NONE)
        add(&t, "; %s", gi_slot_why_text(k->why));
    say_more(k, &t);
}

void gi_keeper_say_why(const gi_keeper *k, char *text, size_t size)
{
    struct text t = { text, size };

    add(&t, "%s", gi_slot_why_text(k->why));
    say_more(k, &t);
}
