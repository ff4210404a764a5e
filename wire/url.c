#include "wire/url.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "base/diag.h"

bool gi_url_loopback(const char *url)
{
    const char *host = strstr(url, "://");
    char name[64];
    struct in_addr a4;
    struct in6_addr a6;

    host = host == NULL ? url : host + 3;
    bool bracket = *host == '[';
    host += bracket;
    size_t n = strcspn(host, bracket ? "]" : ":/");
    if (n >= sizeof(name))
        return false;
    memcpy(name, host, n);
    name[n] = '\0';
    if (inet_pton(AF_INET, name, &a4) == 1)
        return ntohl(a4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, name, &a6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&a6);
    return strcmp(name, "localhost") == 0;
}

gale_err gi_url_allowed(const char *url, bool tls, bool open, gale_diag *why)
{
    if (tls || open || gi_url_loopback(url))
        return GALE_OK;
    gi_diag_say(why,
                "'%s' is not on this machine alone, and without TLS everybody "
                "on the way can read and change what is said there; set "
                "gale.tls.ca.file and gale.tls.cert.file, or take 127.0.0.1",
                url);
    return GALE_EINVAL;
}

static bool is_any(const char *host, size_t n)
{
    static const char *const all[] = { "", "*", "0.0.0.0", "[::]" };

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (strlen(all[i]) == n && memcmp(host, all[i], n) == 0)
            return true;
    return false;
}

void gi_url_tell(char *to, size_t size, const char *asked, const char *host,
                 uint16_t port)
{
    const char *at = strstr(asked, "://");
    size_t head = at == NULL ? 0 : (size_t)(at - asked) + 3, n;
    bool six = strchr(host, ':') != NULL && host[0] != '[';

    at = asked + head;
    n = *at == '[' ? strcspn(at, "]") : strcspn(at, ":/");
    n += at[n] == ']';
    if (is_any(at, n))
        snprintf(to, size, six ? "%.*s[%s]:%u" : "%.*s%s:%u", (int)head, asked,
                 host, port);
    else
        snprintf(to, size, "%.*s:%u", (int)(head + n), asked, port);
}
