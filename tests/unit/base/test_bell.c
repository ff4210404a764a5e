/* Bells: somebody rings, and who sleeps wakes up. */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/file.h"
#include "base/mem.h"

static char dir[64], path[96], other[96];
static int bell = -1;

static void make(void)
{
    strcpy(dir, "/tmp/gale-bell-XXXXXX");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof(path), "%s/bell", dir);
    snprintf(other, sizeof(other), "%s/other", dir);
    bell = gi_bell_hang(path);
    cr_assert_geq(bell, 0);
}

static void drop(void)
{
    if (bell >= 0)
        close(bell);
    if (rmdir(path) != 0)
        unlink(path);
    unlink(other);
    rmdir(dir);
}

TestSuite(bell, .init = make, .fini = drop, .timeout = 30);

Test(bell, wakes_who_sleeps_for_ever)
{
    pid_t pid = fork();
    int status = -1;

    if (pid == 0) {
        gi_bell_ring(path);
        _exit(0);
    }
    cr_expect(gi_bell_wait(bell, -1));
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(status, 0);
    cr_expect_not(gi_bell_wait(bell, 0), "it was heard");
}

Test(bell, is_heard_by_who_comes_later)
{
    cr_expect_not(gi_bell_wait(bell, 0));
    for (int i = 0; i < 3; i++)
        gi_bell_ring(path);
    gi_bell_strike(bell);
    cr_expect(gi_bell_wait(bell, 0));
    cr_expect_not(gi_bell_wait(bell, 0), "all of them are one");
}

Test(bell, that_nobody_hears_may_be_rung_without_end)
{
    for (int i = 0; i < 100000; i++)
        gi_bell_strike(bell);
    gi_bell_ring(path);
    cr_expect(gi_bell_wait(bell, 0));
    close(bell);
    bell = -1;
    gi_bell_ring(path); /* and no signal comes of it */
    gi_bell_strike(-1);
}

Test(bell, sleeps_without_one)
{
    cr_expect_not(gi_bell_wait(-1, 1));
}

Test(bell, is_rung_and_errno_is_as_it_was)
{
    errno = 1234;
    gi_bell_ring(path);
    cr_expect_eq(errno, 1234);
    gi_bell_ring("/nowhere/at/all");
    cr_expect_eq(errno, 1234);
    gi_bell_strike(1 << 20); /* is none */
    cr_expect_eq(errno, 1234);
}

Test(bell, takes_the_place_of_what_hung_there)
{
    int second = gi_bell_hang(path);

    cr_assert_geq(second, 0);
    gi_bell_ring(path);
    cr_expect_not(gi_bell_wait(bell, 0));
    cr_expect(gi_bell_wait(second, 0));
    close(second);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(gi_file_swap(path, "a file", 6), GALE_OK);
    second = gi_bell_hang(path);
    cr_expect_geq(second, 0);
    close(second);
}

Test(bell, is_for_its_owner_alone)
{
    struct stat st;

    cr_assert_eq(fstat(bell, &st), 0);
    cr_expect_eq(st.st_mode & 0077, 0);
    cr_expect_eq(fcntl(bell, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

Test(bell, cannot_be_had_where_there_is_no_place)
{
    cr_expect_lt(gi_bell_hang("/nowhere/at/all"), 0);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_expect_lt(gi_bell_hang(path), 0);
    gi_bell_ring(path);
}

/* In a directory where others may put what they like. */
Test(bell, is_all_that_is_rung)
{
    char *bytes = NULL;
    size_t len = 0;

    cr_assert_eq(gi_file_swap(other, "precious", 8), GALE_OK);
    gi_bell_ring(other);
    cr_assert_eq(gi_file_read(other, 64, &bytes, &len), GALE_OK);
    cr_expect_eq(len, 8);
    gi_free(bytes);
    cr_assert_eq(unlink(other), 0);
    cr_assert_eq(symlink(path, other), 0);
    gi_bell_ring(other);
    cr_expect_not(gi_bell_wait(bell, 0), "links are not followed");
}

/* Out of descriptors: there is none, or it is not rung; nothing else. */
Test(bell, needs_a_descriptor)
{
    struct rlimit was, none = { 0, 0 };
    int second;

    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &was), 0);
    none.rlim_max = was.rlim_max;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    gi_bell_ring(path);
    second = gi_bell_hang(other);
    int e = errno;
    setrlimit(RLIMIT_NOFILE, &was);
    cr_expect_lt(second, 0);
    cr_expect_eq(e, EMFILE);
    cr_expect_not(gi_bell_wait(bell, 0));
    gi_bell_ring(path);
    cr_expect(gi_bell_wait(bell, 0));
}

Test(bell, tells_whether_somebody_listens)
{
    cr_expect(gi_bell_heard(path));
    cr_expect_not(gi_bell_wait(bell, 0), "nobody was woken");
    close(bell);
    cr_expect_not(gi_bell_heard(path), "its name stays");
    cr_expect_not(gi_bell_heard(other), "there is nothing");
    cr_assert_eq(gi_file_swap(other, "a file", 6), GALE_OK);
    cr_expect_not(gi_bell_heard(other));
    bell = gi_bell_hang(path);
}
