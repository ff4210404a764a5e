#include "drpc/seat.h"

#include "base/mem.h"
#include "drpc/hub.h"
#include "wire/diag.h"

struct gi_seat {
    gale_drpc *hub;
    uint64_t session; /* at the hub; 0: it takes nothing */
};

gale_err gi_seat_open(gi_seat **out, gale_drpc *d, gale_task *task,
                      const char *function, bool takes, gale_diag *why)
{
    gi_seat *s = d == NULL ? NULL : gi_alloc(sizeof(*s));

    if (d == NULL) {
        gi_diag_say(why, "a DRPC stream needs a gale_drpc");
        return GALE_EINVAL;
    }
    if (s == NULL)
        return GALE_ENOMEM;
    s->hub = d;
    if (takes)
        s->session = gi_hub_open(d, function, task, why);
    if (takes && s->session == 0) {
        gi_free(s);
        return GALE_EINVAL;
    }
    *out = s;
    return GALE_OK;
}

void gi_seat_close(gi_seat *s)
{
    if (s == NULL)
        return;
    if (s->session != 0)
        gi_hub_close(s->hub, s->session);
    gi_free(s);
}

bool gi_seat_take(gi_seat *s, uint64_t *id, char **args, uint32_t *len)
{
    return gi_hub_take(s->hub, s->session, id, args, len);
}

bool gi_seat_ended(gi_seat *s)
{
    return gi_hub_ended(s->hub);
}

void gi_seat_answer(gi_seat *s, uint64_t id, gale_str text)
{
    gi_hub_answer(s->hub, id, text);
}

void gi_seat_fail(gi_seat *s, uint64_t id, gale_str why)
{
    gi_hub_fail(s->hub, id, why);
}

void gi_seat_note(gi_seat *s, uint64_t id, gale_str why)
{
    gi_hub_note(s->hub, id, why);
}

void gi_seat_done(gi_seat *s, uint64_t id)
{
    gi_hub_done(s->hub, id);
}
