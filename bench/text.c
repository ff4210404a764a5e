#include "bench/text.h"

#include <errno.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/mix.h"
#include "bench/bench.h"
#include "bench/words.h"

enum { VOCABULARY = 13000, TEXT_BYTES = 4400000, MAX_LETTERS = 14 };

struct vocabulary {
    char word[VOCABULARY][MAX_LETTERS + 1];
    uint64_t below[VOCABULARY]; /* sum of the weights up to and with it */
};

/* How often letters come up in English, in parts of a thousand. */
static const struct letters {
    const char *all;
    uint16_t share[21];
} vowels = { "aeiou", { 214, 333, 183, 197, 73 } },
  others = { "bcdfghjklmnpqrstvwxyz",
             { 24, 45, 68, 36,  33,  98, 2,  12, 65, 39, 109,
               31, 2,  97, 102, 146, 16, 38, 2,  32, 3 } };

static char letter(gi_rng *rng, const struct letters *l)
{
    uint64_t at = gi_rng_below(rng, 1000);

    for (size_t i = 0; l->all[i + 1] != '\0'; i++) {
        if (at < l->share[i])
            return l->all[i];
        at -= l->share[i];
    }
    return l->all[strlen(l->all) - 1];
}

/* Vowels and others in turns, now and then two others together. */
static void invent(gi_rng *rng, char *to, unsigned len)
{
    bool vowel = gi_rng_below(rng, 3) == 0;

    for (unsigned i = 0; i < len; i++) {
        to[i] = letter(rng, vowel ? &vowels : &others);
        vowel = !vowel && gi_rng_below(rng, 5) != 0;
    }
    to[len] = '\0';
}

/* The few most frequent words have two or three letters, the rest more and
 * more. */
static unsigned length_of(gi_rng *rng, unsigned rank)
{
    unsigned base = rank < 20 ? 2 : rank < 120 ? 3 : rank < 1000 ? 4 : 5;
    unsigned spread = rank < 20 ? 2 : rank < 120 ? 3 : rank < 1000 ? 4 : 7;

    return base + (unsigned)gi_rng_below(rng, spread);
}

/* All different: one that was there already is made up anew. */
static bool fill(struct vocabulary *v, gi_rng *rng)
{
    words_table seen;
    uint64_t sum = 0;

    if (!words_init(&seen))
        return false;
    for (unsigned i = 0; i < VOCABULARY; i++) {
        do {
            unsigned len = length_of(rng, i);

            invent(rng, v->word[i], len);
            words_add(&seen, v->word[i], len);
        } while (words_distinct(&seen) == i && !seen.failed);
        sum += (uint64_t)(1e12 / (i + 2.7));
        v->below[i] = sum;
    }
    bool ok = !seen.failed;
    words_fini(&seen);
    return ok;
}

static const char *draw(const struct vocabulary *v, gi_rng *rng)
{
    uint64_t at = gi_rng_below(rng, v->below[VOCABULARY - 1]);
    unsigned lo = 0, hi = VOCABULARY - 1;

    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;

        if (v->below[mid] > at)
            hi = mid;
        else
            lo = mid + 1;
    }
    return v->word[lo];
}

/* One line, which has room for 45 of the longest words. */
static char *write_line(const struct vocabulary *v, gi_rng *rng, char *to)
{
    unsigned n = 10 + (unsigned)gi_rng_below(rng, 36);
    char *first = to;

    for (unsigned i = 0; i < n; i++) {
        const char *word = draw(v, rng);
        size_t len = strlen(word);

        memcpy(to, word, len);
        to += len;
        if (i + 1 < n && gi_rng_below(rng, 9) == 0)
            *to++ = ',';
        *to++ = i + 1 < n ? ' ' : '.';
    }
    *first = (char)(*first - 'a' + 'A');
    *to++ = '\n';
    return to;
}

bool bench_text_make(bench_text *t)
{
    enum { LONGEST_LINE = 46 * (MAX_LETTERS + 2) };
    struct vocabulary *v = gi_alloc(sizeof(*v));
    gi_rng rng = { 1611 };

    t->len = 0;
    t->at = gi_alloc(TEXT_BYTES + LONGEST_LINE + WORDS_PAD);
    if (v == NULL || t->at == NULL || !fill(v, &rng)) {
        bench_say("out of memory");
        gi_free(v);
        bench_text_fini(t);
        return false;
    }
    while (t->len < TEXT_BYTES)
        t->len = (size_t)(write_line(v, &rng, t->at + t->len) - t->at);
    gi_free(v);
    return true;
}

static bool read_all(bench_text *t, FILE *f)
{
    size_t cap = 1 << 20;

    for (;;) {
        char *at = gi_realloc(t->at, cap + 1 + WORDS_PAD);

        if (at == NULL)
            return false;
        t->at = at;
        t->len += fread(t->at + t->len, 1, cap - t->len, f);
        if (t->len < cap)
            return !ferror(f);
        if (cap > UINT32_MAX / 4) {
            errno = EFBIG;
            return false;
        }
        cap *= 2;
    }
}

bool bench_text_read(bench_text *t, const char *path)
{
    errno = 0;
    FILE *f = fopen(path, "re");

    *t = (bench_text){ 0 };
    bool ok = f != NULL && read_all(t, f);
    if (!ok) {
        bench_say("%s: %s", path, strerror(errno));
        bench_text_fini(t);
    } else {
        if (t->len == 0 || t->at[t->len - 1] != '\n')
            t->at[t->len++] = '\n';
        memset(t->at + t->len, 0, WORDS_PAD);
    }
    if (f != NULL)
        fclose(f);
    return ok;
}

void bench_text_fini(bench_text *t)
{
    gi_free(t->at);
    *t = (bench_text){ 0 };
}
