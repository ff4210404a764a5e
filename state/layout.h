/* layout.h -- which directories a state has, and where its groups are.
 *
 * Part 3 of 8 is the directory 3-of-8.E, E its edition.  A part is made under
 * another name and gets its own when it is whole; its edition is above those
 * of all parts that are there.  So the newest of a group is always in the part
 * of the highest edition that has it, also when an earlier number of parts
 * comes back or a change of the number was never finished.  Pure, but for
 * gi_layout_read. */
#ifndef GI_STATE_LAYOUT_H
#define GI_STATE_LAYOUT_H

#include "gale/state.h"

typedef struct gi_place {
    uint32_t index, count;
    uint64_t edition;
} gi_place;

typedef struct gi_layout {
    gi_place *at;
    size_t n;
} gi_layout;

enum { GI_PLACE_NAME = 64 };

/* Into name[GI_PLACE_NAME]; and back.  False: that is no part's. */
void gi_place_name(char *name, const gi_place *p);
bool gi_place_parse(gi_place *p, const char *name);

/* Does it have the group? */
bool gi_place_has(const gi_place *p, uint32_t group);

/* The part that has the newest of a group; NULL: there is none. */
const gi_place *gi_layout_of(const gi_layout *l, uint32_t group);

/* Is there something newer of every group it has? */
bool gi_layout_outdated(const gi_layout *l, const gi_place *p);

/* The part `index` of `count` that has the newest of all of its groups; NULL:
 * it has to be made. */
const gi_place *gi_layout_part(const gi_layout *l, uint32_t index,
                               uint32_t count);

uint64_t gi_layout_next_edition(const gi_layout *l);

/* The same parts, in any order?  An edition is never used twice: if so, there
 * were no others in between. */
bool gi_layout_same(const gi_layout *a, const gi_layout *b);

/* The parts in a directory; none, if there is no such directory.  GALE_EIO,
 * GALE_ENOMEM. */
gale_err gi_layout_read(gi_layout *l, const char *dir, gale_diag *why);
void gi_layout_fini(gi_layout *l);

/* A name as one of a directory: what is no letter, digit, '-', '_' or '.', or
 * a '.' at the beginning, becomes %XX.  To be gi_free'd; NULL without memory.
 */
char *gi_layout_escape(const char *name);

/* And back, in place.  False: gi_layout_escape did not write that. */
bool gi_layout_unescape(char *name);

#endif
