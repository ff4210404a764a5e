/* What coordinators have on record, seen from outside. */
#define _GNU_SOURCE /* nftw */
#include <criterion/criterion.h>

#include "../state/house.h"
#include "base/bytes.h"
#include "trident/counted.h"

static void setup(void)
{
    house_make_in(true);
}

TestSuite(counted, .init = setup, .fini = house_remove);

/* A number on record under a name, in a part of a state. */
static void note(const char *state, uint32_t index, uint32_t count,
                 const char *name, uint64_t v)
{
    gale_store_where w = house_where(index, count);
    char key[512], bytes[8];
    uint32_t from, to;
    gale_diag why = { "" };
    void *self;

    w.state = state;
    gale_state_range(index, count, &from, &to);
    gi_put_be16(key, (uint16_t)from);
    snprintf(key + 2, sizeof(key) - 2, "%s", name);
    gi_put_be64(bytes, v);
    gale_change c = { { key, 2 + (uint32_t)strlen(name) }, { bytes, 8 } };

    cr_assert_eq(gale_store_embedded.open(&self, &w, &why), GALE_OK, "%s",
                 why.text);
    cr_assert_eq(gale_store_embedded.write(self, &c, 1, &why), GALE_OK, "%s",
                 why.text);
    gale_store_embedded.close(self);
}

static void leads(const char *record, const char *state)
{
    char name[GALE_STATE_KEY_MOST];

    gi_counted_name(name, state);
    note(record, 0, 1, name, 1);
    note(record, 0, 1, "attempts", 100);
}

static uint64_t counted(const char *state, bool expected)
{
    uint64_t txid = 0;
    gale_diag why = { "" };
    bool known;

    cr_assert_eq(gi_counted(house_dir, "words", state, &known, &txid, &why),
                 GALE_OK, "%s", why.text);
    cr_expect_eq(known, expected, "%s", state);
    return txid;
}

static bool is_record(const char *state)
{
    gale_diag why = { "" };
    bool is;

    cr_assert_eq(gi_counted_is_record(house_dir, "words", state, &is, &why),
                 GALE_OK, "%s", why.text);
    return is;
}

Test(counted, a_state_goes_by_its_own_coordinator)
{
    counted("fast", false);
    leads("one-batches", "fast");
    cr_expect_eq(counted("fast", true), 0, "nothing has counted yet");
    note("one-batches", 0, 1, "committed", 1000);
    leads("two-batches", "slow");
    note("two-batches", 0, 1, "committed", 5);
    note("asked-batches", 0, 1, "attempts", 7); /* of requests */
    cr_expect_eq(counted("fast", true), 1000);
    cr_expect_eq(counted("slow", true), 5);
    counted("asked", false);
    leads("three-batches", "fast"); /* it has another one now */
    cr_expect_eq(counted("fast", true), 0);
}

Test(counted, what_is_a_record_and_what_is_none)
{
    note("one-batches", 0, 1, "attempts", 7);
    note("source", 2, 3, "attempt", 7); /* the other tasks had nothing */
    note("x-batches", 0, 1, "mine", 7);
    cr_expect(is_record("one-batches"));
    cr_expect(is_record("source"));
    cr_expect(!is_record("x-batches"));
}

Test(counted, long_names_are_cut_not_mixed_up_with_short_ones)
{
    char name[GALE_STATE_KEY_MOST], longest[600];

    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    gi_counted_name(name, longest);
    cr_expect_eq(strlen(name), strlen("state/") + 400);
}
