/* section.h -- what a payload consists of, and by what it is judged.
 *
 * A section is one msgpack value: an array whose first member says what kind
 * of section it is.  So a payload is a row of msgpack values, which any
 * msgpack library can show.  Whoever reads a payload reads all its sections
 * before handing on the first: nothing of a frame that is refused is used.
 */
#ifndef GI_WIRE_SECTION_H
#define GI_WIRE_SECTION_H

#include "topology/plan.h"
#include "wire/refusal.h"

typedef enum gi_section_kind {
    GI_SECTION_TUPLES = 1, /* tuples.h */
    GI_SECTION_NOTES = 2,  /* notes.h */
    GI_SECTION_PROBE = 3,  /* probes.h */
} gi_section_kind;

/* What kind of section do the `len` bytes at `p` begin with?  Only its first
 * bytes are looked at. */
gi_refusal gi_section_peek(const void *p, size_t len, gi_section_kind *out);

/* What sound sections can speak of: this topology's tasks, streams, roots.
 * Plain numbers and a borrowed plan; no need to undo it. */
typedef struct gi_rules {
    const gi_plan *plan; /* borrowed as long as the rules are in use */
    uint32_t n_spouts;   /* spout tasks of the plan */
    uint32_t most_bytes; /* that the tuples of one section may take */
} gi_rules;

/* For `plan`: a section may take as much as a batch, or one tuple of the
 * greatest size, whichever is more. */
gi_rules gi_rules_of(const gi_plan *plan);

#endif
