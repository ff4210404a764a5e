/* place.h -- where a DRPC server is, as people write it.  Pure. */
#ifndef GI_DRPC_PLACE_H
#define GI_DRPC_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GI_PLACE_URL = 300 };

/* "host", "host:port", "[::1]:port" or a url, with blanks around it, as a url;
 * false: it is none. */
bool gi_place_url(char to[GI_PLACE_URL], const char *word, size_t len,
                  uint16_t port, bool tls);

#endif
