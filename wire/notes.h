/* notes.h -- notes to ackers and spouts, on the wire.
 *
 * A section is a msgpack array of two, [2, records], where records is a bin of
 * 24 bytes for each note, little-endian:
 *
 *      0  root
 *      8  sum
 *     16  kind, why    8 bits each
 *     18  comp, epoch  16 bits each
 *     22  0
 *
 * Whose note it is, acker's or spout's, its root says; so a section may mix
 * them.
 *
 * Pure: no allocation, no clock, no I/O.  Thread  any
 */
#ifndef GI_WIRE_NOTES_H
#define GI_WIRE_NOTES_H

#include "acker/acker.h"
#include "wire/section.h"

enum {
    GI_NOTES_HEAD = 7, /* bytes before the records */
    GI_NOTES_EACH = 24,
    GI_NOTES_MOST = 1 << 24, /* that are written as one section */
};

/* Bytes that a section of `n` notes has, exactly. */
static inline size_t gi_notes_size(uint32_t n)
{
    return GI_NOTES_HEAD + (size_t)n * GI_NOTES_EACH;
}

/* Write `n` notes (at most GI_NOTES_MOST) as one section to the
 * gi_notes_size(n) bytes at `room`.  Returns that size. */
size_t gi_notes_write(const gi_note *notes, uint32_t n, void *room);

/* A section of notes that was found sound. */
typedef struct gi_notes {
    uint32_t n;
    const unsigned char *at; /* the records */
} gi_notes;

/* Check the section that the `len` bytes at `p` begin with, all of it: each
 * note's kind, why and component, and that its root can be one of this
 * topology.
 *
 *   p         borrowed as long as *out is in use
 *   out       written only if it is sound
 *   consumed  bytes of the section; likewise
 */
gi_refusal gi_notes_check(const gi_rules *rules, const void *p, size_t len,
                          gi_notes *out, size_t *consumed);

/* Note `i` of `s`; i < s->n. */
gi_note gi_notes_at(const gi_notes *s, uint32_t i);

#endif
