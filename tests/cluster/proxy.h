/* proxy.h -- a faulty network between workers, by a seed: what stands between
 * two of them, lets their connections through, and spoils them.
 *
 * It listens where a peer is to be reached (`proxy_way`), and dials that peer
 * itself.  Each connection gets a fate when it comes, and meets it after some
 * bytes, as likely as not in the midst of a frame; if it survives that, it
 * gets another one:
 *
 *   cut       both ends are closed in order, with some bytes lost
 *   reset     both ends are reset
 *   half      one direction is closed, the other one goes on
 *   deaf      one direction is swallowed for good, the other one goes on
 *   stall     one direction stands still for a while
 *   slow      one direction carries few bytes a second for a while
 *   delay     each piece arrives later, in order
 *   replay    what an older connection said is said to the same peer again
 *   garble    an older connection's bytes come in between
 *
 * TCP neither doubles nor reorders; the last two are what an attacker does.
 * When the faults are used up all goes through as it comes.
 */
#ifndef TESTS_CLUSTER_PROXY_H
#define TESTS_CLUSTER_PROXY_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/mix.h"

#define PROXY_FATES(X)  \
    X(CUT, "cut")       \
    X(RESET, "reset")   \
    X(HALF, "half")     \
    X(DEAF, "deaf")     \
    X(STALL, "stall")   \
    X(SLOW, "slow")     \
    X(DELAY, "delay")   \
    X(REPLAY, "replay") \
    X(GARBLE, "garble") \
    X(CLEAN, "clean")

enum proxy_fate {
#define X(name, text) FATE_##name,
    PROXY_FATES(X)
#undef X
        N_FATES
};

enum {
    PROXY_WAYS = 12,
    PROXY_CONNS = 32,
    PROXY_PIECE = 16384,
    PROXY_QUEUE =
        1 << 20,        /* bytes that wait in a direction, then it is full */
    PROXY_TAPE = 65536, /* of what was said on a way, to be said again */
};

struct piece {
    struct piece *next;
    int64_t due;
    size_t len, at;
    char bytes[];
};

/* One direction of a connection. */
struct flow {
    struct piece *first, **last;
    size_t queued;
    int64_t carried, still_until, slow_until, delay_ns, ready;
    int64_t rate;    /* bytes/s; 0: as they come */
    bool ends, deaf; /* nothing more comes; nothing gets through */
};

struct conn {
    int fd[2]; /* of who dialed, of who listens; -1: none */
    struct flow to[2];
    int way, side; /* the direction that its fate is about */
    int64_t left;  /* bytes until then */
    enum proxy_fate fate;
    bool alone; /* only says what was said before */
};

struct way {
    int listener;
    struct sockaddr_in target;
    int64_t rate;            /* both directions, always; 0: as they come */
    char *tape[2];           /* what the last one that dialed said, ... */
    size_t taped[2];         /* ... and the one that is said again */
    _Atomic int64_t carried; /* bytes */
};

struct proxy {
    struct way ways[PROXY_WAYS];
    int n_ways;
    struct conn conns[PROXY_CONNS];
    gi_rng rng;
    _Atomic uint32_t faults_left;
    uint32_t of[N_FATES], n_conns;
    _Atomic bool stop;
    pthread_t thread;
};

/* Zero faults: all goes through.  `x` is to stay where it is. */
void proxy_init(struct proxy *x, uint64_t seed, uint32_t faults);

/* Who connects to host:port comes to the same port of 127.0.0.1, at so many
 * bytes a second; 0: as fast as it goes.  Before the start. */
bool proxy_way(struct proxy *x, const char *host, uint16_t port, int64_t rate);

bool proxy_start(struct proxy *x);
void proxy_stop(struct proxy *x);

/* What there was, to stderr. */
void proxy_say(const struct proxy *x);

#endif
