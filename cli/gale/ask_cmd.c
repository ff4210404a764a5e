/* ask_cmd.c -- `gale ask`: a question to a running topology, by DRPC. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/client.h"
#include "cli/gale/gale.h"
#include "cli/site.h"

enum { MOST = 2 << 20, GRACE_MS = 5000 };

/* ----------------------------------------------------------- functions -- */

static char *list_json(const gi_msg_drpc_functions *all)
{
    gi_json j = { 0 };

    gi_json_list(&j, NULL);
    for (uint32_t i = 0; i < all->n_functions; i++) {
        const gi_msg_drpc_function *f = &all->functions[i];

        gi_json_object(&j, NULL);
        gi_json_str(&j, "function", f->name);
        gi_json_str(&j, "served_by", f->key);
        gi_json_u64(&j, "waiting", f->waiting);
        gi_json_u64(&j, "under_way", f->out);
        gi_json_end(&j);
    }
    gi_json_end(&j);
    return gi_json_take(&j);
}

static char *list_text(const gi_gale *g, const gi_msg_drpc_functions *all)
{
    gi_strbuf to = { 0 };

    for (uint32_t i = 0; i < all->n_functions; i++) {
        const gi_msg_drpc_function *f = &all->functions[i];

        gi_strbuf_puts(&to, f->name);
        if (!g->cli.o.quiet)
            gi_strbuf_printf(&to, "  by %s", f->key);
        gi_strbuf_putc(&to, '\n');
    }
    if (all->n_functions == 0 && !g->cli.o.quiet)
        gi_strbuf_puts(&to, "no function is served there\n");
    return gi_strbuf_take(&to);
}

static int list(gi_gale *g, gi_client *c)
{
    gi_msg_nothing nothing = { 0 };
    gi_msg_drpc_functions all;
    int code = gi_client_ask(c, GI_ASK_DRPC_LOOK, &nothing, &all);

    if (code != GI_EXIT_DONE)
        return code;
    return gi_cli_print(&g->cli,
                        g->cli.o.json ? list_json(&all) : list_text(g, &all));
}

/* ---------------------------------------------------------- a question -- */

/* All of standard input; false: it cannot be read, or is too much. */
static bool read_input(gi_gale *g, gi_strbuf *to)
{
    char some[16384];
    ssize_t n;

    while ((n = read(STDIN_FILENO, some, sizeof(some))) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || to->len + (size_t)n > MOST) {
            gi_screen_say(&g->cli.screen, "standard input: %s",
                          n < 0 ? strerror(errno) : "more than 2 MB");
            return false;
        }
        gi_strbuf_add(to, some, (size_t)n);
    }
    return !to->failed;
}

static int print(gi_gale *g, const gi_msg_drpc_answer *a)
{
    gi_strbuf to = { 0 };
    gi_json name = { 0 };
    char *text;

    if (g->cli.o.json) {
        gi_json_str(&name, NULL, g->cli.o.words[0]);
        text = gi_json_take(&name);
        gi_strbuf_printf(
            &to, "{\"function\":%s,\"answer\":", text == NULL ? "\"\"" : text);
        gi_free(text);
    }
    gi_strbuf_add(&to, a->text.at, a->text.n);
    gi_strbuf_puts(&to, g->cli.o.json ? "}\n" : "\n");
    return gi_cli_print(&g->cli, gi_strbuf_take(&to));
}

static int ask(gi_gale *g, gi_client *c, gale_str args)
{
    int64_t usual = gi_site_ns(c->site, "drpc.request.timeout.secs") / 1000000;
    gi_msg_drpc_call call = { .function = g->cli.o.words[0],
                              .args = { args.ptr, args.len },
                              .wait_ms = g->timeout_ms > 0 ? g->timeout_ms
                                                           : (uint64_t)usual };
    gi_msg_drpc_answer answer;
    gale_diag why;
    gale_err rv;

    c->wait_ms = (uint32_t)call.wait_ms + GRACE_MS;
    rv = gi_client_wait(c, GI_ASK_DRPC_CALL, &call, &answer, &why);
    if (rv == GALE_OK)
        return print(g, &answer);
    if (rv != GALE_ETIME)
        return gi_client_failed(c, rv, why.text);
    gi_screen_say(&g->cli.screen, "%s: %s", call.function,
                  why.text[0] == '\0' ? "no answer came in time" : why.text);
    return GI_EXIT_FAILED;
}

int gi_gale_ask(gi_gale *g)
{
    gi_strbuf input = { 0 };
    gale_str args = { "", 0 };
    gi_client c;
    int code;

    if (g->cli.o.n_words > 1 && strcmp(g->cli.o.words[1], "-") == 0) {
        if (!read_input(g, &input)) {
            gi_strbuf_fini(&input);
            return GI_EXIT_FAILED;
        }
        args = (gale_str){ input.at, (uint32_t)input.len };
    } else if (g->cli.o.n_words > 1) {
        args = gale_cstr(g->cli.o.words[1]);
    }
    code = gi_client_open_drpc(&c, &g->cli);
    if (code == GI_EXIT_DONE)
        code = g->cli.o.n_words == 0 ? list(g, &c) : ask(g, &c, args);
    gi_client_close(&c);
    gi_strbuf_fini(&input);
    return code;
}
