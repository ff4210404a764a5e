/* shadow.h -- the model: what must be true of a run, kept without looking at
 * how the runtime keeps it.
 *
 * The runtime follows a tree by one sum.  The shadow counts: each emit makes a
 * record of how many tasks the tuple went to and in which trees it stands, and
 * each answer takes one off.  Tuples carry the number of their record, so that
 * whoever gets one finds it at once.  A tree whose count is not zero has
 * unfinished work, and must not be acked.
 *
 * The shadow uses plain malloc: faults of the runtime's memory are counted.
 */
#ifndef TESTS_SIM_SHADOW_H
#define TESTS_SIM_SHADOW_H

#include "local/sim/sim.h"
#include "worker/loop.h"

#include "scenario.h"

/* ------------------------------------------------------------- messages -- */

/* The durable source's view.  What is SENT and forgotten is UNSENT again. */
enum message_state { UNSENT, SENT, ACKED, DEAD };
enum verdict { NO_VERDICT, DONE, FAILED };

struct message {
    uint8_t state;
    uint8_t verdict; /* of its last tree */
    bool waits;      /* for the runtime's replay */
    uint32_t attempts;
};

/* What one spout's task has to give: messages first .. first + n - 1. */
struct source {
    uint32_t task;
    uint32_t first, n;
    uint32_t cursor;       /* no UNSENT one before it, but those put back */
    uint32_t back, n_back; /* put back: a ring in `again` */
    uint32_t *again;       /* [n] */
    uint32_t left;         /* not ACKED or DEAD */
    uint32_t burst;        /* given since the last pause */
    int64_t due_ns;        /* the next may be given */
};

/* ---------------------------------------------------------------- trees -- */

struct tree {
    uint64_t root; /* 0: the slot was never used */
    uint32_t message;
    bool open;
    bool replay;
    bool failed;    /* a bolt said so */
    bool forgotten; /* a bolt will never answer */
    bool begins;    /* n is not known yet */
    uint32_t n;     /* the spout's own tuple: to so many tasks ... */
    uint64_t came;  /* ... of which these got it */
    uint32_t left;  /* tuples sent and not answered */
    int64_t began_ns, moved_ns;
    int64_t spoken_ns; /* its clock began anew: it began, was held, touched */
    int64_t acker_died_ns;           /* 0: it did not */
    uint32_t hits, note_hits;        /* faults by kind, as bits */
    uint64_t kills, revived, memory; /* before it began */
};

struct grove { /* the trees of one spout's task, by slot */
    struct tree *at;
    uint32_t n;
};

/* --------------------------------------------------------------- tuples -- */

enum { OWN_ROOTS = 3 };

struct record {
    uint32_t generation;
    uint32_t next; /* free: the next free one + 1 */
    uint32_t sent; /* to so many tasks ... */
    uint32_t left; /* ... of which so many did not answer */
    uint64_t came; /* tasks that got it */
    uint32_t n_roots;
    uint64_t own[OWN_ROOTS];
    uint64_t *roots; /* `own`, or more than that */
};

/* A tuple in a task's hands. */
typedef struct hand {
    uint64_t ref; /* its record; 0: the tuple of a spout, in `root` */
    uint64_t root;
    uint32_t task;
    bool again; /* a fault's duplicate: it stands in no tree */
    bool held;
} hand;

/* --------------------------------------------------------------- shadow -- */

struct of_task {
    uint64_t emitted, executed, overflowed;
    uint64_t launched, done, failed, replayed, gave_up, forgot;
    uint32_t open, waiting; /* trees; messages that wait for a replay */
    int64_t seq;
    int64_t *seen; /* [sender's task - 1]: its last number that came here */
};

typedef struct shadow {
    const scenario *s;
    gi_plan *plan;
    gi_sim *sim;

    struct message *message;
    uint32_t n_messages, n_sources, n_left;
    struct source *source;     /* [n_sources] */
    struct source **source_of; /* [task - 1] */

    struct grove *grove; /* [ordinal of a spout's task] */
    struct record *record;
    uint32_t n_records, cap_records, free_record;
    uint32_t loose; /* copies that stand in no tree and are not answered ... */
    uint32_t loose_held; /* ... of which so many are held */

    struct of_task *task; /* [task - 1] */
    uint64_t *keys;       /* [edge * N_KEYS + key]: tasks that got the key */
    uint64_t letters;     /* dead letters that came to a grave */

    uint64_t kills;        /* so far */
    uint64_t revived;      /* tasks that began, or began anew */
    uint64_t memory;       /* allocations failed before this step */
    int64_t acker_died_ns; /* the last time; 0: none did */
    uint32_t loose_hits;   /* of tuples in no tree, as bits */
    uint32_t note_hits;    /* of notes, of whatever tree */

    const char *wrong; /* the oracle that was violated; NULL: none */
    char words[400];
} shadow;

enum { N_KEYS = 16 };

extern shadow model; /* one run at a time */

void shadow_begin(const scenario *s, gi_plan *plan);
void shadow_end(void);

/* An oracle found something wrong; the first one counts. */
void wrong(const char *oracle, const char *format, ...) GALE_PRINTF(2, 3);

static inline int64_t sim_now(void)
{
    return gi_sim_now_ns(model.sim);
}

static inline struct of_task *task_model(uint32_t task)
{
    return &model.task[task - 1];
}

/* The tree with this root if it is open; NULL if it is over or unknown. */
struct tree *tree_of(uint64_t root);
struct tree *shadow_slot(uint64_t root); /* where it is, or will be */
struct record *record_of(uint64_t ref);  /* NULL: all of it is answered */

/* In which trees a tuple stands. */
const uint64_t *shadow_roots(const hand *h, uint32_t *n);

/* --------------------------------------------------------- of the bolts -- */

/* A tuple came: into whose hands, and is all as it should be? */
void shadow_came(gale_task *t, const gale_tuple *in, hand *h);
void shadow_answer(const hand *h, bool ack);
void shadow_held(hand *h);
void shadow_moved(const hand *h);     /* touched */
void shadow_forgotten(const hand *h); /* it will never be answered */
uint32_t shadow_attempts(const hand *h);

/* Readers that are called have it before its sender knows how many got it:
 * until then that is so many. */
enum { COPIES_UNKNOWN = 1000 };

/* Before an emit: the record of a tuple anchored to these (n 0: to none).
 * After it: it went to `copies` tasks. */
uint64_t shadow_record(const hand *const *anchors, uint32_t n);
void shadow_sent(uint64_t ref, uint32_t copies);

/* -------------------------------------------------------- of the spouts -- */

/* The next message of a source; false: none now. */
bool shadow_next(struct source *src, uint32_t *message);
void shadow_untracked(struct source *src, uint32_t message);
void shadow_acked(struct source *src, uint64_t message);
void shadow_failed(struct source *src, uint64_t message);
void shadow_opened(struct source *src);
void shadow_letter(uint64_t message, gale_str reason, int64_t attempts);

/* Message `id` of a spout's task; NULL: it has none such, which is said. */
struct message *shadow_message(const gale_task *t, uint64_t id);
/* It is done with: ACKED or DEAD. */
void shadow_finish(struct message *m, enum message_state state, uint32_t task);

/* ------------------------------------------------------ of the runtime -- */

extern const gi_watcher shadow_watcher;
void shadow_hit(void *arg, gi_fault_kind kind, bool acks, uint64_t root,
                uint32_t task);

#endif
