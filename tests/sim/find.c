#include "find.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "shrink.h"
#include "tests/seeds/points.h"

enum { LAST_BYTES = 24000, LAST_LINES = 40 };

/* --------------------------------------------------------- a violation -- */

static void print_parts(const scenario *s, FILE *to)
{
    char name[16], from[16];

    for (uint32_t i = 0; i < s->n_parts; i++) {
        const part *p = &s->parts[i];

        scenario_name(p, name);
        fprintf(to, "    %-4s %llu task%s%s", name,
                (unsigned long long)p->tasks, p->tasks == 1 ? "" : "s",
                p->kind == PART_JOIN    ? ", joins"
                : p->kind == PART_GRAVE ? ", reads dead letters"
                                        : "");
        for (uint32_t k = 0; k < p->n_inputs; k++) {
            const part *of =
                scenario_part((scenario *)(uintptr_t)s, p->in[k].from);

            scenario_name(of, from);
            fprintf(to, "%s %s%s (%s)", k == 0 ? "  <-" : ",", from,
                    p->in[k].stream == STREAM_SIDE   ? ".side"
                    : p->in[k].stream == STREAM_DEAD ? ".dead"
                                                     : "",
                    grouping_word(p->in[k].how));
        }
        fputc('\n', to);
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
    run_opts o = { .log = log };
    run_apart(s, &o, &again);
    fflush(log);
    said_tail(fileno(log), text, sizeof(text));
    fclose(log);
    char *at = text + strlen(text);
    while (at > text && lines <= LAST_LINES)
        lines += *--at == '\n';
    fprintf(to, "  the last of its history:\n%s", at > text ? at + 1 : at);
}

static void print_repeat(const scenario *s, FILE *to)
{
    fputs("  to repeat it, put these lines into a file and call gale-sim with "
          "its name:\n\n",
          to);
    scenario_print(s, to);
}

void print_find(const scenario *s, const outcome *found, double shrink_s,
                FILE *to)
{
    scenario small = *s;
    outcome one = *found;
    char faults[MAX_FAULTS * MAX_FAULT_TEXT + 64];

    fprintf(to, "seed %llu: %s: %s\n", (unsigned long long)s->seed,
            found->wrong, found->words);
    if (shrink_s > 0)
        shrink(&small, &one, shrink_s);
    scenario_faults(&small, faults, sizeof(faults));
    fprintf(to, "  made small: %s: %s\n  topology:\n", one.wrong, one.words);
    print_parts(&small, to);
    fprintf(to, "  faults: %s\n", faults);
    print_repeat(&small, to);
    fputc('\n', to);
    print_history(&small, to);
}

/* ---------------------------------------------------------------- sums -- */

void print_result(const hunt_result *r, FILE *to)
{
    uint64_t faults = 0;

    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        faults += r->faults[i];
    fprintf(
        to,
        "%llu runs (%llu of them twice) in %.1f s: %llu steps, %llu roots, "
        "%llu acked, %llu replayed, %llu given up, %llu faults\n",
        (unsigned long long)r->runs, (unsigned long long)r->twice, r->seconds,
        (unsigned long long)r->steps, (unsigned long long)r->roots,
        (unsigned long long)r->acked, (unsigned long long)r->replayed,
        (unsigned long long)r->dead, (unsigned long long)faults);
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        if (r->faults[i] > 0)
            fprintf(to, "  %-10s %llu\n", gi_fault_name((gi_fault_kind)i),
                    (unsigned long long)r->faults[i]);
    fprintf(
        to, "%.1f runs/s, %.0f times as fast as real time, %u violation%s\n",
        (double)r->runs / r->seconds, (double)r->virtual_ns / 1e9 / r->seconds,
        r->n_bad, r->n_bad == 1 ? "" : "s");
}

void print_result_json(const hunt_result *r, const outcome *first, FILE *to)
{
    gi_json j = { 0 };

    gi_json_object(&j, NULL);
    gi_json_u64(&j, "runs", r->runs);
    gi_json_u64(&j, "steps", r->steps);
    gi_json_object(&j, "faults_by_kind");
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        gi_json_u64(&j, gi_fault_name((gi_fault_kind)i), r->faults[i]);
    gi_json_end(&j);
    gi_json_u64(&j, "roots", r->roots);
    gi_json_u64(&j, "acked", r->acked);
    gi_json_u64(&j, "replayed", r->replayed);
    gi_json_u64(&j, "given_up", r->dead);
    gi_json_u64(&j, "lost", r->lost);
    gi_json_u64(&j, "violations", r->n_bad);
    if (first == NULL)
        gi_json_null(&j, "first_bad_seed");
    else
        gi_json_u64(&j, "first_bad_seed", first->seed);
    gi_json_f64(&j, "seconds", r->seconds);
    gi_json_f64(&j, "virtual_seconds", (double)r->virtual_ns / 1e9);
    gi_json_u64(&j, "run_twice", r->twice);
    gi_json_object(&j, "states");
    for (int i = 0; i < GI_N_STATES; i++)
        gi_json_u64(&j, states[i].name, r->states[i]);
    gi_json_end(&j);
    gi_json_end(&j);
    char *text = gi_json_take(&j);
    fprintf(to, "%s\n", text == NULL ? "{}" : text);
    gi_free(text);
}

uint32_t print_states(const hunt_result *r, FILE *to)
{
    uint32_t never = 0;

    fprintf(to, "rare states, and in how many of %llu runs they occurred:\n",
            (unsigned long long)r->runs);
    for (int i = 0; i < GI_N_STATES; i++) {
        fprintf(to, "  %7llu  %-16s %s\n", (unsigned long long)r->states[i],
                states[i].name, states[i].text);
        never += r->states[i] == 0;
    }
    if (never > 0)
        fprintf(to, "%u of them never occurred\n", never);
    return never;
}
