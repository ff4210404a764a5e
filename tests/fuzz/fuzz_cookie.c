/* Any text as what a process carries in its environment: it is no cookie, or
 * one that is written and read as the same. */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "supervisor/cookie.h"

static bool same(const gi_cookie *a, const gi_cookie *b)
{
    return strcmp(a->node, b->node) == 0 && a->port == b->port &&
           a->incarnation == b->incarnation && a->since == b->since &&
           strcmp(a->program, b->program) == 0 &&
           strcmp(a->topology, b->topology) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char head[] = GI_COOKIE_NAME "=";
    char *text = gi_strndup((const char *)data, len);
    char again[GI_COOKIE_MOST];
    gi_cookie c, d;

    if (text == NULL)
        return 0;
    if (gi_cookie_read(&c, text) == GALE_OK) {
        assert(gi_cookie_write(&c, again, sizeof(again)) > 0);
        assert(strncmp(again, head, strlen(head)) == 0);
        assert(gi_cookie_read(&d, again + strlen(head)) == GALE_OK);
        assert(same(&c, &d));
    }
    gi_free(text);
    return 0;
}
