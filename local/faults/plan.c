#include "local/faults/plan.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/scalar.h"
#include "local/faults/read.h"

static const char setting[] = "topology.faults";

/* ------------------------------------------------ the parts of a fault -- */

/* What an entry says: WHERE, CHANCE and TIME are told apart by their form. */
typedef struct parts {
    char *where, *chance, *time, *when;
} parts;

static void note_part(gi_fault_reader *rd, const gi_fault_rule *rule, parts *p,
                      char *s, bool first)
{
    char **to = gi_fault_is_number(s) ? &p->chance
                : gi_fault_is_time(s) ? &p->time
                : first               ? &p->where
                                      : NULL;

    if (to == &p->chance && *to != NULL && rule->time != GI_FAULT_NOT)
        to = &p->time; /* which lacks its unit */

    if (*s == '\0')
        gi_fault_wrong(rd, NULL, "something is missing at a ':'");
    else if (to == NULL)
        gi_fault_wrong(rd, NULL,
                       "'%.80s' is neither a chance (0.01, 1%%) nor a time "
                       "(20ms)",
                       s);
    else if (*to != NULL)
        gi_fault_wrong(rd, NULL, "'%.40s' and '%.40s' are two of the same",
                       *to, s);
    else
        *to = s;
}

static parts split(gi_fault_reader *rd, const gi_fault_rule *rule, char *s)
{
    parts p = { 0 };
    char *at = gi_fault_find(s, "@"), *end;

    if (*at == '@') {
        *at = '\0';
        p.when = gi_fault_trim(at + 1);
    }
    s = gi_fault_trim(s);
    for (bool first = true, more = *s != '\0'; more; first = false) {
        end = gi_fault_find(s, ":");
        more = *end == ':';
        *end = '\0';
        note_part(rd, rule, &p, gi_fault_trim(s), first);
        s = end + 1;
    }
    return p;
}

/* A number that stands for a time, and lacks its unit. */
static bool is_meant_as_time(const gi_fault_rule *rule, const parts *p)
{
    return p->chance != NULL && p->time == NULL &&
           rule->time != GI_FAULT_NOT && strchr(p->chance, '%') == NULL &&
           (rule->chance == GI_FAULT_NOT || rule->chance == GI_FAULT_MAY ||
            (rule->chance == GI_FAULT_EITHER && p->when != NULL));
}

/* "kill=count:3s" */
static bool is_meant_as_moment(const gi_fault_rule *rule, const parts *p)
{
    return p->time != NULL && p->when == NULL && p->chance == NULL &&
           rule->time == GI_FAULT_NOT && rule->when != GI_FAULT_NOT;
}

/* Is there what must be, and nothing else? */
static void judge(gi_fault_reader *rd, const gi_fault_rule *rule,
                  const parts *p)
{
    if (p->chance != NULL && rule->chance == GI_FAULT_NOT)
        gi_fault_wrong(rd, NULL, "%s has no chance", rd->kind);
    if (p->chance == NULL && rule->chance == GI_FAULT_MUST)
        gi_fault_wrong(rd, NULL, "the chance is missing");
    if (p->time != NULL && rule->time == GI_FAULT_NOT)
        gi_fault_wrong(rd, NULL, "%s takes no time", rd->kind);
    if (p->time == NULL && rule->time == GI_FAULT_MUST)
        gi_fault_wrong(rd, NULL, "the time is missing");
    if (p->when != NULL && rule->when == GI_FAULT_NOT)
        gi_fault_wrong(rd, NULL, "%s happens by chance, not at a moment",
                       rd->kind);
    if (p->when == NULL && rule->when == GI_FAULT_MUST)
        gi_fault_wrong(rd, NULL, "the moment is missing, as in @3s%s",
                       rule->timed ? "" : " or @1000");
    if (rule->when != GI_FAULT_EITHER)
        return;
    if (p->chance == NULL && p->when == NULL)
        gi_fault_wrong(rd, NULL, "neither a chance nor a moment is said");
    if (p->chance != NULL && p->when != NULL)
        gi_fault_wrong(rd, NULL, "by chance or at a moment, not both");
}

static void read_parts(gi_fault_reader *rd, parts *p, gi_fault *f)
{
    const gi_fault_rule *rule = gi_fault_rule_of(f->kind);
    char near[48];

    if (is_meant_as_time(rule, p)) {
        p->time = p->chance;
        p->chance = NULL;
    }
    if (is_meant_as_moment(rule, p)) {
        snprintf(near, sizeof(near), "@%.40s", p->time);
        gi_fault_wrong(rd, near, "the moment stands behind an '@'");
        p->when = p->time;
        p->time = NULL;
    }
    judge(rd, rule, p);
    if (p->where != NULL)
        gi_fault_read_where(rd, p->where, f);
    if (p->chance != NULL)
        gi_fault_read_chance(rd, p->chance, &f->chance);
    if (p->time != NULL)
        gi_fault_read_time(rd, p->time, rule->either_way, &f->ns);
    if (p->when != NULL)
        gi_fault_read_when(rd, p->when, rule->timed, f);
    /* Nobody counts what an acker is given. */
    if (f->acks && rule->where == GI_FAULT_OF_TASK &&
        (p->chance != NULL || f->when == GI_FAULT_AT_COUNT))
        gi_fault_wrong(rd, "__acker@3s",
                       "ackers die at a time, not by chance or count");
}

/* --------------------------------------------------------- the entries -- */

typedef struct building {
    gi_fault_reader rd;
    gi_fault_plan *plan;
    bool until;
} building;

enum { SEED = GI_N_FAULT_KINDS, UNTIL, N_WORDS };

static const char *const words[] = {
#define X(kind, name, done) name,
    GI_FAULT_KINDS(X)
#undef X
        "seed",
    "until",
};

static void read_seed(building *b, const char *value)
{
    gi_fault_reader *rd = &b->rd;

    rd->form = "NUMBER";
    if (b->plan->seeded)
        gi_fault_wrong(rd, NULL, "there is a seed already");
    else if (!gi_scalar_u64(value, &b->plan->seed))
        gi_fault_wrong(rd, NULL,
                       "'%.80s' is no number of at most 64 bits, as 7 or "
                       "0x2a is",
                       value);
    b->plan->seeded = true;
}

static void read_until(building *b, const char *value)
{
    b->rd.form = "TIME";
    if (b->until)
        gi_fault_wrong(&b->rd, NULL, "there is an end already");
    else
        gi_fault_read_time(&b->rd, value, false, &b->plan->until_ns);
    b->until = true;
}

static void read_fault(building *b, gi_fault_kind kind, char *value)
{
    gi_fault *f = &b->plan->at[b->plan->n++];

    *f = (gi_fault){ .kind = kind,
                     .from = GI_FAULT_ANY,
                     .comp = GI_FAULT_ANY,
                     .task = GI_FAULT_ANY,
                     .chance = UINT64_MAX };
    b->rd.form = gi_fault_form(kind);
    parts p = split(&b->rd, gi_fault_rule_of(kind), value);
    read_parts(&b->rd, &p, f);
}

/* What is shown of an entry: the whole of it, unless it is absurd. */
static void show(gi_fault_reader *rd, const char *s)
{
    enum { MOST = 200 };
    size_t n = strlen(s);

    snprintf(rd->entry, sizeof(rd->entry), "%.*s%s", MOST, s,
             n > MOST ? "..." : "");
    gi_fault_harmless(rd->entry);
}

/* What somebody meant who wrote DROP=1%, 'drop 1%' or drop:1%. */
static const char *meant(const char *s, char *room, size_t size)
{
    static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
    size_t n = 0;

    for (; s[n] != '\0' && n + 1 < size; n++)
        room[n] = s[n] >= 'A' && s[n] <= 'Z' ? lower[s[n] - 'A'] : s[n];
    room[n] = '\0';
    const char *near = gi_nearest(room, words, N_WORDS);
    n = strspn(room, lower);
    if (near != NULL || s[n] == '\0' || strchr(" :", s[n]) == NULL)
        return near;
    for (int i = 0; i < N_WORDS; i++)
        if (strlen(words[i]) == n && memcmp(words[i], room, n) == 0) {
            snprintf(room, size, "%s=%.100s", words[i],
                     s + n + strspn(s + n, " :"));
            return room;
        }
    return NULL;
}

static void unknown_kind(gi_fault_reader *rd, const char *s)
{
    char room[128];
    const char *near = meant(s, room, sizeof(room));
    char all[256] = "";
    size_t n = 0;

    for (int i = 0; i < N_WORDS && near == NULL; i++)
        n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s",
                              i == 0 ? "; there are " : ", ", words[i]);
    gi_fault_wrong(rd, near, "there is no fault '%.80s'%s", s, all);
}

static void read_entry(building *b, char *s)
{
    char *equals = strchr(s, '=');
    int word = 0;

    show(&b->rd, s);
    b->rd.kind = b->rd.form = NULL;
    if (equals != NULL)
        *equals = '\0';
    s = gi_fault_trim(s);
    while (word < N_WORDS && strcmp(s, words[word]) != 0)
        word++;
    if (word == N_WORDS) {
        unknown_kind(&b->rd, s);
        return;
    }
    b->rd.kind = words[word];
    char *value = equals == NULL ? s + strlen(s) : gi_fault_trim(equals + 1);
    if (*gi_fault_find(value, ";") == ';')
        gi_fault_wrong(&b->rd, NULL, "a comma parts entries, not ';'");
    else if (word == SEED)
        read_seed(b, value);
    else if (word == UNTIL)
        read_until(b, value);
    else
        read_fault(b, (gi_fault_kind)word, value);
}

static void read_all(building *b, char *text)
{
    size_t n = 0;

    for (bool more = true; more;) {
        char *end = gi_fault_find(text, ",\n");

        more = *end != '\0';
        *end = '\0';
        char *entry = gi_fault_trim(text);
        text = end + 1;
        if (*entry == '\0')
            continue;
        if (n++ == GI_FAULTS_MOST) {
            gi_report_add(b->rd.r, "%s: there are more than %d entries",
                          b->rd.from, GI_FAULTS_MOST);
            b->rd.wrong = true;
            return;
        }
        read_entry(b, entry);
    }
}

/* --------------------------------------------------------------- whole -- */

static gi_fault_plan *new_plan(void)
{
    gi_fault_plan *f = gi_alloc(sizeof(*f));

    if (f == NULL)
        return NULL;
    *f = (gi_fault_plan){ .seed = 1, .until_ns = INT64_MAX };
    f->at = gi_calloc(GI_FAULTS_MOST, sizeof(*f->at));
    if (f->at != NULL)
        return f;
    gi_free(f);
    return NULL;
}

gale_err gi_fault_plan_parse(gi_fault_plan **out, const char *text,
                             const char *from, const gi_plan *plan,
                             gi_report *r)
{
    building b = { .rd = { .plan = plan, .r = r, .from = from } };

    if (strlen(text) > GI_FAULTS_TEXT_MOST) {
        gi_report_add(r, "%s: a plan of faults is at most %d bytes long", from,
                      GI_FAULTS_TEXT_MOST);
        return GALE_ECONF;
    }
    char *copy = gi_strdup(text);
    b.plan = copy == NULL ? NULL : new_plan();
    if (b.plan == NULL) {
        gi_free(copy);
        return GALE_ENOMEM;
    }
    read_all(&b, copy);
    gi_free(copy);
    if (b.rd.wrong) {
        gi_fault_plan_destroy(b.plan);
        return GALE_ECONF;
    }
    *out = b.plan;
    return GALE_OK;
}

void gi_fault_plan_destroy(gi_fault_plan *f)
{
    if (f == NULL)
        return;
    gi_free(f->at);
    gi_free(f);
}

/* An option's name says enough; else the setting is named, too. */
gale_err gi_fault_plan_ask(gi_fault_plan **out, const gi_plan *plan,
                           gi_report *r)
{
    const char *from = gi_conf_from(plan->conf, setting);
    char *text = NULL, where[512];
    gale_err rv = gi_conf_text(plan->conf, setting, &text);

    if (rv != GALE_OK || text == NULL || *text == '\0') {
        gi_free(text);
        if (rv == GALE_OK)
            *out = NULL;
        return rv;
    }
    if (from[0] == '-')
        snprintf(where, sizeof(where), "%s", from);
    else
        snprintf(where, sizeof(where), "%s (%.400s)", setting, from);
    rv = gi_fault_plan_parse(out, text, where, plan, r);
    gi_free(text);
    return rv;
}

gale_err gi_fault_plan_of(gi_fault_plan **out, const gi_plan *plan,
                          gale_diag *why)
{
    gi_report r = { 0 };
    gale_err rv = gi_fault_plan_ask(out, plan, &r);

    if (rv == GALE_ECONF)
        gi_report_to_diag(&r, why);
    gi_report_fini(&r);
    return rv;
}
