#define _GNU_SOURCE /* nftw */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "house_map.h"
#include "state/part.h"

static void setup(void)
{
    house_make_in(true);
}

TestSuite(embedded, .init = setup, .fini = house_remove);

static gale_map *reader(uint32_t index, uint32_t count)
{
    gale_store_where w = house_where(index, count);
    gale_diag why = { "" };
    gale_map *m = NULL;

    w.read_only = true;
    cr_assert_eq(
        gale_map_open(&m, &gale_store_embedded, &w, GALE_STATE_OPAQUE, &why),
        GALE_OK, "%s", why.text);
    return m;
}

static void add_to_all(gale_map *m, uint64_t txid, int words, int64_t n)
{
    begin(m, txid, 0);
    for (int i = 0; i < words; i++) {
        char word[16];

        snprintf(word, sizeof(word), "w%d", i);
        cr_assert_gt(house_plus(m, word, n), 0);
    }
    commit(m);
}

static gale_err sum_up(void *arg, gale_row key, gale_row value)
{
    int64_t *sum = arg;

    (void)key;
    sum[0] += value.values[0].as.i;
    sum[1]++;
    return GALE_OK;
}

static int64_t sum(gale_map *m)
{
    int64_t s[2] = { 0, 0 };

    cr_assert_eq(gale_map_scan(m, sum_up, s, NULL), GALE_OK);
    return s[0];
}

static unsigned names(const char *below, const char *with)
{
    char path[128];
    unsigned n = 0;
    const struct dirent *e;

    snprintf(path, sizeof(path), "%s/words/counts%s", house_dir, below);
    DIR *d = opendir(path);
    while (d != NULL && (e = readdir(d)) != NULL)
        n += strstr(e->d_name, with) != NULL;
    if (d != NULL)
        closedir(d);
    return n;
}

Test(embedded, one_writes_and_others_read_beside_it)
{
    gale_map *m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    gale_map *r;
    gale_diag why = { "" };

    add_to_all(m, 1, 100, 1);
    r = reader(0, 1);
    cr_expect_eq(sum(r), 100);
    add_to_all(m, 2, 100, 1);
    cr_expect_eq(sum(r), 100, "its moment was before that");
    cr_expect_eq(house_get(r, "w1"), 1);
    cr_expect_eq(gale_map_txid(r), 1);
    cr_expect_eq(gale_map_begin(r, 3, 0, NULL), GALE_OK);
    cr_expect_eq(house_put(r, "w1", 5), GALE_OK);
    cr_expect_eq(gale_map_commit(r, &why), GALE_EINVAL);
    cr_expect(strstr(why.text, "read only") != NULL, "%s", why.text);
    gale_map_close(r);
    r = reader(0, 1);
    cr_expect_eq(sum(r), 200);
    gale_map_close(r);
    gale_map_close(m);
}

Test(embedded, another_process_has_it_until_it_ends)
{
    int ready[2], end[2], status;
    char c;

    cr_assert_eq(pipe(ready) + pipe(end), 0);
    pid_t pid = fork();
    if (pid == 0) {
        gale_map *m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);

        add_to_all(m, 1, 10, 1);
        _exit(write(ready[1], "x", 1) == 1 && read(end[0], &c, 1) == 1 ? 0
                                                                       : 1);
    }
    cr_assert_eq(read(ready[0], &c, 1), 1);
    for (uint32_t count = 1; count <= 2; count++) {
        gale_store_where w = house_where(0, count);
        gale_diag why = { "" };
        gale_map *m;

        cr_assert_eq(gale_map_open(&m, &gale_store_embedded, &w,
                                   GALE_STATE_OPAQUE, &why),
                     GALE_EBUSY);
        cr_assert(strstr(why.text, "still writes") != NULL, "%s", why.text);
    }
    cr_assert_eq(write(end[1], "x", 1), 1);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(status, 0);
    gale_map *m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    cr_expect_eq(sum(m), 10);
    gale_map_close(m);
}

/* A task that was killed and begun anew never closed what it had. */
Test(embedded, in_the_same_process_the_later_one_has_it)
{
    gale_map *m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    gale_map *later, *half;
    gale_diag why = { "" };

    add_to_all(m, 1, 100, 1);
    begin(m, 2, 0);
    cr_expect_eq(house_plus(m, "w1", 1), 2);
    later = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    cr_expect_eq(gale_map_commit(m, &why), GALE_EIO);
    cr_expect(strstr(why.text, "opened the same part later") != NULL, "%s",
              why.text);
    add_to_all(later, 2, 100, 1);
    half = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 1, 2);
    cr_expect_eq(house_get(later, "w1"), -1);
    cr_expect_gt(sum(half), 50);
    gale_map_close(m);
    gale_map_close(later);
    gale_map_close(half);
}

/* As the command `gale` does, in another process. */
Test(embedded, another_process_reads_while_checkpoints_go_on, .timeout = 60)
{
    house_log_bytes = 4000;
    gale_map *m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    int stop[2], status;
    pid_t pid;

    add_to_all(m, 1, 50, 1);
    gale_map_close(m);
    cr_assert_eq(pipe(stop), 0);
    pid = fork();
    if (pid == 0) {
        uint64_t txid = 1;
        char c;

        fcntl(stop[0], F_SETFL, O_NONBLOCK);
        m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
        while (read(stop[0], &c, 1) < 0)
            add_to_all(m, ++txid, 50, 1);
        gale_map_close(m);
        _exit(0);
    }
    for (int i = 0; i < 100; i++) {
        gale_map *r = reader(0, 1);

        cr_assert_eq(sum(r), 50 * (int64_t)gale_map_txid(r));
        gale_map_close(r);
    }
    cr_assert_eq(write(stop[1], "x", 1), 1);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(status, 0);
}

Test(embedded, nothing_there_is_nothing_to_read)
{
    gale_store_where w = house_where(0, 1);
    gale_diag why = { "" };
    gale_map *m;

    w.read_only = true;
    cr_assert_eq(
        gale_map_open(&m, &gale_store_embedded, &w, GALE_STATE_OPAQUE, &why),
        GALE_ENOTFOUND);
    cr_assert(strstr(why.text, "no such state") != NULL, "%s", why.text);
}

Test(embedded, a_reader_need_not_know_how_many_parts_there_are)
{
    for (uint32_t p = 0; p < 3; p++) {
        gale_map *m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, p, 3);

        begin(m, 1, 0);
        for (int i = 0; i < 100; i++) {
            char word[16];

            snprintf(word, sizeof(word), "w%d", i);
            gale_value v = gale_val_cstr(word);
            if (gale_state_part(gale_state_group(&v, 1), 3) == p)
                house_plus(m, word, 1);
        }
        commit(m);
        gale_map_close(m);
    }
    gale_map *r = reader(0, 1);

    cr_expect_eq(sum(r), 100);
    cr_expect_eq(house_get(r, "w77"), 1);
    gale_map_close(r);
    cr_expect_eq(names("", "-of-3."), 3);
}

Test(embedded, old_parts_go_when_new_ones_are_whole)
{
    gale_map *m[2];

    m[0] = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    add_to_all(m[0], 1, 200, 1);
    gale_map_close(m[0]);
    m[0] = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 2);
    cr_expect_eq(names("", "0-of-1."), 1, "the other half is only there");
    m[1] = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 1, 2);
    cr_expect_eq(names("", "0-of-1."), 0);
    cr_expect_eq(sum(m[0]) + sum(m[1]), 200);
    gale_map_close(m[0]);
    gale_map_close(m[1]);
    m[0] = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    cr_expect_eq(names("", "-of-2."), 0);
    cr_expect_eq(sum(m[0]), 200);
    gale_map_close(m[0]);
}

Test(embedded, checkpoints_keep_the_log_short_and_all_of_it_there)
{
    house_log_bytes = 30000;
    house_cache_bytes = 20000; /* most is read from the tree */
    gale_map *m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);

    for (uint64_t t = 1; t <= 60; t++)
        add_to_all(m, t, 500, 1);
    cr_expect_eq(sum(m), 500 * 60);
    cr_expect_leq(names("/0-of-1.1", "log."), 2);
    gale_map_close(m);
    m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    cr_expect_eq(sum(m), 500 * 60);
    for (int i = 0; i < 500; i++) {
        char word[16];

        snprintf(word, sizeof(word), "w%d", i);
        cr_assert_eq(house_get(m, word), 60, "%s", word);
    }
    gale_map_close(m);
}

Test(embedded, damage_is_named_and_nothing_is_touched)
{
    gale_map *m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    gale_store_where w = house_where(0, 1);
    gale_diag why = { "" };
    char path[128], c = 'x';
    struct stat st;
    int fd;

    for (uint64_t t = 1; t <= 3; t++)
        add_to_all(m, t, 10, 1);
    gale_map_close(m);
    snprintf(path, sizeof(path), "%s/words/counts/0-of-1.1/log.1", house_dir);
    fd = open(path, O_RDWR);
    cr_assert_eq(pwrite(fd, &c, 1, 100), 1);
    cr_assert_eq(fstat(fd, &st), 0);
    cr_assert_eq(
        gale_map_open(&m, &gale_store_embedded, &w, GALE_STATE_OPAQUE, &why),
        GALE_EFORMAT);
    cr_expect(strstr(why.text, "log.1: damaged at byte 24") != NULL, "%s",
              why.text);
    off_t len = st.st_size;
    cr_assert_eq(fstat(fd, &st), 0);
    cr_expect_eq(st.st_size, len);
    close(fd);
    unlink(path);
    cr_assert_eq(
        gale_map_open(&m, &gale_store_embedded, &w, GALE_STATE_OPAQUE, &why),
        GALE_EFORMAT);
    cr_expect(strstr(why.text, "log.1 is not there") != NULL, "%s", why.text);
}

Test(embedded, a_tree_that_was_cut_is_named)
{
    house_log_bytes = 3000;
    gale_map *m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    gale_store_where w = house_where(0, 1);
    gale_diag why = { "" };
    char path[128];

    for (uint64_t t = 1; t <= 30; t++)
        add_to_all(m, t, 100, 1);
    gale_map_close(m);
    snprintf(path, sizeof(path), "%s/words/counts/0-of-1.1/data", house_dir);
    for (off_t len = 8192; len >= 0; len -= 4096) {
        cr_assert_eq(truncate(path, len), 0);
        cr_assert_eq(gale_map_open(&m, &gale_store_embedded, &w,
                                   GALE_STATE_OPAQUE, &why),
                     GALE_EFORMAT, "%ld bytes: %s", (long)len, why.text);
        cr_expect(strstr(why.text, "data:") != NULL, "%s", why.text);
    }
}

Test(embedded, names_become_names_of_directories)
{
    gale_store_where w = { .topology = "../a b",
                           .state = ".hidden/x",
                           .count = 1,
                           .place = house_dir };
    gale_diag why = { "" };
    gale_map *m;
    char path[128];

    cr_assert_eq(
        gale_map_open(&m, &gale_store_embedded, &w, GALE_STATE_OPAQUE, &why),
        GALE_OK, "%s", why.text);
    gale_map_close(m);
    snprintf(path, sizeof(path), "%s/%%2E.%%2Fa%%20b/%%2Ehidden%%2Fx/0-of-1.1",
             house_dir);
    cr_expect_eq(access(path, F_OK), 0, "%s", path);
    w.task = NULL;
    w.place = NULL;
    setenv("XDG_STATE_HOME", house_dir, 1);
    cr_assert_eq(
        gale_map_open(&m, &gale_store_embedded, &w, GALE_STATE_OPAQUE, &why),
        GALE_OK, "%s", why.text);
    gale_map_close(m);
    snprintf(path, sizeof(path), "%s/gale/state", house_dir);
    cr_expect_eq(access(path, F_OK), 0);
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    cr_assert_eq(
        gale_map_open(&m, &gale_store_embedded, &w, GALE_STATE_OPAQUE, &why),
        GALE_EINVAL);
    cr_expect(strstr(why.text, "topology.state.dir") != NULL, "%s", why.text);
}
