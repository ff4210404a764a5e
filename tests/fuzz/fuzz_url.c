/* Any text as an address: nothing that leads away from this machine is taken
 * for one that does not, and what others are told is one that they can use. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "wire/secrets.h"
#include "wire/url.h"

enum { ROOM = 300 };

static void allowed(const char *url)
{
    gale_diag why = { "" };
    bool here = gi_url_loopback(url);

    assert(gi_url_allowed(url, true, false, &why) == GALE_OK);
    assert(gi_url_allowed(url, false, true, &why) == GALE_OK);
    assert((gi_url_allowed(url, false, false, &why) == GALE_OK) == here);
    assert(here || why.text[0] != '\0');
}

static void told(const char *url)
{
    char to[ROOM], small[8];

    memset(to, 'x', sizeof(to));
    gi_url_tell(to, sizeof(to), url, "node", 6700);
    assert(memchr(to, '\0', sizeof(to)) != NULL);
    if (strlen(to) + 1 < sizeof(to))
        assert(strcmp(to + strlen(to) - 5, ":6700") == 0);
    gi_url_tell(small, sizeof(small), url, "fe80::1", 1);
    assert(memchr(small, '\0', sizeof(small)) != NULL);
}

static void dialed(const char *url)
{
    gale_diag why = { "" };
    char *out = NULL;

    if (gi_secrets_url(NULL, url, &out, &why) == GALE_OK)
        assert(strncmp(out, "tcp://", 6) == 0);
    else
        assert(why.text[0] != '\0');
    gi_free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *url = gi_strndup((const char *)data, len);

    if (url == NULL)
        return 0;
    allowed(url);
    told(url);
    dialed(url);
    gi_free(url);
    return 0;
}
