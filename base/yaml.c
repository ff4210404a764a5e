/* Settings from YAML.  libyaml tells of one event after the other; here they
 * become dotted keys.  Everything goes into a conf of its own first, so that a
 * file with a mistake sets nothing. */
#include "base/conf.h"

#include <errno.h>
#include <stdio.h>
#include <yaml.h>

#include "base/strbuf.h"

enum {
    MAX_DEPTH = 16,
    MAX_KEY = 255,
    MAX_FILE = 16 << 20,
};

struct reader {
    yaml_parser_t parser;
    const char *name;
    gi_report *r;
    gi_conf *values;
    gi_conf *seen; /* every key so far, also those of maps; from: where */
    char path[MAX_KEY + 1];
    size_t path_len;
    unsigned depth;
    gale_err rv;
    bool stopped; /* what follows would make no sense */
};

/* ------------------------------------------------------------ mistakes -- */

static void mistake(struct reader *rd, yaml_mark_t at, const char *what,
                    const char *quoted, const char *rest)
{
    gi_report_add(rd->r, "%s:%zu:%zu: %s%s%s%s%s", rd->name, at.line + 1,
                  at.column + 1, what, quoted == NULL ? "" : " '",
                  quoted == NULL ? "" : quoted, quoted == NULL ? "" : "'",
                  rest == NULL ? "" : rest);
    if (rd->rv == GALE_OK)
        rd->rv = GALE_ECONF;
}

static void stop(struct reader *rd, yaml_mark_t at, const char *what)
{
    mistake(rd, at, what, NULL, NULL);
    rd->stopped = true;
}

static void no_memory(struct reader *rd)
{
    rd->rv = GALE_ENOMEM;
    rd->stopped = true;
}

static void syntax_error(struct reader *rd)
{
    const yaml_parser_t *p = &rd->parser;

    if (p->error == YAML_MEMORY_ERROR) {
        no_memory(rd);
    } else if (p->error == YAML_READER_ERROR) {
        gi_report_add(rd->r, "%s: %s at byte %zu", rd->name, p->problem,
                      p->problem_offset);
        rd->rv = GALE_ECONF;
        rd->stopped = true;
    } else {
        stop(rd, p->problem_mark, p->problem);
    }
}

/* -------------------------------------------------------------- events -- */

/* The next event, to be given back with yaml_event_delete; false when there
 * is none because the reader has stopped. */
static bool next_event(struct reader *rd, yaml_event_t *e)
{
    if (rd->stopped)
        return false;
    if (yaml_parser_parse(&rd->parser, e) == 1)
        return true;
    syntax_error(rd);
    return false;
}

/* Go down to `step`, a map's key or an element's number. */
static bool push(struct reader *rd, const char *step, yaml_mark_t at)
{
    int n = snprintf(rd->path + rd->path_len, sizeof(rd->path) - rd->path_len,
                     "%s%s", rd->path_len == 0 ? "" : ".", step);

    if (n < 0 || (size_t)n > MAX_KEY - rd->path_len) {
        rd->path[rd->path_len] = '\0';
        stop(rd, at, "a key is too long");
        return false;
    }
    rd->path_len += (size_t)n;
    return true;
}

static void pop(struct reader *rd, size_t path_len)
{
    rd->path_len = path_len;
    rd->path[path_len] = '\0';
}

/* The path was come by at `at`: a mistake if it was before. */
static void note(struct reader *rd, yaml_mark_t at)
{
    const char *before = gi_conf_from(rd->seen, rd->path);
    char from[512];

    if (before != NULL) {
        snprintf(from, sizeof(from), " was there before, at %s", before);
        mistake(rd, at, "the key", rd->path, from);
        return;
    }
    snprintf(from, sizeof(from), "%s:%zu:%zu", rd->name, at.line + 1,
             at.column + 1);
    if (gi_conf_set(rd->seen, rd->path, "", from) != GALE_OK)
        no_memory(rd);
}

static void set(struct reader *rd, const char *value)
{
    const char *from = gi_conf_from(rd->seen, rd->path);

    if (!rd->stopped &&
        gi_conf_set(rd->values, rd->path, value, from) != GALE_OK)
        no_memory(rd);
}

/* --------------------------------------------------------------- nodes -- */

static const char *text_of(struct reader *rd, const yaml_event_t *e)
{
    const char *text = (const char *)e->data.scalar.value;

    if (strlen(text) != e->data.scalar.length)
        mistake(rd, e->start_mark, "a NUL byte", NULL, " in the text");
    return text;
}

/* YAML's ways to write nothing, by which Storm's files unset a setting. */
static bool is_null(const yaml_event_t *e)
{
    static const char *const words[] = { "", "~", "null", "Null", "NULL" };
    const char *text = (const char *)e->data.scalar.value;

    if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static void read_node(struct reader *rd, yaml_event_t *e);

static void read_list(struct reader *rd)
{
    size_t path_len = rd->path_len, n = 0;
    char text[32];
    yaml_event_t e;

    set(rd, "[0]"); /* the list before its elements; corrected below */
    while (next_event(rd, &e) && e.type != YAML_SEQUENCE_END_EVENT) {
        snprintf(text, sizeof(text), "%zu", n++);
        if (push(rd, text, e.start_mark))
            note(rd, e.start_mark);
        read_node(rd, &e);
        pop(rd, path_len);
    }
    snprintf(text, sizeof(text), "[%zu]", n);
    set(rd, text);
}

static void read_map(struct reader *rd)
{
    size_t path_len = rd->path_len;
    yaml_event_t e;

    while (next_event(rd, &e) && e.type != YAML_MAPPING_END_EVENT) {
        yaml_mark_t at = e.start_mark;
        if (e.type != YAML_SCALAR_EVENT || e.data.scalar.length == 0)
            stop(rd, at, "a key must be a word");
        else if (push(rd, text_of(rd, &e), at))
            note(rd, at);
        yaml_event_delete(&e);
        if (next_event(rd, &e))
            read_node(rd, &e);
        pop(rd, path_len);
    }
}

/* The node that begins with `e`, which is given back. */
static void read_node(struct reader *rd, yaml_event_t *e)
{
    yaml_event_type_t type = e->type;

    if (type == YAML_SCALAR_EVENT)
        set(rd, is_null(e) ? "" : text_of(rd, e));
    else if (type == YAML_ALIAS_EVENT)
        mistake(rd, e->start_mark, "an alias", NULL,
                " is not understood; write the value out");
    else if (rd->depth == MAX_DEPTH)
        stop(rd, e->start_mark, "nested too deeply");
    yaml_event_delete(e);

    rd->depth++;
    if (type == YAML_MAPPING_START_EVENT)
        read_map(rd);
    else if (type == YAML_SEQUENCE_START_EVENT)
        read_list(rd);
    rd->depth--;
}

/* One document, which is a map or nothing at all. */
static void read_all(struct reader *rd)
{
    unsigned documents = 0;
    bool end = false;
    yaml_event_t e;

    while (!end && next_event(rd, &e)) {
        yaml_event_type_t type = e.type;
        if (type == YAML_DOCUMENT_START_EVENT && documents++ > 0)
            stop(rd, e.start_mark, "a second document");
        else if (type == YAML_SEQUENCE_START_EVENT ||
                 type == YAML_ALIAS_EVENT ||
                 (type == YAML_SCALAR_EVENT && !is_null(&e)))
            stop(rd, e.start_mark, "settings are written as 'key: value'");
        end = type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&e);
        if (type == YAML_MAPPING_START_EVENT) {
            rd->depth = 1;
            read_map(rd);
        }
    }
}

/* ---------------------------------------------------------- text, file -- */

static gale_err copy_all(gi_conf *to, const gi_conf *from)
{
    const char *key;
    gale_err rv = GALE_OK;

    for (size_t i = 0; (key = gi_conf_key_at(from, i)) != NULL; i++)
        if (rv == GALE_OK)
            rv = gi_conf_set(to, key, gi_conf_get(from, key),
                             gi_conf_from(from, key));
    return rv;
}

gale_err gi_conf_parse_yaml(gi_conf *c, const char *name, const char *text,
                            size_t len, gi_report *r)
{
    struct reader rd = { .name = name, .r = r };

    if (yaml_parser_initialize(&rd.parser) != 1)
        return GALE_ENOMEM;
    yaml_parser_set_input_string(&rd.parser, (const unsigned char *)text, len);

    rd.rv = gi_conf_create(&rd.values, NULL);
    if (rd.rv == GALE_OK)
        rd.rv = gi_conf_create(&rd.seen, NULL);
    if (rd.rv == GALE_OK)
        read_all(&rd);
    if (rd.rv == GALE_OK)
        rd.rv = copy_all(c, rd.values);

    gi_conf_destroy(rd.seen);
    gi_conf_destroy(rd.values);
    yaml_parser_delete(&rd.parser);
    return rd.rv;
}

/* All of the file; false, with errno set, if it cannot be had. */
static bool read_file(const char *path, gi_strbuf *out)
{
    FILE *f = fopen(path, "re");
    char part[4096];
    size_t n;

    if (f == NULL)
        return false;
    while (out->len <= MAX_FILE && !out->failed &&
           (n = fread(part, 1, sizeof(part), f)) > 0)
        gi_strbuf_add(out, part, n);
    bool ok = ferror(f) == 0;
    int cause = out->len > MAX_FILE ? EFBIG : errno;
    fclose(f);
    errno = cause;
    return ok && out->len <= MAX_FILE;
}

gale_err gi_conf_load_yaml(gi_conf *c, const char *path, gi_report *r)
{
    gi_strbuf text = { 0 };
    gale_err rv;

    if (!read_file(path, &text)) {
        gi_report_add(r, "cannot read '%s': %s", path, strerror(errno));
        rv = GALE_EIO;
    } else if (text.failed) {
        rv = GALE_ENOMEM;
    } else {
        rv = gi_conf_parse_yaml(c, path, text.at == NULL ? "" : text.at,
                                text.len, r);
    }
    gi_strbuf_fini(&text);
    return rv;
}
