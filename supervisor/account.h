/* account.h -- an account of this machine, as its lists of users know it.
 *
 * Asking may take a moment where those lists are kept elsewhere.
 *
 * Thread  any
 */
#ifndef GI_SUPERVISOR_ACCOUNT_H
#define GI_SUPERVISOR_ACCOUNT_H

#include <sys/stat.h>
#include <sys/types.h>

#include "gale/base.h"

/* A zeroed one is none. */
typedef struct gi_account {
    char *name, *home; /* NULL: none */
    uid_t uid;
    gid_t gid;
    gid_t *groups; /* gid among them */
    int n_groups;
} gi_account;

/* GALE_ENOTFOUND: there is no such account; GALE_EIO: the lists cannot be
 * read, errno says why; GALE_ENOMEM. */
gale_err gi_account_find(gi_account *out, const char *name);
void gi_account_fini(gi_account *a);

/* May he pass through the directory, or execute the file? */
bool gi_account_may_pass(const gi_account *a, const struct stat *st);

/* Can he get to what is at the absolute `path`, and pass through or execute
 * that?  GALE_EIO: `why` names what is in his way. */
gale_err gi_account_reaches(const gi_account *a, const char *path,
                            gale_diag *why);

#endif
