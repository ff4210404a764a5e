/* watch.c -- emits that somebody looks at: a test, or a person who set
 * topology.debug.
 */
#include <inttypes.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "worker/loop.h"

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

    if (w->tap != NULL)
        w->tap(w->tap_arg, t, out->stream, row);
    if (t->debug)
        log_row(t, out->stream, row);
}
