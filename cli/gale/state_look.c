/* state_look.c -- a state that is there, opened to be read; and what to say if
 * it cannot be. */
#include <inttypes.h>

#include "cli/gale/state.h"
#include "trident/counted.h"

typedef struct counting {
    const char *dir;
    const gi_shelf_state *state;
} counting;

/* What is all in one part is whole at any moment. */
static gale_err counts(void *arg, bool *known, uint64_t *txid, gale_diag *why)
{
    const counting *c = arg;
    gi_shelf_size size;
    gale_err rv = gi_shelf_measure(&size, c->dir, c->state, why);

    *known = false;
    return rv == GALE_OK && size.several
               ? gi_counted(c->dir, c->state->topology, c->state->state, known,
                            txid, why)
               : rv;
}

gale_err gi_states_view(const gi_states *s, const gi_shelf_state *state,
                        gi_view *v, gale_diag *why)
{
    counting c = { s->dir, state };
    gale_store_where where = { .topology = state->topology,
                               .state = state->state,
                               .count = 1,
                               .place = s->dir,
                               .read_only = true };

    return gi_view_open(v, &gale_store_embedded, &where, counts, &c, why);
}

void gi_states_warn(const gi_states *s, const gi_shelf_state *state,
                    const gi_view *v)
{
    if (v->mixed)
        gi_screen_say(&s->g->cli.screen,
                      "transaction %" PRIu64 " of '%s' is being committed all "
                      "the time: some parts have it, others not yet",
                      v->txid, state->state);
}

int gi_states_failed(const gi_states *s, gale_err e, const gale_diag *why)
{
    if (e != GALE_EIO || s->g->cli.unwritten == 0)
        gi_screen_say(&s->g->cli.screen, "%s",
                      why->text[0] != '\0' ? why->text : gale_err_text(e));
    return e == GALE_ENOTFOUND ? GI_EXIT_NOT_FOUND : GI_EXIT_FAILED;
}
