/* upload.h -- a program to Nimbus: by its hash, in pieces, and only if it is
 * not there. */
#ifndef GI_CLI_UPLOAD_H
#define GI_CLI_UPLOAD_H

#include "base/sha256.h"
#include "cli/client.h"

typedef struct gi_upload {
    char hash[GI_SHA256_HEX + 1];
    uint64_t size, sent; /* bytes; sent: of them, this time */
} gi_upload;

/* The file at `path`; shows how far it is.  An exit code; has said why. */
int gi_upload_file(gi_client *c, const char *path, gi_upload *out);

#endif
