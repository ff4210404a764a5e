#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>

void gi_diag_say(gale_diag *why, const char *format, ...)
{
    va_list ap;

    if (why == NULL)
        return;
    va_start(ap, format);
    vsnprintf(why->text, sizeof(why->text), format, ap);
    va_end(ap);
}

gale_err gi_diag_err(gale_diag *why, gale_err e, const char *format, ...)
{
    va_list ap;

    if (why == NULL)
        return e;
    va_start(ap, format);
    vsnprintf(why->text, sizeof(why->text), format, ap);
    va_end(ap);
    return e;
}
