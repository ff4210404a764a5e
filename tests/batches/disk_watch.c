/* disk_watch.c -- oracles of each write to a state:
 *
 *     fence   it says of which batch it is, and only goes up
 *     early   nothing is changed by a batch of which nobody said commit
 *     value   each key becomes what it was before the batch and what is in
 *             this attempt, whatever an earlier attempt had done to it
 */
#include <stdlib.h>
#include <string.h>

#include "batches.h"
#include "state/codec.h"
#include "state/fence.h"

#define ULL(x) ((unsigned long long)(x))

static gi_values scratch;

/* Room for one row is had before memory fails on purpose, and not when an
 * earlier run of the process happened to need it: what fails is counted. */
void disk_watch_begin(void)
{
    if (gi_row_read(&scratch, (gale_str){ "", 0 }) != GALE_OK)
        abort();
}

static bool number_of(gale_str bytes, int64_t *out)
{
    scratch.len = 0;
    if (gi_row_read(&scratch, bytes) != GALE_OK || scratch.len != 1 ||
        scratch.at[0].type != GALE_T_I64)
        return false;
    *out = scratch.at[0].as.i;
    return true;
}

bool pair_read(state_no state, gale_str key, gale_str value, uint32_t *k,
               int64_t *v)
{
    gale_str row = { key.ptr + GI_STORED_GROUP, key.len - GI_STORED_GROUP };
    int64_t at = 0;

    if (gi_stored_is_fence(key))
        return false;
    if (state != STATE_TOTAL && !number_of(row, &at))
        return false;
    *v = 0;
    *k = (uint32_t)at;
    return at >= 0 && at < MAX_KEYS &&
           (value.ptr == NULL || number_of(value, v));
}

/* The batch that it says it is of; NULL: it does not say. */
static const attempt *attempt_in(state_no state, const gale_change *c,
                                 size_t n)
{
    const attempt *a = NULL;
    gi_fence f;

    for (size_t i = 0; i < n; i++) {
        if (!gi_stored_is_fence(c[i].key) || c[i].key.len != GI_FENCE_KEY ||
            c[i].value.ptr == NULL)
            continue;
        if (!gi_fence_read(&f, c[i].value)) {
            wrong("fence", "a fence of '%s' is none", state_names[state]);
            return NULL;
        }
        a = attempt_of(f.attempt);
        if (a == NULL || a->txid != f.txid)
            wrong("fence",
                  "'%s' is written as attempt %llu of batch %llu, "
                  "which there never was",
                  state_names[state], ULL(f.attempt), ULL(f.txid));
    }
    return a;
}

static void check_pair(state_no state, const attempt *a, const tally *should,
                       const gale_change *c)
{
    int64_t v;
    uint32_t k;

    if (gi_stored_is_fence(c->key))
        return;
    if (!pair_read(state, c->key, c->value, &k, &v)) {
        wrong("value", "something is written to '%s' that is no key and value",
              state_names[state]);
        return;
    }
    if (v != should->at[state][k] ||
        ((c->value.ptr != NULL) != should->is[state][k] &&
         state != STATE_TOTAL))
        wrong("value",
              "batch %llu, attempt %llu makes key %u of '%s' %lld, not %lld",
              ULL(a->txid), ULL(a->attempt), k, state_names[state],
              (long long)v, (long long)should->at[state][k]);
}

void write_check(state_no state, const gale_change *c, size_t n)
{
    const attempt *a;
    tally should;

    if (!is_promised(state))
        return;
    a = attempt_in(state, c, n);
    if (m.wrong != NULL)
        return;
    if (a == NULL) {
        wrong("fence", "'%s' is written without a word of which batch",
              state_names[state]);
        return;
    }
    if (!a->told || (a->txid != m.counted + 1 && a->txid != m.counted)) {
        wrong("early",
              "'%s' is written by batch %llu, attempt %llu, which %s, when "
              "%llu have counted",
              state_names[state], ULL(a->txid), ULL(a->attempt),
              a->told ? "was told to" : "nobody told to", ULL(m.counted));
        return;
    }
    reckon(&should, a->txid == m.counted ? &m.before : &m.now, a);
    if (a->txid == m.counted && a->counted_then < m.counted)
        should = m.now; /* it is over: nothing may change any more */
    for (size_t i = 0; i < n; i++)
        check_pair(state, a, &should, &c[i]);
}
