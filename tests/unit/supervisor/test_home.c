#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "supervisor/home.h"

static void make_dir(char dir[64])
{
    snprintf(dir, 64, P_tmpdir "/gale-home-XXXXXX");
    cr_assert(mkdtemp(dir) != NULL);
}

static bool is_there(const char *dir, const char *name)
{
    char path[GI_PATH_MOST];
    struct stat st;

    gi_path(path, "%s/%s", dir, name);
    return lstat(path, &st) == 0;
}

static void write_text(const char *dir, const char *name, const char *text)
{
    char path[GI_PATH_MOST];
    FILE *f;

    gi_path(path, "%s/%s", dir, name);
    f = fopen(path, "w");
    cr_assert(f != NULL);
    cr_assert(fputs(text, f) >= 0);
    cr_assert_eq(fclose(f), 0);
}

Test(home, an_id_stays_and_incarnations_grow)
{
    gi_home one, two;
    gale_diag why = { 0 };
    char dir[64], deep[96], id[GI_NODE_ID_MOST + 1];
    uint64_t incarnation;

    make_dir(dir);
    snprintf(deep, sizeof(deep), "%s/a/b/c", dir);
    cr_assert_eq(gi_home_open(&one, deep, NULL, &why), GALE_OK, "%s",
                 why.text);
    cr_expect_eq(strlen(one.id), 32);
    cr_expect(is_there(deep, "programs") && is_there(deep, "workers") &&
              is_there(deep, "topologies") && is_there(deep, "logs"));
    memcpy(id, one.id, sizeof(id));
    incarnation = one.incarnation;
    gi_home_close(&one);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(gi_home_open(&two, deep, NULL, &why), GALE_OK);
        cr_expect_str_eq(two.id, id);
        cr_expect_gt(two.incarnation, incarnation);
        incarnation = two.incarnation;
        gi_home_close(&two);
    }
    gi_dir_remove(dir);
}

Test(home, a_clock_that_was_set_back_does_not_matter)
{
    gi_home h;
    gale_diag why = { 0 };
    char dir[64];

    make_dir(dir);
    write_text(dir, "incarnation", "99999999999999\n");
    cr_assert_eq(gi_home_open(&h, dir, NULL, &why), GALE_OK);
    cr_expect_eq(h.incarnation, 100000000000000u);
    gi_home_close(&h);
    gi_dir_remove(dir);
}

Test(home, two_supervisors_never_share_it)
{
    gi_home one, two;
    gale_diag why = { 0 };
    char dir[64];

    make_dir(dir);
    cr_assert_eq(gi_home_open(&one, dir, NULL, &why), GALE_OK);
    cr_expect_eq(gi_home_open(&two, dir, NULL, &why), GALE_ELIMIT);
    cr_expect(strstr(why.text, "another supervisor") != NULL);
    gi_home_close(&two);
    gi_home_close(&one);
    cr_expect_eq(gi_home_open(&two, dir, NULL, &why), GALE_OK);
    gi_home_close(&two);
    gi_dir_remove(dir);
}

Test(home, what_is_in_the_way_is_named)
{
    gi_home h;
    gale_diag why = { 0 };
    char dir[64], file[96];

    make_dir(dir);
    write_text(dir, "file", "");
    snprintf(file, sizeof(file), "%s/file", dir);
    cr_expect_eq(gi_home_open(&h, file, NULL, &why), GALE_EIO);
    cr_expect(strstr(why.text, file) != NULL);
    snprintf(file, sizeof(file), "%s/file/below", dir);
    cr_expect_eq(gi_home_open(&h, file, NULL, &why), GALE_EIO);
    write_text(dir, "id", "../../etc\n");
    cr_expect_eq(gi_home_open(&h, dir, NULL, &why), GALE_EFORMAT);
    cr_expect(strstr(why.text, "/id: is not the id") != NULL);
    gi_dir_remove(dir);
}

Test(home, without_a_disk_there_is_none)
{
    char dir[64];

    for (uint64_t i = 1;; i++) {
        gi_point_plan nth = { .first = i, .count = 1 };
        gale_diag why = { 0 };
        uint64_t failed;
        gi_home h;
        gale_err rv;

        make_dir(dir);
        gi_point_arm(GI_POINT_WRITE, 0, &nth);
        failed = gi_point_failed(GI_POINT_WRITE);
        rv = gi_home_open(&h, dir, NULL, &why);
        gi_point_disarm(GI_POINT_WRITE);
        failed = gi_point_failed(GI_POINT_WRITE) - failed;
        cr_expect_eq(rv, failed > 0 ? GALE_EIO : GALE_OK);
        gi_home_close(&h);
        gi_dir_remove(dir);
        if (failed == 0)
            break;
    }
}

Test(files, a_fresh_directory_is_empty_and_links_are_not_followed)
{
    char dir[64], other[64], path[GI_PATH_MOST];

    make_dir(dir);
    make_dir(other);
    write_text(other, "precious", "1");
    gi_path(path, "%s/a/b/c", dir);
    cr_assert_eq(gi_dir_make(path), GALE_OK);
    write_text(dir, "a/b/file", "1");
    gi_path(path, "%s/a/link", dir);
    cr_assert_eq(symlink(other, path), 0);
    cr_expect_eq(gi_dir_fresh(dir, geteuid(), getegid()), GALE_OK);
    cr_expect(is_there(dir, "") && !is_there(dir, "a"));
    cr_expect(is_there(other, "precious"));
    gi_dir_remove(dir);
    cr_expect_not(is_there(dir, ""));
    gi_dir_remove(dir);
    gi_dir_remove(other);
}

static nlink_t links_of(const char *dir)
{
    struct stat st;

    cr_assert_eq(stat(dir, &st), 0);
    return st.st_nlink;
}

/* A user who builds too deep does not keep the slot from others. */
Test(files, what_cannot_be_removed_is_put_aside)
{
    char dir[64], path[GI_PATH_MOST], name[GI_PATH_MOST];
    size_t n;

    make_dir(dir);
    gi_path(path, "%s/slot", dir);
    n = (size_t)snprintf(name, sizeof(name), "%s", path);
    for (int i = 0; i < 64; i++)
        n += (size_t)snprintf(name + n, sizeof(name) - n, "/deep");
    cr_assert_eq(gi_dir_make(name), GALE_OK);
    cr_expect_eq(gi_dir_fresh(path, geteuid(), getegid()), GALE_OK);
    cr_expect(is_there(path, "") && !is_there(path, "deep"));
    cr_expect_eq(links_of(dir), 4, "it, and what was put aside");
    snprintf(name, sizeof(name), "rm -rf '%s'", dir);
    cr_expect_eq(system(name), 0);
}

Test(files, a_link_in_the_place_of_a_fresh_directory_goes)
{
    char dir[64], other[64], path[GI_PATH_MOST];
    struct stat st;

    make_dir(dir);
    make_dir(other);
    write_text(other, "precious", "1");
    gi_path(path, "%s/slot", dir);
    cr_assert_eq(symlink(other, path), 0);
    cr_expect_eq(gi_dir_fresh(path, geteuid(), getegid()), GALE_OK);
    cr_assert_eq(lstat(path, &st), 0);
    cr_expect(S_ISDIR(st.st_mode));
    cr_expect(is_there(other, "precious"));
    gi_dir_remove(dir);
    gi_dir_remove(other);
}

Test(files, others_pass_where_they_are_let_and_see_nothing)
{
    char dir[64], path[GI_PATH_MOST];
    struct stat st;

    make_dir(dir);
    cr_assert_eq(chmod(dir, 0750), 0);
    cr_expect_eq(gi_dir_let_pass(dir), GALE_OK);
    cr_expect_eq(gi_dir_let_pass(dir), GALE_OK);
    cr_assert_eq(stat(dir, &st), 0);
    cr_expect_eq(st.st_mode & 07777, 0751);
    gi_path(path, "%s/none", dir);
    cr_expect_eq(gi_dir_let_pass(path), GALE_EIO);
    gi_dir_remove(dir);
}

Test(files, a_path_that_is_too_long_is_none)
{
    char path[GI_PATH_MOST], name[GI_PATH_MOST];

    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    gi_path(path, "/%s", name);
    cr_expect_str_eq(path, "");
    cr_expect_eq(gi_dir_make(path), GALE_EIO);
}
