/* submit_wait.c -- from "accepted" to the first tuple that was acked. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/submit_cmd.h"
#include "cli/tail.h"
#include "cli/waiting.h"

enum {
    LOOK_MS = 5, /* between two looks at first ... */
    LOOK_LATER_MS = 200,
    SOON_MS = 2000,    /* ... which is so long */
    WAIT_MS = 60000,   /* then it is no failure, but nobody waits on */
    TROUBLE_MS = 1500, /* so long a worker may be in trouble */
    LAST_LINES = 20,
    LAST_BYTES = 16384,
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

/* The first Ctrl-C is answered in words; a second one ends it by itself. */
static void heed_interrupts(void)
{
    struct sigaction act = { .sa_handler = interrupt,
                             .sa_flags = (int)SA_RESETHAND };

    sigemptyset(&act.sa_mask);
    sigaction(SIGINT, &act, NULL);
}

static void tell_log(gi_client *c, const char *id, const gi_msg_worker_row *w)
{
    gale_diag why = { "" };
    char *text = NULL;
    gi_tail tail = { 0 };
    gale_err rv = gi_tail_open(&tail, c, w->url, id, w->port);

    if (rv == GALE_OK)
        rv = gi_tail_read(&tail, LAST_BYTES, 3000, &text, &why);
    gi_tail_close(&tail);
    if (rv != GALE_OK) {
        gi_screen_say(&c->cli->screen, "its log cannot be read: %s",
                      why.text[0] == '\0' ? gale_err_text(rv) : why.text);
        return;
    }
    const char *last = gi_tail_lines(text, LAST_LINES);
    if (*last != '\0') {
        gi_screen_say(&c->cli->screen, "the end of its log:");
        gi_screen_put(&c->cli->screen, last);
        if (last[strlen(last) - 1] != '\n')
            gi_screen_put(&c->cli->screen, "\n");
    }
    gi_free(text);
}

static int tell_trouble(gi_client *c, const gi_msg_topology_look *look)
{
    const gi_msg_worker_row *w = gi_await_trouble(look);
    const char *name = look->row->name;

    gi_screen_live(&c->cli->screen, "");
    gi_screen_say(&c->cli->screen, "the worker at %s:%llu does not run: %s",
                  w->host, (unsigned long long)w->port, w->slot->words);
    tell_log(c, look->row->id, w);
    gi_screen_say(&c->cli->screen,
                  "'%s' stays submitted, and is tried again; 'gale kill %s' "
                  "ends that, 'gale status %s' shows it",
                  name, name, name);
    return GI_EXIT_FAILED;
}

static int tell_late(gi_client *c, const char *name,
                     const gi_msg_topology_look *look)
{
    gi_screen_live(&c->cli->screen, "");
    gi_screen_say(&c->cli->screen,
                  "'%s' was accepted, but no tuple has been acked yet%s%s; "
                  "'gale status %s' shows how it goes on",
                  name, look->row->why[0] == '\0' ? "" : ": ", look->row->why,
                  name);
    return GI_EXIT_FAILED;
}

static int tell_interrupted(gi_client *c, const char *name)
{
    gi_screen_live(&c->cli->screen, "");
    gi_screen_echoed(&c->cli->screen);
    gi_screen_say(&c->cli->screen,
                  "'%s' stays submitted; 'gale kill %s' ends it, 'gale status "
                  "%s' shows how it goes on",
                  name, name, name);
    return GI_EXIT_INTERRUPTED;
}

int gi_submit_wait(gi_client *c, const char *name, const gi_await *a,
                   uint32_t *took_ms)
{
    int64_t began = gi_clock_ms(), trouble = 0;
    gi_waiting w = { .screen = &c->cli->screen,
                     .since_ms = began,
                     .quiet = c->cli->o.quiet };

    heed_interrupts();
    for (;;) {
        gi_msg_topology_look look;
        char line[GI_AWAIT_TEXT];

        if (interrupted)
            return tell_interrupted(c, name);
        gi_client_forget(c);
        int code = gi_client_look(c, name, &look);
        int64_t now = gi_clock_ms();
        if (code != GI_EXIT_DONE)
            return code;
        *took_ms = (uint32_t)(now - began);
        gi_awaited how = gi_await_judge(a, &look, line);
        if (how == GI_AWAIT_DONE)
            break;
        if (how == GI_AWAIT_MORE)
            trouble = 0;
        else if (trouble == 0)
            trouble = now;
        else if (now - trouble > TROUBLE_MS)
            return tell_trouble(c, &look);
        if (now - began > WAIT_MS)
            return tell_late(c, name, &look);
        gi_waiting_show(&w, now, line);
        gi_clock_nap_ms(now - began < SOON_MS ? LOOK_MS : LOOK_LATER_MS);
    }
    gi_screen_live(&c->cli->screen, "");
    return GI_EXIT_DONE;
}
