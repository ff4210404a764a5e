#include "slots.h"

#include "base/mem.h"
#include "supervisor/node.h"

TestSuite(node, .timeout = 30);

static const uint16_t ports[] = { 6703, 6700, 6702, 6701 };

static gi_placed on(uint16_t port, const char *topology, uint64_t since)
{
    return (gi_placed){ port,
                        { .topology = topology,
                          .program = "abc",
                          .since = since,
                          .version = since } };
}

static gi_node *make(const gi_node_opts *o)
{
    gi_node *n = NULL;

    cr_assert_eq(gi_node_create(&n, o, ports, 4), GALE_OK);
    return n;
}

/* "FETCH:6700 SAVE ..." */
static const char *all(gi_node *n)
{
    static char text[1024];
    gi_slot_act a;

    text[0] = '\0';
    while (gi_node_next(n, &a)) {
        size_t len = strlen(text);

        snprintf(text + len, sizeof(text) - len, "%s%s", len > 0 ? " " : "",
                 act_names[a.kind]);
        len = strlen(text);
        if (a.port != 0)
            snprintf(text + len, sizeof(text) - len, ":%u", a.port);
    }
    return text;
}

static bool assign(gi_node *n, uint64_t version, gi_placed *p, uint32_t count)
{
    bool taken = false;

    cr_assert_eq(gi_node_assign(n, version, p, count, SECOND, &taken),
                 GALE_OK);
    return taken;
}

static void run_all(gi_node *n, int64_t now)
{
    gi_slot_event e = { .kind = GI_SLOT_READY, .program = "abc" };

    gi_node_fetched(n, &e, now);
    all(n);
    for (uint32_t i = 0; i < gi_node_n_slots(n); i++) {
        const gi_keeper *k = gi_node_slot(n, i);

        e = (gi_slot_event){ .kind = GI_SLOT_BEAT,
                             .incarnation = k->incarnation };
        gi_node_event(n, k->port, &e, now);
    }
    all(n);
}

Test(node, an_assignment_goes_to_its_slots_and_is_saved_before_any_start)
{
    gi_node_opts o = { 0 };
    gi_node *n = make(&o);
    gi_placed p[] = { on(6702, "words", 1), on(6700, "bills", 1) };
    gi_slot_event e = { .kind = GI_SLOT_READY, .program = "abc" };

    gi_node_nimbus(n, true);
    all(n);
    cr_expect(assign(n, 1, p, 2));
    cr_expect_str_eq(all(n),
                     "FETCH:6700 FETCH:6702 SAVE REPORT:6700 REPORT:6702");
    gi_node_fetched(n, &e, SECOND);
    cr_expect_str_eq(all(n),
                     "SAVE START:6700 REPORT:6700 START:6702 REPORT:6702");
    gi_node_destroy(n);
}

Test(node, an_old_or_equal_version_changes_nothing)
{
    gi_node_opts o = { 0 };
    gi_node *n = make(&o);
    gi_placed p[] = { on(6702, "words", 1) }, q[] = { on(6702, "bills", 1) };

    cr_expect(assign(n, 5, p, 1));
    all(n);
    cr_expect_not(assign(n, 5, q, 1));
    cr_expect_not(assign(n, 4, NULL, 0));
    cr_expect_str_eq(all(n), "");
    cr_expect_str_eq(gi_node_slot(n, 2)->want->topology, "words");
    gi_node_destroy(n);
}

Test(node, an_assignment_that_makes_no_sense_is_refused_whole)
{
    gi_node_opts o = { 0 };
    gi_node *n = make(&o);
    gi_placed stranger[] = { on(6700, "words", 1), on(9999, "words", 1) };
    gi_placed twice[] = { on(6700, "words", 1), on(6700, "bills", 1) };
    gi_placed name[] = { on(6700, "words", 1), on(6701, "../etc", 1) };
    bool taken;

    cr_expect_eq(gi_node_assign(n, 1, stranger, 2, 1, &taken), GALE_EINVAL);
    cr_expect_eq(gi_node_assign(n, 1, twice, 2, 1, &taken), GALE_EINVAL);
    cr_expect_eq(gi_node_assign(n, 1, name, 2, 1, &taken), GALE_EINVAL);
    cr_expect_str_eq(all(n), "");
    cr_expect_eq(gi_node_version(n), 0);
    gi_node_destroy(n);
}

Test(node, while_nimbus_is_away_work_goes_on_and_reports_wait)
{
    gi_node_opts o = { 0 };
    gi_node *n = make(&o);
    gi_placed p[] = { on(6700, "words", 1) };
    gi_slot_event e = { .kind = GI_SLOT_ENDED };

    gi_node_nimbus(n, true);
    assign(n, 1, p, 1);
    run_all(n, SECOND);
    gi_node_nimbus(n, false);
    e.incarnation = gi_node_slot(n, 0)->incarnation;
    gi_node_event(n, 6700, &e, 2 * SECOND);
    cr_expect_str_eq(all(n), "GONE:6700 SAVE START:6700");
    gi_node_nimbus(n, true);
    cr_expect_str_eq(all(n),
                     "REPORT:6700 REPORT:6701 REPORT:6702 REPORT:6703");
    gi_node_destroy(n);
}

/* Looks at the workers of some ports, ten times a second; how many were
 * killed. */
static int kills_of(gi_node *n, int frozen, int64_t *now, int looks)
{
    int kills = 0;

    for (int i = 0; i < looks; i++) {
        *now += 100 * MS;
        for (uint32_t s = 0; s < 4; s++) {
            const gi_keeper *k = gi_node_slot(n, s);
            gi_loop_signs signs = { .state = 'S' };
            gi_slot_act a;

            if ((int)s >= frozen)
                signs.turns = (uint64_t)*now;
            gi_node_look(n, k->port, k->incarnation, &signs, 1, *now);
            while (gi_node_next(n, &a))
                kills += a.kind == GI_SLOT_KILL;
        }
    }
    return kills;
}

Test(node, one_that_is_frozen_is_killed_if_the_settings_say_so)
{
    gi_placed p[] = { on(6700, "a", 1), on(6701, "b", 1), on(6702, "c", 1),
                      on(6703, "d", 1) };

    for (int kill = 0; kill < 2; kill++) {
        gi_node_opts o = { .health = { .kill_frozen = kill } };
        gi_node *n = make(&o);
        int64_t now = SECOND;

        assign(n, 1, p, 4);
        run_all(n, now);
        cr_expect_eq(kills_of(n, 1, &now, 20), kill);
        gi_node_destroy(n);
    }
}

Test(node, when_many_look_frozen_at_once_it_may_be_us)
{
    gi_placed p[] = { on(6700, "a", 1), on(6701, "b", 1), on(6702, "c", 1),
                      on(6703, "d", 1) };
    gi_node_opts o = { .health = { .kill_frozen = true } };
    gi_node *n = make(&o);
    int64_t now = SECOND;

    assign(n, 1, p, 4);
    run_all(n, now);
    cr_expect_eq(kills_of(n, 3, &now, 55), 0);
    cr_expect_gt(kills_of(n, 3, &now, 30), 0, "but not for ever");
    gi_node_destroy(n);
}

Test(node, every_allocation_may_fail)
{
    gi_node_opts o = { 0 };
    gi_placed p[] = { on(6700, "words", 1), on(6701, "bills", 1) };
    gale_err rv = GALE_ENOMEM;

    for (uint64_t i = 0; rv != GALE_OK; i++) {
        gi_node *n = NULL;
        bool taken;

        gi_mem_fail_after(i, 1);
        rv = gi_node_create(&n, &o, ports, 4);
        if (rv == GALE_OK) {
            rv = gi_node_assign(n, 1, p, 2, 1, &taken);
            if (rv != GALE_OK)
                cr_expect_eq(gi_node_version(n), 0);
        }
        gi_mem_fail_after(0, 0);
        cr_assert(rv == GALE_OK || rv == GALE_ENOMEM);
        gi_node_destroy(n);
    }
}
