/* screen.h -- standard error as a place where people look.
 *
 * Lines scroll up; below them, on a terminal, at most one live line is drawn
 * over and over.  Whoever says something through here (the log, too) has the
 * live line wiped first.  The cursor rests at its beginning, so that what
 * others write is not appended to it.
 */
#ifndef GI_CLI_SCREEN_H
#define GI_CLI_SCREEN_H

#include <pthread.h>

#include "base/strbuf.h"
#include "cli/look.h"
#include "cli/options.h"

typedef struct gi_screen {
    gi_look look, out;   /* of standard error; of standard output */
    bool tty;            /* a live line can be drawn */
    const char *name;    /* "wordcount", in front of every line said */
    pthread_mutex_t mtx; /* guards: drawn, and writing */
    bool drawn;          /* the live line stands there */
} gi_screen;

/* Looks at standard error and the environment.  `name` is borrowed. */
void gi_screen_init(gi_screen *s, const char *name, gi_choice colour);
void gi_screen_fini(gi_screen *s); /* wipes the live line */

/* One line with the program's name in front.  Thread  any */
void gi_screen_say(gi_screen *s, const char *format, ...) GALE_PRINTF(2, 3);

/* Text of whole lines, as it is.  Thread  any */
void gi_screen_put(gi_screen *s, const char *text);

/* The terminal has echoed something, "^C" say: go on below it, unless the
 * live line stands there and will be wiped with it. */
void gi_screen_echoed(gi_screen *s);

/* Draw the live line anew, cut to the terminal's width; "" wipes it. */
void gi_screen_live(gi_screen *s, const char *text);

/* Let the log pass through here, or not any more. */
void gi_screen_take_log(gi_screen *s);
void gi_screen_leave_log(gi_screen *s);

#endif
