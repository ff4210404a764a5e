/* points.c -- deliberate mistakes and rare states (base/testpoint.h). */
#include "tests/seeds/points.h"

#include <stdio.h>

#include "base/json.h"
#include "base/mem.h"

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

int points_list(const struct point *at, size_t n, bool json)
{
    gi_json j = { 0 };

    for (size_t i = 0; i < n && !json; i++)
        printf("%-18s %s\n", at[i].name, at[i].text);
    if (!json)
        return 0;
    gi_json_list(&j, NULL);
    for (size_t i = 0; i < n; i++) {
        gi_json_object(&j, NULL);
        gi_json_str(&j, "name", at[i].name);
        gi_json_str(&j, "about", at[i].text);
        gi_json_end(&j);
    }
    gi_json_end(&j);
    char *text = gi_json_take(&j);
    if (text != NULL)
        puts(text);
    gi_free(text);
    return text == NULL ? 3 : 0;
}
