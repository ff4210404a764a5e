#include <criterion/criterion.h>

#include "wire/progress.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire/progress_page.h"

static char dir[64], path[128];

static void make_dir(void)
{
    strcpy(dir, "/tmp/gale-progress-XXXXXX");
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof(path), "%s/progress", dir);
}

static void drop_dir(void)
{
    unlink(path);
    rmdir(dir);
}

TestSuite(progress, .init = make_dir, .fini = drop_dir);

static gi_progress_loop loops[] = { { 10, 20, 30, 4 }, { 11, 0, 31, 0 } };
static gi_msg_tally tallies[] = { { .emitted = 5 },
                                  { .acked = 6, .p99_ns = 7 } };
static gi_msg_mishap mishaps[] = {
    { .wall_ms = 99, .component = "split", .task = 3, .text = "oh" },
};

static const gi_progress some = {
    .beats = 1,
    .state = GI_PROGRESS_RUNNING,
    .number = 2,
    .version = 3,
    .turn = 4,
    .pending = 5,
    .queued = 6,
    .n_loops = 2,
    .loops = loops,
    .n_tallies = 2,
    .tallies = tallies,
    .n_mishaps = 1,
    .mishaps = mishaps,
    .words = "all is well",
};

Test(progress, what_is_written_is_read)
{
    gi_progress_page *p;
    gi_progress at;
    gi_pool pool = { 0 };

    cr_expect_eq(gi_progress_read(&at, dir, 0, &pool), GALE_ENOTFOUND);
    cr_assert_eq(gi_progress_create(&p, dir, 8, 2, 2), GALE_OK);
    cr_assert_eq(gi_progress_read(&at, dir, 8, &pool), GALE_OK);
    cr_expect_eq(at.state, GI_PROGRESS_STARTING);
    cr_expect_eq(at.beats, 0);
    cr_expect_str_eq(at.words, "");

    gi_progress_write(p, &some);
    cr_assert_eq(gi_progress_read(&at, dir, 8, &pool), GALE_OK);
    cr_expect_eq(at.incarnation, 8);
    cr_expect_eq(at.state, GI_PROGRESS_RUNNING);
    cr_expect_eq(at.beats, 1);
    cr_expect_eq(at.number, 2);
    cr_expect_eq(at.version, 3);
    cr_expect_eq(at.turn, 4);
    cr_expect_eq(at.pending, 5);
    cr_expect_eq(at.queued, 6);
    cr_assert_eq(at.n_loops, 2);
    cr_expect_eq(at.loops[0].callback_since, 20);
    cr_expect_eq(at.loops[0].task, 4);
    cr_expect_eq(at.loops[1].thread, 31);
    cr_assert_eq(at.n_tallies, 2);
    cr_expect_eq(at.tallies[0].emitted, 5);
    cr_expect_eq(at.tallies[1].component, 1);
    cr_expect_eq(at.tallies[1].p99_ns, 7);
    cr_assert_eq(at.n_mishaps, 1);
    cr_expect_str_eq(at.mishaps[0].component, "split");
    cr_expect_str_eq(at.mishaps[0].text, "oh");
    cr_expect_str_eq(at.words, "all is well");
    gi_progress_close(p);
    gi_pool_fini(&pool);
}

Test(progress, another_incarnation_is_not_taken_for_this_one)
{
    gi_progress_page *first, *second;
    gi_progress at;
    gi_pool pool = { 0 };

    cr_assert_eq(gi_progress_create(&first, dir, 1, 1, 1), GALE_OK);
    cr_assert_eq(gi_progress_create(&second, dir, 2, 1, 1), GALE_OK);
    gi_progress_write(first, &some); /* into a file that nobody reads */
    cr_expect_eq(gi_progress_read(&at, dir, 1, &pool), GALE_EFORMAT);
    cr_assert_eq(gi_progress_read(&at, dir, 2, &pool), GALE_OK);
    cr_expect_eq(at.beats, 0);
    cr_expect_eq(gi_progress_read(&at, dir, 0, &pool), GALE_OK);
    gi_progress_close(first);
    gi_progress_close(second);
    gi_pool_fini(&pool);
}

Test(progress, texts_are_cut_between_letters_and_made_utf8)
{
    gi_progress_page *p;
    gi_progress at, now = some;
    gi_pool pool = { 0 };
    char words[1025];

    for (size_t i = 0; i < 1024; i += 2)
        memcpy(words + i, "\xc3\xa4", 2); /* two bytes a letter */
    words[1024] = '\0';
    now.words = words;
    mishaps[0].text = "ab\xff\xc3";
    cr_assert_eq(gi_progress_create(&p, dir, 1, 2, 2), GALE_OK);
    gi_progress_write(p, &now);
    cr_assert_eq(gi_progress_read(&at, dir, 1, &pool), GALE_OK);
    cr_expect_eq(strlen(at.words), 510);
    cr_expect_str_eq(at.mishaps[0].text, "ab??");
    gi_progress_close(p);
    gi_pool_fini(&pool);
}

Test(progress, too_much_is_refused)
{
    gi_progress_page *p;

    cr_expect_eq(gi_progress_create(&p, dir, 1, GI_PROGRESS_LOOPS + 1, 1),
                 GALE_EINVAL);
    cr_expect_eq(gi_progress_create(&p, dir, 1, 1, GI_PROGRESS_TALLIES + 1),
                 GALE_EINVAL);
    cr_expect_eq(gi_progress_create(&p, "/nowhere/at/all", 1, 1, 1), GALE_EIO);
}

/* Of every word of the page: whatever stands there, it is refused, or what is
 * read is what it may be. */
Test(progress, nothing_is_believed)
{
    static const uint64_t lies[] = { 0,          1,         7,         65536,
                                     UINT32_MAX, INT64_MAX, UINT64_MAX };
    gi_progress_page *p;
    gi_progress at;
    struct stat st;

    cr_assert_eq(gi_progress_create(&p, dir, 1, 2, 2), GALE_OK);
    gi_progress_write(p, &some);
    int fd = open(path, O_RDWR);
    cr_assert(fd >= 0 && fstat(fd, &st) == 0);
    for (off_t i = 0; i < st.st_size; i += 8) {
        uint64_t before;

        cr_assert_eq(pread(fd, &before, 8, i), 8);
        for (size_t k = 0; k < sizeof(lies) / sizeof(lies[0]); k++) {
            gi_pool pool = { 0 };

            cr_assert_eq(pwrite(fd, &lies[k], 8, i), 8);
            if (gi_progress_read(&at, dir, 0, &pool) == GALE_OK) {
                cr_assert(at.n_mishaps <= GI_MISHAPS && at.n_loops == 2);
                cr_assert(at.pending <= INT64_MAX && at.turn <= INT64_MAX);
                cr_assert(strlen(at.words) < 512);
            }
            gi_pool_fini(&pool);
        }
        cr_assert_eq(pwrite(fd, &before, 8, i), 8);
    }
    for (off_t n = 0; n < st.st_size; n += 501) {
        gi_pool pool = { 0 };

        gi_progress_close(p);
        p = NULL; /* the writer would die of it, and not the reader */
        cr_assert_eq(ftruncate(fd, st.st_size - 1 - n), 0);
        cr_expect_eq(gi_progress_read(&at, dir, 0, &pool), GALE_EFORMAT);
        gi_pool_fini(&pool);
    }
    close(fd);
}

static _Atomic bool over;

/* Two texts that belong together. */
static void *write_on(void *arg)
{
    gi_msg_mishap m = { .component = "c" };
    gi_progress now = some;
    char a[64], b[64];

    now.mishaps = &m;
    for (unsigned i = 0; !over; i++) {
        snprintf(a, sizeof(a), "%040u", i);
        snprintf(b, sizeof(b), "%040u", i);
        m.text = a;
        now.words = b;
        gi_progress_write(arg, &now);
    }
    return NULL;
}

Test(progress, texts_are_of_one_moment)
{
    gi_progress_page *p;
    gi_progress at;
    pthread_t t;

    cr_assert_eq(gi_progress_create(&p, dir, 1, 2, 2), GALE_OK);
    gi_progress_write(p, &some);
    cr_assert_eq(pthread_create(&t, NULL, write_on, p), 0);
    for (int i = 0, seen = 0; i < 20000 && seen < 500; i++) {
        gi_pool pool = { 0 };
        gale_err rv = gi_progress_read(&at, dir, 1, &pool);

        /* A writer without a pause may be too fast; then nothing is said. */
        cr_assert(rv == GALE_OK);
        if (strlen(at.words) == 40 && at.mishaps[0].text[0] == '0') {
            cr_assert_str_eq(at.words, at.mishaps[0].text);
            seen++;
        }
        gi_pool_fini(&pool);
    }
    over = true;
    pthread_join(t, NULL);
    gi_progress_close(p);
}

Test(progress, what_bolts_acked_are_no_trees)
{
    gi_msg_component components[] = { { .id = "split" },
                                      { .id = "lines", .spout = true } };
    gi_msg_topology t = { .n_components = 2, .components = components };
    gi_msg_tally of[] = { { .component = 0, .acked = 7 },
                          { .component = 1 },
                          { .component = 2, .acked = 9 } };
    gi_progress at = { .n_tallies = 3, .tallies = of };

    cr_expect_eq(gi_progress_acked(&at, &t), 0);
    of[1].acked = 3;
    cr_expect_eq(gi_progress_acked(&at, &t), 3);
}
