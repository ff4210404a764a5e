/* A store that is killed, whose disk fails or fills, or whose file somebody
 * damaged. */
#define _GNU_SOURCE /* memmem */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store_help.h"

#include "base/failpoint.h"
#include "base/mix.h"

TestSuite(store_crash, .timeout = 120, .init = setup, .fini = teardown);

/* Batch `i` puts i under each of these, and one of its own that the next one
 * takes away; so a part of a batch shows. */
enum { TOGETHER = 5 };

static gale_err commit_batch(gi_store *s, int i)
{
    char keys[TOGETHER + 2][16], text[16];
    gi_store_change batch[TOGETHER + 2];

    snprintf(text, sizeof(text), "%d", i);
    for (int k = 0; k < TOGETHER; k++) {
        snprintf(keys[k], sizeof(keys[k]), "k%d", k);
        batch[k] = (gi_store_change){ keys[k], text, strlen(text) };
    }
    snprintf(keys[TOGETHER], 16, "own%d", i);
    snprintf(keys[TOGETHER + 1], 16, "own%d", i - 1);
    batch[TOGETHER] = (gi_store_change){ keys[TOGETHER], text, strlen(text) };
    batch[TOGETHER + 1] = (gi_store_change){ keys[TOGETHER + 1], NULL, 0 };
    return s->commit(s->self, batch, TOGETHER + 2, NULL);
}

/* The batch that the store stands at; 0: none; and is it whole? */
static int stands_at(void)
{
    gi_store s = opened();
    const char *text = text_of(&s);
    char want[256];
    int i = 0, n = 0;

    if (*text != '\0') {
        cr_assert_eq(sscanf(text, "k0=%d;", &i), 1, "%s", text);
        for (int k = 0; k < TOGETHER; k++)
            n += snprintf(want + n, sizeof(want) - (size_t)n, "k%d=%d;", k, i);
        snprintf(want + n, sizeof(want) - (size_t)n, "own%d=%d;", i, i);
        cr_assert_str_eq(text, want);
    }
    s.close(s.self);
    return i;
}

/* Commits one batch after the other, and says of each that it is there. */
static void commit_for_ever(int from, int say)
{
    gi_store s = opened();

    for (int i = from;; i++) {
        if (commit_batch(&s, i) != GALE_OK)
            _exit(1);
        if (write(say, &i, sizeof(i)) != (ssize_t)sizeof(i))
            _exit(2);
    }
}

Test(store_crash, killed_at_any_moment_it_has_what_it_said_it_has)
{
    uint64_t chance = 1;
    int said = 0;

    for (int round = 0; round < 40; round++) {
        int ends[2], from = stands_at(), i;
        int64_t us = (int64_t)(gi_mix64(chance++) % 8000);

        cr_assert(from == said || from == said + 1, "%d, said %d", from, said);
        cr_assert_eq(pipe(ends), 0);
        pid_t pid = fork();
        if (pid == 0) {
            close(ends[0]);
            commit_for_ever(from + 1, ends[1]);
        }
        close(ends[1]);
        said = from;
        /* Most rounds may end while it is opened; not all, on a slow disk. */
        if (round % 4 == 0 &&
            read(ends[0], &i, sizeof(i)) == (ssize_t)sizeof(i))
            said = i;
        nanosleep(&(struct timespec){ .tv_nsec = us * 1000 }, NULL);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        while (read(ends[0], &i, sizeof(i)) == (ssize_t)sizeof(i))
            said = i;
        close(ends[0]);
    }
    cr_expect_geq(said, 10, "it came to %d commits", said);
}

static void arm(gi_point p, uint64_t first)
{
    gi_point_plan plan = { .first = first, .count = 1 };

    gi_point_arm(p, 0, &plan);
}

Test(store_crash, a_write_that_fails_leaves_what_was_there)
{
    gi_store s = opened();

    cr_assert_eq(commit_batch(&s, 1), GALE_OK);
    arm(GI_POINT_WRITE, 1);
    cr_expect_eq(commit_batch(&s, 2), GALE_EIO);
    gi_point_disarm(GI_POINT_WRITE);
    cr_expect_eq(commit_batch(&s, 3), GALE_EIO,
                 "it goes on as if all is well");
    s.close(s.self);
    cr_expect_eq(stands_at(), 1);
}

Test(store_crash, after_a_sync_that_fails_it_is_the_old_state_or_the_new)
{
    gi_store s = opened();

    cr_assert_eq(commit_batch(&s, 1), GALE_OK);
    arm(GI_POINT_SYNC, 1);
    cr_expect_eq(commit_batch(&s, 2), GALE_EIO);
    gi_point_disarm(GI_POINT_SYNC);
    s.close(s.self);
    int at = stands_at();
    cr_expect(at == 1 || at == 2, "%d", at);
}

Test(store_crash, what_fails_while_it_is_made_is_made_the_next_time)
{
    gi_store_lmdb_opts opts = { .path = path };

    for (int p = GI_POINT_WRITE; p <= GI_POINT_SYNC; p++)
        for (uint64_t first = 1; first <= 2; first++) {
            gi_store s;
            gale_diag why = { "" };

            if (p == GI_POINT_WRITE && first == 2)
                continue; /* it writes once only */
            unlink(path);
            arm((gi_point)p, first);
            cr_expect_eq(gi_store_lmdb_open(&s, &opts, &why), GALE_EIO);
            cr_expect(strstr(why.text, "state.mdb") != NULL, "%s", why.text);
            gi_point_disarm((gi_point)p);
            cr_expect_eq(stands_at(), 0);
        }
}

/* ---------------------------------------------------------- full disks -- */

/* Batches until one fails: its number. */
static int fill(gi_store *s, gale_err *rv, gale_diag *why)
{
    static char big[8 << 10];
    char key[16];
    int i = 0;

    do {
        gi_store_change c = { key, big, sizeof(big) };

        snprintf(key, sizeof(key), "big%d", ++i);
        *rv = s->commit(s->self, &c, 1, why);
    } while (*rv == GALE_OK && i < 10000);
    return i;
}

static gale_err count(void *arg, const char *key, const void *bytes,
                      size_t len)
{
    (void)key;
    (void)bytes;
    (void)len;
    ++*(int *)arg;
    return GALE_OK;
}

static void fill_and_look(const char *words)
{
    gi_store s = opened();
    gale_diag why = { "" };
    gale_err rv;
    int n = fill(&s, &rv, &why), seen = 0;

    cr_expect_eq(rv, GALE_EIO, "%s", gale_err_name(rv));
    cr_expect(strstr(why.text, words) != NULL, "%s", why.text);
    s.close(s.self);
    s = opened();
    cr_expect_eq(s.load(s.self, count, &seen, NULL), GALE_OK);
    cr_expect(seen == n || seen == n - 1, "%d of %d", seen, n);
    cr_expect_gt(seen, 3);
    s.close(s.self);
}

Test(store_crash, a_full_disk_is_said_and_loses_nothing)
{
    if (mount("none", dir, "tmpfs", 0, "size=256k") != 0) {
        fprintf(stderr, "SKIPPED: no tmpfs may be mounted here\n");
        return;
    }
    fill_and_look("disk is full");
    cr_assert_eq(umount(dir), 0);
}

Test(store_crash, a_file_that_may_not_grow_is_said_and_loses_nothing)
{
    struct rlimit most = { 256 << 10, 256 << 10 };

    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &most), 0);
    fill_and_look("state.mdb");
}

/* -------------------------------------------------------------- damage -- */

static char *bytes_of(size_t *len)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    char *bytes;

    cr_assert(f != NULL && fstat(fileno(f), &st) == 0);
    *len = (size_t)st.st_size;
    bytes = malloc(*len);
    cr_assert_eq(fread(bytes, 1, *len, f), *len);
    fclose(f);
    return bytes;
}

static void write_file(const char *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");

    cr_assert(f != NULL);
    cr_assert_eq(fwrite(bytes, 1, len, f), len);
    cr_assert_eq(fclose(f), 0);
}

/* Something of everything: long values, deleted ones, deep trees. */
static void make_full(void)
{
    static char big[20 << 10];
    gi_store s = opened();
    char key[32];

    memset(big, 'b', sizeof(big));
    for (int i = 0; i < 120; i++) {
        gi_store_change c = { key, big, (size_t)(i * 97) % sizeof(big) };

        snprintf(key, sizeof(key), "topology/%d", i);
        cr_assert_eq(s.commit(s.self, &c, 1, NULL), GALE_OK);
    }
    for (int i = 0; i < 120; i += 3) {
        snprintf(key, sizeof(key), "topology/%d", i);
        cr_assert_eq(put(&s, key, NULL), GALE_OK);
    }
    s.close(s.self);
}

static gale_err try_open(bool set_aside, gale_diag *why)
{
    gi_store_lmdb_opts opts = { .path = path, .set_aside = set_aside };
    gi_store s;
    gale_err rv = gi_store_lmdb_open(&s, &opts, why);

    if (rv == GALE_OK)
        s.close(s.self);
    return rv;
}

Test(store_crash, one_that_is_cut_short_is_refused_wherever_it_is_cut)
{
    gale_diag why;
    char *bytes;
    size_t len;

    make_full();
    bytes = bytes_of(&len);
    for (size_t cut = 0; cut < len; cut = cut * 2 + 1000) {
        write_file(bytes, cut);
        cr_expect_eq(try_open(false, &why), GALE_EFORMAT, "%zu: %s", cut,
                     why.text);
        cr_expect(strstr(why.text, "--set-damaged-aside") != NULL, "%s",
                  why.text);
    }
    write_file(bytes, len);
    cr_expect_eq(try_open(false, &why), GALE_OK, "%s", why.text);
    free(bytes);
}

Test(store_crash, garbage_is_refused)
{
    char text[20000];
    gale_diag why;

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)gi_mix64(i);
    write_file(text, sizeof(text));
    cr_expect_eq(try_open(false, &why), GALE_EFORMAT, "%s", why.text);
    memset(text, 0, sizeof(text));
    write_file(text, sizeof(text));
    cr_expect_eq(try_open(false, &why), GALE_EFORMAT, "%s", why.text);
    write_file("", 0);
    cr_expect_eq(try_open(false, &why), GALE_EFORMAT, "%s", why.text);
    cr_expect(strstr(why.text, "empty") != NULL, "%s", why.text);
    unlink(path);
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_expect_eq(try_open(true, &why), GALE_EIO, "%s", why.text);
}

/* Pages that nobody uses may hold anything; in all others it is found.  What
 * matters is that it is either refused or all of it right. */
Test(store_crash, a_page_of_nonsense_is_refused_or_was_not_in_use)
{
    enum { PAGE = 4096 };
    gale_diag why;
    char *bytes, *bad;
    int refused = 0, sound = 0;
    size_t len;

    make_full();
    bytes = bytes_of(&len);
    bad = malloc(len);
    for (size_t page = 0; page < len / PAGE; page += 1 + len / PAGE / 60) {
        memcpy(bad, bytes, len);
        for (size_t i = 0; i < PAGE; i++)
            bad[page * PAGE + i] = (char)gi_mix64(page * PAGE + i);
        write_file(bad, len);
        gale_err rv = try_open(false, &why);
        if (rv != GALE_OK) {
            cr_expect_eq(rv, GALE_EFORMAT, "%s", why.text);
            refused++;
            continue;
        }
        int n = 0;
        gi_store s = opened();
        cr_expect_eq(s.load(s.self, count, &n, NULL), GALE_OK);
        cr_expect_eq(n, 80);
        s.close(s.self);
        sound++;
    }
    cr_expect_gt(refused, 10, "%d refused, %d sound", refused, sound);
    free(bad);
    free(bytes);
}

Test(store_crash, one_letter_that_changed_is_found)
{
    gale_diag why;
    char *bytes, *at;
    size_t len;

    gi_store s = opened();
    cr_assert_eq(put(&s, "who", "somebody particular"), GALE_OK);
    s.close(s.self);
    bytes = bytes_of(&len);
    at = memmem(bytes, len, "particular", 10);
    cr_assert(at != NULL);
    *at = 'q';
    write_file(bytes, len);
    cr_expect_eq(try_open(false, &why), GALE_EFORMAT);
    cr_expect(strstr(why.text, "lost or altered") != NULL, "%s", why.text);
    free(bytes);
}

Test(store_crash, a_damaged_one_is_set_aside_only_if_somebody_says_so)
{
    char aside[300] = "";
    gale_diag why;
    struct dirent *e;
    DIR *d;

    write_file("not a store at all", 18);
    cr_expect_eq(try_open(false, &why), GALE_EFORMAT);
    cr_expect_eq(try_open(true, &why), GALE_OK, "%s", why.text);
    d = opendir(dir);
    while ((e = readdir(d)) != NULL)
        if (strncmp(e->d_name, "state.mdb.broken-", 17) == 0)
            snprintf(aside, sizeof(aside), "%s", e->d_name);
    closedir(d);
    cr_expect_str_neq(aside, "");
    cr_expect(strstr(why.text, aside) != NULL, "%s", why.text);
    cr_expect_eq(try_open(true, &why), GALE_OK, "a sound one stays");
    cr_expect_str_eq(why.text, "");
}
