/* gen.c -- topologies and settings; gen_faults.c has what goes wrong.
 *
 * Swarm: each seed turns each feature on or off, and then draws how strongly,
 * so that rare combinations are as likely as common ones.
 */
#include "local/faults/plan.h"

#include "gen_inside.h"

const char *const gen_topologies[] = { "random", "chain", "diamond", "fanout",
                                       "join",   "cycle", "all",     NULL };

uint64_t draw(gi_rng *r, uint64_t from, uint64_t to)
{
    return from + gi_rng_below(r, to - from + 1);
}

bool once_in(gi_rng *r, uint64_t n)
{
    return gi_rng_below(r, n) == 0;
}

/* Small ones as likely as ones ten times as large. */
uint64_t draw_log(gi_rng *r, uint64_t from, uint64_t to)
{
    uint64_t doubles = 0;

    while (from << (doubles + 1) <= to)
        doubles++;
    uint64_t low = from << gi_rng_below(r, doubles + 1);
    uint64_t high = low * 2 - 1 < to ? low * 2 - 1 : to;
    return draw(r, low, high);
}

/* ----------------------------------------------------------- groupings -- */

static gale_grouping draw_grouping(gi_rng *r)
{
    static const gale_grouping ways[] = {
        GALE_GROUP_SHUFFLE, GALE_GROUP_SHUFFLE,     GALE_GROUP_FIELDS,
        GALE_GROUP_FIELDS,  GALE_GROUP_PARTIAL_KEY, GALE_GROUP_ALL,
        GALE_GROUP_GLOBAL,  GALE_GROUP_LOCAL,       GALE_GROUP_NONE,
        GALE_GROUP_CUSTOM,
    };

    return ways[gi_rng_below(r, sizeof(ways) / sizeof(ways[0]))];
}

static bool reads(const part *p, uint32_t from, uint32_t stream)
{
    for (uint32_t i = 0; i < p->n_inputs; i++)
        if (p->in[i].from == from && p->in[i].stream == stream)
            return true;
    return false;
}

static void read_from(part *p, uint32_t from, uint32_t stream,
                      gale_grouping how)
{
    if (p->n_inputs == MAX_INPUTS || reads(p, from, stream))
        return;
    if (stream == STREAM_NAMED)
        how = GALE_GROUP_DIRECT;
    p->in[p->n_inputs++] = (part_input){ from, stream, how };
}

static uint32_t draw_stream(gi_rng *r)
{
    uint64_t n = gi_rng_below(r, 10);

    return n < 7 ? STREAM_MAIN : n < 9 ? STREAM_SIDE : STREAM_NAMED;
}

/* --------------------------------------------------------------- parts -- */

static part *add(scenario *s, bool spout)
{
    part *p = &s->parts[s->n_parts];

    part_plain(p, spout, s->n_parts++);
    return p;
}

static part *add_spout(scenario *s, gi_rng *r)
{
    part *p = add(s, true);

    p->tasks = draw(r, 1, 2);
    p->replays = once_in(r, 3);
    p->blocking = once_in(r, 10);
    p->untracked = once_in(r, 5) ? draw_log(r, 5, 200) : 0;
    p->burst = draw_log(r, 1, 64);
    p->pause = once_in(r, 3) ? 0 : draw_log(r, 1, 400);
    return p;
}

static part *add_bolt(scenario *s, gi_rng *r)
{
    part *p = add(s, false);

    p->tasks = draw(r, 1, 5);
    p->executors = once_in(r, 3) ? draw(r, 1, p->tasks) : 0;
    p->blocking = once_in(r, 10);
    p->fan = draw(r, 1, 4);
    p->fail = once_in(r, 3) ? draw_log(r, 1, 40) : 0;
    p->hold = once_in(r, 4) ? draw_log(r, 10, 500) : 0;
    p->forget = once_in(r, 6) ? draw_log(r, 1, 10) : 0;
    p->touch = once_in(r, 4) ? draw_log(r, 10, 500) : 0;
    p->loose = once_in(r, 4) ? draw_log(r, 10, 200) : 0;
    p->tick = once_in(r, 2) ? draw_log(r, 5, 500) : 0;
    p->kind = once_in(r, 5) ? PART_JOIN : PART_PLAIN;
    return p;
}

/* Each draw has a line of its own: in what order a call's arguments are
 * worked out is up to the compiler. */
static void draw_input(gi_rng *r, part *p, uint32_t from)
{
    uint32_t stream = draw_stream(r);
    gale_grouping how = draw_grouping(r);

    read_from(p, from, stream, how);
}

static void draw_inputs(gi_rng *r, part *p)
{
    uint64_t n = draw(r, 1, 2);

    n += once_in(r, 4);

    for (uint64_t i = 0; i < n; i++)
        draw_input(r, p, (uint32_t)gi_rng_below(r, p->no));
}

/* A bolt for all dead letters. */
static void add_grave(scenario *s, gi_rng *r)
{
    uint32_t n = s->n_parts;
    part *p = add(s, false);

    p->kind = PART_GRAVE;
    p->tasks = draw(r, 1, 2);
    for (uint32_t i = 0; i < n; i++)
        if (s->parts[i].spout)
            read_from(p, s->parts[i].no, STREAM_DEAD, GALE_GROUP_SHUFFLE);
}

/* -------------------------------------------------------------- shapes -- */

/* A way back, from a later bolt to an earlier one or to itself. */
static void draw_back(scenario *s, gi_rng *r)
{
    uint32_t first = 0;

    while (s->parts[first].spout)
        first++;
    uint32_t to = (uint32_t)draw(r, first, s->n_parts - 1);
    uint32_t from = (uint32_t)draw(r, to, s->n_parts - 1);
    if (s->parts[to].kind != PART_GRAVE && s->parts[from].kind != PART_GRAVE)
        draw_input(r, &s->parts[to], from);
}

static void draw_random(scenario *s, gi_rng *r)
{
    uint64_t spouts = draw(r, 1, 3), bolts = draw(r, 1, 8);

    while (spouts-- > 0)
        add_spout(s, r);
    while (bolts-- > 0)
        draw_inputs(r, add_bolt(s, r));
    if (once_in(r, 4))
        draw_back(s, r);
}

/* The first part is a spout; each bolt reads what its letter says: '0' is the
 * part of that number. */
static void draw_shape(scenario *s, gi_rng *r, const char *const *reads_of)
{
    add_spout(s, r);
    for (; *reads_of != NULL; reads_of++) {
        part *p = add_bolt(s, r);

        p->kind = PART_PLAIN;
        for (const char *from = *reads_of; *from != '\0'; from++)
            read_from(p, (uint32_t)(*from - '0'), STREAM_MAIN,
                      draw_grouping(r));
    }
}

static void draw_named(scenario *s, gi_rng *r, const char *name)
{
    static const char *const chain[] = { "0", "1", "2", NULL };
    static const char *const diamond[] = { "0", "0", "12", NULL };
    static const char *const fanout[] = { "0", "1", "1", "1", NULL };
    static const char *const join[] = { "0", "0", "12", "3", NULL };
    static const char *const cycle[] = { "02", "1", "2", NULL };
    static const char *const all[] = { "0", "1", NULL };
    static const struct {
        const char *name;
        const char *const *reads_of;
    } shapes[] = { { "chain", chain },   { "diamond", diamond },
                   { "fanout", fanout }, { "join", join },
                   { "cycle", cycle },   { "all", all } };

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        if (strcmp(name, shapes[i].name) == 0)
            draw_shape(s, r, shapes[i].reads_of);
    for (uint32_t i = 1; i < s->n_parts; i++) {
        if (strcmp(name, "all") == 0)
            s->parts[i].in[0].how = GALE_GROUP_ALL;
        if (strcmp(name, "fanout") == 0 && i == 1)
            s->parts[i].fan = 8;
        if (strcmp(name, "join") == 0 && i == 3)
            s->parts[i].kind = PART_JOIN;
    }
}

/* ------------------------------------------------------------ settings -- */

static void draw_settings(scenario *s, gi_rng *r, const gen_opts *o)
{
    s->roots = o->roots != 0 ? o->roots : draw_log(r, 40, 400);
    s->size = draw_log(r, 2, 40);
    s->pad = once_in(r, 3) ? draw_log(r, 8, 1500) : 0;
    s->loops = draw(r, 1, 4);
    s->timeout = draw_log(r, 1000, 20000);
    s->pending = draw_log(r, 1, 200);
    /* Few at a time take ages for many, and show no more. */
    if (o->roots == 0 && s->roots > 30 * s->pending)
        s->roots = 30 * s->pending;
    if (s->roots > 30 * s->pending)
        s->pending = s->roots / 30;
    s->batch = once_in(r, 3) ? 32768 : 1024 << gi_rng_below(r, 3);
    s->credit = draw(r, 1, 4);
    s->ackers = draw(r, 1, 4);
    if (s->ackers == 4)
        s->ackers = once_in(r, 3) ? 0 : 99;
    s->limit = once_in(r, 4) ? draw(r, 1, 3) : 0;
    s->backoff = draw_log(r, 1, 200);
    s->backoff_max = s->backoff * draw(r, 1, 20);
    s->drain = once_in(r, 4) ? draw_log(r, 1, s->timeout) : 0;
    s->cycle_kib = once_in(r, 2) ? 64 : 1024;
    if (s->limit > 0 && once_in(r, 2))
        add_grave(s, r);
}

/* Much at once: rings, cycles and pools run full. */
static void draw_flood(scenario *s, gi_rng *r, const gen_opts *o)
{
    if (o->roots == 0)
        s->roots = draw_log(r, 200, 1500);
    s->size = draw_log(r, 20, 60000 / s->roots + 20);
    s->pending = 4000;
    s->batch = 1024;
    s->credit = once_in(r, 2) ? 64 : 16;
    s->pad = draw_log(r, 8, 1000);
    for (uint32_t i = 0; i < s->n_parts; i++) {
        s->parts[i].fan = s->parts[i].spout ? 1 : draw(r, 2, 8);
        s->parts[i].pause = 0;
    }
    if (once_in(r, 2))
        draw_back(s, r);
    s->cycle_kib = 64;
}

static void limit_tasks(scenario *s)
{
    for (uint32_t i = 0; scenario_tasks(s) > MAX_SCENARIO_TASKS; i++) {
        part *p = &s->parts[i % s->n_parts];

        p->tasks -= p->tasks > 1;
        if (p->executors > p->tasks)
            p->executors = p->tasks;
    }
}

/* By a chance of its own: what a seed meant before there was this it means
 * still, but for this. */
static void draw_together(scenario *s)
{
    gi_rng r = { gi_mix64(s->seed * 2) };

    for (uint32_t i = 0; i < s->n_parts; i++)
        if (!s->parts[i].spout)
            s->parts[i].together = once_in(&r, 3);
}

static bool is_of_links(const char *fault)
{
    static const char *const kinds[] = { "drop=", "duplicate=", "reorder=",
                                         "delay=", "late=" };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strncmp(fault, kinds[i], strlen(kinds[i])) == 0)
            return strstr(fault, GI_ACKER) == NULL;
    return false;
}

/* The same: in half of the seeds none is, else half of them or all.  Nobody is
 * called where tuples may be lost on their way, so then they may be safe; and
 * all may be on one loop, where calls are nested. */
static void draw_fused(scenario *s)
{
    gi_rng r = { gi_mix64(~s->seed) };
    bool some = once_in(&r, 2), all = once_in(&r, 2);

    for (uint32_t i = s->n_faults; i-- > 0 && some && all;)
        if (is_of_links(s->fault[i]))
            scenario_drop_fault(s, i);
    if (some && all && once_in(&r, 2))
        s->loops = 1;
    for (uint32_t i = 0; i < s->n_parts && some; i++)
        if (!s->parts[i].spout && !s->parts[i].blocking)
            s->parts[i].fused = all || once_in(&r, 2);
}

void generate(scenario *s, uint64_t seed, const gen_opts *o)
{
    gi_rng r = { gi_mix64(seed * 2 + 1) };

    scenario_plain(s);
    s->seed = seed;
    if (o->topology == NULL || strcmp(o->topology, "random") == 0)
        draw_random(s, &r);
    else
        draw_named(s, &r, o->topology);
    draw_settings(s, &r, o);
    s->live = o->mode == MODE_BOTH ? once_in(&r, 2) : o->mode == MODE_LIVENESS;
    if (once_in(&r, 12))
        draw_flood(s, &r, o);
    limit_tasks(s);
    if (s->live) /* a cycle that is too small for one tree never settles */
        s->cycle_kib = 16384;
    s->fault_seed = draw(&r, 1, 1000000);
    draw_faults(s, &r);
    /* Last, so that all else of a seed is what it was before there was this.
     * Not always: what stays on its loop meets fewer others. */
    s->aware = once_in(&r, 2);
    draw_together(s);
    draw_fused(s);
}
