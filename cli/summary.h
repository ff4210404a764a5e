/* summary.h -- the parts of a summary that only some runs have. */
#ifndef GI_CLI_SUMMARY_H
#define GI_CLI_SUMMARY_H

#include "base/json.h"
#include "base/strbuf.h"
#include "cli/tally.h"

/* What went wrong on purpose, and what the runtime did about it: nothing, if
 * nothing was to go wrong. */
void gi_summary_faults(gi_strbuf *to, const gi_tally *t, gi_look look);

/* How long it took, and its history: nothing, if it was no simulation. */
void gi_summary_sim(gi_strbuf *to, const gi_tally *t);

/* "faults", "recovery" and "sim" */
void gi_summary_json_faults(gi_json *j, const gi_tally *t);

#endif
