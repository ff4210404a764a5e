#include "base/conf.h"

#include "base/mem.h"
#include "base/scalar.h"

/* Entries stand in the order in which they were first set; beside them an
 * index finds a key's entry: open addressing, at most half full, 0 for an
 * empty place and else an entry's number plus one.  Nothing is ever removed,
 * so there are no gaps to close. */
struct entry {
    char *key, *value, *from;
};

struct gi_conf {
    const gi_conf *parent;
    struct entry *entries;
    uint32_t *index;
    uint32_t n, n_places; /* entries has n_places / 2 of them */
};

static uint32_t hash(const char *key)
{
    uint32_t h = 2166136261u; /* FNV-1a */

    for (; *key != '\0'; key++)
        h = (h ^ (unsigned char)*key) * 16777619u;
    return h;
}

/* Where `key` stands in the index, or the empty place where it would. */
static uint32_t *place_of(const gi_conf *c, const char *key)
{
    uint32_t at = hash(key) & (c->n_places - 1);

    while (c->index[at] != 0 &&
           strcmp(c->entries[c->index[at] - 1].key, key) != 0)
        at = (at + 1) & (c->n_places - 1);
    return &c->index[at];
}

static const struct entry *find_own(const gi_conf *c, const char *key)
{
    uint32_t no = c->n == 0 ? 0 : *place_of(c, key);

    return no == 0 ? NULL : &c->entries[no - 1];
}

static const struct entry *find(const gi_conf *c, const char *key)
{
    const struct entry *e = NULL;

    for (; c != NULL && e == NULL; c = c->parent)
        e = find_own(c, key);
    return e;
}

static bool make_room(gi_conf *c)
{
    if (c->n < c->n_places / 2)
        return true;
    if (c->n_places > UINT32_MAX / 4)
        return false;

    uint32_t n_places = c->n_places == 0 ? 32 : 2 * c->n_places;
    uint32_t *index = gi_calloc(n_places, sizeof(*index));
    struct entry *entries =
        index == NULL
            ? NULL
            : gi_realloc(c->entries, n_places / 2 * sizeof(*entries));
    if (entries == NULL) {
        gi_free(index);
        return false;
    }
    gi_free(c->index);
    c->index = index;
    c->entries = entries;
    c->n_places = n_places;
    for (uint32_t i = 0; i < c->n; i++)
        *place_of(c, c->entries[i].key) = i + 1;
    return true;
}

gale_err gi_conf_create(gi_conf **out, const gi_conf *parent)
{
    gi_conf *c = gi_alloc(sizeof(*c));

    if (c == NULL)
        return GALE_ENOMEM;
    c->parent = parent;
    *out = c;
    return GALE_OK;
}

static void entry_fini(struct entry *e)
{
    gi_free(e->key);
    gi_free(e->value);
    gi_free(e->from);
}

void gi_conf_destroy(gi_conf *c)
{
    if (c == NULL)
        return;
    for (uint32_t i = 0; i < c->n; i++)
        entry_fini(&c->entries[i]);
    gi_free(c->entries);
    gi_free(c->index);
    gi_free(c);
}

gale_err gi_conf_set(gi_conf *c, const char *key, const char *value,
                     const char *from)
{
    struct entry e = { gi_strdup(key), gi_strdup(value), gi_strdup(from) };

    if (e.key == NULL || e.value == NULL || e.from == NULL || !make_room(c)) {
        entry_fini(&e);
        return GALE_ENOMEM;
    }

    uint32_t *place = place_of(c, key);
    if (*place == 0)
        *place = ++c->n;
    else
        entry_fini(&c->entries[*place - 1]);
    c->entries[*place - 1] = e;
    return GALE_OK;
}

gale_err gi_conf_set_pair(gi_conf *c, const char *pair, const char *from,
                          gi_report *r)
{
    const char *equals = strchr(pair, '=');

    if (equals == NULL || equals == pair) {
        gi_report_add(r, "'%s' (%s) is not of the form key=value", pair, from);
        return GALE_ECONF;
    }

    char *key = gi_strndup(pair, (size_t)(equals - pair));
    if (key == NULL)
        return GALE_ENOMEM;
    gale_err rv = gi_conf_set(c, key, equals + 1, from);
    gi_free(key);
    return rv;
}

const char *gi_conf_get(const gi_conf *c, const char *key)
{
    const struct entry *e = find(c, key);

    return e == NULL ? NULL : e->value;
}

const char *gi_conf_from(const gi_conf *c, const char *key)
{
    const struct entry *e = find(c, key);

    return e == NULL ? NULL : e->from;
}

bool gi_conf_i64(const gi_conf *c, const char *key, int64_t *out)
{
    const char *value = gi_conf_get(c, key);

    return value != NULL && gi_scalar_i64(value, out);
}

bool gi_conf_f64(const gi_conf *c, const char *key, double *out)
{
    const char *value = gi_conf_get(c, key);

    return value != NULL && gi_scalar_f64(value, out);
}

bool gi_conf_bool(const gi_conf *c, const char *key, bool *out)
{
    const char *value = gi_conf_get(c, key);

    return value != NULL && gi_scalar_bool(value, out);
}

const char *gi_conf_key_at(const gi_conf *c, size_t i)
{
    return i < c->n ? c->entries[i].key : NULL;
}
