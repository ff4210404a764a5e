#include "base/bug.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void gi_bug(const char *format, ...)
{
    char what[2048];
    va_list ap;

    va_start(ap, format);
    vsnprintf(what, sizeof(what), format, ap);
    va_end(ap);
    fflush(stdout);
    /* At once, for other tasks may have something to say about it, too. */
    fprintf(stderr, "gale: bug in the topology: %s\n", what);
    abort();
}
