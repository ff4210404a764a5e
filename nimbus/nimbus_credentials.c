/* CREDENTIALS: what is secret to a topology.  Kept with it and told to the
 * nodes on which it runs; no answer to anybody else has it. */
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "nimbus/nimbus_decide.h"

/* Words never have a value in them. */
static const char *problem_of(const gi_msg_credentials *q)
{
    size_t bytes = 0;

    if (q->n_credentials > GI_CREDENTIALS_MOST)
        return "a topology has 256 credentials at most";
    for (uint32_t i = 0; i < q->n_credentials; i++) {
        const char *key = q->credentials[i].key;
        size_t n = strlen(key);

        if (n == 0)
            return "a credential has no key";
        if (n > GI_CREDENTIAL_KEY_MOST)
            return "the key of a credential has 255 letters at most";
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(q->credentials[j].key, key) == 0)
                return "two credentials have the same key";
        bytes += n + strlen(q->credentials[i].value);
    }
    return bytes > GI_CREDENTIALS_BYTES_MOST
               ? "its credentials have 32 KB at most, all together"
               : NULL;
}

static gale_err check(const gi_kept *k, const gi_msg_credentials *q,
                      gale_diag *why)
{
    const char *problem = k->life.status == GI_STATUS_GONE
                              ? "it is being killed"
                              : problem_of(q);

    if (problem == NULL)
        return GALE_OK;
    gi_diag_say(why, "'%s': %s", k->m.name, problem);
    return GALE_EINVAL;
}

static const char *keep(gi_pool *pool, const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = gi_pool_take(pool, n, 1);

    return copy == NULL ? NULL : memcpy(copy, text, n);
}

static gale_err put(gi_kept *k, const gi_msg_credentials *q)
{
    gi_msg_pair *pairs =
        gi_pool_take(&k->pool, q->n_credentials, sizeof(*pairs));

    if (pairs == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < q->n_credentials; i++) {
        pairs[i].key = keep(&k->pool, q->credentials[i].key);
        pairs[i].value = keep(&k->pool, q->credentials[i].value);
        if (pairs[i].key == NULL || pairs[i].value == NULL)
            return GALE_ENOMEM;
    }
    k->m.n_credentials = q->n_credentials;
    k->m.credentials = pairs;
    return GALE_OK;
}

gale_err gi_nimbus_credentials(gi_nimbus *n, const gi_msg_credentials *q,
                               const char *user, gale_diag *why)
{
    gi_decision d;
    gi_topo *t;
    gi_kept *kept;
    gale_err e = gi_nimbus_find(n, q->name, &t, why);

    if (e == GALE_OK)
        e = gi_nimbus_may(n, t->kept, user, "upload credentials of", why);
    if (e == GALE_OK)
        e = check(t->kept, q, why);
    if (e != GALE_OK)
        return e;
    gi_decision_init(&d, n);
    e = gi_decision_change(&d, t, true, &kept);
    if (e == GALE_OK)
        e = put(kept, q);
    if (e == GALE_OK)
        e = gi_decision_take(&d, why);
    gi_decision_fini(&d);
    return e;
}
