/* exchange_inside.h -- what the files of the exchange share.  See exchange.h.
 */
#ifndef GI_WIRE_EXCHANGE_INSIDE_H
#define GI_WIRE_EXCHANGE_INSIDE_H

#include "wire/door.h"
#include "wire/line_inside.h"

enum { GI_STRANGERS = 16 }; /* beside one for each line */

/* Who came in and has not greeted, or was told no and is to go. */
typedef struct gi_stranger {
    gi_conn *conn; /* NULL: nobody */
    uint64_t order;
    int64_t until;
    bool refused;
    unsigned char own[GI_FRAME_HEAD + GI_LETTER_GREETING];
} gi_stranger;

struct gi_exchange {
    gi_line_common common;
    gi_channel_opts channel; /* of every line, with the newest assignment */
    gi_door *door;
    gi_line *lines;
    uint32_t n_lines;
    gi_stranger **place;         /* [n_places], each where it stays */
    uint32_t n_places, n_inside; /* inside: of the places, taken */
    uint64_t n_came;
    gi_gripe gripe, door_gripe;
    gi_exchange_counts counts;
};

gi_line *gi_exchange_line(const gi_exchange *x, uint64_t key);

/* Who knocked, and what they said.  Returns when somebody's time is over. */
int64_t gi_strangers_turn(gi_exchange *x, int64_t now);
void gi_strangers_end(gi_exchange *x);

#endif
