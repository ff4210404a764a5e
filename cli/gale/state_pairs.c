/* state_pairs.c -- `gale state NAME get, scan, export`: pairs of a state, one
 * at a time, so that it may be as large as it likes. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/gale/state.h"
#include "cli/number.h"
#include "cli/state_json.h"

enum { LOOK_EVERY = 4096, DRAW_MS = 200 };

typedef struct writing {
    const gi_states *s;
    const char *name; /* of the state */
    FILE *to;
    gi_strbuf line;
    enum { PLAIN, JSON, CSV } form;
    const char *prefix;
    uint64_t limit; /* 0: none */
    uint64_t n;
    uint64_t bytes;
    size_t keys, values; /* CSV: columns, since the first pair */
    bool live;           /* progress is drawn */
    int64_t drawn_ms;
    gale_diag why;
} writing;

/* ---------------------------------------------------------------- lines -- */

static void put_json(gi_strbuf *to, gale_row key, gale_row value)
{
    gi_strbuf_puts(to, "{\"key\":");
    gi_state_json_row(to, key);
    gi_strbuf_puts(to, ",\"value\":");
    gi_state_json_row(to, value);
    gi_strbuf_puts(to, "}\n");
}

static void put_plain(gi_strbuf *to, gale_row key, gale_row value)
{
    gi_state_json_plain(to, key);
    gi_strbuf_putc(to, '\t');
    gi_state_json_plain(to, value);
    gi_strbuf_putc(to, '\n');
}

/* As RFC 4180 has it.  Text is itself, all else is JSON. */
static void put_cell(gi_strbuf *to, gale_value v)
{
    gi_strbuf cell = { 0 };
    const char *at;

    if (v.type == GALE_T_STR && memchr(v.as.p, '\0', v.len) == NULL)
        gi_strbuf_add(&cell, v.as.p, v.len);
    else if (v.type != GALE_T_NIL)
        gi_state_json_value(&cell, v);
    at = cell.len == 0 ? "" : cell.at;
    if (at[strcspn(at, ",\"\r\n")] == '\0') {
        gi_strbuf_puts(to, at);
    } else {
        gi_strbuf_putc(to, '"');
        for (; *at != '\0'; at++) {
            if (*at == '"')
                gi_strbuf_putc(to, '"');
            gi_strbuf_putc(to, *at);
        }
        gi_strbuf_putc(to, '"');
    }
    to->failed = to->failed || cell.failed;
    gi_strbuf_fini(&cell);
}

static void put_names(gi_strbuf *to, const char *name, size_t n)
{
    for (size_t i = 1; i <= n; i++) {
        gi_strbuf_puts(to, to->len == 0 ? "" : ",");
        gi_strbuf_puts(to, name);
        if (n > 1)
            gi_strbuf_printf(to, "%zu", i);
    }
}

/* Columns have no names in a state: key, value, or key1, key2, ... */
static gale_err put_csv(writing *w, gale_row key, gale_row value)
{
    if (w->n == 0) {
        w->keys = key.n;
        w->values = value.n;
        put_names(&w->line, "key", key.n);
        put_names(&w->line, "value", value.n);
        gi_strbuf_puts(&w->line, "\r\n");
    }
    if (key.n != w->keys || value.n != w->values) {
        snprintf(w->why.text, sizeof(w->why.text),
                 "pairs of '%.200s' have different numbers of fields; CSV has "
                 "no way to say that: export it as JSON",
                 w->name);
        return GALE_EINVAL;
    }
    for (size_t i = 0; i < key.n + value.n; i++) {
        gi_strbuf_puts(&w->line, i == 0 ? "" : ",");
        put_cell(&w->line,
                 i < key.n ? key.values[i] : value.values[i - key.n]);
    }
    gi_strbuf_puts(&w->line, "\r\n");
    return GALE_OK;
}

/* -------------------------------------------------------------- pairs -- */

static void draw(writing *w)
{
    char n[GI_NUMBER_TEXT], bytes[GI_NUMBER_TEXT], text[128];

    if (!w->live || gi_clock_ms() - w->drawn_ms < DRAW_MS)
        return;
    w->drawn_ms = gi_clock_ms();
    snprintf(text, sizeof(text), "  %s pairs, %s", gi_number_full(n, w->n),
             gi_number_bytes(bytes, w->bytes));
    gi_screen_live(&w->s->g->cli.screen, text);
}

static gale_err write_pair(writing *w, gale_row key, gale_row value)
{
    gale_err rv = GALE_OK;

    w->line.len = 0;
    if (w->form == PLAIN)
        put_plain(&w->line, key, value);
    else if (w->form == JSON)
        put_json(&w->line, key, value);
    else
        rv = put_csv(w, key, value);
    if (rv != GALE_OK)
        return rv;
    if (w->line.failed)
        return GALE_ENOMEM;
    w->n++;
    w->bytes += w->line.len;
    if (fwrite(w->line.at, 1, w->line.len, w->to) != w->line.len) {
        if (w->to == stdout)
            gi_cli_wrote(&w->s->g->cli, false);
        snprintf(w->why.text, sizeof(w->why.text), "cannot write: %s",
                 strerror(errno));
        return GALE_EIO;
    }
    if (w->n % LOOK_EVERY == 0)
        draw(w);
    return GALE_OK;
}

static bool has_prefix(gale_row key, const char *prefix)
{
    size_t n = strlen(prefix);

    return key.n > 0 &&
           (key.values[0].type == GALE_T_STR ||
            key.values[0].type == GALE_T_BYTES) &&
           key.values[0].len >= n &&
           memcmp(key.values[0].as.p, prefix, n) == 0;
}

static gale_err take(void *arg, gale_row key, gale_row value)
{
    writing *w = arg;

    if (w->prefix != NULL && !has_prefix(key, w->prefix))
        return GALE_OK;
    if (w->limit != 0 && w->n == w->limit)
        return GALE_ELIMIT; /* enough */
    return write_pair(w, key, value);
}

/* All pairs into w->to. */
static gale_err write_all(writing *w, const gi_shelf_state *state)
{
    const gi_gale *g = w->s->g;
    gi_view v;
    gale_err rv = gi_states_view(w->s, state, &v, &w->why);

    if (rv != GALE_OK)
        return rv;
    gi_states_warn(w->s, state, &v);
    w->name = state->state;
    w->prefix = g->prefix;
    w->limit = g->limit_said ? g->limit : 0;
    w->live = w->s->g->cli.screen.tty && !g->cli.o.quiet &&
              isatty(fileno(w->to)) != 1;
    rv = g->limit_said && g->limit == 0 ? GALE_OK
                                        : gi_view_scan(&v, take, w, &w->why);
    gi_view_fini(&v);
    gi_screen_live(&w->s->g->cli.screen, "");
    gi_strbuf_fini(&w->line);
    if (rv == GALE_ELIMIT && w->limit != 0 && w->n == w->limit)
        rv = GALE_OK;
    return rv;
}

int gi_states_scan(const gi_states *s, const gi_shelf_state *state)
{
    writing w = { .s = s,
                  .to = stdout,
                  .form = s->g->cli.o.json ? JSON : PLAIN };
    gale_err rv = write_all(&w, state);

    return rv == GALE_OK ? GI_EXIT_DONE : gi_states_failed(s, rv, &w.why);
}

/* ------------------------------------------------------------------ get -- */

/* In the words of whoever typed it. */
static gale_err no_key(writing *w, const gi_state_key *k, const char *typed)
{
    bool text = k->row.n == 1 && k->row.values[0].type == GALE_T_STR;

    snprintf(w->why.text, sizeof(w->why.text), "'%.100s' has no key %.200s%s",
             w->name, typed,
             text ? "" : " (as text it is typed with quotes: '\"...\"')");
    return GALE_ENOTFOUND;
}

static int get_one(writing *w, gi_view *v, const char *typed)
{
    gale_row value = { NULL, 0 };
    gi_state_key k;
    gale_err rv = gi_state_key_read(&k, typed, &w->why);
    int code = rv == GALE_EINVAL ? GI_EXIT_USAGE : GI_EXIT_FAILED;

    if (rv == GALE_OK) {
        rv = gi_view_get(v, k.row, &value, &w->why);
        if (rv == GALE_OK)
            rv = value.values == NULL ? no_key(w, &k, typed)
                                      : write_pair(w, k.row, value);
    }
    if (rv == GALE_ENOTFOUND || rv == GALE_OK)
        code = rv == GALE_OK ? GI_EXIT_DONE : GI_EXIT_NOT_FOUND;
    if (rv != GALE_OK)
        gi_states_failed(w->s, rv, &w->why);
    gi_state_key_fini(&k);
    return code;
}

int gi_states_get(const gi_states *s, const gi_shelf_state *state,
                  const char *const *keys, size_t n)
{
    writing w = { .s = s,
                  .name = state->state,
                  .to = stdout,
                  .form = s->g->cli.o.json ? JSON : PLAIN };
    gi_view v;
    gale_err rv = gi_states_view(s, state, &v, &w.why);
    int code = GI_EXIT_DONE;

    if (rv != GALE_OK)
        return gi_states_failed(s, rv, &w.why);
    gi_states_warn(s, state, &v);
    for (size_t i = 0; i < n; i++) {
        int one = get_one(&w, &v, keys[i]);

        w.why.text[0] = '\0';
        code = code == GI_EXIT_DONE ? one : code;
    }
    gi_strbuf_fini(&w.line);
    gi_view_fini(&v);
    return code;
}

/* --------------------------------------------------------------- export -- */

static int cannot(const gi_states *s, const char *path)
{
    gi_screen_say(&s->g->cli.screen, "%s: %s", path, strerror(errno));
    return GI_EXIT_FAILED;
}

/* To the disk, and only then under its name. */
static int finish(writing *w, const char *part, const char *path)
{
    bool ok =
        fflush(w->to) == 0 && (part == NULL || fsync(fileno(w->to)) == 0);

    ok = fclose(w->to) == 0 && ok;
    if (!ok || (part != NULL && rename(part, path) != 0))
        return cannot(w->s, path);
    return GI_EXIT_DONE;
}

static int export_to(writing *w, const gi_shelf_state *state, const char *path)
{
    struct stat st;
    bool plain = stat(path, &st) != 0 || S_ISREG(st.st_mode);
    gi_strbuf b = { 0 };
    char *part;
    gale_err rv;
    int code;

    gi_strbuf_printf(&b, "%s.part", path);
    part = gi_strbuf_take(&b);
    if (part == NULL)
        return gi_states_failed(w->s, GALE_ENOMEM, &w->why);
    w->to = fopen(plain ? part : path, "we");
    if (w->to == NULL) {
        code = cannot(w->s, plain ? part : path);
        gi_free(part);
        return code;
    }
    rv = write_all(w, state);
    if (rv == GALE_OK) {
        code = finish(w, plain ? part : NULL, path);
    } else {
        fclose(w->to);
        code = gi_states_failed(w->s, rv, &w->why);
    }
    if (plain && code != GI_EXIT_DONE)
        unlink(part);
    gi_free(part);
    return code;
}

int gi_states_export(const gi_states *s, const gi_shelf_state *state)
{
    writing w = { .s = s,
                  .to = stdout,
                  .form = s->g->form == GI_GALE_FORM_CSV ? CSV : JSON };
    const char *path = s->g->output;
    char n[GI_NUMBER_TEXT];
    int code;

    if (path == NULL || strcmp(path, "-") == 0) {
        gale_err rv = write_all(&w, state);

        return rv == GALE_OK ? GI_EXIT_DONE : gi_states_failed(s, rv, &w.why);
    }
    code = export_to(&w, state, path);
    if (code == GI_EXIT_DONE && !s->g->cli.o.quiet)
        gi_screen_say(&s->g->cli.screen, "%s pairs in %s",
                      gi_number_full(n, w.n), path);
    return code;
}
