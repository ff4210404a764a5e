#define _GNU_SOURCE /* memmem */
#include "supervisor/proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/strbuf.h"

static int open_at(const char *path)
{
    int fd;

    do
        fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static ssize_t read_some(int fd, char *to, size_t size)
{
    ssize_t n;

    do
        n = read(fd, to, size);
    while (n < 0 && errno == EINTR);
    return n;
}

/* A small file as a string; < 0: it cannot be read. */
static ssize_t read_file(const char *path, char *text, size_t size)
{
    int fd = open_at(path);
    ssize_t n = fd < 0 ? -1 : read_some(fd, text, size - 1);

    if (fd >= 0)
        close(fd);
    text[n < 0 ? 0 : n] = '\0';
    return n;
}

/* The name in brackets may hold anything, brackets and blanks too; behind the
 * last one there are only numbers. */
static gale_err parse_stat(const char *path, gi_proc_stat *out)
{
    char text[1024];
    const char *at;

    if (read_file(path, text, sizeof(text)) <= 0 ||
        (at = strrchr(text, ')')) == NULL)
        return GALE_ENOTFOUND;
    if (sscanf(at + 1,
               " %c %*d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
               "%*d %*d %*d %" SCNu64,
               &out->state, &out->group, &out->session, &out->began) != 4)
        return GALE_ENOTFOUND;
    return GALE_OK;
}

gale_err gi_proc_look(pid_t pid, gi_proc_stat *out)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    return parse_stat(path, out);
}

/* Whose its files in /proc are says nothing: a process can give them to root.
 */
gale_err gi_proc_user(pid_t pid, uint32_t *uid)
{
    char path[64], text[4096];
    const char *at;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    if (read_file(path, text, sizeof(text)) <= 0 ||
        (at = strstr(text, "\nUid:")) == NULL ||
        sscanf(at, " Uid: %" SCNu32, uid) != 1)
        return GALE_ENOTFOUND;
    return GALE_OK;
}

/* The whole environment: entries that each end with a NUL. */
static bool read_environ(pid_t pid, gi_strbuf *b)
{
    enum { MOST = 4 << 20 };
    char path[64], chunk[4096];
    ssize_t n = 0;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
    fd = open_at(path);
    if (fd < 0)
        return false;
    while (b->len < MOST && (n = read_some(fd, chunk, sizeof(chunk))) > 0)
        gi_strbuf_add(b, chunk, (size_t)n);
    close(fd);
    return n >= 0 && !b->failed;
}

gale_err gi_proc_env(pid_t pid, const char *name, char *value, size_t size)
{
    gi_strbuf b = { 0 };
    size_t len = strlen(name);
    gale_err rv = GALE_ENOTFOUND;

    if (read_environ(pid, &b)) {
        rv = b.len == 0 ? GALE_EBUSY : GALE_ENOTFOUND;
        for (size_t at = 0, n; at < b.len; at += n + 1) {
            n = strnlen(b.at + at, b.len - at);
            if (n <= len || memcmp(b.at + at, name, len) != 0 ||
                b.at[at + len] != '=' || n - len > size)
                continue;
            memcpy(value, b.at + at + len + 1, n - len - 1);
            value[n - len - 1] = '\0';
            rv = GALE_OK;
            break;
        }
    }
    gi_strbuf_fini(&b);
    return rv;
}

gale_err gi_proc_thread(pid_t pid, pid_t tid, char *state, uint64_t *cpu_ns)
{
    char path[96], text[128];
    gi_proc_stat stat;
    gale_err rv;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)tid);
    rv = parse_stat(path, &stat);
    if (rv != GALE_OK)
        return rv;
    snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)pid,
             (int)tid);
    if (read_file(path, text, sizeof(text)) <= 0)
        return GALE_ENOTFOUND;
    *state = stat.state;
    *cpu_ns = strtoull(text, NULL, 10);
    return GALE_OK;
}

gale_err gi_proc_each(void (*fn)(void *arg, pid_t pid), void *arg)
{
    DIR *d = opendir("/proc");
    const struct dirent *e;

    if (d == NULL)
        return GALE_EIO;
    while ((e = readdir(d)) != NULL) {
        long pid = isdigit((unsigned char)e->d_name[0])
                       ? strtol(e->d_name, NULL, 10)
                       : 0;

        if (pid > 0)
            fn(arg, (pid_t)pid);
    }
    closedir(d);
    return GALE_OK;
}

gale_err gi_proc_boot_id(char id[GI_BOOT_ID + 1])
{
    return read_file("/proc/sys/kernel/random/boot_id", id, GI_BOOT_ID + 1) ==
                   GI_BOOT_ID
               ? GALE_OK
               : GALE_EIO;
}
