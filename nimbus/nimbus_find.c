/* Which topology is meant, who may do what to it, and a word for the log. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "nimbus/nimbus_state.h"

gi_topo *gi_nimbus_named(const gi_nimbus *n, const char *name)
{
    for (uint32_t i = 0; i < n->n_topologies; i++)
        if (strcmp(n->topologies[i]->kept->m.name, name) == 0)
            return n->topologies[i];
    return NULL;
}

static gale_err say_unknown(const gi_nimbus *n, const char *name,
                            gale_diag *why)
{
    const char **names;
    const char *near;

    if (why == NULL)
        return GALE_ENOTFOUND;
    names = gi_calloc((size_t)n->n_topologies + 1, sizeof(*names));
    if (names == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < n->n_topologies; i++)
        names[i] = n->topologies[i]->kept->m.name;
    near = gi_nearest(name, names, n->n_topologies);
    gi_free(names);
    if (near != NULL)
        gi_diag_say(why, "there is no topology '%.200s' (did you mean '%s'?)",
                    name, near);
    else
        gi_diag_say(why,
                    n->n_topologies == 0
                        ? "there is no topology '%.200s', nor any other"
                        : "there is no topology '%.200s'",
                    name);
    return GALE_ENOTFOUND;
}

gale_err gi_nimbus_find(const gi_nimbus *n, const char *name, gi_topo **out,
                        gale_diag *why)
{
    gi_topo *t = gi_nimbus_named(n, name);

    for (uint32_t i = 0; t == NULL && i < n->n_topologies; i++)
        if (strcmp(n->topologies[i]->kept->m.id, name) == 0)
            t = n->topologies[i];
    if (t == NULL)
        return say_unknown(n, name, why);
    *out = t;
    return GALE_OK;
}

bool gi_nimbus_admin(const gi_nimbus *n, const char *user)
{
    for (uint32_t i = 0; i < n->opts.n_admins; i++)
        if (strcmp(n->opts.admins[i], user) == 0)
            return true;
    return false;
}

gale_err gi_nimbus_may(const gi_nimbus *n, const gi_kept *k, const char *user,
                       const char *verb, gale_diag *why)
{
    if (strcmp(k->m.owner, user) == 0 || gi_nimbus_admin(n, user))
        return GALE_OK;
    gi_diag_say(why,
                "%s%.80s%s may not %s '%s': it belongs to '%.80s' (ask him, "
                "or one of nimbus.admins)",
                user[0] == '\0' ? "who is nobody" : "'", user,
                user[0] == '\0' ? "" : "'", verb, k->m.name, k->m.owner);
    return GALE_EINVAL;
}

void gi_nimbus_note(const gi_nimbus *n, bool bad, const char *format, ...)
{
    char text[1024];
    va_list ap;

    if (n->opts.note == NULL)
        return;
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    n->opts.note(n->opts.arg, bad, text);
}
