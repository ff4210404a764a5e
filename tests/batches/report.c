/* report.c -- what trident-sim says. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "hunting.h"
#include "tests/seeds/said.h"

#define ULL(x) ((unsigned long long)(x))

enum { LAST_BYTES = 16000, LAST_LINES = 30 };

static const char *const disk_names[N_DISK] = { "store open", "store get",
                                                "store write", "store wrote",
                                                "power" };

/* --------------------------------------------------------- a violation -- */

static bool still(const scenario *s, outcome *found)
{
    outcome one;

    run_apart(s, NULL, &one);
    if (strcmp(one.wrong, found->wrong) != 0)
        return false;
    *found = one;
    return true;
}

/* Without faults that it does not need. */
static void make_small(scenario *s, outcome *found)
{
    for (uint32_t i = s->n_faults; i-- > 0;) {
        scenario less = *s;

        memmove(&less.fault[i], &less.fault[i + 1],
                (--less.n_faults - i) * sizeof(less.fault[0]));
        if (still(&less, found))
            *s = less;
    }
    for (int i = 0; i < 4; i++) {
        scenario less = *s;
        uint32_t *at[] = { &less.open, &less.get, &less.before, &less.after };
        bool is = *at[i] > 0;

        *at[i] = 0;
        if (is && still(&less, found))
            *s = less;
    }
}

/* The last lines of the history of this very run. */
static void print_history(const scenario *s, FILE *to)
{
    static char text[LAST_BYTES];
    FILE *log = tmpfile();
    outcome again;
    size_t lines = 0;

    if (log == NULL)
        return;
    run_apart(s, log, &again);
    fflush(log);
    said_tail(fileno(log), text, sizeof(text));
    fclose(log);
    char *at = text + strlen(text);
    while (at > text && lines <= LAST_LINES)
        lines += *--at == '\n';
    fprintf(to, "  the last of its history:\n%s", at > text ? at + 1 : at);
}

void print_find(const scenario *s, const outcome *found, FILE *to)
{
    scenario small = *s;
    outcome one = *found;

    fprintf(to, "seed %llu: %s: %s\n", ULL(s->seed), found->wrong,
            found->words);
    make_small(&small, &one);
    fprintf(to, "made small: %s: %s\n", one.wrong, one.words);
    scenario_print(&small, to);
    fprintf(to,
            "to repeat it: trident-sim --seeds %llu --store %u,%u,%u,%u "
            "--faults '",
            ULL(s->seed), small.open, small.get, small.before, small.after);
    for (uint32_t i = 0; i < small.n_faults; i++)
        fprintf(to, "%s%s", i == 0 ? "" : ",", small.fault[i]);
    fputs("'\n", to);
    print_history(&small, to);
}

/* ---------------------------------------------------------------- sums -- */

/* As outcome.cell has them. */
static bool is_good(int cell)
{
    return cell / 3 == GALE_SPOUT_TRANSACTIONAL
               ? cell % 3 != GALE_STATE_NON_TRANSACTIONAL
               : cell / 3 == GALE_SPOUT_OPAQUE &&
                     cell % 3 == GALE_STATE_OPAQUE;
}

static const char *name_of(int cell)
{
    return cell_name((gale_spout_kind)(cell / 3), (gale_state_kind)(cell % 3));
}

void print_sums(const sums *r, FILE *to)
{
    fprintf(to,
            "%llu runs (%llu of them twice) of %llu lives in %.1f s: %llu "
            "steps, %llu batches begun, %llu of them again, %llu commits\n",
            ULL(r->runs), ULL(r->twice), ULL(r->lives), r->seconds,
            ULL(r->steps), ULL(r->batches), ULL(r->replays), ULL(r->commits));
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        if (r->faults[i] > 0)
            fprintf(to, "  %-12s %llu\n", gi_fault_name((gi_fault_kind)i),
                    ULL(r->faults[i]));
    for (int i = 0; i < N_DISK; i++)
        fprintf(to, "  %-12s %llu\n", disk_names[i], ULL(r->disk[i]));
    for (int i = 0; i < N_CELLS; i++)
        if (r->of_cell[i] > 0)
            fprintf(to, "  %-48s %6llu runs, %llu counted wrongly%s\n",
                    name_of(i), ULL(r->of_cell[i]), ULL(r->miscounted[i]),
                    is_good(i) ? "" : " (nothing is promised)");
    fprintf(
        to, "%.1f runs/s, %.0f times as fast as real time, %u violation%s\n",
        (double)r->runs / r->seconds, (double)r->virtual_ns / 1e9 / r->seconds,
        r->n_bad, r->n_bad == 1 ? "" : "s");
}

static void json_cells(gi_json *j, const sums *r)
{
    gi_json_object(j, "cells");
    for (int i = 0; i < N_CELLS; i++) {
        gi_json_object(j, name_of(i));
        gi_json_u64(j, "promised", is_good(i));
        gi_json_u64(j, "runs", r->of_cell[i]);
        gi_json_u64(j, "counted_wrongly", r->miscounted[i]);
        gi_json_end(j);
    }
    gi_json_end(j);
}

void print_json(const sums *r, FILE *to)
{
    gi_json j = { 0 };

    gi_json_object(&j, NULL);
    gi_json_u64(&j, "runs", r->runs);
    gi_json_u64(&j, "steps", r->steps);
    gi_json_u64(&j, "lives", r->lives);
    gi_json_u64(&j, "batches", r->batches);
    gi_json_u64(&j, "commits", r->commits);
    gi_json_u64(&j, "replays", r->replays);
    gi_json_object(&j, "faults_by_kind");
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        gi_json_u64(&j, gi_fault_name((gi_fault_kind)i), r->faults[i]);
    for (int i = 0; i < N_DISK; i++)
        gi_json_u64(&j, disk_names[i], r->disk[i]);
    gi_json_end(&j);
    json_cells(&j, r);
    gi_json_u64(&j, "violations", r->n_bad);
    if (r->n_bad == 0)
        gi_json_null(&j, "first_bad_seed");
    else
        gi_json_u64(&j, "first_bad_seed", r->bad[0].seed);
    gi_json_f64(&j, "seconds", r->seconds);
    gi_json_f64(&j, "virtual_seconds", (double)r->virtual_ns / 1e9);
    gi_json_u64(&j, "run_twice", r->twice);
    gi_json_object(&j, "states");
    for (int i = 0; i < N_BATCH_STATES; i++)
        gi_json_u64(&j, batch_states[i].name, r->states[i]);
    gi_json_end(&j);
    gi_json_end(&j);
    char *text = gi_json_take(&j);
    fprintf(to, "%s\n", text == NULL ? "{}" : text);
    gi_free(text);
}

uint32_t print_states(const sums *r, FILE *to)
{
    uint32_t never = 0;

    fprintf(to, "rare states, and in how many of %llu runs they occurred:\n",
            ULL(r->runs));
    for (int i = 0; i < N_BATCH_STATES; i++) {
        fprintf(to, "  %7llu  %-16s %s\n", ULL(r->states[i]),
                batch_states[i].name, batch_states[i].text);
        never += r->states[i] == 0;
    }
    for (int i = 0; i < N_CELLS; i++)
        if (r->miscounted[i] == 0 && !is_good(i)) {
            fprintf(to, "  nothing was ever counted wrongly with %s\n",
                    name_of(i));
            never++;
        }
    if (never > 0)
        fprintf(to, "%u of them never occurred\n", never);
    return never;
}
