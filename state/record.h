/* record.h -- the log of a part as bytes: a header, then a record for each
 * write, all or nothing.
 *
 * A record has a mark, a length, a checksum, then its changes: a count and,
 * for each, key length, value length, key, value.  The checksum also covers
 * which log it is and where in it, so that what was left over from elsewhere
 * is never taken for a record.  Pure: no file is touched here. */
#ifndef GI_STATE_RECORD_H
#define GI_STATE_RECORD_H

#include "state/codec.h"
#include "state/stored.h"

enum {
    GI_LOG_HEAD = 24,
    GI_RECORD_HEAD = 12,
    GI_RECORD_MOST = 1 << 30, /* bytes of a write */
};

/* What a log begins with; `generation` is its number. */
void gi_log_head_write(char head[GI_LOG_HEAD], uint64_t generation);
bool gi_log_head_is(const char *head, size_t len, uint64_t generation);

/* A record, as it belongs at `offset`, in place of what is in `b`.
 * GALE_ENOMEM; GALE_ELIMIT: more than GI_RECORD_MOST bytes. */
gale_err gi_record_write(gi_bytes *b, uint64_t generation, uint64_t offset,
                         const gale_change *changes, size_t n);

/* Is there a whole record at `offset` of the `len` bytes of a log?  Then what
 * it says, in *payload, and its bytes in all. */
bool gi_record_read(const char *log, size_t len, uint64_t generation,
                    size_t offset, gale_str *payload, size_t *size);

/* Where the next one would begin, found by its mark, after something at
 * `offset` that is none; `len` if nothing behind it is a record. */
size_t gi_record_search(const char *log, size_t len, uint64_t generation,
                        size_t offset);

/* The next change of a payload; *at is 0 at first.  False: there is none, or
 * (*at is not its end then) what is there makes no sense. */
bool gi_record_next(gale_str payload, size_t *at, gale_change *out);

#endif
