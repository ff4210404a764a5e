#include "options.h"

#include <stdlib.h>

void options_help(FILE *to)
{
    fputs(
        "usage: gale-sim [OPTION...] [FILE...]\n"
        "\n"
        "Runs random topologies under random faults, in one thread and on a\n"
        "virtual clock, and looks after every step whether Gale keeps what "
        "it\n"
        "promises.  All of a run follows from its seed.  A FILE holds one\n"
        "scenario, as a violation prints it.\n"
        "\n"
        "  --topology NAME    random, chain, diamond, fanout, join, cycle, "
        "all\n"
        "  --roots N          messages of a run (default: 40 to 400)\n"
        "  --mode MODE        safety: things go wrong to the end;\n"
        "                     liveness: then no more, and all must settle;\n"
        "                     both (default): one or the other, by seed\n"
        "  --shrink DURATION  time for making it small (default: 60s)\n"
        "  --history FILE     write the whole history of one scenario "
        "there\n",
        to);
    seeds_help(to);
    fputs("\n"
          "Exit status: 0 all well, 1 a violation, 2 a mistake in the call.\n"
          "\n"
          "  gale-sim --seeds 1..10000\n"
          "  gale-sim --seeds 1..20 --topology cycle --faults kill=b2@1s+1s\n"
          "  gale-sim --bug LOST_FLUSH --stop\n"
          "  gale-sim tests/sim/museum/*\n",
          to);
}

static bool take_topology(void *arg, const char *v)
{
    size_t at, n = 0;

    while (gen_topologies[n] != NULL)
        n++;
    ((options *)arg)->hunt.gen.topology = v;
    return seeds_name(v, gen_topologies, n, &at);
}

static bool take_roots(void *arg, const char *v)
{
    return seeds_number(&((options *)arg)->hunt.gen.roots, v, 1000000);
}

static bool take_mode(void *arg, const char *v)
{
    static const char *const names[] = { "both", "safety", "liveness" };
    size_t at;

    if (!seeds_name(v, names, 3, &at))
        return false;
    ((options *)arg)->hunt.gen.mode = (enum gen_mode)at;
    return true;
}

static bool take_shrink(void *arg, const char *v)
{
    return seeds_seconds(&((options *)arg)->shrink_s, v);
}

static void take_file(void *arg, const char *name)
{
    options *o = arg;

    o->files[o->n_files++] = name;
}

static const seeds_option own[] = {
    { "--topology", true, take_topology },
    { "--roots", true, take_roots },
    { "--mode", true, take_mode },
    { "--shrink", false, take_shrink },
};

bool options_read(options *o, int argc, char **argv)
{
    const seeds_args *a = &o->hunt.args;
    const seeds_program program = { .name = "gale-sim",
                                    .bugs = bugs + 1,
                                    .n_bugs = GI_N_BUGS - 1,
                                    .first = 1,
                                    .own = own,
                                    .n_own = sizeof(own) / sizeof(own[0]),
                                    .file = take_file,
                                    .arg = o };

    *o = (options){ .shrink_s = 60 };
    o->files = calloc((size_t)argc, sizeof(*o->files));
    if (!seeds_read(&program, &o->hunt.args, argc, argv))
        return false;
    if (a->history != NULL && o->n_files != 1)
        return seeds_complain("it is of one scenario, in a FILE", "--history");
    if (a->faults != NULL && o->n_files > 0)
        return seeds_complain("a FILE has its own", "--faults");
    return true;
}
