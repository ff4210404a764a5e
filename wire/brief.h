/* brief.h -- what a worker is told by its standard input and nowhere else:
 * what is secret.
 *
 * A worker may be of a user who must not read the cluster's files, so its
 * supervisor does, and hands over what a worker needs: certificates, a key,
 * and a word that the workers of its topology show each other.  That word is
 * made of the cluster's secret and the topology's id.  So it lets nobody speak
 * as a supervisor, is of no use with another topology's workers, and does not
 * give the secret away.
 *
 * GALE_BRIEF=1 in the environment says that there is one.
 */
#ifndef GI_WIRE_BRIEF_H
#define GI_WIRE_BRIEF_H

#include "wire/secrets.h"

#define GI_BRIEF_NAME "GALE_BRIEF"

enum { GI_BRIEF_WORD = 65, GI_BRIEF_MOST = 4 << 20 };

/* For a worker of that topology, from the files as they are now.  Give it back
 * by gi_brief_free.  As gi_secrets_load. */
gale_err gi_brief_make(char **bytes, size_t *len, const gi_secrets_opts *files,
                       const char *topology, gale_diag *why);
void gi_brief_free(char *bytes, size_t len); /* wiped; NULL is fine */

/* The word; "" if there is no secret.  GALE_EIO: the sum cannot be made. */
gale_err gi_brief_word(char word[GI_BRIEF_WORD], const char *secret,
                       const char *topology);

/* The worker's side: what `fd` gives, up to its end.  Afterwards `fd` gives
 * nothing, so that what the worker starts does not inherit it.
 *
 * GALE_EIO, GALE_EFORMAT: `why` says what is wrong with it; GALE_ENOMEM. */
gale_err gi_brief_take(gi_secrets **out, int fd, gale_diag *why);

#endif
