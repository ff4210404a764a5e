/* gale-sim -- hunts mistakes of the runtime; see --help. */
#include <stdlib.h>

#include "base/log.h"
#include "build.h"
#include "find.h"
#include "options.h"
#include "tests/seeds/bug_report.h"

enum { BUG_SEEDS = 500 };

static int report(const options *o, const hunt_result *r)
{
    uint32_t n = r->n_bad < MAX_BAD ? r->n_bad : MAX_BAD;
    scenario s;

    for (uint32_t i = 1; i < n; i++)
        fprintf(stderr, "seed %llu: %s: %s\n",
                (unsigned long long)r->bad[i].seed, r->bad[i].wrong,
                r->bad[i].words);
    if (n > 0) {
        hunt_scenario(&s, r->bad[0].seed, &o->hunt);
        print_find(&s, &r->bad[0], o->shrink_s, stderr);
    }
    if (o->hunt.args.json)
        print_result_json(r, n > 0 ? &r->bad[0] : NULL, stdout);
    else if (!o->hunt.args.hashes)
        print_result(r, stdout);
    fflush(stdout);
    for (uint32_t i = 0; i < n; i++)
        fprintf(stderr, "to run it again: gale-sim --seeds %llu%s\n",
                (unsigned long long)r->bad[i].seed, o->hunt.args.again);
    return n > 0;
}

/* Faults that make no sense are a mistake in the call, and not a find.  What
 * their components are follows from the seed; so they are read for the first.
 */
static bool make_sense(const options *o)
{
    gale_diag why = { "" };
    struct built b;
    scenario s;

    if (o->hunt.args.faults == NULL)
        return true;
    hunt_scenario(&s, o->hunt.args.from, &o->hunt);
    if (!build(&b, &s, &why)) {
        fprintf(stderr, "gale-sim: seed %llu: %s\n",
                (unsigned long long)o->hunt.args.from, why.text);
        return false;
    }
    build_drop(&b);
    return true;
}

static int hunt_seeds(const options *o)
{
    hunt_result r;

    if (o->hunt.args.fresh)
        fprintf(stderr, "gale-sim: from seed %llu\n",
                (unsigned long long)o->hunt.args.from);
    hunt(&o->hunt, &r);
    int status = report(o, &r);
    if (o->hunt.args.states &&
        print_states(&r, o->hunt.args.json ? stderr : stdout) > 0 &&
        r.runs >= 1000)
        status = 1;
    return status;
}

/* ---------------------------------------------------------------- bugs -- */

/* Would the seed be bad without the bug, too?  Then it proves nothing. */
static bool is_bad_anyway(const hunt_opts *o, uint64_t seed)
{
    run_opts how = { .max_steps = 0 };
    outcome one;
    scenario s;

    gi_bug_chosen = GI_BUG_NONE;
    hunt_scenario(&s, seed, o);
    run_apart(&s, &how, &one);
    return one.wrong[0] != '\0';
}

/* One bug, over the first seeds: the oracle that finds it, and where. */
static void find_bug(const options *o, uint32_t bug, bug_report *report)
{
    hunt_opts h = o->hunt;
    struct bug_find f = { .bug = &bugs[bug] };
    hunt_result r = { .n_bad = 0 };

    h.args.to = h.args.from + BUG_SEEDS - 1;
    h.args.stop = true;
    for (bool again = true; again && h.args.from <= h.args.to;) {
        gi_bug_chosen = bug;
        hunt(&h, &r);
        f.runs += r.runs;
        again = r.n_bad > 0 && is_bad_anyway(&h, r.bad[0].seed);
        if (again) {
            h.args.from = r.bad[0].seed + 1;
            r.n_bad = 0;
        }
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

    bug_report_begin(&report, o->hunt.args.json);
    for (uint32_t i = 1; i < GI_N_BUGS; i++)
        find_bug(o, i, &report);
    return bug_report_end(&report, BUG_SEEDS);
}

/* ----------------------------------------------------------- scenarios -- */

static int run_file(const options *o, const char *name)
{
    run_opts how = { .hash = o->hunt.args.hashes };
    gale_diag why = { "" };
    scenario s;
    outcome one;
    FILE *f = fopen(name, "r");

    if (f == NULL) {
        perror(name);
        return 2;
    }
    bool fine = scenario_read(&s, f, &why);
    fclose(f);
    if (!fine) {
        fprintf(stderr, "%s: %s\n", name, why.text);
        return 2;
    }
    if (o->hunt.args.history != NULL &&
        (how.log = fopen(o->hunt.args.history, "w")) == NULL) {
        perror(o->hunt.args.history);
        return 2;
    }
    run_apart(&s, &how, &one);
    if (how.log != NULL)
        fclose(how.log);
    if (o->hunt.args.hashes)
        printf("%s %016llx\n", name, (unsigned long long)one.hash);
    if (one.wrong[0] == '\0') {
        if (!o->hunt.args.hashes)
            printf("%s: nothing wrong in %llu steps\n", name,
                   (unsigned long long)one.steps);
        return 0;
    }
    fprintf(stderr, "%s: ", name);
    print_find(&s, &one, o->shrink_s, stderr);
    return 1;
}

static int run_files(const options *o)
{
    int worst = 0;

    for (uint32_t i = 0; i < o->n_files; i++) {
        int status = run_file(o, o->files[i]);

        worst = status > worst ? status : worst;
    }
    return worst;
}

static int show(const options *o)
{
    scenario s;

    for (uint64_t seed = o->hunt.args.from; seed <= o->hunt.args.to; seed++) {
        hunt_scenario(&s, seed, &o->hunt);
        scenario_print(&s, stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static options o;

    if (!options_read(&o, argc, argv))
        return 2;
    gi_bug_chosen = o.hunt.args.bug;
    gi_log_set_level(GALE_LOG_ERROR);
    if (o.hunt.args.help) {
        options_help(stdout);
        return 0;
    }
    if (o.hunt.args.list_bugs)
        return points_list(bugs + 1, GI_N_BUGS - 1, o.hunt.args.json);
    if (o.hunt.args.show)
        return show(&o);
    if (o.n_files > 0)
        return run_files(&o);
    if (!make_sense(&o))
        return 2;
    return o.hunt.args.all_bugs ? find_bugs(&o) : hunt_seeds(&o);
}
