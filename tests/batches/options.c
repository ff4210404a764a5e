#include <stdlib.h>
#include <string.h>

#include "hunting.h"

void options_help(FILE *to)
{
    fputs("usage: trident-sim [OPTION...]\n"
          "\n"
          "Runs Trident programs under random faults, in one thread and on a\n"
          "virtual clock: tuples and acks are lost, doubled and late, tasks "
          "die,\n"
          "the store fails, the power goes, and the program comes back with\n"
          "another number of tasks.  Looks at every commit and every write\n"
          "whether batches count once and in order.  All of a run follows "
          "from\n"
          "its seed.\n"
          "\n"
          "  --store O,G,W,D    so many of 10000 calls of the store fail: "
          "open,\n"
          "                     get, write, and write when it is done\n"
          "  --history FILE     write the whole history of one seed there\n",
          to);
    seeds_help(to);
    fputs("\n"
          "Exit status: 0 all well, 1 a violation, 2 a mistake in the call.\n"
          "\n"
          "  trident-sim --seeds 1..10000\n"
          "  trident-sim --seeds 7 --faults kill=main@1s+1s\n"
          "  trident-sim --bug NO_FENCE --stop\n",
          to);
}

static bool take_store(void *arg, const char *v)
{
    unsigned n[4];

    ((options *)arg)->store = v;
    return sscanf(v, "%u,%u,%u,%u", &n[0], &n[1], &n[2], &n[3]) == 4 ||
           seeds_complain("not four numbers", v);
}

bool options_read(options *o, int argc, char **argv)
{
    static const seeds_option own[] = { { "--store", true, take_store } };
    const seeds_program program = { .name = "trident-sim",
                                    .bugs = batch_bugs,
                                    .n_bugs = N_BATCH_BUGS,
                                    .first = GI_N_BUGS + 1,
                                    .own = own,
                                    .n_own = 1,
                                    .arg = o };

    *o = (options){ .store = NULL };
    if (!seeds_read(&program, &o->args, argc, argv))
        return false;
    if (o->args.history != NULL && o->args.from != o->args.to)
        return seeds_complain("it is of one seed", "--history");
    return true;
}
