/* gale-sim -- hunts mistakes of the runtime; see --help. */
#include <stdlib.h>

#include "base/log.h"
#include "find.h"
#include "options.h"
#include "points.h"

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
    if (o->json)
        print_result_json(r, n > 0 ? &r->bad[0] : NULL, stdout);
    else if (!o->hunt.hashes)
        print_result(r, stdout);
    return n > 0;
}

static int hunt_seeds(const options *o)
{
    hunt_result r;

    if (o->fresh)
        fprintf(stderr, "gale-sim: from seed %llu\n",
                (unsigned long long)o->hunt.from);
    hunt(&o->hunt, &r);
    int status = report(o, &r);
    if (o->states && print_states(&r, o->json ? stderr : stdout) > 0 &&
        r.runs >= 1000)
        status = 1;
    return status;
}

/* -------------------------------------------------------------------- bugs --
 */

static int list_bugs(void)
{
    for (int i = 1; i < GI_N_BUGS; i++)
        printf("%-18s %s\n", bugs[i].name, bugs[i].text);
    return 0;
}

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
static bool find_bug(const options *o, uint32_t bug)
{
    hunt_opts h = o->hunt;
    uint64_t first = h.from, runs = 0;
    hunt_result r = { .n_bad = 0 };

    h.to = h.from + BUG_SEEDS - 1;
    h.stop = true;
    for (bool again = true; again && h.from <= h.to;) {
        gi_bug_chosen = bug;
        hunt(&h, &r);
        runs += r.runs;
        again = r.n_bad > 0 && is_bad_anyway(&h, r.bad[0].seed);
        if (again) {
            h.from = r.bad[0].seed + 1;
            r.n_bad = 0;
        }
    }
    gi_bug_chosen = GI_BUG_NONE;
    if (r.n_bad == 0)
        printf("not found  %-18s in %llu runs: %s\n", bugs[bug].name,
               (unsigned long long)runs, bugs[bug].text);
    else
        printf("found      %-18s at seed %llu, after %llu runs, by '%s'\n",
               bugs[bug].name, (unsigned long long)r.bad[0].seed,
               (unsigned long long)(r.bad[0].seed - first + 1),
               r.bad[0].wrong);
    fflush(stdout);
    return r.n_bad > 0;
}

static int find_bugs(const options *o)
{
    uint32_t missed = 0;

    for (uint32_t i = 1; i < GI_N_BUGS; i++)
        missed += !find_bug(o, i);
    printf("%u deliberate mistakes, %u of them not found in %d seeds\n",
           GI_N_BUGS - 1, missed, BUG_SEEDS);
    return missed > 0;
}

/* --------------------------------------------------------------- scenarios --
 */

static int run_file(const options *o, const char *name)
{
    run_opts how = { .hash = o->hunt.hashes };
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
    if (o->history != NULL && (how.log = fopen(o->history, "w")) == NULL) {
        perror(o->history);
        return 2;
    }
    run_apart(&s, &how, &one);
    if (how.log != NULL)
        fclose(how.log);
    if (o->hunt.hashes)
        printf("%s %016llx\n", name, (unsigned long long)one.hash);
    if (one.wrong[0] == '\0') {
        if (!o->hunt.hashes)
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

    for (uint64_t seed = o->hunt.from; seed <= o->hunt.to; seed++) {
        hunt_scenario(&s, seed, &o->hunt);
        scenario_print(&s, stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    options o;

    if (!options_read(&o, argc, argv))
        return 2;
    gi_bug_chosen = o.bug;
    gi_log_set_level(GALE_LOG_ERROR);
    if (o.help) {
        options_help(stdout);
        return 0;
    }
    if (o.list_bugs)
        return list_bugs();
    if (o.show)
        return show(&o);
    if (o.n_files > 0)
        return run_files(&o);
    return o.all_bugs ? find_bugs(&o) : hunt_seeds(&o);
}
