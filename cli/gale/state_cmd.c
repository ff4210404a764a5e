/* state_cmd.c -- `state`: which states there are, and what is in them. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "cli/gale/state.h"
#include "cli/site.h"

/* ---------------------------------------------------------------- names -- */

/* TOPOLOGY/STATE of each, the string's last byte is followed by another one.
 */
static char *full_name(const gi_shelf_state *state)
{
    gi_strbuf b = { 0 };

    gi_strbuf_printf(&b, "%s/%s", state->topology, state->state);
    return gi_strbuf_take(&b);
}

static bool is_called(const gi_shelf_state *state, const char *name)
{
    size_t n = strlen(state->topology);

    return strcmp(state->state, name) == 0 ||
           (strncmp(state->topology, name, n) == 0 && name[n] == '/' &&
            strcmp(state->state, name + n + 1) == 0);
}

static int not_found(const gi_states *s, const char *name)
{
    size_t n = 0;
    const char **names = gi_calloc(2 * s->shelf.n + 1, sizeof(*names));
    char **full = gi_calloc(s->shelf.n + 1, sizeof(*full));
    const char *near = NULL;

    for (size_t i = 0; names != NULL && full != NULL && i < s->shelf.n; i++) {
        names[n++] = s->shelf.at[i].state;
        full[i] = full_name(&s->shelf.at[i]);
        if (full[i] != NULL)
            names[n++] = full[i];
    }
    if (names != NULL)
        near = gi_nearest(name, names, n);
    if (s->shelf.n == 0)
        gi_screen_say(&s->g->cli.screen, "there are no states in %s", s->dir);
    else
        gi_screen_say(&s->g->cli.screen,
                      "there is no state '%s' in %s%s%s%s ('gale state' shows "
                      "which there are)",
                      name, s->dir, near == NULL ? "" : ", did you mean '",
                      near == NULL ? "" : near, near == NULL ? "" : "'?");
    for (size_t i = 0; full != NULL && i < s->shelf.n; i++)
        gi_free(full[i]);
    gi_free(full);
    gi_free(names);
    return GI_EXIT_NOT_FOUND;
}

/* The state that a name means; NULL: there is none, or several, as was said.
 */
static const gi_shelf_state *find(const gi_states *s, const char *name,
                                  int *code)
{
    const gi_shelf_state *found = NULL;
    gi_strbuf all = { 0 };
    size_t n = 0;

    for (size_t i = 0; i < s->shelf.n; i++) {
        const gi_shelf_state *state = &s->shelf.at[i];

        if (!is_called(state, name))
            continue;
        found = state;
        gi_strbuf_printf(&all, "%s%s/%s", n++ == 0 ? "" : ", ",
                         state->topology, state->state);
    }
    *code = n == 0   ? not_found(s, name)
            : n == 1 ? GI_EXIT_DONE
                     : GI_EXIT_USAGE;
    if (n > 1)
        gi_screen_say(&s->g->cli.screen, "'%s' may be any of %s", name,
                      all.failed ? "several" : all.at);
    gi_strbuf_fini(&all);
    return n == 1 ? found : NULL;
}

/* ------------------------------------------------------------- commands -- */

static int usage(const gi_states *s, const char *what)
{
    gi_screen_say(&s->g->cli.screen, "%s", what);
    gi_screen_say(&s->g->cli.screen, "see gale state --help");
    return GI_EXIT_USAGE;
}

/* What options say has to go with what is done. */
static int check_options(const gi_states *s, const char *verb)
{
    const gi_gale *g = s->g;
    bool scan = verb != NULL && strcmp(verb, "scan") == 0;
    bool export = verb != NULL && strcmp(verb, "export") == 0;

    if ((g->prefix != NULL || g->limit_said) && !scan && !export)
        return usage(s, "--prefix and --limit go with scan and export");
    if ((g->output != NULL || g->form != GI_GALE_FORM_JSON) && !export)
        return usage(s, "--output and --format go with export");
    return GI_EXIT_DONE;
}

static int obey(const gi_states *s)
{
    static const char *const verbs[] = { "get", "scan", "export" };
    const gi_options *o = &s->g->cli.o;
    const char *verb = o->n_words > 1 ? o->words[1] : NULL, *near;
    const gi_shelf_state *state;
    int code = check_options(s, verb);

    if (code != GI_EXIT_DONE)
        return code;
    if (o->n_words == 0)
        return gi_states_list(s);
    if (verb == NULL)
        return usage(s, "what of it? get KEY..., scan or export");
    if (strcmp(verb, "get") != 0 && o->n_words > 2)
        return usage(s, "scan and export take no more words");
    if (strcmp(verb, "get") == 0 && o->n_words < 3)
        return usage(s, "get needs a key");
    near = gi_nearest(verb, verbs, 3);
    if (near == NULL || strcmp(near, verb) != 0) {
        gi_screen_say(&s->g->cli.screen,
                      "a state can be asked to get, scan or export, not "
                      "'%s'%s%s%s",
                      verb, near == NULL ? "" : " (did you mean '",
                      near == NULL ? "" : near, near == NULL ? "" : "'?)");
        return GI_EXIT_USAGE;
    }
    state = find(s, o->words[0], &code);
    if (state == NULL)
        return code;
    return strcmp(verb, "get") == 0
               ? gi_states_get(s, state, o->words + 2, o->n_words - 2)
           : strcmp(verb, "scan") == 0 ? gi_states_scan(s, state)
                                       : gi_states_export(s, state);
}

/* --dir, or what the settings say, or the usual place. */
static int find_dir(gi_states *s)
{
    gi_report wrong = { 0 }, notes = { 0 };
    gi_conf *site = NULL;
    gale_diag why = { "" };
    const char *place = s->g->dir;
    gale_err rv = gi_site_load(&site, &s->g->cli.o, false, &wrong, &notes);
    int code = GI_EXIT_DONE;

    for (size_t i = 0; i < wrong.n; i++)
        gi_screen_say(&s->g->cli.screen, "%s", wrong.lines[i]);
    if (!gi_report_empty(&wrong))
        code = GI_EXIT_USAGE;
    if (rv == GALE_OK && place == NULL)
        place = gi_conf_get(site, "topology.state.dir");
    if (rv == GALE_OK)
        rv = gi_shelf_home(&s->dir, place, &why);
    if (rv != GALE_OK)
        code = gi_states_failed(s, rv, &why);
    gi_conf_destroy(site);
    gi_report_fini(&wrong);
    gi_report_fini(&notes);
    return code;
}

int gi_gale_state(gi_gale *g)
{
    gi_states s = { .g = g };
    gale_diag why = { "" };
    int code = find_dir(&s);
    gale_err rv;

    if (code == GI_EXIT_DONE) {
        rv = gi_shelf_read(&s.shelf, s.dir, NULL, &why);
        code = rv == GALE_OK ? obey(&s) : gi_states_failed(&s, rv, &why);
    }
    gi_shelf_fini(&s.shelf);
    gi_free(s.dir);
    return code;
}
