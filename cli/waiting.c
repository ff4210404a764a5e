#include "cli/waiting.h"

#include <string.h>

void gi_waiting_show(gi_waiting *w, int64_t now_ms, const char *text)
{
    if (w->quiet)
        return;
    if (w->screen->tty) {
        gi_screen_live(w->screen, text);
    } else if (now_ms - w->since_ms > GI_WAITING_MS) {
        gi_screen_say(w->screen, "%s", text + strspn(text, " "));
        w->quiet = true;
    }
}
