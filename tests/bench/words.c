/* words.c -- the tokenizer that wordcount's sides share, both versions of it,
 * against one that looks at a byte at a time. */
#include "bench/cut.c"

#include <stdio.h>
#include <stdlib.h>

#include "base/mix.h"

enum { TEXT = 1000, ROUNDS = 20000 };

typedef size_t (*cutter)(const char *text, size_t from, size_t end,
                         bool *in_word, uint32_t *cuts);

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t cut_slowly(const char *text, size_t from, size_t end,
                         bool *in_word, uint32_t *cuts)
{
    size_t n = 0;

    for (size_t i = from; i < end; i++)
        if (is_letter(text[i]) != *in_word) {
            *in_word = !*in_word;
            cuts[n++] = (uint32_t)i;
        }
    return n;
}

/* Bytes at the edges of what is a letter, letters, and anything. */
static char draw(gi_rng *rng)
{
    static const char edges[] = "@AZ[`az{\xc1\xda\xe1\xfa ";

    switch (gi_rng_below(rng, 4)) {
    case 0:
        return edges[gi_rng_below(rng, sizeof(edges))];
    case 1:
        return (char)gi_rng_next(rng);
    default:
        return (char)('a' + gi_rng_below(rng, 26));
    }
}

/* In one go or in two: cuts are the same. */
static bool agrees(cutter cut, const char *text, size_t end, size_t middle,
                   const uint32_t *want, size_t n_want)
{
    static uint32_t cuts[TEXT];
    bool in_word = false;
    size_t n = cut(text, 0, middle, &in_word, cuts);

    n += cut(text, middle, end, &in_word, cuts + n);
    return n == n_want && !in_word &&
           memcmp(cuts, want, n * sizeof(*cuts)) == 0;
}

static bool keys_agree(const char *text, const uint32_t *cuts, size_t n)
{
    char small[TEXT];

    for (size_t i = 0; i < n; i += 2) {
        uint32_t len = cuts[i + 1] - cuts[i];

        if (len > 16)
            continue;
        words_lower(small, text + cuts[i], len);
        words_key a = words_key_of(small, len);
        words_key b = words_key_padded(text + cuts[i], len);
        if (a.lo != b.lo || a.hi != b.hi)
            return false;
    }
    return true;
}

int main(void)
{
    static char text[TEXT + WORDS_PAD];
    static uint32_t want[TEXT];
    gi_rng rng = { 7 };

    for (int round = 0; round < ROUNDS; round++) {
        size_t end = 1 + gi_rng_below(&rng, TEXT - 1);
        size_t middle = gi_rng_below(&rng, end / 64 + 1) * 64;
        bool in_word = false;

        for (size_t i = 0; i < end + WORDS_PAD; i++)
            text[i] = draw(&rng);
        text[end - 1] = '\n';
        size_t n = cut_slowly(text, 0, end, &in_word, want);
        if (!agrees(words_cut, text, end, middle, want, n) ||
            !agrees(cut_plain, text, end, middle, want, n) ||
            !keys_agree(text, want, n)) {
            fprintf(stderr, "round %d: a text is cut wrongly\n", round);
            return 1;
        }
    }
    return 0;
}
