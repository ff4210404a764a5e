#include "wire/url.h"

#include <arpa/inet.h>

#include "wire/diag.h"

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
