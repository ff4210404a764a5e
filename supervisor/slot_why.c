#include "supervisor/slot_why.h"

const char *gi_slot_state_text(unsigned s)
{
    switch (s) {
#define X(name, text)    \
    case GI_SLOT_##name: \
        return text;
        GI_SLOT_STATES(X)
#undef X
    default:
        return "nobody knows";
    }
}

const char *gi_slot_why_text(unsigned w)
{
    switch (w) {
#define X(name, number, text) \
    case number:              \
        return text;
        GI_SLOT_WHYS(X)
#undef X
    default:
        return "nobody knows";
    }
}
