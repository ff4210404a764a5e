/* walk.h -- oracles that look at the whole worker. */
#ifndef TESTS_SIM_WALK_H
#define TESTS_SIM_WALK_H

#include "shadow.h"

void walk_often(void);   /* every step or so */
void walk_seldom(void);  /* once in many steps */
void walk_drained(void); /* spouts stopped, and all is quiet */
void walk_quiet(void);   /* when the simulation says that all is done */

#endif
