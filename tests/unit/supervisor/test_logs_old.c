#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/files.h"
#include "supervisor/logs_old.h"

static char dir[64];

static void setup(void)
{
    snprintf(dir, sizeof(dir), P_tmpdir "/gale-logs-XXXXXX");
    cr_assert(mkdtemp(dir) != NULL);
}

static void teardown(void)
{
    gi_dir_remove(dir);
}

static bool is_there(const char *name)
{
    char path[GI_PATH_MOST];

    gi_path(path, "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

/* Last written to so long ago. */
static void make(const char *in, const char *name, int days)
{
    struct timespec t[2] = { 0 };
    char path[GI_PATH_MOST];
    FILE *f;

    gi_path(path, "%s/%s", dir, in);
    cr_assert_eq(gi_dir_make(path), GALE_OK);
    gi_path(path, "%s/%s/%s", dir, in, name);
    f = fopen(path, "w");
    cr_assert(f != NULL);
    cr_assert_eq(fclose(f), 0);
    t[0].tv_sec = t[1].tv_sec = time(NULL) - days * 86400;
    cr_assert_eq(utimensat(AT_FDCWD, path, t, 0), 0);
}

static bool is_words(void *arg, const char *topology)
{
    (void)arg;
    return strcmp(topology, "words-1") == 0;
}

static uint32_t drop(int days)
{
    return gi_logs_drop_old(dir, time(NULL) - days * 86400, is_words, NULL);
}

TestSuite(logs_old, .init = setup, .fini = teardown, .timeout = 60);

Test(logs_old, what_is_old_and_of_nobody_goes)
{
    make("words-1", "6700.log", 30);
    make("bills-2", "6700.log", 30);
    make("bills-2", "6700.log.1", 30);
    make("young-3", "6700.log", 2);
    make("both-4", "6700.log", 30);
    make("both-4", "6701.log", 2);
    cr_expect_eq(drop(7), 3);
    cr_expect(is_there("words-1/6700.log"));
    cr_expect_not(is_there("bills-2"));
    cr_expect(is_there("young-3/6700.log"));
    cr_expect_not(is_there("both-4/6700.log"));
    cr_expect(is_there("both-4/6701.log"));
    cr_expect_eq(drop(7), 0);
}

Test(logs_old, what_others_put_there_stays)
{
    char from[GI_PATH_MOST], to[GI_PATH_MOST];

    make("bills-2", "notes.log", 30);
    make("bills-2", "6700.log.2", 30);
    make("bills-2", "6700.log", 30);
    make(".", "nimbus.log", 30);
    make(".", "6700.log", 30);
    make(".hidden", "6700.log", 30);
    make("bills-2/6701.log", "6700.log", 30);
    gi_path(from, "%s/bills-2", dir);
    gi_path(to, "%s/link-5", dir);
    cr_assert_eq(symlink(from, to), 0);
    cr_expect_eq(drop(7), 1);
    cr_expect(is_there("bills-2/notes.log"));
    cr_expect(is_there("bills-2/6700.log.2"));
    cr_expect(is_there("bills-2/6701.log/6700.log"));
    cr_expect(is_there("nimbus.log") && is_there("6700.log"));
    cr_expect(is_there(".hidden/6700.log"));
}

Test(logs_old, no_directory_is_no_mistake)
{
    teardown();
    cr_expect_eq(drop(7), 0);
}
