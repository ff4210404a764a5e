/* run.c -- a scenario, life by life. */
#include <string.h>

#include "batches.h"
#include "local/testing/testing.h"

#define SECOND INT64_C(1000000000)
#define MS     INT64_C(1000000)

/* With those that end by themselves, when a store cannot be read as a task
 * begins, or there is no memory for it; behind so many of them all is well. */
enum { MOST_LIVES = 40, CALM_LIFE = 12 };

/* As the coordinator's: at most so long between two attempts. */
enum { PAUSE_MOST_MS = 5000 };

static int64_t settle_ms(const scenario *s)
{
    return s->until_ms + 40 * (1000 * (int64_t)s->timeout_s + PAUSE_MOST_MS);
}

struct settings {
    char text[5][24];
    gale_setting at[7];
};

static void set(struct settings *c, uint32_t i, const char *key, uint32_t v)
{
    snprintf(c->text[i], sizeof(c->text[i]), "%u", v);
    c->at[i] = (gale_setting){ key, c->text[i] };
}

static void settings_of(struct settings *c, const scenario *s)
{
    memset(c, 0, sizeof(*c));
    set(c, 0, "topology.message.timeout.secs", s->timeout_s);
    set(c, 1, "topology.max.spout.pending", s->window);
    set(c, 2, "topology.trident.batch.emit.interval.millis", s->interval_ms);
    set(c, 3, "topology.acker.executors", s->ackers);
    set(c, 4, "topology.max.error.report.per.interval", 0);
    c->at[5] = (gale_setting){ "topology.disable.loadaware.messaging",
                               s->aware ? "false" : "true" };
}

/* Chance is another one in each life. */
static void fault_text(const scenario *s, uint32_t no, char *to, size_t len)
{
    size_t n = (size_t)snprintf(to, len, "seed=%llu,until=%ums",
                                (unsigned long long)(s->seed * 64 + no + 1),
                                s->until_ms);

    for (uint32_t i = 0; i < s->n_faults; i++)
        if (no < CALM_LIFE || strncmp(s->fault[i], "memory=", 7) != 0)
            n += (size_t)snprintf(to + n, len - n, ",%s", s->fault[i]);
}

/* -------------------------------------------------------------- a life -- */

static void step_until_over(const scenario *s, const life *l,
                            gi_sim_step *step)
{
    int64_t until = SECOND + settle_ms(s) * MS;

    if (l->power_ms > 0)
        until = SECOND + l->power_ms * MS;
    *step = GI_SIM_TURNED;
    while (m.wrong == NULL && !disk_is_dead() && *step < GI_SIM_QUIET &&
           gi_sim_now_ns(m.sim) < until) {
        *step = gi_sim_step_once(m.sim);
        if (gi_sim_now_ns(m.sim) - SECOND > s->until_ms * MS)
            disk_calm();
        if (gi_sim_stalled(m.sim) && l->power_ms == 0 &&
            until - gi_sim_now_ns(m.sim) < settle_ms(s) * MS)
            until += 1000 * MS; /* what began before goes on */
    }
}

/* A task may have to begin anew, and find that it cannot. */
static bool may_stop(void)
{
    return disk_faults(DISK_OPEN) + disk_faults(DISK_GET) +
               gi_faults_count(gi_sim_faults(m.sim), GI_FAULT_MEMORY) >
           0;
}

/* True: all is done. */
static bool judge_life(gi_sim_step step, bool last)
{
    gale_diag why = { "" };

    if (m.wrong != NULL || disk_is_dead())
        return false;
    if (step == GI_SIM_QUIET && last)
        model_check_end();
    if (step == GI_SIM_QUIET)
        return true;
    if (step == GI_SIM_STUCK)
        wrong("settles",
              "nothing falls due any more, and %llu batches have "
              "counted",
              (unsigned long long)m.counted);
    if (step == GI_SIM_STOPPED &&
        gi_worker_error(gi_sim_worker(m.sim), &why) != GALE_OK && !may_stop())
        wrong("stopped", "it stopped: %.300s", why.text);
    if (step < GI_SIM_QUIET && last)
        wrong("settles",
              "nothing goes wrong any more since long; %llu "
              "batches have counted, and %u and %u tokens",
              (unsigned long long)m.counted, m.n_counted[0], m.n_counted[1]);
    return false;
}

static void add_up(outcome *out)
{
    out->steps += gi_sim_steps(m.sim);
    out->hash = gi_mix64(out->hash ^ gi_sim_history(m.sim)->hash);
    out->virtual_ns += (uint64_t)(gi_sim_now_ns(m.sim) - SECOND);
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        out->faults[i] +=
            gi_faults_count(gi_sim_faults(m.sim), (gi_fault_kind)i);
    out->lives++;
}

/* The process of this life ends, however that came about. */
static void end_life(void)
{
    m.off = true;
    disk_power_off();
    gi_sim_close(m.sim);
}

static bool run_life(const scenario *s, const life *l, uint32_t no, bool last,
                     gi_plan *plan, const gi_fault_plan *faults, FILE *log,
                     outcome *out)
{
    const gi_sim_opts o = { .seed = s->seed * 64 + no,
                            .loops = l->loops,
                            .faults = faults,
                            .watcher = &watcher,
                            .log = log };
    gale_diag why = { "" };
    gi_sim_step step = GI_SIM_STOPPED;
    bool done;

    if (gi_sim_create(&m.sim, plan, &o) != GALE_OK) {
        wrong("stopped", "it could not be made");
        return false;
    }
    m.off = false;
    m.died = true;
    disk_power_on(l);
    if (no >= CALM_LIFE)
        disk_calm();
    if (gi_sim_open(m.sim, &why) == GALE_OK)
        step_until_over(s, l, &step);
    else if (disk_faults(DISK_OPEN) + disk_faults(DISK_GET) == 0 &&
             !disk_is_dead())
        wrong("stopped", "it did not open: %.300s", why.text);
    done = judge_life(step, last);
    add_up(out);
    end_life();
    gi_sim_destroy(m.sim);
    disk_forget();
    for (uint32_t i = 0; i < m.n; i++)
        m.attempts[i]->failed = true;
    return done;
}

/* --------------------------------------------------------------- a run -- */

/* What a life is made of. */
typedef struct made {
    gi_plan *plan;
    gi_fault_plan *faults;
} made;

static void drop_life(made *of)
{
    gi_fault_plan_destroy(of->faults);
    gi_plan_destroy(of->plan);
    gale_trident_destroy(m.t);
    m.t = NULL;
}

/* False: `why`. */
static bool make_life(made *out, const scenario *s, const life *l, uint32_t no,
                      gale_diag *why)
{
    char text[MAX_FAULTS * MAX_FAULT_TEXT + 100];
    struct settings conf;
    gi_report r;

    *out = (made){ NULL, NULL };
    settings_of(&conf, s);
    fault_text(s, no, text, sizeof(text));
    const gale_topology *t = program_make(l, why);
    if (t == NULL || gi_plan_of(&out->plan, t, conf.at, "sim", why) != GALE_OK)
        return false;
    gi_report_init(&r);
    bool fine = gi_fault_plan_parse(&out->faults, text, "faults", out->plan,
                                    &r) == GALE_OK;
    if (!fine)
        gi_report_to_diag(&r, why);
    gi_report_fini(&r);
    return fine;
}

bool scenario_makes_sense(const scenario *s, gale_diag *why)
{
    made of;

    model_begin(s);
    bool fine = make_life(&of, s, &s->lives[0], 0, why);
    drop_life(&of);
    model_end();
    return fine;
}

/* Make it and let it live; true: it came to its end by itself. */
static bool live(const scenario *s, const life *l, uint32_t no, bool last,
                 FILE *log, outcome *out)
{
    gale_diag why = { "" };
    bool done = false;
    made of;

    if (!make_life(&of, s, l, no, &why))
        wrong("scenario", "%.390s", why.text);
    else
        done = run_life(s, l, no, last, of.plan, of.faults, log, out);
    drop_life(&of);
    return done;
}

void run_scenario(const scenario *s, FILE *log, outcome *out)
{
    uint32_t i = 0;
    bool done = false;

    memset(out, 0, sizeof(*out));
    out->seed = s->seed;
    out->cell = (uint32_t)s->spout * 3 + (uint32_t)s->state;
    model_begin(s);
    disk_begin(s);
    for (uint32_t no = 0; m.wrong == NULL && !(done && i == s->n_lives);
         no++) {
        bool last = i + 1 >= s->n_lives;

        if (no == MOST_LIVES) {
            wrong("settles", "it stopped by itself again and again");
            break;
        }
        if (log != NULL)
            fprintf(log, "life %u\n", no);
        done =
            live(s, &s->lives[last ? s->n_lives - 1 : i], no, last, log, out);
        i += !last || done;
    }
    if (m.wrong != NULL) {
        snprintf(out->wrong, sizeof(out->wrong), "%s", m.wrong);
        snprintf(out->words, sizeof(out->words), "%s", m.words);
    }
    out->batches = m.batches;
    out->commits = m.commits;
    out->replays = m.replays;
    out->miscounted = m.miscounted;
    out->hash = gi_mix64(out->hash ^ disk_hash());
    for (int k = 0; k < N_DISK; k++)
        out->disk[k] = disk_faults(k);
    disk_end();
    model_end();
}
