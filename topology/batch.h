/* batch.h -- how tuples lie in memory while they travel.
 *
 * The unit of travel is the batch: a block of memory with tuples for one task
 * side by side.  Queues, credit, flushes and clock reads are paid a batch,
 * not a tuple.  Batches never move, so the values of a tuple point straight
 * at its bytes behind them:
 *
 *     | header 32 | value 16 | ... | link 16 | ... | bytes of the values |
 *
 * A link is one more (root, edge) pair, for a tuple that stands in several
 * trees; the first pair is in the header.
 */
#ifndef GI_TOPOLOGY_BATCH_H
#define GI_TOPOLOGY_BATCH_H

#include "base/bug.h"
#include "base/mem.h"
#include "topology/plan.h"

/* A tree, and the id of the edge by which a tuple hangs in it.  Or, for an id,
 * GI_UNTOLD: it is the one tuple that its spout emitted, and no acker has
 * heard of the tree; whoever handles the tuple tells (worker/track.h).  Such a
 * tuple stands in this tree only and does not leave its process. */
typedef struct gi_link {
    uint64_t root;
    uint64_t edge;
} gi_link;

enum { GI_UNTOLD = 0 };

struct gale_tuple {
    uint32_t size;         /* bytes to the next tuple, a multiple of 8 */
    uint16_t n;            /* values */
    uint16_t stream;       /* index in plan->streams */
    uint16_t task;         /* who sent it */
    bool several;          /* it stands in several trees */
    uint32_t more_or_hash; /* gi_tuple_more; gi_tuple_known_hash */
    gi_link link;          /* root 0: not tracked */
    gale_value values[];
};

_Static_assert(sizeof(gale_tuple) == 32, "half a cache line of header");
_Static_assert(sizeof(gale_value) == 16, "promised by value.h");

typedef struct gi_batch {
    struct gi_batch *next; /* whatever list it is in */
    uint32_t cap, used;    /* bytes */
    uint32_t n;            /* tuples (or notes, in the control lane) */
    uint32_t at;           /* where its reader is */
    uint32_t to;           /* receiving task */
    uint16_t owner;        /* the loop that it returns to when read */
    uint16_t epoch;        /* when the oldest of its trees began */
    uint32_t number;       /* of notes: in their lane; 0: none */
    bool inner;            /* travels along a cycle */
    bool loose;            /* sent by nobody: no credit comes back with it */
    uint32_t answers;      /* how many it takes home (worker/answers.h) */
    _Alignas(16) unsigned char bytes[];
} gi_batch;

static inline gale_tuple *gi_batch_at(gi_batch *b, uint32_t at)
{
    return (gale_tuple *)(void *)(b->bytes + at);
}

/* A first-in first-out list of batches. */
typedef struct gi_queue {
    gi_batch *head, *tail;
    uint32_t n;
} gi_queue;

static inline void gi_queue_push(gi_queue *q, gi_batch *b)
{
    b->next = NULL;
    if (q->tail != NULL)
        q->tail->next = b;
    else
        q->head = b;
    q->tail = b;
    q->n++;
}

static inline gi_batch *gi_queue_pop(gi_queue *q)
{
    gi_batch *b = q->head;

    if (b == NULL)
        return NULL;
    q->head = b->next;
    if (q->head == NULL)
        q->tail = NULL;
    q->n--;
    return b;
}

static inline bool gi_type_has_bytes(uint32_t type)
{
    return type >= GALE_T_STR;
}

/* How many bytes the strings of a row have. */
static inline size_t gi_row_bytes(gale_row row)
{
    size_t bytes = 0;

    for (size_t i = 0; i < row.n; i++)
        if (gi_type_has_bytes(row.values[i].type))
            bytes += row.values[i].len;
    return bytes;
}

/* How many bytes `row` takes as a tuple with `n_more` links. */
static inline uint64_t gi_tuple_need(gale_row row, size_t n_more)
{
    uint64_t need = sizeof(gale_tuple) + row.n * sizeof(gale_value) +
                    n_more * sizeof(gi_link) + gi_row_bytes(row);

    return (need + 7) & ~(uint64_t)7;
}

/* How many links are behind its values. */
static inline uint32_t gi_tuple_more(const gale_tuple *t)
{
    return t->several ? t->more_or_hash : 0;
}

/* What gale_tuple_hash is to say; 0: it has to find out.  Only a tuple that
 * stands in one tree, or in none, has room for it. */
static inline uint32_t gi_tuple_known_hash(const gale_tuple *t)
{
    return t->several ? 0 : t->more_or_hash;
}

static inline void gi_tuple_set_more(gale_tuple *t, uint32_t n)
{
    t->several = n > 0;
    t->more_or_hash = n;
}

/* After the above. */
static inline void gi_tuple_set_hash(gale_tuple *t, uint32_t hash)
{
    if (!t->several)
        t->more_or_hash = hash;
}

static inline gi_link *gi_tuple_links(const gale_tuple *t)
{
    return (gi_link *)(void *)(uintptr_t)(t->values + t->n);
}

/* memcpy whose short cases are a few moves instead of a call. */
static inline void gi_copy_bytes(char *to, const char *from, size_t n)
{
    if (n > 16) {
        memcpy(to, from, n);
    } else if (n >= 8) {
        uint64_t a, b;
        memcpy(&a, from, 8);
        memcpy(&b, from + n - 8, 8);
        memcpy(to, &a, 8);
        memcpy(to + n - 8, &b, 8);
    } else if (n >= 4) {
        uint32_t a, b;
        memcpy(&a, from, 4);
        memcpy(&b, from + n - 4, 4);
        memcpy(to, &a, 4);
        memcpy(to + n - 4, &b, 4);
    } else if (n > 0) {
        to[0] = from[0];
        to[n / 2] = from[n / 2];
        to[n - 1] = from[n - 1];
    }
}

/* Lay `row` out behind the header of `t`, whose size is set and whose link,
 * task and stream are the caller's business; links are left blank, and so is
 * its hash. */
static inline void gi_tuple_fill(gale_tuple *t, gale_row row, uint32_t n_more)
{
    t->n = (uint16_t)row.n;
    gi_tuple_set_more(t, n_more);
    char *bytes = (char *)(t->values + row.n) + n_more * sizeof(gi_link);

    for (size_t i = 0; i < row.n; i++) {
        uint32_t type = row.values[i].type, len = row.values[i].len;
        const char *p = row.values[i].as.p;

        /* The row was written a moment ago, member by member.  One 16-byte
         * load of it would have to wait until those stores are in the cache
         * (about 5 ns); three loads are forwarded.  Keep the compiler from
         * joining them. */
        __asm__("" : "+r"(type), "+r"(len), "+r"(p));
        if (gi_type_has_bytes(type)) {
            gi_copy_bytes(bytes, p, len);
            p = bytes;
            bytes += len;
        }
        t->values[i].type = type;
        t->values[i].len = len;
        t->values[i].as.p = p;
    }
}

/* Who reads tuples on this thread; for the names in messages and for
 * gale_tuple_component.  Set by whoever runs callbacks. */
typedef struct gi_reader {
    const gi_plan *plan;
    uint32_t task; /* 0: nobody */
} gi_reader;

extern _Thread_local gi_reader gi_reader_here;

#endif
