/* acker.pml -- how spout, bolts and acker agree that a tuple is done with.
 *
 * A formal model of what acker/ and worker/ do, small enough that spin can
 * look at every state it can get into (tests/model/check does).  Read
 * acker/ledger.h and worker/pending.h first; beside each step stands the
 * function it mirrors.
 *
 *      spout --a--> A --b--> B         one spout task, MSGS messages,
 *                   +---c--> C         SLOTS slots, one acker
 *
 * With UNTOLD the spout says nothing of what it emits, and A speaks for it
 * (worker/track_own.h): in its answer, or when it holds the tuple.  With LONE,
 * B is the only child of A and takes its edge: A's answer is not told, if it is
 * simply an ack, and if the tree was untold B speaks for the spout.
 *
 * THE WORLD.  Tuples and notes are in a bag: each is handed over at any later
 * time, in any order.  So notes of a tree arrive when its slot has long been
 * used for another, and a bolt's before the spout's.  FAULTS of these may
 * happen, at any time:
 *
 *      a tuple is lost; a note is lost
 *      a bolt fails, before or after it emitted
 *      the spout finds no memory for a part of what it emits
 *      a tree expires while parts of it are still under way (they were held,
 *      or the link was slow); when nothing is, expiry is no fault
 *      the acker forgets everything (once)
 *      the spout crashes and is opened anew (once)
 *
 * and DUPS times a note is duplicated.
 *
 * WHAT IS SAID OF LOST NOTES.  Nobody misses an ACK or FAIL of a bolt: the
 * tree expires.  Of INIT, DONE and FAILED, which travel between spout and
 * acker, the protocol needs that somebody does: a tree of which the acker
 * knows nothing does not expire, and an answer is not given twice.  So
 * whenever one of these may have been lost, or an untold tuple, or the acker
 * itself, the spout is told so afterwards, or finds out by asking (ask.c), and
 * fails all that is FLYING (reasons LOST and TIMEOUT).
 *
 * WHAT MUST HOLD.
 *
 *   P1  a message is acked only if a whole tree of it was executed
 *   P2  and only once by one incarnation of the spout
 *   P3  every run ends, and ends with every message acked (spin: no cycle,
 *       no invalid end state)
 *   P4  an entry of the ledger never mixes two trees
 *   P5  the acker answers once for a tree, unless it forgot it
 *
 * WHAT IS LEFT OUT.
 *
 *   Time.  A tree may expire at any moment, as above.  The horizon and the
 *   dates (is_old, date, gi_ledger_touch) only make it expire later.
 *   Chance.  Edge ids are distinct bits; that random ones cancel is left to
 *   arithmetic (ledger.h).
 *   Merging (fold, gi_track_flush): a merged note is two that arrive together.
 *   Batches and credit; generations that go round (test_ledger.c); the limit
 *   of replays; several ackers, since a slot belongs to one of them; several
 *   roots a tuple, since each is told of by itself.
 *   Memory that runs out in the acker: it answers FAILED, as for a FAIL.
 *
 * Switches that begin with BREAK_ spoil the protocol.  Spin has to find out
 * about each of them, or the model would prove nothing.
 */
#ifndef SLOTS
#define SLOTS 1
#endif
#ifndef MSGS
#define MSGS 2
#endif
#ifndef FAULTS
#define FAULTS 2
#endif
#ifndef DUPS
#define DUPS 0
#endif
#ifndef HOLDS
#define HOLDS 1 /* tuples that A keeps for a while, saying so */
#endif
#ifndef KEEPS
#define KEEPS 1 /* the runtime replays; 0: the spout does */
#endif
#ifndef TREES
#define TREES 8 /* that are ever made; a step that needs more is an error */
#endif

/* ------------------------------------------------------------ the world -- */

/* Bolts, in sets of tuples; and notes, in sets of notes, by who sent them. */
#define SPOUT 1 /* INIT, or FAIL if a part of it could not be sent */
#define A 2     /* ACK or FAIL */
#define B 4
#define C 8
#define HOLD 16     /* of A: it keeps the tuple; changes nothing */
#define CHILDREN 32 /* BREAK_ONE_UPDATE only */
#define DONE 64     /* the acker's answers */
#define FAILED 128
#define TO_ACKER (SPOUT | A | B | C | HOLD | CHILDREN)

/* What A makes. */
#ifdef LEAF
#define KIDS 0
#elif defined(CHAIN)
#define KIDS B
#else
#define KIDS (B | C)
#endif

/* One attempt to process a message.  The index is known to the world only:
 * what notes carry is slot and generation, the root (acker/root.h). */
typedef tree {
    byte slot, gen, msg;
    byte tuples;  /* on the way to, or in, these bolts */
    byte ran;     /* these have executed and acked theirs */
    bit untold;   /* nobody spoke to the acker yet, or whoever did was A */
    bit holds;    /* A holds its tuple, and said so */
    bit lone;     /* B has A's edge */
    byte notes;   /* on the way */
    byte failing; /* of those, the ones that are FAIL */
    byte again;   /* of those, the ones of which there are two copies */
    byte seen;    /* of those, the ones of which a copy was taken before */
}
tree tr[TREES];
byte made = 0; /* trees so far */

byte faults = FAULTS;
byte dups = DUPS;
byte holds = HOLDS;
bit crashed = 0;
bit forgot = 0;
bit tell_lost = 0; /* the spout is going to be told */

byte whole = 0;    /* messages of which a whole tree was executed: a set */
byte acked = 0;    /* messages acked by this incarnation: a set */
byte answered = 0; /* trees the acker has answered for: a set */

/* The edge to bolt n, in tree t; or the sum of those to several. */
#define edge(t, n) (((n) >> 1) << (3 * (t)))

/* Is anything of this tree under way to the acker?  (gi_frontier_horizon asks
 * that of all trees as old, so it has less expire.) */
#define under_way(t) (tr[t].tuples != 0 || (tr[t].notes & TO_ACKER) != 0)

/* gi_track_untold, tell_who_holds: an update of A's that is the first, too. */
#define speaks_first(t) (tr[t].untold && !tr[t].holds)
#define is_first(t, sender)                                                 \
    (((sender) & SPOUT) || (((sender) & HOLD) && tr[t].untold) ||           \
     ((((sender) & A) || (((sender) & B) && tr[t].lone)) && speaks_first(t)))

/* gi_settle_lone: A's child takes its edge if A acks without having held. */
#ifdef LONE
#define takes_over(t, bolt) ((bolt) == A && !tr[t].holds)
#else
#define takes_over(t, bolt) false
#endif

/* An untold edge has no id until a hold gives it one: what is to be left out of
 * what A says, or added to what it says of its hold. */
#define first_edge(t, sender)                                               \
    (first && ((sender) & (A | HOLD)) -> edge(t, A) : 0)

/* Of an untold tree whose last tuple this is, no acker hears. */
#ifdef LEAF
#define ends_untold(t, bolt) speaks_first(t)
#elif defined(LONE)
#define ends_untold(t, bolt) ((bolt) == B && tr[t].lone && speaks_first(t))
#else
#define ends_untold(t, bolt) false
#endif

/* Then the tuple is the only one that knew. */
#define is_lost_untold(t, bolt)                                             \
    (((bolt) == A || tr[t].lone) && speaks_first(t))

/* The states of an entry in acker/inside.h. */
#define CLOSED 0
#define OPEN 1
#define HEARD 2

typedef entry {
    byte gen, state;
    int sum;
    byte owner; /* the tree that opened it; only the properties look at it */
}
entry ledger[SLOTS]; /* gi_ledger */

/* What is over leaves no trace in the state. */
inline tidy(t)
{
    if
    :: tr[t].tuples == 0 && tr[t].notes == 0 ->
        tr[t].ran = 0;
        tr[t].untold = 0;
        tr[t].holds = 0;
        tr[t].lone = 0
    :: else
    fi
}

/* Nor does what can no longer matter.  A note of a tree that is closed, or
 * earlier than its slot's entry, does nothing (gi_ledger_find), and if the acker cannot
 * forget any more then nothing that is to come of this tree does. */
byte n; /* 0 between steps */
#ifndef BREAK_LEDGER_GENERATION
#define IS_FINAL (forgot || faults == 0)
#else
#define IS_FINAL false
#endif
#define entry_of(t) ledger[tr[t].slot]
#define is_past(t)                                                          \
    (entry_of(t).gen > tr[t].gen ||                                         \
     (entry_of(t).gen == tr[t].gen && entry_of(t).state == CLOSED))

inline bury()
{
    if
    :: IS_FINAL ->
        do
        :: n < made && is_past(n) ->
            tr[n].tuples = 0;
            tr[n].ran = 0;
            tr[n].notes = tr[n].notes & (DONE | FAILED);
            tr[n].again = tr[n].again & (DONE | FAILED);
            tr[n].failing = 0;
            tr[n].seen = 0;
            n++
        :: n < made && !is_past(n) -> n++
        :: n == made -> break
        od;
        n = 0
    :: !IS_FINAL
    fi
}

/* ------------------------------------------------------------ the spout -- */

/* gi_pending_state; a message is TO_EMIT, OUT or ACKED. */
#define FREE 0
#define FLYING 1
#define IS_DONE 2
#define IS_FAILED 3
#define WAITING 4

#define TO_EMIT 0
#define OUT 1
#define ACKED 2

typedef pending { /* gi_pending_slot */
    byte state, gen, msg;
}
pending slot[SLOTS];
byte msg[MSGS];

#if MSGS == 2
#define to_emit (msg[0] == TO_EMIT || msg[1] == TO_EMIT)
#define all_acked (msg[0] == ACKED && msg[1] == ACKED)
#define oldest (msg[0] == TO_EMIT -> 0 : 1)
#else
#define to_emit (msg[0] == TO_EMIT || msg[1] == TO_EMIT || msg[2] == TO_EMIT)
#define all_acked (msg[0] == ACKED && msg[1] == ACKED && msg[2] == ACKED)
#define oldest (msg[0] == TO_EMIT -> 0 : (msg[1] == TO_EMIT -> 1 : 2))
#endif

/* gi_spout_launch: the tuples leave, and the note that says so.  If a part of
 * them could not be sent, the rest is on its way all the same. */
inline launch(s, lost)
{
    assert(made < TREES);
    tr[made].slot = s;
    tr[made].gen = slot[s].gen;
    tr[made].msg = slot[s].msg;
    tr[made].tuples = A;
#ifdef UNTOLD
    tr[made].untold = !lost;
    tr[made].notes = (lost -> SPOUT : 0);
#else
    tr[made].notes = SPOUT;
#endif
    tr[made].failing = (lost -> SPOUT : 0);
    made++
}

/* emit in spout_emit.c, gi_pending_take: the oldest message that is not out
 * goes into a slot, under the next generation. */
inline emit(s, lost)
{
    slot[s].msg = oldest;
    msg[slot[s].msg] = OUT;
    slot[s].gen++;
    slot[s].state = FLYING;
    launch(s, lost)
}

/* replay in spout.c, gi_pending_relaunch. */
inline relaunch(s, lost)
{
#ifndef BREAK_REPLAY_GENERATION
    slot[s].gen++;
#endif
    slot[s].state = FLYING;
    launch(s, lost)
}

#ifndef BREAK_SLOT_STATE
#define IS_FLYING(p) (p.state == FLYING)
#else
#define IS_FLYING(p) true
#endif
#ifndef BREAK_SLOT_GENERATION
#define IS_PRESENT(p, t) (p.gen == tr[t].gen)
#else
#define IS_PRESENT(p, t) true
#endif

/* gi_spout_told, gi_pending_answer; p is the slot. */
inline answer(t, to, p)
{
    if
    :: !IS_FLYING(p)
    :: IS_FLYING(p) && !IS_PRESENT(p, t)
    :: IS_FLYING(p) && IS_PRESENT(p, t) -> p.state = to
    fi
}

/* on_done in spout.c: the ack callback, then gi_spout_free_slot. */
inline on_done(s)
{
    assert((whole >> slot[s].msg) & 1);    /* P1 */
    assert(!((acked >> slot[s].msg) & 1)); /* P2 */
    acked = acked | (1 << slot[s].msg);
    msg[slot[s].msg] = ACKED;
    slot[s].state = FREE;
    slot[s].msg = 0
}

/* on_failed in spout.c: the runtime emits it again (replay_later,
 * gi_pending_wait), or the spout does, whenever and in whatever slot. */
inline on_failed(s)
{
#if KEEPS
    slot[s].state = WAITING
#else
    msg[slot[s].msg] = TO_EMIT;
    slot[s].state = FREE;
    slot[s].msg = 0
#endif
}

/* ------------------------------------------------------------ the acker -- */

bit found; /* what find and receive say; 0 between steps */
bit fresh;
bit first;

inline begin(t, e)
{
    e.gen = tr[t].gen;
    e.state = OPEN;
    e.sum = 0;
    e.owner = t
}

/* gi_ledger_find.  gi_root_gen_after is > here. */
inline find(t, e)
{
    if
#ifndef BREAK_LEDGER_GENERATION
    :: e.gen == tr[t].gen && e.state == CLOSED -> found = 0
    :: e.gen == tr[t].gen && e.state != CLOSED -> found = 1
    :: e.gen > tr[t].gen -> found = 0
    :: e.gen < tr[t].gen && e.state != CLOSED -> found = 1; begin(t, e)
    :: e.gen < tr[t].gen && e.state == CLOSED -> found = 1; begin(t, e)
#else
    :: e.state != CLOSED -> found = 1
    :: e.state == CLOSED -> found = 1; begin(t, e)
#endif
    fi
}

/* gi_ledger_finish. */
inline finish(e)
{
    e.state = CLOSED;
    e.sum = 0;
    e.owner = 0
}

/* tell_spout in track.c.  (Two answers of one kind that are under way at the
 * same time, which takes an acker that forgot the first, count as one.) */
inline tell(t, what)
{
    assert(!((answered >> t) & 1)); /* P5 */
    answered = answered | (1 << t);
    tr[t].notes = tr[t].notes | what
}

/* gi_ledger_settle, GI_TREE_DONE in gi_acker_take and gi_track_tell_own. */
inline settle(t, e)
{
    if
#ifndef BREAK_HEARD
    :: e.sum == 0 && e.state == HEARD -> finish(e); tell(t, DONE)
    :: e.sum == 0 && e.state != HEARD
#else
    :: e.sum == 0 -> finish(e); tell(t, DONE)
#endif
    :: e.sum != 0
    fi
}

/* gi_acker_take, apply: a note of `sender` in tree t, whose edges are x. */
inline take(t, sender, x, e)
{
    find(t, e);
    if
    :: !found
    :: found ->
#ifndef NO_P4
        assert(e.owner == t); /* P4 */
#endif
        if
        :: tr[t].failing & sender -> /* gi_ledger_fail */
            finish(e);
            tell(t, FAILED)
        :: !(tr[t].failing & sender) -> /* gi_ledger_init, gi_ledger_ack */
            e.sum = e.sum ^ (x) ^ first_edge(t, sender);
            e.state = (first -> HEARD : e.state);
            settle(t, e)
        fi
    fi
}

/* gi_ledger_sweep, on_expired in acker.c, tell_expired in track.c. */
inline expire(s)
{
    t = ledger[s].owner;
#ifndef BREAK_EXPIRY
    finish(ledger[s]);
#endif
    tell(t, FAILED);
    t = 0;
    bury()
}

/* ------------------------------------------------------------ the links -- */

/* A copy of a note is taken out of the bag.  The receiver drops those whose
 * number it has seen (`fresh` is 0 then). */
inline receive(t, note)
{
    fresh = 1;
#if DUPS > 0
    if
    :: tr[t].again & note ->
        tr[t].again = tr[t].again - note;
        tr[t].seen = tr[t].seen | note
    :: !(tr[t].again & note) && (tr[t].seen & note) ->
        tr[t].seen = tr[t].seen - note;
        tr[t].notes = tr[t].notes - note;
#ifndef BREAK_DEDUP
        fresh = 0
#endif
    :: !(tr[t].again & note) && !(tr[t].seen & note) ->
        tr[t].notes = tr[t].notes - note
    fi
#else
    tr[t].notes = tr[t].notes - note
#endif
}

/* gi_track_take_in: to the acker ... */
inline to_acker(t, sender, x)
{
    first = is_first(t, sender);
    receive(t, sender);
    if
    :: fresh -> take(t, sender, x, ledger[tr[t].slot])
#if DUPS > 0
    :: !fresh
#endif
    fi;
    if
    :: !(tr[t].notes & sender) ->
        tr[t].failing = tr[t].failing & ~sender
#if DUPS > 0
    :: tr[t].notes & sender
#endif
    fi;
    fresh = 0;
    found = 0;
    first = 0;
    tidy(t);
    bury()
}

/* ... and to the spout, which needs nobody to drop a second copy. */
inline to_spout(t, what, to)
{
    if
    :: tr[t].again & what -> tr[t].again = tr[t].again - what
    :: !(tr[t].again & what) -> tr[t].notes = tr[t].notes - what
    fi;
    answer(t, to, slot[tr[t].slot]);
    tidy(t)
}

/* A copy of a note is lost.  Where the protocol needs it, the spout will be
 * told. */
inline lose(t, note)
{
    faults--;
    if
    :: tr[t].again & note -> tr[t].again = tr[t].again - note
    :: !(tr[t].again & note) ->
        tr[t].notes = tr[t].notes - note;
        tr[t].seen = tr[t].seen & ~note;
        tr[t].failing = tr[t].failing & ~note
    fi;
#ifndef BREAK_LOST
    if
    :: (note & (SPOUT | DONE | FAILED)) || is_first(t, note) -> tell_lost = 1
    :: else
    fi;
#endif
    tidy(t);
    bury()
}

inline duplicate(t, note)
{
    dups--;
    tr[t].again = tr[t].again | note
}

/* ------------------------------------------------------------ the bolts -- */

/* gi_settle in settle.h: the note of a bolt has what it took and what it made.  A
 * DONE that goes home in the batch of its tuple (answers.h) is in the bag like
 * any note. */
inline executed(t, bolt, children)
{
    tr[t].tuples = (tr[t].tuples - bolt) | (children);
    tr[t].ran = tr[t].ran | bolt;
    if
    :: takes_over(t, bolt) -> tr[t].lone = 1
    :: !takes_over(t, bolt) && ends_untold(t, bolt) ->
        tr[t].notes = tr[t].notes | DONE
    :: !takes_over(t, bolt) && !ends_untold(t, bolt) ->
        tr[t].notes = tr[t].notes | bolt
    fi;
#ifdef BREAK_ONE_UPDATE
    if
    :: bolt == A -> tr[t].notes = tr[t].notes | CHILDREN
    :: else
    fi;
#endif
    if
    :: tr[t].ran == (A | KIDS) -> whole = whole | (1 << tr[t].msg)
    :: tr[t].ran != (A | KIDS)
    fi
}

/* settle_slow, gi_answer_fail: what it emitted before is on its way. */
inline failed(t, bolt, children)
{
    faults--;
    tr[t].tuples = (tr[t].tuples - bolt) | (children);
    tr[t].notes = tr[t].notes | bolt;
    tr[t].failing = tr[t].failing | bolt;
    bury()
}

inline lose_tuple(t, bolt)
{
    faults--;
#if defined(UNTOLD) && !defined(BREAK_ASKING)
    tell_lost = tell_lost || (is_lost_untold(t, bolt));
#endif
    tr[t].tuples = tr[t].tuples - bolt;
    tidy(t);
    bury()
}

/* B and C are alike.  As long as all that is true of one is true of the other,
 * it is enough to look at what happens to B next. */
#define alike(set) ((((set) >> 1) & B) == ((set) & B))
#define c_differs(t)                                                        \
    !(alike(tr[t].tuples) && alike(tr[t].ran) && alike(tr[t].notes) &&      \
      alike(tr[t].failing) && alike(tr[t].again) && alike(tr[t].seen))

/* --------------------------------------------------------- what happens -- */

#define T _pid

#define BOLT(bolt, cond)                                                    \
    :: atomic { (tr[T].tuples & bolt) && (cond) ->                          \
                executed(T, bolt, 0) }                                      \
    :: atomic { (tr[T].tuples & bolt) && (cond) && faults > 0 ->            \
                failed(T, bolt, 0) }                                        \
    :: atomic { (tr[T].tuples & bolt) && (cond) && faults > 0 ->            \
                lose_tuple(T, bolt) }

#if DUPS > 0
#define LINK(note, cond)                                                    \
    :: atomic { (tr[T].notes & note) && (cond) && faults > 0 ->             \
                lose(T, note) }                                             \
    :: atomic { (tr[T].notes & note) && (cond) && dups > 0 &&               \
                !(tr[T].again & note) && !(tr[T].seen & note) ->            \
                duplicate(T, note) }
#else
#define LINK(note, cond)                                                    \
    :: atomic { (tr[T].notes & note) && (cond) && faults > 0 ->             \
                lose(T, note) }
#endif

#define TO_ACKER_BY(sender, cond, sum)                                      \
    :: atomic { (tr[T].notes & sender) && (cond) ->                         \
                to_acker(T, sender, sum) }                                  \
    LINK(sender, cond)

#define TO_SPOUT_OF(what, state)                                            \
    :: atomic { tr[T].notes & what -> to_spout(T, what, state) }            \
    LINK(what, true)

#ifdef BREAK_ONE_UPDATE
#define OF_A edge(T, A)
#else
#define OF_A (edge(T, A) ^ edge(T, KIDS))
#endif

#ifdef LONE
#define OF_B (edge(T, B) ^ (tr[T].lone * (edge(T, A) ^ edge(T, B))))
#else
#define OF_B edge(T, B)
#endif

/* Bolts and links, as far as they see the tree T. */
active [TREES] proctype a_tree()
{
end:
    do
    :: atomic { tr[T].tuples & A -> executed(T, A, KIDS) }
    :: atomic { (tr[T].tuples & A) && faults > 0 -> failed(T, A, KIDS) }
    :: atomic { (tr[T].tuples & A) && faults > 0 -> failed(T, A, 0) }
    :: atomic { (tr[T].tuples & A) && faults > 0 -> lose_tuple(T, A) }
    :: atomic { (tr[T].tuples & A) && holds > 0 ->
                holds--; tr[T].notes = tr[T].notes | HOLD; /* gale_hold */
                tr[T].holds = 1 }
    BOLT(B, true)
#ifndef CHAIN
    BOLT(C, c_differs(T))
#endif
    TO_ACKER_BY(SPOUT, true, edge(T, A))
    TO_ACKER_BY(A, true, OF_A)
    TO_ACKER_BY(B, true, OF_B)
#ifndef CHAIN
    TO_ACKER_BY(C, c_differs(T), edge(T, C))
#endif
    TO_ACKER_BY(HOLD, true, 0)
#ifdef BREAK_ONE_UPDATE
    TO_ACKER_BY(CHILDREN, true, edge(T, KIDS))
#endif
    TO_SPOUT_OF(DONE, IS_DONE)
    TO_SPOUT_OF(FAILED, IS_FAILED)
    od
}

#define S (_pid - TREES)

/* The spout, as far as it sees the slot S; and the slot's entry, which may
 * expire.  A run ends when all is acked: nothing else is a valid end. */
active [SLOTS] proctype a_slot()
{
    byte t;

    do
    :: all_acked -> break
    :: atomic { slot[S].state == FREE && to_emit -> emit(S, 0) }
    :: atomic { slot[S].state == FREE && to_emit && faults > 0 ->
                faults--; emit(S, 1); bury() }
#if KEEPS
    :: atomic { slot[S].state == WAITING -> relaunch(S, 0) }
    :: atomic { slot[S].state == WAITING && faults > 0 ->
                faults--; relaunch(S, 1); bury() }
#endif
    :: atomic { slot[S].state == IS_DONE -> on_done(S) }
    :: atomic { slot[S].state == IS_FAILED -> on_failed(S) }
    :: atomic { ledger[S].state != CLOSED && !under_way(ledger[S].owner) ->
                expire(S) }
    :: atomic { ledger[S].state != CLOSED && under_way(ledger[S].owner) &&
                faults > 0 -> faults--; expire(S) }
    od
}

/* gi_acker_lose, and a worker that dies with its acker: nothing is open, and
 * no number of a note was seen. */
inline forget()
{
    forgot = 1;
    faults--;
    do
    :: i < SLOTS -> ledger[i].gen = 0; finish(ledger[i]); i++
    :: else -> break
    od;
    i = 0;
#if DUPS > 0
    do
    :: i < TREES -> tr[i].seen = tr[i].seen & (DONE | FAILED); i++
    :: else -> break
    od;
    i = 0;
#endif
    answered = 0;
#ifndef BREAK_LOST
    tell_lost = 1;
#endif
    bury()
}

/* The worker's note that an acker, or a link to or from it, was lost: all that
 * is FLYING fails. */
inline spout_told_lost()
{
    tell_lost = 0;
    do
    :: i < SLOTS && slot[i].state == FLYING -> slot[i].state = IS_FAILED; i++
    :: i < SLOTS && slot[i].state != FLYING -> i++
    :: else -> break
    od;
    i = 0
}

/* The spout's task ends without warning and is made anew (gi_spout_make): no
 * slot is in use, and what is not acked is emitted again, in order, beginning
 * with the oldest.  Only generations go on where they were. */
inline crash()
{
    crashed = 1;
    faults--;
    do
    :: i < SLOTS ->
        slot[i].state = FREE;
        slot[i].msg = 0;
#ifdef BREAK_REOPENED_GENERATION
        slot[i].gen = 0;
#endif
        i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < MSGS && msg[i] == ACKED -> i++
    :: else -> break
    od;
    do
    :: i < MSGS -> msg[i] = TO_EMIT; i++
    :: else -> break
    od;
    i = 0;
    acked = 0;
    bury()
}

active proctype mishaps()
{
    byte i;

end:
    do
    :: atomic { !forgot && faults > 0 -> forget() }
    :: atomic { !crashed && faults > 0 && !all_acked -> crash() }
    :: atomic { tell_lost -> spout_told_lost() }
    od
}
