/* parting.h -- why a connection between two workers ends: one list. */
#ifndef GI_WIRE_PARTING_H
#define GI_WIRE_PARTING_H

/* X(name, number on the wire, text) */
#define GI_PARTINGS(X)                                                   \
    /* a greeting is refused */                                          \
    X(PROTOCOL, 1, "no version of the protocol is spoken by both")       \
    X(ENDED, 2, "that incarnation has ended, or a newer one was met")    \
    X(SUPERSEDED, 3, "the other end knows a newer incarnation of ours")  \
    X(ASSIGNMENT_OLD, 4, "it runs an older assignment")                  \
    X(ASSIGNMENT_NEW, 5, "it runs a newer assignment")                   \
    X(STALE, 6, "a later connection was met before")                     \
    X(FORGOTTEN, 7, "it does not know what it has said and done before") \
    X(NUMBERS, 8, "its numbers contradict ours")                         \
    X(OVER, 9, "the link is over")                                       \
    X(MISTAKEN, 10, "it was meant for somebody else")                    \
    X(UNKNOWN, 11, "there is no such peer in the assignment")            \
    /* a connection is given up */                                       \
    X(GAP, 20, "a frame is missing")                                     \
    X(STRANGER, 21, "a frame is from or to another incarnation")         \
    X(OVERRUN, 22, "more is under way than was agreed")                  \
    X(UNEXPECTED, 23, "a frame came that has no place there")            \
    X(SILENT, 24, "nothing was heard, though it was asked")              \
    X(REPLACED, 25, "a newer connection took its place")                 \
    X(REASSIGNED, 26, "the assignment has changed here")                 \
    X(REFUSED, 27, "the other end does not want it")                     \
    X(DIED, 28, "the other end's incarnation has ended")                 \
    X(GIVEN_UP, 29, "the link was given up here")                        \
    X(DONE, 30, "all is said and done")

typedef enum gi_parting {
    GI_PART_NOT = 0,
#define GI_PARTING_ENUM(name, number, text) GI_PART_##name = number,
    GI_PARTINGS(GI_PARTING_ENUM)
#undef GI_PARTING_ENUM
} gi_parting;

/* "GAP" and "a frame is missing".  Never NULL, whatever the number. */
const char *gi_parting_name(unsigned p);
const char *gi_parting_text(unsigned p);

#endif
