/* trident-sim -- hunts mistakes of batches; see --help. */
#include <stdlib.h>

#include "base/log.h"
#include "hunting.h"
#include "tests/seeds/bug_report.h"

enum { BUG_SEEDS = 500 };

#define ULL(x) ((unsigned long long)(x))

/* Faults that make no sense are a mistake in the call, and not a find.  What
 * their components are follows from the seed; so they are read for the first.
 */
static bool make_sense(const options *o)
{
    gale_diag why = { "" };
    scenario s;

    if (o->args.faults == NULL)
        return true;
    hunt_scenario(&s, o->args.from, o);
    if (scenario_makes_sense(&s, &why))
        return true;
    fprintf(stderr, "trident-sim: seed %llu: %s\n", ULL(o->args.from),
            why.text);
    return false;
}

static int hunt_seeds(const options *o)
{
    static sums r;
    scenario s;
    int status;

    if (o->args.fresh)
        fprintf(stderr, "trident-sim: from seed %llu\n", ULL(o->args.from));
    hunt(o, &r);
    status = r.n_bad > 0;
    for (uint32_t i = 1; i < r.n_bad && i < MAX_BAD; i++)
        fprintf(stderr, "seed %llu: %s: %s\n", ULL(r.bad[i].seed),
                r.bad[i].wrong, r.bad[i].words);
    if (r.n_bad > 0) {
        hunt_scenario(&s, r.bad[0].seed, o);
        print_find(&s, &r.bad[0], stderr);
    }
    if (o->args.json)
        print_json(&r, stdout);
    else if (!o->args.hashes)
        print_sums(&r, stdout);
    fflush(stdout);
    for (uint32_t i = 0; i < r.n_bad && i < MAX_BAD; i++)
        fprintf(stderr, "to run it again: trident-sim --seeds %llu%s\n",
                ULL(r.bad[i].seed), o->args.again);
    if (o->args.states &&
        print_states(&r, o->args.json ? stderr : stdout) > 0 && r.runs >= 1000)
        status = 1;
    return status;
}

static int one_history(const options *o)
{
    FILE *log = fopen(o->args.history, "w");
    scenario s;
    outcome one;

    if (log == NULL) {
        perror(o->args.history);
        return 2;
    }
    hunt_scenario(&s, o->args.from, o);
    run_apart(&s, log, &one);
    fclose(log);
    printf("seed %llu: %s%s%s\n", ULL(o->args.from),
           one.wrong[0] == '\0' ? "nothing wrong" : one.wrong,
           one.wrong[0] == '\0' ? "" : ": ", one.words);
    return one.wrong[0] != '\0';
}

/* ---------------------------------------------------------------- bugs -- */

/* Would the seed be bad without the bug, too?  Then it proves nothing. */
static bool is_bad_anyway(const options *o, uint64_t seed)
{
    scenario s;
    outcome one;

    gi_bug_chosen = GI_BUG_NONE;
    hunt_scenario(&s, seed, o);
    run_apart(&s, NULL, &one);
    return one.wrong[0] != '\0';
}

static void find_bug(const options *o, int no, bug_report *report)
{
    static sums r;
    struct bug_find f = { .bug = &batch_bugs[no] };
    options h = *o;

    h.args.to = o->args.from + BUG_SEEDS - 1;
    h.args.stop = true;
    for (bool again = true; again && h.args.from <= h.args.to;) {
        gi_bug_chosen = GI_N_BUGS + 1 + (uint32_t)no;
        hunt(&h, &r);
        f.runs += r.runs;
        again = r.n_bad > 0 && is_bad_anyway(o, r.bad[0].seed);
        if (again)
            h.args.from = r.bad[0].seed + 1;
    }
    gi_bug_chosen = GI_BUG_NONE;
    if (r.n_bad > 0) {
        f.seed = r.bad[0].seed;
        f.wrong = r.bad[0].wrong;
    }
    bug_report_add(report, &f);
}

static int find_bugs(const options *o)
{
    bug_report report;

    bug_report_begin(&report, o->args.json);
    for (int i = 0; i < N_BATCH_BUGS; i++)
        find_bug(o, i, &report);
    return bug_report_end(&report, BUG_SEEDS);
}

static int show(const options *o)
{
    scenario s;

    for (uint64_t seed = o->args.from; seed <= o->args.to; seed++) {
        hunt_scenario(&s, seed, o);
        scenario_print(&s, stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    options o;

    if (!options_read(&o, argc, argv))
        return 2;
    gi_bug_chosen = o.args.bug;
    gi_log_set_level(GALE_LOG_ERROR);
    if (o.args.help) {
        options_help(stdout);
        return 0;
    }
    if (o.args.list_bugs)
        return points_list(batch_bugs, N_BATCH_BUGS, o.args.json);
    if (o.args.show)
        return show(&o);
    if (!make_sense(&o))
        return 2;
    if (o.args.history != NULL)
        return one_history(&o);
    return o.args.all_bugs ? find_bugs(&o) : hunt_seeds(&o);
}
