/* trident-sim -- hunts mistakes of batches; see --help. */
#include <stdlib.h>

#include "base/log.h"
#include "hunting.h"

enum { BUG_SEEDS = 500 };

#define ULL(x) ((unsigned long long)(x))

static int hunt_seeds(const options *o)
{
    static sums r;
    scenario s;
    int status;

    if (o->fresh)
        fprintf(stderr, "trident-sim: from seed %llu\n", ULL(o->from));
    hunt(o, &r);
    status = r.n_bad > 0;
    for (uint32_t i = 1; i < r.n_bad && i < MAX_BAD; i++)
        fprintf(stderr, "seed %llu: %s: %s\n", ULL(r.bad[i].seed),
                r.bad[i].wrong, r.bad[i].words);
    if (r.n_bad > 0) {
        hunt_scenario(&s, r.bad[0].seed, o);
        print_find(&s, &r.bad[0], stderr);
    }
    if (o->json)
        print_json(&r, stdout);
    else if (!o->hashes)
        print_sums(&r, stdout);
    if (o->states && print_states(&r, o->json ? stderr : stdout) > 0 &&
        r.runs >= 1000)
        status = 1;
    return status;
}

static int one_history(const options *o)
{
    FILE *log = fopen(o->history, "w");
    scenario s;
    outcome one;

    if (log == NULL) {
        perror(o->history);
        return 2;
    }
    hunt_scenario(&s, o->from, o);
    run_apart(&s, log, &one);
    fclose(log);
    printf("seed %llu: %s%s%s\n", ULL(o->from),
           one.wrong[0] == '\0' ? "nothing wrong" : one.wrong,
           one.wrong[0] == '\0' ? "" : ": ", one.words);
    return one.wrong[0] != '\0';
}

/* -------------------------------------------------------------------- bugs --
 */

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

static bool find_bug(const options *o, int no)
{
    static sums r;
    options h = *o;

    h.to = o->from + BUG_SEEDS - 1;
    h.stop = true;
    for (bool again = true; again && h.from <= h.to;) {
        gi_bug_chosen = GI_N_BUGS + 1 + (uint32_t)no;
        hunt(&h, &r);
        again = r.n_bad > 0 && is_bad_anyway(o, r.bad[0].seed);
        if (again)
            h.from = r.bad[0].seed + 1;
    }
    gi_bug_chosen = GI_BUG_NONE;
    if (r.n_bad == 0)
        printf("not found  %-16s: %s\n", batch_bugs[no].name,
               batch_bugs[no].text);
    else
        printf("found      %-16s at seed %llu, by '%s'\n", batch_bugs[no].name,
               ULL(r.bad[0].seed), r.bad[0].wrong);
    fflush(stdout);
    return r.n_bad > 0;
}

static int find_bugs(const options *o)
{
    int missed = 0;

    for (int i = 0; i < N_BATCH_BUGS; i++)
        missed += !find_bug(o, i);
    printf("%d deliberate mistakes, %d of them not found in %d seeds\n",
           (int)N_BATCH_BUGS, missed, BUG_SEEDS);
    return missed > 0;
}

static int list_bugs(void)
{
    for (int i = 0; i < N_BATCH_BUGS; i++)
        printf("%-16s %s\n", batch_bugs[i].name, batch_bugs[i].text);
    return 0;
}

static int show(const options *o)
{
    scenario s;

    for (uint64_t seed = o->from; seed <= o->to; seed++) {
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
    if (o.history != NULL)
        return one_history(&o);
    return o.all_bugs ? find_bugs(&o) : hunt_seeds(&o);
}
