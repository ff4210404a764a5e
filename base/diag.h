/* diag.h -- why a call failed, in one sentence for a person. */
#ifndef GI_BASE_DIAG_H
#define GI_BASE_DIAG_H

#include "gale/base.h"

/* NULL is fine; what does not fit is cut. */
void gi_diag_say(gale_diag *why, const char *format, ...) GALE_PRINTF(2, 3);

/* The same; and returns `e`. */
gale_err gi_diag_err(gale_diag *why, gale_err e, const char *format, ...)
    GALE_PRINTF(3, 4);

#endif
