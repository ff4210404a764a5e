/* bug_report.h -- which deliberate mistakes the seeds found, as lines while it
 * goes on, or in the end as one line of JSON (the lines go to stderr then). */
#ifndef TESTS_SEEDS_BUG_REPORT_H
#define TESTS_SEEDS_BUG_REPORT_H

#include <stdint.h>
#include <stdio.h>

#include "base/json.h"
#include "tests/seeds/points.h"

typedef struct bug_report {
    gi_json json;
    FILE *lines;
    unsigned bugs, missed;
    bool as_json;
} bug_report;

/* What became of one of them. */
struct bug_find {
    const struct point *bug;
    const char *wrong; /* the oracle that said so; NULL: not found */
    uint64_t seed;     /* where */
    uint64_t runs;     /* until then */
};

void bug_report_begin(bug_report *r, bool as_json);
void bug_report_add(bug_report *r, const struct bug_find *f);

/* `seeds`: each had so many.  Returns how the program ends. */
int bug_report_end(bug_report *r, unsigned seeds);

#endif
