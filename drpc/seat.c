#include "drpc/seat.h"

#include "base/mem.h"
#include "drpc/hub.h"
#include "drpc/servers.h"

/* Either of both. */
struct gi_seat {
    gale_drpc *hub;
    uint64_t session; /* at the hub; 0: it takes nothing */
    gi_servers *servers;
};

gale_err gi_seat_open(gi_seat **out, gale_drpc *d, gale_task *task,
                      const void *owner, const char *function, bool takes,
                      gale_diag *why)
{
    gi_seat *s = gi_alloc(sizeof(*s));
    gale_err rv = GALE_OK;

    if (s == NULL)
        return GALE_ENOMEM;
    s->hub = d;
    if (d == NULL)
        rv = gi_servers_open(&s->servers, task, owner, function, takes, why);
    else if (takes)
        rv = gi_hub_open(&s->session, d, function, task, why);
    if (rv == GALE_OK)
        *out = s;
    else
        gi_free(s);
    return rv;
}

void gi_seat_close(gi_seat *s)
{
    if (s == NULL)
        return;
    if (s->session != 0)
        gi_hub_close(s->hub, s->session);
    gi_servers_close(s->servers);
    gi_free(s);
}

void gi_seat_turn(gi_seat *s)
{
    if (s->servers != NULL)
        gi_servers_turn(s->servers);
}

bool gi_seat_take(gi_seat *s, uint64_t *id, char **args, uint32_t *len)
{
    return s->servers != NULL ? gi_servers_take(s->servers, id, args, len)
                              : gi_hub_take(s->hub, s->session, id, args, len);
}

bool gi_seat_ended(gi_seat *s)
{
    return s->servers == NULL && gi_hub_ended(s->hub);
}

void gi_seat_answer(gi_seat *s, uint64_t id, gale_str text)
{
    if (s->servers != NULL)
        gi_servers_say(s->servers, id, GI_DRPC_ANSWER, text);
    else
        gi_hub_answer(s->hub, id, text);
}

void gi_seat_fail(gi_seat *s, uint64_t id, gale_str why)
{
    if (s->servers != NULL)
        gi_servers_say(s->servers, id, GI_DRPC_FAIL, why);
    else
        gi_hub_fail(s->hub, id, why);
}

void gi_seat_note(gi_seat *s, uint64_t id, gale_str why)
{
    if (s->servers != NULL)
        gi_servers_say(s->servers, id, GI_DRPC_NOTE, why);
    else
        gi_hub_note(s->hub, id, why);
}

void gi_seat_done(gi_seat *s, uint64_t id)
{
    if (s->servers != NULL)
        gi_servers_say(s->servers, id, GI_DRPC_DONE, (gale_str){ NULL, 0 });
    else
        gi_hub_done(s->hub, id);
}
