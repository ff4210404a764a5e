/* sha256.h -- the name of a program: SHA-256 of its bytes, in hexadecimal.
 *
 * mbed TLS computes it, which nng brings along anyhow.
 */
#ifndef GI_BASE_SHA256_H
#define GI_BASE_SHA256_H

#include "gale/base.h"

enum { GI_SHA256_BYTES = 32, GI_SHA256_HEX = 64 };

/* Of bytes that come piece by piece: begin, add any number of times, end. */
typedef struct gi_sha256 {
    uint64_t room[16]; /* the library's; holds nothing that must be freed */
} gi_sha256;

void gi_sha256_begin(gi_sha256 *s);
void gi_sha256_add(gi_sha256 *s, const void *p, size_t len);
void gi_sha256_end(gi_sha256 *s, unsigned char out[GI_SHA256_BYTES]);

/* The same, as 64 of 0-9a-f and a zero byte. */
void gi_sha256_end_hex(gi_sha256 *s, char out[GI_SHA256_HEX + 1]);

/* Of a file from where `fd` stands to its end, and how many bytes that was.
 * GALE_EIO. */
gale_err gi_sha256_fd(int fd, char out[GI_SHA256_HEX + 1], uint64_t *len);

/* Is it 64 of 0-9a-f, and nothing else?  Only then may it be a file's name. */
bool gi_sha256_is_hex(const char *text);

#endif
