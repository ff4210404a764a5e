#define _GNU_SOURCE /* nftw */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "house.h"
#include "state/log.h"

/* A log of three records, as bytes: a test damages them and has them read. */

enum { RECORDS = 3 };

static gi_log l;
static uint64_t starts[RECORDS + 1];
static char path[96];

static gale_str text(const char *z)
{
    return gale_cstr(z);
}

static void setup(void)
{
    gi_bytes b = { 0 };
    gale_diag why;

    house_make_in(true);
    snprintf(path, sizeof(path), "%s/log.7", house_dir);
    cr_assert_eq(gi_log_create(&l, house_dir, 7, &why), GALE_OK);
    for (int i = 0; i < RECORDS; i++) {
        const gale_change c[] = {
            { { "\0\1key", 5 }, text(i == 1 ? "one" : "another one") },
            { { "\0\2", 2 }, { NULL, 0 } },
            { { "\0\3\xc1r\xc1R", 6 }, { "\xc1r\xc1R", 4 } },
        };

        starts[i] = l.size;
        cr_assert_eq(gi_record_write(&b, 7, l.size, c, 3), GALE_OK);
        cr_assert_eq(gi_log_append(&l, b.at, b.len, &why), GALE_OK);
    }
    starts[RECORDS] = l.size;
    gi_bytes_fini(&b);
    gi_log_close(&l);
}

TestSuite(log, .init = setup, .fini = house_remove);

static gale_err count(void *arg, const gale_change *c)
{
    unsigned *n = arg;

    cr_assert_lt(gi_stored_group(c->key), 4);
    (*n)++;
    return GALE_OK;
}

static gale_err replay(bool last, unsigned *n, uint64_t *good, gale_diag *why)
{
    uint64_t at;

    *n = 0;
    why->text[0] = '\0';
    return gi_log_replay(house_dir, 7, last, UINT64_MAX, count, n, good, &at,
                         why);
}

static void flip(uint64_t at)
{
    int fd = open(path, O_RDWR);
    char c;

    cr_assert_eq(pread(fd, &c, 1, (off_t)at), 1);
    c ^= 0x40;
    cr_assert_eq(pwrite(fd, &c, 1, (off_t)at), 1);
    close(fd);
}

Test(log, all_of_it_is_read_in_order)
{
    unsigned n;
    uint64_t good;
    gale_diag why;

    cr_assert_eq(replay(false, &n, &good, &why), GALE_OK, "%s", why.text);
    cr_assert_eq(n, 3 * RECORDS);
    cr_assert_eq(good, starts[RECORDS]);
}

Test(log, a_record_that_ends_too_soon_never_was)
{
    for (uint64_t len = starts[RECORDS] - 1; len >= starts[2]; len--) {
        unsigned n;
        uint64_t good;
        gale_diag why;

        cr_assert_eq(truncate(path, (off_t)len), 0);
        cr_assert_eq(replay(true, &n, &good, &why), GALE_OK, "%s", why.text);
        cr_assert_eq(n, 6, "of %lu bytes", (unsigned long)len);
        cr_assert_eq(good, starts[2]);
        if (len > starts[2])
            cr_assert_eq(replay(false, &n, &good, &why), GALE_EFORMAT,
                         "there is a log behind it");
    }
}

Test(log, a_last_record_with_other_bytes_in_it_never_was)
{
    for (uint64_t at = starts[2]; at < starts[RECORDS]; at++) {
        unsigned n;
        uint64_t good;
        gale_diag why;

        flip(at);
        cr_assert_eq(replay(true, &n, &good, &why), GALE_OK, "%s", why.text);
        cr_assert_eq(n, 6, "byte %lu", (unsigned long)at);
        cr_assert_eq(good, starts[2]);
        flip(at);
    }
}

Test(log, damage_before_the_last_record_is_named)
{
    for (uint64_t at = starts[0]; at < starts[2]; at++) {
        unsigned n;
        uint64_t good;
        gale_diag why;
        char where[32];

        flip(at);
        cr_assert_eq(replay(true, &n, &good, &why), GALE_EFORMAT, "byte %lu",
                     (unsigned long)at);
        snprintf(where, sizeof(where),
                 "at byte %lu:", (unsigned long)starts[at >= starts[1]]);
        cr_assert(strstr(why.text, where) != NULL, "%s", why.text);
        cr_assert(strstr(why.text, path) != NULL, "%s", why.text);
        flip(at);
    }
}

Test(log, damage_of_the_head_is_named)
{
    for (uint64_t at = 0; at < GI_LOG_HEAD; at++) {
        unsigned n;
        uint64_t good;
        gale_diag why;

        flip(at);
        cr_assert_eq(replay(true, &n, &good, &why), GALE_EFORMAT);
        cr_assert(strstr(why.text, path) != NULL, "%s", why.text);
        flip(at);
    }
}

Test(log, one_that_was_only_begun_is_not_there)
{
    unsigned n;
    uint64_t good;
    gale_diag why;

    for (off_t len = GI_LOG_HEAD - 1; len >= 0; len--) {
        cr_assert_eq(truncate(path, len), 0);
        cr_assert_eq(replay(true, &n, &good, &why), GALE_ENOTFOUND);
        cr_assert_eq(replay(false, &n, &good, &why), GALE_EFORMAT);
    }
    unlink(path);
    cr_assert_eq(replay(true, &n, &good, &why), GALE_ENOTFOUND);
}

/* A record of another log, or from elsewhere in this one, is none here. */
Test(log, records_belong_where_they_are)
{
    char name[96];
    unsigned n;
    uint64_t good, at;
    gale_diag why;
    int fd = open(path, O_RDWR);
    char bytes[512];
    size_t len = starts[1] - starts[0];

    cr_assert_eq(pread(fd, bytes, len, (off_t)starts[0]), (ssize_t)len);
    cr_assert_eq(pwrite(fd, bytes, len, (off_t)starts[RECORDS]), (ssize_t)len);
    close(fd);
    cr_assert_eq(replay(true, &n, &good, &why), GALE_OK);
    cr_assert_eq(n, 9);
    snprintf(name, sizeof(name), "%s/log.8", house_dir);
    cr_assert_eq(rename(path, name), 0);
    cr_assert_eq(gi_log_replay(house_dir, 8, true, UINT64_MAX, count, &n,
                               &good, &at, &why),
                 GALE_EFORMAT);
}

Test(log, it_goes_on_behind_what_was_good)
{
    gi_bytes b = { 0 };
    gale_change c = { { "\0\1", 2 }, text("more") };
    unsigned n;
    uint64_t good, last;
    gale_diag why;

    cr_assert_eq(truncate(path, (off_t)starts[RECORDS] - 3), 0);
    cr_assert_eq(gi_log_replay(house_dir, 7, true, UINT64_MAX, count, &n,
                               &good, &last, &why),
                 GALE_OK);
    cr_assert_eq(last, starts[1]);
    cr_assert_eq(gi_log_continue(&l, house_dir, 7, good, last, &why), GALE_OK);
    cr_assert_eq(gi_record_write(&b, 7, l.size, &c, 1), GALE_OK);
    cr_assert_eq(gi_log_append(&l, b.at, b.len, &why), GALE_OK);
    gi_log_close(&l);
    gi_bytes_fini(&b);
    cr_assert_eq(replay(false, &n, &good, &why), GALE_OK, "%s", why.text);
    cr_assert_eq(n, 7);
}
