/* Readers who are held up between the moment they look at and reading it,
 * while a writer goes on. */
#define _GNU_SOURCE /* nftw */
#include "house_map.h"

#include <fcntl.h>
#include <string.h>

#include "state/layout.h"
#include "state/part.h"

enum { WORDS = 200 };

static void setup(void)
{
    house_make_in(true);
    house_log_bytes = 30000;
}

TestSuite(reader, .init = setup, .fini = house_remove);

static void path_of(char path[128], const char *name)
{
    snprintf(path, 128, "%s/words/counts/0-of-1.1%s", house_dir, name);
}

static bool is_there(const char *name)
{
    char path[128];

    path_of(path, name);
    return access(path, F_OK) == 0;
}

static gi_part *pin(void)
{
    gi_part_opts o = { .read_only = true };
    gale_diag why = { "" };
    char path[128];
    gi_part *p;

    path_of(path, "");
    cr_assert_eq(gi_part_pin(&p, path, &o, &why), GALE_OK, "%s", why.text);
    return p;
}

static void one_more(gale_map *m, uint64_t txid, int words)
{
    begin(m, txid, 0);
    for (int i = 0; i < words; i++) {
        char word[16];

        snprintf(word, sizeof(word), "w%d", i);
        cr_assert_gt(house_plus(m, word, 1), 0);
    }
    commit(m);
}

/* Up to the first batch behind which a log is there, or gone. */
static uint64_t until(gale_map *m, uint64_t txid, const char *log, bool there)
{
    while (is_there(log) != there) {
        one_more(m, ++txid, WORDS);
        cr_assert_lt(txid, 1000);
    }
    return txid;
}

/* The log that the checkpoint put away is gone: without it, what is in the
 * tree is of no moment. */
Test(reader, whoever_lost_a_log_looks_again)
{
    gale_map *m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    uint64_t txid = until(m, 0, "/log.2", true);
    gi_part *p = pin(), *whole = pin();

    cr_expect(is_there("/log.1"));
    cr_expect_eq(gi_part_load(whole, NULL), GALE_OK);
    gi_part_close(whole);
    until(m, txid, "/log.1", false);
    cr_expect_eq(gi_part_load(p, NULL), GALE_ENOTFOUND);
    gi_part_close(p);
    gale_map_close(m);
}

static void add_to_log(const char *log, const char *bytes, size_t len)
{
    char path[128];
    int fd;

    path_of(path, log);
    fd = open(path, O_WRONLY | O_APPEND);
    cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

/* Somebody died in the midst of a record; who comes after him cuts it off and
 * writes his own there. */
Test(reader, what_came_in_the_place_of_half_a_record_was_not_there)
{
    gale_map *m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    char half[4000];
    gi_part *p;

    memset(half, 'x', sizeof(half));
    one_more(m, 1, 10);
    gale_map_close(m);
    add_to_log("/log.1", half, sizeof(half));
    p = pin(); /* it stays like that */
    cr_expect_eq(gi_part_load(p, NULL), GALE_OK);
    gi_part_close(p);
    p = pin();
    m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    one_more(m, 2, 10);
    cr_expect_eq(gi_part_load(p, NULL), GALE_ENOTFOUND);
    gi_part_close(p);
    gale_map_close(m);
}

/* Of a log in which there is nothing yet nothing is lost. */
Test(reader, a_log_that_is_just_begun_may_be_empty)
{
    gale_map *m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    char path[128];
    gi_part *p;

    one_more(m, 1, 10);
    gale_map_close(m);
    path_of(path, "/log.2");
    close(open(path, O_WRONLY | O_CREAT, 0600));
    p = pin();
    m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    cr_expect_eq(gi_part_load(p, NULL), GALE_OK);
    gi_part_close(p);
    one_more(m, 2, 10);
    cr_expect_eq(house_get(m, "w3"), 2);
    gale_map_close(m);
}

Test(reader, a_layout_is_the_same_in_any_order)
{
    gi_place at[] = { { 0, 3, 1 }, { 1, 3, 2 }, { 2, 3, 3 } };
    gi_place turned[] = { { 2, 3, 3 }, { 0, 3, 1 }, { 1, 3, 2 } };
    gi_place later[] = { { 0, 3, 4 }, { 1, 3, 2 }, { 2, 3, 3 } };
    gi_layout a = { at, 3 }, b = { turned, 3 }, c = { later, 3 };
    gi_layout two = { at, 2 }, none = { NULL, 0 };

    cr_expect(gi_layout_same(&a, &b));
    cr_expect(gi_layout_same(&none, &none));
    cr_expect(!gi_layout_same(&a, &c));
    cr_expect(!gi_layout_same(&a, &two));
    cr_expect(!gi_layout_same(&two, &a));
}
