/* Ranks and cycles of small random graphs, against answers found by trying
 * everything. */
#include <criterion/criterion.h>

#include "base/mem.h"
#include "topology/graph.h"

enum { MOST = 8 };

struct drawn {
    uint32_t n;
    bool arrow[MOST][MOST];
    uint32_t first[MOST + 1], to[MOST * MOST];
};

static uint64_t seed = 1;

static uint32_t below(uint32_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((seed >> 33) % n);
}

/* From no arrows to nearly all of them, so that lone nodes, long chains and
 * one large cycle all turn up. */
static struct drawn draw(void)
{
    struct drawn d = { .n = 1 + below(MOST) };
    uint32_t density = below(10), at = 0;

    for (uint32_t i = 0; i < d.n; i++) {
        d.first[i] = at;
        for (uint32_t k = 0; k < d.n; k++)
            if (below(10) < density && below(3) == 0) {
                d.arrow[i][k] = true;
                d.to[at++] = k;
            }
    }
    d.first[d.n] = at;
    return d;
}

static void close_over(const struct drawn *d, bool way[MOST][MOST])
{
    memcpy(way, d->arrow, sizeof(d->arrow));
    for (uint32_t m = 0; m < d->n; m++)
        for (uint32_t i = 0; i < d->n; i++)
            for (uint32_t k = 0; k < d->n; k++)
                way[i][k] = way[i][k] || (way[i][m] && way[m][k]);
}

/* The longest way out of `v`'s cycle to a sink, by trying every way.  A step
 * inside of a cycle is free; which is why the nodes of one are asked all. */
static uint32_t longest(const struct drawn *d, bool way[MOST][MOST],
                        uint32_t v)
{
    uint32_t most = 0;

    for (uint32_t i = 0; i < d->n; i++) {
        if (i != v && !(way[v][i] && way[i][v]))
            continue;
        for (uint32_t k = 0; k < d->n; k++)
            if (d->arrow[i][k] && k != v && !(way[k][v] && way[v][k])) {
                uint32_t rest = 1 + longest(d, way, k);
                most = rest > most ? rest : most;
            }
    }
    return most;
}

static void compare(const struct drawn *d)
{
    const gi_graph g = { d->n, d->first, d->to };
    gi_place place[MOST];
    bool way[MOST][MOST];

    close_over(d, way);
    cr_assert_eq(gi_graph_place(&g, place), GALE_OK);
    for (uint32_t v = 0; v < d->n; v++) {
        uint32_t least = v;

        for (uint32_t i = d->n; i-- > 0;)
            if (i < least && way[v][i] && way[i][v])
                least = i;
        cr_assert_eq(place[v].in_cycle, way[v][v]);
        cr_assert_eq(place[v].cycle, least);
        cr_assert_eq(place[v].rank, longest(d, way, v));
    }
}

Test(graph, ranks_and_cycles_are_those_that_trying_every_way_finds)
{
    for (int round = 0; round < 20000; round++) {
        struct drawn d = draw();

        compare(&d);
    }
}

Test(graph, a_chain_longer_than_any_stack_is_no_deeper_than_a_short_one)
{
    enum { LONG = 2000000 };
    uint32_t *first = gi_calloc(LONG + 1, sizeof(*first));
    uint32_t *to = gi_calloc(LONG, sizeof(*to));
    gi_place *place = gi_calloc(LONG, sizeof(*place));
    const gi_graph g = { LONG, first, to };

    for (uint32_t i = 0; i < LONG; i++) {
        first[i] = i;
        to[i] = i + 1;
    }
    first[LONG] = LONG - 1;
    cr_assert_eq(gi_graph_place(&g, place), GALE_OK);
    cr_expect_eq(place[0].rank, LONG - 1);

    first[LONG] = LONG; /* and now the last leads back to the first */
    to[LONG - 1] = 0;
    cr_assert_eq(gi_graph_place(&g, place), GALE_OK);
    cr_expect_eq(place[0].rank, 0);
    cr_expect_eq(place[LONG - 1].cycle, 0);
    cr_expect(place[LONG / 2].in_cycle);
    gi_free(place);
    gi_free(to);
    gi_free(first);
}

Test(graph, without_memory_there_is_an_answer_too)
{
    const uint32_t first[] = { 0, 1, 1 }, to[] = { 1 };
    const gi_graph g = { 2, first, to };
    gi_place place[2];
    gale_err rv = GALE_ENOMEM;

    for (uint64_t n = 0; rv == GALE_ENOMEM; n++) {
        gi_mem_fail_after(n, 1);
        rv = gi_graph_place(&g, place);
        gi_mem_fail_after(0, 0);
        cr_assert_lt(n, 10);
    }
    cr_expect_eq(rv, GALE_OK);
    cr_expect_eq(place[0].rank, 1);
}
