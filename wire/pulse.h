/* pulse.h -- has the other side fallen silent, or have we been asleep?
 *
 * Silence is measured in time that we were awake: from one look to the next at
 * most `look_ns` passes, however long it was by the clock.  Who was stopped
 * for an hour accuses nobody of an hour's silence; and who is so short of
 * processor that his looks come late is that much slower to accuse.
 *
 * Whoever has heard nothing for `ping_ns` asks.  Silence is suspicious only
 * after a question, and after some multiple of what answers usually take: the
 * mean and eight times the mean deviation, within bounds (the estimator of
 * RFC 6298 and TCP).  Pure.
 */
#ifndef GI_WIRE_PULSE_H
#define GI_WIRE_PULSE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct gi_pulse {
    int64_t look_ns, ping_ns, min_ns, max_ns; /* set by the owner */
    int64_t at_ns;                            /* the last look, by the clock */
    int64_t awake_ns;
    int64_t heard, asked;    /* awake time */
    int64_t mean_ns, dev_ns; /* of answers; mean 0: none yet */
    bool asking;             /* and nothing was heard since */
    bool timing;             /* the answer will be measured */
} gi_pulse;

/* True: more time had passed than a look may take. */
static inline bool gi_pulse_look(gi_pulse *p, int64_t now)
{
    int64_t gone = now - p->at_ns;

    p->at_ns = now;
    if (gone > p->look_ns) {
        p->awake_ns += p->look_ns;
        return true;
    }
    p->awake_ns += gone > 0 ? gone : 0;
    return false;
}

/* A new connection. */
static inline void gi_pulse_begin(gi_pulse *p, bool asking)
{
    p->heard = p->asked = p->awake_ns;
    p->asking = asking;
    p->timing = false;
}

static inline void gi_pulse_ask(gi_pulse *p)
{
    p->asked = p->awake_ns;
    p->asking = p->timing = true;
}

static inline void gi_pulse_hear(gi_pulse *p)
{
    p->heard = p->awake_ns;
    p->asking = false;
}

static inline void gi_pulse_answer(gi_pulse *p)
{
    int64_t took = p->awake_ns - p->asked;
    int64_t off = took - p->mean_ns;

    if (!p->timing)
        return;
    p->timing = false;
    if (p->mean_ns == 0) {
        p->mean_ns = took > 0 ? took : 1;
        p->dev_ns = took / 2;
        return;
    }
    p->mean_ns += off / 8;
    p->dev_ns += ((off < 0 ? -off : off) - p->dev_ns) / 4;
}

static inline int64_t gi_pulse_silence(const gi_pulse *p)
{
    return p->awake_ns - p->heard;
}

/* The silence that is too long. */
static inline int64_t gi_pulse_limit(const gi_pulse *p)
{
    int64_t limit = p->ping_ns + p->mean_ns + 8 * p->dev_ns;

    if (limit < p->min_ns)
        return p->min_ns;
    return limit > p->max_ns ? p->max_ns : limit;
}

static inline bool gi_pulse_must_ask(const gi_pulse *p)
{
    return !p->asking && gi_pulse_silence(p) >= p->ping_ns;
}

static inline bool gi_pulse_lost(const gi_pulse *p)
{
    return p->asking && gi_pulse_silence(p) >= gi_pulse_limit(p);
}

#endif
