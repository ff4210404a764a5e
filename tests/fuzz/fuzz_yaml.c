/* Any bytes as a settings file: read whole or refused in words. */
#include <assert.h>

#include "base/conf.h"
#include "base/mem.h"

/* Of a list all elements, whatever it says of their number. */
static void read_value(const gi_conf *c, const char *key)
{
    char *text;

    if (gi_conf_text(c, key, &text) == GALE_OK)
        assert(text != NULL);
    gi_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    gi_report r = { 0 };
    gale_diag why;
    gi_conf *c;
    size_t n = 0;

    if (gi_conf_create(&c, NULL) != GALE_OK)
        return 0;
    gale_err rv = gi_conf_parse_yaml(c, "f", (const char *)data, len, &r);
    for (const char *key; (key = gi_conf_key_at(c, n)) != NULL; n++) {
        assert(gi_conf_get(c, key) != NULL && strlen(key) <= 255);
        read_value(c, key);
    }
    assert(gi_report_empty(&r) == (rv == GALE_OK));
    assert(rv == GALE_OK || n == 0);

    gi_conf_check(c, false, &r);
    gi_conf_check(c, true, &r);
    gi_report_to_diag(&r, &why);
    assert((*why.text == '\0') == gi_report_empty(&r));
    gi_report_fini(&r);
    gi_conf_destroy(c);
    return 0;
}
