/* parse.c -- from argv to gi_options. */
#include "cli/parse.h"

#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"

/* ------------------------------------------------------- did you mean -- */

/* Among those that go with the command, if that is known. */
static const char *nearest_option(const gi_parse *p, const char *name)
{
    const gi_tables *t = p->tables;
    const char *names[GI_OPTIONS_MOST];
    size_t n = 0;

    for (size_t i = 0; i < t->n_options && i < GI_OPTIONS_MOST; i++) {
        const gi_option *o = &t->options[i];

        if (p->command == NULL || gi_option_goes(o, p->command->name))
            names[n++] = o->name;
    }
    return gi_nearest(name, names, n);
}

static const char *nearest_command(const gi_parse *p, const char *word)
{
    const gi_tables *t = p->tables;
    const char *names[GI_OPTIONS_MOST];
    size_t n = 0;

    for (size_t i = 0; i < t->n_commands && i < GI_OPTIONS_MOST; i++)
        if (t->commands[i].text != NULL)
            names[n++] = t->commands[i].name;
    return gi_nearest(word, names, n);
}

/* Returns the name of the one that was meant, or NULL. */
static const char *unknown_option(gi_parse *p, const char *arg, size_t len)
{
    const char *near = NULL;
    char name[64];

    if (len < sizeof(name)) {
        memcpy(name, arg, len);
        name[len] = '\0';
        near = nearest_option(p, name + strspn(name, "-"));
    }
    if (near != NULL)
        gi_report_add(p->r, "unknown option '%.*s' (did you mean '--%s'?)",
                      (int)len, arg, near);
    else
        gi_report_add(p->r,
                      "unknown option '%.*s' (a word that begins with '-' "
                      "goes behind '--')",
                      (int)len, arg);
    return near;
}

static void unexpected_word(gi_parse *p, const char *word)
{
    const char *near = p->verb_seen ? NULL : nearest_command(p, word);

    if (near != NULL)
        gi_report_add(p->r,
                      "unexpected word '%s' (did you mean the command '%s'?)",
                      word, near);
    else
        gi_report_add(p->r, "unexpected word '%s': the topology takes none",
                      word);
}

static void unknown_command(gi_parse *p, const char *word)
{
    const char *near = nearest_command(p, word);

    if (near != NULL)
        gi_report_add(p->r, "unknown command '%s' (did you mean '%s'?)", word,
                      near);
    else
        gi_report_add(p->r, "unknown command '%s'", word);
}

/* ------------------------------------------------------------ commands -- */

static const gi_command *find_command(const gi_tables *t, const char *word)
{
    for (size_t i = 0; i < t->n_commands; i++)
        if (strcmp(word, t->commands[i].name) == 0)
            return &t->commands[i];
    return NULL;
}

const gi_command *gi_tables_command(const gi_tables *t, int verb)
{
    for (size_t i = 0; i < t->n_commands; i++)
        if (t->commands[i].verb == verb)
            return &t->commands[i];
    return NULL;
}

bool gi_option_goes(const gi_option *o, const char *command)
{
    size_t len = strlen(command);

    if (o->verbs == NULL)
        return true;
    for (const char *at = o->verbs; *at != '\0';) {
        size_t n = strcspn(at, " ");
        if (n == len && memcmp(at, command, n) == 0)
            return true;
        at += n + strspn(at + n, " ");
    }
    return false;
}

/* ------------------------------------------------------------ options -- */

static const gi_option *find_long(const gi_parse *p, const char *name,
                                  size_t len)
{
    const gi_tables *t = p->tables;

    for (size_t i = 0; i < t->n_options; i++)
        if (strlen(t->options[i].name) == len &&
            memcmp(t->options[i].name, name, len) == 0)
            return &t->options[i];
    return NULL;
}

/* The one that goes with the command, or else the first. */
static const gi_option *find_letter(const gi_parse *p, char letter)
{
    const gi_tables *t = p->tables;
    const gi_option *found = NULL;

    for (size_t i = 0; i < t->n_options; i++) {
        const gi_option *o = &t->options[i];
        if (o->letter != letter)
            continue;
        if (p->command != NULL && gi_option_goes(o, p->command->name))
            return o;
        if (found == NULL)
            found = o;
    }
    return found;
}

static void take(gi_parse *p, const gi_option *o, const char *value)
{
    size_t no = (size_t)(o - p->tables->options);

    p->used[no / 64 % 2] |= UINT64_C(1) << no % 64;
    o->take(p, value);
}

/* Is `next` the value of that option?  Then it is not judged as a word. */
static bool takes_next(const gi_parse *p, const char *name, const char *next)
{
    const gi_option *o =
        name == NULL ? NULL : find_long(p, name, strlen(name));

    return o != NULL && o->arg != NULL && next != NULL && next[0] != '-' &&
           find_command(p->tables, next) == NULL;
}

/* "--name", "--name=value", "--name value"; returns how many of argv it was.
 * `next` is NULL when nothing follows. */
static int read_long(gi_parse *p, const char *arg, const char *next)
{
    size_t len = strcspn(arg + 2, "=");
    const char *value = arg[2 + len] == '=' ? arg + 2 + len + 1 : NULL;
    const gi_option *o = find_long(p, arg + 2, len);

    if (o == NULL) {
        const char *meant = unknown_option(p, arg, 2 + len);

        return value == NULL && takes_next(p, meant, next) ? 2 : 1;
    }
    if (o->arg == NULL) {
        if (value != NULL)
            gi_report_add(p->r, "--%s takes no value", o->name);
        take(p, o, NULL);
        return 1;
    }
    if (value == NULL && next == NULL) {
        gi_report_add(p->r, "--%s needs a value: --%s %s", o->name, o->name,
                      o->arg);
        return 1;
    }
    take(p, o, value != NULL ? value : next);
    return value != NULL ? 1 : 2;
}

/* "-q", "-ckey=value", "-c key=value", "-qc key=value".  "-config" is more
 * likely to lack a dash than to be -c with "onfig". */
static int read_letters(gi_parse *p, const char *arg, const char *next)
{
    if (arg[2] != '\0' &&
        find_long(p, arg + 1, strcspn(arg + 1, "=")) != NULL) {
        unknown_option(p, arg, strcspn(arg, "="));
        return 1;
    }
    for (const char *at = arg + 1; *at != '\0'; at++) {
        const gi_option *o = find_letter(p, *at);

        if (o == NULL) {
            unknown_option(p, arg, strlen(arg));
            return 1;
        }
        if (o->arg == NULL) {
            take(p, o, NULL);
            continue;
        }
        if (at[1] == '\0' && next == NULL) {
            gi_report_add(p->r, "-%c needs a value: -%c %s", *at, *at, o->arg);
            return 1;
        }
        take(p, o, at[1] != '\0' ? at + 1 : next);
        return at[1] != '\0' ? 1 : 2;
    }
    return 1;
}

/* -------------------------------------------------------------- words -- */

/* Are words those of a command, and not the topology's? */
static bool has_words(const gi_parse *p)
{
    return p->command != NULL && p->o->verb_at != 0 &&
           (p->command->args != NULL || !p->tables->topology);
}

static void read_word(gi_parse *p, const char *word, int at, bool takes_words)
{
    const gi_command *c = p->verb_seen ? NULL : find_command(p->tables, word);
    bool first = !p->verb_seen;

    p->verb_seen = true;
    if (c != NULL) {
        p->command = c;
        p->o->verb = c->verb;
        p->o->verb_at = at;
        return;
    }
    if (!p->tables->topology && first) {
        unknown_command(p, word);
        return;
    }
    if (p->tables->topology && !takes_words && !has_words(p)) {
        p->verb_seen = !first;
        unexpected_word(p, word);
        p->verb_seen = true;
    }
    if (p->o->n_words == 0)
        p->o->word_at = at;
    p->o->words[p->o->n_words++] = word;
}

/* How many words "NAME [LEVEL] [WORD...]" are: at least and at most. */
static void count_args(const char *args, size_t *least, size_t *most)
{
    *least = *most = 0;
    for (const char *at = args == NULL ? "" : args; *at != '\0';) {
        size_t n = strcspn(at, " ");

        *most = n > 3 && strstr(at, "...") != NULL && strcspn(at, ".") < n
                    ? SIZE_MAX
                    : *most + (*most != SIZE_MAX);
        *least += *at != '[';
        at += n + strspn(at + n, " ");
    }
}

/* Commands of a program that is no topology have words of their own, and so
 * have a few of one that is. */
static void check_words(gi_parse *p)
{
    const gi_command *c = p->command;
    size_t least, most, n = p->o->n_words;

    if (!has_words(p))
        return;
    count_args(c->args, &least, &most);
    if (n < least)
        gi_report_add(p->r, "'%s' needs more: %s %s", c->name, c->name,
                      c->args);
    else if (n > most)
        gi_report_add(p->r, "unexpected word '%s': write %s%s%s",
                      p->o->words[most], c->name, c->args == NULL ? "" : " ",
                      c->args == NULL ? "" : c->args);
}

/* -------------------------------------------------------------- whole -- */

/* The command, before the options are read: letters depend on it. */
static void look_ahead(gi_parse *p, int argc, char *const *argv)
{
    for (int i = 1; i < argc && p->command == NULL; i++) {
        if (strcmp(argv[i], "--") == 0)
            return;
        p->command = find_command(p->tables, argv[i]);
    }
}

static void read_all(gi_parse *p, int argc, char *const *argv,
                     bool takes_words)
{
    bool ended = false;

    for (int i = 1; i < argc;) {
        const char *arg = argv[i];
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;

        if (p->command != NULL && p->command->program && p->o->n_words > 0)
            ended = true; /* what follows is for that program to read */
        if (ended || arg[0] != '-' || arg[1] == '\0') {
            read_word(p, arg, i, takes_words);
            i++;
        } else if (strcmp(arg, "--") == 0) {
            ended = true;
            if (p->tables->topology)
                p->verb_seen = true;
            i++;
        } else if (arg[1] == '-') {
            i += read_long(p, arg, next);
        } else {
            i += read_letters(p, arg, next);
        }
    }
}

/* What stood there goes with the command that stands there. */
static void check_used(gi_parse *p)
{
    const gi_tables *t = p->tables;
    const gi_command *c = gi_tables_command(t, p->o->verb);

    for (size_t i = 0; c != NULL && i < t->n_options; i++) {
        const gi_option *o = &t->options[i];
        if ((p->used[i / 64 % 2] >> i % 64 & 1) == 0 ||
            gi_option_goes(o, c->name))
            continue;
        gi_report_add(p->r, "--%s does not go with '%s' (but with: %s)",
                      o->name, c->name, o->verbs);
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
    if (p->o->history != NULL && !p->o->sim && p->o->verb == GI_VERB_RUN)
        gi_report_add(p->r,
                      "--history goes with a simulation (write: --sim "
                      "SEED --history %s)",
                      p->o->history);
}

gale_err gi_tables_parse(const gi_tables *tables, gi_options *o, void *more,
                         int argc, char *const *argv, bool takes_words,
                         gi_report *r)
{
    gi_parse p = { .tables = tables, .o = o, .more = more, .r = r };
    size_t most = argc > 0 ? (size_t)argc : 1;

    *o = (gi_options){ .log_level = GALE_LOG_INFO };
    o->files = gi_calloc(most, sizeof(*o->files));
    o->words = gi_calloc(most, sizeof(*o->words));
    if (o->files == NULL || o->words == NULL)
        return GALE_ENOMEM;
    gale_err rv = gi_conf_create(&o->conf, NULL);
    if (rv != GALE_OK)
        return rv;

    look_ahead(&p, argc, argv);
    read_all(&p, argc, argv, takes_words);
    o->topic =
        o->n_words > 0 && o->verb == tables->help && !p.help && !p.version;
    if (p.help || p.version)
        o->verb = p.help ? tables->help : tables->version;
    if (o->verb == tables->help || o->verb == tables->version) {
        gi_report_fini(r);
        return p.rv;
    }
    check_used(&p);
    check_words(&p);
    if (tables->topology) {
        check_format(&p);
        check_history(&p);
    }
    return p.rv;
}

gale_err gi_options_parse(gi_options *o, int argc, char *const *argv,
                          bool takes_words, gi_report *r)
{
    return gi_tables_parse(&gi_topology_tables, o, NULL, argc, argv,
                           takes_words, r);
}

void gi_options_fini(gi_options *o)
{
    gi_conf_destroy(o->conf);
    gi_free(o->files);
    gi_free(o->words);
    *o = (gi_options){ 0 };
}
