/* signals.h -- SIGINT and SIGTERM as a question: were we asked to stop? */
#ifndef GI_LOCAL_SIGNALS_H
#define GI_LOCAL_SIGNALS_H

/* Catch both from now on; and no more.  Who is first catches them and forgets
 * what came before, who is last lets go.  Thread  any */
void gi_signals_catch(void);
void gi_signals_restore(void);

/* Ring this bell (base/bell.h) when one comes, so that who sleeps at it asks;
 * < 0: none, as when the first one begins to catch. */
void gi_signals_ring(int bell);

/* How often one came: 0, 1 (drain), 2 or more (stop at once). */
int gi_signals_seen(void);

#endif
