/* conf_list.c -- settings that are lists: "key" = "[n]", "key.0", "key.1", ...
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/conf.h"
#include "base/mem.h"
#include "base/strbuf.h"

enum { MOST = 1 << 16 }; /* elements: more than a file can sensibly hold */

static const char *element(const gi_conf *c, const char *key, size_t no)
{
    char name[320];
    int n = snprintf(name, sizeof(name), "%s.%zu", key, no);

    return n < 0 || (size_t)n >= sizeof(name) ? NULL : gi_conf_get(c, name);
}

/* Is there anything under `key`'s first element?  It may be a map. */
static bool has_first(const gi_conf *c, const char *key)
{
    char name[320];
    int n = snprintf(name, sizeof(name), "%s.0", key);
    const char *other;

    if (element(c, key, 0) != NULL)
        return true;
    for (size_t i = 0; (other = gi_conf_key_at(c, i)) != NULL; i++)
        if (strncmp(other, name, (size_t)n) == 0 && other[n] == '.')
            return true;
    return false;
}

bool gi_conf_is_list(const gi_conf *c, const char *key, size_t *n)
{
    const char *value = gi_conf_get(c, key);
    size_t digits, count;

    if (value == NULL || value[0] != '[')
        return false;
    digits = strspn(value + 1, "0123456789");
    if (digits == 0 || digits > 9 || strcmp(value + 1 + digits, "]") != 0)
        return false;
    count = strtoul(value + 1, NULL, 10);
    if (count > MOST || (count > 0 && !has_first(c, key)))
        return false;
    if (n != NULL)
        *n = count;
    return true;
}

gale_err gi_conf_text(const gi_conf *c, const char *key, char **out)
{
    const char *value = gi_conf_get(c, key);
    gi_strbuf text = { 0 };
    size_t n;

    *out = NULL;
    if (value == NULL)
        return GALE_OK;
    if (gi_conf_is_list(c, key, &n)) {
        for (size_t i = 0; i < n; i++) {
            value = element(c, key, i);
            gi_strbuf_printf(&text, "%s%s", i == 0 ? "" : "\n",
                             value == NULL ? "" : value);
        }
    } else {
        gi_strbuf_puts(&text, value);
    }
    *out = gi_strbuf_take(&text);
    return *out == NULL ? GALE_ENOMEM : GALE_OK;
}
