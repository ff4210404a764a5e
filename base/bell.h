/* bell.h -- how a process that sleeps is woken by another one: a pipe that has
 * a name.
 *
 * Who sleeps hangs it up, where those who have news for him know to find it,
 * and waits at it.  They change what he looks at, and ring.  He is then woken
 * at once, and otherwise not at all; but a ring may get lost (no descriptor is
 * left, say), so he looks by himself, too, now and then.
 *
 * It costs nothing to hold.  A watch (inotify) would tell who sleeps as well,
 * and without the help of others; but the kernel takes up to a tenth of a
 * second to end it, and for so long a process that is killed does not die.
 */
#ifndef GI_BASE_BELL_H
#define GI_BASE_BELL_H

#include <stdbool.h>

/* Hangs up a new one in the place of what may be at `path`, for the owner
 * alone; < 0: it cannot be had, errno says why.  To be closed by close(); the
 * name stays, and whoever rings then is not heard. */
int gi_bell_hang(const char *path);

/* Sleeps until somebody rings, for `ms` at most (negative: for ever); a signal
 * ends it as well.  True: somebody rang, since the last call.  `bell` < 0:
 * nobody can. */
bool gi_bell_wait(int bell, int ms);

/* Rings what hangs at `path`.  Never waits; errno stays as it was.  What hangs
 * there may be anybody's work, and anything but a bell is left alone. */
void gi_bell_ring(const char *path);

/* Likewise, from within: on any thread, and in a signal handler.  < 0: none.
 */
void gi_bell_strike(int bell);

/* Does who hung up what hangs at `path` still listen?  Nobody is woken. */
bool gi_bell_heard(const char *path);

#endif
