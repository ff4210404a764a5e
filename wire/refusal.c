#include "wire/refusal.h"

/* Callers may hand in any number, so these switch on an int. */
const char *gi_refusal_name(gi_refusal r)
{
    switch ((int)r) {
    case GI_TAKEN:
        return "TAKEN";
#define NAME(name, text)    \
    case GI_REFUSED_##name: \
        return #name;
        GI_REFUSALS(NAME)
#undef NAME
    default:
        return "?";
    }
}

const char *gi_refusal_text(gi_refusal r)
{
    switch ((int)r) {
    case GI_TAKEN:
        return "it is sound";
#define TEXT(name, text)    \
    case GI_REFUSED_##name: \
        return text;
        GI_REFUSALS(TEXT)
#undef TEXT
    default:
        return "it was refused for no known reason";
    }
}
