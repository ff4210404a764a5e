/* What supervisors report, and what they are told: who lives, who is dead, and
 * who is there twice. */
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

TestSuite(nimbus_nodes, .init = begin, .fini = end);

static const char *state_of(const char *id)
{
    gi_msg_cluster c = see_cluster(&w);

    for (uint32_t i = 0; i < c.n_supervisors; i++)
        if (strcmp(c.supervisors[i].id, id) == 0)
            return c.supervisors[i].state;
    return "none";
}

/* So many seconds, in each of which everybody who is there reports. */
static void seconds(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        world_pass(&w, 1000);
        world_round(&w);
    }
}

Test(nimbus_nodes, who_has_the_version_hears_nothing_new)
{
    struct said said;
    gi_msg_orders orders;

    cr_assert_eq(submit(&w, "wc", 4), GALE_OK);
    world_round(&w);
    for (uint32_t i = 0; i < NODES; i++) {
        sup_fill(&w.sups[i], &said);
        cr_assert_not(gi_nimbus_news(w.n, &said.m));
        cr_assert_eq(gi_nimbus_orders(w.n, &said.m, &w.pool, &orders),
                     GALE_OK);
        cr_assert(orders.same);
        cr_assert_eq(orders.n_orders, 0);
    }
    cr_assert_eq(named(&w, GI_ASK_DEACTIVATE, "wc", "ann"), GALE_OK);
    sup_fill(&w.sups[0], &said);
    cr_assert(gi_nimbus_news(w.n, &said.m));
    world_round(&w);
    said.m.version = w.sups[0].version;
    cr_assert_not(gi_nimbus_news(w.n, &said.m));
    said.m.nimbus = "another one";
    cr_assert(gi_nimbus_news(w.n, &said.m));
    said.m.node = "nobody";
    cr_assert_not(gi_nimbus_news(w.n, &said.m));
    cr_assert_eq(gi_nimbus_orders(w.n, &said.m, &w.pool, &orders),
                 GALE_ENOTFOUND);
}

Test(nimbus_nodes, only_nodes_that_are_concerned_hear_of_it)
{
    uint64_t before[NODES];

    cr_assert_eq(submit(&w, "a", 1), GALE_OK);
    world_round(&w);
    for (uint32_t i = 0; i < NODES; i++)
        before[i] = w.sups[i].version;
    cr_assert_eq(named(&w, GI_ASK_DEACTIVATE, "a", "ann"), GALE_OK);
    world_round(&w);
    for (uint32_t i = 0; i < NODES; i++)
        cr_assert_eq(w.sups[i].version > before[i],
                     w.sups[i].slots[0].topology[0] != '\0');
}

Test(nimbus_nodes, everybody_knows_his_peers)
{
    struct said said;
    gi_msg_orders orders;
    uint32_t tasks = 0;

    cr_assert_eq(submit(&w, "wc", 4), GALE_OK);
    world_round(&w);
    sup_fill(&w.sups[1], &said);
    said.m.nimbus = "";
    cr_assert_eq(gi_nimbus_orders(w.n, &said.m, &w.pool, &orders), GALE_OK);
    cr_assert_eq(orders.n_orders, 1);
    cr_assert_eq(orders.n_topologies, 1);
    cr_assert_eq(orders.topologies[0].n_workers, 4);
    cr_assert_str_eq(orders.topologies[0].owner, "ann");
    cr_assert_str_eq(orders.orders[0].program, PROGRAM);
    for (uint32_t i = 0; i < 4; i++) {
        const gi_msg_peer *p = &orders.topologies[0].workers[i];

        cr_assert_str_eq(p->node, w.sups[i].id);
        cr_assert_str_eq(p->host, w.sups[i].host);
        for (uint32_t k = 0; k < p->n_executors; k++)
            tasks |= 1u << p->executors[k].first;
    }
    cr_assert_eq(tasks, 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4);
}

Test(nimbus_nodes, a_dead_supervisor_loses_its_executors_and_only_those_move)
{
    struct runs before[NODES];

    cr_assert_eq(submit(&w, "wc", 3), GALE_OK);
    world_round(&w);
    for (uint32_t i = 0; i < NODES; i++)
        before[i] = w.sups[i].slots[0];
    cr_assert_eq(running(&w, "wc"), 3);
    w.sups[0].away = true;
    seconds(9);
    cr_assert_str_eq(state_of("n0"), "ALIVE");
    seconds(1);
    cr_assert_str_eq(state_of("n0"), "DEAD");
    cr_assert(strstr(w.noted, "'n0' (host0)") != NULL);
    cr_assert_eq(running(&w, "wc"), 4, "one is cut off");
    for (uint32_t i = 1; i < NODES; i++)
        if (before[i].topology[0] != '\0')
            cr_assert_eq(w.sups[i].slots[0].since, before[i].since);
    w.sups[0].away = false;
    seconds(1);
    cr_assert_str_eq(state_of("n0"), "ALIVE");
    cr_assert_eq(running(&w, "wc"), 3);
    cr_assert_str_eq(w.sups[0].slots[0].topology, "");
}

Test(nimbus_nodes, a_nimbus_that_stood_still_accuses_nobody)
{
    cr_assert_eq(submit(&w, "wc", 4), GALE_OK);
    world_round(&w);
    world_pass(&w, 3600 * 1000);
    world_pass(&w, 3600 * 1000);
    cr_assert_str_eq(state_of("n0"), "ALIVE");
    world_round(&w);
    w.now.ms -= 5000; /* such a clock there should not be */
    world_pass(&w, 0);
    cr_assert_str_eq(state_of("n0"), "ALIVE");
    cr_assert_eq(row(&w, "wc")->n_running, 4);
}

Test(nimbus_nodes, due_comes_often_enough_to_tell_silence_from_sleep)
{
    uint64_t began;

    for (uint32_t i = 0; i < NODES; i++)
        w.sups[i].away = true;
    began = w.now.ms;
    while (strcmp(state_of("n3"), "DEAD") != 0) {
        uint64_t due = gi_nimbus_due(w.n);

        cr_assert_gt(due, w.now.ms);
        world_pass(&w, due - w.now.ms);
    }
    cr_assert_eq(w.now.ms - began, 10000);
    cr_assert_eq(gi_nimbus_due(w.n), UINT64_MAX);
}

Test(nimbus_nodes, after_a_start_who_was_not_heard_is_silent_and_keeps_all)
{
    cr_assert_eq(submit(&w, "wc", 4), GALE_OK);
    world_round(&w);
    world_restart(&w);
    cr_assert_str_eq(state_of("n2"), "SILENT");
    w.sups[2].away = true;
    seconds(9);
    cr_assert_str_eq(state_of("n1"), "ALIVE");
    cr_assert_str_eq(state_of("n2"), "SILENT");
    cr_assert_eq(running(&w, "wc"), 4);
    cr_assert_eq(row(&w, "wc")->n_running, 3);
    seconds(1);
    cr_assert_str_eq(state_of("n2"), "DEAD");
    cr_assert_eq(running(&w, "wc"), 5, "and one is cut off");
    w.sups[2].away = false;
    seconds(1);
    cr_assert_eq(running(&w, "wc"), 4);
}

Test(nimbus_nodes, who_was_dead_for_long_is_forgotten)
{
    w.opts.forget_ms = 60000;
    world_restart(&w);
    world_round(&w);
    w.sups[0].away = true;
    seconds(59);
    cr_assert_str_eq(state_of("n0"), "DEAD");
    seconds(1);
    cr_assert_str_eq(state_of("n0"), "none");
    w.sups[0].away = false;
    seconds(1);
    cr_assert_str_eq(state_of("n0"), "ALIVE");
}

Test(nimbus_nodes, what_came_late_or_twice_changes_nothing)
{
    struct said old, now;

    cr_assert_eq(submit(&w, "wc", 4), GALE_OK);
    sup_fill(&w.sups[0], &old);
    world_round(&w);
    cr_assert_eq(row(&w, "wc")->n_running, 4);
    cr_assert_eq(gi_nimbus_report(w.n, &old.m, w.now, &w.why), GALE_OK);
    cr_assert(gi_nimbus_news(w.n, &old.m), "it may have lost a reply");
    cr_assert_eq(row(&w, "wc")->n_running, 4);
    w.sups[0].away = true;
    for (uint32_t i = 0; i < 10; i++) {
        seconds(1);
        sup_fill(&w.sups[0], &now);
        cr_assert_eq(gi_nimbus_report(w.n, &now.m, w.now, &w.why), GALE_OK);
    }
    cr_assert_str_eq(state_of("n0"), "DEAD", "copies are no sign of life");
}

Test(nimbus_nodes, a_supervisor_that_began_anew_is_the_one_that_counts)
{
    struct said old;

    sup_fill(&w.sups[0], &old);
    old.m.number += 100;
    w.sups[0].incarnation = 7;
    w.sups[0].number = 0;
    cr_assert_eq(sup_report(&w, &w.sups[0]), GALE_OK);
    cr_assert_eq(gi_nimbus_report(w.n, &old.m, w.now, &w.why), GALE_EINVAL);
    cr_assert(strstr(w.why.text, "a later supervisor calls itself 'n0'") !=
              NULL);
    w.notes = 0;
    old.m.number++;
    gi_nimbus_report(w.n, &old.m, w.now, &w.why);
    cr_assert_eq(w.notes, 0, "a straggler or two is nothing");
}

Test(nimbus_nodes, two_supervisors_with_one_name_are_noticed)
{
    struct sup twin = w.sups[0];

    snprintf(twin.host, sizeof(twin.host), "elsewhere");
    w.sups[0].incarnation = 7;
    for (int i = 0; i < 6; i++) {
        cr_assert_eq(sup_report(&w, &w.sups[0]), GALE_OK);
        cr_assert_eq(sup_report(&w, &twin), GALE_EINVAL);
    }
    cr_assert(strstr(w.noted, "two supervisors call themselves 'n0'") != NULL);
    cr_assert(strstr(w.noted, "elsewhere") != NULL);
    cr_assert_eq(w.notes, NODES + 1, "once");
    w.sups[0].away = true;
    seconds(10);
    cr_assert_str_eq(state_of("n0"), "DEAD");
    twin.nimbus[0] = '\0';
    twin.version = 0;
    cr_assert_eq(sup_report(&w, &twin), GALE_OK, "the other one is gone");
    cr_assert_str_eq(state_of("n0"), "ALIVE");
}

#define REFUSED(change, part)                                               \
    do {                                                                    \
        struct said said;                                                   \
        gi_msg_report *r = &said.m;                                         \
        w.sups[0].number++;                                                 \
        sup_fill(&w.sups[0], &said);                                        \
        change;                                                             \
        cr_assert_eq(gi_nimbus_report(w.n, r, w.now, &w.why), GALE_EINVAL); \
        cr_assert(strstr(w.why.text, part) != NULL, "%s", w.why.text);      \
    } while (0)

Test(nimbus_nodes, a_report_that_makes_no_sense_is_refused)
{
    char longest[300];

    memset(longest, 'x', sizeof(longest));
    longest[299] = '\0';
    REFUSED(r->node = "", "no name");
    REFUSED(r->node = "../x", "no name");
    REFUSED(r->node = longest, "no name");
    REFUSED(r->host = "", "does not say a host");
    REFUSED(r->host = longest, "does not say a host");
    REFUSED(r->machine = "", "type of machine");
    REFUSED(r->incarnation = 0, "begin with 1");
    REFUSED(r->number = 0, "begin with 1");
    REFUSED(r->cpu = UINT32_MAX, "no machine has so much");
    REFUSED(r->ports[1].port = 0, "one of its ports is none");
    REFUSED(r->ports[1].port = 65536, "one of its ports is none");
    REFUSED(r->ports[1].port = 6700, "there twice");
}

Test(nimbus_nodes, slots_that_go_lose_their_workers)
{
    cr_assert_eq(submit(&w, "wc", 12), GALE_OK);
    world_round(&w);
    cr_assert_eq(running(&w, "wc"), 4, "as many as there are executors");
    w.sups[1].n_ports = 0;
    world_round(&w);
    world_round(&w);
    cr_assert_eq(row(&w, "wc")->n_running, 4);
    w.sups[2].n_ports = w.sups[3].n_ports = 0;
    world_round(&w);
    world_round(&w);
    cr_assert_eq(row(&w, "wc")->n_running, 3);
    cr_assert_str_neq(row(&w, "wc")->why, "");
}

Test(nimbus_nodes, slots_that_are_others_are_new_ones)
{
    struct said said;
    gi_msg_topology_look l;

    cr_assert_eq(submit(&w, "wc", 4), GALE_OK);
    world_round(&w);
    w.sups[1].number++;
    sup_fill(&w.sups[1], &said);
    for (uint32_t i = 0; i < PORTS; i++)
        said.ports[i].port += 100;
    cr_assert_eq(gi_nimbus_report(w.n, &said.m, w.now, &w.why), GALE_OK);
    l = look(&w, "wc");
    cr_assert_eq(l.n_workers, 4);
    for (uint32_t i = 0; i < 4; i++)
        if (strcmp(l.workers[i].node, "n1") == 0)
            cr_assert_geq(l.workers[i].port, 6800);
}

/* What the node says of its first slot, with that version. */
static void say(struct sup *s, const char *topology, uint64_t version)
{
    struct said said;

    s->number++;
    sup_fill(s, &said);
    said.slots[0].topology = topology;
    said.m.nimbus = w.id;
    said.m.version = version;
    cr_assert_eq(gi_nimbus_report(w.n, &said.m, w.now, &w.why), GALE_OK);
}

Test(nimbus_nodes, what_was_killed_is_gone_when_its_nodes_say_so)
{
    struct sup *s = &w.sups[0];
    gi_msg_orders orders;
    struct said said;
    uint64_t old;

    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    world_round(&w);
    cr_assert_eq(strncmp(s->slots[0].topology, "wc-", 3), 0);
    old = s->version;
    cr_assert_eq(kill_it(&w, "wc", 0), GALE_OK);
    sup_fill(s, &said);
    cr_assert_eq(gi_nimbus_orders(w.n, &said.m, &w.pool, &orders), GALE_OK);
    cr_assert_gt(orders.version, old);
    cr_assert_eq(orders.n_orders, 0);
    say(s, "", old); /* it may be about to start it */
    cr_assert_not_null(row(&w, "wc"));
    say(s, s->slots[0].topology, orders.version); /* it is stopping it */
    cr_assert_not_null(row(&w, "wc"));
    say(s, "", orders.version);
    cr_assert_null(row(&w, "wc"));
}

Test(nimbus_nodes, a_host_that_has_another_name_is_told_to_all)
{
    struct said said;
    gi_msg_orders orders;
    uint64_t since;

    cr_assert_eq(submit(&w, "wc", 4), GALE_OK);
    world_round(&w);
    since = w.sups[1].slots[0].since;
    snprintf(w.sups[1].host, sizeof(w.sups[1].host), "other");
    world_round(&w);
    sup_fill(&w.sups[0], &said);
    said.m.nimbus = "";
    cr_assert_eq(gi_nimbus_orders(w.n, &said.m, &w.pool, &orders), GALE_OK);
    cr_assert_str_eq(orders.topologies[0].workers[1].host, "other");
    cr_assert_eq(w.sups[1].slots[0].since, since);
}

Test(nimbus_nodes, what_workers_did_is_summed_by_component)
{
    gi_msg_tally tallies[2] = {
        { .component = 0,
          .emitted = 10,
          .acked = 8,
          .failed = 1,
          .p50_ns = 4,
          .p99_ns = 7 },
        { .component = 1, .emitted = 5, .executed = 10, .acked = 3 },
    };
    gi_msg_mishap mishap = { 99, "count", 3, "no such word" };
    gi_msg_topology_look l;
    struct said said;

    cr_assert_eq(submit(&w, "wc", 2), GALE_OK);
    world_round(&w);
    for (uint32_t i = 0; i < 2; i++) {
        w.sups[i].number++;
        sup_fill(&w.sups[i], &said);
        said.slots[0].n_tallies = 2;
        said.slots[0].tallies = tallies;
        said.slots[0].n_mishaps = 1;
        said.slots[0].mishaps = &mishap;
        said.slots[0].pending = 1;
        cr_assert_eq(gi_nimbus_report(w.n, &said.m, w.now, &w.why), GALE_OK);
        tallies[0].p50_ns = 8;
        tallies[0].p99_ns = 5;
        mishap.wall_ms--;
    }
    l = look(&w, "wc");
    cr_assert_eq(l.n_tallies, 2);
    cr_assert_eq(l.tallies[0].emitted, 20);
    cr_assert_eq(l.tallies[0].p50_ns, 6);
    cr_assert_eq(l.tallies[0].p99_ns, 7);
    cr_assert_eq(l.tallies[1].executed, 20);
    cr_assert_eq(l.workers[0].slot->n_tallies, 0); /* in the sum */
    cr_assert_eq(l.row[0].emitted, 20, "of spouts");
    cr_assert_eq(l.row[0].acked, 16);
    cr_assert_eq(l.row[0].failed, 2);
    cr_assert_eq(l.row[0].pending, 2);
    cr_assert_eq(l.n_mishaps, 2);
    cr_assert_eq(l.mishaps[0].wall_ms, 98);
    cr_assert_eq(l.mishaps[1].wall_ms, 99);
    cr_assert_eq(l.n_workers, 2);
    cr_assert_str_eq(l.workers[0].url, "tcp://host:6628");
    cr_assert_eq(l.workers[0].port, 6700);
}

Test(nimbus_nodes, the_cluster_is_seen_whole)
{
    gi_msg_cluster c;

    cr_assert_eq(submit(&w, "wc", 2), GALE_OK);
    world_round(&w);
    c = see_cluster(&w);
    cr_assert_eq(c.n_nimbuses, 1);
    cr_assert_eq(c.n_supervisors, NODES);
    cr_assert_eq(c.n_topologies, 1);
    cr_assert_eq(c.supervisors[0].n_used, 1);
    cr_assert_eq(c.supervisors[2].n_used, 0);
    cr_assert_eq(c.supervisors[3].cpu, 400);
}
