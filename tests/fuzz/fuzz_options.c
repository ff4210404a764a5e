/* Any words as a command line: taken apart without reading beyond them, every
 * mistake in a line of its own, and the same again the next time. */
#include <assert.h>

#include "base/mem.h"
#include "cli/cli.h"

enum { WORDS = 24 };

/* A word for each line. */
static int split(char *text, char **argv)
{
    int argc = 0;

    for (char *at = text; at != NULL && argc < WORDS;) {
        argv[argc++] = at;
        at = strchr(at, '\n');
        if (at != NULL)
            *at++ = '\0';
    }
    argv[argc] = NULL;
    return argc;
}

static bool within(const char *word, int argc, char *const *argv)
{
    for (int i = 1; i < argc; i++)
        if (word >= argv[i] && word <= argv[i] + strlen(argv[i]))
            return true;
    return false;
}

static void check(const gi_options *o, int argc, char *const *argv,
                  bool takes_words, const gi_report *r)
{
    bool only_tells = o->verb == GI_VERB_HELP || o->verb == GI_VERB_VERSION;
    bool own_words = o->verb == GI_VERB_ASK || o->verb == GI_VERB_WORKER;

    assert(o->n_words + o->n_files < (size_t)argc || argc <= 1);
    for (size_t i = 0; i < o->n_words; i++)
        assert(within(o->words[i], argc, argv));
    for (size_t i = 0; i < o->n_files; i++)
        assert(within(o->files[i], argc, argv));
    if (only_tells || o->n_words > 0)
        assert(only_tells ? gi_report_empty(r)
                          : takes_words || own_words || !gi_report_empty(r));
    for (size_t i = 0; i < r->n; i++)
        assert(r->lines[i][0] != '\0');
}

static void check_help(const char *text)
{
    char *help = gi_help_text(text, text, text, text);

    assert(help != NULL && strstr(help, "--help") != NULL);
    gi_free(help);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = gi_strndup(len == 0 ? "" : (const char *)data, len);
    char *argv[WORDS + 1];
    gale_diag first, again;

    if (text == NULL)
        return 0;
    int argc = split(text, argv);
    for (int takes_words = 0; takes_words < 2; takes_words++) {
        gi_report r = { 0 }, r2 = { 0 };
        gi_options o, o2;

        assert(gi_options_parse(&o, argc, argv, takes_words, &r) == GALE_OK);
        check(&o, argc, argv, takes_words, &r);
        gi_report_to_diag(&r, &first);
        assert(gi_options_parse(&o2, argc, argv, takes_words, &r2) == GALE_OK);
        gi_report_to_diag(&r2, &again);
        assert(strcmp(first.text, again.text) == 0 && o.verb == o2.verb);
        gi_conf_check(o.conf, false, &r);
        gi_options_fini(&o);
        gi_options_fini(&o2);
        gi_report_fini(&r);
        gi_report_fini(&r2);
    }
    check_help(argv[0]);
    gi_free(text);
    return 0;
}
