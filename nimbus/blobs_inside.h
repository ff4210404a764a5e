/* blobs_inside.h -- what the files of blobs.h share.  Private to them. */
#ifndef GI_NIMBUS_BLOBS_INSIDE_H
#define GI_NIMBUS_BLOBS_INSIDE_H

#include "base/sha256.h"
#include "nimbus/blobs.h"

typedef struct gi_blob {
    char hash[GI_SHA256_HEX + 1];
    bool complete;
    uint64_t size, total; /* total: of one that is coming */
    uint64_t touched_ms;
    int fd; /* of one that is coming; else -1 */
    gi_sha256 sum;
} gi_blob;

struct gi_blobs {
    gi_blobs_opts o;
    int dir; /* all files are opened by it */
    uint32_t n, cap;
    gi_blob *all;
};

enum { GI_BLOB_PART = GI_SHA256_HEX + 8 };

gi_blob *gi_blob_find(gi_blobs *b, const char *hash);
gi_blob *gi_blob_add(gi_blobs *b, const char *hash, uint64_t now_ms);
void gi_blob_name_part(const gi_blob *e, char name[GI_BLOB_PART]);

/* Forget it, and its files. */
void gi_blob_drop(gi_blobs *b, gi_blob *e);

/* Else `why` says what is one. */
bool gi_blob_is_hash(const char *hash, gale_diag *why);

#endif
