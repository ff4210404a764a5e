#include "wire/msg.h"

static const gi_verb_info verbs[GI_N_ASKS] = {
#define VERB(name, request, reply, who) \
    [GI_ASK_##name] = { #name, GI_M_##request, GI_M_##reply, GI_WHO_##who },
    GI_VERBS(VERB)
};

const gi_verb_info *gi_verb_of(uint64_t verb)
{
    return verb > GI_ASK_NOTHING && verb < GI_N_ASKS ? &verbs[verb] : NULL;
}
