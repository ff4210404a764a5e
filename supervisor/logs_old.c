#include "supervisor/logs_old.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/order.h"

static bool is_log(const char *name)
{
    size_t digits = strspn(name, "0123456789");

    return digits > 0 && (strcmp(name + digits, ".log") == 0 ||
                          strcmp(name + digits, ".log.1") == 0);
}

/* NULL: it is none, or a link, or cannot be read. */
static DIR *open_dir(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (d == NULL && fd >= 0)
        close(fd);
    return d;
}

static uint32_t drop_files(DIR *d, int64_t before)
{
    const struct dirent *e;
    struct stat st;
    uint32_t n = 0;

    while ((e = readdir(d)) != NULL)
        if (is_log(e->d_name) &&
            fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode) && st.st_mtime < before)
            n += unlinkat(dirfd(d), e->d_name, 0) == 0;
    return n;
}

uint32_t gi_logs_drop_old(const char *dir, int64_t before,
                          bool (*in_use)(void *arg, const char *topology),
                          void *arg)
{
    DIR *all = open_dir(AT_FDCWD, dir), *one;
    const struct dirent *e;
    uint32_t n = 0, here;

    while (all != NULL && (e = readdir(all)) != NULL) {
        if (!gi_order_name_ok(e->d_name, GI_TOPOLOGY_ID_MOST) ||
            in_use(arg, e->d_name))
            continue;
        one = open_dir(dirfd(all), e->d_name);
        if (one == NULL)
            continue;
        here = drop_files(one, before);
        closedir(one);
        if (here > 0) /* fails if there is more in it */
            unlinkat(dirfd(all), e->d_name, AT_REMOVEDIR);
        n += here;
    }
    if (all != NULL)
        closedir(all);
    return n;
}
