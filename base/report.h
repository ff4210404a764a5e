/* report.h -- a list of mistakes, so that a person hears of all at once. */
#ifndef GI_BASE_REPORT_H
#define GI_BASE_REPORT_H

#include "gale/base.h"

typedef struct gi_report {
    char **lines;
    size_t n, cap;
    size_t dropped; /* for want of memory */
} gi_report;

void gi_report_init(gi_report *r);
void gi_report_fini(gi_report *r); /* NULL and zeroed are fine */

/* Add one mistake: no newline at the end, component and value in quotes,
 * the nearest right answer in brackets. */
void gi_report_add(gi_report *r, const char *format, ...) GALE_PRINTF(2, 3);

static inline bool gi_report_empty(const gi_report *r)
{
    return r->n == 0 && r->dropped == 0;
}

/* All of it, a line each, cut with "(and N more)" where it does not fit.
 * `why` may be NULL. */
void gi_report_to_diag(const gi_report *r, gale_diag *why);

#endif
