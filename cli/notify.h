/* notify.h -- telling who started this daemon how it is.
 *
 * systemd waits for that with Type=notify: it names a socket in the
 * environment, NOTIFY_SOCKET.  Where nobody asked, nothing happens.
 */
#ifndef GI_CLI_NOTIFY_H
#define GI_CLI_NOTIFY_H

#include "gale/base.h"

/* `what`: "READY=1", "STOPPING=1".  GALE_OK also if nobody wants to know;
 * GALE_EINVAL: that is no socket's name; GALE_EIO: it cannot be told, see
 * errno.
 *
 * Thread  any, as long as none changes the environment */
gale_err gi_notify(const char *what);

#endif
