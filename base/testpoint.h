/* testpoint.h -- two questions that only the simulator asks of this code.
 *
 * GI_SEEN(NAME) counts that a rare state was reached: a simulator that never
 * gets there proves nothing about it.  GI_BUG(NAME) is true if the simulator
 * asked for this deliberate mistake: it has to find each of them, or it would
 * not find ours.
 *
 * Both are there only in code compiled with GI_TESTPOINTS (gale-sim's own copy
 * of the runtime); elsewhere the one is nothing and the other is 0.
 */
#ifndef GI_BASE_TESTPOINT_H
#define GI_BASE_TESTPOINT_H

#include <stdint.h>

/* X(NAME, what a run with it does wrong) */
#define GI_BUGS(X)                                                         \
    X(INIT_TWICE, "a tree's first update is told twice")                   \
    X(EQUAL_IDS, "all loops count their edge ids from the same number")    \
    X(LINEAR_IDS, "edge ids are plain counters, which cancel")             \
    X(SPLIT_ACK, "an edge and the edges made of it leave in two updates")  \
    X(SAME_ROOT, "a replay keeps the root id of the attempt that failed")  \
    X(LEDGER_GENERATION, "the ledger does not look at generations")        \
    X(SPOUT_GENERATION, "the spout does not look at generations")          \
    X(NO_DEDUPLICATION, "notes that arrive twice are taken twice")         \
    X(UNHEARD_DONE, "a tree is done before its spout was heard")           \
    X(LOST_FLUSH, "a batch without credit is lost at the end of a turn")   \
    X(LOST_FOLD, "an update that leaves the fold for another is lost")     \
    X(BACKLOG_OVERTAKEN, "batches overtake those that wait for the ring")  \
    X(CREDIT_IGNORED, "batches are sent whatever the credit")              \
    X(CREDIT_LOST, "now and then a batch that comes back is not counted")  \
    X(HORIZON_IGNORED, "trees expire although they merely wait")           \
    X(EARLY_EXPIRY, "trees expire at half the timeout")                    \
    X(NEVER_EXPIRES, "a tree that somebody failed to answer stays open")   \
    X(HELD_EDGES, "edges emitted under a hold are left out of its answer") \
    X(HELD_LOST, "a task that dies forgets what it holds without a word")  \
    X(QUEUE_LOST, "a task that dies forgets its queue without a word")     \
    X(ACKER_LOST, "nobody hears that an acker lost its ledgers")           \
    X(DRAIN_DROPS, "replays that wait are dropped when spouts must stop")  \
    X(DEAD_SILENT, "a tuple that is given up goes nowhere")                \
    X(SLOT_EARLY, "a spout's slot is free before its tree is answered")

/* X(NAME, the rare state) */
#define GI_STATES(X)                                                         \
    X(ACK_BEFORE_INIT, "news of a bolt overtook the spout's")                \
    X(FAIL_BEFORE_INIT, "a tree failed before its spout was heard")          \
    X(INIT_AFTER_END, "a spout was heard after its tree was over")           \
    X(ACK_AFTER_END, "an update came for a tree that was over")              \
    X(OLD_GENERATION, "an update came for an earlier use of the slot")       \
    X(SLOT_TAKEN_OVER, "a later tree took over an entry that was open")      \
    X(UNHEARD_EXPIRED, "a tree timed out whose spout was never heard")       \
    X(HORIZON_HELD, "an overdue tree was kept since its like still waited")  \
    X(ANSWER_STALE, "a spout was told about a tree it had forgotten")        \
    X(ASKED_IN_VAIN, "a spout asked for a tree that its acker did not know") \
    X(DUPLICATE_SEEN, "notes that came twice were taken once")               \
    X(FOLD_EVICTED, "an update left the fold for another")                   \
    X(RING_FULL, "a ring had no room")                                       \
    X(CREDIT_GONE, "a full batch waited for credit")                         \
    X(OPEN_KEPT, "an open batch was kept for want of credit")                \
    X(OLDER_THAN_OPEN, "a tuple was older than the batch it joined")         \
    X(EPOCH_STANDS, "the epoch stood still")                                 \
    X(CYCLE_FULL, "a cycle overflowed")                                      \
    X(HOLD_SHIELDED, "a held tuple was shielded while its task was blocked") \
    X(HOLD_TOUCHED, "a held tuple was answered in a later epoch")            \
    X(HOLD_DIED, "a task died with tuples in its hands")                     \
    X(QUEUE_DIED, "a task died with tuples in its queue")                    \
    X(SPOUT_DIED, "a spout died with trees in flight")                       \
    X(ACKER_DIED, "an acker died with trees open")                           \
    X(REPLAY_WAITED, "a replay waited for room")                             \
    X(REPLAY_FAILED, "a replay failed as well")                              \
    X(DEAD_LETTER, "a tuple was given up")                                   \
    X(EMIT_NO_MEMORY, "an emit found no memory")

#ifdef GI_TESTPOINTS

enum {
    GI_BUG_NONE,
#define X(name, text) GI_BUG_##name,
    GI_BUGS(X)
#undef X
        GI_N_BUGS
};
enum {
#define X(name, text) GI_STATE_##name,
    GI_STATES(X)
#undef X
        GI_N_STATES
};

/* The simulator's, which has one thread. */
extern uint32_t gi_bug_chosen;
extern uint64_t gi_states_seen[GI_N_STATES];

#define GI_BUG(name)  (gi_bug_chosen == GI_BUG_##name)
#define GI_SEEN(name) ((void)gi_states_seen[GI_STATE_##name]++)

#else

#define GI_BUG(name)  0
#define GI_SEEN(name) ((void)0)

#endif
#endif
