#define _GNU_SOURCE /* getgrouplist */
#include "supervisor/account.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"

enum { GROUPS_FIRST = 32, GROUPS_MOST = 1 << 17, ENTRY_MOST = 1 << 20 };

/* Whoever has more groups than there was room for is asked again. */
static gale_err find_groups(gi_account *a)
{
    int room = GROUPS_FIRST;

    while (room <= GROUPS_MOST) {
        int n = room;

        gi_free(a->groups);
        a->groups = gi_calloc((size_t)room, sizeof(*a->groups));
        if (a->groups == NULL)
            return GALE_ENOMEM;
        if (getgrouplist(a->name, a->gid, a->groups, &n) >= 0) {
            a->n_groups = n;
            return GALE_OK;
        }
        room = n > room ? n : 2 * room;
    }
    errno = E2BIG;
    return GALE_EIO;
}

static gale_err take(gi_account *out, const struct passwd *p)
{
    gi_account a = { .uid = p->pw_uid, .gid = p->pw_gid };
    gale_err rv = GALE_ENOMEM;

    a.name = gi_strdup(p->pw_name);
    a.home = gi_strdup(p->pw_dir);
    if (a.name != NULL && a.home != NULL)
        rv = find_groups(&a);
    if (rv == GALE_OK)
        *out = a;
    else
        gi_account_fini(&a);
    return rv;
}

gale_err gi_account_find(gi_account *out, const char *name)
{
    struct passwd entry, *found = NULL;
    gale_err rv = GALE_EIO;
    char *room = NULL;
    int rc = ERANGE;

    for (size_t size = 4096; rc == ERANGE && size <= ENTRY_MOST; size *= 4) {
        gi_free(room);
        room = gi_alloc(size);
        if (room == NULL)
            return GALE_ENOMEM;
        do
            rc = getpwnam_r(name, &entry, room, size, &found);
        while (rc == EINTR);
    }
    if (rc == 0 && found != NULL)
        rv = take(out, found);
    else if (rc == 0 || rc == ENOENT || rc == ESRCH)
        rv = GALE_ENOTFOUND;
    else
        errno = rc;
    gi_free(room);
    return rv;
}

void gi_account_fini(gi_account *a)
{
    gi_free(a->name);
    gi_free(a->home);
    gi_free(a->groups);
    *a = (gi_account){ 0 };
}

static bool has_group(const gi_account *a, gid_t gid)
{
    for (int i = 0; i < a->n_groups; i++)
        if (a->groups[i] == gid)
            return true;
    return a->gid == gid;
}

bool gi_account_may_pass(const gi_account *a, const struct stat *st)
{
    if (a->uid == 0)
        return true;
    if (st->st_uid == a->uid)
        return (st->st_mode & S_IXUSR) != 0;
    if (has_group(a, st->st_gid))
        return (st->st_mode & S_IXGRP) != 0;
    return (st->st_mode & S_IXOTH) != 0;
}

gale_err gi_account_reaches(const gi_account *a, const char *path,
                            gale_diag *why)
{
    char part[PATH_MAX];
    size_t len = strlen(path);
    struct stat st;

    if (len == 0 || len >= sizeof(part))
        return GALE_EIO;
    for (size_t i = 1; i <= len; i++) {
        if (i > 1 && path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (stat(part, &st) != 0) {
            gi_diag_say(why, "%.1500s: %.400s", part, strerror(errno));
            return GALE_EIO;
        }
        if (gi_account_may_pass(a, &st))
            continue;
        gi_diag_say(
            why,
            "user '%.80s', as whom it would run, may not pass through "
            "%.1500s (mode %04o): chmod o+x it, or set storm.local.dir "
            "to a place that all can reach",
            a->name, part, (unsigned)st.st_mode & 07777);
        return GALE_EIO;
    }
    return GALE_OK;
}
