#define _GNU_SOURCE /* memfd_create */
#include "supervisor/process_start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/pool.h"
#include "supervisor/process_child.h"

extern char **environ;

/* The last are ours alone. */
static const char *const handed_on[] = {
    "PATH", "LANG",   "LC_ALL",         "TZ", "LD_LIBRARY_PATH",
    "HOME", "TMPDIR", "XDG_STATE_HOME",
};

enum {
    N_HANDED_ON = sizeof(handed_on) / sizeof(handed_on[0]),
    N_OURS = 3,
    N_HIS = 3, /* HOME, USER, LOGNAME */
};

static gale_err refused(gale_diag *why, const char *what)
{
    gi_diag_say(why, "%s: %s", what, strerror(errno));
    return GALE_EIO;
}

/* Our own entry of that name, "NAME=value", or NULL. */
static char *ours(const char *name)
{
    size_t len = strlen(name);

    for (char **e = environ; e != NULL && *e != NULL; e++)
        if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
            return *e;
    return NULL;
}

static char *name_value(gi_pool *pool, const char *name, const char *value)
{
    size_t size = strlen(name) + strlen(value) + 2;
    char *text = gi_pool_take(pool, size, 1);

    if (text != NULL)
        snprintf(text, size, "%s=%s", name, value);
    return text;
}

static bool add_his(char **env, size_t *k, const gi_account *a, gi_pool *pool)
{
    const char *const his[N_HIS][2] = {
        { "HOME", a->home },
        { "USER", a->name },
        { "LOGNAME", a->name },
    };

    for (size_t i = 0; i < N_HIS; i++)
        if ((env[(*k)++] = name_value(pool, his[i][0], his[i][1])) == NULL)
            return false;
    return true;
}

/* The cookie first, so that nothing later can stand for it. */
static char **make_env(const gi_process_spec *spec, char *cookie,
                       gi_pool *pool)
{
    size_t n = 1 + N_HANDED_ON + N_HIS + 1, k = 0;
    size_t n_handed_on = N_HANDED_ON - (spec->account == NULL ? 0 : N_OURS);
    char **env;

    for (size_t i = 0; spec->env != NULL && spec->env[i] != NULL; i++)
        n++;
    env = gi_pool_take(pool, n, sizeof(*env));
    if (env == NULL)
        return NULL;
    env[k++] = cookie;
    if (spec->account != NULL && !add_his(env, &k, spec->account, pool))
        return NULL;
    for (size_t i = 0; spec->env != NULL && spec->env[i] != NULL; i++)
        env[k++] = (char *)spec->env[i];
    for (size_t i = 0; i < n_handed_on; i++)
        if (ours(handed_on[i]) != NULL)
            env[k++] = ours(handed_on[i]);
    return env;
}

/* What standard input reads from: memory that has no name. */
static int open_input(const gi_process_spec *spec)
{
    int fd;

    if (spec->brief_len == 0)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    fd = memfd_create("brief", MFD_CLOEXEC);
    if (fd < 0)
        return fd;
    if (gi_write_all(fd, spec->brief, spec->brief_len) &&
        lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Handlers of ours must not run in the child. */
static pid_t fork_quietly(const gi_child *c)
{
    sigset_t all, before;
    pid_t pid;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid == 0)
        gi_child_run(c);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

static void close_if(int fd)
{
    if (fd >= 0)
        close(fd);
}

static gale_err fork_with(const gi_process_spec *spec, char **env, pid_t *pid,
                          int *gate, gale_diag *why)
{
    int ends[2] = { -1, -1 }, nowhere = -1;
    gi_child c = { .spec = spec, .envp = env, .input = -1 };
    gale_err rv = GALE_OK;

    if (spec->output < 0)
        nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    c.output = spec->output < 0 ? nowhere : spec->output;
    c.input = open_input(spec);
    if (c.output < 0 || c.input < 0) {
        rv = refused(why, "cannot open its input and output");
    } else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        rv = refused(why, "cannot make a gate for it");
    } else {
        c.gate = ends[1];
        *pid = fork_quietly(&c);
        if (*pid < 0)
            rv = refused(why, "cannot fork");
    }
    close_if(nowhere);
    close_if(c.input);
    close_if(ends[1]);
    if (rv == GALE_OK)
        *gate = ends[0];
    else
        close_if(ends[0]);
    return rv;
}

gale_err gi_process_fork(const gi_process_spec *spec, pid_t *pid, int *gate,
                         gale_diag *why)
{
    char cookie[GI_COOKIE_MOST];
    gi_pool pool = { 0 };
    gale_err rv = GALE_ENOMEM;
    char **env;

    if (gi_cookie_write(spec->cookie, cookie, sizeof(cookie)) == 0)
        return GALE_EINVAL;
    env = make_env(spec, cookie, &pool);
    if (env != NULL)
        rv = fork_with(spec, env, pid, gate, why);
    gi_pool_fini(&pool);
    return rv;
}
