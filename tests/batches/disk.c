/* disk.c -- the store of a run: what is in it outlives the process, calls of
 * it fail, and the power may go in the midst of a write, which is then there
 * or not.  Below it may be the embedded store; what that answers has to be
 * what was written. */
#define _GNU_SOURCE /* nftw */
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batches.h"
#include "house.h"
#include "local/sim/virtual.h"

enum { DIR_MOST = 80 };

typedef struct handle {
    house *h;
    uint32_t from, to; /* groups */
    bool read_only, lost;
    void *inner; /* of the embedded store */
    struct handle *next;
} handle;

static struct {
    const scenario *s;
    house *houses;
    handle *handles; /* open ones, and those of tasks that died */
    gi_rng rng;
    bool calm; /* nothing fails any more */
    bool dead;
    uint64_t writes, power_write;
    uint64_t faults[N_DISK];
    char dir[DIR_MOST];
} d;

static house *house_of(const char *state)
{
    house *h = d.houses;

    while (h != NULL && strcmp(h->state, state) != 0)
        h = h->next;
    if (h != NULL)
        return h;
    h = calloc(1, sizeof(*h));
    if (h == NULL || (h->state = strdup(state)) == NULL)
        abort();
    h->next = d.houses;
    return d.houses = h;
}

/* -------------------------------------------------------------- faults -- */

static bool fails(int kind, uint32_t often)
{
    bool does = !d.calm && gi_rng_below(&d.rng, 10000) < often;

    d.faults[kind] += does;
    return does;
}

static gale_err refuse(gale_diag *why, const char *words)
{
    if (why != NULL)
        snprintf(why->text, sizeof(why->text), "%s", words);
    return GALE_EIO;
}

static gale_err check(const handle *x, gale_diag *why)
{
    return d.dead    ? refuse(why, "there is no power")
           : x->lost ? refuse(why, "somebody else has it")
                     : GALE_OK;
}

/* ------------------------------------------------------------- a store -- */

static gale_err open_inner(handle *x, const gale_store_where *where,
                           gale_diag *why)
{
    gale_store_where w = *where;

    if (d.dir[0] == '\0')
        return GALE_OK;
    w.place = d.dir;
    return gale_store_embedded.open(&x->inner, &w, why);
}

static gale_err disk_open(void **out, const gale_store_where *where,
                          gale_diag *why)
{
    handle *x;
    gale_err rv;

    if (d.dead || fails(DISK_OPEN, d.s->open))
        return refuse(why, "the store cannot be opened");
    x = calloc(1, sizeof(*x));
    if (x == NULL)
        return GALE_ENOMEM;
    x->h = house_of(where->state);
    x->read_only = where->read_only;
    gale_state_range(where->index, where->count, &x->from, &x->to);
    rv = open_inner(x, where, why);
    if (rv != GALE_OK) {
        free(x);
        return rv;
    }
    for (handle *y = d.handles; y != NULL; y = y->next)
        if (!x->read_only && !y->read_only && y->h == x->h &&
            y->from < x->to && x->from < y->to)
            y->lost = true;
    x->next = d.handles;
    d.handles = x;
    *out = x;
    return GALE_OK;
}

static void close_inner(handle *x)
{
    if (x->inner != NULL)
        gale_store_embedded.close(x->inner);
    x->inner = NULL;
}

static void disk_close(void *self)
{
    handle *x = self;

    for (handle **at = &d.handles; *at != NULL; at = &(*at)->next)
        if (*at == x) {
            *at = x->next;
            close_inner(x);
            free(x);
            return;
        }
}

static bool same(gale_str a, gale_str b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) &&
           (a.ptr == NULL ||
            (a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0));
}

static gale_err disk_get(void *self, const gale_str *keys, size_t n,
                         gale_str *values, gale_diag *why)
{
    const handle *x = self;
    gale_err rv = check(x, why);

    if (rv == GALE_OK && fails(DISK_GET, d.s->get))
        rv = refuse(why, "it cannot be read");
    if (rv == GALE_OK && x->inner != NULL)
        rv = gale_store_embedded.get(x->inner, keys, n, values, why);
    for (size_t i = 0; rv == GALE_OK && i < n; i++) {
        const entry *e = house_entry(x->h, keys[i]);
        gale_str v = { NULL, 0 };

        if (e != NULL)
            v = (gale_str){ e->value, e->len };
        if (x->inner != NULL && !x->read_only && !same(values[i], v))
            wrong("store",
                  "of a key of '%s' the store has not what was "
                  "written",
                  x->h->state);
        values[i] = v;
    }
    return rv;
}

static gale_err disk_scan(void *self, gale_str prefix, gale_store_pair pair,
                          void *arg, gale_diag *why)
{
    const handle *x = self;
    gale_err rv = check(x, why);

    if (rv == GALE_OK && x->inner != NULL)
        return gale_store_embedded.scan(x->inner, prefix, pair, arg, why);
    for (uint32_t i = house_find(x->h, prefix); rv == GALE_OK && i < x->h->n;
         i++) {
        const entry *e = &x->h->at[i];
        uint32_t group =
            (uint32_t)(unsigned char)e->key[0] << 8 | (unsigned char)e->key[1];

        if (e->key_len < prefix.len ||
            memcmp(e->key, prefix.ptr, prefix.len) != 0)
            break;
        if (group >= x->from && group < x->to)
            rv = pair(arg, (gale_str){ e->key, e->key_len },
                      (gale_str){ e->value, e->len });
    }
    return rv;
}

static void watch_write(const house *h, const gale_change *c, size_t n)
{
    for (int i = 0; i < N_STATES; i++)
        if (strcmp(h->state, state_names[i]) == 0)
            write_check((state_no)i, c, n);
}

/* Nothing happened, if it finds no memory; else it may not fail. */
static gale_err do_write(handle *x, const gale_change *c, size_t n,
                         gale_diag *why)
{
    gale_err rv = GALE_OK;

    watch_write(x->h, c, n);
    if (x->inner != NULL)
        rv = gale_store_embedded.write(x->inner, c, n, why);
    if (rv == GALE_OK)
        house_apply(x->h, c, n);
    else if (rv != GALE_ENOMEM)
        wrong("store", "a write failed: %.300s", why->text);
    return rv;
}

static gale_err disk_write(void *self, const gale_change *c, size_t n,
                           gale_diag *why)
{
    handle *x = self;
    gale_err rv = check(x, why);

    if (rv != GALE_OK)
        return rv;
    if (d.s->write_ms > 0)
        gi_virtual_pass(
            (int64_t)gi_rng_below(&d.rng, d.s->write_ms * UINT64_C(1000000)));
    if (++d.writes == d.power_write) {
        if (gi_rng_below(&d.rng, 2) == 0)
            (void)do_write(x, c, n, why);
        d.dead = m.off = true;
        d.faults[DISK_POWER]++;
        return refuse(why, "the power went");
    }
    if (fails(DISK_BEFORE, d.s->before))
        return refuse(why, "it cannot be written");
    rv = do_write(x, c, n, why);
    if (rv != GALE_OK)
        return rv;
    return fails(DISK_AFTER, d.s->after) ? refuse(why, "nobody knows whether "
                                                       "it was written")
                                         : GALE_OK;
}

const gale_store watched_store = {
    .name = "watched",
    .durable = true,
    .open = disk_open,
    .get = disk_get,
    .write = disk_write,
    .scan = disk_scan,
    .close = disk_close,
};

/* --------------------------------------------------------------- lives -- */

static char place[48]; /* where the directories of runs are; "": usual */

static const char *usual_place(void)
{
    return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

static void make_dir(char to[DIR_MOST], const char *in)
{
    snprintf(to, DIR_MOST, "%s/trident-sim-XXXXXX", in);
    if (mkdtemp(to) == NULL) {
        perror(to);
        exit(3);
    }
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

void disk_place_begin(void)
{
    char dir[DIR_MOST];

    make_dir(dir, usual_place());
    snprintf(place, sizeof(place), "%.47s", dir);
}

void disk_place_end(void)
{
    nftw(place, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    place[0] = '\0';
}

void disk_begin(const scenario *s)
{
    memset(&d, 0, sizeof(d));
    d.s = s;
    d.rng.at = gi_mix64(s->seed ^ UINT64_C(0x6469736b));
    disk_watch_begin();
    if (!s->files)
        return;
    make_dir(d.dir, place[0] != '\0' ? place : usual_place());
}

void disk_end(void)
{
    while (d.houses != NULL) {
        house *h = d.houses;

        d.houses = h->next;
        house_destroy(h);
    }
    if (d.dir[0] != '\0')
        nftw(d.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void disk_power_on(const life *l)
{
    d.dead = false;
    d.calm = false;
    d.power_write = l->power_write == 0 ? 0 : d.writes + l->power_write;
}

void disk_calm(void)
{
    d.calm = true;
}

/* Nobody closes anything: what is open is taken away. */
void disk_power_off(void)
{
    d.dead = true;
    for (handle *x = d.handles; x != NULL; x = x->next)
        close_inner(x);
}

/* The process is gone, and with it what tasks that died had left open. */
void disk_forget(void)
{
    while (d.handles != NULL)
        disk_close(d.handles);
}

bool disk_is_dead(void)
{
    return d.dead;
}

uint64_t disk_faults(int kind)
{
    return d.faults[kind];
}

uint64_t disk_hash(void)
{
    uint64_t hash = 0;

    for (const house *h = d.houses; h != NULL; h = h->next)
        for (uint32_t i = 0; i < h->n; i++) {
            const entry *e = &h->at[i];

            for (uint32_t k = 0; k < e->key_len; k++)
                hash = gi_mix64(hash + (unsigned char)e->key[k] + 1);
            for (uint32_t k = 0; k < e->len; k++)
                hash = gi_mix64(hash + (unsigned char)e->value[k] + 1);
        }
    return hash;
}

/* ------------------------------------------------------------ checking -- */

/* A total that was never touched is as good as 0. */
static bool differs(state_no state, const tally *v, uint32_t k, bool is,
                    int64_t at)
{
    if (v->at[state][k] != at)
        return true;
    return v->is[state][k] != is && state != STATE_TOTAL;
}

void disk_check(state_no state, const char *when)
{
    tally has = { .is = { { false } } };
    const house *h = house_of(state_names[state]);

    for (uint32_t i = 0; i < h->n; i++) {
        const entry *e = &h->at[i];
        uint32_t k;
        int64_t v;

        if (!pair_read(state, (gale_str){ e->key, e->key_len },
                       (gale_str){ e->value, e->len }, &k, &v))
            continue;
        has.at[state][k] = v;
        has.is[state][k] = true;
    }
    for (uint32_t k = 0; k < m.s->keys; k++) {
        if (!differs(state, &m.now, k, has.is[state][k], has.at[state][k]))
            continue;
        if (is_promised(state))
            wrong("state", "%s %llu: '%s' has %lld of key %u, not %lld", when,
                  (unsigned long long)m.counted, state_names[state],
                  (long long)has.at[state][k], k,
                  (long long)m.now.at[state][k]);
        else
            m.miscounted = true;
    }
}
