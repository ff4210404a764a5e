/* Any text as a name in a directory of states, any bytes as what a tree says
 * about itself: it is nothing of ours, or is written as the same again. */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "state/layout.h"
#include "state/part.h"

static void as_place(const char *name)
{
    char again[GI_PLACE_NAME];
    gi_place p;

    if (!gi_place_parse(&p, name))
        return;
    gi_place_name(again, &p);
    assert(strcmp(again, name) == 0);
    for (uint32_t g = 0; g < GALE_STATE_GROUPS; g += 17)
        gi_place_has(&p, g);
}

/* What is no name becomes one, and that is the same again. */
static void as_name(const char *name)
{
    char *escaped = gi_layout_escape(name), *plain = gi_strdup(name);

    assert(escaped != NULL && plain != NULL);
    assert(strchr(escaped, '/') == NULL && escaped[0] != '.');
    if (gi_layout_unescape(plain)) {
        char *again = gi_layout_escape(plain);

        assert(again != NULL && strcmp(again, name) == 0);
        gi_free(again);
    }
    assert(gi_layout_unescape(escaped) && strcmp(escaped, name) == 0);
    gi_free(escaped);
    gi_free(plain);
}

static void as_meta(const uint8_t *p, size_t len)
{
    char again[GI_META_BYTES];
    uint64_t first;

    if (!gi_meta_read((gale_str){ (const char *)p, (uint32_t)len }, &first))
        return;
    gi_meta_write(again, first);
    assert(len == sizeof(again) && memcmp(again, p, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *name = gi_strndup((const char *)data, len);

    if (name == NULL)
        return 0;
    as_place(name);
    as_name(name);
    as_meta(data, len);
    gi_free(name);
    return 0;
}
