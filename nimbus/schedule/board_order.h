/* board_order.h -- finding things on the board by name.  Private. */
#ifndef GI_NIMBUS_SCHEDULE_BOARD_ORDER_H
#define GI_NIMBUS_SCHEDULE_BOARD_ORDER_H

#include "nimbus/schedule/board.h"

/* GI_NOWHERE if there is none. */
uint32_t gi_board_node(const gi_board *b, const char *id);
uint32_t gi_board_slot(const gi_board *b, uint32_t node, uint16_t port);

/* Orders pointers to gi_living by supervisor, port, topology, since. */
int gi_board_by_living(const void *a, const void *b);
bool gi_board_lives(const gi_board *b, const char *topology,
                    const gi_assigned *w);

#endif
