/* bench.h -- what the cases of gale-bench share.
 *
 * A case measures one promise.  It runs its sides in turn (A B A B ...) over
 * the same input, checks the answer after every run, and puts what it found
 * into a report: a table for people on stderr, one JSON object for programs
 * on stdout.  The machine is never quiet, so a figure is a median, and the
 * least and the most stand beside it; a ratio is the median of the ratios of
 * runs that followed one another.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <sys/types.h>

#include "base/json.h"
#include "gale/gale.h"

enum { BENCH_MAX_REPEATS = 99 };

typedef struct bench_opts {
    double seconds;    /* one run of one side */
    unsigned repeats;  /* runs a side */
    uint32_t loops;    /* never 0: one a core where nothing was said */
    unsigned kills;    /* of a worker */
    const char *input; /* a file of text, or NULL */
    const char *only;  /* one side or dimension, or NULL */
    uint64_t tuples;   /* of one run, instead of seconds; 0: seconds */
    bool json;
    bool quiet;
} bench_opts;

/* ------------------------------------------------------------- samples -- */

typedef struct bench_samples {
    unsigned n;
    double at[BENCH_MAX_REPEATS];
} bench_samples;

/* A zeroed one is empty; what is beyond the room for them is left out. */
void bench_add(bench_samples *s, double value);
double bench_median(const bench_samples *s); /* 0 if there are none */
double bench_min(const bench_samples *s);
double bench_max(const bench_samples *s);

/* The one that `share` (0..1) of all lie below. */
double bench_ranked(const bench_samples *s, double share);

/* Of the i-th of one and the i-th of the other, for all i. */
bench_samples bench_ratios(const bench_samples *a, const bench_samples *b);

/* -------------------------------------------------------------- report -- */

typedef struct bench_report {
    gi_json json;
    bool quiet;
} bench_report;

/* KEY, KEY_min and KEY_max. */
void bench_put(bench_report *r, const char *key, const bench_samples *s);
void bench_put_f64(bench_report *r, const char *key, double value);
void bench_put_u64(bench_report *r, const char *key, uint64_t value);
void bench_put_bool(bench_report *r, const char *key, bool value);
void bench_put_str(bench_report *r, const char *key, const char *value);

/* What follows belongs to an object of its own. */
void bench_open(bench_report *r, const char *key);
void bench_close(bench_report *r);

/* --------------------------------------------------------------- cases -- */

/* False: it could not be run, or an answer was wrong; said on stderr. */
typedef bool (*bench_run)(const bench_opts *o, bench_report *r);

bool bench_wordcount(const bench_opts *o, bench_report *r);
bool bench_identity(const bench_opts *o, bench_report *r);
bool bench_latency(const bench_opts *o, bench_report *r);
bool bench_machine(const bench_opts *o, bench_report *r);
bool bench_backpressure(const bench_opts *o, bench_report *r);
bool bench_micro(const bench_opts *o, bench_report *r);
bool bench_codec(const bench_opts *o, bench_report *r);
bool bench_processes(const bench_opts *o, bench_report *r);
bool bench_recovery(const bench_opts *o, bench_report *r);
bool bench_idle(const bench_opts *o, bench_report *r);
bool bench_hash(const bench_opts *o, bench_report *r);
bool bench_together(const bench_opts *o, bench_report *r);
bool bench_fused(const bench_opts *o, bench_report *r);
bool bench_exactly_once(const bench_opts *o, bench_report *r);
bool bench_trident_idle(const bench_opts *o, bench_report *r);
bool bench_scale(const bench_opts *o, bench_report *r);

/* --------------------------------------------------------------- tools -- */

int64_t bench_now_ns(void);
double bench_cpu_of(pid_t pid); /* seconds that a process took so far; or 0 */
void bench_say(const char *format, ...) GALE_PRINTF(1, 2); /* to stderr */

/* So many tuples more were executed by bolts; how many in all. */
void bench_count(uint64_t executed);
uint64_t bench_counted(void);

/* gale_local_run, and bench_count; what went wrong is said. */
bool bench_topology(const gale_topology *t, const gale_setting *conf,
                    uint32_t loops, gale_run_result *result);

/* Of --only: the acked side unless it says "unacked". */
bool bench_wants_acked(const bench_opts *o);

/* How many times `once_s` goes into `seconds`; at least one. */
uint32_t bench_rounds(double seconds, double once_s);

#endif
