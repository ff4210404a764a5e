#include "base/short.h"

#include <stdlib.h>

#define ONES(n) (~(uint64_t)0 >> (64 - 8 * (n)))

const gi_short gi_short_masks[GI_SHORT + 1] = {
    { 0, 0 },
    { ONES(1), 0 },
    { ONES(2), 0 },
    { ONES(3), 0 },
    { ONES(4), 0 },
    { ONES(5), 0 },
    { ONES(6), 0 },
    { ONES(7), 0 },
    { ONES(8), 0 },
    { ONES(8), ONES(1) },
    { ONES(8), ONES(2) },
    { ONES(8), ONES(3) },
    { ONES(8), ONES(4) },
    { ONES(8), ONES(5) },
    { ONES(8), ONES(6) },
    { ONES(8), ONES(7) },
    { ONES(8), ONES(8) },
};

int gi_short_last = GI_SHORT_LAST;

/* Those of valgrind's tools that watch bytes have a library loaded into what
 * they run, by this variable. */
__attribute__((constructor)) static void find_valgrind(void)
{
    static const char *const tools[] = { "vgpreload_memcheck",
                                         "vgpreload_helgrind",
                                         "vgpreload_drd" };
    const char *loaded = getenv("LD_PRELOAD");

    for (int i = 0; i < 3 && loaded != NULL; i++)
        if (strstr(loaded, tools[i]) != NULL)
            gi_short_last = -1;
}
