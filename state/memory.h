/* memory.h -- gale_store_memory, for tests. */
#ifndef GI_STATE_MEMORY_H
#define GI_STATE_MEMORY_H

/* Forget every state of which nothing is open.  Thread  any */
void gi_store_memory_forget(void);

#endif
