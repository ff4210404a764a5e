/* spout_lines.h -- what a definition is asked about gale_lines. */
#ifndef GI_TRIDENT_SPOUT_LINES_H
#define GI_TRIDENT_SPOUT_LINES_H

#include "gale/batch.h"

/* Does it read the files that are named on the command line? */
bool gi_lines_of_words(const gale_batch_spout *s);

#endif
