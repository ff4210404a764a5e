/* page.h -- what a worker process says of itself: numbers collected
 * from its loops, and written to its progress page (wire/progress.h).
 *
 * Thread  one: that which watches the loops
 */
#ifndef GI_LOCAL_PROCESS_PAGE_H
#define GI_LOCAL_PROCESS_PAGE_H

#include "local/local.h"
#include "wire/progress.h"

typedef struct gi_page gi_page;

/* `c` is borrowed until destroy.  GALE_EIO, GALE_ENOMEM. */
gale_err gi_page_create(gi_page **out, const char *dir, uint64_t incarnation,
                        gi_local *c);
void gi_page_destroy(gi_page *p); /* NULL is fine */

/* What is not to be seen from the loops; `words` borrowed until the next. */
typedef struct gi_page_says {
    gi_progress_state state;
    uint64_t number, version, turn;
    const char *words;
} gi_page_says;

/* Look at everything, and write it. */
void gi_page_write(gi_page *p, const gi_page_says *says);

/* How many trees of this worker's spouts were acked, as it was written last.
 */
uint64_t gi_page_acked(const gi_page *p);

#endif
