#include <criterion/criterion.h>

#include "supervisor/health.h"

#define MS 1000000ll

TestSuite(health, .timeout = 30);

struct patient {
    gi_health h;
    gi_health_opts o;
    gi_loop_signs s;
    int64_t now;
    int kills, reports;
    gi_finding found;
};

static void init(struct patient *p)
{
    *p = (struct patient){ .now = MS, .s = { .state = 'S' } };
    p->o.kill_frozen = p->o.kill_stopped = p->o.kill_hung = true;
    gi_health_settle(&p->o);
    gi_health_look(&p->h, &p->o, &p->s, 1, p->now);
}

/* So many looks in time; each time there were these turns and this much of a
 * processor. */
static gi_finding_kind watch(struct patient *p, int looks, uint64_t turns,
                             int64_t cpu)
{
    for (int i = 0; i < looks; i++) {
        p->now += 100 * MS;
        p->s.turns += turns;
        p->s.cpu_ns += (uint64_t)cpu;
        p->found = gi_health_look(&p->h, &p->o, &p->s, 1, p->now);
        p->kills += p->found.remedy == GI_REMEDY_KILL;
        p->reports += p->found.remedy == GI_REMEDY_REPORT;
    }
    return p->found.kind;
}

Test(health, who_turns_is_well)
{
    struct patient p;

    init(&p);
    cr_expect_eq(watch(&p, 1000, 1, 0), GI_FOUND_WELL);
    cr_expect_eq(p.kills + p.reports, 0);
    gi_health_fini(&p.h);
}

Test(health, who_stands_still_is_frozen_after_a_second)
{
    struct patient p;

    init(&p);
    cr_expect_eq(watch(&p, 9, 0, 0), GI_FOUND_WELL);
    cr_expect_eq(watch(&p, 1, 0, 0), GI_FOUND_FROZEN);
    cr_expect_eq(p.kills, 1);
    gi_health_fini(&p.h);
}

Test(health, without_a_setting_nobody_is_killed_and_all_is_said_once)
{
    struct patient p;

    init(&p);
    p.o.kill_frozen = false;
    watch(&p, 100, 0, 0);
    cr_expect_eq(p.kills, 0);
    cr_expect_eq(p.reports, 1);
    cr_expect_eq(watch(&p, 5, 1, 0), GI_FOUND_WELL);
    cr_expect_eq(p.reports, 2, "its recovery is news as well");
    gi_health_fini(&p.h);
}

Test(health, who_gets_no_processor_is_starved_and_not_killed)
{
    struct patient p;

    init(&p);
    p.s.state = 'R';
    cr_expect_eq(watch(&p, 10000, 0, 0), GI_FOUND_STARVED);
    cr_expect_eq(p.kills, 0);
    cr_expect_eq(watch(&p, 5, 1, 0), GI_FOUND_WELL);
    gi_health_fini(&p.h);
}

Test(health, who_spins_without_a_turn_is_frozen)
{
    struct patient p;

    init(&p);
    p.s.state = 'R';
    cr_expect_eq(watch(&p, 10, 0, 100 * MS), GI_FOUND_FROZEN);
    gi_health_fini(&p.h);
}

Test(health, who_waits_for_a_disk_is_not_killed)
{
    struct patient p;

    init(&p);
    p.s.state = 'D';
    cr_expect_eq(watch(&p, 10000, 0, 0), GI_FOUND_BLOCKED);
    cr_expect_eq(p.kills, 0);
    gi_health_fini(&p.h);
}

Test(health, a_short_stop_is_forgiven_and_a_long_one_is_not)
{
    struct patient p;

    init(&p);
    for (int i = 0; i < 100; i++) {
        p.s.state = 'T';
        cr_expect_eq(watch(&p, 5, 0, 0), GI_FOUND_WELL);
        p.s.state = 'S';
        cr_expect_eq(watch(&p, 5, 1, 0), GI_FOUND_WELL);
    }
    cr_expect_eq(p.kills, 0);
    p.s.state = 'T';
    cr_expect_eq(watch(&p, 10, 0, 0), GI_FOUND_STOPPED);
    cr_expect_eq(p.kills, 1);
    gi_health_fini(&p.h);
}

Test(health, who_is_held_by_a_debugger_is_never_killed)
{
    struct patient p;

    init(&p);
    p.s.state = 't';
    cr_expect_eq(watch(&p, 10000, 0, 0), GI_FOUND_TRACED);
    cr_expect_eq(p.kills, 0);
    gi_health_fini(&p.h);
}

Test(health, a_callback_may_take_its_time_unless_there_is_a_limit)
{
    struct patient p;

    init(&p);
    p.s.callback_since = 17;
    cr_expect_eq(watch(&p, 10000, 0, 0), GI_FOUND_WELL);
    p.o.callback_ns = 5000 * MS;
    p.s.callback_since = 18;
    cr_expect_eq(watch(&p, 50, 0, 0), GI_FOUND_WELL);
    cr_expect_eq(watch(&p, 1, 0, 0), GI_FOUND_HUNG);
    cr_expect_eq(p.kills, 1);
    p.s.callback_since = 19;
    cr_expect_eq(watch(&p, 1, 0, 0), GI_FOUND_WELL, "that is another one");
    gi_health_fini(&p.h);
}

Test(health, a_judge_who_was_late_accuses_nobody)
{
    struct patient p;

    init(&p);
    watch(&p, 9, 0, 0);
    for (int i = 0; i < 100; i++) {
        p.now += 301 * MS;
        p.found = gi_health_look(&p.h, &p.o, &p.s, 1, p.now);
        cr_expect_eq(p.found.remedy, GI_REMEDY_NOTHING);
    }
    cr_expect_eq(p.h.late, 100);
    cr_expect_eq(watch(&p, 1, 0, 0), GI_FOUND_FROZEN, "now he is in time");
    gi_health_fini(&p.h);
}

Test(health, the_worst_of_its_loops_counts)
{
    gi_health_opts o = { 0 };
    gi_health h = { 0 };
    gi_loop_signs s[3] = { { .state = 'S' },
                           { .state = 'S' },
                           { .state = 'S' } };
    gi_finding f = { 0 };

    gi_health_settle(&o);
    for (int i = 0; i < 12; i++) {
        s[0].turns++;
        s[2].turns++;
        f = gi_health_look(&h, &o, s, 3, MS + i * 100 * MS);
    }
    cr_expect_eq(f.kind, GI_FOUND_FROZEN);
    cr_expect_eq(f.loop, 1);
    gi_health_fini(&h);
}
