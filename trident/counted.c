#include "trident/counted.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "state/shelf.h"

void gi_counted_name(char name[GALE_STATE_KEY_MOST], const char *state)
{
    snprintf(name, GALE_STATE_KEY_MOST, "state/%.400s", state);
}

/* As remember.h has them: two bytes of a group, then the name. */
typedef struct noted {
    char key[2 + GALE_STATE_KEY_MOST];
    gale_str value;
} noted;

static gale_err open_record(void **self, const char *dir, const char *topology,
                            const char *state, gale_diag *why)
{
    gale_store_where where = { .topology = topology,
                               .state = state,
                               .count = 1,
                               .place = dir,
                               .read_only = true };

    return gale_store_embedded.open(self, &where, why);
}

/* A number that is noted there; *there: there is one. */
static gale_err read_number(void *self, uint32_t group, const char *name,
                            bool *there, uint64_t *v, gale_diag *why)
{
    char bytes[2 + GALE_STATE_KEY_MOST];
    gale_str key = { bytes, 2 }, value = { NULL, 0 };
    gale_err rv;

    gi_put_be16(bytes, (uint16_t)group);
    key.len += (uint32_t)snprintf(bytes + 2, GALE_STATE_KEY_MOST, "%s", name);
    rv = gale_store_embedded.get(self, &key, 1, &value, why);
    *there = rv == GALE_OK && value.ptr != NULL && value.len == 8;
    *v = *there ? gi_get_be64(value.ptr) : 0;
    return rv;
}

/* Of a coordinator that leads the state: up to where all counts. */
static gale_err read_leader(const char *dir, const char *topology,
                            const char *record, const char *state, bool *leads,
                            uint64_t *committed, gale_diag *why)
{
    char name[GALE_STATE_KEY_MOST];
    uint64_t one;
    bool any;
    void *self;
    gale_err rv = open_record(&self, dir, topology, record, why);

    if (rv != GALE_OK)
        return rv;
    gi_counted_name(name, state);
    rv = read_number(self, 0, name, leads, &one, why);
    if (rv == GALE_OK)
        rv = read_number(self, 0, "committed", &any, committed, why);
    gale_store_embedded.close(self);
    return rv;
}

gale_err gi_counted(const char *dir, const char *topology, const char *state,
                    bool *known, uint64_t *txid, gale_diag *why)
{
    gi_shelf shelf;
    gale_err rv = gi_shelf_read(&shelf, dir, topology, why);

    *known = false;
    if (rv != GALE_OK)
        return rv;
    for (size_t i = 0; rv == GALE_OK && i < shelf.n; i++) {
        const char *record = shelf.at[i].state;
        uint64_t committed;
        bool leads;

        if (strstr(record, "-batches") == NULL)
            continue; /* not as plan_names.c has it */
        rv =
            read_leader(dir, topology, record, state, &leads, &committed, why);
        if (rv != GALE_OK || !leads)
            continue;
        *txid = *known && *txid < committed ? *txid : committed;
        *known = true;
    }
    gi_shelf_fini(&shelf);
    return rv;
}

/* Coordinators, also of requests, have their attempts on record; a task of a
 * source has its last one under the first of its groups. */
gale_err gi_counted_is_record(const char *dir, const char *topology,
                              const char *state, bool *is, gale_diag *why)
{
    uint64_t attempt;
    void *self;
    gale_err rv = open_record(&self, dir, topology, state, why);

    *is = false;
    if (rv != GALE_OK)
        return rv;
    rv = read_number(self, 0, "attempts", is, &attempt, why);
    for (uint32_t g = 0; rv == GALE_OK && !*is && g < GALE_STATE_GROUPS; g++)
        rv = read_number(self, g, "attempt", is, &attempt, why);
    gale_store_embedded.close(self);
    return rv;
}
