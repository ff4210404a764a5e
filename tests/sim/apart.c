#include "apart.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void *shared_memory(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED) {
        perror("gale-sim: mmap");
        exit(3);
    }
    return p;
}

/* -------------------------------------------------------- standard error --
 */

int said_open(void)
{
    char name[] = "/tmp/gale-sim-XXXXXX";
    int fd = mkstemp(name);

    if (fd < 0) {
        perror("gale-sim: mkstemp");
        exit(3);
    }
    unlink(name);
    return fd;
}

void said_take(int fd)
{
    if (dup2(fd, STDERR_FILENO) < 0)
        exit(3);
}

void said_forget(void)
{
    if (ftruncate(STDERR_FILENO, 0) == 0)
        lseek(STDERR_FILENO, 0, SEEK_SET);
}

void said_tail(int fd, char *to, size_t len)
{
    off_t end = lseek(fd, 0, SEEK_END);
    off_t from = end > (off_t)len - 1 ? end - (off_t)len + 1 : 0;
    ssize_t n = pread(fd, to, len - 1, from);

    to[n < 0 ? 0 : n] = '\0';
}

void outcome_of_death(outcome *out, int status, bool hangs, int said)
{
    char text[SAID];

    said_tail(said, text, sizeof(text));
    snprintf(out->wrong, sizeof(out->wrong), hangs ? "hangs" : "crash");
    if (hangs)
        snprintf(out->words, sizeof(out->words), "it did not end in %d s",
                 HANGS_AFTER_S);
    else if (WIFSIGNALED(status))
        snprintf(out->words, sizeof(out->words), "signal %d (%s): %.300s",
                 WTERMSIG(status), strsignal(WTERMSIG(status)), text);
    else
        snprintf(out->words, sizeof(out->words), "exit status %d: %.300s",
                 WEXITSTATUS(status), text);
}

/* --------------------------------------------------------------- running --
 */

void run_apart(const scenario *s, const run_opts *o, outcome *out)
{
    outcome *theirs = shared_memory(sizeof(*theirs));
    int said = said_open(), status = 0;

    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        said_take(said);
        alarm(HANGS_AFTER_S);
        run_scenario(s, o, theirs);
        exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("gale-sim: fork");
        exit(3);
    }
    *out = *theirs;
    out->seed = s->seed;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        outcome_of_death(out, status,
                         WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM,
                         said);
    close(said);
    munmap(theirs, sizeof(*theirs));
}
