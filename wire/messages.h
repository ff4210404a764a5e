/* messages.h -- all that clients, Nimbus, supervisors and workers say to one
 * another, but for tuples and notes.  One list: the structs, their bytes and
 * their checks follow from it.
 *
 * A message is a msgpack map from the names below to values.  Who reads one
 * skips names that it does not know, and takes what is missing for zero, empty
 * or none; so old and new can talk.
 *
 *     NUM    a whole number, 0 .. 2^63 - 1
 *     BOOL
 *     TEXT   UTF-8 without a zero byte; never NULL after reading
 *     BYTES  struct gi_bytes
 *     LIST   of messages: n_NAME of them at NAME
 *
 * Requests go to a daemon's port, one reply to each (ask.h, answer.h):
 *
 *     request   head (GI_MSG_head), body (the verb's)
 *     reply     head (GI_MSG_reply_head), body, if it went well
 *
 * To ask twice does no harm: a reply may be lost.
 */
#ifndef GI_WIRE_MESSAGES_H
#define GI_WIRE_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/messages_drpc.h"
#include "wire/messages_kept.h"

/* In the place of the leader's url: go on to the next, or ask again later. */
#define GI_MSG_NOBODY "?"

typedef struct gi_bytes {
    const void *at;
    uint32_t n;
} gi_bytes;

enum {
    GI_MSG_PROTOCOL = 1,
    GI_MSG_MOST = 4 << 20,         /* bytes of one, in either direction */
    GI_MSG_BLOB_PIECE = 1 << 20,   /* bytes of a program in one message */
    GI_MSG_REPORT_WAIT_MS = 10000, /* Nimbus keeps a REPORT no longer */
};

/* ------------------------------------------------------------ the verbs -- */

/* X(name, request, reply, who may)
 *
 * who     ANYBODY with the right token; OWNER or an admin; NODE: supervisors
 *         and workers, with the cluster's secret; WORKER: those, and a worker
 *         with the word of its topology (brief.h) */
#define GI_VERBS(X)                            \
    /* to Nimbus, from clients */              \
    X(INFO, nothing, info, ANYBODY)            \
    X(SUBMIT, submit, submitted, ANYBODY)      \
    X(LIST, nothing, topologies, ANYBODY)      \
    X(LOOK, named, topology_look, ANYBODY)     \
    X(CLUSTER, nothing, cluster, ANYBODY)      \
    X(ACTIVATE, named, nothing, OWNER)         \
    X(DEACTIVATE, named, nothing, OWNER)       \
    X(KILL, kill, nothing, OWNER)              \
    X(REBALANCE, rebalance, rebalanced, OWNER) \
    X(SET_LOG, set_log, nothing, OWNER)        \
    X(BLOB_HAS, blob, blob_size, ANYBODY)      \
    X(BLOB_PUT, blob_put, blob_size, ANYBODY)  \
    X(BLOB_GET, blob_get, blob_piece, NODE)    \
    /* to Nimbus, from supervisors */          \
    X(REPORT, report, orders, NODE)            \
    /* to a supervisor, from clients */        \
    X(LOG, log_read, log_piece, ANYBODY)       \
    /* to Nimbus, from one that stands by */   \
    X(MIRROR, mirror, mirrored, NODE)          \
    /* to Nimbus, from clients */              \
    X(CREDENTIALS, credentials, nothing, OWNER) GI_DRPC_VERBS(X)

/* -------------------------------------------------------- the messages -- */

/* F(kind, name) and L(message, name) */
#define GI_MSG_head(F, L)                           \
    F(NUM, protocol)                                \
    F(NUM, verb)                                    \
    F(TEXT, token)                                  \
    F(TEXT, user)                                   \
    F(TEXT, secret)   /* supervisors and workers */ \
    F(TEXT, topology) /* whose word that is, if it is one */

#define GI_MSG_reply_head(F, L)                  \
    F(NUM, error)   /* a gale_err; 0: GALE_OK */ \
    F(TEXT, why)    /* in words for a person */  \
    F(TEXT, leader) /* not us: ask there; GI_MSG_NOBODY: nobody leads */

#define GI_MSG_nothing(F, L) F(NUM, nothing)

#define GI_MSG_info(F, L) \
    F(TEXT, id)           \
    F(TEXT, version)      \
    F(TEXT, host)         \
    F(NUM, up_ms)         \
    F(BOOL, leads)        \
    F(TEXT, leader)

#define GI_MSG_named(F, L) F(TEXT, name) /* of a topology, or its id */

#define GI_MSG_span(F, L)  /* an executor: tasks first .. end - 1 */ \
    F(NUM, first)                                                    \
    F(NUM, end)

/* What a topology consists of: enough to place it, and to speak of it. */
#define GI_MSG_component(F, L) \
    F(TEXT, id)                \
    F(BOOL, spout)             \
    F(NUM, first_task)         \
    F(NUM, n_tasks)            \
    F(NUM, n_executors)        \
    F(NUM, cpu)                \
    F(NUM, memory_mb)

#define GI_MSG_talk(F, L) /* indexes of components */ \
    F(NUM, from)                                      \
    F(NUM, to)

#define GI_MSG_pair(F, L) /* a setting */ \
    F(TEXT, key)                          \
    F(TEXT, value)

#define GI_MSG_word(F, L) F(TEXT, text)

#define GI_MSG_submit(F, L)                                                 \
    F(TEXT, name)                                                           \
    F(TEXT, program) /* SHA-256 in hexadecimal; was put before */           \
    F(TEXT, machine) /* what it is for: "x86_64" */                         \
    F(BOOL, inactive)                                                       \
    F(NUM, workers)                                                         \
    F(NUM, worker_memory_mb)                                                \
    F(NUM, priority)                                                        \
    F(NUM, timeout_ms)                                                      \
    F(TEXT, once)     /* drawn by who submits: the same is no second one */ \
    L(pair, settings) /* that are not the table's own */                    \
    L(word, words)    /* its arguments */                                   \
    L(component, components)                                                \
    L(talk, talks)

#define GI_MSG_submitted(F, L) \
    F(TEXT, id)                \
    F(TEXT, why) /* not all that was wanted could be placed */

#define GI_MSG_kill(F, L)                                  \
    F(TEXT, name)                                          \
    F(BOOL, now) /* does wait_ms count?  Else the usual */ \
    F(NUM, wait_ms)

#define GI_MSG_recut(F, L)                       \
    F(TEXT, id)                                  \
    F(NUM, n_executors)                          \
    F(NUM, cpu) /* 0: as it is, each of these */ \
    F(NUM, memory_mb)

#define GI_MSG_rebalance(F, L)        \
    F(TEXT, name)                     \
    F(BOOL, now)                      \
    F(NUM, wait_ms)                   \
    F(NUM, workers) /* 0: as it is */ \
    L(recut, components)

/* What comes of it, as things are now. */
#define GI_MSG_rebalanced(F, L)                                  \
    F(NUM, workers) /* it will have */                           \
    F(NUM, fresh)   /* of them, that run elsewhere or are new */ \
    F(TEXT, why)    /* it is not all that was wanted */

#define GI_MSG_set_log(F, L)          \
    F(TEXT, name)                     \
    F(NUM, level)  /* a gale_level */ \
    F(NUM, for_ms) /* then back; 0: stays so */

#define GI_MSG_credentials(F, L) \
    F(TEXT, name)                \
    L(pair, credentials) /* all that it shall have */

#define GI_MSG_blob(F, L)      F(TEXT, hash)

#define GI_MSG_blob_size(F, L) /* how much of it is here */ \
    F(NUM, size)                                            \
    F(BOOL, complete) /* and its hash is right */

#define GI_MSG_blob_put(F, L) \
    F(TEXT, hash)             \
    F(NUM, total)             \
    F(NUM, offset)            \
    F(BYTES, bytes)

#define GI_MSG_blob_get(F, L) \
    F(TEXT, hash)             \
    F(NUM, offset)            \
    F(NUM, most)

#define GI_MSG_blob_piece(F, L) \
    F(NUM, total)               \
    F(BYTES, bytes)

#define GI_MSG_mirror(F, L)               \
    F(TEXT, id)    /* of who stands by */ \
    L(blob, blobs) /* that he has, and whole */

#define GI_MSG_mirrored(F, L) L(blob, blobs) /* that are here, and whole */

#define GI_MSG_log_read(F, L)                                            \
    F(TEXT, topology)                                                    \
    F(NUM, port)                                                         \
    F(BOOL, tail) /* begin `most` bytes before the end, not at offset */ \
    F(NUM, offset)                                                       \
    F(NUM, most)

#define GI_MSG_log_piece(F, L)       \
    F(NUM, offset) /* of bytes */    \
    F(NUM, size)   /* of the file */ \
    F(BYTES, bytes)

/* ------------------------------------------------------------- numbers -- */

/* What a component did in one worker, or in all. */
#define GI_MSG_tally(F, L)                        \
    F(NUM, component)                             \
    F(NUM, emitted)                               \
    F(NUM, transferred)                           \
    F(NUM, executed)                              \
    F(NUM, acked)                                 \
    F(NUM, failed)                                \
    F(NUM, timed_out)                             \
    F(NUM, replayed)                              \
    F(NUM, dead)                                  \
    F(NUM, errors)                                \
    F(NUM, queued)                                \
    F(NUM, busy_ns)                               \
    F(NUM, p50_ns) /* spouts: from emit to ack */ \
    F(NUM, p99_ns)

#define GI_MSG_mishap(F, L) /* an error that a component reported */ \
    F(NUM, wall_ms)                                                  \
    F(TEXT, component)                                               \
    F(NUM, task)                                                     \
    F(TEXT, text)

/* ------------------------------------------- supervisors and Nimbus -- */

/* How a slot is. */
#define GI_MSG_slot(F, L)                                         \
    F(NUM, port)                                                  \
    F(TEXT, state)    /* "running"; see supervisor/slot.h */      \
    F(TEXT, topology) /* "": nothing runs or shall run */         \
    F(NUM, since)                                                 \
    F(NUM, incarnation) /* of the process; 0: none */             \
    F(NUM, gone)        /* the last one that ended for certain */ \
    F(NUM, version)     /* of the assignment it obeys */          \
    F(NUM, pid)                                                   \
    F(NUM, up_ms)                                                 \
    F(NUM, turn) /* see nimbus/life.h */                          \
    F(NUM, pending)                                               \
    F(NUM, deaths)                                                \
    F(BOOL, poisoned) /* it does not come up here */              \
    F(TEXT, finding)  /* "WELL", "HUNG", ... */                   \
    F(TEXT, words)    /* the last thing that went wrong */        \
    L(tally, tallies)                                             \
    L(mishap, mishaps)

#define GI_MSG_port(F, L)  F(NUM, port)

#define GI_MSG_known(F, L) /* a topology, as it was told last */ \
    F(TEXT, id)                                                  \
    F(NUM, digest)

#define GI_MSG_report(F, L)                                               \
    F(TEXT, node)                                                         \
    F(TEXT, host) /* where its workers can be reached */                  \
    F(TEXT, url)  /* where it answers itself */                           \
    F(TEXT, machine)                                                      \
    F(NUM, incarnation) /* of the supervisor; later ones are higher */    \
    F(NUM, number)      /* of the report; later ones are higher */        \
    F(NUM, up_ms)                                                         \
    F(NUM, cpu)                                                           \
    F(NUM, memory_mb)                                                     \
    F(TEXT, nimbus) /* whose orders these are: its id, ... */             \
    F(NUM, version) /* ... and version; wait if there is nothing newer */ \
    F(BOOL, urgent) /* something changed here: answer at once */          \
    F(BOOL, parts)  /* it takes orders in parts, see `orders`, and ... */ \
    L(known, known) /* ... has these, which need not be said again */     \
    L(port, ports)                                                        \
    L(slot, slots)

/* Shall run in a slot. */
#define GI_MSG_order(F, L)                                     \
    F(NUM, port)                                               \
    F(TEXT, topology)                                          \
    F(TEXT, program)                                           \
    F(NUM, since)                                              \
    F(NUM, version)                                            \
    F(BOOL, patient) /* what runs there goes on until then: */ \
                     /* its program is there and was tried */  \
    L(span, executors)

/* A worker, as its peers know it. */
#define GI_MSG_peer(F, L)                                         \
    F(TEXT, node)                                                 \
    F(TEXT, host)                                                 \
    F(NUM, port)                                                  \
    F(NUM, since)                                                 \
    F(NUM, ended) /* incarnations of it up to this; 0: unknown */ \
    L(span, executors)

/* What all workers of one topology have to know. */
#define GI_MSG_topology(F, L)                          \
    F(TEXT, id)                                        \
    F(TEXT, name)                                      \
    F(TEXT, owner)                                     \
    F(TEXT, program)                                   \
    F(NUM, version) /* of the assignment */            \
    F(NUM, turn)    /* one more each time ... */       \
    F(BOOL, active) /* ... spouts stop or go */        \
    F(NUM, digest)  /* of all the rest; 0: none */     \
    F(NUM, log_level)                                  \
    L(pair, settings)                                  \
    L(pair, credentials) /* secret; see gale/task.h */ \
    L(word, words)                                     \
    L(component, components) /* as they are cut now */ \
    L(peer, workers)

/* All that a node shall do.  Who takes orders in parts is told only of those
 * topologies that he does not know, and of no more at a time than fit; as long
 * as there are others `part` is set, and there are no orders.  The executors
 * of his orders then stand only in the topologies. */
#define GI_MSG_orders(F, L)                                   \
    F(TEXT, nimbus)                                           \
    F(NUM, version) /* of all that follows, for this node */  \
    F(BOOL, same)   /* nothing is new, and nothing follows */ \
    F(BOOL, part)   /* take the topologies, and ask again */  \
    L(order, orders)                                          \
    L(topology, topologies)

/* What a worker is told, by a file that its supervisor writes (duty.h). */
#define GI_MSG_duty(F, L)                             \
    F(TEXT, node)                                     \
    F(TEXT, host)                                     \
    F(NUM, port)                                      \
    F(NUM, since)                                     \
    F(NUM, incarnation)                               \
    F(NUM, number)        /* later ones are higher */ \
    L(topology, topology) /* one */

/* What is secret of that, by its standard input (brief.h).  "": none. */
#define GI_MSG_brief(F, L)                                 \
    F(TEXT, ca)     /* the authority's certificate, PEM */ \
    F(TEXT, cert)   /* a certificate and its key */        \
    F(TEXT, secret) /* that the workers of this topology know */

/* ---------------------------------------------------- for people to see -- */

#define GI_MSG_topology_row(F, L)   \
    F(TEXT, id)                     \
    F(TEXT, name)                   \
    F(TEXT, status)                 \
    F(TEXT, owner)                  \
    F(NUM, up_ms)                   \
    F(NUM, n_workers)               \
    F(NUM, n_running) /* of them */ \
    F(NUM, n_executors)             \
    F(NUM, n_tasks)                 \
    F(NUM, emitted)                 \
    F(NUM, acked)                   \
    F(NUM, failed)                  \
    F(NUM, pending)                 \
    F(TEXT, why) /* what is wrong with it, if anything */

#define GI_MSG_topologies(F, L) L(topology_row, topologies)

#define GI_MSG_worker_row(F, L)                              \
    F(TEXT, node)                                            \
    F(TEXT, host)                                            \
    F(TEXT, url) /* of its supervisor */                     \
    L(span, executors)                                       \
    L(slot, slot) /* one, without its lists; none: untold */ \
    F(NUM, port)

#define GI_MSG_topology_look(F, L) \
    L(topology_row, row) /* one */ \
    L(pair, settings)              \
    L(component, components)       \
    L(tally, tallies)              \
    L(worker_row, workers)         \
    L(mishap, mishaps)

#define GI_MSG_supervisor_row(F, L) \
    F(TEXT, id)                     \
    F(TEXT, host)                   \
    F(TEXT, url)                    \
    F(TEXT, state)                  \
    F(NUM, up_ms)                   \
    F(NUM, n_slots)                 \
    F(NUM, n_used)                  \
    F(NUM, cpu)                     \
    F(NUM, memory_mb)               \
    F(NUM, silent_ms)

#define GI_MSG_cluster(F, L)       \
    L(info, nimbuses)              \
    L(supervisor_row, supervisors) \
    L(topology_row, topologies)

// clang-format off
/* Inner ones before those that hold them. */
#define GI_MESSAGES(X) \
    X(head) X(reply_head) X(nothing) X(info) X(named) X(span) X(component)   \
    X(talk) X(pair) X(word) X(submit) X(submitted) X(kill) X(recut)          \
    X(rebalance) X(rebalanced) X(set_log) X(blob) X(blob_size) X(blob_put) X(blob_get)     \
    X(blob_piece) X(mirror) X(mirrored) X(log_read) X(log_piece)             \
    X(tally) X(mishap) X(slot) X(port) X(known) X(report) X(order) X(peer)            \
    X(topology) X(orders) X(duty)                                            \
    X(topology_row) X(topologies) X(worker_row) X(topology_look)             \
    X(supervisor_row) X(cluster) X(kept_cluster) X(kept_worker)              \
    X(kept_executor) X(kept_topology) X(brief) X(credentials)               \
    GI_DRPC_MESSAGES(X)
// clang-format on

/* gi_msg_head, gi_msg_submit, ... */
#define GI_MSG_C_NUM(name)   uint64_t name;
#define GI_MSG_C_BOOL(name)  bool name;
#define GI_MSG_C_TEXT(name)  const char *name;
#define GI_MSG_C_BYTES(name) gi_bytes name;
#define GI_MSG_C(kind, name) GI_MSG_C_##kind(name)
#define GI_MSG_C_LIST(message, name) \
    uint32_t n_##name;               \
    struct gi_msg_##message *name;
#define GI_MSG_STRUCT(message)                    \
    typedef struct gi_msg_##message {             \
        GI_MSG_##message(GI_MSG_C, GI_MSG_C_LIST) \
    } gi_msg_##message;
GI_MESSAGES(GI_MSG_STRUCT)

typedef enum gi_verb_no {
    GI_ASK_NOTHING,
#define GI_VERB_ENUM(name, request, reply, who) GI_ASK_##name,
    GI_VERBS(GI_VERB_ENUM)
#undef GI_VERB_ENUM
        GI_N_ASKS
} gi_verb_no;

#endif
