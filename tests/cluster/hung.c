/* hung.c -- a topology in which a callback can be made to hang, or to take
 * long.
 *
 *     numbers --shuffle--> trap (2)
 *
 * Words: how many numbers, and a directory.  Who finds a file there takes it
 * away (so only one does, once) and
 *
 *     ever    leaves the file `hung`, and does not return
 *     while   leaves the file `hung`, and returns when that is taken away
 *     long    takes 0.5 s
 *
 * Each number that is acked leaves a line in the file `acked`.
 *
 *     hung burn N    no topology: N threads that never rest, until killed
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "gale/gale.h"

struct spout {
    int64_t next, n;
    int acked;
};

struct trap {
    const char *dir;
};

static void path_of(char *to, size_t size, const char *dir, const char *name)
{
    snprintf(to, size, "%s/%s", dir, name);
}

static const char *const *words_of(gale_task *t)
{
    const char *const *words;

    if (gale_task_args(t, &words) == 2)
        return words;
    gale_task_error(t, "the words are: how many numbers, and a directory");
    return NULL;
}

static gale_err spout_open(void *self, gale_spout_ctx *ctx)
{
    struct spout *s = self;
    const char *const *words = words_of(gale_spout_task(ctx));
    char path[512];

    if (words == NULL)
        return GALE_EUSER;
    s->n = strtoll(words[0], NULL, 10);
    path_of(path, sizeof(path), words[1], "acked");
    s->acked = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return s->acked < 0 ? GALE_EUSER : GALE_OK;
}

static bool spout_next(void *self, gale_spout_ctx *ctx)
{
    struct spout *s = self;

    if (s->next == s->n)
        return false;
    gale_spout_emit(ctx, (uint64_t)s->next, GALE_ROW(gale_val_i64(s->next)));
    s->next++;
    return true;
}

static void spout_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    struct spout *s = self;

    if (dprintf(s->acked, "%llu\n", (unsigned long long)id) < 0)
        gale_task_error(gale_spout_task(ctx), "acked: %s", strerror(errno));
}

static void spout_close(void *self, gale_spout_ctx *ctx)
{
    (void)ctx;
    close(((struct spout *)self)->acked);
}

static gale_err trap_prepare(void *self, gale_bolt_ctx *ctx)
{
    const char *const *words = words_of(gale_bolt_task(ctx));

    if (words == NULL)
        return GALE_EUSER;
    ((struct trap *)self)->dir = words[1];
    return GALE_OK;
}

static bool take(const char *dir, const char *name)
{
    char path[512];

    path_of(path, sizeof(path), dir, name);
    return unlink(path) == 0;
}

static bool is_there(const char *dir, const char *name)
{
    char path[512];

    path_of(path, sizeof(path), dir, name);
    return access(path, F_OK) == 0;
}

static void say_hung(const char *dir)
{
    char path[512];
    int fd;

    path_of(path, sizeof(path), dir, "hung");
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

static void rest_ms(int64_t ms)
{
    struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

    while (nanosleep(&t, &t) != 0 && errno == EINTR)
        ;
}

static gale_verdict trap_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    struct trap *t = self;

    (void)in, (void)ctx;
    if (take(t->dir, "ever")) {
        say_hung(t->dir);
        for (;;)
            rest_ms(1000);
    }
    if (take(t->dir, "while")) {
        say_hung(t->dir);
        while (is_there(t->dir, "hung"))
            rest_ms(20);
    }
    if (take(t->dir, "long"))
        rest_ms(500);
    rest_ms(1);
    return GALE_ACK;
}

static const gale_spout numbers_spout = {
    .state_size = sizeof(struct spout),
    .output = GALE_FIELDS(GALE_I64("number")),
    .open = spout_open,
    .next = spout_next,
    .ack = spout_ack,
    .close = spout_close,
};

static const gale_bolt trap_bolt = {
    .state_size = sizeof(struct trap),
    .prepare = trap_prepare,
    .execute = trap_execute,
};

static const gale_component components[] = {
    { .id = "numbers", .spout = &numbers_spout },
    {
        .id = "trap",
        .bolt = &trap_bolt,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")),
        .tasks = 2,
    },
};

static const gale_topology hung = {
    .abi = GALE_ABI,
    .name = "hung",
    .args = "NUMBERS DIR",
    .components = GALE_COMPONENTS(components),
};

static void *burn(void *arg)
{
    volatile uint64_t *n = arg;

    for (;;)
        ++*n;
    return NULL;
}

static int burn_all(unsigned long n)
{
    static uint64_t counts[1024];
    pthread_t thread;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (unsigned long i = 0; i < n && i < 1024; i++)
        if (pthread_create(&thread, NULL, burn, &counts[i]) != 0)
            return 1;
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "burn") == 0)
        return burn_all(strtoul(argv[2], NULL, 10));
    return gale_main(argc, argv, &hung);
}
