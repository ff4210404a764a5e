/* Any text as a setting on the command line: judged, never believed. */
#include <assert.h>

#include "base/conf.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *pair = gi_strndup(len == 0 ? "" : (const char *)data, len);
    gi_report r = { 0 };
    gi_conf *c = NULL;
    int64_t i;
    double f;
    bool b;

    if (pair == NULL || gi_conf_create(&c, NULL) != GALE_OK)
        goto done;
    gale_err rv = gi_conf_set_pair(c, pair, "command line", &r);
    assert((rv == GALE_OK) == gi_report_empty(&r));
    const char *key = gi_conf_key_at(c, 0);
    assert((rv == GALE_OK) == (key != NULL));
    if (key != NULL) {
        size_t n = strlen(key);
        assert(memcmp(pair, key, n) == 0 && pair[n] == '=');
        assert(strcmp(gi_conf_get(c, key), pair + n + 1) == 0);
        gi_conf_check(c, false, &r);
        if (gi_conf_i64(c, key, &i))
            assert(gi_conf_f64(c, key, &f));
        if (gi_conf_f64(c, key, &f))
            assert(!gi_conf_bool(c, key, &b));
    }
done:
    gi_conf_destroy(c);
    gi_report_fini(&r);
    gi_free(pair);
    return 0;
}
