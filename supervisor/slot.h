/* slot.h -- what one slot does: the life of the process behind one port.
 *
 *            order                ready              first beat
 *   EMPTY ---------> FETCHING ------------> STARTING ----------> RUNNING
 *     ^                 ^  |                   |                   |
 *     |          pause  |  | failed            | ended             | ended
 *     |          is over|  v                   v                   v
 *     |                 +-BACKING_OFF <--------+-------------------+
 *     |
 *     +---- over ---- KILLING <--- too slow --- STOPPING <--- other order
 *
 * What is always true:
 *
 *   - a process is started only when it is certain that no other one of the
 *     slot lives: each start has an incarnation, and has to be reported ENDED
 *   - what is to run and runs is left alone, whatever is said twice or late;
 *     an order of an older version changes nothing
 *   - an order that is patient, for a slot in which something else runs, has
 *     its program fetched and tried first: until it is here, or if it cannot
 *     run here, what runs goes on.  Any other order ends it at once
 *   - a process that is not wanted gets SIGTERM, so that it may drain, then
 *     SIGKILL, to its whole group, until it is reported to be gone
 *   - one that died is replaced at once the first time, then ever later
 *     (backoff.h), and why is known
 *
 * This machine is pure: no I/O, no clock, no threads, no memory taken after it
 * was made.  It is told what happened and asked what to do: after each call
 * that is marked (!) call gi_keeper_next until there is nothing to do.  Both
 * sides may stutter.  What is to do may be asked for again, and has to be done
 * once; what happened may be told late, twice or never.  Only:
 *
 *   - whoever is told to KILL or LOOK after an incarnation that does not live
 *     answers ENDED, and sees to it that it never will
 *
 * Times are nanoseconds of a clock that does not go back.
 *
 * Thread  any, one at a time
 */
#ifndef GI_SUPERVISOR_SLOT_H
#define GI_SUPERVISOR_SLOT_H

#include "supervisor/backoff.h"
#include "supervisor/ending.h"
#include "supervisor/order.h"
#include "supervisor/slot_why.h"
#include "supervisor/strays.h"

#define GI_NEVER INT64_MAX

/* Zero means default. */
typedef struct gi_slot_opts {
    int64_t drain_ns;  /* from SIGTERM to SIGKILL; 3 s, Storm's
                          supervisor.worker.shutdown.sleep.secs */
    int64_t start_ns;  /* to the first heartbeat; 120 s, Storm's
                          supervisor.worker.start.timeout.secs */
    int64_t silent_ns; /* without heartbeats: look whether it lives; 30 s,
                          Storm's supervisor.worker.timeout.secs.  Nobody is
                          killed for silence: that is for health.h to say */
    int64_t well_ns;   /* beating for so long forgives what was; 1 minute */
    int64_t again_ns;  /* to ask again for what was not answered; 1 s */
    int64_t undead_ns; /* not gone for so long after SIGKILL: say so; 120 s */
    gi_backoff_opts backoff;
} gi_slot_opts;

typedef enum gi_slot_event_kind {
    GI_SLOT_READY,        /* `program` is here */
    GI_SLOT_FETCH_FAILED, /* `program`, `words` */
    GI_SLOT_STARTED,      /* `incarnation`, `pid`, `began` */
    GI_SLOT_START_FAILED, /* `incarnation`, `words`: it will never be */
    GI_SLOT_BEAT,         /* `incarnation`, `progress` */
    GI_SLOT_ENDED,        /* `incarnation`, `ending`, `words` */
} gi_slot_event_kind;

typedef struct gi_slot_event {
    gi_slot_event_kind kind;
    uint64_t incarnation;
    const char *program;
    int32_t pid;
    uint64_t began;    /* its start time, as /proc/PID/stat has it */
    uint64_t progress; /* what it did, in numbers that only grow */
    gi_ending ending;
    const char *words; /* its last ones, or why; NULL is fine */
} gi_slot_event;

/* What is to do, in the order in which it is said. */
typedef enum gi_slot_act_kind {
    GI_SLOT_NOTHING,
    GI_SLOT_GONE,   /* `incarnation` is over for certain: tell its peers */
    GI_SLOT_REFUSE, /* `incarnation` is none of ours: tell it to end */
    GI_SLOT_KILL,   /* SIGKILL to the group of `incarnation` */
    GI_SLOT_TERM,   /* SIGTERM to it, so that it drains */
    GI_SLOT_LOOK,   /* does `incarnation` live? */
    GI_SLOT_FETCH,  /* the program of `order` */
    GI_SLOT_SAVE,   /* what runs here has changed: to the record */
    GI_SLOT_START,  /* `order` as `incarnation` */
    GI_SLOT_TELL,   /* `incarnation` has the executors of `order` now */
    GI_SLOT_REPORT, /* tell Nimbus how things are (gi_keeper fields) */
} gi_slot_act_kind;

typedef struct gi_slot_act {
    gi_slot_act_kind kind;
    uint16_t port;
    uint64_t incarnation;
    const gi_order *order; /* borrowed until the next call */
} gi_slot_act;

enum { GI_WORDS_MOST = 512 };

/* One slot.  Others read it, and change nothing. */
typedef struct gi_keeper {
    uint16_t port;
    gi_slot_state state;
    gi_order *want;       /* what shall run; NULL: nothing */
    gi_order *has;        /* what the process was started for; NULL: none */
    uint64_t incarnation; /* of the process; 0: none */
    int32_t pid;          /* 0: not known (yet) */
    uint64_t began;       /* of the process, as /proc/PID/stat has it */
    uint64_t progress;
    gi_slot_why why;           /* the last thing that went wrong or changed */
    char words[GI_WORDS_MOST]; /* to it: last words, the system's message */
    gi_ending ending;          /* of the last process that ended */
    uint64_t gone;             /* its incarnation */
    uint32_t deaths;           /* unasked for, since it was wanted */
    uint32_t unborn; /* attempts in a row that never came to a first beat */
    bool poisoned;

    const gi_slot_opts *opts; /* what follows is its own affair */
    uint64_t *last;           /* the latest incarnation of the node */
    gi_rng rng;
    gi_backoff backoff;
    int64_t deadline, first_beat, last_beat, kill_since, fetch_at;
    gi_strays strays;
    uint64_t refused;
    uint32_t todo; /* bits by gi_slot_act_kind */
    gi_slot_why killed_for;
    bool ready;    /* the program of `want` is here */
    bool beats;    /* there was a first one */
    bool yields;   /* the process, when the program of `want` is here */
    bool unwanted; /* the process; its end is no failure */
    bool told;     /* it, of changes: it may end in order to begin anew */
} gi_keeper;

void gi_slot_settle(gi_slot_opts *o);

/* `opts` (settled) and `last` are borrowed until fini.  *last is the highest
 * incarnation so far; each start adds one. */
void gi_keeper_init(gi_keeper *k, uint16_t port, const gi_slot_opts *opts,
                    uint64_t *last, uint64_t seed);
void gi_keeper_fini(gi_keeper *k); /* zeroed is fine */

/* (!) A process of this slot that was found living; only before the first
 * order.  Of two the later incarnation stays, the other is killed.  False if
 * there are too many: kill this one, and go on when it is gone. */
bool gi_keeper_adopt(gi_keeper *k, gi_order *order, uint64_t incarnation,
                     int32_t pid, uint64_t began, int64_t now);

/* (!) This shall run; NULL: nothing.  Kept, not taken. */
void gi_keeper_order(gi_keeper *k, gi_order *order, int64_t now);

/* (!) */
void gi_keeper_event(gi_keeper *k, const gi_slot_event *e, int64_t now);

/* (!) Time has passed; nothing is due before gi_keeper_due. */
void gi_keeper_tick(gi_keeper *k, int64_t now);
int64_t gi_keeper_due(const gi_keeper *k);

/* (!) `incarnation` was found to be beyond help (health.h). */
void gi_keeper_kill(gi_keeper *k, uint64_t incarnation, gi_slot_why why,
                    int64_t now);

/* (!) Look whether it lives; tell Nimbus how things are. */
void gi_keeper_look(gi_keeper *k);
void gi_keeper_report(gi_keeper *k);

/* The next thing to do, or of those kinds (bits); false: nothing. */
bool gi_keeper_next(gi_keeper *k, gi_slot_act *out);
bool gi_keeper_next_of(gi_keeper *k, uint32_t kinds, gi_slot_act *out);

/* How things are, for a person: state, why, how often, last words. */
void gi_keeper_say(const gi_keeper *k, char *text, size_t size);

/* Only why, and what follows in it. */
void gi_keeper_say_why(const gi_keeper *k, char *text, size_t size);

#endif
