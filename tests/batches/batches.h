/* batches.h -- one run of trident-sim: what follows from its seed, what the
 * oracles know of it, and the store that it writes to.
 *
 * A run is one Trident program in several lives: each ends by a loss of power,
 * and the next begins over the same store, perhaps with other numbers of
 * tasks. In the last life faults end, and all has to settle.  The source is a
 * table of tokens; a batch's content is known as soon as it was emitted, so
 * what a state has to be after it can be reckoned without Gale.
 *
 *     draw.c     from a seed to a scenario
 *     source.c   spouts of the three kinds, over the tokens
 *     program.c  a scenario as a Trident program
 *     model.c    attempts, their contents, and what is counted
 *     watch.c    oracles: what the coordinator says, in which order
 *     disk.c     the store, its faults; disk_watch.c: oracles of each write
 *     run.c      lives
 */
#ifndef TESTS_BATCHES_BATCHES_H
#define TESTS_BATCHES_BATCHES_H

#include "base/mix.h"
#include "gale/trident.h"
#include "local/sim/sim.h"

enum {
    MAX_KEYS = 12,
    MAX_SOURCES = 2,
    MAX_PARTITIONS = 4,
    MAX_TOKENS = 256, /* of a source */
    MAX_LIVES = 4,
    MAX_FAULTS = 16,
    MAX_FAULT_TEXT = 80,
};

/* ---------------------------------------------------------- a scenario -- */

typedef enum shape {
    SHAPE_WORDS, /* a token is some words */
    SHAPE_BANK,  /* a token moves money: the sum of all accounts stays 0 */
    SHAPE_JOIN,  /* two sources, joined within a batch */
    N_SHAPES,
} shape;

/* The states that a program may have.  All of them come from rows of a key and
 * an amount. */
typedef enum state_no {
    STATE_MAIN,  /* sums by key */
    STATE_TOTAL, /* the sum of all */
    STATE_CHAIN, /* sums of MAIN's new values, by half their key: a late part
                  */
    STATE_ASKED, /* rows by key, behind a query of MAIN */
    STATE_HAND,  /* as MAIN, kept up to date by hand */
    N_STATES,
} state_no;

typedef struct life {
    uint32_t sources, middle, states; /* tasks */
    uint32_t loops;
    uint32_t power_ms;    /* power goes then; 0: not by time */
    uint32_t power_write; /* during that write; 0: not by number */
} life;

typedef struct scenario {
    uint64_t seed;
    shape shape;
    gale_spout_kind spout;
    gale_state_kind state;
    bool has[N_STATES];
    bool reduce;   /* MAIN is a reducer's */
    bool asks;     /* the source is asked whether there is anything */
    bool files;    /* the embedded store, below the watched one */
    uint32_t move; /* how rows come from the source to the middle */
    uint32_t n_sources, partitions, tokens, keys, burst;
    uint32_t window, interval_ms, timeout_s, ackers;
    life lives[MAX_LIVES];
    uint32_t n_lives;
    uint32_t until_ms;                 /* of a life; faults end then */
    uint32_t open, get, before, after; /* of 10000 calls so many fail; `after`:
                                          a write that is done fails */
    uint32_t write_ms;                 /* a write takes so long at most */
    bool aware; /* of loads: shuffles may stay on their loop */
    uint32_t n_faults;
    char fault[MAX_FAULTS][MAX_FAULT_TEXT];
} scenario;

void draw(scenario *s, uint64_t seed);
void draw_faults(scenario *s, gi_rng *r);
void scenario_print(const scenario *s, FILE *to);
extern const char *const state_names[N_STATES];
extern const char *const shape_names[N_SHAPES];
extern const char *const source_names[MAX_SOURCES];
const char *cell_name(gale_spout_kind spout, gale_state_kind state);

/* ----------------------------------------------------------- the model -- */

/* A value of each key, and whether there is one. */
typedef struct tally {
    int64_t at[N_STATES][MAX_KEYS];
    bool is[N_STATES][MAX_KEYS];
} tally;

typedef struct item {
    uint16_t source, portion, token;
} item;

typedef struct attempt {
    uint64_t txid, attempt;
    uint64_t counted_then; /* the last that counted when it was begun */
    bool failed, told;     /* a commit of it was said */
    item *items;
    uint32_t n, cap;
} attempt;

typedef struct model {
    const scenario *s;
    gi_sim *sim;
    gale_trident *t;
    const char *coordinator;

    uint64_t last_attempt, counted, success, begun;
    uint64_t told_txid, told_attempt; /* the commit under way */
    bool died;          /* the coordinator, since it began a batch last */
    attempt **attempts; /* in the order of their numbers */
    uint32_t n, cap;
    attempt **count_of; /* [txid]: the attempt that counts */
    uint64_t cap_txids;
    uint32_t n_counted[MAX_SOURCES];
    uint32_t cursor[MAX_SOURCES][MAX_PARTITIONS]; /* NON_TRANSACTIONAL */
    tally before, now;                            /* the last counted batch */

    bool off; /* the power is: what is said now nobody hears */
    uint64_t commits, replays, batches;
    bool miscounted;   /* where nothing is promised */
    const char *wrong; /* the oracle that was violated; NULL: none */
    char words[400];
} model;

extern model m;

void model_begin(const scenario *s);
void model_end(void);
void wrong(const char *oracle, const char *format, ...) GALE_PRINTF(2, 3);

/* Is that state exactly once?  (The table, by itself.) */
bool is_promised(state_no state);

attempt *attempt_of(uint64_t number); /* NULL: never begun */
attempt *attempt_begun(uint64_t txid, uint64_t number);
void attempt_emitted(uint64_t number, item what);
void attempt_restarts(uint64_t number, uint32_t source, uint32_t portion);

/* What is there behind `a`, if `base` was before it. */
void reckon(tally *out, const tally *base, const attempt *a);
/* The last one that counts; m.now follows. */
void model_counts(attempt *a);
void model_check_end(void);

/* A token in words: the rows that come of it. */
uint32_t token_rows(uint32_t source, uint32_t token, int64_t rows[][2]);
enum { MAX_ROWS = 4 };

/* ---------------------------------------------------------------- parts -- */

extern const gi_watcher watcher;

/* The program in this life.  NULL: `why`. */
const gale_topology *program_make(const life *l, gale_diag *why);
const gale_batch_spout *source_table(uint32_t no);
bool source_ended(uint32_t no);

extern const gale_store watched_store;
/* Around runs in processes that may be killed: what they leave goes. */
void disk_place_begin(void);
void disk_place_end(void);
void disk_begin(const scenario *s);
void disk_end(void);
void disk_power_on(const life *l);
void disk_calm(void); /* nothing fails any more */
void disk_power_off(void);
void disk_forget(void);
bool disk_is_dead(void); /* the power went in the midst of a write */
uint64_t disk_hash(void);
/* What the store has of a state: m.now, or what is wrong with it. */
void disk_check(state_no state, const char *when);
uint64_t disk_faults(int kind); /* open, get, before, after, power */
void disk_watch_begin(void);
/* A batch writes to a state. */
void write_check(state_no state, const gale_change *c, size_t n);
/* A stored pair; false: it is none of a key and a value. */
bool pair_read(state_no state, gale_str key, gale_str value, uint32_t *k,
               int64_t *v);

/* ---------------------------------------------------------------- runs -- */

enum { DISK_OPEN, DISK_GET, DISK_BEFORE, DISK_AFTER, DISK_POWER, N_DISK };

typedef struct outcome {
    char wrong[24];
    char words[400];
    uint64_t seed;
    uint64_t steps, hash, virtual_ns;
    uint64_t batches, commits, replays, lives;
    uint64_t faults[GI_N_FAULT_KINDS], disk[N_DISK];
    bool miscounted;
    uint32_t cell; /* spout * 3 + state */
} outcome;

/* Can it be run at all?  False: `why`. */
bool scenario_makes_sense(const scenario *s, gale_diag *why);
void run_scenario(const scenario *s, FILE *log, outcome *out);

#endif
