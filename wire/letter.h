/* letter.h -- what a link says of itself, as a frame and back.
 *
 * The channel (channel.h) speaks in letters.  Most of one is the header of its
 * frame; two kinds say more, in numbers of fixed width, little-endian:
 *
 *     HELLO   0  assignment   64 bits
 *             8  attempt      64
 *            16  received     64
 *            24  key          64
 *            32  wanted       64
 *            40  protocol     32, not 0
 *            44  refused      32, at most GI_LETTER_REFUSED_MOST
 *            48  n            32
 *            52  n numbers of frames that are still to be executed, 64 each
 *
 *     ACK    numbers of frames that are executed, 64 bits each, to the end
 *
 * What a letter says twice must be the same: a greeting's open numbers ascend
 * to `received` at most, and end the row of what its header says is executed;
 * an ACK's numbers lie above that row.  Whether the numbers fit to what has
 * gone over this link before, the channel sees.
 *
 * Pure: no allocation, no clock, no I/O.  Thread  any
 */
#ifndef GI_WIRE_LETTER_H
#define GI_WIRE_LETTER_H

#include "wire/channel.h"

enum {
    GI_LETTER_GREETING = 52,      /* bytes of a HELLO before its numbers */
    GI_LETTER_OPEN_MOST = 8192,   /* numbers in it: both lanes at their most */
    GI_LETTER_REFUSED_MOST = 255, /* reasons yet unknown are reasons, too */
    /* No HELLO or ACK has more payload. */
    GI_LETTER_PAYLOAD_MOST = GI_LETTER_GREETING + 8 * GI_LETTER_OPEN_MOST,
};

/* Bytes of payload that gi_letter_write writes: 0 but for HELLO and ACK. */
uint32_t gi_letter_size(const gi_letter *l);

/* Write the payload of `l` (DATA: nothing) to the gi_letter_size(l) bytes at
 * `room`, and its header as gi_frame_seal wants it to *out.  For DATA the
 * caller says raw, stored and flags himself.  What gi_letter_read would refuse
 * is a bug of the caller, and ends the process. */
void gi_letter_write(const gi_letter *l, void *room, gi_frame *out);

/* The letter that a sound frame is.
 *
 *   room  for the `most` numbers that a HELLO or ACK may have; borrowed as
 *         long as out->done and out->greeting.open are in use
 *   out   written only if nothing is wrong with it
 */
gi_refusal gi_letter_read(const gi_frame *f, uint64_t *room, uint32_t most,
                          gi_letter *out);

#endif
