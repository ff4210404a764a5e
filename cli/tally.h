/* tally.h -- everything a run has to show for itself, copied out of the
 * worker once it stands still, so that telling it is pure. */
#ifndef GI_CLI_TALLY_H
#define GI_CLI_TALLY_H

#include "cli/look.h"
#include "local/faults/faults.h"

typedef struct gi_tally_comp {
    const char *id;
    bool is_spout;
    uint32_t tasks;
    gi_comp_stats n;
} gi_tally_comp;

/* Trees that failed for one reason at one component. */
typedef struct gi_tally_failure {
    gi_why why;
    const char *comp; /* NULL: nobody knows which */
    uint64_t count;
} gi_tally_failure;

typedef struct gi_tally_counter {
    const char *comp, *name;
    int64_t value;
} gi_tally_counter;

/* What a simulation has to show beside. */
typedef struct gi_tally_sim {
    uint64_t seed, hash, events, steps;
    int64_t virtual_ns, real_ns; /* that it took */
} gi_tally_sim;

typedef struct gi_tally {
    const char *name;  /* of the topology */
    const char *error; /* NULL: all done */
    bool interrupted;  /* a person asked it to end, */
    bool cut_short;    /* and asked again */
    bool tracked;      /* there are ackers */
    bool faulty;       /* something was to go wrong: this often it did */
    uint64_t faults[GI_N_FAULT_KINDS];
    bool asked[GI_N_FAULT_KINDS]; /* the plan speaks of this kind */
    const gi_tally_sim *sim;      /* NULL: it was real; borrowed */
    gale_run_result sum;
    uint64_t batch_bytes, bound_bytes;
    size_t n_comps, n_failures, n_counters;
    gi_tally_comp *comps;
    gi_tally_failure *failures;
    gi_tally_counter *counters;
} gi_tally;

/* Names are borrowed from the plan and the worker; `faults` NULL: none.
 * GALE_ENOMEM; fini in any case. */
gale_err gi_tally_take(gi_tally *t, const gi_plan *plan, gi_worker *w,
                       const gi_faults *faults);
void gi_tally_fini(gi_tally *t);

/* For people, in lines of at most 80 columns; `me` is what to call the
 * program in hints.  A new string, NULL without memory. */
char *gi_summary_text(const gi_tally *t, const char *me, gi_look look);

/* One object in one line, without a newline; the fields are promised in
 * gale-topology(7). */
char *gi_summary_json(const gi_tally *t);

#endif
