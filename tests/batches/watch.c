/* watch.c -- oracles of what the coordinator says:
 *
 *     attempts   attempts only go up, in all lives together
 *     order      batches are begun without gaps and committed in order; one
 *                that has counted comes again only after its coordinator died
 *     again      a batch is done again only if there was a reason
 *     after      an opaque batch is told what it follows
 *     stall      nothing times out where tasks only die, or answer FAIL
 */
#include <string.h>

#include "base/testpoint.h"
#include "batches.h"
#include "worker/loop.h"

/* Fields of what it says, as trident/program.h has them. */
enum { TXID, ATTEMPT, AFTER = 4 };

#define ULL(x) ((unsigned long long)(x))

static attempt *newest_of(uint64_t txid)
{
    for (uint32_t i = m.n; i-- > 0;)
        if (m.attempts[i]->txid == txid)
            return m.attempts[i];
    return NULL;
}

/* May this number be worked on?  The last that counted only if somebody may
 * have forgotten that it did. */
static bool in_range(uint64_t txid)
{
    return txid > m.counted ? txid <= m.counted + m.s->window
                            : txid == m.counted && m.died;
}

/* The attempt that `txid` follows; 0: that has counted. */
static uint64_t should_follow(uint64_t txid)
{
    const attempt *a = txid <= 1 ? NULL : newest_of(txid - 1);
    uint64_t first = m.counted + 1;

    if (m.count_of != NULL && m.counted > 0 && newest_of(m.counted) != NULL &&
        newest_of(m.counted) != m.count_of[m.counted])
        first = m.counted; /* it is done again */
    return txid <= first || a == NULL ? 0 : a->attempt;
}

static void saw_batch(uint64_t txid, uint64_t number, uint64_t after)
{
    const attempt *last = newest_of(txid);

    if (number <= m.last_attempt)
        wrong("attempts", "attempt %llu of batch %llu comes after %llu",
              ULL(number), ULL(txid), ULL(m.last_attempt));
    if (!in_range(txid) || txid > m.begun + 1)
        wrong("order", "batch %llu is begun when %llu have counted", ULL(txid),
              ULL(m.counted));
    if (last != NULL && !last->failed)
        wrong("again", "batch %llu is done again, and attempt %llu was well",
              ULL(txid), ULL(last->attempt));
    if (after != should_follow(txid))
        wrong("after", "batch %llu is to follow attempt %llu, not %llu",
              ULL(txid), ULL(after), ULL(should_follow(txid)));
    if (txid == m.counted)
        GI_SEEN(COUNTED_AGAIN);
    m.last_attempt = number;
    m.begun = txid > m.begun ? txid : m.begun;
    m.batches++;
    m.replays += last != NULL;
    attempt_begun(txid, number);
}

static void saw_commit(uint64_t txid, uint64_t number)
{
    attempt *a = attempt_of(number);

    if (a == NULL || a->txid != txid || a != newest_of(txid) || a->failed)
        wrong("order",
              "batch %llu is committed as attempt %llu, which is over",
              ULL(txid), ULL(number));
    else if (txid > m.counted + 1 || !in_range(txid))
        wrong("order", "batch %llu is committed when %llu have counted",
              ULL(txid), ULL(m.counted));
    else if (a->told)
        wrong("order", "attempt %llu of batch %llu is committed twice",
              ULL(number), ULL(txid));
    else
        a->told = true;
    m.commits++;
}

static void saw_success(uint64_t txid)
{
    if (txid <= m.success || txid > m.counted)
        wrong("order",
              "batch %llu is called a success after %llu, and %llu "
              "have counted",
              ULL(txid), ULL(m.success), ULL(m.counted));
    m.success = txid;
}

static void emitted(void *arg, gale_task *from, const gi_stream *stream,
                    gale_row row)
{
    uint64_t txid, number;

    (void)arg;
    if (m.off || strcmp(from->comp->id, m.coordinator) != 0)
        return;
    txid = (uint64_t)row.values[TXID].as.i;
    number = (uint64_t)row.values[ATTEMPT].as.i;
    if (strcmp(stream->name, "commit") == 0)
        saw_commit(txid, number);
    else if (strcmp(stream->name, "success") == 0)
        saw_success(txid);
    else
        saw_batch(txid, number, (uint64_t)row.values[AFTER].as.i);
}

/* A batch times out only if something of it was lost or slow: what dies, or
 * fails, is known. */
static bool is_excused(void)
{
    const gi_faults *f = gi_sim_faults(m.sim);
    uint64_t n = gi_faults_total(f);

    return n > gi_faults_count(f, GI_FAULT_KILL) +
                   gi_faults_count(f, GI_FAULT_RESTART) +
                   gi_faults_count(f, GI_FAULT_FAIL);
}

/* It and all behind it have to be done again. */
static void failed(const attempt *a)
{
    if (a == NULL || a != newest_of(a->txid) || a->failed)
        return;
    for (uint32_t i = 0; i < m.n; i++)
        if (m.attempts[i]->txid >= a->txid)
            m.attempts[i]->failed = true;
}

static void settled(void *arg, gale_task *t, uint64_t id, uint64_t root,
                    gi_why why, uint16_t comp)
{
    attempt *a = attempt_of(id / 2);

    (void)arg;
    (void)root;
    (void)comp;
    if (m.off || strcmp(t->comp->id, m.coordinator) != 0)
        return;
    if (why == GI_WHY_TIMEOUT && !is_excused())
        wrong("stall", "attempt %llu timed out, and nothing was lost",
              ULL(id / 2));
    if (why != GI_WHY_NONE) {
        failed(a);
    } else if (id % 2 == 1 && a != NULL && a->told && !a->failed &&
               a == newest_of(a->txid)) {
        model_counts(a);
        for (int i = 0; i < N_STATES; i++)
            if (m.s->has[i])
                disk_check((state_no)i, "behind a commit");
    }
}

/* Whoever comes after it knows what is on record. */
static void forgot(void *arg, gale_task *t)
{
    (void)arg;
    if (m.off || strcmp(t->comp->id, m.coordinator) != 0)
        return;
    m.died = true;
    for (uint32_t i = 0; i < m.n; i++)
        m.attempts[i]->failed = true;
}

const gi_watcher watcher = { .emitted = emitted,
                             .settled = settled,
                             .forgot = forgot };
