#include "nimbus/schedule/board_order.h"

#include <stdlib.h>
#include <string.h>

uint32_t gi_board_node(const gi_board *b, const char *id)
{
    uint32_t low = 0, high = b->n_nodes;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        int order = strcmp(b->nodes[mid].id, id);

        if (order == 0)
            return mid;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return GI_NOWHERE;
}

uint32_t gi_board_slot(const gi_board *b, uint32_t node, uint16_t port)
{
    const gi_seat_node *n = &b->nodes[node];

    for (uint32_t i = n->first_slot; i < n->first_slot + n->n_slots; i++)
        if (b->slots[i].port == port)
            return i;
    return GI_NOWHERE;
}

int gi_board_by_living(const void *a, const void *b)
{
    const gi_living *x = *(const gi_living *const *)a;
    const gi_living *y = *(const gi_living *const *)b;
    int order = strcmp(x->supervisor, y->supervisor);

    if (order != 0)
        return order;
    if (x->port != y->port)
        return x->port < y->port ? -1 : 1;
    order = strcmp(x->topology, y->topology);
    if (order != 0)
        return order;
    return x->since == y->since ? 0 : x->since < y->since ? -1 : 1;
}

bool gi_board_lives(const gi_board *b, const char *topology,
                    const gi_assigned *w)
{
    const gi_living like = { .topology = topology,
                             .supervisor = w->supervisor,
                             .port = w->port,
                             .since = w->since };
    const gi_living *key = &like;

    return b->cluster->n_living > 0 &&
           bsearch(&key, b->living, b->cluster->n_living,
                   sizeof(const gi_living *), gi_board_by_living) != NULL;
}
