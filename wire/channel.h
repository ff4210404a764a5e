/* channel.h -- one end of the link between two workers: what is sent when,
 * what was lost, and whom to believe.
 *
 * A connection comes and goes; the link stays.  An end is this worker's
 * incarnation on one side and a peer, of which incarnations may come and go,
 * on the other.  Between a pair of incarnations frames are numbered from 1;
 * each is taken at most once and in order, over however many connections.
 *
 * A frame is kept here until the peer has executed it: until its tuples have
 * been handled and what came of them has left.  So every frame that was
 * offered comes back exactly once, and says which it was:
 *
 *   executed  the peer said so
 *   lost      the peer's incarnation ended, or the link was given up, and it
 *             is not known that the frame was executed (it may have been)
 *
 * Two lanes share a connection.  Data waits for credit: no more of it is under
 * way than the settings say, and executing is what gives credit back.  Notes
 * have room of their own and go first.  A frame gets its number when it first
 * leaves; so what waits for credit holds up nothing.
 *
 * The end with `dials` makes connections; the other one waits for them.  The
 * first frame of each side is a greeting.  It says who and of which assignment
 * one is, and how far one has come with the other's frames: what came over
 * and what of that is still to be executed.  From it the other side knows
 * what to send again, and what it has missed.
 *
 * This machine is pure: it does no I/O, reads no clock, starts no thread, and
 * allocates in gi_channel_create only.  It is told what happened, and asked
 * what to do: after each call that is marked with (!) below, call
 * gi_channel_next until there is nothing to do.  Times are nanoseconds of a
 * clock that does not go back.
 *
 * Thread  any, one at a time
 */
#ifndef GI_WIRE_CHANNEL_H
#define GI_WIRE_CHANNEL_H

#include "gale/base.h"
#include "wire/frame.h"
#include "wire/parting.h"

typedef struct gi_channel gi_channel;

typedef enum gi_lane { GI_LANE_NOTES, GI_LANE_DATA, GI_N_LANES } gi_lane;

/* Zero means default. */
typedef struct gi_channel_opts {
    uint64_t me;         /* this worker's incarnation; later ones are higher */
    uint64_t assignment; /* version of it that this worker runs */
    uint64_t key, peer_key; /* who we are, and whom the link is to, whatever
                             * the incarnation */
    uint32_t protocol, protocol_min; /* spoken here; min 0: only that one */
    bool dials;
    struct {
        uint32_t frames; /* notes: 64, data: 128; at most 4096 */
        uint64_t bytes;  /* notes: 1 MiB, data: 4 MiB.  No frame is larger */
    } lane[GI_N_LANES];  /* must be the same at both ends */
    int64_t ack_ns;      /* an executed frame is told of within; 1 ms */
    int64_t ping_ns; /* nothing heard for so long: are you there?; 200 ms */
    int64_t silent_min_ns, silent_max_ns; /* then it is not; 1 s, 3 s */
    int64_t look_ns; /* who looks more rarely than this was asleep; 100 ms */
    int64_t redial_min_ns, redial_max_ns; /* 10 ms, 1 s */
    uint64_t seed;                        /* of the jitter */
} gi_channel_opts;

/* A greeting may take so many times silent_min_ns, if others were given up
 * before it. */
enum { GI_GREETING_TIMES = 4 };

/* A frame that is offered: part of what the caller keeps it in, and not to be
 * touched until it comes back. */
typedef struct gi_parcel {
    struct gi_parcel *next;
    uint64_t no;    /* 0: it never left */
    uint32_t bytes; /* of its payload */
    uint8_t lane;   /* a gi_lane */
    bool executed;  /* when it comes back; else it is lost */
} gi_parcel;

/* What a HELLO says, besides its header. */
typedef struct gi_greeting {
    uint64_t assignment;
    uint64_t attempt; /* of the dialing end: counts its connections */
    uint64_t key;     /* who greets, ... */
    uint64_t wanted;  /* ... and whom */
    uint32_t protocol;
    uint32_t refused; /* a gi_parting: why there will be no link; 0: welcome */
    uint64_t
        received; /* all frames to here came over from incarnation `to`... */
    uint32_t n_open;      /* ... and of them these are still to be executed */
    const uint64_t *open; /* ascending; borrowed until the next call */
} gi_greeting;

/* A frame that comes or goes, in numbers. */
typedef struct gi_letter {
    gi_frame_kind kind;
    uint64_t from, to; /* incarnations; to: 0 while it is not known */
    uint64_t seq;    /* DATA, FIN: its number; others: the highest one sent */
    uint64_t ack;    /* all up to it are executed */
    uint32_t bytes;  /* DATA: of the payload */
    uint32_t n_done; /* ACK: above `ack`, these are executed as well; ... */
    const uint64_t *done; /* ... borrowed until the next call */
    gi_greeting greeting; /* HELLO */
    gi_parcel *parcel;    /* going, DATA: whose payload it is */
} gi_letter;

enum { GI_DONE_MOST = 64 }; /* numbers in one ACK */

typedef enum gi_do {
    GI_DO_NOTHING,
    GI_DO_DIAL,  /* then gi_channel_up or gi_channel_dial_failed */
    GI_DO_SEND,  /* `letter` over `conn` */
    GI_DO_CLOSE, /* `conn`; a HELLO in `letter` that refuses goes first.  No
                  * gi_channel_down is needed, nor does it harm */
} gi_do;

typedef struct gi_act {
    gi_do what;
    uint64_t conn;
    gi_parting why; /* CLOSE */
    bool say;       /* CLOSE: there is a letter */
    gi_letter letter;
} gi_act;

/* X(name, what is counted) */
#define GI_CHANNEL_COUNTS(X)                                        \
    X(sent, "frames with a number, each once")                      \
    X(resent, "frames that were sent again")                        \
    X(executed, "frames that the peer has executed")                \
    X(lost, "frames that came back as lost")                        \
    X(received, "frames taken")                                     \
    X(duplicates, "frames dropped, since they came before")         \
    X(gaps, "connections given up because a frame was missing")     \
    X(faults, "connections given up because of other nonsense")     \
    X(silences, "connections given up because nothing was heard")   \
    X(refused, "greetings refused here")                            \
    X(refused_there, "greetings refused by the peer")               \
    X(connections, "connections over which both have greeted")      \
    X(incarnations, "incarnations of the peer")                     \
    X(deaths, "incarnations of it that are known to have ended")    \
    X(acks, "frames with nothing but acknowledgements")             \
    X(pings, "questions whether the peer is there")                 \
    X(late, "frames executed after the incarnation that sent them") \
    X(asleep, "times that this end was found to have been asleep")

typedef struct gi_channel_counts {
#define X(name, text) uint64_t name;
    GI_CHANNEL_COUNTS(X)
#undef X
} gi_channel_counts;

/* GALE_EINVAL for opts that make no sense, GALE_ENOMEM. */
gale_err gi_channel_create(gi_channel **out, const gi_channel_opts *opts,
                           int64_t now);
/* NULL is fine.  What was offered must have come back. */
void gi_channel_destroy(gi_channel *c);

/* ------------------------------------------------------------- sending -- */

/* Is there room for a frame of so many bytes, now?  Not after
 * gi_channel_leave, nor if the link is over.  Only this link's credit counts:
 * a slow peer holds up nobody else's. */
bool gi_channel_room(const gi_channel *c, gi_lane lane, uint32_t bytes);

/* (!) Send it, when there is a connection.  GALE_ELIMIT: no room. GALE_EINVAL:
 * larger than can ever go, or after gi_channel_leave; then it is not kept. */
gale_err gi_channel_offer(gi_channel *c, gi_lane lane, gi_parcel *p);

/* The next one that comes back; NULL: none. */
gi_parcel *gi_channel_back(gi_channel *c);

/* --------------------------------------------------- what has happened -- */

void gi_channel_up(gi_channel *c, uint64_t conn, int64_t now); /* (!) dialed */
void gi_channel_dial_failed(gi_channel *c, int64_t now);       /* (!) */
void gi_channel_down(gi_channel *c, uint64_t conn, int64_t now); /* (!) */

/* (!) A frame came.  At the end that does not dial, a HELLO is how a new
 * connection becomes known.  True: take its payload, and when it is executed
 * call gi_channel_executed.  False: there is nothing to take. */
bool gi_channel_arrived(gi_channel *c, uint64_t conn, const gi_letter *l,
                        int64_t now);

/* (!) Frame `no` of incarnation `from` is executed, in any order.  Each frame
 * that was taken must come to this in the end, failed tuples or not. */
void gi_channel_executed(gi_channel *c, uint64_t from, uint64_t no,
                         int64_t now);

/* (!) Somebody who knows says that this incarnation of the peer has ended.  It
 * and those before it are not listened to again. */
void gi_channel_peer_ended(gi_channel *c, uint64_t incarnation, int64_t now);

/* (!) This worker runs another version of the assignment.  Connections begin
 * anew, without loss, when the peer runs it as well. */
void gi_channel_assign(gi_channel *c, uint64_t version, int64_t now);

/* (!) Time went by.  Must be called by gi_channel_due. */
void gi_channel_tick(gi_channel *c, int64_t now);

/* When to call gi_channel_tick; INT64_MAX: no need. */
int64_t gi_channel_due(const gi_channel *c);

/* ----------------------------------------------------------- what to do -- */

/* The connection over which it would send; 0: none. */
uint64_t gi_channel_conn(const gi_channel *c);

/* may_send: that connection can take a frame; if it could not, ask again when
 * it can.  False: there is nothing to do. */
bool gi_channel_next(gi_channel *c, bool may_send, int64_t now, gi_act *out);

/* ------------------------------------------------------------- the end -- */

/* (!) Nothing more will be offered.  When all that was has been executed, FIN
 * says so; when both ends have said it the link is over. */
void gi_channel_leave(gi_channel *c, int64_t now);

/* (!) Everything comes back now; what was under way, as lost.  The link is
 * over, in disorder. */
void gi_channel_abandon(gi_channel *c);

/* ------------------------------------------------------- how it stands -- */

typedef struct gi_channel_view {
    uint64_t peer;       /* incarnation; 0: none known */
    bool open;           /* both have greeted on a connection that holds */
    bool suspicious;     /* fell silent, and was not heard since */
    bool leaving;        /* gi_channel_leave was called */
    bool peer_leaving;   /* it will send nothing more: leave as well */
    bool over;           /* nothing more will ever come or go */
    gi_parting refused;  /* why the peer refused us the last time we met */
    uint64_t assignment; /* the highest version heard of: may be above ours */
    uint32_t protocol;   /* agreed upon */
    uint32_t frames[GI_N_LANES]; /* offered and not back */
    uint64_t bytes[GI_N_LANES];
    uint32_t open_here; /* frames taken and not executed */
    gi_channel_counts counts;
} gi_channel_view;

void gi_channel_look(const gi_channel *c, gi_channel_view *out);

/* counts.deaths of it. */
uint64_t gi_channel_deaths(const gi_channel *c);

/* (!) The peer may be to be found now: dial without waiting. */
void gi_channel_dial_now(gi_channel *c, int64_t now);

#endif
