/* frame.h -- what goes over a link in one piece.
 *
 *     | header 52 | payload: sections, one behind the other |
 *
 *      0  magic      "GALE"
 *      4  version    GI_FRAME_VERSION
 *      5  kind       a gi_frame_kind
 *      6  flags      of gi_frame_flag, 16 bits
 *      8  from       incarnation of the sender
 *     16  to         incarnation of the receiver, 0 while it is not known
 *     24  seq        number of the frame; those that have none: the last given
 *     32  ack        all frames up to this number are done with
 *     40  raw        bytes of the payload ...
 *     44  stored     ... and as it lies here, compressed or not
 *     48  crc        CRC-32C of the 48 bytes before and the stored payload
 *
 * Numbers are little-endian, whatever the machine.  A payload holds sections
 * of tuples (tuples.h) and of notes (notes.h) in any order and number.
 *
 * This module is pure: it checks that a frame is whole and sound.  Whether it
 * was meant for us, and whether it is the next one, is the link's business.
 */
#ifndef GI_WIRE_FRAME_H
#define GI_WIRE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "wire/refusal.h"

/* X(name, number, has a payload) */
#define GI_FRAME_KINDS(X)                                           \
    X(HELLO, 1, 1) /* the first of each side: who I am */           \
    X(DATA, 2, 1)  /* tuples and notes; numbered */                 \
    X(ACK, 3, 1)   /* acknowledgements: the header's, and a list */ \
    X(PING, 4, 0)  /* are you there? */                             \
    X(PONG, 5, 0)  /* yes */                                        \
    X(FIN, 6, 0)   /* numbered, and the last one: acknowledge and part */

typedef enum gi_frame_kind {
#define GI_FRAME_ENUM(name, number, payload) GI_FRAME_##name = number,
    GI_FRAME_KINDS(GI_FRAME_ENUM)
#undef GI_FRAME_ENUM
} gi_frame_kind;

typedef enum gi_frame_flag {
    GI_FRAME_LZ4 = 1, /* the payload is one LZ4 block */
} gi_frame_flag;

enum {
    GI_FRAME_VERSION = 1,
    GI_FRAME_HEAD = 52,             /* bytes of a header */
    GI_FRAME_PAYLOAD = 1 << 20,     /* the limit where nothing else is set */
    GI_FRAME_PAYLOAD_MAX = 1 << 30, /* the highest limit there can be */
};

typedef struct gi_frame {
    uint8_t kind;   /* a gi_frame_kind */
    uint16_t flags; /* of gi_frame_flag */
    uint64_t from, to;
    uint64_t seq, ack;
    uint32_t raw, stored; /* bytes of the payload; equal if not compressed */
    const unsigned char *payload; /* gi_frame_check: the stored bytes */
} gi_frame;

/* "DATA", ...; "?" for a number that is no kind. */
const char *gi_frame_kind_name(unsigned kind);

/* ------------------------------------------------------------- sending -- */

/* Write the header of `f` to the GI_FRAME_HEAD bytes at `frame`, behind which
 * the f->stored bytes of payload already lie.  f->payload is not looked at.
 * What gi_frame_check would refuse (but for its limit) is a bug of the caller,
 * and ends the process. */
void gi_frame_seal(void *frame, const gi_frame *f);

/* Compress `raw` bytes of payload to `room`, where there must be at least
 * `raw` bytes.  Returns how many were written, to be f->stored under the flag
 * GI_FRAME_LZ4; 0 if it does not save an eighth, and then what is in `room` is
 * of no use and the payload goes as it is. */
uint32_t gi_frame_pack(const void *payload, uint32_t raw, void *room);

/* ----------------------------------------------------------- receiving -- */

/* Can the GI_FRAME_HEAD bytes at `head` begin a frame whose payload has no
 * more than `limit` bytes?  Then *stored is how many follow them; so it is
 * known before there is memory for them.  Limit as below. */
gi_refusal gi_frame_peek(const void *head, uint32_t limit, uint32_t *stored);

/* Are the `len` bytes at `p` exactly one sound frame, whose payload has no
 * more than `limit` bytes, before and after it is unpacked?
 *
 *   p      borrowed as long as out->payload, which points into it, is in use
 *   limit  0: GI_FRAME_PAYLOAD
 *   out    written only if it is
 *
 * Allocates nothing.  After it, out->raw is bounded by the limit and by what
 * LZ4 can make of out->stored bytes, so room of out->raw bytes may be had. */
gi_refusal gi_frame_check(const void *p, size_t len, uint32_t limit,
                          gi_frame *out);

/* The payload of a frame with the flag GI_FRAME_LZ4, into the f->raw bytes at
 * `room`; what is there after a refusal is of no use. */
gi_refusal gi_frame_unpack(const gi_frame *f, void *room);

#endif
