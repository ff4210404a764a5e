/* deadletter.c -- what becomes of a tuple that was replayed often enough.
 *
 * It goes to the spout's stream __dead_letter, untracked, with all that is
 * known about it: the stream it was emitted on, its message id, how many
 * attempts there were, why the last one failed, and its values as a list.
 * Whether anybody reads the stream or not, it is counted and logged: giving
 * up is never silent.
 */
#include "base/testpoint.h"
#include "gale/nested.h"
#include "worker/spout.h"

/* What a list of these values takes at most. */
static size_t packed_size(gale_row row)
{
    return 8 + row.n * 9 + gi_row_bytes(row);
}

static gale_value pack_values(gale_row row, void *room, size_t size)
{
    gale_pack p;

    gale_pack_init(&p, room, size);
    gale_pack_list(&p, (uint32_t)row.n);
    for (size_t i = 0; i < row.n; i++)
        gale_pack_any(&p, row.values[i]);
    return gale_pack_value(&p);
}

void gi_dead_letter(gale_task *t, const gi_pending_slot *p, const char *why)
{
    gi_out *out = &t->out[t->comp->n_streams - 1];
    const char *stream = t->out[p->kept->stream].stream->name;
    gale_row values = gale_tuple_row(p->kept);
    size_t size = packed_size(values);
    gi_sent_to nowhere = { NULL, 0 };
    const gi_watcher *o = t->loop->w->watcher;
    unsigned tries = 0;
    void *room;

    GI_SEEN(DEAD_LETTER);
    gi_count(&t->count.dead, 1);
    if (o != NULL && o->gave_up != NULL)
        o->gave_up(o->arg, t, p->id);
    gale_task_error(t,
                    "gave up tuple %llu of stream '%s' after %u replay%s: "
                    "%s",
                    (unsigned long long)p->id, stream, p->attempts,
                    p->attempts == 1 ? "" : "s", why);
    if (out->fixed + size + strlen(stream) + strlen(why) > t->loop->tuple_max)
        values.n = 0; /* it was near the limit, and this is more */
    while ((room = gi_alloc(size)) == NULL)
        gi_wait_for_memory(t->loop, &tries);
    gale_row row =
        GALE_ROW(gale_val_cstr(stream), gale_val_i64((int64_t)p->id),
                 gale_val_i64(p->attempts), gale_val_cstr(why),
                 pack_values(values, room, size));

    t->epoch = gi_frontier_now(&t->loop->w->frontier);
    gi_count_emit(t, out, row);

    /* Nobody would ever replay it: rather twice to some than not to others. */
    for (bool lost = out->n_routes > 0; lost;) {
        lost = false;
        gi_send_any(t, out, row, gi_row_bytes(row), 0, NULL, nowhere, &lost);
        if (lost)
            gi_wait_for_memory(t->loop, &tries);
    }
    gi_free(room);
}
