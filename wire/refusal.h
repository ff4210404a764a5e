/* refusal.h -- why bytes from a peer were refused: one list.
 *
 * Whatever comes over a wire is taken for hostile: it is looked at within its
 * bounds, and the first thing that is wrong with it ends the look.  Nothing of
 * it is used then, and the link it came by is of no more use either, so a
 * refusal is for a log line and a counter.
 */
#ifndef GI_WIRE_REFUSAL_H
#define GI_WIRE_REFUSAL_H

/* X(name, text) */
#define GI_REFUSALS(X)                                                 \
    X(SHORT, "it ends too soon")                                       \
    X(MAGIC, "it does not begin as a frame does")                      \
    X(VERSION, "it is of a version that is not spoken here")           \
    X(KIND, "it is of a kind that is not known here")                  \
    X(FLAGS, "it has flags that are not known here")                   \
    X(LENGTH, "its lengths do not agree with one another")             \
    X(LIMIT, "it is larger than the limit")                            \
    X(CRC, "it was damaged on the way")                                \
    X(LZ4, "what is compressed does not unpack to what it claims")     \
    X(NUMBERS, "its numbers cannot be those of a link")                \
    X(MSGPACK, "it is not msgpack, or not in the order agreed upon")   \
    X(DEPTH, "a list or map is malformed or nested too deep")          \
    X(TASK, "there is no such task, or it is not one of those")        \
    X(STREAM, "there is no such stream, or its task does not read it") \
    X(FIELDS, "a tuple has not as many fields as its stream")          \
    X(TYPE, "a value is not of the type that its field declares")      \
    X(ROOT, "a root cannot be one of this topology")                   \
    X(NOTE, "a note says what no note says")                           \
    X(EPOCH, "an epoch is no 16-bit number")                           \
    X(ROOM, "its tuples do not take the room that it claims")          \
    X(SECRET, "who is there does not show that he knows the secret")

typedef enum gi_refusal {
    GI_TAKEN = 0, /* nothing is wrong with it */
#define GI_REFUSAL_ENUM(name, text) GI_REFUSED_##name,
    GI_REFUSALS(GI_REFUSAL_ENUM)
#undef GI_REFUSAL_ENUM
        GI_N_REFUSALS
} gi_refusal;

/* "SHORT" and "it ends too soon"; of GI_TAKEN "TAKEN" and "it is sound".
 * Never NULL, whatever the number. */
const char *gi_refusal_name(gi_refusal r);
const char *gi_refusal_text(gi_refusal r);

#endif
