/* log.h -- one line for a person: time, level, who, what.
 *
 * The library itself does not log; the places that decide do, through this.
 * A line goes to stderr whole, or to the sink a test installs.
 */
#ifndef GI_BASE_LOG_H
#define GI_BASE_LOG_H

#include <stdarg.h>

#include "gale/task.h"

typedef void (*gi_log_sink)(void *arg, gale_level level, const char *who,
                            const char *text);

/* `who` is "topology/component:task" or the like; may be NULL.
 * Thread  any */
void gi_log(gale_level level, const char *who, const char *format, ...)
    GALE_PRINTF(3, 4);
void gi_logv(gale_level level, const char *who, const char *format,
             va_list ap);

/* Lines below `level` are dropped; GALE_LOG_INFO at first. */
void gi_log_set_level(gale_level level);

/* NULL restores stderr.  Call while nothing logs. */
void gi_log_set_sink(gi_log_sink sink, void *arg);

/* Somebody who hears every line that is not dropped, beside the sink, on the
 * thread that logs; NULL: nobody.  Call while nothing logs. */
void gi_log_set_listener(gi_log_sink listener, void *arg);

#endif
