#include "bench/bare.h"

#include <ctype.h>

#include "base/mem.h"

/* ---------------------------------------------------------------- fast -- */

static void count_word(words_table *t, const char *w, uint32_t len)
{
    char small[256];

    if (__builtin_expect(len <= 16, 1)) {
        words_add_key(t, words_key_padded(w, len), 1);
        return;
    }
    /* So long a word is no word, but it has to come out the same. */
    char *room = len <= sizeof(small) ? small : gi_alloc(len);

    if (room == NULL) {
        t->failed = true;
        return;
    }
    words_lower(room, w, len);
    words_add_rare(t, room, len, 1);
    if (room != small)
        gi_free(room);
}

/* The beginning of a word that goes on in the next chunk is carried over. */
void bare_count(words_table *t, const bench_text *text, uint32_t *cuts)
{
    bool in_word = false;
    size_t open = 0;

    for (size_t from = 0; from < text->len; from += BARE_CHUNK) {
        size_t end =
            from + BARE_CHUNK < text->len ? from + BARE_CHUNK : text->len;
        size_t n =
            open + words_cut(text->at, from, end, &in_word, cuts + open);

        for (size_t i = 0; i + 1 < n; i += 2)
            count_word(t, text->at + cuts[i], cuts[i + 1] - cuts[i]);
        open = n % 2;
        if (open)
            cuts[0] = cuts[n - 1];
    }
}

/* -------------------------------------------------------------- simple -- */

struct entry {
    char *word; /* NULL: empty */
    uint64_t n;
};

struct simple {
    struct entry *at;
    size_t mask; /* places - 1 */
    char *word;  /* room for the longest there can be */
    bool failed;
};

static void simple_add(struct simple *s, uint32_t hash)
{
    for (size_t i = hash & s->mask;; i = (i + 1) & s->mask) {
        struct entry *e = &s->at[i];

        if (e->word == NULL && (e->word = gi_strdup(s->word)) == NULL) {
            s->failed = true;
            return;
        }
        if (strcmp(e->word, s->word) == 0) {
            e->n++;
            return;
        }
    }
}

static void simple_pass(struct simple *s, const bench_text *text)
{
    const uint32_t first = 2166136261u;
    uint32_t hash = first;
    size_t len = 0;

    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->at[i];

        if (isalpha(c)) {
            s->word[len] = (char)tolower(c);
            hash = (hash ^ (unsigned char)s->word[len++]) * 16777619u;
        } else if (len > 0) {
            s->word[len] = '\0';
            simple_add(s, hash);
            len = 0;
            hash = first;
        }
    }
}

static void hand_over(words_table *t, const struct entry *e)
{
    size_t len = strlen(e->word);

    if (len <= 16)
        words_add_key(t, words_key_of(e->word, (uint32_t)len), e->n);
    else
        words_add_rare(t, e->word, (uint32_t)len, e->n);
}

void bare_count_simply(words_table *t, const bench_text *text, size_t places,
                       uint32_t rounds)
{
    struct simple s = { .mask = places - 1 };

    s.at = gi_calloc(places, sizeof(*s.at));
    s.word = gi_alloc(text->len + 1);
    s.failed = s.at == NULL || s.word == NULL;
    for (uint32_t i = 0; !s.failed && i < rounds; i++)
        simple_pass(&s, text);
    t->failed |= s.failed;
    for (size_t i = 0; s.at != NULL && i < places; i++) {
        if (s.at[i].word != NULL)
            hand_over(t, &s.at[i]);
        gi_free(s.at[i].word);
    }
    gi_free(s.word);
    gi_free(s.at);
}
