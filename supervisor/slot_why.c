#include "supervisor/slot_why.h"

#include <stddef.h>

struct pair {
    unsigned number;
    const char *name, *text;
};

static const struct pair states[] = {
#define X(name, text) { GI_SLOT_##name, #name, text },
    GI_SLOT_STATES(X)
#undef X
};

static const struct pair whys[] = {
#define X(name, number, text) { number, #name, text },
    GI_SLOT_WHYS(X)
#undef X
};

static const struct pair *find(const struct pair *p, size_t n, unsigned number)
{
    static const struct pair unknown = { 0, "UNKNOWN", "nobody knows" };

    for (size_t i = 0; i < n; i++)
        if (p[i].number == number)
            return &p[i];
    return &unknown;
}

#define FIND(table, number) \
    find(table, sizeof(table) / sizeof((table)[0]), number)

const char *gi_slot_state_name(unsigned s)
{
    return FIND(states, s)->name;
}

const char *gi_slot_state_text(unsigned s)
{
    return FIND(states, s)->text;
}

const char *gi_slot_why_name(unsigned w)
{
    return FIND(whys, w)->name;
}

const char *gi_slot_why_text(unsigned w)
{
    return FIND(whys, w)->text;
}
