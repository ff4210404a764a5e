#define _GNU_SOURCE /* pipe2 */
#include "bench/house.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/interrupt.h"

enum { LATE_S = 30, EXEC_LOOKS = 500 };

void bench_nap_us(long us)
{
    nanosleep(&(struct timespec){ us / 1000000, us % 1000000 * 1000 }, NULL);
}

static int64_t late(void)
{
    return bench_now_ns() + LATE_S * INT64_C(1000000000);
}

/* ----------------------------------------------------------- processes -- */

/* All of a file of this process, or as much as there is room for. */
static ssize_t read_of(pid_t pid, const char *name, char *to, size_t len)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, to, len);

    if (fd >= 0)
        close(fd);
    return n;
}

/* It has a program: it is no zombie, and not the kernel's. */
static bool has_program(pid_t pid)
{
    char path[64], program[8];

    snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
    return readlink(path, program, sizeof(program)) > 0;
}

/* Its words, parted by spaces; 0 bytes: it is gone, or a zombie.  In the midst
 * of exec a process has none yet: for that moment it is waited. */
static size_t command_line(pid_t pid, char *to, size_t len)
{
    ssize_t n = read_of(pid, "cmdline", to, len - 1);

    for (int i = 0; i < EXEC_LOOKS && n == 0 && has_program(pid); i++) {
        bench_nap_us(200);
        n = read_of(pid, "cmdline", to, len - 1);
    }
    if (n <= 0)
        return 0;
    to[n] = '\0';
    for (ssize_t i = 0; i < n - 1; i++)
        if (to[i] == '\0')
            to[i] = ' ';
    return (size_t)n;
}

static bench_process what_it_is(const bench_house *h, pid_t pid,
                                const char *words)
{
    bench_process p = { .pid = pid, .role = BENCH_OTHER };
    const char *verb = strchr(words, ' ');
    const char *workers = strstr(words, "/workers/");

    if (verb == NULL)
        return p;
    if (pid == h->dev)
        p.role = BENCH_DEV;
    else if (strncmp(verb, " nimbus ", 8) == 0)
        p.role = BENCH_NIMBUS;
    else if (strncmp(verb, " supervisor ", 12) == 0)
        p.role = BENCH_SUPERVISOR;
    else if (strncmp(verb, " worker ", 8) == 0 && workers != NULL)
        p.role = BENCH_WORKER;
    if (p.role == BENCH_WORKER)
        p.port = (uint16_t)atoi(workers + 9);
    return p;
}

uint32_t bench_house_find(const bench_house *h, unsigned roles,
                          bench_process *to)
{
    DIR *proc = opendir("/proc");
    char words[4096];
    uint32_t n = 0;
    const struct dirent *e;

    while (proc != NULL && (e = readdir(proc)) != NULL) {
        pid_t pid = (pid_t)atoi(e->d_name);

        if (pid <= 0 || n == BENCH_PROCESSES || pid == getpid() ||
            command_line(pid, words, sizeof(words)) == 0 ||
            strstr(words, h->dir) == NULL)
            continue;
        to[n] = what_it_is(h, pid, words);
        n += (to[n].role & roles) != 0;
    }
    if (proc != NULL)
        closedir(proc);
    return n;
}

double bench_house_cpu_ns(const bench_house *h)
{
    bench_process p[BENCH_PROCESSES];
    uint32_t n = bench_house_find(h, BENCH_WORKER, p);
    double all = 0;

    for (uint32_t i = 0; i < n; i++)
        all += bench_cpu_of(p[i].pid) * 1e9;
    return all;
}

static void reap(bench_house *h)
{
    if (h->dev > 0 && waitpid(h->dev, NULL, WNOHANG) == h->dev)
        h->dev = 0;
}

/* First none can do anything any more, then none is there any more: so nobody
 * is told of the others' end. */
bool bench_house_cut(bench_house *h)
{
    bench_process p[BENCH_PROCESSES];
    int64_t end = late();
    uint32_t n = bench_house_find(h, BENCH_ALL, p);

    for (uint32_t i = 0; i < n; i++)
        kill(p[i].pid, SIGSTOP);
    while ((n = bench_house_find(h, BENCH_ALL, p)) > 0 || h->dev > 0) {
        for (uint32_t i = 0; i < n; i++)
            kill(p[i].pid, SIGKILL);
        reap(h);
        if (bench_now_ns() > end) {
            bench_say("%u processes cannot be killed", n);
            return false;
        }
        bench_nap_us(500);
    }
    return true;
}

void bench_house_kill_dev(bench_house *h)
{
    if (h->dev > 0 && kill(h->dev, SIGKILL) == 0)
        waitpid(h->dev, NULL, 0);
    h->dev = 0;
}

/* ------------------------------------------------------------- commands -- */

/* `out` >= 0: for its standard output; else with the errors into DIR/said.
 * However this process ends, it is told to end, too. */
static pid_t begin(bench_house *h, char *const *argv, const char *file,
                   int out)
{
    char said[128];
    pid_t pid, us = getpid();

    snprintf(said, sizeof(said), "%s/said", h->dir);
    pid = fork();
    if (pid != 0)
        return pid;

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != us)
        _exit(126);
    int fd = open(said, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int nothing = open("/dev/null", O_RDONLY);

    if (fd < 0 || nothing < 0 || dup2(fd, STDERR_FILENO) < 0 ||
        dup2(out < 0 ? fd : out, STDOUT_FILENO) < 0 ||
        dup2(nothing, STDIN_FILENO) < 0)
        _exit(126);
    execv(file, argv);
    _exit(127);
}

static void tell(const char *path, const char *lines)
{
    char command[256];

    snprintf(command, sizeof(command), "tail -n %s '%s' >&2", lines, path);
    if (system(command) != 0)
        bench_say("%s cannot be shown", path);
}

static bool run(bench_house *h, char *const *argv, const char *file)
{
    pid_t pid = begin(h, argv, file, -1);
    int status = -1;
    char said[128];

    if (pid > 0 && waitpid(pid, &status, 0) == pid && status == 0)
        return true;
    bench_say("'%s %s' failed:", argv[0], argv[1]);
    snprintf(said, sizeof(said), "%s/said", h->dir);
    tell(said, "10");
    return false;
}

enum { WORDS = 48 };

bool bench_house_gale(bench_house *h, const char *const *words)
{
    char *argv[WORDS] = { (char *)"gale" };
    int n = 1;

    for (; *words != NULL && n < WORDS - 3; words++)
        argv[n++] = (char *)*words;
    argv[n++] = (char *)"--nimbus";
    argv[n++] = h->nimbus;
    return run(h, argv, h->gale);
}

bool bench_house_submit(bench_house *h, const char *name,
                        const char *const *settings, bool wait)
{
    char *argv[WORDS] = { (char *)"program", (char *)"submit",
                          (char *)"--nimbus", h->nimbus };
    int n = 4;

    if (!wait)
        argv[n++] = (char *)"--no-wait";
    for (; *settings != NULL && n < WORDS - 4; settings++) {
        argv[n++] = (char *)"-c";
        argv[n++] = (char *)*settings;
    }
    argv[n++] = (char *)name;
    argv[n++] = h->board;
    return run(h, argv, "/proc/self/exe");
}

/* --------------------------------------------------------- life and end -- */

static bool find_gale(bench_house *h, const char *gale)
{
    ssize_t n;

    if (gale != NULL) {
        snprintf(h->gale, sizeof(h->gale), "%s", gale);
    } else {
        n = readlink("/proc/self/exe", h->gale, sizeof(h->gale) - 8);
        while (n > 0 && h->gale[n - 1] != '/')
            n--;
        strcpy(h->gale + (n > 0 ? n : 0), "gale");
    }
    if (access(h->gale, X_OK) == 0)
        return true;
    bench_say("the program %s is needed: %s", h->gale, strerror(errno));
    return false;
}

bool bench_house_open(bench_house *h, const char *gale)
{
    const char *tmp = getenv("TMPDIR");

    memset(h, 0, sizeof(*h));
    if (!find_gale(h, gale))
        return false;
    snprintf(h->dir, sizeof(h->dir), "%.60s/gale-house-XXXXXX",
             tmp == NULL ? P_tmpdir : tmp);
    if (mkdtemp(h->dir) == NULL) {
        bench_say("no temporary directory: %s", strerror(errno));
        return false;
    }
    snprintf(h->board, sizeof(h->board), "%s/board", h->dir);
    bench_interrupt_ends(h->dir, &h->dev);
    return true;
}

void bench_house_close(bench_house *h)
{
    char command[128];

    if (h->dir[0] == '\0')
        return;
    bench_house_cut(h);
    snprintf(command, sizeof(command), "rm -rf '%s'", h->dir);
    if (system(command) != 0)
        bench_say("%s is left over", h->dir);
    bench_interrupt_ends(NULL, NULL);
}

/* It says where Nimbus is in one line of JSON, when all is up. */
static bool hear(bench_house *h, int from)
{
    char line[1024];
    FILE *f = fdopen(from, "r");
    const char *at = f == NULL || fgets(line, sizeof(line), f) == NULL
                         ? NULL
                         : strstr(line, "\"nimbus\":\"");

    if (at != NULL)
        snprintf(h->nimbus, sizeof(h->nimbus), "%.*s",
                 (int)strcspn(at + 10, "\""), at + 10);
    if (f == NULL)
        close(from);
    else
        fclose(f);
    return at != NULL;
}

bool bench_house_stop(bench_house *h, const char *name)
{
    const char *words[] = { "kill", name, "-w", "0", NULL };
    bench_process p[BENCH_PROCESSES];
    int64_t end = late();

    if (!bench_house_gale(h, words))
        return false;
    while (bench_house_find(h, BENCH_WORKER, p) > 0) {
        if (bench_now_ns() > end) {
            bench_say("the workers of '%s' do not end", name);
            return false;
        }
        bench_nap_us(10000);
    }
    return true;
}

/* Of those that look for free ports at the same time, one after the other. */
static int wait_for_turn(const bench_house *h)
{
    char path[160];

    snprintf(path, sizeof(path), "%s/../gale-house.lock", h->dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd >= 0 && flock(fd, LOCK_EX) != 0)
        bench_say("%s: %s", path, strerror(errno));
    return fd;
}

bool bench_house_begin(bench_house *h)
{
    char where[128], said[128], slots[16];
    char *argv[] = { (char *)"gale",
                     (char *)"dev",
                     (char *)"--json",
                     (char *)"-c",
                     where,
                     h->slots == 0 ? NULL : (char *)"--slots",
                     slots,
                     NULL };
    int ends[2];

    snprintf(where, sizeof(where), "storm.local.dir=%s/gale", h->dir);
    snprintf(slots, sizeof(slots), "%u", h->slots);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        bench_say("no pipe: %s", strerror(errno));
        return false;
    }
    int turn = wait_for_turn(h);
    h->dev = begin(h, argv, h->gale, ends[1]);
    close(ends[1]);
    bool fine = hear(h, ends[0]);
    if (turn >= 0)
        close(turn);
    if (fine)
        return true;
    bench_say("gale dev does not come up:");
    snprintf(said, sizeof(said), "%s/said", h->dir);
    tell(said, "20");
    bench_house_cut(h);
    return false;
}

bool bench_house_end(bench_house *h)
{
    bench_process p[BENCH_PROCESSES];
    int64_t end = late();
    uint32_t n;

    if (h->dev > 0)
        kill(h->dev, SIGTERM);
    while (h->dev > 0) {
        int status;

        if (waitpid(h->dev, &status, WNOHANG) == h->dev) {
            h->dev = 0;
            if (status != 0)
                bench_say("gale dev ended with status %d", status);
            if (status != 0)
                return false;
        }
        if (bench_now_ns() > end) {
            bench_say("gale dev does not end");
            return false;
        }
        bench_nap_us(1000);
    }
    n = bench_house_find(h, BENCH_ALL, p);
    if (n > 0)
        bench_say("gale dev left %u processes behind", n);
    return n == 0;
}

void bench_house_worker(const bench_house *h, uint16_t port, char *to,
                        size_t len)
{
    snprintf(to, len, "%s/gale/supervisor/workers/%u", h->dir, port);
}

void bench_house_logs(const bench_house *h)
{
    char command[512];

    snprintf(command, sizeof(command),
             "tail -n 12 '%s/said' >&2; find '%s/gale' -name '*.log' "
             "-exec tail -n 40 {} + >&2",
             h->dir, h->dir);
    if (system(command) != 0)
        bench_say("there are no logs");
}
