/* words.h -- cutting text into words, and counting them.
 *
 * Both sides of the wordcount case use this and nothing else: the bolts and
 * the plain loop have the same tokenizer, the same hash, the same table.
 *
 * A word is a maximal run of ASCII letters, in lower case.  The tokenizer
 * makes one bit a byte (a letter or not), 64 bytes at a time, and only looks
 * at where the bits change.  Words of up to 16 letters are two integers, so
 * comparing them is two instructions, and they lie in the table itself.
 */
#ifndef BENCH_WORDS_H
#define BENCH_WORDS_H

#include "gale/base.h"

/* ------------------------------------------------------------- cutting -- */

/* Texts that are cut, and words taken from them, are read in blocks: so many
 * bytes behind their end must be readable. */
enum { WORDS_PAD = 64 };

/* Where text[from..end) changes between letters and others, as offsets from
 * `text`: the first letter of a word, the first byte after it, and so on in
 * turns.  A text may be cut in several calls, each beginning, at a multiple
 * of 64, where the one before ended; *in_word (false at first) goes from call
 * to call.  The last byte of a text must not be a letter.
 *
 *   cuts   has room for end - from
 *
 * Returns how many there are.
 */
size_t words_cut(const char *text, size_t from, size_t end, bool *in_word,
                 uint32_t *cuts);

/* Copy `len` bytes with their capitals made small.  Of bytes that are no
 * letters others come, which are none either. */
void words_lower(char *to, const char *from, size_t len);

/* ------------------------------------------------------------ counting -- */

/* The letters of a word of at most 16, zeros behind them. */
typedef struct words_key {
    uint64_t lo, hi;
} words_key;

typedef struct words_entry {
    words_key key;
    uint64_t n; /* 0: the place is empty */
} words_entry;

typedef struct words_long {
    char *text;
    uint32_t len;
    uint64_t n;
} words_long;

/* Open addressing, never more than half full.  Zeroed is not enough: see
 * words_init.  Words of more than 16 letters, which are rare, have a table
 * of their own. */
typedef struct words_table {
    words_entry *at;
    unsigned shift; /* 64 - log2 of the places */
    uint32_t used;
    words_long *rare; /* likewise, power of two places or none */
    uint32_t n_rare, cap_rare;
    bool failed; /* memory ran out: counts are too low */
} words_table;

bool words_init(words_table *t); /* false: no memory */

/* The same, and with room for `n` words of at most 16 letters, in memory that
 * is there already, not only promised. */
bool words_init_for(words_table *t, uint64_t n);
void words_fini(words_table *t); /* zeroed is fine */

/* The slow ways. */
void words_add_new(words_table *t, words_key k, uint64_t n);
void words_add_rare(words_table *t, const char *text, uint32_t len,
                    uint64_t n);

static inline uint32_t words_place(const words_table *t, words_key k)
{
    __extension__ typedef unsigned __int128 wide;
    wide m = (wide)(k.lo ^ 0x9e3779b97f4a7c15u) * (k.hi ^ 0xe7037ed1a0b428dbu);

    return (uint32_t)(((uint64_t)m ^ (uint64_t)(m >> 64)) >> t->shift);
}

/* Count a word of at most 16 letters, all small. */
static inline void words_add_key(words_table *t, words_key k, uint64_t n)
{
    uint32_t mask = UINT32_MAX >> (t->shift - 32);

    for (uint32_t i = words_place(t, k);; i = (i + 1) & mask) {
        words_entry *e = &t->at[i];

        if (e->key.lo == k.lo && e->key.hi == k.hi) {
            e->n += n;
            return;
        }
        if (e->n == 0) {
            words_add_new(t, k, n);
            return;
        }
    }
}

/* The key of a word that is already small; reads nothing behind it. */
static inline words_key words_key_of(const char *w, uint32_t len)
{
    words_key k = { 0, 0 };

    if (len >= 8) {
        memcpy(&k.lo, w, 8);
        if (len > 8) {
            memcpy(&k.hi, w + len - 8, 8);
            k.hi >>= 8 * (16 - len);
        }
    } else if (len >= 4) {
        uint32_t a, b;

        memcpy(&a, w, 4);
        memcpy(&b, w + len - 4, 4);
        k.lo = a | (uint64_t)b << (8 * (len - 4));
    } else if (len > 0) {
        k.lo = (uint64_t)(unsigned char)w[0] |
               (uint64_t)(unsigned char)w[len / 2] << (8 * (len / 2)) |
               (uint64_t)(unsigned char)w[len - 1] << (8 * (len - 1));
    }
    return k;
}

extern const words_key words_masks[17];

/* The same without a branch, for words in a padded text; capitals are made
 * small on the way (all bytes are letters, so one bit does it). */
static inline words_key words_key_padded(const char *w, uint32_t len)
{
    const uint64_t small = 0x2020202020202020u;
    words_key k;

    memcpy(&k, w, sizeof(k));
    k.lo = (k.lo | small) & words_masks[len].lo;
    k.hi = (k.hi | small) & words_masks[len].hi;
    return k;
}

/* Count a word that is already small. */
static inline void words_add(words_table *t, const char *w, uint32_t len)
{
    if (__builtin_expect(len <= 16, 1))
        words_add_key(t, words_key_of(w, len), 1);
    else
        words_add_rare(t, w, len, 1);
}

/* into += from. */
void words_merge(words_table *into, const words_table *from);

/* Do both hold the same words, equally often, but for a factor: each count
 * of `a` is `times` that of `b`? */
bool words_same(const words_table *a, const words_table *b, uint64_t times);

uint64_t words_total(const words_table *t);
uint32_t words_distinct(const words_table *t);

#endif
