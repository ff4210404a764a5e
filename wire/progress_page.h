/* progress_page.h -- how a progress page lies in its file.
 *
 *     head | loops | tallies | texts | texts
 *
 * All of it is 64-bit words in the machine's order: reader and writer are on
 * one machine.  `said` is how often texts changed; of the two the one at
 * said % 2 holds.
 */
#ifndef GI_WIRE_PROGRESS_PAGE_H
#define GI_WIRE_PROGRESS_PAGE_H

#include <stdatomic.h>

#include "wire/progress.h"

typedef _Atomic uint64_t gi_word;

#define GI_PAGE_MAGIC UINT64_C(0x0231676f7250656c) /* "le", "Prog", 2 */

enum {
    GI_PAGE_COMPONENT = 256, /* bytes of an id, with its end */
    GI_PAGE_WORDS = 512,
};

/* X(name): what there is a number of, once */
#define GI_PAGE_NUMBERS(X) \
    X(beats)               \
    X(number)              \
    X(version)             \
    X(turn)                \
    X(pending)             \
    X(queued)

typedef struct gi_page_head {
    gi_word magic;
    gi_word size; /* of the file */
    gi_word n_loops, n_tallies;
    gi_word incarnation;
    gi_word state;
    gi_word said;
#define X(name) gi_word name;
    GI_PAGE_NUMBERS(X)
#undef X
} gi_page_head;

typedef struct gi_page_loop {
    gi_word turns, callback_since, thread, task;
} gi_page_loop;

/* X(name), as gi_msg_tally has them; the component is its place. */
#define GI_PAGE_TALLY(X) \
    X(emitted)           \
    X(transferred)       \
    X(executed)          \
    X(acked)             \
    X(failed)            \
    X(timed_out)         \
    X(replayed)          \
    X(dead)              \
    X(errors)            \
    X(queued)            \
    X(busy_ns)           \
    X(p50_ns)            \
    X(p99_ns)

typedef struct gi_page_tally {
#define X(name) gi_word name;
    GI_PAGE_TALLY(X)
#undef X
} gi_page_tally;

typedef struct gi_page_mishap {
    uint64_t wall_ms, task;
    char component[GI_PAGE_COMPONENT];
    char text[GI_PROGRESS_MISHAP_TEXT];
} gi_page_mishap;

typedef struct gi_page_texts {
    uint64_t n_mishaps;
    gi_page_mishap mishaps[GI_MISHAPS];
    char words[GI_PAGE_WORDS];
} gi_page_texts;

_Static_assert(sizeof(gi_page_texts) % sizeof(gi_word) == 0,
               "texts are copied by the word");

static inline size_t gi_page_loops_at(void)
{
    return sizeof(gi_page_head);
}

static inline size_t gi_page_tallies_at(uint64_t n_loops)
{
    return gi_page_loops_at() + (size_t)n_loops * sizeof(gi_page_loop);
}

static inline size_t gi_page_texts_at(uint64_t n_loops, uint64_t n_tallies)
{
    return gi_page_tallies_at(n_loops) +
           (size_t)n_tallies * sizeof(gi_page_tally);
}

static inline size_t gi_page_size(uint64_t n_loops, uint64_t n_tallies)
{
    return gi_page_texts_at(n_loops, n_tallies) + 2 * sizeof(gi_page_texts);
}

#endif
