#include "trident/counted.h"

#include <string.h>

#include "base/bytes.h"
#include "state/shelf.h"

/* Names that they have in group 0: remember.h. */
#define KEY(name)                         \
    {                                     \
        "\0\0" name, 2 + sizeof(name) - 1 \
    }

enum { COMMITTED, ATTEMPTS, PARTITION, N_NAMES };
static const gale_str names[N_NAMES] = { KEY("committed"), KEY("attempts"),
                                         KEY("partition/0") };

typedef struct record {
    bool coordinator, source;
    uint64_t committed;
} record;

static gale_err read_record(record *r, const char *dir, const char *topology,
                            const char *state, gale_diag *why)
{
    gale_store_where where = { .topology = topology,
                               .state = state,
                               .count = 1,
                               .place = dir,
                               .read_only = true };
    const gale_store *s = &gale_store_embedded;
    gale_str v[N_NAMES];
    void *self;
    gale_err rv = s->open(&self, &where, why);

    *r = (record){ 0 };
    if (rv != GALE_OK)
        return rv;
    rv = s->get(self, names, N_NAMES, v, why);
    if (rv == GALE_OK) {
        r->coordinator = v[ATTEMPTS].ptr != NULL && v[ATTEMPTS].len == 8;
        r->source = v[PARTITION].ptr != NULL;
        if (v[COMMITTED].ptr != NULL && v[COMMITTED].len == 8)
            r->committed = gi_get_be64(v[COMMITTED].ptr);
    }
    s->close(self);
    return rv;
}

gale_err gi_counted(const char *dir, const char *topology, bool *known,
                    uint64_t *txid, gale_diag *why)
{
    gi_shelf shelf;
    gale_err rv = gi_shelf_read(&shelf, dir, topology, why);

    *known = false;
    if (rv != GALE_OK)
        return rv;
    for (size_t i = 0; rv == GALE_OK && i < shelf.n; i++) {
        record r;

        if (strstr(shelf.at[i].state, "-batches") == NULL)
            continue; /* not as plan_names.c has it */
        rv = read_record(&r, dir, topology, shelf.at[i].state, why);
        if (rv != GALE_OK || !r.coordinator)
            continue;
        *txid = *known && *txid < r.committed ? *txid : r.committed;
        *known = true;
    }
    gi_shelf_fini(&shelf);
    return rv;
}

gale_err gi_counted_is_record(const char *dir, const char *topology,
                              const char *state, bool *is, gale_diag *why)
{
    record r;
    gale_err rv = read_record(&r, dir, topology, state, why);

    *is = rv == GALE_OK && (r.coordinator || r.source);
    return rv;
}
