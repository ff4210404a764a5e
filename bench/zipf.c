#include "bench/zipf.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/mix.h"
#include "bench/bench.h"

uint32_t zipf_rounds = 1;
uint64_t zipf_counted[ZIPF_KEYS];

static struct {
    char *bytes;
    uint32_t at[ZIPF_LINES + 1]; /* where each line begins */
    uint64_t right[ZIPF_KEYS];   /* in one round */
} text;

static uint32_t draw(gi_rng *rng)
{
    uint64_t log2 = gi_rng_below(rng, 17);
    uint64_t low = UINT64_C(1) << log2, r = low + gi_rng_below(rng, low);

    return (uint32_t)(r <= ZIPF_KEYS ? r - 1 : gi_rng_below(rng, ZIPF_KEYS));
}

bool zipf_make(void)
{
    enum { WORD_MOST = 8 }; /* with the space behind it */
    gi_rng rng = { 20261121 };
    char *to = gi_alloc((size_t)ZIPF_LINES * ZIPF_LINE * WORD_MOST);

    memset(&text, 0, sizeof(text));
    text.bytes = to;
    if (to == NULL)
        return false;
    for (uint32_t i = 0; i < ZIPF_LINES; i++) {
        text.at[i] = (uint32_t)(to - text.bytes);
        for (uint32_t k = 0; k < ZIPF_LINE; k++) {
            uint32_t w = draw(&rng);

            text.right[w]++;
            to += sprintf(to, "w%" PRIu32 " ", w);
        }
        to[-1] = '\n';
    }
    text.at[ZIPF_LINES] = (uint32_t)(to - text.bytes);
    return true;
}

void zipf_free(void)
{
    gi_free(text.bytes);
    text.bytes = NULL;
}

uint64_t zipf_lines(void)
{
    return (uint64_t)ZIPF_LINES * zipf_rounds;
}

uint64_t zipf_words(void)
{
    return zipf_lines() * ZIPF_LINE;
}

gale_str zipf_line(uint64_t i)
{
    uint32_t k = (uint32_t)(i % ZIPF_LINES);

    return (gale_str){ text.bytes + text.at[k],
                       text.at[k + 1] - text.at[k] - 1 };
}

void zipf_forget(void)
{
    memset(zipf_counted, 0, sizeof(zipf_counted));
}

bool zipf_right(const char *side)
{
    for (uint32_t i = 0; i < ZIPF_KEYS; i++)
        if (zipf_counted[i] != text.right[i] * zipf_rounds) {
            bench_say("%s: w%" PRIu32 " is counted %" PRIu64
                      " times, not %" PRIu64,
                      side, i, zipf_counted[i], text.right[i] * zipf_rounds);
            return false;
        }
    return true;
}
