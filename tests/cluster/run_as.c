/* run_as.c -- a topology that tells as whom it runs, and what it can get at.
 *
 *     numbers --shuffle--> spy (2)
 *
 * Words: files and directories.  Each task of spy's prints, in one piece,
 *
 *     Uid: Gid: Groups: NoNewPrivs:   as in /proc/self/status
 *     HOME= USER= GALE_SECRET_FILE=   of the environment
 *     here MODE UID                   its directory
 *     input N                         bytes that standard input has left
 *     handed on N                     descriptors of memory without a name
 *     PATH: yes, or why not           for each word: can it be read?
 *     end
 *
 * `validate` fails for root if the first word is "not-root".
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gale/gale.h"

static bool numbers_next(void *self, gale_spout_ctx *ctx)
{
    int64_t *n = self;

    gale_spout_emit(ctx, (uint64_t)*n, GALE_ROW(gale_val_i64(*n)));
    ++*n;
    return true;
}

static void tell_status(FILE *to)
{
    static const char *const names[] = { "Uid:", "Gid:", "Groups:",
                                         "NoNewPrivs:" };
    FILE *f = fopen("/proc/self/status", "re");
    char line[512];

    while (f != NULL && fgets(line, sizeof(line), f) != NULL)
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
            if (strncmp(line, names[i], strlen(names[i])) == 0)
                fputs(line, to);
    if (f != NULL)
        fclose(f);
}

static void tell_env(FILE *to)
{
    static const char *const names[] = { "HOME", "USER", "GALE_SECRET_FILE" };

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const char *value = getenv(names[i]);

        fprintf(to, "%s=%s\n", names[i], value == NULL ? "" : value);
    }
}

/* The supervisor's words must not be left for others to find. */
static void tell_descriptors(FILE *to)
{
    DIR *d = opendir("/proc/self/fd");
    char path[300], name[300], left[64];
    const struct dirent *e;
    unsigned n = 0;

    while (d != NULL && (e = readdir(d)) != NULL) {
        snprintf(path, sizeof(path), "/proc/self/fd/%.200s", e->d_name);
        ssize_t len = readlink(path, name, sizeof(name) - 1);
        name[len < 0 ? 0 : len] = '\0';
        n += strstr(name, "memfd:brief") != NULL;
    }
    if (d != NULL)
        closedir(d);
    fprintf(to, "input %zd\nhanded on %u\n",
            read(STDIN_FILENO, left, sizeof(left)), n);
}

static void tell_path(FILE *to, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    fprintf(to, "%s: %s\n", path, fd < 0 ? strerror(errno) : "yes");
    if (fd >= 0)
        close(fd);
}

static gale_err spy_prepare(void *self, gale_bolt_ctx *ctx)
{
    const char *const *words;
    size_t n = gale_task_args(gale_bolt_task(ctx), &words), len = 0;
    char *text = NULL;
    FILE *to = open_memstream(&text, &len);
    struct stat st = { 0 };

    (void)self;
    if (to == NULL)
        return GALE_ENOMEM;
    tell_status(to);
    tell_env(to);
    if (stat(".", &st) == 0)
        fprintf(to, "here %04o %u\n", (unsigned)st.st_mode & 07777,
                (unsigned)st.st_uid);
    tell_descriptors(to);
    for (size_t i = 0; i < n; i++)
        tell_path(to, words[i]);
    fputs("end\n", to);
    fclose(to);
    if (write(STDOUT_FILENO, text, len) != (ssize_t)len)
        len = 0;
    free(text);
    return len == 0 ? GALE_EUSER : GALE_OK;
}

static gale_verdict spy_execute(void *self, const gale_tuple *in,
                                gale_bolt_ctx *ctx)
{
    (void)self, (void)in, (void)ctx;
    usleep(1000);
    return GALE_ACK;
}

static const gale_spout numbers = {
    .state_size = sizeof(int64_t),
    .output = GALE_FIELDS(GALE_I64("number")),
    .next = numbers_next,
};

static const gale_bolt spy = {
    .prepare = spy_prepare,
    .execute = spy_execute,
};

static const gale_component components[] = {
    { .id = "numbers", .spout = &numbers },
    {
        .id = "spy",
        .bolt = &spy,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")),
        .tasks = 2,
    },
};

static const gale_topology topology = {
    .abi = GALE_ABI,
    .name = "spy",
    .args = "[not-root] PATH...",
    .components = GALE_COMPONENTS(components),
};

static bool is_among(int argc, char **argv, const char *word)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], word) == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "validate") == 0 && geteuid() == 0 &&
        is_among(argc, argv, "not-root")) {
        fprintf(stderr, "root must not run this\n");
        return 1;
    }
    return gale_main(argc, argv, &topology);
}
