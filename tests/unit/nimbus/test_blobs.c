#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/mem.h"
#include "base/mix.h"
#include "base/sha256.h"
#include "nimbus/blobs.h"

static char dir[64], in_it[96];
static gi_blobs *b;
static gale_diag why;
static gi_blob_state there;

enum { SIZE = 300000, PIECE = 65536 };
static unsigned char program[SIZE];
static char hash[GI_SHA256_HEX + 1];

static void open_with(gi_blobs_opts opts)
{
    opts.dir = in_it;
    cr_assert_eq(gi_blobs_open(&b, &opts, 0, &why), GALE_OK, "%s", why.text);
}

static void setup(void)
{
    gi_sha256 s;

    snprintf(dir, sizeof(dir), P_tmpdir "/gale-blobs-XXXXXX");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(in_it, sizeof(in_it), "%s/blobs", dir);
    for (size_t i = 0; i < SIZE; i++)
        program[i] = (unsigned char)gi_mix64(i / 3);
    gi_sha256_begin(&s);
    gi_sha256_add(&s, program, SIZE);
    gi_sha256_end_hex(&s, hash);
    why.text[0] = '\0';
    open_with((gi_blobs_opts){ 0 });
}

static void teardown(void)
{
    char cmd[96];

    gi_blobs_close(b);
    snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
    cr_assert_eq(system(cmd), 0);
}

TestSuite(blobs, .timeout = 60, .init = setup, .fini = teardown);

static gale_err put_at(uint64_t offset, uint64_t now_ms)
{
    size_t len = SIZE - offset < PIECE ? SIZE - (size_t)offset : PIECE;

    return gi_blobs_put(b, hash, SIZE, offset, program + offset, len, now_ms,
                        &there, &why);
}

/* As a client does it: go on where it says. */
static void put_all(uint64_t now_ms)
{
    there = (gi_blob_state){ 0 };
    for (int i = 0; !there.complete; i++) {
        cr_assert_lt(i, 10);
        cr_assert_eq(put_at(there.size, now_ms), GALE_OK, "%s", why.text);
    }
    cr_expect_eq(there.size, SIZE);
}

static void expect_all_there(void)
{
    static unsigned char got[SIZE];
    uint64_t total = 0, at = 0;
    size_t len = 1;

    for (; len > 0; at += len)
        cr_assert_eq(
            gi_blobs_get(b, hash, at, got + at, 100000, 0, &total, &len, &why),
            GALE_OK, "%s", why.text);
    cr_expect_eq(at, SIZE);
    cr_expect_eq(total, SIZE);
    cr_expect_arr_eq(got, program, SIZE);
}

static void expect_nothing(void)
{
    cr_expect_eq(gi_blobs_look(b, hash, 0, &there, NULL), GALE_OK);
    cr_expect_eq(there.size, 0);
    cr_expect_not(there.complete);
}

static int files_in_it(void)
{
    char cmd[128];
    int n = -1;

    snprintf(cmd, sizeof(cmd), "ls -A '%s' | wc -l", in_it);
    FILE *f = popen(cmd, "r");
    cr_assert_eq(fscanf(f, "%d", &n), 1);
    pclose(f);
    return n;
}

Test(blobs, what_comes_in_pieces_is_whole_also_when_opened_again)
{
    expect_nothing();
    put_all(0);
    expect_all_there();
    gi_blobs_close(b);
    open_with((gi_blobs_opts){ 0 });
    cr_expect_eq(gi_blobs_look(b, hash, 0, &there, &why), GALE_OK);
    cr_expect(there.complete && there.size == SIZE);
    expect_all_there();
    cr_expect_eq(put_at(0, 0), GALE_OK, "put again");
    cr_expect(there.complete);
    cr_expect_eq(files_in_it(), 1);
}

Test(blobs, a_piece_twice_or_too_early_changes_nothing)
{
    cr_expect_eq(put_at(PIECE, 0), GALE_OK);
    cr_expect_eq(there.size, 0, "nothing is there to go on from");
    cr_expect_eq(put_at(0, 0), GALE_OK);
    cr_expect_eq(there.size, PIECE);
    cr_expect_eq(put_at(0, 0), GALE_OK);
    cr_expect_eq(there.size, PIECE);
    cr_expect_eq(put_at(3 * PIECE, 0), GALE_OK);
    cr_expect_eq(there.size, PIECE);
    cr_expect_eq(put_at(1000, 0), GALE_OK, "one that overlaps");
    cr_expect_eq(there.size, PIECE + 1000);
    cr_expect_not(there.complete);
    cr_expect_eq(gi_blobs_look(b, hash, 0, &there, NULL), GALE_OK);
    cr_expect_eq(there.size, PIECE + 1000);
    put_all(0);
    expect_all_there();
}

Test(blobs, with_the_wrong_bytes_it_is_dropped)
{
    program[SIZE / 2] ^= 1;
    for (uint64_t at = 0; at + PIECE < SIZE; at += PIECE)
        cr_assert_eq(put_at(at, 0), GALE_OK);
    cr_expect_eq(put_at(SIZE / PIECE * PIECE, 0), GALE_EFORMAT);
    cr_expect(strstr(why.text, hash) != NULL, "%s", why.text);
    cr_expect_eq(there.size, 0);
    expect_nothing();
    cr_expect_eq(files_in_it(), 0);
    program[SIZE / 2] ^= 1;
    put_all(0);
    expect_all_there();
}

Test(blobs, one_that_was_on_the_way_begins_anew_after_a_restart)
{
    char part[200];

    cr_expect_eq(put_at(0, 0), GALE_OK);
    gi_blobs_close(b);
    /* As if it had been killed. */
    snprintf(part, sizeof(part), "%s/%s.part", in_it, hash);
    FILE *f = fopen(part, "w");
    cr_assert(f != NULL);
    fputs("something", f);
    fclose(f);
    open_with((gi_blobs_opts){ 0 });
    cr_expect_eq(files_in_it(), 0);
    expect_nothing();
    put_all(0);
    expect_all_there();
}

Test(blobs, only_a_hash_is_a_name)
{
    static const char *const bad[] = {
        "",
        "../../etc/passwd",
        "state.mdb",
        "ABCDEF",
    };
    char other[GI_SHA256_HEX + 2];
    uint64_t total;
    size_t len;

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        why.text[0] = '\0';
        cr_expect_eq(gi_blobs_put(b, bad[i], 1, 0, "x", 1, 0, &there, &why),
                     GALE_EINVAL);
        cr_expect(strstr(why.text, "SHA-256") != NULL);
        cr_expect_eq(gi_blobs_look(b, bad[i], 0, &there, NULL), GALE_EINVAL);
        cr_expect_eq(
            gi_blobs_get(b, bad[i], 0, other, 1, 0, &total, &len, NULL),
            GALE_EINVAL);
    }
    snprintf(other, sizeof(other), "%sa", hash);
    cr_expect_eq(gi_blobs_look(b, other, 0, &there, NULL), GALE_EINVAL);
    other[0] = '/';
    other[64] = '\0';
    cr_expect_eq(gi_blobs_look(b, other, 0, &there, NULL), GALE_EINVAL);
    cr_expect_eq(files_in_it(), 0);
}

Test(blobs, sizes_that_make_no_sense_are_refused)
{
    cr_expect_eq(gi_blobs_put(b, hash, 0, 0, "", 0, 0, &there, &why),
                 GALE_EINVAL);
    cr_expect_eq(gi_blobs_put(b, hash, 3, 4, "", 0, 0, &there, &why),
                 GALE_EINVAL);
    cr_expect_eq(gi_blobs_put(b, hash, 3, 2, "xx", 2, 0, &there, &why),
                 GALE_EINVAL);
    cr_expect_eq(
        gi_blobs_put(b, hash, 3, UINT64_MAX, "xx", 2, 0, &there, &why),
        GALE_EINVAL);
    expect_nothing();
}

Test(blobs, too_large_too_many_and_no_room_are_said)
{
    char other[GI_SHA256_HEX + 1];

    gi_blobs_close(b);
    open_with((gi_blobs_opts){ .most = SIZE - 1 });
    cr_expect_eq(put_at(0, 0), GALE_ELIMIT);
    cr_expect(strstr(why.text, "299999 at most") != NULL, "%s", why.text);
    gi_blobs_close(b);
    open_with((gi_blobs_opts){ .keep_free = UINT64_MAX / 4 });
    cr_expect_eq(put_at(0, 0), GALE_ELIMIT);
    cr_expect(strstr(why.text, "disk") != NULL, "%s", why.text);
    gi_blobs_close(b);
    open_with((gi_blobs_opts){ .most_coming = 2 });
    for (int i = 0; i < 3; i++) {
        snprintf(other, sizeof(other), "%064d", i);
        cr_expect_eq(gi_blobs_put(b, other, 9, 0, "x", 1, 0, &there, &why),
                     i < 2 ? GALE_OK : GALE_ELIMIT);
    }
    cr_expect(strstr(why.text, "on the way") != NULL, "%s", why.text);
}

Test(blobs, who_claims_another_size_waits_until_the_first_one_is_idle)
{
    cr_expect_eq(gi_blobs_put(b, hash, 9, 0, "x", 1, 0, &there, &why),
                 GALE_OK);
    cr_expect_eq(put_at(0, 9999), GALE_EINVAL);
    cr_expect(strstr(why.text, "9 bytes") != NULL, "%s", why.text);
    cr_expect_eq(put_at(0, 10000), GALE_OK, "%s", why.text);
    put_all(10000);
    expect_all_there();
}

Test(blobs, every_write_and_every_sync_may_fail)
{
    for (int p = GI_POINT_WRITE; p <= GI_POINT_SYNC; p++)
        for (uint64_t first = 1; first <= (p == GI_POINT_WRITE ? 5 : 2);
             first++) {
            gi_point_plan plan = { .first = first, .count = 1 };
            gale_err rv = GALE_OK;

            gi_point_arm((gi_point)p, 0, &plan);
            for (uint64_t at = 0; at < SIZE && rv == GALE_OK; at += PIECE)
                rv = put_at(at, 0);
            gi_point_disarm((gi_point)p);
            cr_expect_eq(rv, GALE_EIO, "point %d, %u", p, (unsigned)first);
            cr_expect(strstr(why.text, hash) != NULL, "%s", why.text);
            expect_nothing();
            cr_expect_eq(files_in_it(), 0);
        }
    put_all(0);
    expect_all_there();
}

static bool used;
static int n_dropped;

static bool uses(void *arg, const char *h)
{
    (void)arg;
    return used && strcmp(h, hash) == 0;
}

static void dropped(void *arg, const char *h, bool complete)
{
    (void)arg;
    (void)complete;
    n_dropped++;
    cr_expect_str_eq(h, hash);
}

Test(blobs, what_nobody_uses_goes_after_a_while)
{
    uint64_t ten_min = 600000;

    n_dropped = 0;
    put_all(5);
    used = true;
    gi_blobs_tidy(b, ten_min * 3, uses, dropped, NULL);
    used = false;
    gi_blobs_tidy(b, ten_min * 4 - 1, uses, dropped, NULL);
    cr_expect_eq(n_dropped, 0);
    expect_all_there(); /* touched at 0, which is in the past */
    cr_expect_eq(gi_blobs_look(b, hash, ten_min * 4, &there, NULL), GALE_OK);
    cr_expect(there.complete);
    gi_blobs_tidy(b, ten_min * 5 - 1, uses, dropped, NULL);
    cr_expect_eq(n_dropped, 0, "somebody asked for it");
    gi_blobs_tidy(b, ten_min * 5, uses, dropped, NULL);
    cr_expect_eq(n_dropped, 1);
    expect_nothing();
    cr_expect_eq(files_in_it(), 0);
}

Test(blobs, what_does_not_get_on_goes_after_a_while)
{
    cr_expect_eq(put_at(0, 0), GALE_OK);
    used = true; /* a name only counts when it is whole */
    gi_blobs_tidy(b, 599999, uses, NULL, NULL);
    cr_expect_eq(files_in_it(), 1);
    gi_blobs_tidy(b, 600000, uses, NULL, NULL);
    cr_expect_eq(files_in_it(), 0);
    expect_nothing();
}

Test(blobs, what_else_lies_there_is_left_alone)
{
    char path[200];

    gi_blobs_close(b);
    snprintf(path, sizeof(path), "%s/notes.part", in_it);
    cr_assert_eq(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/%s", in_it, hash);
    cr_assert_eq(symlink("/etc/passwd", path), 0);
    open_with((gi_blobs_opts){ 0 });
    expect_nothing();
    gi_blobs_tidy(b, UINT64_MAX / 2, uses, NULL, NULL);
    cr_expect_eq(files_in_it(), 2);
}

Test(blobs, without_memory_it_says_so)
{
    gi_blobs_opts opts = { .dir = in_it };

    put_all(0);
    gi_blobs_close(b);
    b = NULL;
    gi_mem_fail_after(0, 1);
    cr_expect_eq(gi_blobs_open(&b, &opts, 0, &why), GALE_ENOMEM);
    gi_mem_fail_after(1, 1);
    cr_expect_eq(gi_blobs_open(&b, &opts, 0, &why), GALE_ENOMEM);
    gi_mem_fail_after(0, 0);
    open_with(opts);
    expect_all_there();
}

Test(blobs, a_disk_that_fills_loses_only_what_was_coming)
{
    if (mount("none", in_it, "tmpfs", 0, "size=256k") != 0) {
        fprintf(stderr, "SKIPPED: no tmpfs may be mounted here\n");
        return;
    }
    gi_blobs_close(b);
    open_with((gi_blobs_opts){ .keep_free = 1 });
    cr_expect_eq(put_at(0, 0), GALE_ELIMIT, "it does not fit");
    /* It fits, but another takes the room meanwhile. */
    char other[200];
    uint64_t small = 200000;
    cr_expect_eq(
        gi_blobs_put(b, hash, small, 0, program, PIECE, 0, &there, &why),
        GALE_OK);
    snprintf(other, sizeof(other), "%s/other", in_it);
    FILE *f = fopen(other, "w");
    for (int i = 0; i < 150; i++)
        fwrite(program, 1, 1024, f);
    fclose(f);
    gale_err rv = GALE_OK;
    while (rv == GALE_OK && !there.complete)
        rv =
            gi_blobs_put(b, hash, small, there.size, program + there.size,
                         small - there.size < 8192 ? small - there.size : 8192,
                         0, &there, &why);
    cr_expect_eq(rv, GALE_EIO);
    cr_expect(strstr(why.text, "No space left") != NULL, "%s", why.text);
    expect_nothing();
    gi_blobs_close(b);
    b = NULL;
    cr_assert_eq(umount(in_it), 0);
}
