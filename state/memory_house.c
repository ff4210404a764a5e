#include "state/memory_house.h"

#include "base/mem.h"
#include "state/memory.h"

static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static gi_house *houses; /* guarded by registry */

static void free_house(gi_house *h)
{
    for (int i = 0; i < GALE_STATE_GROUPS; i++)
        gi_cells_fini(&h->groups[i]);
    for (int i = 0; i < GI_HOUSE_LOCKS; i++)
        pthread_mutex_destroy(&h->mtx[i]);
    gi_free(h->topology);
    gi_free(h->state);
    gi_free(h);
}

void gi_store_memory_forget(void)
{
    gi_house **at = &houses;

    pthread_mutex_lock(&registry);
    while (*at != NULL) {
        gi_house *h = *at;

        if (h->users > 0) {
            at = &h->next;
            continue;
        }
        *at = h->next;
        free_house(h);
    }
    pthread_mutex_unlock(&registry);
}

static gi_house *find_locked(const gale_store_where *w)
{
    gi_house *h = houses;

    while (h != NULL && (strcmp(h->topology, w->topology) != 0 ||
                         strcmp(h->state, w->state) != 0))
        h = h->next;
    if (h != NULL)
        return h;
    h = gi_alloc(sizeof(*h));
    if (h == NULL)
        return NULL;
    for (int i = 0; i < GI_HOUSE_LOCKS; i++)
        pthread_mutex_init(&h->mtx[i], NULL);
    h->topology = gi_strdup(w->topology);
    h->state = gi_strdup(w->state);
    if (h->topology == NULL || h->state == NULL) {
        free_house(h);
        return NULL;
    }
    h->next = houses;
    houses = h;
    return h;
}

gi_house *gi_house_enter(const gale_store_where *where)
{
    gi_house *h;

    pthread_mutex_lock(&registry);
    h = find_locked(where);
    if (h != NULL)
        h->users++;
    pthread_mutex_unlock(&registry);
    return h;
}

void gi_house_leave(gi_house *h)
{
    pthread_mutex_lock(&registry);
    h->users--;
    pthread_mutex_unlock(&registry);
}

/* Always upwards, so that nobody waits in a circle. */
void gi_house_lock(gi_house *h, gi_span s)
{
    for (uint32_t i = s.from / GI_HOUSE_LOCKED; i <= s.to / GI_HOUSE_LOCKED;
         i++)
        pthread_mutex_lock(&h->mtx[i]);
}

void gi_house_unlock(gi_house *h, gi_span s)
{
    for (uint32_t i = s.from / GI_HOUSE_LOCKED; i <= s.to / GI_HOUSE_LOCKED;
         i++)
        pthread_mutex_unlock(&h->mtx[i]);
}
