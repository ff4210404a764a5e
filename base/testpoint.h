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
    X(SLOT_EARLY, "a spout's slot is free before its tree is answered")    \
    X(BORN_KEPT, "edges made of one of several tuples count for the next") \
    X(LONE_KEPT, "the first of several children takes its parent's edge")  \
    X(UNTOLD_ASKED, "a spout asks for trees whose tuples merely wait")     \
    X(HOME_EARLY, "a batch takes home that a tree is done that has grown") \
    X(HASH_KEPT, "a tuple without a key hands over what lay in its place") \
    X(CALL_OVERTAKES, "a reader is called though batches wait for it")     \
    X(CALL_FORGETS, "what comes of a tuple by a call is forgotten")

/* The same of batches, for trident-sim. */
#define GI_BATCH_BUGS(X)                                                      \
    X(COMMIT_ORDER, "a batch is committed before its turn")                   \
    X(STALE_FAILS, "news of an attempt that is over fails the one under way") \
    X(LATER_STAY, "batches behind one that failed are not done again")        \
    X(ATTEMPTS_ANEW, "attempts are counted from 1 after a restart")           \
    X(PLAN_LATE, "a plan is acted upon before it is on record")               \
    X(COUNT_LATE, "a batch is committed before it is on record that the one " \
                  "before it counted")                                        \
    X(COMMIT_EMPTY,                                                           \
      "what a task has lost is committed as if it were nothing")              \
    X(SUM_IGNORED, "reports say how many rows there were, not which")         \
    X(REPORT_TWICE, "a report that comes twice counts twice")                 \
    X(REPORT_EARLY, "a part is done while one report is missing")             \
    X(AFTER_IGNORED, "an opaque batch does not wait for the one before it")   \
    X(FROM_UPTO, "an opaque batch that comes again begins where it ended")    \
    X(COMMIT_FORGOTTEN, "a source that died does not know what it committed") \
    X(NO_FENCE, "a transactional state forgets which batch it has seen")      \
    X(NO_UNDO, "an opaque state does not undo an earlier attempt")            \
    X(UNDO_TOUCHED, "of an earlier attempt only keys that come again are "    \
                    "undone")                                                 \
    X(HALF_WRITES, "a batch is written to its store in two writes")

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
    X(ASKING_WAITED, "a spout did not ask, since its tuple may still wait")  \
    X(DUPLICATE_SEEN, "notes that came twice were taken once")               \
    X(ANSWERS_HOME, "a batch took answers home")                             \
    X(ANSWERS_LEFT, "a batch was left unfinished, its answers were not")     \
    X(FOLD_EVICTED, "an update left the fold for another")                   \
    X(RING_FULL, "a ring had no room")                                       \
    X(CREDIT_GONE, "a full batch waited for credit")                         \
    X(OPEN_KEPT, "an open batch was kept for want of credit")                \
    X(WENT_ELSEWHERE, "a tuple went to another task for want of credit")     \
    X(STAYED_HOME, "a shuffle kept to the readers on its own loop")          \
    X(HOME_TOO_BUSY, "shuffles reached all loops again, for one was busy")   \
    X(OLDER_THAN_OPEN, "a tuple was older than the batch it joined")         \
    X(EPOCH_STANDS, "the epoch stood still")                                 \
    X(CYCLE_FULL, "a cycle overflowed")                                      \
    X(TOGETHER, "a bolt was handed several tuples at once")                  \
    X(CALLED, "a reader was called from within an emit")                     \
    X(CALLED_DEEPER, "a reader that was called had its own reader called")   \
    X(CALL_WAITED,                                                           \
      "a reader was not called, since batches were on their way")            \
    X(CALL_HELD, "a tuple was held that came by a call")                     \
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

#define GI_BATCH_STATES(X)                                                  \
    X(STALE_NEWS, "a coordinator heard of an attempt that was over")        \
    X(COUNTED_AGAIN, "a batch that had counted was begun again")            \
    X(PLANS_RECALLED, "a coordinator found plans of batches under way")     \
    X(NOT_HERE, "a commit came for what a task had lost")                   \
    X(COMMIT_TWICE, "a commit came twice")                                  \
    X(BATCH_TWICE, "a batch was begun twice in a source")                   \
    X(ROWS_SPOILT, "rows and their report did not agree")                   \
    X(ROW_LATE, "a row came behind its report")                             \
    X(ROW_STALE, "a row came of an attempt that was over")                  \
    X(REPORTED_TWICE, "a report came twice")                                \
    X(RECORD_REPLACED, "a later attempt took the place of an earlier one")  \
    X(RECORD_PASSED, "the floor passed a record that was open")             \
    X(AFTER_MISSING, "an opaque batch waited for the one before it")        \
    X(AFTER_UNDER_WAY, "an opaque batch began where one under way ended")   \
    X(FROM_AGAIN, "a partition began again where its last batch began")     \
    X(LATE_COMMIT, "rows came while a batch was committed")                 \
    X(UNDONE, "an opaque state undid an earlier attempt")                   \
    X(UNDONE_ALONE, "a key was undone that the next attempt did not touch") \
    X(SKIPPED, "a transactional state had seen a batch already")            \
    X(WRITE_FAILED, "a write to a store failed")                            \
    X(MAP_OPENED_ANEW, "a map was opened anew after an error")

#ifdef GI_TESTPOINTS

enum {
    GI_BUG_NONE,
#define X(name, text) GI_BUG_##name,
    GI_BUGS(X)
#undef X
        GI_N_BUGS,
#define X(name, text) GI_BUG_##name,
    GI_BATCH_BUGS(X)
#undef X
        GI_BUGS_END
};
enum {
#define X(name, text) GI_STATE_##name,
    GI_STATES(X)
#undef X
        GI_N_STATES,
    GI_STATE_BEFORE = GI_N_STATES - 1, /* those of batches go on here */
#define X(name, text) GI_STATE_##name,
    GI_BATCH_STATES(X)
#undef X
        GI_STATES_END
};

/* The simulator's, which has one thread. */
extern uint32_t gi_bug_chosen;
extern uint64_t gi_states_seen[GI_STATES_END];

#define GI_BUG(name)  (gi_bug_chosen == GI_BUG_##name)
#define GI_SEEN(name) ((void)gi_states_seen[GI_STATE_##name]++)

#else

#define GI_BUG(name)  0
#define GI_SEEN(name) ((void)0)

#endif
#endif
