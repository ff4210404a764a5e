#include "base/bug.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void gi_bug(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fflush(stdout);
    fputs("gale: bug in the topology: ", stderr);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
    va_end(ap);
    abort();
}
