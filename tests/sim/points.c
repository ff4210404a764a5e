/* points.c -- deliberate mistakes and rare states (base/testpoint.h). */
#include "points.h"

uint32_t gi_bug_chosen;
uint64_t gi_states_seen[GI_STATES_END];

const struct point bugs[GI_N_BUGS] = { [GI_BUG_NONE] = { "NONE", "" },
#define X(name, text) [GI_BUG_##name] = { #name, text },
                                       GI_BUGS(X)
#undef X
};

const struct point states[GI_N_STATES] = {
#define X(name, text) [GI_STATE_##name] = { #name, text },
    GI_STATES(X)
#undef X
};

const struct point batch_bugs[N_BATCH_BUGS] = {
#define X(name, text) { #name, text },
    GI_BATCH_BUGS(X)
#undef X
};

const struct point batch_states[N_BATCH_STATES] = {
#define X(name, text) { #name, text },
    GI_BATCH_STATES(X)
#undef X
};
