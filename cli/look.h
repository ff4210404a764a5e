/* look.h -- colour, or none, and how much room.  All else that Gale says
 * itself is in ASCII. */
#ifndef GI_CLI_LOOK_H
#define GI_CLI_LOOK_H

#include <stdbool.h>

typedef struct gi_look {
    bool colour;
    unsigned columns; /* of the terminal; 0: no terminal, any width will do */
} gi_look;

typedef enum gi_paint {
    GI_PAINT_OFF, /* back to normal */
    GI_PAINT_STRONG,
    GI_PAINT_FAINT,
    GI_PAINT_BAD,
    GI_PAINT_GOOD,
    GI_PAINT_HINT,
} gi_paint;

/* The escape sequence, "" without colour. */
const char *gi_paint_text(gi_look look, gi_paint p);

#endif
