/* Workers that do not come up: moved, but not for ever, and never in vain. */
#include "nimbus_world.h"

static struct world w;

static void begin(void)
{
    world_init(&w);
    world_round(&w);
}

static void end(void)
{
    world_fini(&w);
}

TestSuite(nimbus_suspect, .init = begin, .fini = end);

/* So many seconds, in each of which everybody who is there reports. */
static void seconds(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        world_pass(&w, 1000);
        world_round(&w);
    }
}

static struct runs *slot_of(const char *name, const struct sup **on)
{
    for (uint32_t i = 0; i < NODES; i++)
        for (uint32_t k = 0; k < PORTS; k++)
            if (strncmp(w.sups[i].slots[k].topology, name, strlen(name)) ==
                0) {
                *on = &w.sups[i];
                return &w.sups[i].slots[k];
            }
    cr_assert_fail("%s runs nowhere", name);
    return NULL;
}

static void break_it(const char *name)
{
    const struct sup *on;
    struct runs *r = slot_of(name, &on);

    r->poisoned = true;
    r->state = "backing off";
    r->words = "libfoo.so: not found";
}

/* One that takes all slots but one. */
static void submit_all(void)
{
    gi_msg_component c[2];
    gi_msg_submit q = plain_submit("all", NODES * PORTS - 1, 6, c);
    gi_msg_submitted reply;

    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply), GALE_OK);
}

Test(nimbus_suspect, a_worker_that_does_not_come_up_is_tried_elsewhere)
{
    const struct sup *was, *is;

    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    world_round(&w);
    slot_of("wc", &was);
    break_it("wc");
    cr_assert_eq(sup_report(&w, (struct sup *)was), GALE_OK);
    cr_assert(strstr(w.noted, "'wc-1-1700000000' does not come up") != NULL);
    cr_assert(strstr(w.noted, "libfoo.so") != NULL);
    world_round(&w);
    slot_of("wc", &is);
    cr_assert_neq(is, was);
    seconds(290);
    submit_all();
    cr_assert_eq(row(&w, "all")->n_workers, 10);
    seconds(11);
    cr_assert_eq(row(&w, "all")->n_workers, 11, "it is tried again");
}

Test(nimbus_suspect, one_that_comes_up_nowhere_is_not_moved_for_ever)
{
    const struct sup *on;
    uint64_t moves = 0, since;

    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    world_round(&w);
    since = slot_of("wc", &on)->since;
    for (int i = 0; i < 280; i++) {
        break_it("wc");
        seconds(1);
        moves += slot_of("wc", &on)->since != since;
        since = slot_of("wc", &on)->since;
    }
    cr_assert_eq(moves, 2);
    cr_assert(strstr(w.noted, "is not moved any more") != NULL);
    break_it("wc");
    seconds(1);
    cr_assert(strstr(row(&w, "wc")->why, "libfoo.so: not found") != NULL);
    cr_assert_eq(look(&w, "wc").workers[0].slot[0].poisoned, true);
    submit_all();
    cr_assert_eq(row(&w, "all")->n_workers, 11, "the slots are good");
}

Test(nimbus_suspect, nobody_is_moved_where_there_is_no_other_place)
{
    const struct sup *on;
    uint64_t since;

    for (uint32_t i = 1; i < NODES; i++)
        w.sups[i].n_ports = 0;
    w.sups[0].n_ports = 1;
    world_round(&w);
    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    world_round(&w);
    since = slot_of("wc", &on)->since;
    break_it("wc");
    seconds(100);
    cr_assert_eq(slot_of("wc", &on)->since, since);
    cr_assert(strstr(row(&w, "wc")->why, "worker host0:6700: libfoo") != NULL);
}
