#include "worker/credentials.h"

#include <string.h>

#include "base/mem.h"

static void wipe(gi_credential *list, uint32_t n)
{
    for (uint32_t i = 0; list != NULL && i < n; i++) {
        if (list[i].value != NULL)
            explicit_bzero(list[i].value, strlen(list[i].value));
        gi_free(list[i].value);
        gi_free(list[i].key);
    }
    gi_free(list);
}

void gi_credentials_init(gi_credentials *c)
{
    c->n = 0;
    c->at = NULL;
    pthread_mutex_init(&c->mtx, NULL);
}

void gi_credentials_fini(gi_credentials *c)
{
    wipe(c->at, c->n);
    c->at = NULL;
    c->n = 0;
    pthread_mutex_destroy(&c->mtx);
}

gale_err gi_credentials_set(gi_credentials *c, const gi_credential *list,
                            uint32_t n)
{
    gi_credential *fresh = gi_calloc((size_t)n + 1, sizeof(*fresh)), *old;
    uint32_t n_old;

    if (fresh == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        fresh[i].key = gi_strdup(list[i].key);
        fresh[i].value = gi_strdup(list[i].value);
        if (fresh[i].key == NULL || fresh[i].value == NULL) {
            wipe(fresh, n);
            return GALE_ENOMEM;
        }
    }
    pthread_mutex_lock(&c->mtx);
    old = c->at;
    n_old = c->n;
    c->at = fresh;
    c->n = n;
    pthread_mutex_unlock(&c->mtx);
    wipe(old, n_old);
    return GALE_OK;
}

static size_t copy(const char *value, char *to, size_t room)
{
    size_t n = strlen(value);

    if (n < room)
        memcpy(to, value, n + 1);
    return n;
}

size_t gi_credentials_get(gi_credentials *c, const char *key, char *to,
                          size_t room)
{
    size_t n = 0;

    if (room > 0)
        to[0] = '\0';
    pthread_mutex_lock(&c->mtx);
    for (uint32_t i = 0; i < c->n; i++)
        if (strcmp(c->at[i].key, key) == 0)
            n = copy(c->at[i].value, to, room);
    pthread_mutex_unlock(&c->mtx);
    return n;
}
