/* probes.h -- what workers ask one another about old work, on the wire.
 *
 * A section is a msgpack array of five whole numbers:
 *
 *     [3, what, round, epoch, value]
 *
 * Pure: no allocation, no clock, no I/O.  Thread  any
 */
#ifndef GI_WIRE_PROBES_H
#define GI_WIRE_PROBES_H

#include "wire/section.h"

/* See worker/probe.h. */
typedef enum gi_probe_what {
    GI_PROBE_ASK_DONE = 1,
    GI_PROBE_TOLD_DONE,
    GI_PROBE_ASK_MADE,
    GI_PROBE_TOLD_MADE,
    GI_PROBE_DIED, /* `value` is a task of a worker that did; see port.c */
} gi_probe_what;

typedef struct gi_probe_note {
    uint8_t what;   /* a gi_probe_what */
    uint16_t epoch; /* the sender's; TOLD_MADE: its horizon */
    uint32_t round;
    uint32_t value;
} gi_probe_note;

enum { GI_PROBE_MOST = 16 }; /* bytes of a section, at most */

/* Write the section to the GI_PROBE_MOST bytes at `room`; how many it has. */
size_t gi_probe_write(const gi_probe_note *n, void *room);

/* Read the one that the `len` bytes at `p` begin with. */
gi_refusal gi_probe_read(const void *p, size_t len, gi_probe_note *out,
                         size_t *consumed);

#endif
