/* algebra.h -- random definitions: any step behind any stream, from a seed. */
#ifndef TEST_TRIDENT_ALGEBRA_H
#define TEST_TRIDENT_ALGEBRA_H

#include <stdio.h>

#include "base/mix.h"
#include "programs.h"

enum { STREAMS = 64, KEPT = 16 };

typedef struct algebra {
    gi_rng rng;
    gale_trident *t;
    gale_batches *s[STREAMS];
    gale_kept *k[KEPT];
    uint32_t n, n_kept, names;
    gale_function f[STREAMS]; /* borrowed by the definition */
    gale_field fields[STREAMS][2];
    char texts[STREAMS][16];
} algebra;

static inline uint32_t below(algebra *a, uint32_t n)
{
    return (uint32_t)gi_rng_below(&a->rng, n);
}

/* Mostly one of the last ones, so that there are long ways. */
static inline gale_batches *any(algebra *a)
{
    uint32_t near = a->n < 3 ? a->n : 3;

    if (below(a, 3) > 0)
        return a->s[a->n - 1 - below(a, near)];
    return a->s[below(a, a->n)];
}

static inline void came(algebra *a, gale_batches *s)
{
    if (below(a, 3) == 0)
        gale_parallelism(s, 1 + below(a, 6));
    if (a->n < STREAMS)
        a->s[a->n++] = s;
    else
        a->s[below(a, STREAMS)] = s;
}

/* Some fields of a stream, each once, at least one; borrowed for a call. */
static inline const gale_name *some_of(algebra *a, gale_batches *s,
                                       uint32_t most)
{
    static gale_name names[GI_MOST_FIELDS + 1];
    const gi_node *n = (const gi_node *)s;
    uint32_t many = 0, from = below(a, n->n_out);

    for (uint32_t i = 0; i < n->n_out && many < most; i++)
        if (many == 0 || below(a, 2) == 0)
            names[many++] = n->out[(from + i) % n->n_out].name;
    names[many] = NULL;
    return names;
}

/* Keys of a stream, mostly the same ones. */
static inline const gale_name *keys_of(algebra *a, gale_batches *s)
{
    const gi_node *n = (const gi_node *)s;
    static gale_name names[2];

    if (below(a, 3) == 0)
        return some_of(a, s, 3);
    names[0] = n->out[0].name;
    for (uint32_t i = 0; i < n->n_out; i++) /* by name, wherever it is now */
        if (strcmp(n->out[i].name, names[0]) < 0)
            names[0] = n->out[i].name;
    return names;
}

/* A function that puts out one field of a new name. */
static inline const gale_function *new_field(algebra *a)
{
    uint32_t i = a->names++ % STREAMS;

    snprintf(a->texts[i], sizeof(a->texts[i]), "f%u", a->names);
    a->fields[i][0] = (gale_field){ a->texts[i], GALE_T_I64 };
    a->f[i] =
        (gale_function){ .output = a->fields[i], .apply = apply_nothing };
    return &a->f[i];
}

static inline const gale_fold *any_fold(algebra *a, uint32_t kinds,
                                        const char **name)
{
    static gale_fold folds[2];
    static char text[16];

    snprintf(text, sizeof(text), "n%u", a->names++);
    *name = text;
    folds[0] = (gale_fold){ .as = text };
    switch (below(a, kinds)) {
    case 0:
        folds[0].combiner = &gale_count;
        break;
    case 1:
        folds[0].reducer = &last;
        break;
    default:
        folds[0].aggregator = &median;
        break;
    }
    return folds;
}

static inline void define_source(algebra *a)
{
    static const gale_batch_spout *const spouts[] = { &lines_spout,
                                                      &opaque_spout,
                                                      &loose_spout };
    char id[16];

    snprintf(id, sizeof(id), "s%u", a->names++);
    came(a, gale_new_stream(a->t, id, spouts[below(a, 3)]));
}

static inline void define_route(algebra *a, gale_batches *s)
{
    switch (below(a, 12)) {
    case 0:
        came(a, gale_shuffle(s));
        break;
    case 1:
        came(a, gale_local_or_shuffle(s));
        break;
    case 2:
        came(a, gale_global(s));
        break;
    case 3:
        came(a, gale_batch_global(s));
        break;
    case 4:
        came(a, gale_broadcast(s));
        break;
    case 5:
        came(a, gale_partition(s, &chooser));
        break;
    default:
        came(a, gale_partition_by(s, keys_of(a, s)));
        break;
    }
}

static inline void define_state(algebra *a, gale_batches *s)
{
    gale_state_opts o = { .kind = (gale_state_kind)below(a, 3),
                          .tasks = below(a, 2) * below(a, 5) };
    const char *name;
    char id[16];
    gale_kept *k;

    snprintf(id, sizeof(id), "k%u", a->names++);
    if (below(a, 4) == 0) {
        o.tasks = 0;
        k = gale_persistent_total(s, id, any_fold(a, 2, &name), &o);
    } else {
        gale_grouped *g = gale_group_by(s, keys_of(a, s));

        k = gale_persistent_aggregate(g, id, any_fold(a, 2, &name), &o);
    }
    if (a->n_kept < KEPT)
        a->k[a->n_kept++] = k;
    if (below(a, 2) == 0)
        came(a, gale_new_values(k));
}

/* A key of the state's shape, if the stream has one of that many fields of
 * those types. */
static inline void define_query(algebra *a, gale_batches *s)
{
    const gi_node *k, *n = (const gi_node *)s;
    gale_name names[GI_MOST_KEYS + 1];
    gale_field out[2] = { { NULL, GALE_T_ANY } };
    char text[16];

    if (a->n_kept == 0)
        return;
    k = (const gi_node *)a->k[below(a, a->n_kept)];
    for (uint32_t i = 0; i < k->n_keys; i++) {
        uint32_t at = 0;

        while (at < n->n_out && n->out[at].type != k->out[i].type)
            at++;
        if (at == n->n_out || (i > 0 && n->out[at].name == names[i - 1]))
            return;
        names[i] = n->out[at].name;
    }
    names[k->n_keys] = NULL;
    for (uint32_t i = 1; i < k->n_keys; i++)
        for (uint32_t b = 0; b < i; b++)
            if (names[i] == names[b])
                return;
    snprintf(text, sizeof(text), "q%u", a->names++);
    out[0].name = text;
    came(a, gale_state_query(s, (gale_kept *)(void *)(uintptr_t)k,
                             k->n_keys == 0 ? NULL : names, out));
}

/* Both as one field of one type, so that they fit. */
static inline gale_batches *one_field(algebra *a, gale_batches *s)
{
    return gale_map_rows(s, some_of(a, s, 2), new_field(a));
}

/* Either side may lie by its key before, and the one may come from the other.
 */
static inline void define_join(algebra *a, gale_batches *s)
{
    gale_batches *l = one_field(a, s), *r = any(a);
    gale_name lk[] = { ((gi_node *)l)->out[0].name, NULL }, rk[] = { 0, NULL };

    if (below(a, 2) == 0)
        l = gale_partition_by(l, lk);
    if (below(a, 3) == 0)
        r = gale_shuffle(l);
    r = one_field(a, r);
    rk[0] = ((gi_node *)r)->out[0].name;
    if (below(a, 2) == 0)
        r = gale_partition_by(r, rk);
    if (below(a, 2) == 0)
        came(a, gale_join(l, lk, r, rk, (gale_join_kind)below(a, 4)));
    else
        came(a, gale_join(r, rk, l, lk, (gale_join_kind)below(a, 4)));
}

static inline void define_step(algebra *a)
{
    gale_batches *s = any(a);
    const char *name;

    switch (below(a, 14)) {
    case 0:
        came(a, gale_each(s, some_of(a, s, 2), new_field(a)));
        break;
    case 1:
        came(a, gale_where(s, some_of(a, s, 1), &some));
        break;
    case 2:
        came(a, gale_project(s, some_of(a, s, 4)));
        break;
    case 3:
        gale_peek(s, NULL, &show);
        break;
    case 4:
    case 5:
        define_route(a, s);
        break;
    case 6:
        came(a, gale_aggregate(s, any_fold(a, 3, &name)));
        break;
    case 7:
        came(a, gale_partition_aggregate(s, any_fold(a, 3, &name)));
        break;
    case 8:
        came(a, gale_group_aggregate(gale_group_by(s, keys_of(a, s)),
                                     any_fold(a, 3, &name)));
        break;
    case 9:
        came(a, gale_first_n(s, 1 + below(a, 9), NULL));
        break;
    case 10: {
        gale_batches *l = one_field(a, s), *r = one_field(a, any(a));

        came(a, gale_merge(l, r));
        break;
    }
    case 11:
        define_join(a, s);
        break;
    case 12:
        define_state(a, s);
        break;
    default:
        define_query(a, s);
        break;
    }
}

/* a->t is to be destroyed, and a to be kept until then. */
static inline void define_any(algebra *a, uint64_t seed)
{
    *a = (algebra){ .rng = { gi_mix64(seed + 1) } };
    cr_assert_eq(gale_trident_create(&a->t, "random"), GALE_OK);
    for (uint32_t i = 1 + below(a, 3); i > 0; i--)
        define_source(a);
    for (uint32_t i = below(a, 40); i > 0; i--)
        define_step(a);
}

#endif
