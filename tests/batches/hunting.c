#include "hunting.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/seeds/lanes.h"
#include "tests/seeds/said.h"

/* Tasks that die leave what they had where it is: now and then another process
 * goes on. */
enum { SEEDS_OF_A_PROCESS = 200 };

void hunt_scenario(scenario *s, uint64_t seed, const options *o)
{
    const char *list = o->args.faults;

    draw(s, seed);
    if (o->store != NULL)
        sscanf(o->store, "%u,%u,%u,%u", &s->open, &s->get, &s->before,
               &s->after);
    if (list == NULL)
        return;
    s->n_faults = 0;
    while (s->n_faults < MAX_FAULTS &&
           seeds_next_fault(&list, s->fault[s->n_faults], MAX_FAULT_TEXT))
        s->n_faults++;
}

/* -------------------------------------------------------------- a seed -- */

static void add_outcome(sums *r, const outcome *one)
{
    r->runs++;
    r->lives += one->lives;
    r->steps += one->steps;
    r->virtual_ns += one->virtual_ns;
    r->batches += one->batches;
    r->commits += one->commits;
    r->replays += one->replays;
    r->of_cell[one->cell]++;
    r->miscounted[one->cell] += one->miscounted;
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        r->faults[i] += one->faults[i];
    for (int i = 0; i < N_DISK; i++)
        r->disk[i] += one->disk[i];
    if (one->wrong[0] == '\0')
        return;
    if (r->n_bad < MAX_BAD)
        r->bad[r->n_bad] = *one;
    r->n_bad++;
}

/* The same scenario must give the same history. */
static void run_again(const scenario *s, outcome *one)
{
    outcome other;

    run_scenario(s, NULL, &other);
    if (one->wrong[0] != '\0' || other.hash == one->hash)
        return;
    snprintf(one->wrong, sizeof(one->wrong), "same-seed");
    snprintf(one->words, sizeof(one->words),
             "the same scenario gave the histories %016llx and %016llx",
             (unsigned long long)one->hash, (unsigned long long)other.hash);
}

static void run_seed(uint64_t seed, void *sum, void *arg)
{
    const options *o = arg;
    sums *r = sum;
    scenario s;
    outcome one;

    hunt_scenario(&s, seed, o);
    run_scenario(&s, NULL, &one);
    if (gi_mix64(seed ^ 0x7477696365u) % 20 == 0) {
        run_again(&s, &one);
        r->twice++;
    }
    if (o->args.hashes) {
        printf("%llu %016llx\n", (unsigned long long)seed,
               (unsigned long long)one.hash);
        fflush(stdout);
    }
    add_outcome(r, &one);
    for (int i = 0; i < N_BATCH_STATES; i++)
        r->states[i] += gi_states_seen[GI_N_STATES + i] > 0;
    memset(gi_states_seen, 0, sizeof(gi_states_seen));
}

static void died(uint64_t seed, int status, bool hangs, int said, void *sum)
{
    outcome one = { .seed = seed };

    said_of_death(one.wrong, sizeof(one.wrong), one.words, sizeof(one.words),
                  status, hangs, said);
    add_outcome(sum, &one);
}

static uint64_t runs(const void *sum)
{
    return ((const sums *)sum)->runs;
}

static uint64_t bad(const void *sum)
{
    return ((const sums *)sum)->n_bad;
}

static void add(void *all, const void *sum)
{
    sums *out = all;
    const sums *r = sum;

    out->runs += r->runs;
    out->twice += r->twice;
    out->lives += r->lives;
    out->steps += r->steps;
    out->virtual_ns += r->virtual_ns;
    out->batches += r->batches;
    out->commits += r->commits;
    out->replays += r->replays;
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        out->faults[i] += r->faults[i];
    for (int i = 0; i < N_DISK; i++)
        out->disk[i] += r->disk[i];
    for (int i = 0; i < N_BATCH_STATES; i++)
        out->states[i] += r->states[i];
    for (int i = 0; i < N_CELLS; i++) {
        out->of_cell[i] += r->of_cell[i];
        out->miscounted[i] += r->miscounted[i];
    }
    for (uint32_t i = 0; i < r->n_bad; i++, out->n_bad++)
        if (i < MAX_BAD && out->n_bad < MAX_BAD)
            out->bad[out->n_bad] = r->bad[i];
}

static int by_seed(const void *a, const void *b)
{
    const outcome *x = a, *y = b;

    return (x->seed > y->seed) - (x->seed < y->seed);
}

void hunt(const options *o, sums *out)
{
    const lanes_opts l = {
        .args = &o->args,
        .most = SEEDS_OF_A_PROCESS,
        .size = sizeof(*out),
        .arg = (void *)(uintptr_t)o,
        .run = run_seed,
        .died = died,
        .runs = runs,
        .bad = bad,
        .add = add,
    };

    memset(out, 0, sizeof(*out));
    disk_place_begin();
    out->seconds = lanes_run(&l, out);
    disk_place_end();
    qsort(out->bad, out->n_bad < MAX_BAD ? out->n_bad : MAX_BAD,
          sizeof(outcome), by_seed);
}

void run_apart(const scenario *s, FILE *log, outcome *out)
{
    outcome *theirs = shared_memory(sizeof(*theirs));
    int said = said_open(), status = 0;
    bool well;

    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        said_take(said);
        alarm(HANGS_AFTER_S);
        run_scenario(s, log, theirs);
        exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("trident-sim: fork");
        exit(3);
    }
    well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    *out = *theirs;
    out->seed = s->seed;
    if (!well)
        said_of_death(out->wrong, sizeof(out->wrong), out->words,
                      sizeof(out->words), status,
                      WIFSIGNALED(status) && WTERMSIG(status) == 14, said);
    close(said);
    munmap(theirs, sizeof(*theirs));
}
