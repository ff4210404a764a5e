#include "apart.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void outcome_of_death(outcome *out, int status, bool hangs, int said)
{
    said_of_death(out->wrong, sizeof(out->wrong), out->words,
                  sizeof(out->words), status, hangs, said);
}

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
