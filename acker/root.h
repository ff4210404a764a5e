/* root.h -- the name of a tree.
 *
 * A root id says where its ledger entry is, so an update is an indexed access
 * and not a search:
 *
 *     | spout 12 | generation 28 | slot 24 |
 *
 * spout        which spout task (numbered from 0 among the spout tasks)
 * slot         where in that task's table of pending tuples, and in the
 *              ledger that an acker keeps for that task
 * generation   how often the slot was used: starts at 1 and goes round
 *              without 0, so no root id is 0
 *
 * A slot is used again as soon as its tree is finished.  Updates of the old
 * tree that arrive later carry the old generation and are recognised by it;
 * a replayed tuple is a new tree, with a new generation.
 */
#ifndef GI_ACKER_ROOT_H
#define GI_ACKER_ROOT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    GI_ROOT_SPOUTS = 1 << 12,
    GI_ROOT_SLOTS = 1 << 24,
};

#define GI_ROOT_GEN_MASK ((1u << 28) - 1)

static inline uint64_t gi_root(uint32_t spout, uint32_t slot, uint32_t gen)
{
    return (uint64_t)spout << 52 | (uint64_t)gen << 24 | slot;
}

static inline uint32_t gi_root_spout(uint64_t root)
{
    return (uint32_t)(root >> 52);
}

static inline uint32_t gi_root_slot(uint64_t root)
{
    return (uint32_t)root & (GI_ROOT_SLOTS - 1);
}

static inline uint32_t gi_root_gen(uint64_t root)
{
    return (uint32_t)(root >> 24) & GI_ROOT_GEN_MASK;
}

static inline uint32_t gi_root_next_gen(uint32_t gen)
{
    gen = (gen + 1) & GI_ROOT_GEN_MASK;
    return gen == 0 ? 1 : gen;
}

/* Did `a` come after `b`, the short way round? */
static inline bool gi_root_gen_after(uint32_t a, uint32_t b)
{
    return a != b && ((a - b) & GI_ROOT_GEN_MASK) < (1u << 27);
}

/* Some slots are used a thousand times more often than others, and yet their
 * generations have to be compared.  So one is taken along that is so far
 * behind the latest when it is used again.  That is not far: an acker does not
 * hear of every tree (worker/track_own.h), so what it knows of a slot may be
 * of the last time round, and would be taken for a later tree's if it lies
 * between the slot's generation and the latest.  And what is further behind
 * the latest than GI_ROOT_GENS is not of a tree in flight. */
enum {
    GI_ROOT_GENS_BEHIND = 1 << 12,
    GI_ROOT_GENS = 1 << 26,
    GI_ROOT_GENS_STEP = 1 << 16, /* looked at so often */
};

#endif
