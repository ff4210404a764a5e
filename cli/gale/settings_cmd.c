/* settings_cmd.c -- `gale settings`: what the cluster's settings are, who said
 * so; and the table of Storm's in the documentation. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/settings.h"
#include "base/storm_keys.h"
#include "cli/gale/gale.h"
#include "cli/site.h"

/* Its value, lists in one line; NULL if it is not set. */
static char *value_of(const gi_conf *site, const char *key, bool *failed)
{
    char *text = NULL;

    if (gi_conf_text(site, key, &text) != GALE_OK)
        *failed = true;
    for (char *at = text; at != NULL && (at = strchr(at, '\n')) != NULL;)
        *at = ',';
    return text;
}

static const char *or_unset(const char *value)
{
    return value[0] == '\0' ? "unset" : value;
}

static char *text_of(const gi_conf *site, gi_look look)
{
    gi_strbuf to = { 0 };
    size_t n;
    const gi_setting_info *all = gi_settings_cluster(&n);

    gi_strbuf_puts(&to, "settings of the cluster as seen from here; '*' is "
                        "one that somebody set\n\n");
    for (size_t i = 0; i < n; i++) {
        char *value = value_of(site, all[i].key, &to.failed);

        gi_strbuf_printf(&to, "%s%s = %s%s%s", value == NULL ? "  " : "* ",
                         all[i].key, gi_paint_text(look, GI_PAINT_STRONG),
                         or_unset(value == NULL ? all[i].otherwise : value),
                         gi_paint_text(look, GI_PAINT_OFF));
        if (value != NULL)
            gi_strbuf_printf(&to, "  (%s; default: %s)",
                             gi_conf_from(site, all[i].key),
                             or_unset(all[i].otherwise));
        gi_strbuf_printf(&to, "\n      %s%s%s\n",
                         gi_paint_text(look, GI_PAINT_FAINT), all[i].text,
                         gi_paint_text(look, GI_PAINT_OFF));
        gi_free(value);
    }
    gi_strbuf_puts(&to, "\nThose of topologies: PROGRAM settings\n");
    return gi_strbuf_take(&to);
}

static void put_or_null(gi_json *j, const char *key, const char *value)
{
    if (value[0] == '\0')
        gi_json_null(j, key);
    else
        gi_json_str(j, key, value);
}

static char *json_of(const gi_conf *site, const gi_report *notes)
{
    gi_json j = { 0 };
    size_t n;
    const gi_setting_info *all = gi_settings_cluster(&n);

    gi_json_object(&j, NULL);
    gi_json_list(&j, "settings");
    for (size_t i = 0; i < n; i++) {
        char *value = value_of(site, all[i].key, &j.text.failed);

        gi_json_object(&j, NULL);
        gi_json_str(&j, "key", all[i].key);
        put_or_null(&j, "value", value == NULL ? all[i].otherwise : value);
        gi_json_str(&j, "from",
                    value == NULL ? "default"
                                  : gi_conf_from(site, all[i].key));
        put_or_null(&j, "default", all[i].otherwise);
        gi_json_str(&j, "readers", all[i].readers);
        gi_json_str(&j, "text", all[i].text);
        gi_json_end(&j);
        gi_free(value);
    }
    gi_json_end(&j);
    gi_json_list(&j, "notes");
    for (size_t i = 0; i < notes->n; i++)
        gi_json_str(&j, NULL, notes->lines[i]);
    gi_json_end(&j);
    gi_json_end(&j);
    return gi_json_take(&j);
}

int gi_gale_settings(gi_gale *g)
{
    gi_report wrong = { 0 }, notes = { 0 };
    gi_conf *site = NULL;
    int code = GI_EXIT_USAGE;
    gale_err rv = gi_site_load(&site, &g->cli.o, false, &wrong, &notes);

    for (size_t i = 0; i < wrong.n; i++)
        gi_screen_say(&g->cli.screen, "%s", wrong.lines[i]);
    for (size_t i = 0; i < notes.n && !g->cli.o.json; i++)
        gi_screen_say(&g->cli.screen, "%s", notes.lines[i]);
    if (rv != GALE_OK) {
        gi_screen_say(&g->cli.screen, "%s", gale_err_text(rv));
        code = GI_EXIT_FAILED;
    } else if (gi_report_empty(&wrong)) {
        code = gi_cli_print(&g->cli, g->cli.o.json
                                         ? json_of(site, &notes)
                                         : text_of(site, g->cli.screen.out));
    }
    gi_conf_destroy(site);
    gi_report_fini(&wrong);
    gi_report_fini(&notes);
    return code;
}

/* ------------------------------------------------- the documentation -- */

/* In a table's cell a bar would be the cell's end. */
static void put_cell(gi_strbuf *to, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|')
            gi_strbuf_putc(to, '\\');
        gi_strbuf_putc(to, *text);
    }
}

static void put_known(gi_strbuf *to, const char *head,
                      const gi_setting_info *all, size_t n, bool ours)
{
    gi_strbuf_printf(to,
                     "\n%s\n\n| Setting | Default | Meaning |\n|---|---|"
                     "---|\n",
                     head);
    for (size_t i = 0; i < n; i++) {
        if ((strncmp(all[i].key, "gale.", 5) == 0) != ours)
            continue;
        gi_strbuf_printf(to, "| `%s` | %s | ", all[i].key,
                         or_unset(all[i].otherwise));
        put_cell(to, all[i].text);
        gi_strbuf_puts(to, " |\n");
    }
}

static void put_storms(gi_strbuf *to, const char *head, bool of_topologies)
{
    size_t n;
    const gi_storm_row *rows = gi_storm_rows(of_topologies, &n);

    gi_strbuf_printf(to,
                     "\n%s\n\n| Storm's setting | Instead, or why not |\n"
                     "|---|---|\n",
                     head);
    for (size_t i = 0; i < n; i++) {
        gi_strbuf_printf(to, "| `%s` | ", rows[i].key);
        put_cell(to, rows[i].why);
        gi_strbuf_puts(to, " |\n");
    }
}

/* docs/storm-settings.md: a test compares. */
int gi_gale_storm_settings(gi_gale *g)
{
    gi_strbuf to = { 0 };
    size_t n;
    const gi_setting_info *all;

    gi_strbuf_puts(
        &to,
        "# Settings, and what becomes of Storm's\n"
        "\n"
        "Settings have Storm's names where Storm has one. A `storm.yaml` of "
        "Storm's can be\nbrought along: daemons read it, and name every "
        "setting in it that does nothing\nhere. In a topology's own settings "
        "one of those is a mistake.\n"
        "\n"
        "This page is printed by `gale storm-settings`, from the tables that "
        "the programs\nthemselves read. A name of Storm's stands for all "
        "that begin with it and a dot.\n");
    all = gi_settings_cluster(&n);
    put_known(&to, "## Of a cluster", all, n, false);
    put_known(&to, "## Of a cluster, and Gale's own", all, n, true);
    all = gi_settings_all(&n);
    put_known(&to, "## Of a topology", all, n, false);
    put_storms(&to, "## Storm's, of a cluster, that do nothing here", false);
    put_storms(&to, "## Storm's, of a topology, that have no meaning here",
               true);
    return gi_cli_print(&g->cli, gi_strbuf_take(&to));
}
