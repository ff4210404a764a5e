/* cluster-sim: whole clusters on one thread, by seeds. */
#include <stdio.h>
#include <stdlib.h>

#include "world.h"

static int usage(int status)
{
    fputs("usage: cluster-sim [-v] [SEED | FIRST..LAST]\n"
          "\n"
          "Runs a whole cluster of made-up machines for each seed (1..200):\n"
          "workers, supervisors and Nimbus die, freeze and are cut off, and\n"
          "a topology has to get all its numbers acked all the same, each\n"
          "only after all its parts were seen, and none by a timeout.  -v\n"
          "tells what happens.\n"
          "Exits with 1 if a seed went wrong.\n",
          status == 0 ? stdout : stderr);
    return status;
}

int main(int argc, char **argv)
{
    unsigned long long first = 1, last = 200;
    bool loud = argc > 1 && strcmp(argv[1], "-v") == 0;
    static struct world w, again;
    uint64_t deaths = 0, sup = 0, chiefs = 0, cuts = 0, freezes = 0;
    uint64_t steps = 0, replayed = 0;

    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return usage(0);
    if (argc - loud > 2)
        return usage(2);
    if (argc - loud == 2) {
        int n = sscanf(argv[argc - 1], "%llu..%llu", &first, &last);

        if (n < 1)
            return usage(2);
        if (n == 1)
            last = first;
    }
    for (uint64_t seed = first; seed <= last; seed++) {
        if (!world_run(&w, seed, loud)) {
            printf("seed %llu: %s\nto see it: cluster-sim -v %llu\n",
                   (unsigned long long)seed, w.wrong,
                   (unsigned long long)seed);
            return 1;
        }
        if (seed % 20 == 0 &&
            (!world_run(&again, seed, false) || again.hash != w.hash)) {
            printf("seed %llu: run twice, it differs\n",
                   (unsigned long long)seed);
            return 1;
        }
        deaths += w.deaths;
        sup += w.supervisor_deaths;
        chiefs += w.nimbus_deaths;
        cuts += w.cuts;
        freezes += w.freezes;
        steps += w.steps;
        replayed += w.replayed;
    }
    printf("%llu clusters: %llu turns; %llu workers, %llu supervisors and "
           "%llu Nimbuses died; %llu cuts, %llu frozen; %llu replays\n",
           last - first + 1, (unsigned long long)steps,
           (unsigned long long)deaths, (unsigned long long)sup,
           (unsigned long long)chiefs, (unsigned long long)cuts,
           (unsigned long long)freezes, (unsigned long long)replayed);
    return 0;
}
