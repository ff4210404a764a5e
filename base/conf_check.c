/* Judging settings: which keys there are, and what they may be set to. */
#include "base/conf.h"

#include <stdio.h>

#include "base/nearest.h"
#include "base/scalar.h"
#include "base/settings.h"
#include "base/storm_keys.h"

static const char *const keys[] = {
#define KEY(key, kind, otherwise, min, max, component, text) key,
    GI_SETTINGS(KEY) GI_CLUSTER_SETTINGS(KEY)
#undef KEY
};

enum { N_KEYS = sizeof(keys) / sizeof(keys[0]) };

/* An entry under judgement. */
struct entry {
    const char *key, *value, *from;
};

/* The length of a key's first word, with its dot. */
static size_t family(const char *key)
{
    size_t n = strcspn(key, ".");

    return key[n] == '.' ? n + 1 : n;
}

static bool is_ours(const char *key)
{
    static const char *const families[] = {
        "topology.", "storm.", "nimbus.", "supervisor.", "worker.", "gale.",
    };

    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        if (strncmp(key, families[i], strlen(families[i])) == 0)
            return true;
    return false;
}

/* The setting that was meant, or NULL.  Within a family its name does not
 * count: it would make all of them look alike.  A slip in that name itself is
 * believed only if it is small, because other families are the user's. */
static const char *meant(const char *key)
{
    enum { SLIP = 2 };
    const char *candidates[N_KEYS];
    size_t n = 0, skip = family(key);

    for (size_t i = 0; i < N_KEYS; i++)
        if (strncmp(keys[i], key, skip) == 0)
            candidates[n++] = keys[i] + skip;
    const char *found = gi_nearest(key + skip, candidates, n);
    if (found != NULL)
        return found - skip;

    found = gi_nearest(key, keys, N_KEYS);
    return found != NULL && gi_nearest_edits(key, found) <= SLIP ? found
                                                                 : NULL;
}

/* " at storm.yaml:3:1", " from command line" */
static const char *preposition(const char *from)
{
    return strchr(from, ':') != NULL ? "at" : "from";
}

/* "key.word" where "key" is a list: somebody wrote a map.  Of faults, which
 * look like one, it is told how.  True: it was said. */
static bool is_map_for_list(const struct entry *e, gi_report *r)
{
    for (size_t i = 0; i < N_KEYS; i++) {
        size_t n = strlen(keys[i]);

        if (strncmp(e->key, keys[i], n) != 0 || e->key[n] != '.' ||
            gi_settings_find(keys[i])->kind != GI_KIND_LIST ||
            strspn(e->key + n + 1, "0123456789") > 0)
            continue;
        const char *word = e->key + n + 1;
        if (strcmp(keys[i], "topology.faults") == 0 && !strchr(word, '.'))
            gi_report_add(r, "'%s' %s %s: %s is a list; write - %s=%.100s",
                          e->key, preposition(e->from), e->from, keys[i], word,
                          e->value);
        else
            gi_report_add(r, "'%s' %s %s: %s is a list, and takes no names",
                          e->key, preposition(e->from), e->from, keys[i]);
        return true;
    }
    return false;
}

static void check_stranger(const struct entry *e, gi_report *r)
{
    const char *hint, *why = NULL;

    switch (gi_storm_key(e->key, &why)) {
    case GI_STORM_CLUSTER:
        return;
    case GI_STORM_VOID:
        gi_report_add(r,
                      "setting '%s' (%s) is Storm's and has no meaning "
                      "here%s%s",
                      e->key, e->from, why == NULL ? "" : ": ",
                      why == NULL ? "" : why);
        return;
    case GI_STORM_UNKNOWN:
        break;
    }

    if (is_map_for_list(e, r))
        return;
    hint = meant(e->key);
    if (hint != NULL)
        gi_report_add(r, "unknown setting '%s' %s %s (did you mean '%s'?)",
                      e->key, preposition(e->from), e->from, hint);
    else if (is_ours(e->key))
        gi_report_add(r, "unknown setting '%s' %s %s", e->key,
                      preposition(e->from), e->from);
}

/* One of daemons' and clients' own file; what does nothing is a note, for a
 * storm.yaml may be brought along. */
static void check_stranger_of_cluster(const struct entry *e, gi_report *wrong,
                                      gi_report *notes)
{
    const char *hint, *why = NULL;

    gi_storm_key(e->key, &why);
    if (why == NULL && is_map_for_list(e, wrong))
        return;
    hint = why == NULL ? meant(e->key) : NULL;
    if (why != NULL)
        gi_report_add(notes,
                      "setting '%s' (%s) is Storm's and does nothing here: %s",
                      e->key, e->from, why);
    else if (hint != NULL)
        gi_report_add(wrong, "unknown setting '%s' %s %s (did you mean '%s'?)",
                      e->key, preposition(e->from), e->from, hint);
    else
        gi_report_add(notes, "setting '%s' (%s) is not known and does nothing",
                      e->key, e->from);
}

static void check_range(const struct entry *e, const gi_setting_info *s,
                        double v, gi_report *r)
{
    if (v < s->min || v > s->max)
        gi_report_add(r,
                      "setting '%s' (%s) is %.40s; it must be between %.15g "
                      "and %.15g",
                      e->key, e->from, e->value, s->min, s->max);
}

static void check_value(const struct entry *e, const gi_setting_info *s,
                        gi_report *r)
{
    const char *wrong = NULL;
    int64_t i = 0;
    double f = 0;
    bool b = false;

    if (*e->value == '\0' && *s->otherwise == '\0')
        return; /* unset, expressly */

    switch (s->kind) {
    case GI_KIND_TEXT:
    case GI_KIND_LIST:
        break;
    case GI_KIND_BOOL:
        if (!gi_scalar_bool(e->value, &b))
            wrong = "neither true nor false";
        break;
    case GI_KIND_NUM:
        if (gi_scalar_f64(e->value, &f))
            check_range(e, s, f, r);
        else
            wrong = "not a number";
        break;
    case GI_KIND_INT:
        if (gi_scalar_i64(e->value, &i))
            check_range(e, s, (double)i, r);
        else if (gi_scalar_f64(e->value, &f) && (f < s->min || f > s->max))
            check_range(e, s, f, r); /* too large even to be read as one */
        else
            wrong = "not a whole number";
        break;
    }
    if (wrong != NULL)
        gi_report_add(r, "setting '%s' = '%.100s' (%s): %s", e->key, e->value,
                      e->from, wrong);
}

/* A list where one value is asked for; or one whose elements are lists or maps
 * themselves. */
static bool check_list(const gi_conf *c, const struct entry *e,
                       const gi_setting_info *s, gi_report *r)
{
    char key[256];
    size_t n;

    if (!gi_conf_is_list(c, e->key, &n))
        return false;
    if (s->kind != GI_KIND_LIST) {
        gi_report_add(r, "setting '%s' (%s) is a list; it takes one value",
                      e->key, e->from);
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        snprintf(key, sizeof(key), "%s.%zu", e->key, i);
        if (gi_conf_get(c, key) == NULL || gi_conf_is_list(c, key, NULL))
            gi_report_add(r,
                          "setting '%s' (%s): element %zu of the list is no "
                          "text (put it in quotes)",
                          e->key, e->from, i + 1);
    }
    return true;
}

/* "key.3" beside "key" = "[4]": what is wrong with a list is said of the
 * list.  Those of a setting of ours may also be left from a list above which
 * somebody else has set one value. */
static bool is_element(const gi_conf *c, const char *key)
{
    char list[256];

    for (const char *dot = strchr(key, '.'); dot != NULL;
         dot = strchr(dot + 1, '.')) {
        size_t digits = strspn(dot + 1, "0123456789");

        if (digits == 0 ||
            (dot[1 + digits] != '\0' && dot[1 + digits] != '.') ||
            (size_t)(dot - key) >= sizeof(list))
            continue;
        memcpy(list, key, (size_t)(dot - key));
        list[dot - key] = '\0';
        const char *value = gi_conf_get(c, list);
        if (value != NULL &&
            (value[0] == '[' || gi_settings_find(list) != NULL))
            return true;
    }
    return false;
}

void gi_conf_check(const gi_conf *c, bool component, gi_report *r)
{
    for (size_t i = 0; gi_conf_key_at(c, i) != NULL; i++) {
        const char *key = gi_conf_key_at(c, i);
        struct entry e = { key, gi_conf_get(c, key), gi_conf_from(c, key) };
        const gi_setting_info *s = gi_settings_find(key);

        if (s == NULL && is_element(c, key))
            continue;
        bool whole = s != NULL ? !s->component
                               : gi_storm_key(key, NULL) == GI_STORM_CLUSTER;
        if (component && whole)
            gi_report_add(r,
                          "setting '%s' (%s) is not a component's; it belongs "
                          "to the topology",
                          e.key, e.from);
        else if (s == NULL)
            check_stranger(&e, r);
        else if (!check_list(c, &e, s, r))
            check_value(&e, s, r);
    }
}

void gi_conf_check_cluster(const gi_conf *c, gi_report *wrong,
                           gi_report *notes)
{
    for (size_t i = 0; gi_conf_key_at(c, i) != NULL; i++) {
        const char *key = gi_conf_key_at(c, i);
        struct entry e = { key, gi_conf_get(c, key), gi_conf_from(c, key) };
        const gi_setting_info *s = gi_settings_find(key);

        if (s == NULL && is_element(c, key))
            continue;
        if (s != NULL) {
            if (!check_list(c, &e, s, wrong))
                check_value(&e, s, wrong);
        } else if (is_ours(key) || gi_storm_key(key, NULL) ||
                   meant(key) != NULL) {
            check_stranger_of_cluster(&e, wrong, notes);
        }
    }
}
