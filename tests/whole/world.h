/* world.h -- a whole cluster on one thread and a virtual clock: Nimbus,
 * supervisors, workers and the net between them, and everything that can
 * happen to those, decided by a seed.
 *
 * What decides is the real thing: gi_nimbus, gi_node, gi_worker with its port,
 * gi_channel.  What acts (processes, connections, files) is made up here.
 *
 *     chief.c     Nimbus, its store, and a client
 *     host.c      a node: its supervisor and its disk
 *     proc.c      a worker process
 *     carrier.c   what its port sends by
 *     net.c       connections between workers
 *     work.c      the topology, and who looks whether it was done
 *     judge.c     what must be true of workers whose place was taken
 *     world.c     events, and the mishaps
 */
#ifndef WHOLE_WORLD_H
#define WHOLE_WORLD_H

#include <stdio.h>

#include "base/env.h"
#include "base/mem.h"
#include "base/mix.h"
#include "local/process/roster.h"
#include "nimbus/nimbus.h"
#include "supervisor/node.h"
#include "supervisor/record.h"
#include "wire/channel.h"
#include "wire/line.h"
#include "worker/loop.h"
#include "worker/port.h"

#define MS     INT64_C(1000000)
#define SECOND INT64_C(1000000000)

enum {
    MOST_HOSTS = 4,
    MOST_SLOTS = 3,
    MOST_PEERS = 16,
    NUMBERS = 120, /* that the topology's spouts give */
    PARTS = 3,
    MOST_NUMBERS = 256,
};

struct world;
struct proc;

/* What will happen.  `own` is freed after it did, or did not. */
struct event {
    int64_t at;
    uint64_t no;
    void (*happens)(struct world *w, const struct event *e);
    uint32_t a, b;
    uint64_t x, y;
    void *own;
};

/* ------------------------------------------------------------ processes -- */

/* A frame's payload on its way, or arrived. */
struct came {
    struct came *next;
    gi_frame frame;
    unsigned char bytes[];
};

struct peer {
    gi_channel *channel; /* NULL: none */
    gi_channel *old;     /* one that is over, while frames come back */
    uint64_t ended;      /* incarnations, up to that */
    struct came *came, *last;
};

struct proc {
    struct proc *next;
    struct world *world;
    uint32_t host;
    uint16_t port;
    uint64_t incarnation;
    char topology[64];
    uint64_t since;
    bool alive, up, ending;
    bool frozen;
    uint64_t number; /* of its duty */
    uint64_t turn, version;
    uint64_t key;
    gi_pool pool; /* of the duty */
    gi_msg_duty duty;
    gi_roster roster;
    gi_plan *plan;
    gi_worker *w;
    gi_env env;
    gi_carrier carrier;
    struct peer peer[MOST_PEERS];
    int64_t wake;      /* an event is set for then */
    uint64_t ended_by; /* a time: SIGKILL comes, or it gives up draining */
};

/* A connection; side 0 dialed it. */
struct conn {
    uint64_t incarnation[2];
    uint32_t host[2];
    uint16_t port[2];
    uint64_t since[2];
    uint32_t peer[2]; /* as each side numbers the other */
    bool up[2], met;
    bool cut;
    int64_t last[2];
};

/* ---------------------------------------------------------------- hosts -- */

struct host {
    uint32_t no;
    char id[8];
    gi_node *node;       /* NULL: its supervisor is dead */
    uint64_t supervisor; /* its incarnation */
    uint64_t report;
    bool asking;     /* a report is under way */
    bool urgent;     /* something has changed since */
    int64_t due;     /* an event is set for then */
    int64_t cut_off; /* until then nothing gets to or from it */
    int64_t deaf;    /* until then nothing gets to or from Nimbus */

    /* Its disk. */
    char *record;
    size_t record_len;

    /* What Nimbus said last; in memory, and on the disk as well. */
    char *told; /* the topology; NULL: nothing */
    size_t told_len;
    uint64_t told_digest;
    char told_id[64];
    char nimbus[32];
    uint64_t version;
};

/* ------------------------------------------------------------ the rest -- */

struct pair {
    struct pair *next;
    char *key;
    unsigned char *bytes;
    size_t len;
};

struct chief {
    gi_nimbus *nimbus; /* NULL: dead */
    uint64_t life;
    struct pair *store;
    gi_store table;
    struct kept *kept; /* reports that wait for news */
    int64_t due;
};

struct world {
    uint64_t seed;
    gi_rng rng;
    int64_t now;
    bool healing; /* nothing goes wrong any more */
    bool loud;
    uint64_t turning; /* incarnation of the worker that has a turn; 0: none */
    uint64_t hash, steps, events_made, drawn, lives;
    struct event *heap;
    uint32_t n_heap, cap_heap;
    uint32_t n_hosts, n_slots;
    struct host host[MOST_HOSTS];
    struct proc *procs;
    struct conn *conns;
    uint32_t n_conns, cap_conns;
    struct chief chief;
    bool moved; /* tasks may have been, and their old workers live on */
    char wrong[256];

    /* The topology. */
    uint8_t seen[NUMBERS];
    bool acked[NUMBERS];
    uint32_t n_acked;
    uint64_t emitted, executed, timed_out, replayed;
    int64_t last_ack;

    /* What happened. */
    uint64_t deaths, supervisor_deaths, nimbus_deaths, cuts, freezes;
};

/* -------------------------------------------------------------- world.c -- */

void world_after(struct world *w, int64_t ns, struct event e);
uint64_t world_upto(struct world *w, uint64_t n); /* 0 .. n */
bool world_chance(struct world *w, uint32_t in_thousand);
void world_note(struct world *w, const char *what, uint64_t a, uint64_t b);
void world_wrong(struct world *w, const char *format, ...) GALE_PRINTF(2, 3);

/* Runs one seed; false: something was wrong, which is in w->wrong. */
bool world_run(struct world *w, uint64_t seed, bool loud);

/* -------------------------------------------------------------- chief.c -- */

void chief_birth(struct world *w);
void chief_death(struct world *w);
void chief_report(struct world *w, uint32_t host, const char *bytes,
                  size_t len);
void chief_wish(struct world *w, gi_verb_no verb); /* a client's */
void chief_submit(struct world *w);
void chief_look(struct world *w, gi_pool *pool, gi_msg_topology_look *out);
void chief_end(struct world *w);

/* --------------------------------------------------------------- host.c -- */

void host_birth(struct world *w, uint32_t no);
void host_death(struct world *w, uint32_t no); /* of its supervisor */
void host_orders(struct world *w, uint32_t no, const char *bytes, size_t len);
void host_report_failed(struct world *w, uint32_t no);
void host_pump(struct world *w, struct host *h); /* do what is to do */
void host_report(struct world *w, struct host *h);
void host_event(struct world *w, uint32_t no, uint16_t port,
                const gi_slot_event *e);
bool host_cut_off(const struct world *w, uint32_t no);
bool host_deaf(const struct world *w, uint32_t no); /* to Nimbus */
void host_end(struct world *w, uint32_t no);

/* --------------------------------------------------------------- proc.c -- */

gi_carrier carrier_of(struct proc *p);                         /* carrier.c */
struct proc *proc_find(struct world *w, uint64_t incarnation); /* living */
void proc_start(struct world *w, uint32_t host, uint16_t port,
                uint64_t incarnation, const gi_order *order);
void proc_die(struct world *w, struct proc *p, gi_ending ending);
void proc_term(struct world *w, struct proc *p);
void proc_duty(struct world *w, struct proc *p); /* look at it again */
void proc_pump(struct world *w, struct proc *p);
void proc_show(const struct proc *p);
void proc_free(struct proc *p);
const gi_msg_topology *proc_topology(struct world *w, const struct proc *p,
                                     gi_pool *pool);

/* ---------------------------------------------------------------- net.c -- */

void net_dial(struct world *w, struct proc *p, uint32_t peer);
void net_send(struct world *w, struct proc *p, uint64_t conn,
              const gi_letter *l);
void net_close(struct world *w, struct proc *p, uint64_t conn);
void net_died(struct world *w, const struct proc *p);
void net_cut(struct world *w); /* one connection breaks */

/* -------------------------------------------------------------- judge.c -- */

/* Data came from that end of the connection, and was taken: may it be? */
void judge_taken(struct world *w, const struct proc *p, const struct conn *c,
                 uint32_t from);
/* Long after all is well: is every task run once, and does nobody else live?
 */
void judge_end(struct world *w);

/* --------------------------------------------------------------- work.c -- */

extern struct world *work_world;
extern const gale_topology work_topology;

#endif
