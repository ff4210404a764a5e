#include "wire/parting.h"

const char *gi_parting_name(unsigned p)
{
    switch (p) {
#define X(name, number, text) \
    case number:              \
        return #name;
        GI_PARTINGS(X)
#undef X
    default:
        return "?";
    }
}

const char *gi_parting_text(unsigned p)
{
    switch (p) {
#define X(name, number, text) \
    case number:              \
        return text;
        GI_PARTINGS(X)
#undef X
    default:
        return "for a reason that is not known here";
    }
}
