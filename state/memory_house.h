/* memory_house.h -- a state in the memory of this process: found by its name
 * and its topology's, it keeps all its groups, whoever opens how many parts of
 * it.
 */
#ifndef GI_STATE_MEMORY_HOUSE_H
#define GI_STATE_MEMORY_HOUSE_H

#include <pthread.h>

#include "state/cells.h"
#include "state/stored.h"

/* There is a lock for each so many groups, so that parts on different threads
 * do not wait for one another. */
enum {
    GI_HOUSE_LOCKED = 8,
    GI_HOUSE_LOCKS = GALE_STATE_GROUPS / GI_HOUSE_LOCKED
};

typedef struct gi_house {
    struct gi_house *next;
    char *topology, *state;
    unsigned users; /* guarded by `registry` */
    /* guards: groups and gone, from its number times GI_HOUSE_LOCKED on */
    pthread_mutex_t mtx[GI_HOUSE_LOCKS];
    gi_cells groups[GALE_STATE_GROUPS];
    uint32_t gone[GALE_STATE_GROUPS]; /* removed since the last sweep */
} gi_house;

/* The one of that name, made if there is none, with one user more; NULL
 * without memory. */
gi_house *gi_house_enter(const gale_store_where *where);
void gi_house_leave(gi_house *h);

/* Groups [from, to]. */
typedef struct gi_span {
    uint32_t from, to;
} gi_span;

/* Of no group, and with that of a key. */
static inline gi_span gi_span_none(void)
{
    return (gi_span){ GALE_STATE_GROUPS - 1, 0 };
}

static inline void gi_span_widen(gi_span *s, gale_str key)
{
    uint32_t group = gi_stored_group(key);

    if (group < s->from)
        s->from = group;
    if (group > s->to)
        s->to = group;
}

void gi_house_lock(gi_house *h, gi_span s);
void gi_house_unlock(gi_house *h, gi_span s);

#endif
