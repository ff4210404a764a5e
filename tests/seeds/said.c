#include "tests/seeds/said.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void *shared_memory(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED) {
        perror("mmap");
        exit(3);
    }
    return p;
}

/* ------------------------------------------------------ standard error -- */

int said_open(void)
{
    char name[] = "/tmp/gale-sim-XXXXXX";
    int fd = mkstemp(name);

    if (fd < 0) {
        perror("mkstemp");
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

void said_of_death(char *wrong, size_t wrong_len, char *words,
                   size_t words_len, int status, bool hangs, int said)
{
    char text[SAID];

    said_tail(said, text, sizeof(text));
    snprintf(wrong, wrong_len, hangs ? "hangs" : "crash");
    if (hangs)
        snprintf(words, words_len, "it did not end in %d s", HANGS_AFTER_S);
    else if (WIFSIGNALED(status))
        snprintf(words, words_len, "signal %d (%s): %.300s", WTERMSIG(status),
                 strsignal(WTERMSIG(status)), text);
    else
        snprintf(words, words_len, "exit status %d: %.300s",
                 WEXITSTATUS(status), text);
}
