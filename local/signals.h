/* signals.h -- SIGINT and SIGTERM as a question: were we asked to stop? */
#ifndef GI_LOCAL_SIGNALS_H
#define GI_LOCAL_SIGNALS_H

/* Catch both from now on, forgetting what came before; and no more. */
void gi_signals_catch(void);
void gi_signals_restore(void);

/* How often one came: 0, 1 (drain), 2 or more (stop at once). */
int gi_signals_seen(void);

#endif
