/* slot_why.h -- the states of a slot, and why it is in one: two lists. */
#ifndef GI_SUPERVISOR_SLOT_WHY_H
#define GI_SUPERVISOR_SLOT_WHY_H

#define GI_SLOT_STATES(X)                       \
    X(EMPTY, "nothing is to run")               \
    X(FETCHING, "the program is being fetched") \
    X(STARTING, "started, and not heard yet")   \
    X(RUNNING, "running")                       \
    X(STOPPING, "asked to end")                 \
    X(KILLING, "being killed")                  \
    X(BACKING_OFF, "waiting before it is tried again")

/* X(name, number on the wire, text) */
#define GI_SLOT_WHYS(X)                                       \
    X(NONE, 0, "nothing is wrong")                            \
    X(ORDERED, 1, "the assignment changed")                   \
    X(ADOPTED, 2, "it was found running")                     \
    X(EXITED, 3, "the worker ended by itself")                \
    X(CRASHED, 4, "the worker crashed")                       \
    X(UNBORN, 5, "the worker ended before it was heard")      \
    X(START_FAILED, 6, "the worker could not be started")     \
    X(START_TIMEOUT, 7, "the worker was not heard in time")   \
    X(FETCH_FAILED, 8, "the program could not be fetched")    \
    X(SILENT, 9, "no heartbeat for long")                     \
    X(FROZEN, 10, "a loop of the worker stood still")         \
    X(STOPPED, 11, "the worker was stopped by a signal")      \
    X(HUNG, 12, "a callback did not return")                  \
    X(UNDEAD, 13, "the worker was killed and is still there") \
    X(STRAY, 14, "an earlier worker of the slot is still there")

typedef enum gi_slot_state {
#define GI_SLOT_STATE_ENUM(name, text) GI_SLOT_##name,
    GI_SLOT_STATES(GI_SLOT_STATE_ENUM)
#undef GI_SLOT_STATE_ENUM
        GI_N_SLOT_STATES
} gi_slot_state;

typedef enum gi_slot_why {
#define GI_SLOT_WHY_ENUM(name, number, text) GI_WHY_SLOT_##name = number,
    GI_SLOT_WHYS(GI_SLOT_WHY_ENUM)
#undef GI_SLOT_WHY_ENUM
} gi_slot_why;

/* "running"; never NULL, whatever the number. */
const char *gi_slot_state_text(unsigned s);
const char *gi_slot_why_text(unsigned w);

#endif
