#include "base/sha256.h"

#include <errno.h>
#include <mbedtls/sha256.h>
#include <unistd.h>

_Static_assert(sizeof(mbedtls_sha256_context) <= sizeof(gi_sha256),
               "the library's state fits");
_Static_assert(_Alignof(mbedtls_sha256_context) <= _Alignof(gi_sha256),
               "and lies well");

/* These calls can only fail where a processor of its own does the work; there
 * is none in what Debian ships.  Should one fail, the sum would be wrong, and
 * what it names be refused. */
void gi_sha256_begin(gi_sha256 *s)
{
    mbedtls_sha256_context *ctx = (void *)s;

    mbedtls_sha256_init(ctx);
    (void)mbedtls_sha256_starts_ret(ctx, 0);
}

void gi_sha256_add(gi_sha256 *s, const void *p, size_t len)
{
    (void)mbedtls_sha256_update_ret((void *)s, p, len);
}

void gi_sha256_end(gi_sha256 *s, unsigned char out[GI_SHA256_BYTES])
{
    mbedtls_sha256_context *ctx = (void *)s;

    (void)mbedtls_sha256_finish_ret(ctx, out);
    mbedtls_sha256_free(ctx);
}

void gi_sha256_end_hex(gi_sha256 *s, char out[GI_SHA256_HEX + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[GI_SHA256_BYTES];

    gi_sha256_end(s, sum);
    for (size_t i = 0; i < sizeof(sum); i++) {
        out[2 * i] = digits[sum[i] >> 4];
        out[2 * i + 1] = digits[sum[i] & 15];
    }
    out[GI_SHA256_HEX] = '\0';
}

gale_err gi_sha256_fd(int fd, char out[GI_SHA256_HEX + 1], uint64_t *len)
{
    unsigned char some[32 << 10];
    uint64_t all = 0;
    gi_sha256 s;

    gi_sha256_begin(&s);
    for (;;) {
        ssize_t n = read(fd, some, sizeof(some));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return GALE_EIO;
        if (n == 0)
            break;
        gi_sha256_add(&s, some, (size_t)n);
        all += (uint64_t)n;
    }
    gi_sha256_end_hex(&s, out);
    *len = all;
    return GALE_OK;
}

bool gi_sha256_is_hex(const char *text)
{
    size_t n = strspn(text, "0123456789abcdef");

    return n == GI_SHA256_HEX && text[n] == '\0';
}
