/* daemon_inside.h -- what the files of the daemon share.  Private.
 *
 *     daemon.c      begin, the loop, the end
 *     acts.c        doing what node.h says is to do
 *     hands.c       the processes of workers
 *     as_whom.c     as whom they run
 *     rejoin.c      finding what lives, after a start
 *     duties.c      topologies, and the duty of each worker
 *     watch.c       looking at workers
 *     talk.c        REPORT and its answer
 *     reports.c     what stands in a report
 *     programs.c    fetching, check.c trying what was fetched
 *     logs.c        LOG, from clients
 *
 * Thread  the loop's; what other threads call only writes to `wake`
 */
#ifndef GI_SUPERVISOR_DAEMON_INSIDE_H
#define GI_SUPERVISOR_DAEMON_INSIDE_H

#include <event2/event.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "supervisor/daemon.h"
#include "supervisor/home.h"
#include "supervisor/record.h"
#include "wire/answer.h"
#include "wire/ask.h"
#include "wire/progress.h"

#define GI_WHO          "supervisor"
#define GI_NIMBUS_USUAL "tcp://127.0.0.1:6627"

#define GI_STRANGE_PAGE                                                       \
    "it lives, and its progress page cannot be read: perhaps its program is " \
    "built with another version of Gale than this supervisor"

typedef struct gi_sdaemon gi_sdaemon;

/* A process, held at its gate or let go. */
typedef struct gi_hand {
    struct gi_hand *next;
    gi_sdaemon *d;
    gi_process *process;
    uint64_t incarnation;
    uint64_t log_from; /* where its output begins */
    uint16_t port;
    bool held;
    char topology[GI_TOPOLOGY_ID_MOST + 1];
} gi_hand;

/* What is known of the worker in a slot, beside what node.h knows. */
typedef struct gi_view {
    uint64_t incarnation; /* whose; 0: of nobody */
    gi_pool pool;
    gi_progress page;        /* the last that was read; zeroed: none yet */
    bool has_page, readable; /* once; at the last look */
    bool strange;    /* there is a page, and for long it was none of ours */
    uint64_t moves;  /* see watch.c */
    int64_t since;   /* when it began */
    bool duty_due;   /* what stands in its duty is old */
    bool duty_again; /* likewise, and it could not be written */
} gi_view;

/* A topology, as Nimbus told of it last. */
typedef struct gi_told {
    struct gi_told *next;
    gi_pool pool;
    gi_msg_topology *topology; /* in the pool */
    char *bytes;
    size_t len;
} gi_told;

typedef struct gi_talk {
    gi_asker *asker;
    atomic_bool done; /* set by the transport: gi_asked may be called */
    bool asking, asked_urgently, urgent;
    bool away;      /* the last one was not answered well */
    bool cut_short; /* a report was too long, and that was said */
    bool in_parts;  /* orders are coming, and topologies before them */
    int64_t not_before, pause;
    char nimbus[256]; /* whose orders were taken last, and ... */
    uint64_t version; /* ... their version there */
    uint64_t number;
    char trouble[512]; /* what was said of it last; "": none */
} gi_talk;

struct gi_programs;

struct gi_sdaemon {
    const gi_supervisor_daemon_opts *o;
    gi_home home;
    char boot[GI_BOOT_ID + 1];
    char host[256], url[320], machine[65];
    uint64_t cpu, memory_mb, began_ms;
    gi_secrets *secrets;

    struct event_base *base;
    struct event *look, *woken, *stopping[3];
    int wake; /* an eventfd */

    gi_node *node;
    gi_view *views; /* by the node's numbers */
    gi_hand *hands;
    const char **env; /* of workers */
    gi_pool pool;     /* what lives as long as this */
    gi_told *told;
    uint64_t duty_number;
    bool save_due; /* in this turn */
    bool unsaved;  /* the record is old, for it could not be written */
    uint64_t kept; /* the assignment of which the disk knows; 0: none */
    int64_t save_again;
    int64_t housekeeping;      /* when it is due */
    int64_t logs_due;          /* likewise, to look for old logs */
    int64_t look_ns, looks_ns; /* between two looks: usually, and now */

    gi_talk talk;
    struct gi_programs *programs;
    gi_answerer *answerer;
    bool stop;        /* was asked for */
    int64_t stop_due; /* then it ends, whatever there is; 0: not yet */
};

/* daemon.c: on any thread. */
void gi_sd_wake(void *sdaemon);
/* The slot with that port; < 0: none. */
int gi_sd_slot(const gi_sdaemon *d, uint64_t port);

/* acts.c: after anything that may have changed the node. */
void gi_acts_obey(gi_sdaemon *d);
void gi_acts_save_again(gi_sdaemon *d);
/* A process that was found is not there any more. */
void gi_acts_gone(gi_sdaemon *d, uint16_t port, uint64_t incarnation);

/* as_whom.c.  The account as which a topology's processes run; zeroed: ours.
 * Give it back by gi_account_fini.  Any error: as nobody, `why` says so. */
gale_err gi_as_whom_open(const gi_sdaemon *d, gale_diag *why);
gale_err gi_as_whom(const gi_sdaemon *d, const gi_msg_topology *t,
                    gi_account *out, gale_diag *why);
/* A process that was found says it is that worker: is it? */
bool gi_as_whom_believe(gi_sdaemon *d, const gi_recorded *r);

/* hands.c.  What workers have in their environment; GALE_ENOMEM. */
gale_err gi_hands_open(gi_sdaemon *d);
gale_err gi_hand_begin(gi_sdaemon *d, const gi_slot_act *a, gale_diag *why);
gale_err gi_hand_adopt(gi_sdaemon *d, const gi_recorded *r);
gi_hand *gi_hand_of(const gi_sdaemon *d, uint16_t port, uint64_t incarnation);
/* Let those go that waited for the record.  True: the node heard news. */
bool gi_hands_go(gi_sdaemon *d);
void gi_hands_trim(gi_sdaemon *d); /* their output */
void gi_hands_close(gi_sdaemon *d);

/* rejoin.c */
gale_err gi_rejoin(gi_sdaemon *d, gale_diag *why);

/* duties.c.  What Nimbus says of topologies: GALE_EFORMAT, GALE_ENOMEM; and
 * what is on the disk of one: GALE_ENOTFOUND and others; and a worker's duty:
 * GALE_ENOTFOUND, GALE_EIO, GALE_ENOMEM. */
gale_err gi_duties_take(gi_sdaemon *d, const gi_msg_orders *o, gale_diag *why);
gale_err gi_duties_recall(gi_sdaemon *d, const char *topology);
/* What is known, for a report.  GALE_ENOMEM. */
gale_err gi_duties_known(const gi_sdaemon *d, gi_pool *pool,
                         gi_msg_report *out);
const gi_msg_topology *gi_duties_of(const gi_sdaemon *d, const char *topology);
gale_err gi_duty_for(gi_sdaemon *d, uint16_t port, uint64_t incarnation,
                     const gi_order *order, gale_diag *why);
void gi_duties_write(gi_sdaemon *d); /* those that are due */
/* Is anything of it to run here, or still does? */
bool gi_duties_use(const gi_sdaemon *d, const char *topology);
void gi_duties_sweep(gi_sdaemon *d); /* topologies of which nothing is here */
void gi_duties_close(gi_sdaemon *d);

/* watch.c */
void gi_watch(gi_sdaemon *d, int64_t now);
bool gi_watch_soon(const gi_sdaemon *d, int64_t now); /* look again soon */
void gi_watch_begin(gi_sdaemon *d, uint16_t port, uint64_t incarnation,
                    int64_t since);

/* talk.c */
gale_err gi_talk_open(gi_sdaemon *d, gale_diag *why);
void gi_talk_turn(gi_sdaemon *d, int64_t now);
void gi_talk_close(gi_sdaemon *d);

/* reports.c.  In words, what is found to be wrong with a slot's worker, and
 * in which of its tasks, if it is in one; "" if it is well. */
void gi_report_finding(gi_sdaemon *d, uint32_t i, char *text, size_t size);

/* GALE_ENOMEM */
gale_err gi_report_of(gi_sdaemon *d, gi_pool *pool, gi_msg_report *out);
void gi_resources_of(gi_sdaemon *d);

/* programs.c */
gale_err gi_programs_open(gi_sdaemon *d, gale_diag *why);
void gi_programs_want(gi_sdaemon *d, const gi_order *order);
void gi_programs_turn(gi_sdaemon *d);
void gi_programs_sweep(gi_sdaemon *d); /* what nobody needs */
void gi_programs_close(gi_sdaemon *d);

/* logs.c */
void gi_logs_answer(gi_sdaemon *d);
void gi_logs_sweep(gi_sdaemon *d); /* of topologies long gone */

#endif
