/* drpc.h -- questions that a running topology answers.
 *
 * A DRPC stream is a stream of requests to a function, which has a name.  Each
 * request is a batch of its own, with one row, whose field "args" is what was
 * asked.  The rows that the steps behind it return are the answer: a JSON list
 * of rows, each a list of its values.
 *
 *     gale_batches *asked = gale_new_drpc_stream(t, "reach", NULL);
 *     ...
 *     gale_drpc_return(count, GALE_NAMES("count"));      -> [[17]]
 *
 * An aggregate of such a stream is that of one request, in however many tasks
 * it is made.  GALE_DRPC_UNDER_WAY requests are worked on at a time, and are
 * answered in any order.  If a batch fails (gale_batch_fail, a task that dies)
 * it is done again, topology.drpc.attempts times in all; then the caller is
 * told why.  If a task dies while it answers, the steps may be done again
 * although an answer was given; the caller gets only one.
 *
 * Where requests come from: from calls in this process, if the stream is made
 * with a gale_drpc (below); else from the DRPC servers of the setting
 * drpc.servers (`gale drpc`), where anybody may ask: by HTTP, by `gale ask`,
 * or by gale_drpc_connect.
 *
 * At a server a function belongs to the first topology that serves it, until
 * that is gone.  Steps of a DRPC stream may ask states, but not change them.
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

/* The rows of `s`, with these fields (NULL: all), answer the requests of the
 * DRPC stream that they come from; each such stream needs exactly one return.
 * Values are written as JSON; bytes that are not UTF-8 as U+FFFD, floats that
 * are not a number as null. */
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

/* To be called when no topology that uses it runs, and no call waits.  NULL is
 * fine. */
GALE_API void gale_drpc_destroy(gale_drpc *d);

/* Ask, and wait for the answer, at most wait_ms.  The topology need not run
 * yet: then it is waited for.
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

/* The same in two steps, of which the first does not wait: for tests on a
 * virtual clock, and for callers that have something else to do meanwhile. */
typedef struct gale_drpc_call gale_drpc_call;

/* Ask.  `args` are copied.
 *
 *   out   to be handed to gale_drpc_finish, also if the answer is not needed
 *
 * Returns as gale_drpc_execute, but for GALE_EUSER and GALE_ETIME. */
GALE_API GALE_MUST_CHECK gale_err gale_drpc_begin(gale_drpc *d,
                                                  const char *function,
                                                  gale_str args,
                                                  gale_drpc_call **out,
                                                  gale_diag *why);

/* Wait for its answer, at most wait_ms (0: do not wait), and free `c`.
 *
 * Returns as gale_drpc_execute. */
GALE_API GALE_MUST_CHECK gale_err gale_drpc_finish(gale_drpc_call *c,
                                                   uint32_t wait_ms,
                                                   char **answer,
                                                   gale_diag *why);

/* An answer is not needed any more; NULL is fine. */
GALE_API void gale_drpc_free(char *answer);

/* No more requests are taken.  Those that are there are answered; then the
 * streams are at their end, so that the topology can end.
 *
 * Thread  any */
GALE_API void gale_drpc_end(gale_drpc *d);

#ifdef __cplusplus
}
#endif
#endif /* GALE_DRPC_H */
