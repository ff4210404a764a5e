/* read.h -- small steps that the readers of sections share. */
#ifndef GI_WIRE_READ_H
#define GI_WIRE_READ_H

#include "acker/root.h"
#include "base/msgpack.h"
#include "wire/section.h"

/* Bytes still to be read. */
typedef struct gi_rest {
    const unsigned char *at, *end;
} gi_rest;

static inline size_t gi_rest_left(const gi_rest *r)
{
    return (size_t)(r->end - r->at);
}

/* A value's first bytes, stepped over. */
static inline bool gi_read_head(gi_rest *r, gi_msgpack_kind kind,
                                gi_msgpack_head *h)
{
    if (!gi_msgpack_read(r->at, gi_rest_left(r), h) || h->kind != kind)
        return false;
    r->at += h->size;
    return true;
}

/* A whole number from 0 to `most`. */
static inline bool gi_read_number(gi_rest *r, uint64_t most, uint64_t *out)
{
    gi_msgpack_head h;

    if (!gi_read_head(r, GI_MSGPACK_INT, &h) || h.as.i < 0 ||
        (uint64_t)h.as.i > most)
        return false;
    *out = (uint64_t)h.as.i;
    return true;
}

/* An array of `n`, of which the first is the kind of the section. */
static inline bool gi_read_section(gi_rest *r, uint32_t n,
                                   gi_section_kind kind)
{
    gi_msgpack_head list;
    uint64_t found;

    return gi_read_head(r, GI_MSGPACK_LIST, &list) && list.n == n &&
           gi_read_number(r, UINT8_MAX, &found) && found == (uint64_t)kind;
}

/* Can it be the root of a tree of this topology? */
static inline bool gi_root_possible(const gi_rules *rules, uint64_t root)
{
    return gi_root_spout(root) < rules->n_spouts && gi_root_gen(root) != 0;
}

#endif
