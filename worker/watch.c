/* watch.c -- for whoever looks on: a test, a simulation, or a person who set
 * topology.debug.
 */
#include <inttypes.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "worker/loop.h"
#include "worker/spout.h"

enum { SHOWN = 64 }; /* bytes of a string */

static void put_value(gi_strbuf *b, const gale_value *v)
{
    int shown = (int)(v->len < SHOWN ? v->len : SHOWN);

    switch (v->type) {
    case GALE_T_NIL:
        gi_strbuf_puts(b, "nil");
        break;
    case GALE_T_BOOL:
        gi_strbuf_puts(b, v->as.b ? "true" : "false");
        break;
    case GALE_T_I64:
        gi_strbuf_printf(b, "%" PRId64, v->as.i);
        break;
    case GALE_T_F64:
        gi_strbuf_printf(b, "%g", v->as.f);
        break;
    case GALE_T_STR:
        gi_strbuf_printf(b, "'%.*s%s'", shown, v->as.p,
                         v->len > SHOWN ? "..." : "");
        break;
    default:
        gi_strbuf_printf(b, "%s of %u bytes", gale_type_name(v->type), v->len);
        break;
    }
}

static void log_row(gale_task *t, const gi_stream *stream, gale_row row)
{
    gi_strbuf b = { 0 };

    for (size_t i = 0; i < row.n; i++) {
        gi_strbuf_puts(&b, i == 0 ? "" : ", ");
        put_value(&b, &row.values[i]);
    }
    gi_strbuf_putc(&b, ')');
    char *text = gi_strbuf_take(&b);

    gale_task_log(t, GALE_LOG_INFO, "emits on '%s': (%s", stream->name,
                  text == NULL ? "out of memory" : text);
    gi_free(text);
}

void gi_watch_emit(gale_task *t, const gi_out *out, gale_row row)
{
    const gi_worker *w = t->loop->w;

    if (w->watcher != NULL && w->watcher->emitted != NULL)
        w->watcher->emitted(w->watcher->arg, t, out->stream, row);
    if (t->debug)
        log_row(t, out->stream, row);
}

void gi_watch_before_launch(gale_task *t, uint32_t slot, uint64_t root)
{
    const gi_watcher *o = t->loop->w->watcher;
    const gi_pending_slot *p = &t->spout->pending.at[slot];

    if (o != NULL && o->begins != NULL)
        o->begins(o->arg, t, p->id, root, p->attempts > 0);
}

void gi_watch_launch(gale_task *t, uint32_t slot, uint64_t root, size_t n)
{
    const gi_watcher *o = t->loop->w->watcher;
    const gi_pending_slot *p = &t->spout->pending.at[slot];

    if (o != NULL && o->launched != NULL)
        o->launched(o->arg, t, p->id, root, n, p->attempts > 0);
}

void gi_watch_settled(gale_task *t, uint32_t slot, gi_why why)
{
    const gi_watcher *o = t->loop->w->watcher;
    const gi_pending_slot *p = &t->spout->pending.at[slot];

    if (o != NULL && o->settled != NULL)
        o->settled(o->arg, t, p->id, gi_root(t->spout->ordinal, slot, p->gen),
                   why, p->comp);
}
