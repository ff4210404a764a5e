/* model.c -- the attempts of a run, what is in them, and what has to be there
 * when they count. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "batches.h"

model m;

/* In which batch that counts a token is; 0: in none. */
static uint64_t counted_in[MAX_SOURCES][MAX_TOKENS];

void wrong(const char *oracle, const char *format, ...)
{
    va_list ap;

    if (m.wrong != NULL)
        return;
    m.wrong = oracle;
    va_start(ap, format);
    vsnprintf(m.words, sizeof(m.words), format, ap);
    va_end(ap);
}

static void *grown(void *at, size_t size)
{
    at = realloc(at, size);
    if (at == NULL)
        abort();
    return at;
}

void model_begin(const scenario *s)
{
    m = (model){ .s = s };
    memset(counted_in, 0, sizeof(counted_in));
}

void model_end(void)
{
    for (uint32_t i = 0; i < m.n; i++) {
        free(m.attempts[i]->items);
        free(m.attempts[i]);
    }
    free(m.attempts);
    free(m.count_of);
    m.attempts = m.count_of = NULL;
}

/* Behind a query a batch may be another when it is done again. */
bool is_promised(state_no state)
{
    gale_spout_kind spout = m.s->spout;

    if (state == STATE_ASKED && spout == GALE_SPOUT_TRANSACTIONAL)
        spout = GALE_SPOUT_OPAQUE;
    switch (m.s->state) {
    case GALE_STATE_OPAQUE:
        return spout != GALE_SPOUT_NON_TRANSACTIONAL;
    case GALE_STATE_TRANSACTIONAL:
        return spout == GALE_SPOUT_TRANSACTIONAL;
    case GALE_STATE_NON_TRANSACTIONAL:
        break;
    }
    return false;
}

/* ------------------------------------------------------------ attempts -- */

attempt *attempt_of(uint64_t number)
{
    for (uint32_t i = m.n; i-- > 0;)
        if (m.attempts[i]->attempt == number)
            return m.attempts[i];
    return NULL;
}

attempt *attempt_begun(uint64_t txid, uint64_t number)
{
    attempt *a = calloc(1, sizeof(*a));

    if (a == NULL)
        abort();
    *a = (attempt){ .txid = txid,
                    .attempt = number,
                    .counted_then = m.counted };
    if (m.n == m.cap) {
        m.cap = m.cap == 0 ? 64 : 2 * m.cap;
        m.attempts = grown(m.attempts, m.cap * sizeof(*m.attempts));
    }
    m.attempts[m.n++] = a;
    return a;
}

void attempt_emitted(uint64_t number, item what)
{
    attempt *a = attempt_of(number);

    if (m.off)
        return;
    if (a == NULL) {
        wrong("emitted", "tokens of attempt %llu, which was never begun",
              (unsigned long long)number);
        return;
    }
    if (a->n == a->cap) {
        a->cap = a->cap == 0 ? 16 : 2 * a->cap;
        a->items = grown(a->items, a->cap * sizeof(*a->items));
    }
    a->items[a->n++] = what;
}

/* A source gives its portion from the start, once more if need be. */
void attempt_restarts(uint64_t number, uint32_t source, uint32_t portion)
{
    attempt *a = attempt_of(number);
    uint32_t n = 0;

    if (a == NULL || m.off)
        return;
    for (uint32_t i = 0; i < a->n; i++)
        if (a->items[i].source != source || a->items[i].portion != portion)
            a->items[n++] = a->items[i];
    a->n = n;
}

/* ----------------------------------------------------------- reckoning -- */

static uint64_t hash_of(uint32_t source, uint32_t token)
{
    return gi_mix64(gi_mix64(m.s->seed + source) + token);
}

uint32_t token_rows(uint32_t source, uint32_t token, int64_t rows[][2])
{
    uint64_t h = hash_of(source, token), keys = m.s->keys;
    int64_t key = (int64_t)(h % keys), amount = 1 + (int64_t)(h >> 32) % 9;
    uint32_t n = 0;

    switch (m.s->shape) {
    case SHAPE_BANK:
        rows[0][0] = key;
        rows[0][1] = -amount;
        rows[1][0] = (int64_t)((h >> 16) % keys);
        rows[1][1] = amount;
        return 2;
    case SHAPE_JOIN:
        rows[0][0] = key;
        rows[0][1] = amount;
        return 1;
    default:
        for (; n <= (h >> 20) % 3; n++) {
            rows[n][0] = (int64_t)(gi_mix64(h + n) % keys);
            rows[n][1] = 1;
        }
        return n;
    }
}

/* A row that the states are kept from. */
static void reckon_row(tally *out, uint32_t *rows_of, int64_t key,
                       int64_t amount)
{
    out->at[STATE_MAIN][key] += amount;
    out->is[STATE_MAIN][key] = true;
    out->at[STATE_HAND][key] += amount;
    out->is[STATE_HAND][key] = true;
    out->at[STATE_TOTAL][0] += amount;
    out->is[STATE_TOTAL][0] = true;
    out->at[STATE_ASKED][key]++;
    out->is[STATE_ASKED][key] = true;
    rows_of[key]++;
}

static void reckon_pairs(tally *out, uint32_t *rows_of, const attempt *a,
                         const item *left)
{
    int64_t l[MAX_ROWS][2], r[MAX_ROWS][2];

    token_rows(0, left->token, l);
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->items[i].source != 1)
            continue;
        token_rows(1, a->items[i].token, r);
        if (l[0][0] == r[0][0])
            reckon_row(out, rows_of, l[0][0], l[0][1] * r[0][1]);
    }
}

void reckon(tally *out, const tally *base, const attempt *a)
{
    uint32_t rows_of[MAX_KEYS] = { 0 };
    int64_t rows[MAX_ROWS][2];

    *out = *base;
    for (uint32_t i = 0; i < a->n; i++) {
        const item *it = &a->items[i];
        uint32_t n;

        if (m.s->shape == SHAPE_JOIN) {
            if (it->source == 0)
                reckon_pairs(out, rows_of, a, it);
            continue;
        }
        n = token_rows(it->source, it->token, rows);
        for (uint32_t k = 0; k < n; k++)
            reckon_row(out, rows_of, rows[k][0], rows[k][1]);
    }
    for (uint32_t k = 0; k < m.s->keys; k++)
        if (rows_of[k] > 0) {
            out->at[STATE_CHAIN][k / 2] += out->at[STATE_MAIN][k];
            out->is[STATE_CHAIN][k / 2] = true;
        }
}

/* ------------------------------------------------------------ counting -- */

static void check_same(const attempt *a, const attempt *b)
{
    bool has[MAX_SOURCES][MAX_TOKENS] = { { false } };

    for (uint32_t i = 0; i < a->n; i++)
        has[a->items[i].source][a->items[i].token] = true;
    for (uint32_t i = 0; i < b->n; i++)
        if (a->n != b->n || !has[b->items[i].source][b->items[i].token])
            wrong("same",
                  "batch %llu had %u tokens in attempt %llu and has others, "
                  "%u, in attempt %llu",
                  (unsigned long long)a->txid, a->n,
                  (unsigned long long)a->attempt, b->n,
                  (unsigned long long)b->attempt);
}

static void take_back(const attempt *a)
{
    for (uint32_t i = 0; i < a->n; i++) {
        counted_in[a->items[i].source][a->items[i].token] = 0;
        m.n_counted[a->items[i].source]--;
    }
}

static void take(const attempt *a)
{
    for (uint32_t i = 0; i < a->n; i++) {
        const item *it = &a->items[i];
        uint64_t *in = &counted_in[it->source][it->token];

        if (*in != 0)
            wrong("twice", "token %u of '%s' is in batch %llu and in %llu",
                  it->token, source_names[it->source], (unsigned long long)*in,
                  (unsigned long long)a->txid);
        *in = a->txid;
        m.n_counted[it->source]++;
    }
}

void model_counts(attempt *a)
{
    if (a->txid >= m.cap_txids) {
        m.cap_txids = 2 * a->txid + 64;
        m.count_of = grown(m.count_of, m.cap_txids * sizeof(*m.count_of));
    }
    if (a->txid == m.counted) {
        take_back(m.count_of[a->txid]);
    } else {
        m.before = m.now;
        m.counted = a->txid;
        m.died = false;
    }
    m.count_of[a->txid] = a;
    take(a);
    reckon(&m.now, &m.before, a);
    for (uint32_t i = 0; i < m.n; i++)
        if (m.s->spout == GALE_SPOUT_TRANSACTIONAL &&
            m.attempts[i]->txid == a->txid && m.attempts[i]->told)
            check_same(m.attempts[i], a);
}

/* ------------------------------------------------------------- the end -- */

void model_check_end(void)
{
    uint32_t total = m.s->partitions * m.s->tokens;
    int64_t sum = 0;

    for (uint32_t i = 0; i < m.s->n_sources; i++)
        if (m.n_counted[i] != total) {
            if (m.s->spout != GALE_SPOUT_NON_TRANSACTIONAL)
                wrong("lost", "%u of the %u tokens of '%s' are counted",
                      m.n_counted[i], total, source_names[i]);
            m.miscounted = true;
        }
    for (int i = 0; i < N_STATES; i++)
        if (m.s->has[i])
            disk_check((state_no)i, "at the end");
    for (uint32_t k = 0; k < m.s->keys; k++)
        sum += m.now.at[STATE_MAIN][k];
    if (m.s->shape == SHAPE_BANK && sum != 0)
        wrong("sum", "all accounts together have %lld", (long long)sum);
}
