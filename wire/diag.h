/* diag.h -- why a call failed, in one sentence for a person. */
#ifndef GI_WIRE_DIAG_H
#define GI_WIRE_DIAG_H

#include <stdarg.h>
#include <stdio.h>

#include "gale/base.h"

/* NULL is fine. */
GALE_PRINTF(2, 3)
static inline void gi_diag_say(gale_diag *why, const char *format, ...)
{
    va_list ap;

    if (why == NULL)
        return;
    va_start(ap, format);
    vsnprintf(why->text, sizeof(why->text), format, ap);
    va_end(ap);
}

#endif
