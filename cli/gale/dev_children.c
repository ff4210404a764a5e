/* dev_children.c -- the daemons of `gale dev`: started, missed, started anew.
 */
#define _GNU_SOURCE /* sigtimedwait and friends */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/gale/dev.h"
#include "cli/tail.h"

enum {
    AGAIN_MS = 100, /* the pause before a daemon is started anew */
    SOON_MS = 2000, /* one that dies sooner has not come up */
    DEATHS = 3,     /* so many of those in a row are enough */
    LAST_BYTES = 4096,
    LAST_LINES = 8,
};

/* ------------------------------------------------------------ starting -- */

static void log_path(const gi_dev *d, const gi_dev_child *c, char *to,
                     size_t size)
{
    snprintf(to, size, "%s/logs/%s.log", d->dir, c->name);
}

/* Between fork and exec: the parent may have threads, so nothing here takes
 * memory or a lock.  A group of its own, for Ctrl-C is for the parent. */
static void become(const char *path, char *const *argv, int log, pid_t parent)
{
    sigset_t none;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(1);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0)
        dup2(nothing, STDIN_FILENO);
    execv(path, argv); /* so that it goes by its name; if it is still there */
    execv("/proc/self/exe", argv);
    _exit(127);
}

/* "gale nimbus --config theirs --config ours -c ..."; ours is the last file.
 */
static char **make_argv(const gi_dev *d, const gi_dev_child *c,
                        gi_strbuf *pairs)
{
    static const char *const levels[] = { "error", "warn", "info", "debug" };
    const gi_options *o = &d->g->cli.o;
    const char *key;
    size_t n = 0, n_keys = 0, to = 0, at = 0;

    while ((key = gi_conf_key_at(o->conf, n_keys)) != NULL) {
        if (strcmp(key, "storm.local.dir") != 0) {
            gi_strbuf_printf(pairs, "%s=%s", key, gi_conf_get(o->conf, key));
            gi_strbuf_putc(pairs, '\0');
        }
        n_keys++;
    }
    char **argv = gi_calloc(2 * (o->n_files + n_keys) + 8, sizeof(*argv));
    if (argv == NULL || pairs->failed) {
        gi_free(argv);
        return NULL;
    }
    argv[to++] = (char *)"gale";
    argv[to++] = (char *)c->name;
    argv[to++] = (char *)"--log-level";
    argv[to++] = (char *)levels[o->log_level];
    for (n = 0; n < o->n_files; n++) {
        argv[to++] = (char *)"--config";
        argv[to++] = (char *)o->files[n];
    }
    while (at < pairs->len) {
        argv[to++] = (char *)"-c";
        argv[to++] = pairs->at + at;
        at += strlen(pairs->at + at) + 1;
    }
    return argv;
}

bool gi_dev_start(gi_dev *d, gi_dev_child *c)
{
    char path[4200], self[4200];
    gi_strbuf pairs = { 0 };
    pid_t me = getpid();
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

    log_path(d, c, path, sizeof(path));
    int log = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    char **argv = make_argv(d, c, &pairs);
    self[n < 0 ? 0 : n] = '\0';
    c->pid = log < 0 || argv == NULL ? -1 : fork();
    if (c->pid == 0)
        become(self, argv, log, me);
    if (c->pid < 0)
        gi_screen_say(&d->g->cli.screen, "cannot start %s: %s", c->name,
                      strerror(errno));
    if (log >= 0)
        close(log);
    gi_free(argv);
    gi_strbuf_fini(&pairs);
    c->began_ms = gi_clock_ms();
    c->again_ms = 0;
    if (c->pid > 0)
        return true;
    c->pid = 0;
    return false;
}

/* ------------------------------------------------------------- missing -- */

static void tell_log(gi_dev *d, const gi_dev_child *c)
{
    char path[4200], text[LAST_BYTES + 1];

    log_path(d, c, path, sizeof(path));
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return;
    if (fseek(f, -(long)LAST_BYTES, SEEK_END) != 0)
        rewind(f);
    size_t n = fread(text, 1, LAST_BYTES, f);
    fclose(f);
    text[n] = '\0';
    gi_screen_say(&d->g->cli.screen, "the end of %s:", path);
    gi_screen_put(&d->g->cli.screen, gi_tail_lines(text, LAST_LINES));
}

static void say_death(gi_dev *d, const gi_dev_child *c, int status)
{
    gi_screen *s = &d->g->cli.screen;

    if (WIFSIGNALED(status))
        gi_screen_say(s, "%s died of signal %d (%s); it is started anew",
                      c->name, WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        gi_screen_say(s, "%s ended with code %d; it is started anew", c->name,
                      WEXITSTATUS(status));
}

/* False: it does not come up. */
static bool miss(gi_dev *d, gi_dev_child *c, int status)
{
    int64_t now = gi_clock_ms();

    c->pid = 0;
    if (d->interrupts > 0)
        return true;
    c->deaths = now - c->began_ms < SOON_MS ? c->deaths + 1 : 0;
    if (c->deaths >= DEATHS) {
        gi_screen_say(&d->g->cli.screen, "%s does not come up", c->name);
        tell_log(d, c);
        return false;
    }
    say_death(d, c, status);
    c->again_ms = now + AGAIN_MS;
    return true;
}

/* Also workers that lost their supervisor are ours. */
static bool reap(gi_dev *d)
{
    bool fine = true;
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == d->nimbus.pid)
            fine = miss(d, &d->nimbus, status) && fine;
        else if (pid == d->supervisor.pid)
            fine = miss(d, &d->supervisor, status) && fine;
        else if (pid == d->drpc.pid)
            fine = miss(d, &d->drpc, status) && fine;
        else if (pid == d->program)
            d->program = 0;
    }
    return fine;
}

static bool start_again(gi_dev *d, gi_dev_child *c, int64_t now)
{
    if (c->again_ms == 0 || now < c->again_ms || d->interrupts > 0)
        return true;
    return gi_dev_start(d, c);
}

bool gi_dev_turn(gi_dev *d, int64_t wait_ms)
{
    struct timespec wait = { wait_ms / 1000, wait_ms % 1000 * 1000000 };
    int got = sigtimedwait(&d->signals, NULL, &wait);
    bool fine = true;

    if (got == SIGINT || got == SIGTERM)
        d->interrupts++;
    fine = reap(d) && fine;
    int64_t now = gi_clock_ms();
    fine = start_again(d, &d->nimbus, now) && fine;
    fine = start_again(d, &d->supervisor, now) && fine;
    return start_again(d, &d->drpc, now) && fine;
}
