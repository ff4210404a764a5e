/* waiting.h -- what a command says while it waits: on a terminal a live line,
 * elsewhere one plain line when it took longer than a second. */
#ifndef GI_CLI_WAITING_H
#define GI_CLI_WAITING_H

#include "cli/screen.h"

enum { GI_WAITING_MS = 1000 };

typedef struct gi_waiting {
    gi_screen *screen;
    int64_t since_ms;
    bool quiet; /* say nothing; once the plain line was said, too */
} gi_waiting;

/* `text` is how it looks at `now_ms`; blanks before it are for the live line,
 * which is wiped by gi_screen_live. */
void gi_waiting_show(gi_waiting *w, int64_t now_ms, const char *text);

#endif
