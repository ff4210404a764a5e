/* settings_cmd.c -- `settings`: every setting, what it is now and who said
 * so. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/settings.h"
#include "cli/cli.h"

/* Who speaks last for a key of the whole topology. */
typedef struct answer {
    const char *value; /* "" is unset */
    const char *from;
    char *list; /* the value, if it had to be made of a list */
} answer;

/* Without memory for a list, what is written to `to` has failed. */
static answer ask(const gi_plan *plan, const gi_setting_info *info,
                  gi_strbuf *to)
{
    answer a = { gi_conf_get(plan->conf, info->key), NULL, NULL };

    if (a.value == NULL)
        return (answer){ info->otherwise, "default", NULL };
    a.from = gi_conf_from(plan->conf, info->key);
    if (info->kind != GI_KIND_LIST)
        return a;
    if (gi_conf_text(plan->conf, info->key, &a.list) != GALE_OK) {
        to->failed = true;
        return a;
    }
    for (char *at = a.list; (at = strchr(at, '\n')) != NULL;)
        *at = ',';
    a.value = a.list;
    return a;
}

/* An element of a list that is one of ours: the list has been told. */
static bool is_told(const char *key)
{
    const char *dot = strrchr(key, '.');
    char list[256];

    if (dot == NULL || (size_t)(dot - key) >= sizeof(list))
        return false;
    snprintf(list, sizeof(list), "%.*s", (int)(dot - key), key);
    const gi_setting_info *info = gi_settings_find(list);
    return info != NULL && info->kind == GI_KIND_LIST;
}

static const char *or_unset(const char *value)
{
    return value[0] == '\0' ? "unset" : value;
}

/* ---------------------------------------------------------------- text -- */

static void put_known(gi_strbuf *to, const gi_plan *plan, gi_look look)
{
    size_t n;
    const gi_setting_info *all = gi_settings_all(&n);

    for (size_t i = 0; i < n; i++) {
        answer a = ask(plan, &all[i], to);
        bool said = gi_conf_get(plan->conf, all[i].key) != NULL;

        gi_strbuf_printf(to, "%s%s = %s%s", said ? "* " : "  ", all[i].key,
                         gi_paint_text(look, GI_PAINT_STRONG),
                         or_unset(a.value));
        gi_strbuf_puts(to, gi_paint_text(look, GI_PAINT_OFF));
        if (said)
            gi_strbuf_printf(to, "  (%s; default: %s)", a.from,
                             or_unset(all[i].otherwise));
        gi_strbuf_printf(to, "\n      %s%s%s\n",
                         gi_paint_text(look, GI_PAINT_FAINT), all[i].text,
                         gi_paint_text(look, GI_PAINT_OFF));
        gi_free(a.list);
    }
}

static void put_line(gi_strbuf *to, const gi_conf *c, const char *key)
{
    gi_strbuf_printf(to, "* %s = %s  (%s)\n", key,
                     or_unset(gi_conf_get(c, key)), gi_conf_from(c, key));
}

static void put_others(gi_strbuf *to, const gi_plan *plan)
{
    const char *key;
    bool any = false;

    for (size_t i = 0; (key = gi_conf_key_at(plan->conf, i)) != NULL; i++) {
        if (gi_settings_find(key) != NULL || is_told(key))
            continue;
        if (!any)
            gi_strbuf_puts(to, "\nthe topology's own\n\n");
        any = true;
        put_line(to, plan->conf, key);
    }
}

static void put_components(gi_strbuf *to, const gi_plan *plan)
{
    const char *key;
    bool any = false;

    for (uint32_t c = 0; c < plan->n_comps; c++) {
        const gi_conf *conf = plan->comps[c].conf;

        for (size_t i = 0; (key = gi_conf_key_at(conf, i)) != NULL; i++) {
            if (!any)
                gi_strbuf_puts(to, "\nset by components for themselves\n\n");
            any = true;
            put_line(to, conf, key);
        }
    }
}

static char *settings_text(const gi_plan *plan, gi_look look)
{
    gi_strbuf to = { 0 };

    gi_strbuf_printf(&to,
                     "settings of %s; '*' is one that somebody set: with -c "
                     "KEY=VALUE, in a file\n(--config), in the topology's "
                     "table\n\n",
                     plan->name);
    put_known(&to, plan, look);
    put_others(&to, plan);
    put_components(&to, plan);
    return gi_strbuf_take(&to);
}

/* ---------------------------------------------------------------- JSON -- */

static void put_value(gi_json *j, const char *key, const char *value)
{
    if (value[0] == '\0')
        gi_json_null(j, key);
    else
        gi_json_str(j, key, value);
}

static void json_known(gi_json *j, const gi_plan *plan)
{
    static const char *const kinds[] = {
        [GI_KIND_INT] = "integer",  [GI_KIND_NUM] = "number",
        [GI_KIND_BOOL] = "boolean", [GI_KIND_TEXT] = "text",
        [GI_KIND_LIST] = "list",
    };
    size_t n;
    const gi_setting_info *all = gi_settings_all(&n);

    gi_json_list(j, "settings");
    for (size_t i = 0; i < n; i++) {
        answer a = ask(plan, &all[i], &j->text);

        gi_json_object(j, NULL);
        gi_json_str(j, "key", all[i].key);
        gi_json_str(j, "kind", kinds[all[i].kind]);
        put_value(j, "value", a.value);
        gi_json_str(j, "from", a.from);
        put_value(j, "default", all[i].otherwise);
        if (all[i].kind == GI_KIND_INT || all[i].kind == GI_KIND_NUM) {
            gi_json_f64(j, "min", all[i].min);
            gi_json_f64(j, "max", all[i].max);
        }
        gi_json_bool(j, "component", all[i].component);
        gi_json_str(j, "text", all[i].text);
        gi_json_end(j);
        gi_free(a.list);
    }
    gi_json_end(j);
}

static void json_one(gi_json *j, const gi_conf *c, const char *key,
                     const char *comp)
{
    gi_json_object(j, NULL);
    if (comp != NULL)
        gi_json_str(j, "component", comp);
    gi_json_str(j, "key", key);
    put_value(j, "value", gi_conf_get(c, key));
    gi_json_str(j, "from", gi_conf_from(c, key));
    gi_json_end(j);
}

static char *settings_json(const gi_plan *plan)
{
    gi_json j = { 0 };
    const char *key;

    gi_json_object(&j, NULL);
    gi_json_str(&j, "topology", plan->name);
    json_known(&j, plan);
    gi_json_list(&j, "own");
    for (size_t i = 0; (key = gi_conf_key_at(plan->conf, i)) != NULL; i++)
        if (gi_settings_find(key) == NULL && !is_told(key))
            json_one(&j, plan->conf, key, NULL);
    gi_json_end(&j);

    gi_json_list(&j, "components");
    for (uint32_t c = 0; c < plan->n_comps; c++) {
        const gi_conf *conf = plan->comps[c].conf;

        for (size_t i = 0; (key = gi_conf_key_at(conf, i)) != NULL; i++)
            json_one(&j, conf, key, plan->comps[c].id);
    }
    gi_json_end(&j);
    gi_json_end(&j);
    return gi_json_take(&j);
}

int gi_cli_settings(gi_cli *cli, const gi_plan *plan)
{
    return gi_cli_print(cli, cli->o.json
                                 ? settings_json(plan)
                                 : settings_text(plan, cli->screen.out));
}
