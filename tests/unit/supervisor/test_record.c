#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/mem.h"
#include "supervisor/record.h"

TestSuite(record, .timeout = 60);

static char dir[64], path[96], broken[112];

static void setup(void)
{
    snprintf(dir, sizeof(dir), P_tmpdir "/gale-record-XXXXXX");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof(path), "%s/record", dir);
    snprintf(broken, sizeof(broken), "%s.broken", path);
}

static void teardown(void)
{
    char cmd[96];

    snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
    cr_assert_eq(system(cmd), 0);
}

static gi_span spans[] = { { 0, 2 }, { 5, 6 }, { 6, 9 } };
static gi_placed placed[] = {
    { 6700,
      { .topology = "words",
        .program = "abc",
        .since = 3,
        .version = 9,
        .n_executors = 3,
        .executors = spans } },
    { 6701, { .topology = "bills-2", .program = "x", .since = 1 } },
};
static gi_recorded running[] = {
    { .incarnation = 77, .began = 1234567, .pid = 42 },
};

static gi_record sample(void)
{
    running[0].as = placed[0];
    return (gi_record){
        .boot = "6e7a7d1c-53f6-4c1c-8f7e-2d3a2a3b4c5d",
        .version = 12,
        .last = UINT64_MAX - 5,
        .n_placed = 2,
        .placed = placed,
        .n_running = 1,
        .running = running,
    };
}

static void write_file(const char *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

static void expect_sample(const gi_record *r)
{
    gi_record want = sample();

    cr_expect_str_eq(r->boot, want.boot);
    cr_expect_eq(r->version, 12);
    cr_expect_eq(r->last, UINT64_MAX - 5);
    cr_assert_eq(r->n_placed, 2);
    cr_assert_eq(r->n_running, 1);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(r->placed[i].port, placed[i].port);
        cr_expect(gi_order_same(&r->placed[i].order, &placed[i].order));
    }
    cr_expect_eq(r->running[0].incarnation, 77);
    cr_expect_eq(r->running[0].began, 1234567);
    cr_expect_eq(r->running[0].pid, 42);
    cr_expect(gi_order_same(&r->running[0].as.order, &placed[0].order));
}

Test(record, what_was_saved_is_loaded, .init = setup, .fini = teardown)
{
    gi_record r = sample(), back = { 0 };
    struct stat st;

    cr_assert_eq(gi_record_save(&r, path), GALE_OK);
    cr_assert_eq(gi_record_load(&back, path, NULL), GALE_OK);
    expect_sample(&back);
    gi_record_fini(&back);
    cr_assert_eq(stat(path, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600);
}

Test(record, none_is_no_mistake, .init = setup, .fini = teardown)
{
    gi_record r;

    cr_expect_eq(gi_record_load(&r, path, NULL), GALE_ENOTFOUND);
}

Test(record, a_torn_one_is_found_at_every_length)
{
    gi_record r = sample(), back;
    char *bytes;
    size_t len;

    cr_assert_eq(gi_record_encode(&r, &bytes, &len), GALE_OK);
    for (size_t n = 0; n < len; n++) {
        char *part = malloc(n + 1); /* for ASan */

        memcpy(part, bytes, n);
        cr_assert_eq(gi_record_decode(&back, part, n), GALE_EFORMAT, "%zu", n);
        memset(part, 0, n);
        cr_assert_eq(gi_record_decode(&back, part, n), GALE_EFORMAT);
        free(part);
    }
    /* its length is right, and its end was never written */
    for (size_t n = 0; n + 1 < len; n++) {
        char *part = calloc(1, len);

        memcpy(part, bytes, n);
        if (memcmp(part, bytes, len) != 0)
            cr_assert_eq(gi_record_decode(&back, part, len), GALE_EFORMAT);
        free(part);
    }
    gi_free(bytes);
}

Test(record, every_bit_that_flips_is_found)
{
    gi_record r = sample(), back;
    char *bytes;
    size_t len;

    cr_assert_eq(gi_record_encode(&r, &bytes, &len), GALE_OK);
    for (size_t bit = 0; bit < len * 8; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        cr_assert_eq(gi_record_decode(&back, bytes, len), GALE_EFORMAT,
                     "bit %zu", bit);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
    }
    cr_assert_eq(gi_record_decode(&back, bytes, len), GALE_OK);
    gi_record_fini(&back);
    gi_free(bytes);
}

Test(record, a_damaged_file_is_set_aside_and_said, .init = setup,
     .fini = teardown)
{
    gi_record r = sample(), back;
    gale_diag why = { 0 };
    char *bytes;
    size_t len;

    cr_assert_eq(gi_record_encode(&r, &bytes, &len), GALE_OK);
    write_file(bytes, len - 3);
    gi_free(bytes);
    cr_expect_eq(gi_record_load(&back, path, &why), GALE_EFORMAT);
    cr_expect(strstr(why.text, "damaged and was set aside") != NULL, "%s",
              why.text);
    cr_expect_eq(access(broken, F_OK), 0);
    cr_expect_eq(gi_record_load(&back, path, &why), GALE_ENOTFOUND);
    cr_assert_eq(gi_record_save(&r, path), GALE_OK, "and life goes on");
}

/* What was half written beside it does not count. */
Test(record, a_crash_while_saving_leaves_the_old_one, .init = setup,
     .fini = teardown)
{
    gi_record r = sample(), back = { 0 };
    char beside[112];

    cr_assert_eq(gi_record_save(&r, path), GALE_OK);
    snprintf(beside, sizeof(beside), "%s.new", path);
    FILE *f = fopen(beside, "w");
    fputs("GALENODE and then the power went", f);
    fclose(f);
    cr_assert_eq(gi_record_load(&back, path, NULL), GALE_OK);
    expect_sample(&back);
    gi_record_fini(&back);
    cr_assert_eq(gi_record_save(&r, path), GALE_OK);
}

Test(record, one_of_what_runs_waits_for_no_disk, .init = setup,
     .fini = teardown)
{
    gi_record r = sample(), back = { 0 };

    gi_point_arm(GI_POINT_SYNC, 0, &(gi_point_plan){ .first = 1, .count = 1 });
    cr_expect_eq(gi_record_swap(&r, path), GALE_OK);
    cr_expect_eq(gi_record_save(&r, path), GALE_EIO);
    gi_point_disarm(GI_POINT_SYNC);
    cr_assert_eq(gi_record_load(&back, path, NULL), GALE_OK);
    expect_sample(&back);
    gi_record_fini(&back);
}

/* What was given out just before the power went is not in it. */
Test(record, incarnations_are_not_given_out_twice)
{
    gi_record r = sample();

    cr_expect_eq(gi_record_last(&r, r.boot), r.last);
    cr_expect_gt(gi_record_last(&r, "another boot"), r.last + 1000);
    r.last = UINT64_MAX;
    cr_expect_eq(gi_record_last(&r, "another boot"), UINT64_MAX);
}

Test(record, what_cannot_be_written_is_said, .init = setup, .fini = teardown)
{
    gi_record r = sample();
    char nowhere[128];

    snprintf(nowhere, sizeof(nowhere), "%s/no/such/record", dir);
    cr_expect_eq(gi_record_save(&r, nowhere), GALE_EIO);
}

/* The checksum is right, so only what is written there can betray it. */
Test(record, a_liar_with_a_checksum_is_not_believed)
{
    gi_record r = sample(), back;
    gi_placed zero = placed[1];
    char *bytes;
    size_t len;

    zero.port = 0;
    r.placed = &zero;
    r.n_placed = 1;
    cr_assert_eq(gi_record_encode(&r, &bytes, &len), GALE_OK);
    cr_expect_eq(gi_record_decode(&back, bytes, len), GALE_EFORMAT);
    gi_free(bytes);
}

Test(record, every_allocation_may_fail)
{
    gi_record r = sample(), back = { 0 };
    char *bytes = NULL;
    size_t len;
    gale_err rv = GALE_ENOMEM;

    for (uint64_t n = 0; rv != GALE_OK; n++) {
        gi_mem_fail_after(n, 1);
        rv = gi_record_encode(&r, &bytes, &len);
        if (rv == GALE_OK)
            rv = gi_record_decode(&back, bytes, len);
        gi_mem_fail_after(0, 0);
        cr_assert(rv == GALE_OK || rv == GALE_ENOMEM);
        gi_free(bytes);
        bytes = NULL;
    }
    expect_sample(&back);
    gi_record_fini(&back);
}

/* Which leaves the old record or the new one, and no third thing. */
static void fail_nth(gi_point point, uint64_t n, gale_err *rv)
{
    gi_point_plan plan = { .first = n, .count = 1 };
    gi_record old = sample(), new = sample(), back = { 0 };

    cr_assert_eq(gi_record_save(&old, path), GALE_OK);
    new.version = 13;
    gi_point_arm(point, 0, &plan);
    *rv = gi_record_save(&new, path);
    gi_point_disarm(point);
    cr_assert(*rv == GALE_OK || *rv == GALE_EIO);
    cr_assert_eq(gi_record_load(&back, path, NULL), GALE_OK);
    cr_expect(back.version == 13 || (*rv == GALE_EIO && back.version == 12));
    gi_record_fini(&back);
}

Test(record, every_write_and_every_sync_may_fail, .init = setup,
     .fini = teardown)
{
    const gi_point points[] = { GI_POINT_WRITE, GI_POINT_SYNC };
    uint64_t n, tries = 0;

    for (int i = 0; i < 2; i++) {
        gale_err rv = GALE_EIO;

        for (n = 1; rv != GALE_OK; n++, tries++)
            fail_nth(points[i], n, &rv);
    }
    cr_expect_eq(tries, 2 + 3, "one write, two syncs: of file and directory");
}
