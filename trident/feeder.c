/* feeder.c -- the side of those who give. */
#include <errno.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/env.h"
#include "base/mem.h"
#include "trident/feed.h"
#include "trident/op.h"

enum { SINGLES = 1000, ROWS_FIRST = 16 };

/* ----------------------------------------------------------------- batches */

static void free_fed(gi_fed *b)
{
    gi_pool_fini(&b->pool);
    gi_free(b->rows);
    gi_free(b);
}

static void free_all(gi_fed *b)
{
    while (b != NULL) {
        gi_fed *next = b->next;

        free_fed(b);
        b = next;
    }
}

static bool append(gi_fed *b, gale_row row)
{
    if (b->n == b->cap) {
        size_t cap = b->cap == 0 ? ROWS_FIRST : 2 * b->cap;
        gale_row *rows = gi_realloc(b->rows, cap * sizeof(*rows));

        if (rows == NULL)
            return false;
        b->rows = rows;
        b->cap = cap;
    }
    if (!gi_row_copy(&b->pool, row, &b->rows[b->n]))
        return false;
    b->n++;
    return true;
}

gi_fed *gi_feed_from(gale_feeder *f, uint64_t no)
{
    gi_fed *b = f->first;

    while (b != NULL && b->no < no)
        b = b->next;
    return b;
}

void gi_feed_counted(gale_feeder *f, uint64_t txid)
{
    bool any = false;

    while (f->first != NULL && f->first->txid != 0 && f->first->txid <= txid) {
        gi_fed *b = f->first;

        any = true;
        f->first = b->next;
        if (f->first == NULL)
            f->last = NULL;
        if (b->users == 0) {
            free_fed(b);
            continue;
        }
        b->dropped = true;
        b->next = f->dropped;
        f->dropped = b;
    }
    if (any)
        pthread_cond_broadcast(&f->counted);
}

void gi_feed_leave(gale_feeder *f, gi_fed *b)
{
    gi_fed **at = &f->dropped;

    if (--b->users > 0 || !b->dropped)
        return;
    while (*at != b)
        at = &(*at)->next;
    *at = b->next;
    free_fed(b);
}

/* -------------------------------------------------------- made and unmade */

static bool init_locks(gale_feeder *f)
{
    pthread_condattr_t attr;
    bool well;

    if (pthread_condattr_init(&attr) != 0)
        return false;
    well = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
           pthread_cond_init(&f->counted, &attr) == 0;
    pthread_condattr_destroy(&attr);
    if (well && pthread_mutex_init(&f->mtx, NULL) != 0) {
        pthread_cond_destroy(&f->counted);
        well = false;
    }
    return well;
}

gale_err gale_feeder_create(gale_feeder **out, gale_spout_kind kind,
                            const gale_field *fields)
{
    gale_feeder *f;

    if ((unsigned)kind > GALE_SPOUT_NON_TRANSACTIONAL ||
        gi_fields_count(fields) == 0)
        return GALE_EINVAL;
    f = gi_alloc(sizeof(*f));
    if (f == NULL)
        return GALE_ENOMEM;
    if (!init_locks(f)) {
        gi_free(f);
        return GALE_ENOMEM;
    }
    f->fields = fields;
    f->n_fields = gi_fields_count(fields);
    f->id = gi_env_real.entropy(gi_env_real.arg);
    gi_feeder_init(f, kind);
    *out = f;
    return GALE_OK;
}

void gale_feeder_destroy(gale_feeder *f)
{
    if (f == NULL)
        return;
    free_all(f->first);
    free_all(f->dropped);
    pthread_cond_destroy(&f->counted);
    pthread_mutex_destroy(&f->mtx);
    gi_free(f);
}

const gale_batch_spout *gale_feeder_spout(const gale_feeder *f)
{
    return &f->spout;
}

/* ------------------------------------------------------------------ giving */

static bool row_fits(const gale_feeder *f, gale_row row, size_t i,
                     gale_diag *why)
{
    if (row.n != f->n_fields) {
        gi_diag_say(why,
                    "row %zu has %zu values, but there are %" PRIu32 " fields",
                    i, row.n, f->n_fields);
        return false;
    }
    for (uint32_t k = 0; k < f->n_fields; k++)
        if (!gi_field_takes(&f->fields[k], &row.values[k])) {
            gi_diag_say(
                why, "row %zu: field '%.100s' is %s, but the value is %s%s", i,
                f->fields[k].name, gale_type_name(f->fields[k].type),
                gale_type_name(row.values[k].type),
                row.values[k].type == (uint32_t)f->fields[k].type
                    ? ", whose bytes are not one whole value"
                    : "");
            return false;
        }
    return true;
}

static gale_err check(const gale_feeder *f, const gale_row *rows, size_t n,
                      gale_diag *why)
{
    for (size_t i = 0; i < n; i++)
        if (!row_fits(f, rows[i], i, why))
            return GALE_EINVAL;
    return GALE_OK;
}

static gi_fed *make(const gale_row *rows, size_t n, gale_diag *why)
{
    gi_fed *b = gi_alloc(sizeof(*b));
    bool well = b != NULL;

    for (size_t i = 0; i < n && well; i++)
        well = append(b, rows[i]);
    if (well)
        return b;
    if (b != NULL)
        free_fed(b);
    gi_diag_say(why, "out of memory");
    return NULL;
}

/* Behind the others; `b` is taken. */
static gale_err enqueue_locked(gale_feeder *f, gi_fed *b, gale_diag *why)
{
    if (f->ended) {
        free_fed(b);
        gi_diag_say(why, "no more can be given: gale_feeder_end was called");
        return GALE_EINVAL;
    }
    b->no = ++f->given;
    if (f->last == NULL)
        f->first = b;
    else
        f->last->next = b;
    f->last = b;
    if (f->coordinator != NULL)
        gale_task_wake(f->coordinator);
    return GALE_OK;
}

gale_err gale_feeder_give(gale_feeder *f, const gale_row *rows, size_t n,
                          uint64_t *no, gale_diag *why)
{
    gale_err rv = check(f, rows, n, why);
    gi_fed *b;

    if (rv != GALE_OK)
        return rv;
    b = make(rows, n, why);
    if (b == NULL)
        return GALE_ENOMEM;
    pthread_mutex_lock(&f->mtx);
    rv = enqueue_locked(f, b, why);
    if (rv == GALE_OK && no != NULL)
        *no = f->given;
    pthread_mutex_unlock(&f->mtx);
    return rv;
}

static gale_err add_locked(gale_feeder *f, gale_row row, gale_diag *why)
{
    gi_fed *b = f->last;

    if (b != NULL && b->single && !b->begun && !f->ended && b->n < SINGLES) {
        if (append(b, row))
            return GALE_OK;
        gi_diag_say(why, "out of memory");
        return GALE_ENOMEM;
    }
    b = make(&row, 1, why);
    if (b == NULL)
        return GALE_ENOMEM;
    b->single = true;
    return enqueue_locked(f, b, why);
}

gale_err gale_feeder_add(gale_feeder *f, gale_row row, uint64_t *no,
                         gale_diag *why)
{
    gale_err rv = check(f, &row, 1, why);

    if (rv != GALE_OK)
        return rv;
    pthread_mutex_lock(&f->mtx);
    rv = add_locked(f, row, why);
    if (rv == GALE_OK && no != NULL)
        *no = f->given;
    pthread_mutex_unlock(&f->mtx);
    return rv;
}

void gale_feeder_end(gale_feeder *f)
{
    pthread_mutex_lock(&f->mtx);
    f->ended = true;
    if (f->coordinator != NULL)
        gale_task_wake(f->coordinator);
    pthread_mutex_unlock(&f->mtx);
}

/* ----------------------------------------------------------------- waiting */

gale_err gale_feeder_wait(gale_feeder *f, uint64_t no, int64_t timeout_ms)
{
    struct timespec until = gi_clock_in_ms(timeout_ms > 0 ? timeout_ms : 0);
    bool late = false, left;

    pthread_mutex_lock(&f->mtx);
    if (no == 0 || no > f->given)
        no = f->given;
    while ((left = f->first != NULL && f->first->no <= no) && !late)
        late = pthread_cond_timedwait(&f->counted, &f->mtx, &until) != 0;
    pthread_mutex_unlock(&f->mtx);
    return left ? GALE_ETIME : GALE_OK;
}

size_t gale_feeder_left(gale_feeder *f)
{
    size_t n = 0;

    pthread_mutex_lock(&f->mtx);
    for (const gi_fed *b = f->first; b != NULL; b = b->next)
        n++;
    pthread_mutex_unlock(&f->mtx);
    return n;
}
