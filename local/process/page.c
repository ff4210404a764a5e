#include "local/process/page.h"

#include "base/mem.h"
#include "local/process/mishaps.h"
#include "worker/loop.h"

/* Latencies are those of the last one to two windows: what they were an hour
 * ago tells nobody how things are. */
enum { LOOKS = 10, WINDOW = 30 }; /* a second, ten looks; half a minute */

struct gi_page {
    gi_progress_page *page;
    gi_local *local;
    gi_progress now;
    gi_mishaps *mishaps;
    gi_msg_mishap listed[GI_MISHAPS];
    gi_hist latency, since, before, diff; /* see quantiles */
    uint64_t looks;
    uint64_t p50_ns, p99_ns;
};

gale_err gi_page_create(gi_page **out, const char *dir, uint64_t incarnation,
                        gi_local *c)
{
    uint32_t n_loops = gi_worker_n_loops(gi_local_worker(c));
    uint32_t n_comps = gi_local_plan(c)->n_comps;
    gi_page *p = gi_alloc(sizeof(*p));
    gale_err rv = GALE_ENOMEM;

    if (p == NULL)
        return rv;
    p->local = c;
    p->now = (gi_progress){ .incarnation = incarnation,
                            .n_loops = n_loops,
                            .n_tallies = n_comps };
    p->now.loops = gi_calloc(n_loops, sizeof(*p->now.loops));
    p->now.tallies = gi_calloc(n_comps, sizeof(*p->now.tallies));
    if (p->now.loops != NULL && p->now.tallies != NULL)
        rv = gi_mishaps_create(&p->mishaps, gi_local_plan(c));
    if (rv == GALE_OK)
        rv = gi_progress_create(&p->page, dir, incarnation, n_loops, n_comps);
    if (rv != GALE_OK) {
        gi_page_destroy(p);
        return rv;
    }
    *out = p;
    return GALE_OK;
}

void gi_page_destroy(gi_page *p)
{
    if (p == NULL)
        return;
    gi_progress_close(p->page);
    gi_mishaps_destroy(p->mishaps);
    gi_free(p->now.loops);
    gi_free(p->now.tallies);
    gi_free(p);
}

static void look_at_loops(gi_page *p)
{
    gi_worker *w = gi_local_worker(p->local);

    p->now.pending = 0;
    for (uint32_t i = 0; i < p->now.n_loops; i++) {
        gi_local_loop l;

        gi_local_look(p->local, i, &l);
        p->now.loops[i] =
            (gi_progress_loop){ l.turns, l.callback_since, l.thread, l.task };
        p->now.pending += atomic_load_explicit(&gi_worker_loop(w, i)->pending,
                                               memory_order_acquire);
    }
}

/* What came in since `before`. */
static void subtract(gi_hist *out, const gi_hist *now, const gi_hist *before)
{
    *out = (gi_hist){ .n = now->n - before->n, .max = now->max };
    for (unsigned i = 0; i < GI_HIST_BUCKETS; i++)
        out->count[i] = now->count[i] - before->count[i];
}

/* Until there was any, at each look: the first is waited for. */
static void look_at_latency(gi_page *p)
{
    bool due = p->looks++ % LOOKS == 0;

    if (!due && p->latency.n > 0)
        return;
    gi_worker_latency(gi_local_worker(p->local), &p->latency);
    subtract(&p->diff, &p->latency, &p->before);
    if (p->diff.n > 0) { /* else they stay what they were */
        p->p50_ns = gi_hist_quantile(&p->diff, 0.5);
        p->p99_ns = gi_hist_quantile(&p->diff, 0.99);
    }
    if (due && p->looks / LOOKS % WINDOW == 0) {
        p->before = p->since;
        p->since = p->latency;
    }
}

static void look_at_components(gi_page *p)
{
    const gi_plan *plan = gi_local_plan(p->local);

    p->now.queued = 0;
    for (uint32_t i = 0; i < p->now.n_tallies; i++) {
        gi_comp_stats s;

        gi_worker_comp_stats(gi_local_worker(p->local), i, &s);
        p->now.queued += s.queued;
        p->now.tallies[i] = (gi_msg_tally){
            .component = i,
            .emitted = s.emitted,
            .transferred = s.transferred,
            .executed = s.executed,
            .acked = s.acked,
            .failed = s.failed,
            .timed_out = s.timed_out,
            .replayed = s.replayed,
            .dead = s.dead,
            .errors = s.errors,
            .queued = s.queued,
            .busy_ns = s.busy_ns,
        };
        if (plan->comps[i].is_spout) {
            p->now.tallies[i].p50_ns = p->p50_ns;
            p->now.tallies[i].p99_ns = p->p99_ns;
        }
    }
    /* Where nothing is tracked, what waits is all that there is to wait for.
     */
    if (plan->set.ackers == 0)
        p->now.pending = gi_local_quiet(p->local) ? 0
                         : p->now.queued == 0     ? 1
                                                  : p->now.queued;
}

uint64_t gi_page_acked(const gi_page *p)
{
    const gi_plan *plan = gi_local_plan(p->local);
    uint64_t sum = 0;

    for (uint32_t i = 0; i < p->now.n_tallies; i++)
        if (plan->comps[i].is_spout)
            sum += p->now.tallies[i].acked;
    return sum;
}

void gi_page_write(gi_page *p, const gi_page_says *says)
{
    p->now.beats++;
    p->now.state = says->state;
    p->now.number = says->number;
    p->now.version = says->version;
    p->now.turn = says->turn;
    p->now.words = says->words;
    look_at_loops(p);
    look_at_latency(p);
    look_at_components(p);
    p->now.mishaps = p->listed;
    p->now.n_mishaps = gi_mishaps_list(p->mishaps, p->listed);
    gi_progress_write(p->page, &p->now);
}
