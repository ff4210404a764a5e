#include <stdio.h>
#include <stdlib.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "state/embedded.h"
#include "state/layout.h"
#include "state/shelf.h"

static bool set(const char *s)
{
    return s != NULL && s[0] != '\0';
}

static gale_err default_dir(gi_strbuf *b, gale_diag *why)
{
    const char *home = getenv("XDG_STATE_HOME");
    const char *below = "/gale/state";

    if (!set(home)) {
        home = getenv("HOME");
        below = "/.local/state/gale/state";
    }
    if (!set(home)) {
        gi_diag_say(why,
                    "there is no place for states: set topology.state.dir, "
                    "since neither XDG_STATE_HOME nor HOME is set");
        return GALE_EINVAL;
    }
    gi_strbuf_puts(b, home);
    gi_strbuf_puts(b, below);
    return GALE_OK;
}

gale_err gi_shelf_home(char **out, const char *place, gale_diag *why)
{
    gi_strbuf b = { 0 };
    gale_err rv = GALE_OK;

    if (set(place))
        gi_strbuf_puts(&b, place);
    else
        rv = default_dir(&b, why);
    if (rv != GALE_OK) {
        gi_strbuf_fini(&b);
        return rv;
    }
    *out = gi_strbuf_take(&b);
    return *out == NULL ? gi_stored_no_memory(why) : GALE_OK;
}

gale_err gi_embedded_dir(char **out, const gale_store_where *where,
                         gale_diag *why)
{
    char *topology = gi_layout_escape(where->topology);
    char *state = gi_layout_escape(where->state);
    const char *place = where->place;
    char *home = NULL;
    gi_strbuf b = { 0 };
    gale_err rv;

    if (!set(place) && where->task != NULL)
        place = gale_task_conf_str(where->task, "topology.state.dir", NULL);
    rv = gi_shelf_home(&home, place, why);
    if (rv == GALE_OK) {
        if (topology == NULL || state == NULL)
            b.failed = true;
        else
            gi_strbuf_printf(&b, "%s/%s/%s", home, topology, state);
        *out = gi_strbuf_take(&b);
        rv = *out == NULL ? gi_stored_no_memory(why) : GALE_OK;
    }
    gi_free(home);
    gi_free(topology);
    gi_free(state);
    return rv;
}

static uint64_t number(const gale_task *t, const char *key)
{
    int64_t n = gale_task_conf_i64(t, key, 0);

    return n > 0 ? (uint64_t)n : 0;
}

void gi_embedded_opts(gi_part_opts *opts, const gale_store_where *where)
{
    *opts = (gi_part_opts){ .read_only = where->read_only };
    if (where->task != NULL) {
        opts->log_bytes = number(where->task, "topology.state.log.bytes");
        opts->cache_bytes = number(where->task, "topology.state.cache.bytes");
    }
}
