/* Time: a tree fails when nothing moved in it for the timeout T, not before,
 * and at most T / 20 later; a tree that merely waits does not. */
#include <criterion/criterion.h>

#include "acker/acker.h"
#include "base/mem.h"
#include "base/mix.h"

enum { SPOUTS = 3, SLOTS = 2000, NOW = 1000 };

/* What the model knows of a tree. */
struct tree {
    bool open;
    uint32_t moved;
    uint16_t epoch, comp;
};

struct model {
    gi_acker *a;
    gi_rng rng;
    uint32_t now, timeout;
    uint16_t horizon;
    uint32_t gen[SPOUTS][SLOTS];
    struct tree tree[SPOUTS][SLOTS];
    uint32_t slots;            /* in use so far */
    uint32_t expired, late_by; /* the worst one */
    uint16_t last_comp;
};

static struct model m;

static void start(uint32_t now, uint32_t timeout, uint64_t seed)
{
    m = (struct model){
        .rng = { seed }, .now = now, .timeout = timeout, .horizon = 100
    };
    cr_assert_eq(gi_acker_create(&m.a, SPOUTS, 16), GALE_OK);
}

static void stop(void)
{
    gi_acker_destroy(m.a);
    m.a = NULL;
}

TestSuite(expiry, .fini = stop);

static uint32_t below(uint32_t n)
{
    return (uint32_t)gi_rng_below(&m.rng, n);
}

static bool say(gi_note_kind kind, uint32_t spout, uint32_t slot, uint64_t sum,
                uint16_t epoch)
{
    gi_note answer, note = { .root = gi_root(spout, slot, m.gen[spout][slot]),
                             .sum = sum,
                             .kind = (uint8_t)kind,
                             .comp = (uint16_t)below(9),
                             .epoch = epoch };
    struct tree *t = &m.tree[spout][slot];

    t->moved = m.now;
    if (kind == GI_NOTE_ACK || t->comp == GI_NOBODY)
        t->comp = note.comp;
    return gi_acker_take(m.a, &note, m.now, &answer);
}

static void begin(uint32_t spout, uint32_t slot, uint16_t epoch)
{
    m.gen[spout][slot] = gi_root_next_gen(m.gen[spout][slot]);
    m.tree[spout][slot] =
        (struct tree){ .open = true, .epoch = epoch, .comp = GI_NOBODY };
    cr_assert_not(say(GI_NOTE_INIT, spout, slot, 77, epoch));
}

static void on_expired(void *arg, const gi_note *answer)
{
    uint32_t slot = gi_root_slot(answer->root);
    uint32_t spout = gi_root_spout(answer->root);
    struct tree *t = &m.tree[spout][slot];
    uint32_t age = m.now - t->moved;

    cr_assert_eq(arg, &m);
    cr_assert_eq(answer->kind, GI_NOTE_FAILED);
    cr_assert_eq(answer->why, GI_WHY_TIMEOUT);
    cr_assert_eq(answer->root, gi_root(spout, slot, m.gen[spout][slot]));
    cr_assert(t->open, "expired twice, or finished before");
    cr_assert_eq(answer->comp, t->comp);
    cr_assert_geq(age, m.timeout, "expired %u ms early", m.timeout - age);
    cr_assert(gi_epoch_before(t->epoch, m.horizon));
    if (age - m.timeout > m.late_by)
        m.late_by = age - m.timeout;
    t->open = false;
    m.expired++;
}

static void expire(void)
{
    gi_judge j = { m.now,     m.timeout, (uint16_t)(m.horizon + 1),
                   m.horizon, m.now,     m.timeout };

    gi_acker_expire(m.a, &j, on_expired, &m);
}

static size_t open_in_model(void)
{
    size_t n = 0;

    for (uint32_t s = 0; s < SPOUTS; s++)
        for (uint32_t i = 0; i < m.slots; i++)
            n += m.tree[s][i].open;
    return n;
}

/* Go on for `ms`, sweeping at irregular intervals of up to T / 64.  In each
 * step some trees move; `adding`: some begin, in slots new and old. */
static void pass(uint32_t ms, bool moving, bool adding)
{
    uint32_t left = ms, wait = 0;

    while (left > 0) {
        uint32_t step = 1 + below(m.timeout / 256 + 1);

        step = step > left ? left : step;
        left -= step;
        m.now += step;
        for (int k = 0; k < 8; k++) {
            uint32_t spout = below(SPOUTS);
            uint32_t slot = m.slots == 0 ? 0 : below(m.slots);

            if (adding && m.slots < SLOTS && k == 0)
                begin(spout, m.slots++, m.horizon - 1);
            else if (adding && k == 1 && !m.tree[spout][slot].open)
                begin(spout, slot, m.horizon - 1);
            else if (moving && m.tree[spout][slot].open)
                cr_assert_not(say(GI_NOTE_ACK, spout, slot, 1ull << 40, 0));
        }
        if (wait <= step) {
            expire();
            wait = 1 + below(m.timeout / 64 - m.timeout / 256);
        } else {
            wait -= step;
        }
    }
}

static void check_deadlines(uint32_t now, uint32_t timeout)
{
    start(now, timeout, timeout + now);
    pass(3 * timeout, true, true);
    cr_assert_gt(open_in_model(), 0);
    pass(timeout + timeout / 20 + timeout / 64, false, false);
    cr_assert_eq(open_in_model(), 0);
    cr_assert_eq(gi_acker_open(m.a), 0);
    cr_assert_gt(m.expired, 500);
    cr_assert_eq(gi_acker_get_stats(m.a).expired, m.expired);
    cr_assert_leq(m.late_by, timeout / 20, "T %u: late by %u", timeout,
                  m.late_by);
    stop();
}

Test(expiry, comes_within_the_timeout_and_a_twentieth_of_it)
{
    static const uint32_t timeouts[] = { 400,   1000,   5000,
                                         30000, 600000, 86400000 };

    for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++)
        check_deadlines(NOW, timeouts[i]);
}

Test(expiry, is_as_precise_when_the_clock_of_milliseconds_wraps)
{
    for (uint32_t part = 0; part <= 4; part++)
        check_deadlines(UINT32_MAX - part * 5000, 5000);
}

/* A sweep that has just begun its round when the ledger grows a hundredfold
 * is one more round late, once. */
Test(expiry, is_hardly_late_when_the_ledger_grows_at_the_worst_moment)
{
    uint32_t timeout = 6400, worst = 0;

    for (uint32_t at = 0; at < 2 * timeout / 32; at += 7) {
        start(NOW, timeout, at + 1);
        for (m.slots = 0; m.slots < 20; m.slots++)
            begin(0, m.slots, 1);
        pass(timeout - timeout / 32 + at, false, false);
        for (; m.slots < SLOTS; m.slots++)
            begin(0, m.slots, 1);
        pass(timeout / 8, false, false);
        for (uint32_t i = 0; i < 20; i++)
            cr_assert_not(m.tree[0][i].open);
        worst = m.late_by > worst ? m.late_by : worst;
        stop();
    }
    cr_assert_leq(worst, timeout / 20 + timeout / 32 + timeout / 64);
}

Test(expiry, looks_at_every_slot_in_a_round)
{
    start(NOW, 3200, 1);
    for (m.slots = 0; m.slots < SLOTS; m.slots++)
        for (uint32_t s = 0; s < SPOUTS; s++)
            begin(s, m.slots, 1);
    m.now += m.timeout;
    for (int i = 0; i <= 101; i++, m.now++)
        expire();
    cr_assert_eq(m.expired, SPOUTS * SLOTS);
}

Test(expiry, spares_whatever_is_not_older_than_the_horizon)
{
    start(NOW, 1000, 1);
    m.slots = 6;
    for (uint32_t i = 0; i < m.slots; i++)
        begin(0, i, (uint16_t)(97 + i)); /* the horizon is 100 */
    pass(20 * m.timeout, false, false);
    cr_assert_eq(m.expired, 3);
    m.horizon = 102;
    pass(m.timeout / 20, false, false);
    cr_assert_eq(m.expired, 5, "at once when the horizon has passed");
}

Test(expiry, compares_epochs_round_the_end_of_their_16_bits)
{
    start(NOW, 1000, 1);
    m.slots = 2;
    m.horizon = 3;
    begin(0, 0, 65530);
    begin(0, 1, 5);
    pass(2 * m.timeout, false, false);
    cr_assert_not(m.tree[0][0].open);
    cr_assert(m.tree[0][1].open);
    cr_assert(gi_epoch_before(65535, 0));
    cr_assert_not(gi_epoch_before(0, 65535));
    cr_assert_not(gi_epoch_before(7, 7));
}

Test(expiry, is_put_off_by_a_touch_which_also_makes_the_tree_younger)
{
    start(NOW, 1000, 1);
    m.slots = 2;
    begin(0, 0, 90);
    begin(0, 1, 90);
    for (int i = 0; i < 4; i++) {
        pass(900, false, false);
        say(GI_NOTE_TOUCH, 0, 0, 0, 80); /* not older: an epoch gone by */
    }
    cr_assert(m.tree[0][0].open);
    cr_assert_not(m.tree[0][1].open);
    say(GI_NOTE_TOUCH, 0, 0, 0, 150);
    m.tree[0][0].epoch = 150;
    pass(5000, false, false);
    cr_assert(m.tree[0][0].open);
    m.horizon = 151;
    pass(60, false, false);
    cr_assert_not(m.tree[0][0].open);
}

Test(expiry, keeps_the_later_epoch_when_a_touch_overtakes_the_init)
{
    gi_note answer, touch = { .kind = GI_NOTE_TOUCH, .epoch = 40000 };

    start(NOW, 1000, 1);
    m.slots = 1;
    m.horizon = 40000;
    m.gen[0][0] = 1;
    touch.root = gi_root(0, 0, 1);
    cr_assert_not(gi_acker_take(m.a, &touch, m.now, &answer));
    m.gen[0][0] = 0;
    begin(0, 0, 39999);
    m.tree[0][0].epoch = 40000;
    pass(5000, false, false);
    cr_assert(m.tree[0][0].open);
    m.horizon = 40001;
    pass(60, false, false);
    cr_assert_not(m.tree[0][0].open);
}

Test(expiry, closes_trees_whose_spout_was_never_heard)
{
    start(NOW, 1000, 1);
    m.slots = 1;
    m.gen[0][0] = 1;
    m.tree[0][0].open = true;
    cr_assert_not(say(GI_NOTE_ACK, 0, 0, 5, 0));
    pass(999, false, false);
    cr_assert_eq(m.expired, 0);
    pass(51, false, false); /* now it counts as begun: the init may be late */
    cr_assert_eq(m.expired, 0);
    m.horizon += 2;
    pass(50, false, false);
    cr_assert_eq(m.expired, 1);
}

Test(expiry, is_over_for_trees_that_lived_through_half_of_all_epochs)
{
    start(NOW, 1000, 1);
    m.slots = 1;
    begin(0, 0, 99);
    for (int i = 0; i < 1300; i++) { /* 32 epochs a timeout */
        m.horizon += 31;
        pass(970, false, false);
        cr_assert_not(say(GI_NOTE_ACK, 0, 0, 1ull << 40, 0));
    }
    m.tree[0][0].epoch = m.horizon - 1;
    pass(1050, false, false);
    cr_assert_eq(m.expired, 1);
}
