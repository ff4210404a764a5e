#include "nimbus/store/check.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/diag.h"
#include "nimbus/store/sum.h"

/* What the process says by its exit code. */
#define FINDINGS(X)                                                \
    X(SOUND, GALE_OK, "")                                          \
    X(MEMORY, GALE_ENOMEM, "out of memory")                        \
    X(UNREADABLE, GALE_EIO, "cannot be read")                      \
    X(PAGES, GALE_EFORMAT, "its pages do not fit together")        \
    X(FREE, GALE_EFORMAT, "its list of free pages makes no sense") \
    X(NO_SUM, GALE_EFORMAT,                                        \
      "it is no store of Nimbus, or one of a later version")       \
    X(OTHER_SUM, GALE_EFORMAT, "something in it is lost or altered")

typedef enum finding {
#define FINDING_ENUM(name, err, text) FOUND_##name,
    FINDINGS(FINDING_ENUM)
#undef FINDING_ENUM
} finding;

static const struct {
    gale_err err;
    const char *text;
} findings[] = {
#define FINDING_ROW(name, err, text) { err, text },
    FINDINGS(FINDING_ROW)
#undef FINDING_ROW
};

enum { PATIENCE_CPU_S = 60, PAGE_LEAST = 512 };

static finding of_code(int rc)
{
    if (rc == ENOMEM)
        return FOUND_MEMORY;
    return rc == EACCES || rc == EIO || rc == EPERM ? FOUND_UNREADABLE
                                                    : FOUND_PAGES;
}

static void on_assert(MDB_env *env, const char *text)
{
    (void)env;
    (void)text;
    _exit(FOUND_PAGES);
}

static finding walk_pairs(MDB_txn *txn)
{
    gi_store_sum sum = { 0 }, said = { 0 };
    bool found = false;
    MDB_cursor *cursor;
    MDB_val key, bytes;
    MDB_stat stat;
    MDB_dbi dbi;
    uint64_t n = 0;
    int rc = mdb_dbi_open(txn, NULL, 0, &dbi);

    if (rc == 0)
        rc = mdb_stat(txn, dbi, &stat);
    if (rc == 0)
        rc = mdb_cursor_open(txn, dbi, &cursor);
    if (rc != 0)
        return of_code(rc);
    while ((rc = mdb_cursor_get(cursor, &key, &bytes, MDB_NEXT)) == 0) {
        if (++n > stat.ms_entries) /* pages may go round in a circle */
            return FOUND_PAGES;
        if (key.mv_size == GI_STORE_SUM_KEY_LEN &&
            memcmp(key.mv_data, GI_STORE_SUM_KEY, key.mv_size) == 0)
            found = gi_store_sum_read(&said, bytes.mv_data, bytes.mv_size);
        else
            gi_store_sum_add(&sum, key.mv_data, key.mv_size, bytes.mv_data,
                             bytes.mv_size);
    }
    if (rc != MDB_NOTFOUND)
        return of_code(rc);
    if (!found)
        return FOUND_NO_SUM;
    return gi_store_sum_same(&sum, &said) && n == stat.ms_entries
               ? FOUND_SOUND
               : FOUND_OTHER_SUM;
}

/* Free pages lie in a tree of their own: by transaction, a number and so many
 * page numbers, the highest first. */
static bool free_ones_fit(const MDB_val *bytes, size_t last)
{
    size_t n, page, before = last + 1;
    const char *at = bytes->mv_data;

    if (bytes->mv_size < sizeof(n))
        return false;
    memcpy(&n, at, sizeof(n));
    if (n > bytes->mv_size / sizeof(n) - 1)
        return false;
    for (size_t i = 1; i <= n; i++) {
        memcpy(&page, at + i * sizeof(page), sizeof(page));
        if (page < 2 || page >= before)
            return false;
        before = page;
    }
    return true;
}

static finding walk_free(MDB_txn *txn, size_t last)
{
    MDB_cursor *cursor;
    MDB_val key, bytes;
    MDB_stat stat;
    uint64_t n = 0;
    int rc = mdb_stat(txn, 0, &stat);

    if (rc == 0)
        rc = mdb_cursor_open(txn, 0, &cursor);
    if (rc != 0)
        return of_code(rc);
    while ((rc = mdb_cursor_get(cursor, &key, &bytes, MDB_NEXT)) == 0)
        if (++n > stat.ms_entries || key.mv_size != sizeof(size_t) ||
            !free_ones_fit(&bytes, last))
            return FOUND_FREE;
    return rc != MDB_NOTFOUND     ? of_code(rc)
           : n == stat.ms_entries ? FOUND_SOUND
                                  : FOUND_FREE;
}

/* Runs in the child, which gives nothing back. */
static finding look(const char *path)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_envinfo info;
    finding f;
    int rc = mdb_env_create(&env);

    if (rc == 0)
        rc = mdb_env_set_assert(env, on_assert);
    if (rc == 0)
        rc = mdb_env_open(env, path, MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK,
                          0600);
    if (rc == 0)
        rc = mdb_env_info(env, &info);
    if (rc == 0)
        rc = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
    if (rc != 0)
        return of_code(rc);
    f = walk_pairs(txn);
    return f == FOUND_SOUND ? walk_free(txn, info.me_last_pgno) : f;
}

static void go(const char *path)
{
    static const int deaths[] = { SIGSEGV, SIGBUS, SIGABRT,
                                  SIGILL,  SIGFPE, SIGXCPU };
    struct rlimit none = { 0, 0 }, some = { PATIENCE_CPU_S, PATIENCE_CPU_S };
    sigset_t all;

    /* It may die, but in silence: whatever the process does when it crashes is
     * not for this one. */
    for (size_t i = 0; i < sizeof(deaths) / sizeof(*deaths); i++)
        signal(deaths[i], SIG_DFL);
    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_CPU, &some);
    _exit((int)look(path));
}

static void say(gale_diag *why, const char *path, const char *what)
{
    gi_diag_say(why, "%s: %s", path, what);
}

static gale_err say_errno(gale_diag *why, const char *path)
{
    gale_err rv = errno == ENOENT   ? GALE_ENOTFOUND
                  : errno == ENOMEM ? GALE_ENOMEM
                                    : GALE_EIO;

    say(why, path, strerror(errno));
    return rv;
}

/* What a child would not survive, or misunderstand. */
static gale_err look_outside(const char *path, gale_diag *why)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return say_errno(why, path);
    if (fstat(fd, &st) != 0) {
        gale_err rv = say_errno(why, path);

        close(fd);
        return rv;
    }
    close(fd);
    if (!S_ISREG(st.st_mode)) {
        say(why, path, "is not a file");
        return GALE_EIO;
    }
    if (st.st_size < 2 * PAGE_LEAST) {
        say(why, path, st.st_size == 0 ? "is empty" : "is cut short");
        return GALE_EFORMAT;
    }
    return GALE_OK;
}

gale_err gi_store_check(const char *path, gale_diag *why)
{
    gale_err rv = look_outside(path, why);
    int status, rc;
    pid_t pid;

    if (rv != GALE_OK)
        return rv;
    pid = fork();
    if (pid == 0)
        go(path);
    if (pid < 0) {
        say(why, path, "cannot be checked, for no process can be started");
        return GALE_EIO;
    }
    do
        rc = waitpid(pid, &status, 0);
    while (rc < 0 && errno == EINTR);
    if (rc < 0) {
        say(why, path, "what checked it was taken away");
        return GALE_EIO;
    }
    finding f = FOUND_PAGES; /* whoever read it died of it */
    if (WIFEXITED(status) &&
        WEXITSTATUS(status) < (int)(sizeof(findings) / sizeof(*findings)))
        f = (finding)WEXITSTATUS(status);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
        say(why, path, "what checked it was killed");
        return GALE_EIO;
    }
    if (f != FOUND_SOUND)
        say(why, path, findings[f].text);
    return findings[f].err;
}
