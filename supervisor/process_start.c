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

#include "base/file.h"
#include "base/mem.h"
#include "supervisor/process_child.h"

extern char **environ;

static const char *const handed_on[] = {
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH",
};

enum { N_HANDED_ON = sizeof(handed_on) / sizeof(handed_on[0]) };

static gale_err refused(gale_diag *why, const char *what)
{
    if (why != NULL)
        snprintf(why->text, sizeof(why->text), "%s: %s", what,
                 strerror(errno));
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

/* The cookie first, so that nothing later can stand for it. */
static char **make_env(const gi_process_spec *spec, char *cookie)
{
    size_t n = 1 + N_HANDED_ON + 1, k = 0;
    char **env;

    for (size_t i = 0; spec->env != NULL && spec->env[i] != NULL; i++)
        n++;
    env = gi_calloc(n, sizeof(*env));
    if (env == NULL)
        return NULL;
    env[k++] = cookie;
    for (size_t i = 0; spec->env != NULL && spec->env[i] != NULL; i++)
        env[k++] = (char *)spec->env[i];
    for (size_t i = 0; i < N_HANDED_ON; i++)
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
    char **env;
    gale_err rv;

    if (gi_cookie_write(spec->cookie, cookie, sizeof(cookie)) == 0)
        return GALE_EINVAL;
    env = make_env(spec, cookie);
    if (env == NULL)
        return GALE_ENOMEM;
    rv = fork_with(spec, env, pid, gate, why);
    gi_free(env);
    return rv;
}
