#include "supervisor/run_as.h"

#include "base/diag.h"

#define SUBMITTED "it was submitted by '%.80s'"

gi_run_as gi_run_as_of(const bool *as_user, const bool *as_root, uint32_t uid)
{
    gi_run_as r = { .as_user = as_user == NULL ? uid == 0 : *as_user };

    r.as_root = as_root == NULL ? as_user == NULL : *as_root;
    return r;
}

static gale_err refuse(gale_diag *why, const char *text, const char *owner)
{
    gi_diag_say(why, SUBMITTED "%s", owner, text);
    return GALE_EINVAL;
}

gale_err gi_run_as_check(const gi_run_as *r, uint32_t uid, gale_diag *why)
{
    if (!r->as_user || uid == 0)
        return GALE_OK;
    gi_diag_say(why,
                "supervisor.run.worker.as.user is true, and only root can "
                "run workers as other users: start the supervisor as root, "
                "or set it to false");
    return GALE_EINVAL;
}

gale_err gi_run_as_whom(const gi_run_as *r, const char *owner,
                        const uint32_t *account, bool *other, gale_diag *why)
{
    *other = false;
    if (!r->as_user)
        return GALE_OK;
    if (*owner == '\0')
        return refuse(why, ", which is no name: there is nobody to run it as",
                      owner);
    if (account == NULL)
        return refuse(why,
                      ", and this node has no account of that name to run it "
                      "as (supervisor.run.worker.as.user)",
                      owner);
    if (*account == 0 && !r->as_root)
        return refuse(why,
                      ", and nothing runs as root here: submit it as another "
                      "user, or set gale.worker.as.root",
                      owner);
    *other = *account != 0;
    return GALE_OK;
}

bool gi_run_as_believes(const gi_run_as *r, uint32_t ours, uint32_t its,
                        const uint32_t *account)
{
    if (its == ours)
        return true;
    return r->as_user && account != NULL && its == *account;
}
