#include <criterion/criterion.h>

#include "wire/duty.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/mem.h"

static char dir[64];

static void make_dir(void)
{
    strcpy(dir, "/tmp/gale-duty-XXXXXX");
    cr_assert(mkdtemp(dir) != NULL);
}

static void drop_dir(void)
{
    static const char *const names[] = { "duty", "duty.new", "progress" };
    char path[128];

    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}

TestSuite(duty, .init = make_dir, .fini = drop_dir);

static gi_msg_pair settings[] = { { "topology.debug", "true" } };
static gi_msg_span spans[] = { { 1, 4 } };
static gi_msg_peer peers[] = {
    { .node = "n",
      .host = "h",
      .port = 7,
      .n_executors = 1,
      .executors = spans },
};
static gi_msg_topology topology = {
    .id = "words-1",
    .name = "words",
    .owner = "me",
    .program = "abc",
    .version = 5,
    .turn = 2,
    .active = true,
    .n_settings = 1,
    .settings = settings,
    .n_workers = 1,
    .workers = peers,
};

static gi_msg_duty some(uint64_t number)
{
    return (gi_msg_duty){ .node = "n",
                          .host = "h",
                          .port = 7,
                          .since = 3,
                          .incarnation = 9,
                          .number = number,
                          .n_topology = 1,
                          .topology = &topology };
}

Test(duty, what_is_written_is_read)
{
    gi_msg_duty in = some(1), out;
    gi_pool pool = { 0 };
    gale_diag why;

    cr_assert_eq(gi_duty_write(dir, &in), GALE_OK);
    cr_assert_eq(gi_duty_read(&out, dir, &pool, &why), GALE_OK);
    cr_expect_eq(out.port, 7);
    cr_expect_eq(out.incarnation, 9);
    cr_expect_str_eq(out.topology[0].id, "words-1");
    cr_expect_str_eq(out.topology[0].settings[0].value, "true");
    cr_expect_eq(out.topology[0].workers[0].executors[0].end, 4);
    gi_pool_fini(&pool);
}

Test(duty, none_is_told_apart_from_a_damaged_one)
{
    gi_msg_duty out;
    gi_pool pool = { 0 };
    gale_diag why = { "" };

    cr_expect_eq(gi_duty_read(&out, dir, &pool, &why), GALE_ENOTFOUND);
    cr_expect(strstr(why.text, "it is not there") != NULL, "%s", why.text);
    cr_expect_eq(gi_duty_read(&out, "/nowhere/at/all", &pool, NULL),
                 GALE_ENOTFOUND);
    gi_pool_fini(&pool);
}

Test(duty, no_bit_of_it_can_be_another)
{
    gi_msg_duty in = some(1), out;
    gi_pool pool = { 0 };
    char *bytes;
    size_t len;

    cr_assert_eq(gi_duty_encode(&in, &bytes, &len), GALE_OK);
    for (size_t i = 0; i < len * 8; i++) {
        bytes[i / 8] ^= (char)(1 << i % 8);
        cr_expect_eq(gi_duty_decode(&out, bytes, len, &pool, NULL),
                     GALE_EFORMAT);
        bytes[i / 8] ^= (char)(1 << i % 8);
    }
    for (size_t n = 0; n < len; n++)
        cr_expect_eq(gi_duty_decode(&out, bytes, n, &pool, NULL),
                     GALE_EFORMAT);
    cr_expect_eq(gi_duty_decode(&out, bytes, len, &pool, NULL), GALE_OK);
    gi_pool_fini(&pool);
    gi_free(bytes);
}

Test(duty, it_is_about_one_topology)
{
    gi_msg_duty in = some(1), out;
    gi_pool pool = { 0 };
    gale_diag why;

    in.n_topology = 0;
    cr_assert_eq(gi_duty_write(dir, &in), GALE_OK);
    cr_expect_eq(gi_duty_read(&out, dir, &pool, &why), GALE_EFORMAT);
    cr_expect(strstr(why.text, "no topology") != NULL, "%s", why.text);
    gi_pool_fini(&pool);
}

Test(duty, what_is_no_file_is_not_waited_for)
{
    gi_msg_duty out;
    gi_pool pool = { 0 };
    char path[128];

    snprintf(path, sizeof(path), "%s/duty", dir);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_expect_eq(gi_duty_read(&out, dir, &pool, NULL), GALE_EFORMAT);
    gi_pool_fini(&pool);
}

Test(duty, a_write_that_fails_leaves_the_old_one)
{
    static const gi_point points[] = { GI_POINT_WRITE, GI_POINT_SYNC };
    gi_msg_duty first = some(1), second = some(2), out;
    gi_pool pool = { 0 };

    cr_assert_eq(gi_duty_write(dir, &first), GALE_OK);
    for (size_t i = 0; i < 2; i++) {
        gi_point_arm(points[i], 0, &(gi_point_plan){ .first = 1, .count = 1 });
        cr_expect_eq(gi_duty_keep(dir, &second), GALE_EIO);
        gi_point_disarm(points[i]);
        cr_assert_eq(gi_duty_read(&out, dir, &pool, NULL), GALE_OK);
        cr_expect_eq(out.number, 1);
    }
    cr_expect_eq(gi_duty_write("/nowhere/at/all", &second), GALE_EIO);
    gi_pool_fini(&pool);
}

Test(duty, one_for_a_worker_waits_for_no_disk)
{
    gi_msg_duty d = some(3), out;
    gi_pool pool = { 0 };

    gi_point_arm(GI_POINT_SYNC, 0, &(gi_point_plan){ .first = 1, .count = 1 });
    cr_expect_eq(gi_duty_write(dir, &d), GALE_OK);
    gi_point_disarm(GI_POINT_SYNC);
    cr_assert_eq(gi_duty_read(&out, dir, &pool, NULL), GALE_OK);
    cr_expect_eq(out.number, 3);
    gi_pool_fini(&pool);
}

/* Also if a file takes the place, and the number, of one before the last. */
Test(duty, a_new_one_is_seen_once)
{
    gi_msg_duty d = some(1);
    int seen = -1;

    cr_expect_not(gi_duty_is_new("/nowhere/at/all", &seen));
    cr_expect_not(gi_duty_is_new(dir, &seen));
    for (int n = 0; n < 20; n++) {
        for (int i = 0; i <= n % 3; i++)
            cr_assert_eq(gi_duty_write(dir, &d), GALE_OK);
        cr_expect(gi_duty_is_new(dir, &seen));
        cr_expect_not(gi_duty_is_new(dir, &seen));
    }
    close(seen);
}

Test(duty, who_waits_for_one_is_told)
{
    char beside[128], path[128];
    gi_msg_duty d = some(1);
    int bell = gi_duty_bell(dir);

    cr_assert_geq(bell, 0);
    snprintf(beside, sizeof(beside), "%s/duty.new", dir);
    snprintf(path, sizeof(path), "%s/" GI_BELL_FILE, dir);
    cr_expect_not(gi_bell_wait(bell, 0));
    cr_assert_eq(gi_duty_write(dir, &d), GALE_OK);
    cr_expect(gi_bell_wait(bell, -1));
    cr_assert_eq(gi_duty_keep(dir, &d), GALE_OK);
    cr_expect(gi_bell_wait(bell, -1));
    cr_assert_eq(gi_duty_give(dir, beside, geteuid(), getegid(), &d), GALE_OK);
    cr_expect(gi_bell_wait(bell, -1));
    close(bell);
    cr_expect_eq(gi_duty_write(dir, &d), GALE_OK, "nobody waits any more");
    unlink(path);
}

/* Then who waits finds it by himself. */
Test(duty, is_there_also_if_no_memory_is_left_to_tell)
{
    char path[128];
    gi_msg_duty d = some(1);
    int bell = gi_duty_bell(dir);
    gale_err rv = GALE_ENOMEM;

    cr_assert_geq(bell, 0);
    snprintf(path, sizeof(path), "%s/" GI_BELL_FILE, dir);
    for (uint64_t n = 1; rv == GALE_ENOMEM; n++) {
        gi_point_arm(GI_POINT_MEMORY, 0,
                     &(gi_point_plan){ .first = n, .count = 1 });
        rv = gi_duty_write(dir, &d);
        gi_point_disarm(GI_POINT_MEMORY);
        if (rv == GALE_ENOMEM)
            cr_expect_not(gi_bell_wait(bell, 0), "there is no news");
    }
    cr_expect_eq(rv, GALE_OK);
    gi_point_arm(GI_POINT_MEMORY, 0,
                 &(gi_point_plan){ .first = 1, .count = 1 });
    cr_expect_lt(gi_duty_bell(dir), 0);
    gi_point_disarm(GI_POINT_MEMORY);
    close(bell);
    unlink(path);
}

/* In a directory that is somebody else's: here ours, for want of one. */
Test(duty, one_that_is_given_takes_the_place_of_a_link)
{
    char path[128], beside[128], other[128];
    gi_msg_duty duty = some(9), read = { 0 };
    gi_pool pool = { 0 };
    struct stat st;

    snprintf(path, sizeof(path), "%s/duty", dir);
    snprintf(beside, sizeof(beside), "%s/duty.new", dir);
    snprintf(other, sizeof(other), "%s/progress", dir);
    cr_assert_eq(gi_file_replace(other, "precious", 8), GALE_OK);
    cr_assert_eq(symlink(other, path), 0);
    cr_assert_eq(gi_duty_give(dir, beside, geteuid(), getegid(), &duty),
                 GALE_OK);
    cr_assert_eq(lstat(path, &st), 0);
    cr_expect(S_ISREG(st.st_mode));
    cr_expect_eq(st.st_mode & 07777, 0400);
    cr_assert_eq(gi_duty_read(&read, dir, &pool, NULL), GALE_OK);
    cr_expect_eq(read.number, 9);
    cr_assert_eq(stat(other, &st), 0);
    cr_expect_eq(st.st_size, 8, "what the link led to is as it was");
    cr_expect_neq(access(beside, F_OK), 0);
    gi_pool_fini(&pool);
}
