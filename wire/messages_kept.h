/* messages_kept.h -- the messages that Nimbus writes to itself: what it keeps
 * in its store.  A part of the list in messages.h, which see.
 */
#ifndef GI_WIRE_MESSAGES_KEPT_H
#define GI_WIRE_MESSAGES_KEPT_H

#define GI_MSG_kept_cluster(F, L)            \
    F(NUM, submitted) /* topologies, ever */ \
    F(NUM, begun)     /* how often Nimbus began */

#define GI_MSG_kept_worker(F, L) \
    F(TEXT, node)                \
    F(TEXT, host)                \
    F(NUM, port)                 \
    F(NUM, since)

#define GI_MSG_kept_executor(F, L) \
    F(NUM, first)                  \
    F(NUM, end)                    \
    F(NUM, worker) /* one more than its index; 0: placed nowhere */

#define GI_MSG_kept_topology(F, L)                            \
    F(TEXT, id)                                               \
    F(TEXT, name)                                             \
    F(TEXT, owner)                                            \
    F(TEXT, program)                                          \
    F(TEXT, machine)                                          \
    F(TEXT, once)                                             \
    F(NUM, submitted_ms) /* since 1970 */                     \
    F(NUM, workers)                                           \
    F(NUM, worker_memory_mb)                                  \
    F(NUM, priority)                                          \
    F(TEXT, status) /* nimbus/life.h, also what follows */    \
    F(TEXT, before)                                           \
    F(NUM, turn)                                              \
    F(NUM, wait_ms)                                           \
    F(NUM, timeout_ms)                                        \
    F(NUM, log_level)                                         \
    F(NUM, log_before)   /* what it goes back to ... */       \
    F(NUM, log_until_ms) /* ... then, since 1970; 0: never */ \
    F(NUM, version)      /* of the assignment; 0: none yet */ \
    F(TEXT, why)                                              \
    L(pair, settings)                                         \
    L(word, words)                                            \
    L(pair, credentials) /* secret */                         \
    L(component, components)                                  \
    L(talk, talks)                                            \
    L(rebalance, rebalance) /* one, if it waits for one */    \
    L(kept_worker, placed)                                    \
    L(kept_executor, executors)

#endif
