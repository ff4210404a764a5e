/* progress.h -- what a worker says of itself, in a page of shared memory.
 *
 * The worker maps the file `progress` in its directory and writes; its
 * supervisor maps it and reads, whenever it likes.  No call, no wait: to be
 * seen costs a worker nothing, and a supervisor that starts anew finds it all
 * there.  Numbers are written whole, one at a time.  Texts change seldom; they
 * stand there twice, and a count says which of the two holds: who dies while
 * he writes leaves what he said before.
 *
 * The reader believes nothing: the file is of the user's process.  Sizes are
 * checked once when it is mapped, and only what lies within is ever read; a
 * file that is cut meanwhile is noticed, not died of (it is read by pread into
 * the reader's own memory).
 */
#ifndef GI_WIRE_PROGRESS_H
#define GI_WIRE_PROGRESS_H

#include "wire/msg.h"

typedef enum gi_progress_state {
    GI_PROGRESS_STARTING = 1, /* opening its tasks, finding its peers */
    GI_PROGRESS_RUNNING,
    GI_PROGRESS_CLOSING,
} gi_progress_state;

typedef struct gi_progress_loop {
    uint64_t turns;
    int64_t callback_since; /* ns of CLOCK_MONOTONIC; 0: in none */
    uint64_t thread;        /* its number, as /proc/PID/task has it */
    uint64_t task;          /* whose callback that is; 0: in none */
} gi_progress_loop;

enum {
    GI_MISHAPS = 8,
    GI_PROGRESS_LOOPS = 65536,    /* the most of them */
    GI_PROGRESS_TALLIES = 8192,   /* likewise; Nimbus takes no topology of
                                     so many components */
    GI_PROGRESS_MISHAP_TEXT = 512 /* with its end; longer ones are cut */
};

/* What stands there.  Writer: lists are of the size they were created with.
 * Reader: all of it lies in the pool. */
typedef struct gi_progress {
    uint64_t incarnation;
    uint64_t beats; /* one more at each writing */
    gi_progress_state state;
    uint64_t number;  /* of the duty it obeys */
    uint64_t version; /* of the assignment */
    uint64_t turn;    /* see nimbus/life.h */
    uint64_t pending;
    uint64_t queued;
    uint32_t n_loops;
    gi_progress_loop *loops;
    uint32_t n_tallies;    /* one a component */
    gi_msg_tally *tallies; /* in the order of components */
    uint32_t n_mishaps;    /* at most GI_MISHAPS, the latest last */
    gi_msg_mishap *mishaps;
    const char *words; /* why it ends, if it does; at most 511 bytes */
} gi_progress;

typedef struct gi_progress_page gi_progress_page;

/* Writer.  From here on it says STARTING.  GALE_EINVAL for numbers above those
 * of most; GALE_EIO, GALE_ENOMEM. */
gale_err gi_progress_create(gi_progress_page **out, const char *dir,
                            uint64_t incarnation, uint32_t n_loops,
                            uint32_t n_tallies);
void gi_progress_write(gi_progress_page *p, const gi_progress *now);
void gi_progress_close(gi_progress_page *p); /* NULL is fine */

/* Reader.  Texts are UTF-8, numbers at most 2^63 - 1, whatever was there.
 *
 * GALE_ENOTFOUND: there is none yet; GALE_EFORMAT: it is none, or of another
 * incarnation (0: of any); GALE_EIO, GALE_ENOMEM. */
gale_err gi_progress_read(gi_progress *out, const char *dir,
                          uint64_t incarnation, gi_pool *pool);

/* The same of a file that is open. */
gale_err gi_progress_read_fd(gi_progress *out, int fd, uint64_t incarnation,
                             gi_pool *pool);

/* How many trees were acked: that is what the spouts of `t` count.  What bolts
 * acked are tuples. */
uint64_t gi_progress_acked(const gi_progress *p, const gi_msg_topology *t);

#endif
