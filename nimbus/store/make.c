#include "nimbus/store/make.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/strbuf.h"

int gi_store_put_sum(MDB_txn *txn, MDB_dbi dbi, const gi_store_sum *sum)
{
    unsigned char raw[GI_STORE_SUM_BYTES];
    MDB_val key = { GI_STORE_SUM_KEY_LEN, (void *)GI_STORE_SUM_KEY };
    MDB_val bytes = { sizeof(raw), raw };

    gi_store_sum_write(sum, raw);
    return mdb_put(txn, dbi, &key, &bytes, 0);
}

static int put_nothing(MDB_env *env)
{
    gi_store_sum nothing = { 0 };
    MDB_txn *txn;
    MDB_dbi dbi;
    int rc = mdb_txn_begin(env, NULL, 0, &txn);

    if (rc != 0)
        return rc;
    rc = mdb_dbi_open(txn, NULL, 0, &dbi);
    if (rc == 0)
        rc = gi_store_put_sum(txn, dbi, &nothing);
    if (rc == 0 && gi_point_fails(GI_POINT_WRITE))
        rc = ENOSPC;
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    rc = mdb_txn_commit(txn);
    return rc == 0 && gi_point_fails(GI_POINT_SYNC) ? EIO : rc;
}

static int make_empty(const char *path)
{
    MDB_env *env;
    int rc = mdb_env_create(&env);

    if (rc != 0)
        return rc;
    rc = mdb_env_open(env, path, MDB_NOSUBDIR | MDB_NOLOCK, 0600);
    if (rc == 0)
        rc = put_nothing(env);
    mdb_env_close(env);
    return rc;
}

static char *with_ending(const char *path, const char *ending)
{
    gi_strbuf b = { 0 };

    gi_strbuf_printf(&b, "%s%s", path, ending);
    return gi_strbuf_take(&b);
}

gale_err gi_store_make(const char *path, gale_diag *why)
{
    char *beside = with_ending(path, ".new");
    int rc;

    if (beside == NULL)
        return GALE_ENOMEM;
    /* One that was begun and never finished would be taken for a whole one. */
    rc = unlink(beside) == 0 || errno == ENOENT ? 0 : errno;
    if (rc == 0)
        rc = make_empty(beside);
    if (rc == 0 && rename(beside, path) != 0)
        rc = errno;
    if (rc != 0)
        unlink(beside);
    else if (!gi_sync_dir_of(path))
        rc = errno;
    gi_free(beside);
    if (rc != 0)
        gi_diag_say(why, "%s cannot be made: %s", path, mdb_strerror(rc));
    return rc == 0 ? GALE_OK : rc == ENOMEM ? GALE_ENOMEM : GALE_EIO;
}

static gale_err rename_to(const char *path, const char *aside,
                          const char *damage, gale_diag *why)
{
    int rc = access(aside, F_OK) == 0   ? EEXIST
             : rename(path, aside) != 0 ? errno
                                        : 0;

    if (why == NULL)
        return rc == 0 ? GALE_OK : GALE_EIO;
    if (rc == 0)
        gi_diag_say(why, "%s; it is %s now, and Nimbus begins with nothing",
                    damage, aside);
    else
        gi_diag_say(why, "%s; it cannot be set aside as %s: %s", damage, aside,
                    strerror(rc));
    return rc == 0 ? GALE_OK : GALE_EIO;
}

gale_err gi_store_make_anew(const char *path, const char *damage,
                            gale_diag *why)
{
    gale_diag not_made = { "out of memory" };
    time_t now = time(NULL);
    char ending[64], *aside;
    struct tm tm;
    gale_err rv;

    gmtime_r(&now, &tm);
    strftime(ending, sizeof(ending), ".broken-%Y%m%dT%H%M%SZ", &tm);
    aside = with_ending(path, ending);
    if (aside == NULL)
        return GALE_ENOMEM;
    rv = rename_to(path, aside, damage, why);
    gi_free(aside);
    if (rv != GALE_OK)
        return rv;
    rv = gi_store_make(path, &not_made);
    if (rv != GALE_OK && why != NULL)
        *why = not_made;
    return rv;
}
