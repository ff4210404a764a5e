/* order.h -- what shall run in one slot, as Nimbus orders it.
 *
 * Topology, program and `since` (the version of the assignment with which the
 * worker began) name one worker: as long as they stay, so does its process,
 * whatever becomes of its executors.  A slot that is left and taken again has
 * another `since`, and is another worker.
 *
 * A patient order leaves what runs in its slot alone until its own program is
 * there and was tried.
 *
 * Orders are shared and never changed: who wants to keep one counts it.
 *
 * Thread  one: the counts are plain numbers
 */
#ifndef GI_SUPERVISOR_ORDER_H
#define GI_SUPERVISOR_ORDER_H

#include "gale/base.h"

enum {
    GI_TOPOLOGY_ID_MOST = 255,
    GI_PROGRAM_MOST = 64, /* a SHA-256 in hexadecimal */
    GI_ORDER_EXECUTORS_MOST = 1 << 20,
};

/* An executor: the tasks first .. end - 1. */
typedef struct gi_span {
    uint32_t first, end;
} gi_span;

typedef struct gi_order {
    uint32_t count; /* of those who keep it */
    uint32_t n_executors;
    bool patient;     /* no part of what makes orders the same */
    uint64_t since;   /* with which version the worker began */
    uint64_t version; /* of the topology's assignment; 0: not known */
    const char *topology;
    const char *program; /* the hash of its content */
    const gi_span *executors;
} gi_order;

/* A copy of `from`, kept once.  GALE_EINVAL: an id or hash that is empty, too
 * long or holds anything but letters, digits, '-', '_' and '.', or begins with
 * a '.'; a span that is empty; too many.  GALE_ENOMEM. */
gale_err gi_order_create(gi_order **out, const gi_order *from);
gi_order *gi_order_keep(gi_order *o); /* NULL is fine, here and below */
void gi_order_release(gi_order *o);

/* The same worker?  The very same order?  Two NULLs are, NULL and another
 * are not. */
bool gi_order_same_worker(const gi_order *a, const gi_order *b);
bool gi_order_same(const gi_order *a, const gi_order *b);

/* Is `a` an order for the same topology that was overtaken by `b`? */
bool gi_order_older(const gi_order *a, const gi_order *b);

/* May this stand in an order, as topology or program? */
bool gi_order_name_ok(const char *s, size_t most);

#endif
