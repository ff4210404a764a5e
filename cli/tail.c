#include "cli/tail.h"

#include <string.h>

#include "base/mem.h"
#include "cli/site.h"

gale_err gi_tail_open(gi_tail *t, const gi_client *c, const char *url,
                      const char *topology, uint64_t port)
{
    gi_asker_opts o = { .urls = &url,
                        .n_urls = 1,
                        .secrets = c->secrets,
                        .hasty = true,
                        .open = gi_site_bool(c->site, "gale.open") };

    *t = (gi_tail){ .topology = topology, .port = port };
    return gi_asker_create(&t->asker, &o, NULL);
}

void gi_tail_close(gi_tail *t)
{
    gi_asker_destroy(t->asker);
    *t = (gi_tail){ 0 };
}

/* A log is whatever a program printed: no zero bytes, no escape sequences
 * that would play with the terminal. */
static char *printable(const char *from, size_t n)
{
    char *to = gi_alloc(n + 1);

    for (size_t i = 0; to != NULL && i < n; i++) {
        unsigned char c = (unsigned char)from[i];
        to[i] = c == '\n' || c == '\t' || c >= ' ' ? (char)c : '?';
    }
    return to;
}

gale_err gi_tail_read(gi_tail *t, uint32_t most, uint32_t wait_ms, char **text,
                      gale_diag *why)
{
    gi_msg_log_read asked = { .topology = t->topology,
                              .port = t->port,
                              .tail = !t->begun,
                              .offset = t->offset,
                              .most = most };
    gi_msg_log_piece piece;
    gi_pool pool = { 0 };

    *text = NULL;
    gale_err rv =
        gi_ask(t->asker, GI_ASK_LOG, &asked, wait_ms, &pool, &piece, why);
    if (rv == GALE_OK && t->begun && piece.size < t->offset) {
        t->offset = 0; /* it was cut, and begins anew */
        *text = gi_strdup("");
    } else if (rv == GALE_OK) {
        *text = printable(piece.bytes.at, piece.bytes.n);
        t->offset = piece.offset + piece.bytes.n;
        t->begun = true;
    }
    if (rv == GALE_OK && *text == NULL)
        rv = GALE_ENOMEM;
    gi_pool_fini(&pool);
    return rv;
}

void gi_tail_from_start(gi_tail *t)
{
    t->begun = true;
    t->offset = 0;
}

const char *gi_tail_lines(const char *text, uint32_t lines)
{
    const char *at = text + strlen(text);

    if (lines == 0)
        return at;
    if (at > text && at[-1] == '\n')
        at--;
    for (; at > text; at--)
        if (at[-1] == '\n' && --lines == 0)
            break;
    return at;
}
