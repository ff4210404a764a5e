/* shrink.h -- what is left of a scenario when all is taken away that the
 * violation does not need. */
#ifndef TESTS_SIM_SHRINK_H
#define TESTS_SIM_SHRINK_H

#include "apart.h"

/* `s` violates what `found` says; make it smaller as long as it does, for at
 * most so many seconds.  `found` is that of the smaller one then. */
void shrink(scenario *s, outcome *found, double most_s);

#endif
