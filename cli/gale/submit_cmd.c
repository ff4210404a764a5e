/* submit_cmd.c -- `gale submit PROGRAM ...`: it can do that itself. */
#define _GNU_SOURCE /* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/gale/program.h"

extern char **environ;

enum { ANSWER_MS = 5000 };

/* Start `path --version` with all that it says in a pipe. */
static int ask_version(const char *path, pid_t *pid)
{
    char *argv[] = { (char *)path, (char *)"--version", NULL };
    posix_spawn_file_actions_t to;
    int ends[2], rv;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    posix_spawn_file_actions_init(&to);
    posix_spawn_file_actions_adddup2(&to, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&to, STDIN_FILENO, "/dev/null", O_RDONLY,
                                     0);
    posix_spawn_file_actions_adddup2(&to, ends[1], STDERR_FILENO);
    rv = posix_spawn(pid, path, &to, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&to);
    close(ends[1]);
    if (rv == 0)
        return ends[0];
    close(ends[0]);
    errno = rv;
    return -1;
}

/* What it prints, until its end, or for as long as we have patience. */
static void read_answer(int fd, char *text, size_t size)
{
    int64_t end = gi_clock_ms() + ANSWER_MS;
    size_t n = 0;

    for (;;) {
        int left = (int)(end - gi_clock_ms());
        struct pollfd p = { .fd = fd, .events = POLLIN };

        if (left <= 0 || n + 1 >= size || poll(&p, 1, left) <= 0)
            break;
        ssize_t got = read(fd, text + n, size - 1 - n);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    text[n] = '\0';
}

/* If it is none: `text` is what the loader said, if that is why, else "". */
static bool is_topology(const char *path, char *text, size_t size)
{
    pid_t pid;
    int status = 0, fd = ask_version(path, &pid);

    text[0] = '\0';
    if (fd < 0) {
        snprintf(text, size, "%s", strerror(errno));
        return false;
    }
    read_answer(fd, text, size);
    close(fd);
    kill(pid, SIGKILL); /* it had its time; if it ended, this does nothing */
    waitpid(pid, &status, 0);
    if (strstr(text, ", on Gale ") != NULL)
        return true;
    text[WIFEXITED(status) && WEXITSTATUS(status) == 127 ? strcspn(text, "\n")
                                                         : 0] = '\0';
    return false;
}

int gi_program_check(gi_gale *g, const char *name, char **path)
{
    gi_strbuf to = { 0 };
    struct stat st;
    const char *what = NULL;
    char said[512];

    if (stat(name, &st) != 0)
        what = strerror(errno);
    else if (S_ISDIR(st.st_mode))
        what = "it is a directory";
    else if (access(name, X_OK) != 0)
        what = "it is not executable (chmod +x?)";
    if (what != NULL) {
        gi_screen_say(&g->cli.screen, "cannot run the program '%s': %s", name,
                      what);
        return GI_EXIT_USAGE;
    }
    gi_strbuf_printf(&to, "%s%s", strchr(name, '/') == NULL ? "./" : "", name);
    *path = gi_strbuf_take(&to);
    if (*path == NULL) {
        gi_screen_say(&g->cli.screen, "%s", gale_err_text(GALE_ENOMEM));
        return GI_EXIT_FAILED;
    }
    if (is_topology(*path, said, sizeof(said)))
        return GI_EXIT_DONE;
    gi_free(*path);
    *path = NULL;
    if (said[0] != '\0')
        gi_screen_say(&g->cli.screen, "the program '%s' does not start: %s",
                      name, said);
    else
        gi_screen_say(&g->cli.screen,
                      "'%s' is not the program of a topology (one that ends "
                      "in gale_main; see man gale-topology)",
                      name);
    return GI_EXIT_USAGE;
}

char **gi_program_argv(const gi_gale *g, const char *path,
                       const char *const *more, int n, bool behind)
{
    char **argv = gi_calloc((size_t)(g->argc + n + 3), sizeof(*argv));
    const gi_options *o = &g->cli.o;
    int to = 0;

    if (argv == NULL)
        return NULL;
    argv[to++] = (char *)path;
    argv[to++] = (char *)"submit";
    for (int i = 0; i < n; i++)
        argv[to++] = (char *)more[i];
    for (int i = behind ? o->word_at : 1; i < g->argc; i++)
        if (i != o->verb_at && i != o->word_at)
            argv[to++] = g->argv[i];
    return argv;
}

int gi_gale_submit(gi_gale *g)
{
    char *path = NULL, **argv;
    int code = gi_program_check(g, g->cli.o.words[0], &path);

    if (code != GI_EXIT_DONE)
        return code;
    argv = gi_program_argv(g, path, NULL, 0, false);
    if (argv != NULL)
        execv(path, argv);
    gi_screen_say(&g->cli.screen, "cannot run the program '%s': %s", path,
                  argv == NULL ? gale_err_text(GALE_ENOMEM) : strerror(errno));
    gi_free(argv);
    gi_free(path);
    return GI_EXIT_FAILED;
}
