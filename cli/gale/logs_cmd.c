/* logs_cmd.c -- `logs`: what a topology's workers print, asked of their
 * supervisors. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/gale/gale.h"
#include "cli/tail.h"

enum {
    SOURCES = 256,      /* workers at a time */
    PIECE = 256 * 1024, /* bytes asked for at once */
    LINE_BYTES = 200,   /* taken for a line's, to ask for enough of them */
    TURN_MS = 200,      /* between two looks at logs, */
    ANEW_MS = 2000,     /* and for workers that came or went */
    WAIT_MS = 3000,
};

typedef struct source {
    gi_tail tail;
    char host[128], url[256];
    uint64_t port;
    char *rest; /* a line that is not complete yet */
    bool seen;
} source;

typedef struct logs {
    gi_gale *g;
    gi_client *c;
    char id[256]; /* of the topology */
    source *all;
    uint32_t n;
    bool prefix, following;
} logs;

/* -------------------------------------------------------------- lines -- */

/* A terminal is not to do what a worker printed. */
static void put_for_terminal(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)line[i];

        putchar((c < 0x20 && c != '\t') || c == 0x7f ? '.' : c);
    }
}

static void put_line(const logs *l, const source *s, const char *line,
                     size_t len)
{
    gi_json j = { 0 };

    if (!l->g->cli.o.json) {
        if (l->prefix)
            printf("%s:%" PRIu64 " | ", s->host, s->port);
        if (isatty(STDOUT_FILENO) == 1)
            put_for_terminal(line, len);
        else
            fwrite(line, 1, len, stdout);
        gi_cli_wrote(&l->g->cli, putchar('\n') != EOF);
        return;
    }
    gi_json_object(&j, NULL);
    gi_json_str(&j, "host", s->host);
    gi_json_u64(&j, "port", s->port);
    gi_json_run(&j, "line", (gale_str){ line, (uint32_t)len });
    gi_json_end(&j);
    gi_cli_print(&l->g->cli, gi_json_take(&j));
}

/* Whole lines are printed, and what is left waits for its end, unless nothing
 * is to follow. */
static void put_text(const logs *l, source *s, const char *text)
{
    gi_strbuf all = { 0 };
    const char *at;
    size_t n;

    if (s->rest != NULL)
        gi_strbuf_puts(&all, s->rest);
    gi_strbuf_puts(&all, text);
    gi_free(s->rest);
    s->rest = NULL;
    for (at = all.at == NULL ? "" : all.at;
         (n = strcspn(at, "\n")), at[n] == '\n'; at += n + 1)
        put_line(l, s, at, n);
    if (*at != '\0' && l->g->follow)
        s->rest = gi_strdup(at);
    else if (*at != '\0')
        put_line(l, s, at, n);
    gi_strbuf_fini(&all);
}

/* The end of what was not complete does not come any more. */
static void put_rest(const logs *l, source *s)
{
    if (s->rest != NULL)
        put_line(l, s, s->rest, strlen(s->rest));
    gi_free(s->rest);
    s->rest = NULL;
}

/* ------------------------------------------------------------ sources -- */

static source *find(logs *l, const gi_msg_worker_row *w)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (l->all[i].port == w->port && strcmp(l->all[i].url, w->url) == 0)
            return &l->all[i];
    return NULL;
}

static void add(logs *l, const gi_msg_worker_row *w)
{
    source *s = &l->all[l->n];

    if (l->n == SOURCES || w->url[0] == '\0')
        return;
    *s = (source){ .port = w->port };
    snprintf(s->host, sizeof(s->host), "%s", w->host);
    snprintf(s->url, sizeof(s->url), "%s", w->url);
    if (gi_tail_open(&s->tail, l->c, s->url, l->id, s->port) != GALE_OK)
        return;
    if (l->following) /* it came since: all that it has printed is new */
        gi_tail_from_start(&s->tail);
    l->n++;
}

/* It may have been there, and ended.  Its nodes are not known any more. */
static void say_where(const logs *l)
{
    gi_screen_say(&l->g->cli.screen,
                  "if it has ended, its nodes keep what its workers printed "
                  "for gale.worker.log.days: %s-*/PORT.log in storm.log.dir, "
                  "or else in logs/ of storm.local.dir",
                  l->g->cli.o.words[0]);
}

/* Another topology has the name now: its workers' logs are other files, of
 * which nothing was read yet. */
static void begin_anew(logs *l, const char *id)
{
    for (uint32_t i = 0; l->id[0] != '\0' && i < l->n; i++) {
        put_rest(l, &l->all[i]);
        gi_tail_from_start(&l->all[i].tail);
    }
    snprintf(l->id, sizeof(l->id), "%s", id);
}

/* The workers that the topology has now; those that had gone are kept. */
static int find_all(logs *l)
{
    gi_msg_topology_look look;

    gi_client_forget(l->c);
    int code = gi_client_look(l->c, l->g->cli.o.words[0], &look);
    if (code == GI_EXIT_NOT_FOUND)
        say_where(l);
    if (code != GI_EXIT_DONE)
        return code;
    if (strcmp(l->id, look.row->id) != 0)
        begin_anew(l, look.row->id);
    for (uint32_t i = 0; i < look.n_workers; i++) {
        const gi_msg_worker_row *w = &look.workers[i];
        if ((l->g->port == 0 || l->g->port == w->port) && find(l, w) == NULL)
            add(l, w);
    }
    l->prefix = l->n > 1;
    return GI_EXIT_DONE;
}

/* ------------------------------------------------------------- reading -- */

static uint32_t first_bytes(const logs *l)
{
    uint64_t n = l->g->lines * LINE_BYTES;

    return n > 2 * GI_MSG_BLOB_PIECE ? 2 * GI_MSG_BLOB_PIECE
           : n < PIECE               ? PIECE
                                     : (uint32_t)n;
}

/* False: its supervisor did not tell. */
static bool read_one(logs *l, source *s)
{
    bool first = !s->tail.begun;
    gale_diag why = { "" };
    char *text;
    gale_err rv = gi_tail_read(&s->tail, first ? first_bytes(l) : PIECE,
                               WAIT_MS, &text, &why);

    if (rv != GALE_OK) {
        if (!s->seen && !l->g->follow)
            gi_screen_say(&l->g->cli.screen, "the log of %s:%" PRIu64 ": %s",
                          s->host, s->port,
                          why.text[0] == '\0' ? gale_err_text(rv) : why.text);
        return false;
    }
    s->seen = true;
    if (s->tail.offset == 0)
        put_rest(l, s); /* it was cut */
    put_text(l, s, first ? gi_tail_lines(text, (uint32_t)l->g->lines) : text);
    gi_free(text);
    return true;
}

static int read_all(logs *l)
{
    uint32_t failed = 0;

    for (uint32_t i = 0; i < l->n; i++)
        failed += !read_one(l, &l->all[i]);
    gi_cli_wrote(&l->g->cli, fflush(stdout) == 0);
    return failed > 0 && failed == l->n ? GI_EXIT_FAILED : GI_EXIT_DONE;
}

/* Until Ctrl-C, or nobody reads what we write, or the topology is gone. */
static int follow(logs *l)
{
    int code = GI_EXIT_DONE;

    l->following = true;
    for (int turn = 1; code == GI_EXIT_DONE && !ferror(stdout); turn++) {
        gi_clock_nap_ms(TURN_MS);
        if (turn % (ANEW_MS / TURN_MS) == 0)
            code = find_all(l);
        read_all(l);
    }
    return code;
}

static int run(logs *l)
{
    int code = find_all(l);

    if (code != GI_EXIT_DONE)
        return code;
    if (l->n == 0 && l->g->port != 0) {
        gi_screen_say(&l->g->cli.screen,
                      "'%s' has no worker at port %" PRIu64
                      " ('gale workers %s' shows them)",
                      l->g->cli.o.words[0], l->g->port, l->g->cli.o.words[0]);
        return GI_EXIT_NOT_FOUND;
    }
    if (l->n == 0 && !l->g->follow) {
        gi_screen_say(&l->g->cli.screen, "'%s' has no workers (yet)",
                      l->g->cli.o.words[0]);
        return GI_EXIT_DONE;
    }
    code = read_all(l);
    return l->g->follow ? follow(l) : code;
}

int gi_gale_logs(gi_gale *g)
{
    logs l = { .g = g, .all = gi_calloc(SOURCES, sizeof(source)) };
    gi_client c = { 0 };
    int code;

    if (l.all == NULL) {
        gi_screen_say(&g->cli.screen, "%s", gale_err_text(GALE_ENOMEM));
        return GI_EXIT_FAILED;
    }
    l.c = &c;
    code = gi_client_open(&c, &g->cli);
    if (code == GI_EXIT_DONE)
        code = run(&l);
    for (uint32_t i = 0; i < l.n; i++) {
        gi_tail_close(&l.all[i].tail);
        gi_free(l.all[i].rest);
    }
    gi_free(l.all);
    gi_client_close(&c);
    return code;
}
