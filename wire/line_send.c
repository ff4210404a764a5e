/* What leaves over a line.  Letters of one turn are gathered and go in one
 * write: one system call, one packet, one wake-up of the peer. */
#include <string.h>

#include "wire/line_inside.h"

/* A letter without a frame of the caller's lies in the guest's own memory, of
 * which there is enough for one: it is the last one of its write. */
bool gi_line_may_send(gi_line *l)
{
    gi_guest *g = gi_line_guest(l, gi_channel_conn(l->channel));

    return g != NULL && l->n_pieces < GI_CONN_PIECES && !l->own_used &&
           !gi_conn_busy(g->conn);
}

void gi_line_unlend(gi_line *l, uint64_t id)
{
    if (l->sending_on != id)
        return;
    for (unsigned i = 0; i < l->n_lent; i++)
        l->lent[i]->lent = false;
    l->n_lent = l->n_pieces = 0;
    l->own_used = false;
}

/* Returns the bytes of the frame at `at`. */
static size_t seal(const gi_letter *letter, unsigned char *at)
{
    const gi_going *going = (const gi_going *)letter->parcel;
    gi_frame f;

    gi_letter_write(letter, at + GI_FRAME_HEAD, &f);
    if (going != NULL) {
        f.raw = going->raw;
        f.stored = going->stored;
        f.flags = going->flags;
    }
    gi_frame_seal(at, &f);
    return GI_FRAME_HEAD + f.stored;
}

void gi_line_put(gi_line *l, gi_guest *g, const gi_letter *letter)
{
    gi_going *going = (gi_going *)letter->parcel;
    unsigned char *at = going != NULL ? going->frame : g->own;

    if (l->n_pieces == 0) /* what went before is written, or given up */
        gi_line_unlend(l, l->sending_on);
    l->sending_on = g->id;
    l->piece[l->n_pieces++] = (nng_iov){ at, seal(letter, at) };
    if (going == NULL) {
        l->own_used = true;
        return;
    }
    going->lent = true;
    l->lent[l->n_lent++] = going;
}

void gi_line_refuse(gi_guest *g, const gi_letter *letter)
{
    gi_conn_send(g->conn, &(nng_iov){ g->own, seal(letter, g->own) }, 1);
}

/* Is anything of it still being written? */
static bool is_busy(gi_line *l)
{
    gi_guest *g = gi_line_guest(l, l->sending_on);

    return g != NULL && gi_conn_busy(g->conn);
}

bool gi_line_send(gi_line *l)
{
    gi_guest *g = gi_line_guest(l, l->sending_on);

    if (l->n_pieces == 0 || g == NULL)
        return false;
    gi_conn_send(g->conn, l->piece, l->n_pieces);
    l->n_pieces = 0;
    l->own_used = false;
    if (gi_conn_busy(g->conn))
        return false;
    gi_line_unlend(l, g->id);
    return true;
}

static gi_going *take_returned(gi_line *l)
{
    gi_going *first = l->returned[0];

    if (l->n_returned == 0 || first->lent)
        return NULL;
    l->n_returned--;
    memmove(l->returned, l->returned + 1,
            l->n_returned * sizeof(*l->returned));
    return first;
}

/* What is still being written waits, though its fate is known. */
gi_going *gi_line_back(gi_line *l)
{
    gi_going *back;

    if (l->n_lent > 0 && !is_busy(l))
        gi_line_unlend(l, l->sending_on);
    back = take_returned(l);
    if (back != NULL)
        return back;
    while ((back = (gi_going *)gi_channel_back(l->channel)) != NULL &&
           back->lent)
        l->returned[l->n_returned++] = back;
    return back;
}
