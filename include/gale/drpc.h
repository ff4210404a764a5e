/* drpc.h -- questions that a running topology answers.
 *
 * A DRPC stream is a stream of requests to a function, by name: each request
 * is a batch of its own, with one row, whose field "args" is what was asked.
 * What the steps behind it make of that batch, they return: its rows are the
 * answer, a JSON list of rows, each a list of its values.
 *
 *     gale_batches *asked = gale_new_drpc_stream(t, "reach", NULL);
 *     ...
 *     gale_drpc_return(count, GALE_NAMES("count"));      -> [[17]]
 *
 * An aggregate of such a stream is one of a single request, in whatever number
 * of tasks.  Requests are worked on side by side, GALE_DRPC_UNDER_WAY at a
 * time, and are answered in any order.  If a batch fails (gale_batch_fail, a
 * task that dies) it is done again, topology.drpc.attempts times in all; then
 * the caller hears why.  A caller never waits longer than he said.  If a task
 * dies while it answers, the steps may be done again although an answer was
 * given; nobody hears two.
 *
 * Where requests come from: with `gale_drpc` of this process, from its calls,
 * below; without (NULL), from the servers of drpc.servers (`gale drpc`), where
 * anybody may ask: by HTTP, by `gale ask`, or by gale_drpc_connect.
 *
 * A name belongs to the first that serves it at a server, until that one is
 * gone.  Steps of a DRPC stream may ask states and change none.
 */
#ifndef GALE_DRPC_H
#define GALE_DRPC_H

#include "gale/trident.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { GALE_DRPC_UNDER_WAY = 32 };

typedef struct gale_drpc gale_drpc;

/* ------------------------------------------------------------ defining -- */

/* The requests to `function`: field "args", a str.  `from`: NULL, or borrowed
 * until the gale_trident is destroyed. */
GALE_API gale_batches *
gale_new_drpc_stream(gale_trident *t, const char *function, gale_drpc *from);

/* The rows of `s`, in these fields (NULL: all), are the answers of the DRPC
 * stream that they come from: exactly once for each.  What is no text is
 * written as JSON has it; bytes that are no UTF-8 as U+FFFD, floats that are
 * no number as null. */
GALE_API gale_batches *gale_drpc_return(gale_batches *s,
                                        const gale_name *fields);

/* --------------------------------------------------------------- asking -- */

/* Requests of this process, to streams that were defined with it.
 *
 * Returns GALE_OK; GALE_ENOMEM. */
GALE_API GALE_MUST_CHECK gale_err gale_drpc_create(gale_drpc **out);

/* Requests to a DRPC server, for programs that ask what runs on a cluster. */
typedef struct gale_drpc_opts {
    const char *servers; /* "host" or "host:port", several with a comma
                            between; NULL: "localhost" */
    const char *ca_file, *cert_file; /* TLS, as gale.tls.ca.file ... */
    const char *token_file;          /* ... and gale.token.file; or NULL */
    bool open; /* show the token to other machines without TLS, too */
} gale_drpc_opts;

/* Connections are made when something is asked, and kept.
 *
 *   opts   borrowed until return; NULL: all defaults
 *   why    NULL, or where to say why not
 *
 * Returns GALE_OK; GALE_EINVAL: a place that is none, or must not be used;
 *         GALE_EIO, GALE_EFORMAT: a file; GALE_ENOMEM. */
GALE_API GALE_MUST_CHECK gale_err gale_drpc_connect(gale_drpc **out,
                                                    const gale_drpc_opts *opts,
                                                    gale_diag *why);

/* When no run has it and nobody waits.  NULL is fine. */
GALE_API void gale_drpc_destroy(gale_drpc *d);

/* Ask, and wait for at most wait_ms, also for a topology that is not running
 * yet.
 *
 *   answer   its text ends with a zero byte; give it back by gale_drpc_free
 *   why      NULL, or where to say why there is none
 *
 * Returns GALE_OK; GALE_EUSER: it failed; GALE_ETIME; GALE_ENOTFOUND: no
 *         stream of that function was defined with `d`, or it has ended;
 *         GALE_ELIMIT: too large (1 MiB), or too many wait; GALE_EIO: no
 *         server is there; GALE_ENOMEM.
 * Thread  any, several at once, but not callbacks of tasks
 */
GALE_API GALE_MUST_CHECK gale_err
gale_drpc_execute(gale_drpc *d, const char *function, gale_str args,
                  uint32_t wait_ms, char **answer, gale_diag *why);

/* The same in two steps, without waiting in the first: for tests on a virtual
 * clock, and for who has something else to do. */
typedef struct gale_drpc_call gale_drpc_call;

/* Ask.  `args` are copied.
 *
 *   out   to be handed to gale_drpc_finish, also if nobody wants to know
 *
 * Returns as gale_drpc_execute, but for GALE_EUSER and GALE_ETIME. */
GALE_API GALE_MUST_CHECK gale_err gale_drpc_begin(gale_drpc *d,
                                                  const char *function,
                                                  gale_str args,
                                                  gale_drpc_call **out,
                                                  gale_diag *why);

/* Wait for its answer, at most wait_ms (0: look), and be done with it.
 *
 * Returns as gale_drpc_execute. */
GALE_API GALE_MUST_CHECK gale_err gale_drpc_finish(gale_drpc_call *c,
                                                   uint32_t wait_ms,
                                                   char **answer,
                                                   gale_diag *why);

/* An answer is not needed any more; NULL is fine. */
GALE_API void gale_drpc_free(char *answer);

/* No more requests: those that are there are answered, and then the streams
 * are at their end, as files are.
 *
 * Thread  any */
GALE_API void gale_drpc_end(gale_drpc *d);

#ifdef __cplusplus
}
#endif
#endif /* GALE_DRPC_H */
