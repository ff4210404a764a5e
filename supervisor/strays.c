#include "supervisor/strays.h"

void gi_strays_init(gi_strays *s)
{
    *s = (gi_strays){ .again = INT64_MAX };
}

static int find(const gi_strays *s, uint64_t incarnation)
{
    for (int i = 0; i < GI_STRAYS_MOST; i++)
        if (s->incarnation[i] == incarnation)
            return i;
    return -1;
}

bool gi_strays_any(const gi_strays *s)
{
    return s->again != INT64_MAX;
}

bool gi_strays_has(const gi_strays *s, uint64_t incarnation)
{
    return incarnation != 0 && find(s, incarnation) >= 0;
}

bool gi_strays_add(gi_strays *s, uint64_t incarnation, int64_t again)
{
    int i = find(s, 0);

    if (i < 0)
        return false;
    s->incarnation[i] = incarnation;
    s->kill |= 1u << i;
    s->again = again;
    return true;
}

bool gi_strays_remove(gi_strays *s, uint64_t incarnation)
{
    int i = incarnation == 0 ? -1 : find(s, incarnation);

    if (i < 0)
        return false;
    s->incarnation[i] = 0;
    s->kill &= ~(1u << i);
    for (i = 0; i < GI_STRAYS_MOST; i++)
        if (s->incarnation[i] != 0)
            return true;
    s->again = INT64_MAX;
    return true;
}

void gi_strays_tick(gi_strays *s, int64_t now, int64_t again_ns)
{
    if (now < s->again || !gi_strays_any(s))
        return;
    for (int i = 0; i < GI_STRAYS_MOST; i++)
        if (s->incarnation[i] != 0)
            s->kill |= 1u << i;
    s->again = now + again_ns;
}

uint64_t gi_strays_next(gi_strays *s)
{
    int i;

    if (s->kill == 0)
        return 0;
    i = __builtin_ctz(s->kill);
    s->kill &= s->kill - 1;
    return s->incarnation[i];
}
