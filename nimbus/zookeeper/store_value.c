#include "nimbus/zookeeper/store_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* A '.' is plain, but not in front: "." and ".." are no names. */
void gi_zk_name_of(const char *key, char out[GI_ZK_NAME_MOST + 1])
{
    static const char digits[] = "0123456789ABCDEF";
    char *to = out;

    for (const char *at = key; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;

        if (is_plain(*at) || (c == '.' && at != key)) {
            *to++ = *at;
        } else {
            *to++ = '%';
            *to++ = digits[c >> 4];
            *to++ = digits[c & 15];
        }
    }
    *to = '\0';
}

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool gi_zk_key_of(const char *name, char out[GI_STORE_KEY_MOST + 1])
{
    char again[GI_ZK_NAME_MOST + 1];
    size_t n = 0;

    for (const char *at = name; *at != '\0'; at++) {
        int high, low;

        if (n == GI_STORE_KEY_MOST)
            return false;
        if (*at != '%') {
            out[n++] = *at;
            continue;
        }
        high = digit(at[1]);
        low = high < 0 ? -1 : digit(at[2]);
        if (low < 0 || high * 16 + low == 0)
            return false;
        out[n++] = (char)(high * 16 + low);
        at += 2;
    }
    out[n] = '\0';
    gi_zk_name_of(out, again);
    return n > 0 && strcmp(again, name) == 0; /* one name a key */
}

size_t gi_zk_ref_write(const gi_zk_ref *r, char out[GI_ZK_REF_MOST])
{
    return (size_t)snprintf(out, GI_ZK_REF_MOST, "p%s %" PRIu32 " %" PRIu64,
                            r->id, r->n, r->len);
}

/* A number and what ends it; false: that is none. */
static bool number(const char **at, char ends, uint64_t most, uint64_t *out)
{
    size_t n = strspn(*at, "0123456789");

    if (n == 0 || n > 10 || (*at)[n] != ends)
        return false;
    *out = strtoull(*at, NULL, 10);
    *at += n;
    return *out <= most;
}

bool gi_zk_ref_read(gi_zk_ref *out, const char *bytes, size_t len)
{
    const char *at = bytes + 1;
    size_t n = len == 0 || *bytes != 'p' ? 0 : strspn(at, "0123456789.");
    uint64_t pieces, size;

    if (n == 0 || n > GI_ZK_ID_MOST || at[n] != ' ' || strlen(bytes) != len)
        return false;
    memcpy(out->id, at, n);
    out->id[n] = '\0';
    at += n + 1;
    if (!number(&at, ' ', GI_STORE_VALUE_MOST, &pieces))
        return false;
    at++;
    if (!number(&at, '\0', GI_STORE_VALUE_MOST, &size))
        return false;
    if (size == 0 || pieces != (size + GI_ZK_PIECE - 1) / GI_ZK_PIECE)
        return false;
    out->n = (uint32_t)pieces;
    out->len = size;
    return true;
}
