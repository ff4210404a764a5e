#include "drpc/server/http_words.h"

#include <string.h>
#include <strings.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One byte of `n` at `s`, decoded; returns how many it took, 0: it makes no
 * sense. */
static size_t decode(const char *s, size_t n, char *out)
{
    if (*s != '%') {
        *out = *s;
        return 1;
    }
    if (n < 3 || digit(s[1]) < 0 || digit(s[2]) < 0)
        return 0;
    *out = (char)(digit(s[1]) * 16 + digit(s[2]));
    return 3;
}

static bool read_function(gi_http_path *to, const char *s, size_t n)
{
    size_t len = 0;

    while (n > 0) {
        char c;
        size_t took = decode(s, n, &c);

        if (took == 0 || len == GI_DESK_NAME || (unsigned char)c < ' ' ||
            c == 0x7f)
            return false;
        to->function[len++] = c;
        s += took;
        n -= took;
    }
    to->function[len] = '\0';
    return true;
}

static bool read_args(gi_http_path *to, const char *s, size_t n)
{
    while (n > 0) {
        char c;
        size_t took = decode(s, n, &c);

        if (took == 0)
            return false;
        gi_strbuf_putc(&to->args, c);
        s += took;
        n -= took;
    }
    return !to->args.failed;
}

bool gi_http_path_read(gi_http_path *to, const char *uri)
{
    static const char root[] = "/drpc";
    size_t n = strcspn(uri, "?#"), name;
    bool well =
        n >= sizeof(root) - 1 && memcmp(uri, root, sizeof(root) - 1) == 0;

    *to = (gi_http_path){ .has_args = false };
    if (!well)
        return false;
    uri += sizeof(root) - 1;
    n -= sizeof(root) - 1;
    if (n == 0)
        return true;
    if (*uri++ != '/')
        return false;
    n--;
    name = strcspn(uri, "/");
    if (name > n)
        name = n;
    well = read_function(to, uri, name);
    if (well && name < n) {
        to->has_args = true;
        well = read_args(to, uri + name + 1, n - name - 1);
    }
    if (!well) {
        bool failed = to->args.failed;

        gi_strbuf_fini(&to->args);
        to->args.failed = failed;
        to->function[0] = '\0';
    }
    return well;
}

void gi_http_path_fini(gi_http_path *p)
{
    gi_strbuf_fini(&p->args);
}

const char *gi_http_bearer(const char *header)
{
    if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
        return NULL;
    header += 7;
    while (*header == ' ')
        header++;
    return *header == '\0' ? NULL : header;
}

bool gi_http_is_foreign(const char *origin, const char *site)
{
    return origin != NULL || (site != NULL && strcmp(site, "none") != 0 &&
                              strcmp(site, "same-origin") != 0);
}
