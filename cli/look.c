#include "cli/look.h"

const char *gi_paint_text(gi_look look, gi_paint p)
{
    static const char *const texts[] = {
        [GI_PAINT_OFF] = "\033[0m",   [GI_PAINT_STRONG] = "\033[1m",
        [GI_PAINT_FAINT] = "\033[2m", [GI_PAINT_BAD] = "\033[31m",
        [GI_PAINT_GOOD] = "\033[32m", [GI_PAINT_HINT] = "\033[36m",
    };

    return look.colour ? texts[p] : "";
}
