#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/dir_lock.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/mem.h"

TestSuite(file, .timeout = 60);

static char dir[64], path[96];

static void setup(void)
{
    snprintf(dir, sizeof(dir), P_tmpdir "/gale-file-XXXXXX");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof(path), "%s/a", dir);
}

static void fail(gi_point p, uint64_t no)
{
    gi_point_arm(p, 0, &(gi_point_plan){ .first = no, .count = 1 });
}

static void disarm(void)
{
    gi_point_disarm(GI_POINT_WRITE);
    gi_point_disarm(GI_POINT_SYNC);
}

static void teardown(void)
{
    char cmd[96];

    disarm();
    snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
    cr_assert_eq(system(cmd), 0);
}

static void expect_is(const char *want)
{
    char *bytes = NULL;
    size_t len;

    cr_assert_eq(gi_file_read(path, 100, &bytes, &len), GALE_OK);
    cr_expect_eq(len, strlen(want));
    cr_expect_str_eq(bytes, want);
    gi_free(bytes);
}

Test(file, what_was_written_is_read, .init = setup, .fini = teardown)
{
    char *bytes;
    size_t len;

    cr_expect_eq(gi_file_read(path, 100, &bytes, &len), GALE_ENOTFOUND);
    cr_assert_eq(gi_file_replace(path, "one", 3), GALE_OK);
    expect_is("one");
    cr_assert_eq(gi_file_keep(path, "", 0), GALE_OK);
    expect_is("");
    cr_assert_eq(gi_file_keep(path, "four", 4), GALE_OK);
    cr_expect_eq(gi_file_read(path, 3, &bytes, &len), GALE_EFORMAT);
    cr_expect_eq(gi_file_read(dir, 100, &bytes, &len), GALE_EFORMAT);
}

/* Whatever fails first, second, third, ...: what was there is there, but for
 * the last step of keep, when all is done. */
Test(file, a_failure_leaves_what_was_there, .init = setup, .fini = teardown)
{
    static const gi_point points[] = { GI_POINT_WRITE, GI_POINT_SYNC };
    char beside[112];

    snprintf(beside, sizeof(beside), "%s.new", path);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(gi_file_replace(path, "old", 3), GALE_OK);
        fail(points[i], 1);
        errno = 0;
        cr_expect_eq(gi_file_keep(path, "new", 3), GALE_EIO);
        cr_expect_neq(errno, 0);
        disarm();
        expect_is("old");
        cr_expect_neq(access(beside, F_OK), 0);
    }
    fail(GI_POINT_SYNC, 2);
    cr_expect_eq(gi_file_keep(path, "new", 3), GALE_EIO);
    disarm();
    expect_is("new");
}

Test(file, one_that_is_swapped_waits_for_no_disk, .init = setup,
     .fini = teardown)
{
    fail(GI_POINT_SYNC, 1);
    cr_assert_eq(gi_file_swap(path, "old", 3), GALE_OK);
    disarm();
    fail(GI_POINT_WRITE, 1);
    cr_expect_eq(gi_file_swap(path, "new", 3), GALE_EIO);
    disarm();
    expect_is("old");
    cr_assert_eq(gi_file_swap(path, "newer", 5), GALE_OK);
    expect_is("newer");
}

Test(file, a_directory_is_one_daemon_s, .init = setup, .fini = teardown)
{
    gale_diag why = { "" };
    char deep[96], me[32];
    int one = -1, two = -1;

    snprintf(deep, sizeof(deep), "%s/b/c", dir);
    snprintf(me, sizeof(me), "(process %ld)", (long)getpid());
    cr_assert_eq(gi_dir_lock(&one, deep, "daemon", &why), GALE_OK, "%s",
                 why.text);
    cr_expect_eq(gi_dir_lock(&two, deep, "daemon", &why), GALE_ELIMIT);
    cr_expect(strstr(why.text, "another daemon") != NULL);
    cr_expect(strstr(why.text, me) != NULL, "%s", why.text);
    cr_assert_eq(gi_file_replace(path, "", 0), GALE_OK);
    cr_expect_eq(gi_dir_lock(&two, path, "daemon", &why), GALE_EIO);
    cr_expect(strstr(why.text, path) != NULL);
    cr_expect_eq(gi_dir_lock(&two, "", "daemon", &why), GALE_EIO);
    close(one);
    cr_assert_eq(gi_dir_lock(&two, deep, "daemon", NULL), GALE_OK);
    close(two);
}
