#include "drpc/place.h"

#include <stdio.h>
#include <string.h>

bool gi_place_url(char to[GI_PLACE_URL], const char *word, size_t len,
                  uint16_t port, bool tls)
{
    const char *scheme = tls ? "tls+tcp" : "tcp", *first, *last;
    char host[256];

    while (len > 0 && (word[0] == ' ' || word[len - 1] == ' ')) {
        word += word[0] == ' ';
        len--;
    }
    if (len == 0 || len >= sizeof(host))
        return false;
    memcpy(host, word, len);
    host[len] = '\0';
    first = strchr(host, ':');
    last = strrchr(host, ':');
    if (strstr(host, "://") != NULL)
        snprintf(to, GI_PLACE_URL, "%s", host);
    else if (host[0] != '[' && first != last) /* an address of IPv6 */
        snprintf(to, GI_PLACE_URL, "%s://[%s]:%u", scheme, host, port);
    else if (last != NULL && host[len - 1] != ']')
        snprintf(to, GI_PLACE_URL, "%s://%s", scheme, host);
    else
        snprintf(to, GI_PLACE_URL, "%s://%s:%u", scheme, host, port);
    return true;
}
