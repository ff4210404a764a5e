/* Whole states, seen from outside while a batch is in some of their parts. */
#define _GNU_SOURCE /* nftw */
#include "house_map.h"

#include "state/layout.h"
#include "state/shelf.h"
#include "state/view.h"

enum { PARTS = 3, WORDS = 40 };

static gale_map *parts[PARTS];
static uint64_t counted;
static bool anybody_counts;
static void (*since_asked)(void); /* what happens after the first question */

static void setup(void)
{
    house_make_in(true);
    anybody_counts = true;
    since_asked = NULL;
}

TestSuite(view, .init = setup, .fini = house_remove);

static void open_all(gale_state_kind kind)
{
    for (uint32_t p = 0; p < PARTS; p++)
        parts[p] = open_part(&gale_store_embedded, kind, p, PARTS);
}

static void close_all(void)
{
    for (uint32_t p = 0; p < PARTS; p++)
        gale_map_close(parts[p]);
}

/* One more for each word of these parts; what is zero then is removed. */
static void batch(uint64_t txid, uint32_t from, uint32_t to, bool remove)
{
    for (uint32_t p = from; p < to; p++) {
        begin(parts[p], txid, 0);
        for (int w = 0; w < WORDS; w++) {
            char word[16];
            gale_value v;

            snprintf(word, sizeof(word), "w%d", w);
            v = gale_val_cstr(word);
            if (gale_state_part(gale_state_group(&v, 1), PARTS) != p)
                continue;
            if (remove)
                cr_assert_eq(house_put(parts[p], word, 0), GALE_OK);
            else
                cr_assert_gt(house_plus(parts[p], word, 1), 0);
        }
        commit(parts[p]);
    }
}

static gale_err counts(void *arg, bool *known, uint64_t *txid, gale_diag *why)
{
    (void)arg;
    (void)why;
    *known = anybody_counts;
    *txid = counted;
    if (since_asked != NULL)
        since_asked();
    since_asked = NULL;
    return GALE_OK;
}

static void look(gi_view *v)
{
    gale_store_where w = house_where(0, 1);
    gale_diag why = { "" };

    w.read_only = true;
    cr_assert_eq(gi_view_open(v, &gale_store_embedded, &w, counts, NULL, &why),
                 GALE_OK, "%s", why.text);
}

static gale_err add(void *arg, gale_row key, gale_row value)
{
    (void)key;
    *(int64_t *)arg += value.values[0].as.i;
    return GALE_OK;
}

static int64_t sum(gi_view *v)
{
    int64_t n = 0;

    cr_assert_eq(gi_view_scan(v, add, &n, NULL), GALE_OK);
    return n;
}

static int64_t get(gi_view *v, const char *word)
{
    gale_value key = gale_val_cstr(word);
    gale_row value;

    cr_assert_eq(gi_view_get(v, (gale_row){ &key, 1 }, &value, NULL), GALE_OK);
    return value.values == NULL ? 0 : value.values[0].as.i;
}

Test(view, a_batch_that_only_some_parts_have_is_left_out)
{
    gi_view v;

    open_all(GALE_STATE_OPAQUE);
    batch(1, 0, PARTS, false);
    batch(2, 0, PARTS, false);
    batch(3, 0, 2, false);
    counted = 2;
    look(&v);
    cr_expect(v.undone && !v.mixed);
    cr_expect_eq(v.txid, 2);
    cr_expect_eq(sum(&v), 2 * WORDS);
    for (int w = 0; w < WORDS; w++) {
        char word[16];

        snprintf(word, sizeof(word), "w%d", w);
        cr_expect_eq(get(&v, word), 2);
    }
    gi_view_fini(&v);
    close_all();
}

Test(view, a_batch_that_counts_is_in_it)
{
    gi_view v;

    open_all(GALE_STATE_OPAQUE);
    batch(1, 0, PARTS, false);
    counted = 1;
    look(&v);
    cr_expect(!v.undone && !v.mixed && v.kind == GALE_STATE_OPAQUE);
    cr_expect_eq(v.txid, 1);
    cr_expect_eq(sum(&v), WORDS);
    gi_view_fini(&v);
    close_all();
}

Test(view, what_such_a_batch_removed_is_there_and_what_it_made_is_not)
{
    gi_view v;

    open_all(GALE_STATE_OPAQUE);
    batch(1, 0, PARTS, false);
    batch(2, 1, 2, true);
    counted = 1;
    look(&v);
    cr_expect_eq(sum(&v), WORDS);
    gi_view_fini(&v);
    close_all();
    house_remove();

    house_make_in(true);
    open_all(GALE_STATE_OPAQUE);
    batch(1, 0, 1, false);
    counted = 0;
    look(&v);
    cr_expect_eq(sum(&v), 0);
    cr_expect_eq(v.txid, 0);
    gi_view_fini(&v);
    close_all();
}

Test(view, it_is_looked_again_until_what_cannot_be_undone_is_over)
{
    gi_view v;

    open_all(GALE_STATE_TRANSACTIONAL);
    batch(1, 0, PARTS, false);
    batch(2, 0, 1, false);
    counted = 1;
    look(&v); /* in vain */
    cr_expect(v.mixed && v.kind == GALE_STATE_TRANSACTIONAL);
    gi_view_fini(&v);
    batch(2, 1, PARTS, false);
    counted = 2;
    look(&v);
    cr_expect(!v.mixed);
    cr_expect_eq(sum(&v), 2 * WORDS);
    gi_view_fini(&v);
    close_all();
}

Test(view, where_nobody_counts_it_is_taken_as_it_is)
{
    gi_view v;

    anybody_counts = false;
    open_all(GALE_STATE_OPAQUE);
    batch(1, 0, PARTS, false);
    look(&v);
    cr_expect_eq(v.txid, 1);
    cr_expect_eq(sum(&v), WORDS);
    gi_view_fini(&v);
    close_all();
}

static void somebody_begins(void)
{
    anybody_counts = true;
    batch(1, 0, 2, false);
}

static void another_begins(void)
{
    counted = 0;
    batch(1, 0, 2, false);
}

static void two_more_are_counted(void)
{
    batch(1, 1, PARTS, false);
    batch(2, 0, PARTS, false);
    batch(3, 0, 1, false);
    counted = 2;
}

Test(view, who_begins_to_count_while_it_is_opened_is_not_missed)
{
    gi_view v;

    open_all(GALE_STATE_OPAQUE);
    anybody_counts = false;
    counted = 0;
    since_asked = somebody_begins;
    look(&v);
    cr_expect(v.undone && !v.mixed);
    cr_expect_eq(sum(&v), 0);
    gi_view_fini(&v);
    close_all();
    house_remove();

    house_make_in(true);
    open_all(GALE_STATE_OPAQUE);
    counted = 7; /* of somebody else */
    since_asked = another_begins;
    look(&v);
    cr_expect(v.undone && !v.mixed);
    cr_expect_eq(sum(&v), 0);
    gi_view_fini(&v);
    close_all();
}

Test(view, batches_go_on_while_it_is_opened)
{
    gi_view v;

    open_all(GALE_STATE_OPAQUE);
    batch(1, 0, 1, false);
    counted = 0;
    since_asked = two_more_are_counted;
    look(&v);
    cr_expect(v.undone && !v.mixed);
    cr_expect_eq(v.txid, 2);
    cr_expect_eq(sum(&v), 2 * WORDS);
    gi_view_fini(&v);
    close_all();
}

/* ------------------------------------------------------------- shelves -- */

Test(view, all_states_are_found_by_their_own_names)
{
    static const char *const names[][2] = { { "a", "x y/z" },
                                            { "a", ".%41" },
                                            { "\xc3\xa9", "counts" } };
    gi_shelf s;
    gi_shelf_size size;

    for (size_t i = 0; i < 3; i++) {
        gale_store_where w = house_where(0, 2);
        gale_map *m;

        w.topology = names[i][0];
        w.state = names[i][1];
        for (w.index = 0; w.index < 2; w.index++) {
            cr_assert_eq(gale_map_open(&m, &gale_store_embedded, &w,
                                       GALE_STATE_OPAQUE, NULL),
                         GALE_OK);
            gale_map_close(m);
        }
    }
    cr_assert_eq(gi_shelf_read(&s, house_dir, NULL, NULL), GALE_OK);
    cr_assert_eq(s.n, 3);
    cr_expect_str_eq(s.at[0].state, ".%41");
    cr_expect_str_eq(s.at[1].state, "x y/z");
    cr_expect_str_eq(s.at[2].topology, "\xc3\xa9");
    cr_assert_eq(gi_shelf_measure(&size, house_dir, &s.at[1], NULL), GALE_OK);
    cr_expect_eq(size.parts, 2);
    cr_expect(size.several);
    cr_expect_gt(size.bytes, 1000);
    gi_shelf_fini(&s);
    cr_assert_eq(gi_shelf_read(&s, house_dir, "a", NULL), GALE_OK);
    cr_expect_eq(s.n, 2);
    gi_shelf_fini(&s);
    cr_assert_eq(gi_shelf_read(&s, "/nowhere", NULL, NULL), GALE_OK);
    cr_expect_eq(s.n, 0);
}

/* Before all of its parts are made it is known that there will be more. */
Test(view, the_first_of_three_parts_is_not_all)
{
    gale_store_where w = house_where(0, 3);
    gi_shelf_state s = { (char *)w.topology, (char *)w.state };
    gi_shelf_size size;
    gale_map *m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 3);

    gale_map_close(m);
    cr_assert_eq(gi_shelf_measure(&size, house_dir, &s, NULL), GALE_OK);
    cr_expect(size.parts == 1 && size.several);
    m = open_part(&gale_store_embedded, GALE_STATE_OPAQUE, 0, 1);
    gale_map_close(m);
    cr_assert_eq(gi_shelf_measure(&size, house_dir, &s, NULL), GALE_OK);
    cr_expect(size.parts == 1 && !size.several);
}

Test(view, only_what_was_escaped_is_unescaped)
{
    char good[] = "a%2Fb%41", fine[] = "a%2Fb", bad[] = "a%zz", cut[] = "a%4";

    cr_expect(!gi_layout_unescape(good)); /* an A needs none */
    cr_expect(gi_layout_unescape(fine));
    cr_expect_str_eq(fine, "a/b");
    cr_expect(!gi_layout_unescape(bad));
    cr_expect(!gi_layout_unescape(cut));
}
