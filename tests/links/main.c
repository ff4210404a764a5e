/* links-sim -- many seeds of a world of links.
 *
 *   links-sim SEEDS [FIRST]   so many seeds, and each counter must have moved
 *   links-sim --seed N        one, with everything that happens in it
 *   links-sim --same SEEDS    each twice: the same seed, the same history
 *   links-sim --bugs SEEDS    deliberate mistakes: are they all found?
 */
#include <stdio.h>
#include <stdlib.h>

#include "wire/channel_inside.h"
#include "world.h"

uint32_t gi_channel_bug;

static struct world world; /* large */

static int many(uint64_t first, uint64_t n)
{
    gi_channel_counts sum = { 0 };
    uint64_t wrong = 0, steps = 0;
    bool still = false;

    for (uint64_t seed = first; seed < first + n; seed++) {
        if (!world_run(&world, seed, false)) {
            printf("seed %lu: %s\n", (unsigned long)seed, world.wrong);
            if (++wrong == 20)
                break;
        }
        steps += world.steps;
#define X(name, text) sum.name += world.counts.name;
        GI_CHANNEL_COUNTS(X)
#undef X
    }
#define X(name, text)                                               \
    printf("%12lu %s: %s\n", (unsigned long)sum.name, #name, text); \
    still = still || sum.name == 0;
    GI_CHANNEL_COUNTS(X)
#undef X
    printf("%lu seeds, %lu steps, %lu wrong\n", (unsigned long)n,
           (unsigned long)steps, (unsigned long)wrong);
    if (n >= 1000 && still)
        printf("a counter did not move\n");
    return wrong != 0 || (n >= 1000 && still);
}

static int same(uint64_t n)
{
    for (uint64_t seed = 1; seed <= n; seed++) {
        uint64_t history;

        (void)world_run(&world, seed, false);
        history = world.history;
        (void)world_run(&world, seed, false);
        if (world.history != history) {
            printf("seed %lu has two histories\n", (unsigned long)seed);
            return 1;
        }
    }
    return 0;
}

static int bugs(uint64_t n)
{
    static const char *const names[] = { "",
#define X(name, text) #name,
                                         GI_CHANNEL_BUGS(X)
#undef X
    };
    int missed = 0;

    for (uint32_t bug = 1; bug < GI_N_CHANNEL_BUGS; bug++) {
        uint64_t seed = 1;

        gi_channel_bug = bug;
        while (seed <= n && world_run(&world, seed, false))
            seed++;
        printf("%-18s ", names[bug]);
        if (seed <= n)
            printf("seed %lu: %s\n", (unsigned long)seed, world.wrong);
        else
            printf("not found\n");
        missed += seed > n;
        fflush(stdout);
    }
    return missed != 0;
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    uint64_t n = strtoull(argc > 2 ? argv[2] : "0", NULL, 10);
    int status;

    if (strcmp(how, "--seed") == 0) {
        if (argc > 3)
            gi_channel_bug = (uint32_t)strtoul(argv[3], NULL, 10);
        status = !world_run(&world, n, true);
        printf("%s\n", world.wrong);
    } else if (strcmp(how, "--same") == 0) {
        status = same(n);
    } else if (strcmp(how, "--bugs") == 0) {
        status = bugs(n);
    } else {
        status = many(n == 0 ? 1 : n, strtoull(how, NULL, 10));
    }
    free(world.heap);
    return status;
}
