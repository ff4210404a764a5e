#include "cli/notify.h"

#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A socket that systemd might have made, and its name in the environment. */
static int listener(bool in_a_directory)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    char name[80];
    int n = snprintf(name, sizeof(name), "%cgale-notify-%ld",
                     in_a_directory ? '/' : '@', (long)getpid());
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    if (in_a_directory)
        n = snprintf(name, sizeof(name), "%s/gale-notify-%ld", P_tmpdir,
                     (long)getpid());
    memcpy(at.sun_path, name, (size_t)n);
    if (!in_a_directory)
        at.sun_path[0] = '\0';
    cr_assert_geq(fd, 0);
    cr_assert_eq(
        bind(fd, (struct sockaddr *)&at,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n)),
        0);
    setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

static void hears(int fd, const char *what)
{
    char text[64] = "";
    ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

    cr_expect_eq(n, (ssize_t)strlen(what));
    cr_expect_str_eq(text, what);
}

Test(notify, nobody_has_to_want_to_know)
{
    unsetenv("NOTIFY_SOCKET");
    cr_expect_eq(gi_notify("READY=1"), GALE_OK);
    setenv("NOTIFY_SOCKET", "", 1);
    cr_expect_eq(gi_notify("READY=1"), GALE_OK);
}

Test(notify, who_listens_in_a_directory_hears_it)
{
    int fd = listener(true);

    cr_expect_eq(gi_notify("READY=1"), GALE_OK);
    hears(fd, "READY=1");
    close(fd);
    unlink(getenv("NOTIFY_SOCKET"));
}

Test(notify, who_listens_under_a_mere_name_hears_it)
{
    int fd = listener(false);

    cr_expect_eq(gi_notify("READY=1"), GALE_OK);
    cr_expect_eq(gi_notify("STOPPING=1"), GALE_OK);
    hears(fd, "READY=1");
    hears(fd, "STOPPING=1");
    close(fd);
}

Test(notify, what_is_no_socket_is_said_to_be_none)
{
    char long_one[200];

    memset(long_one, 'a', sizeof(long_one));
    long_one[0] = '/';
    long_one[sizeof(long_one) - 1] = '\0';
    setenv("NOTIFY_SOCKET", "relative", 1);
    cr_expect_eq(gi_notify("READY=1"), GALE_EINVAL);
    setenv("NOTIFY_SOCKET", "@", 1);
    cr_expect_eq(gi_notify("READY=1"), GALE_EINVAL);
    setenv("NOTIFY_SOCKET", long_one, 1);
    cr_expect_eq(gi_notify("READY=1"), GALE_EINVAL);
    setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
    cr_expect_eq(gi_notify("READY=1"), GALE_EIO);
}
