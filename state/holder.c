#include "state/holder.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"
#include "state/make.h"

static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static gi_holder *holders; /* guarded by registry */

static void give_up(gi_holder *h)
{
    gi_part_close(h->part);
    h->part = NULL;
    if (h->lock >= 0)
        close(h->lock);
    h->lock = -1;
}

/* True: somebody here had it, and has it no more. */
static bool take_away(const struct stat *st)
{
    gi_holder *h;

    pthread_mutex_lock(&registry);
    h = holders;
    while (h != NULL &&
           (h->lost || h->dev != st->st_dev || h->ino != st->st_ino))
        h = h->next;
    if (h != NULL) {
        pthread_mutex_lock(&h->mtx);
        h->lost = true;
        give_up(h);
        pthread_mutex_unlock(&h->mtx);
    }
    pthread_mutex_unlock(&registry);
    return h != NULL;
}

static gi_holder *create(int lock, const struct stat *st)
{
    gi_holder *h = gi_alloc(sizeof(*h));
    pthread_mutexattr_t recursive;

    if (h == NULL)
        return NULL;
    h->lock = lock;
    h->dev = st->st_dev;
    h->ino = st->st_ino;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&h->mtx, &recursive);
    pthread_mutexattr_destroy(&recursive);
    pthread_mutex_lock(&registry);
    h->next = holders;
    holders = h;
    pthread_mutex_unlock(&registry);
    return h;
}

gale_err gi_hold(gi_holder **out, const char *dir, gale_diag *why)
{
    struct stat st;
    int lock = -1;
    gale_err rv = gi_lock(&lock, dir, false, why);

    if (stat(dir, &st) != 0 && (rv == GALE_OK || rv == GALE_EBUSY)) {
        if (lock >= 0)
            close(lock);
        return GALE_ENOTFOUND;
    }
    if (rv == GALE_EBUSY && take_away(&st))
        rv = gi_lock(&lock, dir, false, why);
    if (rv != GALE_OK)
        return rv;
    *out = create(lock, &st);
    if (*out == NULL) {
        close(lock);
        return gi_stored_no_memory(why);
    }
    return GALE_OK;
}

void gi_hold_end(gi_holder *h)
{
    gi_holder **at = &holders;

    if (h == NULL)
        return;
    pthread_mutex_lock(&registry);
    while (*at != h)
        at = &(*at)->next;
    *at = h->next;
    pthread_mutex_unlock(&registry);
    give_up(h);
    pthread_mutex_destroy(&h->mtx);
    gi_free(h);
}

gale_err gi_hold_begin_call(gi_holder *h, gale_diag *why)
{
    pthread_mutex_lock(&h->mtx);
    if (!h->lost)
        return GALE_OK;
    pthread_mutex_unlock(&h->mtx);
    gi_diag_say(why,
                "somebody else in this process opened the same part later, "
                "and has it now");
    return GALE_EIO;
}

void gi_hold_end_call(gi_holder *h)
{
    pthread_mutex_unlock(&h->mtx);
}
