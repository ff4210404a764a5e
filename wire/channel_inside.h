/* channel_inside.h -- what the files of the channel share.  See channel.h. */
#ifndef GI_WIRE_CHANNEL_INSIDE_H
#define GI_WIRE_CHANNEL_INSIDE_H

#include "wire/arrivals.h"
#include "wire/channel.h"
#include "wire/pulse.h"
#include "wire/redial.h"

/* Deliberate mistakes, which its simulation has to find. */
#define GI_CHANNEL_BUGS(X)                                                   \
    X(NO_DEDUPLICATION, "a frame that comes twice is taken twice")           \
    X(GAP_TAKEN, "a missing frame is not missed")                            \
    X(RESUME_LATE, "a frame is left out when a connection begins anew")      \
    X(RESUME_OLD, "a new incarnation gets the numbers of the last one")      \
    X(OPEN_IGNORED, "what came over is taken for executed")                  \
    X(LOST_FORGOTTEN, "frames that left are forgotten when the peer ends")   \
    X(CREDIT_LEAK, "credit of frames executed out of order does not return") \
    X(LATE_TAKEN, "what an old incarnation sent acknowledges for the new")   \
    X(DONE_UNTOLD, "frames executed out of order are not told of")           \
    X(ENDED_FORGOTTEN, "an incarnation that has ended is listened to again") \
    X(TAIL_LOST, "what is missing at the end is never missed")               \
    X(FIN_EARLY, "goodbye is said before all is executed")                   \
    X(SLEEPER_ACCUSES, "time asleep counts as silence")                      \
    X(NEVER_ACCUSES, "a peer that is not heard is not suspected")            \
    X(OLD_ASSIGNMENT, "peers of another assignment are let in")

#ifdef GI_CHANNEL_WITH_BUGS
enum {
    GI_CHANNEL_BUG_NONE,
#define X(name, text) GI_CHANNEL_BUG_##name,
    GI_CHANNEL_BUGS(X)
#undef X
        GI_N_CHANNEL_BUGS
};
extern uint32_t gi_channel_bug;
#define BUG(name) (gi_channel_bug == GI_CHANNEL_BUG_##name)
#else
#define BUG(name) 0
#endif

typedef struct gi_parcels {
    gi_parcel *first, *last;
} gi_parcels;

typedef struct gi_closing {
    uint64_t conn;
    gi_parting why;
    bool say; /* a greeting that refuses */
} gi_closing;

typedef enum gi_phase {
    GI_PHASE_NONE,     /* no connection */
    GI_PHASE_GREETING, /* we dialed, and wait for the peer's greeting */
    GI_PHASE_OPEN,     /* the peer's greeting was good */
} gi_phase;

enum { GI_CLOSINGS = 4 };

struct gi_channel {
    gi_channel_opts o;

    /* whom we speak with */
    uint64_t peer;       /* incarnation; 0: none known */
    uint64_t ended;      /* it and those before it have ended */
    uint64_t assignment; /* the highest heard of */
    uint32_t protocol;   /* agreed upon */
    gi_parting refused;  /* by the peer */

    /* what goes */
    gi_parcels waiting[GI_N_LANES]; /* never left */
    gi_parcels flight;              /* left, by number, and not executed */
    gi_parcel *again; /* the first of them not sent on this connection */
    gi_parcels back;  /* on their way to the caller */
    uint64_t last;    /* the highest number given */
    uint64_t sure;    /* the highest known to be executed */
    uint32_t frames[GI_N_LANES]; /* waiting and in flight */
    uint64_t bytes[GI_N_LANES];
    gi_parcel fin;
    bool leaving, fin_sent, fin_done;

    /* what comes */
    uint64_t received; /* all to here */
    gi_arrivals arrivals;
    uint64_t *tell; /* executed out of order, and not told of */
    uint32_t n_tell;
    uint64_t telling[GI_DONE_MOST]; /* in the last ACK */
    uint32_t untold;                /* executed since something left */
    int64_t tell_at;
    bool fin_got;

    /* the connection */
    gi_phase phase;
    uint64_t conn;
    bool hello_due, ping_due, pong_due;
    bool dialing;
    uint32_t hurried; /* connections that were given up before a greeting */
    uint64_t attempt; /* the dialing end's */
    int64_t redial_at, opened_at;
    gi_pulse pulse;
    gi_redial redial;
    bool suspicious, over;
    gi_closing closings[GI_CLOSINGS];
    uint32_t n_closings;

    gi_channel_counts counts;
};

/* -------------------------------------------------- lists, in channel.c -- */

void gi_parcels_push(gi_parcels *list, gi_parcel *p);
gi_parcel *gi_parcels_pop(gi_parcels *list);

/* --------------------------------------------- the whole, in channel.c -- */

void gi_channel_wake(gi_channel *c, int64_t now);
void gi_channel_close_conn(gi_channel *c, gi_parting why, bool say,
                           int64_t now);
void gi_channel_close_other(gi_channel *c, uint64_t conn, gi_parting why,
                            bool say);
void gi_channel_drop_conn(gi_channel *c, int64_t now);
/* Whatever was offered comes back lost, and numbers begin anew. */
void gi_channel_lose_all(gi_channel *c);
/* Is everything said? */
void gi_channel_settle(gi_channel *c, int64_t now);

/* All up to it came over and are executed. */
static inline uint64_t gi_channel_executed_to(const gi_channel *c)
{
    return c->arrivals.n == 0 ? c->received
                              : *gi_arrivals_list(&c->arrivals) - 1;
}

/* The highest number that was sent on this connection, or need not be. */
static inline uint64_t gi_channel_sent_to(const gi_channel *c)
{
    return c->again == NULL ? c->last : c->again->no - 1;
}

/* -------------------------------------- acknowledged, in channel_acks.c -- */

/* The peer says that all up to `ack`, and `done`, are executed.  False: that
 * cannot be. */
bool gi_channel_acked(gi_channel *c, uint64_t ack, const uint64_t *done,
                      uint32_t n_done);
/* What the peer's greeting says of our frames: go on from there. */
bool gi_channel_can_resume(const gi_channel *c, const gi_greeting *g);
void gi_channel_resume(gi_channel *c, const gi_greeting *g);
void gi_channel_forget_told(gi_channel *c);

/* --------------------------------------- greetings, in channel_greet.c -- */

void gi_channel_greeted(gi_channel *c, uint64_t conn, const gi_letter *l,
                        int64_t now);

#endif
