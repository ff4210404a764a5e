/* parse.c -- from argv to gi_options. */
#include "cli/parse.h"

#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"

enum { MAX_NAMES = 32 };

/* ------------------------------------------------------- did you mean -- */

static const char *nearest_option(const char *name)
{
    const char *names[MAX_NAMES];
    size_t n;
    const gi_option *all = gi_options_all(&n);

    for (size_t i = 0; i < n && i < MAX_NAMES; i++)
        names[i] = all[i].name;
    return gi_nearest(name, names, n);
}

static const char *nearest_command(const char *word)
{
    const char *names[MAX_NAMES];
    size_t n;
    const gi_command *all = gi_commands_all(&n);

    for (size_t i = 0; i < n && i < MAX_NAMES; i++)
        names[i] = all[i].name;
    return gi_nearest(word, names, n);
}

static void unknown_option(gi_parse *p, const char *arg, size_t len)
{
    const char *near = NULL;
    char name[64];

    if (len < sizeof(name)) {
        memcpy(name, arg, len);
        name[len] = '\0';
        near = nearest_option(name + strspn(name, "-"));
    }
    if (near != NULL)
        gi_report_add(p->r, "unknown option '%.*s' (did you mean '--%s'?)",
                      (int)len, arg, near);
    else
        gi_report_add(p->r,
                      "unknown option '%.*s' (a word that begins with '-' "
                      "goes behind '--')",
                      (int)len, arg);
}

static void unexpected_word(gi_parse *p, const char *word)
{
    const char *near = p->verb_seen ? NULL : nearest_command(word);

    if (near != NULL)
        gi_report_add(p->r,
                      "unexpected word '%s' (did you mean the command '%s'?)",
                      word, near);
    else
        gi_report_add(p->r, "unexpected word '%s': the topology takes none",
                      word);
}

/* ------------------------------------------------------------ options -- */

static const gi_option *find_long(const char *name, size_t len)
{
    size_t n;
    const gi_option *all = gi_options_all(&n);

    for (size_t i = 0; i < n; i++)
        if (strlen(all[i].name) == len && memcmp(all[i].name, name, len) == 0)
            return &all[i];
    return NULL;
}

static const gi_option *find_letter(char letter)
{
    size_t n;
    const gi_option *all = gi_options_all(&n);

    for (size_t i = 0; i < n; i++)
        if (all[i].letter == letter)
            return &all[i];
    return NULL;
}

/* "--name", "--name=value", "--name value"; returns how many of argv it was.
 * `next` is NULL when nothing follows. */
static int read_long(gi_parse *p, const char *arg, const char *next)
{
    size_t len = strcspn(arg + 2, "=");
    const char *value = arg[2 + len] == '=' ? arg + 2 + len + 1 : NULL;
    const gi_option *o = find_long(arg + 2, len);

    if (o == NULL) {
        unknown_option(p, arg, 2 + len);
        return 1;
    }
    if (o->arg == NULL) {
        if (value != NULL)
            gi_report_add(p->r, "--%s takes no value", o->name);
        o->take(p, NULL);
        return 1;
    }
    if (value == NULL && next == NULL) {
        gi_report_add(p->r, "--%s needs a value: --%s %s", o->name, o->name,
                      o->arg);
        return 1;
    }
    o->take(p, value != NULL ? value : next);
    return value != NULL ? 1 : 2;
}

/* "-q", "-ckey=value", "-c key=value", "-qc key=value".  "-config" is more
 * likely to lack a dash than to be -c with "onfig". */
static int read_letters(gi_parse *p, const char *arg, const char *next)
{
    if (arg[2] != '\0' && find_long(arg + 1, strcspn(arg + 1, "=")) != NULL) {
        unknown_option(p, arg, strcspn(arg, "="));
        return 1;
    }
    for (const char *at = arg + 1; *at != '\0'; at++) {
        const gi_option *o = find_letter(*at);

        if (o == NULL) {
            unknown_option(p, arg, strlen(arg));
            return 1;
        }
        if (o->arg == NULL) {
            o->take(p, NULL);
            continue;
        }
        if (at[1] == '\0' && next == NULL) {
            gi_report_add(p->r, "-%c needs a value: -%c %s", *at, *at, o->arg);
            return 1;
        }
        o->take(p, at[1] != '\0' ? at + 1 : next);
        return at[1] != '\0' ? 1 : 2;
    }
    return 1;
}

static void read_word(gi_parse *p, const char *word, bool takes_words)
{
    size_t n;
    const gi_command *all = gi_commands_all(&n);

    for (size_t i = 0; i < n && !p->verb_seen; i++)
        if (strcmp(word, all[i].name) == 0) {
            p->verb_seen = true;
            p->o->verb = all[i].verb;
            return;
        }
    if (!takes_words)
        unexpected_word(p, word);
    p->verb_seen = true;
    p->o->words[p->o->n_words++] = word;
}

/* -------------------------------------------------------------- whole -- */

static void read_all(gi_parse *p, int argc, char *const *argv,
                     bool takes_words)
{
    bool ended = false;

    for (int i = 1; i < argc;) {
        const char *arg = argv[i];
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;

        if (ended || arg[0] != '-' || arg[1] == '\0') {
            read_word(p, arg, takes_words);
            i++;
        } else if (strcmp(arg, "--") == 0) {
            ended = p->verb_seen = true;
            i++;
        } else if (arg[1] == '-') {
            i += read_long(p, arg, next);
        } else {
            i += read_letters(p, arg, next);
        }
    }
}

static void check_format(gi_parse *p)
{
    if (p->format != NULL && p->o->verb != GI_VERB_DESCRIBE)
        gi_report_add(p->r,
                      "--format goes with the command 'describe' (write: "
                      "describe --format %s)",
                      p->format);
    if (p->o->json && p->format == NULL)
        p->o->format = GI_FORMAT_JSON;
}

static void check_history(gi_parse *p)
{
    if (p->o->history != NULL && !p->o->sim)
        gi_report_add(p->r,
                      "--history goes with a simulation (write: --sim "
                      "SEED --history %s)",
                      p->o->history);
}

gale_err gi_options_parse(gi_options *o, int argc, char *const *argv,
                          bool takes_words, gi_report *r)
{
    gi_parse p = { .o = o, .r = r };
    size_t most = argc > 0 ? (size_t)argc : 1;

    *o = (gi_options){ .log_level = GALE_LOG_INFO };
    o->files = gi_calloc(most, sizeof(*o->files));
    o->words = gi_calloc(most, sizeof(*o->words));
    if (o->files == NULL || o->words == NULL)
        return GALE_ENOMEM;
    gale_err rv = gi_conf_create(&o->conf, NULL);
    if (rv != GALE_OK)
        return rv;

    read_all(&p, argc, argv, takes_words);
    check_format(&p);
    check_history(&p);
    if (p.help || p.version)
        o->verb = p.help ? GI_VERB_HELP : GI_VERB_VERSION;
    if (o->verb == GI_VERB_HELP || o->verb == GI_VERB_VERSION)
        gi_report_fini(r);
    return p.rv;
}

void gi_options_fini(gi_options *o)
{
    gi_conf_destroy(o->conf);
    gi_free(o->files);
    gi_free(o->words);
    *o = (gi_options){ 0 };
}
