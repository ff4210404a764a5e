#include "scenario.h"

#include <stddef.h>
#include <stdlib.h>

#define X(name, plain, most) { #name, offsetof(part, name), plain, most },
const number part_numbers[] = { PART_NUMBERS(X){ NULL, 0, 0, 0 } };
#undef X
#define X(name, plain, most) { #name, offsetof(scenario, name), plain, most },
const number scenario_numbers[] = { SCENARIO_NUMBERS(X){ NULL, 0, 0, 0 } };
#undef X

static const char *const groupings[] = { "shuffle", "fields", "partial",
                                         "all",     "global", "direct",
                                         "local",   "none",   "custom" };
enum { N_GROUPINGS = sizeof(groupings) / sizeof(groupings[0]) };

const char *grouping_word(gale_grouping how)
{
    return groupings[how];
}

static void set_plain(void *of, const number *numbers)
{
    for (const number *n = numbers; n->name != NULL; n++)
        *number_at(of, n) = n->plain;
}

void scenario_plain(scenario *s)
{
    memset(s, 0, sizeof(*s));
    set_plain(s, scenario_numbers);
}

void part_plain(part *p, bool spout, uint32_t no)
{
    memset(p, 0, sizeof(*p));
    set_plain(p, part_numbers);
    p->spout = spout;
    p->no = no;
}

part *scenario_part(scenario *s, uint32_t no)
{
    for (uint32_t i = 0; i < s->n_parts; i++)
        if (s->parts[i].no == no)
            return &s->parts[i];
    return NULL;
}

uint32_t scenario_tasks(const scenario *s)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->n_parts; i++)
        n += (uint32_t)s->parts[i].tasks;
    return n;
}

void scenario_name(const part *p, char name[16])
{
    snprintf(name, 16, "%c%u", p->spout ? 's' : 'b', p->no);
}

/* -------------------------------------------------- taking things away -- */

void scenario_drop_fault(scenario *s, uint32_t at)
{
    s->n_faults--;
    for (uint32_t i = at; i < s->n_faults; i++)
        memcpy(s->fault[i], s->fault[i + 1], MAX_FAULT_TEXT);
}

/* Does the fault name this part?  "b1" is not in "b12". */
static bool names(const char *fault, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = fault; (p = strstr(p, name)) != NULL; p++) {
        bool begins = p == fault || strchr("=>,", p[-1]) != NULL;
        bool ends = p[n] == '\0' || strchr(":/>@", p[n]) != NULL;

        if (begins && ends)
            return true;
    }
    return false;
}

static void drop_inputs_from(part *p, uint32_t no)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < p->n_inputs; i++)
        if (p->in[i].from != no)
            p->in[kept++] = p->in[i];
    p->n_inputs = kept;
}

void scenario_drop_part(scenario *s, uint32_t at)
{
    uint32_t no = s->parts[at].no;
    char name[16];

    scenario_name(&s->parts[at], name);
    s->n_parts--;
    memmove(&s->parts[at], &s->parts[at + 1],
            (s->n_parts - at) * sizeof(s->parts[0]));
    for (uint32_t i = 0; i < s->n_parts; i++)
        drop_inputs_from(&s->parts[i], no);
    for (uint32_t i = s->n_faults; i-- > 0;)
        if (names(s->fault[i], name))
            scenario_drop_fault(s, i);
}

/* ------------------------------------------------------------- writing -- */

void scenario_faults(const scenario *s, char *to, size_t len)
{
    size_t at = (size_t)snprintf(to, len, "seed=%llu",
                                 (unsigned long long)s->fault_seed);

    if (s->live)
        at += (size_t)snprintf(to + at, len - at, ",until=%llums",
                               (unsigned long long)s->until);
    for (uint32_t i = 0; i < s->n_faults && at < len; i++)
        at += (size_t)snprintf(to + at, len - at, ",%s", s->fault[i]);
}

static void print_numbers(const void *of, const number *numbers,
                          const char *between, FILE *to)
{
    for (const number *n = numbers; n->name != NULL; n++) {
        uint64_t v = *number_at((void *)(uintptr_t)of, n);

        if (v == n->plain)
            continue;
        fprintf(to, "%s%s=%llu", between, n->name, (unsigned long long)v);
        between = " ";
    }
}

static void print_part(const part *p, FILE *to)
{
    char name[16];

    scenario_name(p, name);
    fprintf(to, "%s %s", p->spout ? "spout" : "bolt", name);
    print_numbers(p, part_numbers, " ", to);
    for (uint32_t i = 0; i < p->n_inputs; i++)
        fprintf(to, "%s%u:%u:%s", i == 0 ? " from=" : ",", p->in[i].from,
                p->in[i].stream, groupings[p->in[i].how]);
    fputc('\n', to);
}

void scenario_print(const scenario *s, FILE *to)
{
    print_numbers(s, scenario_numbers, "", to);
    fputc('\n', to);
    for (uint32_t i = 0; i < s->n_parts; i++)
        print_part(&s->parts[i], to);
    for (uint32_t i = 0; i < s->n_faults; i++)
        fprintf(to, "fault %s\n", s->fault[i]);
}

/* ------------------------------------------------------------- reading -- */

static bool read_number(void *of, const number *numbers, const char *word)
{
    const char *is = strchr(word, '=');
    char *end;

    for (const number *n = numbers; is != NULL && n->name != NULL; n++) {
        if (strlen(n->name) != (size_t)(is - word) ||
            strncmp(n->name, word, (size_t)(is - word)) != 0)
            continue;
        uint64_t v = strtoull(is + 1, &end, 10);
        *number_at(of, n) = v;
        return *end == '\0' && end != is + 1 && v <= n->most;
    }
    return false;
}

static bool read_input(part *p, const char *word)
{
    char how[16];
    part_input *in = &p->in[p->n_inputs];

    if (p->n_inputs == MAX_INPUTS ||
        sscanf(word, "%u:%u:%15s", &in->from, &in->stream, how) != 3 ||
        in->stream >= N_STREAMS)
        return false;
    for (int i = 0; i < N_GROUPINGS; i++)
        if (strcmp(how, groupings[i]) == 0) {
            in->how = (gale_grouping)i;
            p->n_inputs++;
            return true;
        }
    return false;
}

static bool read_inputs(part *p, char *words)
{
    char *rest = NULL;

    for (char *w = strtok_r(words, ",", &rest); w != NULL;
         w = strtok_r(NULL, ",", &rest))
        if (!read_input(p, w))
            return false;
    return true;
}

static bool read_part(scenario *s, bool spout, char *rest)
{
    char *word = strtok_r(NULL, " \n", &rest);
    uint32_t no;

    if (s->n_parts == MAX_PARTS || word == NULL ||
        sscanf(word + 1, "%u", &no) != 1 || scenario_part(s, no) != NULL)
        return false;
    part *p = &s->parts[s->n_parts++];
    part_plain(p, spout, no);
    while ((word = strtok_r(NULL, " \n", &rest)) != NULL) {
        bool fine = strncmp(word, "from=", 5) == 0
                        ? read_inputs(p, word + 5)
                        : read_number(p, part_numbers, word);
        if (!fine)
            return false;
    }
    return true;
}

static bool read_fault(scenario *s, const char *text)
{
    if (text == NULL || s->n_faults == MAX_FAULTS ||
        strlen(text) >= MAX_FAULT_TEXT)
        return false;
    strcpy(s->fault[s->n_faults++], text);
    return true;
}

static bool read_line(scenario *s, char *line)
{
    char *rest = NULL;
    char *word = strtok_r(line, " \n", &rest);

    if (word == NULL || word[0] == '#')
        return true;
    if (strcmp(word, "spout") == 0 || strcmp(word, "bolt") == 0)
        return read_part(s, word[0] == 's', rest);
    if (strcmp(word, "fault") == 0)
        return read_fault(s, strtok_r(NULL, " \n", &rest));
    for (; word != NULL; word = strtok_r(NULL, " \n", &rest))
        if (!read_number(s, scenario_numbers, word))
            return false;
    return true;
}

bool scenario_read(scenario *s, FILE *from, gale_diag *why)
{
    char line[1024], copy[1024];

    scenario_plain(s);
    for (int no = 1; fgets(line, sizeof(line), from) != NULL; no++) {
        strcpy(copy, line);
        if (!read_line(s, line)) {
            snprintf(why->text, sizeof(why->text),
                     "line %d makes no sense: %s", no, copy);
            return false;
        }
    }
    if (s->n_parts == 0 || scenario_tasks(s) > MAX_SCENARIO_TASKS) {
        snprintf(why->text, sizeof(why->text),
                 "a scenario has 1 to %d parts and at most %d tasks",
                 MAX_PARTS, MAX_SCENARIO_TASKS);
        return false;
    }
    return true;
}
