/* commit.pml -- how a coordinator, its parts and their stores agree that a
 * batch counts once.
 *
 * A formal model of what trident/ and state/ do, small enough that spin can
 * look at every state it can get into (tests/model/check_commit does).  Read
 * trident/coordinator.h and state/fence.h first; beside each step stands the
 * function it mirrors.
 *
 *      coordinator --batch--> source --rows--> part 0, part 1
 *           +------- commit ----+----------------+------+
 *
 * The source has TUPLES tuples, of which part 0 counts the even ones and part 1
 * the odd ones.  They come in TXNS batches: an opaque source takes as many into
 * a batch as it likes, each time that the batch is begun; for a transactional
 * one that is laid down in a plan.  The last batch has all that is left.
 *
 * THE WORLD.  Messages are in a bag: each is handed over at any later time, in
 * any order.  FAULTS of these may happen, at any time:
 *
 *      a message is lost, or an answer
 *      source, part or coordinator dies and starts anew with what is on record
 *      a write is done, and fails all the same
 *      an attempt is given up although nothing is wrong with it
 *
 * and DUPS times a commit comes twice.  Of what was lost, the coordinator hears
 * at any later time (time-outs, and what the acker knows).
 *
 * WHAT MUST HOLD.
 *
 *   P1  no tuple is counted twice
 *   P2  when a batch counts, states have all tuples up to its end: none is
 *       skipped
 *   P3  states are changed by the batch whose turn it is, and no other
 *   P4  an attempt is given up only if there was a reason
 *   P5  every run ends, and all batches have counted
 *
 * WHAT IS LEFT OUT.
 *
 *   Rows.  That all of a batch's rows came, and once, is what their sums show
 *   (trident/tracker.h); here they come together or not at all.
 *   Keys and groups: a part has one fence.  Time, pauses, memory.
 *   Late parts, which finish while a batch is committed.
 *
 * Switches that begin with BREAK_ spoil the protocol.  Spin has to find out
 * about each of them, or the model would prove nothing.
 */
#ifndef TXNS
#define TXNS 2
#endif
#ifndef TUPLES
#define TUPLES 2
#endif
#ifndef FAULTS
#define FAULTS 2
#endif
#ifndef DUPS
#define DUPS 0
#endif
#ifndef WINDOW
#define WINDOW 2
#endif
#define MOST 8 /* attempts that are ever made; one more is an error */

#ifdef TRANSACTIONAL
#define is_opaque false
#else
#define is_opaque true
#endif

/* Who works on a batch, in sets. */
#define P0 1
#define P1 2
#define SOURCE 4
#define ALL (P0 | P1 | SOURCE)
#define EVERYBODY 7

/* One attempt; its index is its number, which never comes again. */
typedef try {
    byte txid;
    byte after;        /* the attempt that it follows; 0: that has counted */
    byte from, upto;   /* its tuples, once the source has begun */
    byte floor;        /* attempts below were over when it was committed */
    byte to_begin;     /* the batch is on its way to these, ... */
    byte to_commit;    /* ... and the commit to these */
    byte here;         /* they have all of it in their memory */
    byte processed, done; /* the coordinator heard so from these */
    bit lost; /* something of it; the coordinator will hear */
    bit hurt; /* something of it was, ever */
}
try at[MOST + 1];

byte faults = FAULTS;
byte dups = DUPS;

/* ------------------------------------------------------------ the record -- */

byte written;           /* gi_coordinate.written: so many have counted */
byte plan_upto[TXNS + 1]; /* of a transactional source; [0] is 0 */
byte planned;           /* so many plans are on record */

/* gi_remember_from: of the source's partition. */
byte r_txid, r_from, r_upto;

/* state/fence.h: of each part. */
typedef store {
    byte value, before; /* sets of tuples */
    byte txid, attempt; /* 0: no fence */
}
store st[2];

/* ------------------------------------------------------- the coordinator -- */

#define WAITS 0
#define PROCESSING 1
#define PROCESSED 2
#define COMMITTING 3

byte committed;       /* gi_coordinator.committed */
byte begun;           /* committed + n: these are known */
byte next = 1;        /* gi_coordinator.next_attempt */
byte cur[TXNS + 2];   /* gi_txn.attempt; 0: none */
byte state[TXNS + 2]; /* gi_txn.state */
byte floor_of[3];     /* gi_tracker.floor: of part 0, part 1, the source */
byte s_committed;     /* gi_remember_attempt */

byte i, k; /* 0 between steps */

/* gi_coordinator_floor, into `k`. */
inline find_floor()
{
    k = next;
    i = committed + 1;
    do
    :: i <= begun ->
        if
        :: cur[i] != 0 && cur[i] < k -> k = cur[i]
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0
}

/* gi_coordinator_begin, gi_coordinator_again, say_batch */
inline start(t)
{
    assert(next <= MOST); /* else MOST is too small */
    cur[t] = next;
    state[t] = PROCESSING;
    at[next].txid = t;
    at[next].after =
        (t <= committed + 1 || !is_opaque -> 0 : cur[t - 1]);
    at[next].to_begin = SOURCE;
    next++
}

/* gi_coordinator_failed: `t` and all that come behind it. */
inline fail_from(t)
{
    k = t;
    do
    :: k <= begun ->
        cur[k] = 0;
        state[k] = WAITS;
        k++;
#ifdef BREAK_LATER
        break
#endif
    :: k > begun -> break
    od;
    k = 0
}

/* What is over, and of what nothing is under way that could change anything,
 * leaves no trace in the state. */
#define is_over(a) (at[a].txid <= committed || cur[at[a].txid] != a)
#define follows(t, a) (cur[t] != 0 && at[cur[t]].after == a)

inline tidy()
{
    i = 1;
    do
    :: i < next && at[i].txid != 0 && is_over(i) ->
        at[i].processed = 0;
        at[i].done = 0;
        at[i].hurt = 0;
#ifndef BREAK_STALE
        at[i].lost = 0;
#endif
        if
        :: at[i].to_commit == 0 ->
            at[i].to_begin = 0;
            if
            :: (at[i].here & SOURCE) && follows(at[i].txid + 1, i) ->
                at[i].here = SOURCE
            :: else ->
                at[i].here = 0;
                at[i].after = 0;
                at[i].from = 0;
                at[i].upto = 0;
                at[i].floor = 0;
                at[i].txid = (at[i].lost -> at[i].txid : 0)
            fi
        :: at[i].to_commit != 0
        fi;
        i++
    :: i < next && (at[i].txid == 0 || !is_over(i)) -> i++
    :: i >= next -> break
    od;
    i = 0
}

/* waiting(): the first that does, or 0 */
#define waits_1 (begun >= committed + 1 && state[committed + 1] == WAITS)
#define waits_2                                                             \
    (begun >= committed + 2 && state[committed + 2] == WAITS && !waits_1)

/* The coordinator hears that something of attempt `a` was lost. */
inline hear(a)
{
    at[a].lost = 0;
    k = at[a].txid;
    if
    :: cur[k] == a && k > committed && k <= begun ->
        assert(at[a].hurt); /* P4 */
        fail_from(k)
    :: else ->
#ifdef BREAK_STALE
        if
        :: begun > committed && cur[committed + 1] != 0 ->
            assert(at[cur[committed + 1]].hurt); /* P4 */
            fail_from(committed + 1)
        :: else
        fi
#endif
        k = 0
    fi
}

/* gi_coordinator_done, count */
inline count(t)
{
    /* P2: all tuples up to its end are there */
    assert((st[0].value | st[1].value) == (1 << at[cur[t]].upto) - 1);
    cur[t] = 0;
    state[t] = WAITS;
    committed++
}

active proctype coordinator()
{
    do
    /* begin: one that never was; its plan is on record before */
    :: atomic { begun < TXNS && begun - committed < WINDOW && !waits_1 &&
                !waits_2 ->
        begun++;
        if
        :: !is_opaque && planned < begun ->
            plan_upto[begun] = plan_upto[begun - 1];
            if
            :: begun == TXNS -> plan_upto[begun] = TUPLES
            :: begun < TXNS -> skip
            :: begun < TXNS && plan_upto[begun] < TUPLES -> plan_upto[begun]++
            fi;
#ifndef BREAK_PLAN
            planned = begun
#endif
        :: else
        fi;
        start(begun)
    }
    /* again */
    :: atomic { waits_1 -> start(committed + 1) }
    :: atomic { waits_2 -> start(committed + 2) }
    /* gi_coordinator_processed */
    :: atomic { begun > committed && state[committed + 1] == PROCESSING &&
                at[cur[committed + 1]].processed == EVERYBODY ->
        state[committed + 1] = PROCESSED
    }
    :: atomic { begun > committed + 1 && state[committed + 2] == PROCESSING &&
                at[cur[committed + 2]].processed == EVERYBODY ->
        state[committed + 2] = PROCESSED
    }
    /* commit_next: that the one before it counted is on record by then */
    :: atomic { begun > committed && state[committed + 1] == PROCESSED ->
        written = committed;
        state[committed + 1] = COMMITTING;
        find_floor();
        at[cur[committed + 1]].floor = k;
        k = 0;
        at[cur[committed + 1]].to_commit = EVERYBODY
    }
#ifdef BREAK_ORDER
    :: atomic { begun > committed + 1 && state[committed + 2] == PROCESSED ->
        state[committed + 2] = COMMITTING;
        at[cur[committed + 2]].to_commit = EVERYBODY
    }
#endif
    :: atomic { begun > committed && state[committed + 1] == COMMITTING &&
                at[cur[committed + 1]].done == EVERYBODY ->
        count(committed + 1);
        tidy()
    }
    /* fail: what was lost is heard of, at any time */
    :: atomic { at[1].lost -> hear(1); tidy() }
    :: atomic { at[2].lost -> hear(2); tidy() }
    :: atomic { at[3].lost -> hear(3); tidy() }
    :: atomic { at[4].lost -> hear(4); tidy() }
    :: atomic { at[5].lost -> hear(5); tidy() }
    :: atomic { at[6].lost -> hear(6); tidy() }
    :: atomic { at[7].lost -> hear(7); tidy() }
    :: atomic { at[8].lost -> hear(8); tidy() }
    /* recall: somebody else takes its place */
    :: atomic { faults > 0 && next > 1 ->
        faults--;
        committed = written;
        i = 1;
        do
        :: i <= TXNS -> cur[i] = 0; state[i] = WAITS; i++
        :: else -> break
        od;
        i = 0;
        begun = (is_opaque || planned < committed -> committed : planned);
        tidy()
    }
    /* gi_coordinate_write: when nothing is under way */
    :: atomic { committed == TXNS -> written = committed; break }
    od
}

/* --------------------------------------------------- the source, the parts -- */

#define stale(who, a) (a < floor_of[who])

inline raise(who, a)
{
    floor_of[who] = (at[a].floor > floor_of[who] -> at[a].floor
                                                 : floor_of[who])
}

inline hurts(a)
{
    at[a].hurt = 1;
    at[a].lost = 1
}

/* base_of */
#ifdef BREAK_AFTER
#define may_begin(a) true
#else
#define may_begin(a)                                                        \
    (!is_opaque || at[a].after == 0 || at[a].after == s_committed ||        \
     (at[at[a].after].here & SOURCE))
#endif

/* set_from; gi_remember_from.  Then how much: what the spout likes. */
inline give(a)
{
    at[a].to_begin = 0;
    if
    :: stale(2, a) -> skip
    :: !stale(2, a) && !is_opaque ->
        at[a].from = plan_upto[at[a].txid - 1];
        at[a].upto = plan_upto[at[a].txid];
        at[a].here = at[a].here | SOURCE;
        at[a].processed = at[a].processed | SOURCE;
        at[a].to_begin = P0 | P1
    :: !stale(2, a) && is_opaque && r_txid > at[a].txid -> hurts(a)
    :: !stale(2, a) && is_opaque && r_txid <= at[a].txid ->
        if
        :: at[a].after != 0 && at[a].after != s_committed &&
                (at[at[a].after].here & SOURCE) ->
            at[a].from = at[at[a].after].upto
        :: else ->
#ifdef BREAK_FROM
            at[a].from = r_upto
#else
            at[a].from = (r_txid == at[a].txid -> r_from : r_upto)
#endif
        fi;
        at[a].upto = at[a].from;
        if
        :: at[a].txid == TXNS -> at[a].upto = TUPLES
        :: at[a].txid < TXNS -> skip
        :: at[a].txid < TXNS && at[a].upto < TUPLES -> at[a].upto++
        :: at[a].txid < TXNS && at[a].upto + 1 < TUPLES ->
            at[a].upto = at[a].upto + 2
        fi;
        at[a].here = at[a].here | SOURCE;
        at[a].processed = at[a].processed | SOURCE;
        at[a].to_begin = P0 | P1
    fi
}

/* gi_emitter_commit: in the commit phase, as everybody */
inline source_commits(a)
{
    at[a].to_commit = at[a].to_commit & ~SOURCE;
    raise(2, a);
    if
    :: stale(2, a) || !(at[a].here & SOURCE) -> hurts(a)
    :: else ->
        if
        :: is_opaque ->
            r_txid = at[a].txid;
            r_from = at[a].from;
            r_upto = at[a].upto;
            s_committed = a
        :: !is_opaque
        fi;
        at[a].here = at[a].here & ~SOURCE;
        at[a].done = at[a].done | SOURCE
    fi
}

/* The tuples of attempt `a` that are part `p`'s. */
#define range(a) (((1 << at[a].upto) - 1) & ~((1 << at[a].from) - 1))
#define share(a, p) (range(a) & (p == 0 -> 85 : 170))

/* gale_map_begin, gale_map_update, gale_map_commit */
inline apply(a, p)
{
    assert(at[a].txid == committed + 1 || at[a].txid == committed); /* P3 */
    if
    :: st[p].txid == at[a].txid ->
#ifndef BREAK_UNDO
        if
        :: is_opaque -> st[p].value = st[p].before
        :: !is_opaque
        fi
#endif
        skip
    :: st[p].txid != at[a].txid && is_opaque -> st[p].before = st[p].value
    :: st[p].txid != at[a].txid && !is_opaque
    fi;
    if
    :: !is_opaque && st[p].txid == at[a].txid ->
#ifdef BREAK_FENCE
        assert((st[p].value & share(a, p)) == 0); /* P1 */
#endif
        skip
    :: else ->
        assert((st[p].value & share(a, p)) == 0); /* P1 */
        if
        /* what changes nothing leaves no fence */
        :: share(a, p) == 0 && st[p].txid != at[a].txid
        :: else ->
            st[p].value = st[p].value | share(a, p);
            st[p].txid = at[a].txid;
            st[p].attempt = (is_opaque -> a : 0)
        fi
    fi
}

/* take_commit; check() of state/map_commit.c */
inline part_commits(a, p, me)
{
    at[a].to_commit = at[a].to_commit & ~me;
    raise(p, a);
    if
    :: stale(p, a) || !(at[a].here & me) ->
#ifdef BREAK_EMPTY
        at[a].done = at[a].done | me
#else
        hurts(a)
#endif
    :: !stale(p, a) && (at[a].here & me) &&
            (at[a].txid < st[p].txid ||
             (is_opaque && at[a].txid == st[p].txid && a < st[p].attempt)) ->
        at[a].here = at[a].here & ~me;
        hurts(a)
    :: else ->
        apply(a, p);
        at[a].here = at[a].here & ~me;
        if
        :: at[a].done = at[a].done | me
        :: faults > 0 -> faults--; hurts(a) /* it was written, and failed */
        fi
    fi
}

inline part_takes(a, p, me)
{
    at[a].to_begin = at[a].to_begin & ~me;
    if
    :: stale(p, a)
    :: !stale(p, a) ->
        at[a].here = at[a].here | me;
        at[a].processed = at[a].processed | me
    fi
}

/* A message comes: to whom it is for, whenever. */
#define EACH(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8)

#define SOURCE_STEPS(a)                                                     \
    :: atomic { (at[a].to_begin & SOURCE) && may_begin(a) -> give(a) }      \
    :: atomic { at[a].to_commit & SOURCE -> source_commits(a); tidy() }

active proctype source()
{
end:
    do
    EACH(SOURCE_STEPS)
    od
}

#define PART_STEPS(a)                                                       \
    :: atomic { at[a].to_begin & me -> part_takes(a, p, me) }               \
    :: atomic { at[a].to_commit & me -> part_commits(a, p, me); tidy() }

active [2] proctype part()
{
    byte p = _pid - 2;
    byte me = (p == 0 -> P0 : P1);
end:
    do
    EACH(PART_STEPS)
    od
}

/* --------------------------------------------------------------- the world -- */

/* Who dies forgets what was in its memory; nobody says so. */
inline die(who, me)
{
    faults--;
    floor_of[who] = 0;
    i = 1;
    do
    :: i < next ->
        /* what it had not answered fails at once */
        if
        :: (at[i].here & me) && at[i].processed != EVERYBODY -> hurts(i)
        :: else
        fi;
        if
        :: at[i].here & me -> at[i].hurt = 1
        :: else
        fi;
        at[i].here = at[i].here & ~me;
        i++
    :: else -> break
    od;
    i = 0
}

#define LOSSES(a)                                                           \
    :: atomic { faults > 0 && at[a].to_begin != 0 ->                        \
        faults--; at[a].to_begin = 0; hurts(a) }                            \
    :: atomic { faults > 0 && (at[a].to_commit & SOURCE) ->                 \
        faults--; at[a].to_commit = at[a].to_commit & ~SOURCE; hurts(a) }   \
    :: atomic { faults > 0 && (at[a].to_commit & P0) ->                     \
        faults--; at[a].to_commit = at[a].to_commit & ~P0; hurts(a) }       \
    :: atomic { faults > 0 && a < next && !at[a].hurt ->                    \
        faults--; hurts(a) }                                                \
    :: atomic { dups > 0 && (at[a].done & P1) &&                            \
                !(at[a].to_commit & P1) ->                                  \
        dups--; at[a].to_commit = at[a].to_commit | P1 }

active proctype world()
{
end:
    do
    EACH(LOSSES)
    :: atomic { faults > 0 && next > 1 -> die(0, P0) }
    :: atomic { faults > 0 && next > 1 -> die(1, P1) }
    :: atomic { faults > 0 && next > 1 ->
#ifdef BREAK_FORGOTTEN
        s_committed = 0;
#endif
        die(2, SOURCE)
    }
    od
}
