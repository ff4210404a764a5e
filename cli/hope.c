#include "cli/hope.h"

#include <stdio.h>

#include "cli/number.h"

enum { TIME_OUTS = 3 };

void gi_hope_begin(gi_hope *h, const gi_plan *plan,
                   const gi_fault_plan *faults, int64_t now_ns)
{
    *h = (gi_hope){ .since_ns = now_ns };
    if (faults != NULL && faults->n > 0 && faults->until_ns == INT64_MAX &&
        plan->set.ackers != 0)
        h->patience_ns =
            (int64_t)plan->set.timeout_ms * TIME_OUTS * INT64_C(1000000);
}

bool gi_hope_lost(gi_hope *h, const gale_run_result *r, int64_t now_ns,
                  char *text, size_t size)
{
    char since[GI_NUMBER_TEXT], failed[GI_NUMBER_TEXT];
    uint64_t n = r->failed - h->failed;
    bool lost = r->acked == h->acked && n > 0;

    if (lost)
        snprintf(
            text, size,
            "nothing was acked for %s, and %s tree%s failed: with these "
            "faults perhaps nothing ever is (add until=TIME to them, or "
            "make them rarer)",
            gi_number_time(since, (uint64_t)(now_ns - h->since_ns) / 1000),
            gi_number_full(failed, n), n == 1 ? "" : "s");
    h->since_ns = now_ns;
    h->acked = r->acked;
    h->failed = r->failed;
    if (lost)
        h->patience_ns = 0;
    return lost;
}
