/* credentials_cmd.c -- `upload-credentials`: what is secret to a topology.
 *
 * Words that have a '=' are one each; others are YAML files, "-" is standard
 * input.  What comes later wins.  On a command line others can read it while
 * the command runs; a file is better.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "cli/gale/gale.h"

enum { INPUT_MOST = 1 << 20 };

static gale_err take_input(gi_conf *c, gi_report *r)
{
    char piece[4096];
    gi_strbuf b = { 0 };
    size_t n;
    gale_err rv;

    while (b.len < INPUT_MOST &&
           (n = fread(piece, 1, sizeof(piece), stdin)) > 0)
        gi_strbuf_add(&b, piece, n);
    explicit_bzero(piece, sizeof(piece));
    if (b.failed)
        rv = GALE_ENOMEM;
    else
        rv = gi_conf_parse_yaml(c, "standard input", b.at == NULL ? "" : b.at,
                                b.len, r);
    if (b.at != NULL)
        explicit_bzero(b.at, b.len);
    gi_strbuf_fini(&b);
    return rv;
}

static gale_err take_pair(gi_conf *c, const char *word, const char *equals)
{
    char *key = gi_strndup(word, (size_t)(equals - word));
    gale_err rv = key == NULL
                      ? GALE_ENOMEM
                      : gi_conf_set(c, key, equals + 1, "command line");

    gi_free(key);
    return rv;
}

/* Mistakes are in the report; else no memory. */
static gale_err take_word(gi_conf *c, const char *word, gi_report *r)
{
    const char *equals = strchr(word, '=');
    gale_err rv;

    if (equals != NULL)
        return take_pair(c, word, equals);
    rv = strcmp(word, "-") == 0 ? take_input(c, r)
                                : gi_conf_load_yaml(c, word, r);
    return rv == GALE_ENOMEM ? rv : GALE_OK;
}

static int upload(gi_gale *g, const gi_conf *c)
{
    gi_msg_credentials q = { .name = g->cli.o.words[0] };
    char done[96];
    const char *key;
    int code;

    while (gi_conf_key_at(c, q.n_credentials) != NULL)
        q.n_credentials++;
    q.credentials =
        gi_calloc((size_t)q.n_credentials + 1, sizeof(*q.credentials));
    if (q.credentials == NULL) {
        gi_screen_say(&g->cli.screen, "%s", gale_err_text(GALE_ENOMEM));
        return GI_EXIT_FAILED;
    }
    for (uint32_t i = 0; (key = gi_conf_key_at(c, i)) != NULL; i++)
        q.credentials[i] =
            (gi_msg_pair){ .key = key, .value = gi_conf_get(c, key) };
    snprintf(done, sizeof(done), "has %u credential%s now", q.n_credentials,
             q.n_credentials == 1 ? "" : "s");
    code = gi_gale_change(g, GI_ASK_CREDENTIALS, &q, done);
    gi_free(q.credentials);
    return code;
}

int gi_gale_upload_credentials(gi_gale *g)
{
    gi_report wrong = { 0 };
    gi_conf *c = NULL;
    gale_err rv = gi_conf_create(&c, NULL);
    int code = GI_EXIT_USAGE;

    for (size_t i = 1; i < g->cli.o.n_words && rv == GALE_OK; i++)
        rv = take_word(c, g->cli.o.words[i], &wrong);
    for (size_t i = 0; i < wrong.n; i++)
        gi_screen_say(&g->cli.screen, "%s", wrong.lines[i]);
    if (rv != GALE_OK) {
        gi_screen_say(&g->cli.screen, "%s", gale_err_text(rv));
        code = GI_EXIT_FAILED;
    } else if (gi_report_empty(&wrong)) {
        code = upload(g, c);
    }
    gi_conf_destroy(c);
    gi_report_fini(&wrong);
    return code;
}
