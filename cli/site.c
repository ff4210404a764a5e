#include "cli/site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/scalar.h"
#include "base/settings.h"

#define NAME "storm.yaml"

/* ---------------------------------------------------------- the file -- */

static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || *value == '\0' ? NULL : value;
}

/* Where it would be, the i-th place; "" if this place is none here. */
static void place(gi_strbuf *to, int i)
{
    const char *dir;

    switch (i) {
    case 0:
        dir = env("XDG_CONFIG_HOME");
        if (dir != NULL)
            gi_strbuf_printf(to, "%s/gale/" NAME, dir);
        else if ((dir = env("HOME")) != NULL)
            gi_strbuf_printf(to, "%s/.config/gale/" NAME, dir);
        return;
    case 1:
        gi_strbuf_puts(to, "/etc/gale/" NAME);
        return;
    default:
        return;
    }
}

/* That GALE_CONF_DIR has none is a mistake: somebody believes it has. */
static gale_err load_usual(gi_conf *c, gi_report *r)
{
    const char *dir = env("GALE_CONF_DIR");
    gale_err rv = GALE_OK;
    bool found = false;

    for (int i = 0; i < 2 && !found && rv != GALE_ENOMEM; i++) {
        gi_strbuf path = { 0 };

        if (dir != NULL)
            gi_strbuf_printf(&path, "%s/" NAME, dir);
        else
            place(&path, i);
        if (path.failed)
            rv = GALE_ENOMEM;
        found = dir != NULL ||
                (path.len > 0 && !path.failed && access(path.at, F_OK) == 0);
        if (found && rv == GALE_OK)
            rv = gi_conf_load_yaml(c, path.at, r);
        gi_strbuf_fini(&path);
    }
    return rv == GALE_ENOMEM ? rv : GALE_OK;
}

gale_err gi_site_load(gi_conf **out, const gi_options *o, bool usual,
                      gi_report *wrong, gi_report *notes)
{
    gi_conf *c = NULL;
    const char *key;
    gale_err rv = gi_conf_create(&c, NULL);

    if (rv != GALE_OK)
        return rv;
    if (usual || o->n_files == 0)
        rv = load_usual(c, wrong);
    for (size_t i = 0; i < o->n_files && rv == GALE_OK; i++)
        if (gi_conf_load_yaml(c, o->files[i], wrong) == GALE_ENOMEM)
            rv = GALE_ENOMEM;
    for (size_t i = 0;
         rv == GALE_OK && (key = gi_conf_key_at(o->conf, i)) != NULL; i++)
        rv = gi_conf_set(c, key, gi_conf_get(o->conf, key),
                         gi_conf_from(o->conf, key));
    if (rv != GALE_OK) {
        gi_conf_destroy(c);
        return rv;
    }
    gi_conf_check_cluster(c, wrong, notes);
    *out = c;
    return GALE_OK;
}

/* ----------------------------------------------------------- values -- */

const char *gi_site_text(const gi_conf *site, const char *key)
{
    const char *value = gi_conf_get(site, key);
    const gi_setting_info *info = gi_settings_find(key);

    if (value != NULL)
        return value;
    return info == NULL ? "" : info->otherwise;
}

const char *gi_site_file(const gi_conf *site, const char *key)
{
    const char *value = gi_site_text(site, key);

    return *value == '\0' ? NULL : value;
}

int64_t gi_site_int(const gi_conf *site, const char *key)
{
    int64_t v = 0;

    gi_scalar_i64(gi_site_text(site, key), &v);
    return v;
}

bool gi_site_bool(const gi_conf *site, const char *key)
{
    bool v = false;

    gi_scalar_bool(gi_site_text(site, key), &v);
    return v;
}

int64_t gi_site_ns(const gi_conf *site, const char *key)
{
    double v = 0;

    gi_scalar_f64(gi_site_text(site, key), &v);
    return (int64_t)(v * 1e9);
}

gale_err gi_site_each(const gi_conf *site, const char *key,
                      bool (*each)(void *arg, const char *word), void *arg)
{
    char *text = NULL, *rest = NULL;
    gale_err rv = gi_conf_text(site, key, &text);

    if (rv == GALE_OK && text == NULL)
        text = gi_strdup(gi_site_text(site, key));
    if (text == NULL)
        return GALE_ENOMEM;
    for (char *word = strtok_r(text, ", \n", &rest); word != NULL;
         word = strtok_r(NULL, ", \n", &rest))
        if (!each(arg, word))
            break;
    gi_free(text);
    return GALE_OK;
}

bool gi_site_url(gi_strbuf *to, const char *word, uint16_t port, bool tls)
{
    const char *scheme = tls ? "tls+tcp" : "tcp";
    const char *colon = strrchr(word, ':');
    int64_t n;

    if (strstr(word, "://") != NULL) {
        gi_strbuf_puts(to, word);
        return strncmp(word, "tcp://", 6) == 0 ||
               strncmp(word, "tls+tcp://", 10) == 0;
    }
    if (*word == '\0' || strpbrk(word, "/ ") != NULL)
        return false;
    if (colon == NULL || word[strlen(word) - 1] == ']') {
        gi_strbuf_printf(to, "%s://%s:%u", scheme, word, port);
        return true;
    }
    if (strchr(word, ':') != colon && word[0] != '[') { /* a bare IPv6 one */
        gi_strbuf_printf(to, "%s://[%s]:%u", scheme, word, port);
        return true;
    }
    gi_strbuf_printf(to, "%s://%s", scheme, word);
    return gi_scalar_i64(colon + 1, &n) && n > 0 && n < 65536;
}
