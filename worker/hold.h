/* hold.h -- what a loop asks of the tuples that its bolts keep. */
#ifndef GI_WORKER_HOLD_H
#define GI_WORKER_HOLD_H

#include "worker/loop.h"

void gi_holds_drop(gale_task *t);
void gi_holds_lose(gale_task *t); /* it dies: the trees they stand in fail */
/* The clocks of all trees it holds start anew; only if it has holds. */
void gi_holds_shield(gale_task *t);
/* execute returned HOLD: was there a hold?  Moves `born` into it. */
bool gi_hold_settle(gale_task *t);
/* execute returned ACK or FAIL although it holds `in`. */
void gi_hold_answer(gale_task *t, bool ack);
/* The tuple behind a handle and the sum of what was emitted under it; NULL
 * if it is answered or a stranger's. */
const gale_tuple *gi_hold_anchor(gale_task *t, gale_held h, uint64_t **born);
/* Is the tuple being executed held, and answered already?  Or were all that
 * execute_batch was handed? */
bool gi_hold_input_answered(const gale_task *t);

#endif
