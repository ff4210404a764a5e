/* Any text as a key that somebody typed: it is refused with words, or a row
 * that is shown as text which is read as the same row. */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "cli/state_json.h"

static char *plain_of(gale_row row)
{
    gi_strbuf to = { 0 };

    gi_state_json_plain(&to, row);
    return gi_strbuf_take(&to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = gi_strndup(len == 0 ? "" : (const char *)data, len);
    gale_diag why = { "" };
    gi_state_key k, again;
    char *first, *second;

    if (gi_state_key_read(&k, text, &why) != GALE_OK) {
        assert(why.text[0] != '\0');
        gi_state_key_fini(&k);
        gi_free(text);
        return 0;
    }
    first = plain_of(k.row);
    assert(gi_state_key_read(&again, first, &why) == GALE_OK);
    second = plain_of(again.row);
    assert(strcmp(first, second) == 0);
    gi_state_key_fini(&k);
    gi_state_key_fini(&again);
    gi_free(first);
    gi_free(second);
    gi_free(text);
    return 0;
}
