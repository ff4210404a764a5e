/* What a supervisor finds of what another one left behind. */
#include "processes.h"

#include "supervisor/adopt.h"

TestSuite(adopt, .timeout = 60);

struct catch
{
    int n;
    gi_recorded last;
    uint32_t executors;
    char topology[64];
};

static void on_found(void *arg, const gi_recorded *w)
{
    struct catch *c = arg;

    c->n++;
    c->last = *w;
    c->executors = w->as.order.n_executors;
    snprintf(c->topology, sizeof(c->topology), "%s", w->as.order.topology);
}

Test(adopt, workers_are_found_by_their_cookies_and_children_are_not_workers)
{
    struct yard y;
    struct catch c = { 0 };
    gi_cookie cookie = a_cookie(77);

    yard_init(&y);
    gi_process *p =
        run_script(&y, "sleep 1000 & echo child $!; echo said; wait");
    pid_said(&y, "child ");
    cr_assert_eq(gi_adopt_find(cookie.node, NULL, on_found, &c), GALE_OK);
    cr_expect_eq(c.n, 1);
    cr_expect_eq(c.last.pid, gi_process_pid(p));
    cr_expect_eq(c.last.began, gi_process_began(p));
    cr_expect_eq(c.last.incarnation, 77);
    cr_expect_eq(c.last.as.port, 6700);
    cr_expect_str_eq(c.topology, "words");
    cr_expect_not(c.last.named, "it is only its own word");
    cr_assert_eq(gi_adopt_find("another-node", NULL, on_found, &c), GALE_OK);
    cr_expect_eq(c.n, 1, "another node's are left alone");
    gi_process_kill(p);
    turn_until(&y, &y.ended, 1);
    cr_assert_eq(gi_adopt_find(cookie.node, NULL, on_found, &c), GALE_OK);
    cr_expect_eq(c.n, 1);
    gi_process_close(p);
    yard_fini(&y);
}

Test(adopt, the_record_adds_what_a_cookie_has_no_room_for)
{
    struct yard y;
    struct catch c = { 0 };
    gi_cookie cookie = a_cookie(77);
    gi_span spans[] = { { 0, 2 }, { 5, 6 } };
    gi_recorded running = {
        .incarnation = 77,
        .as = { 6700,
                { .topology = "words",
                  .program = "abc",
                  .since = 3,
                  .version = 9,
                  .n_executors = 2,
                  .executors = spans } },
    };
    gi_record record = { .n_running = 1, .running = &running };

    cr_assert_eq(gi_proc_boot_id(record.boot), GALE_OK);
    yard_init(&y);
    gi_process *p = run_script(&y, "echo up; sleep 1000");
    wait_for_text(&y, "up");
    running.pid = gi_process_pid(p);
    running.began = gi_process_began(p);
    cr_assert_eq(gi_adopt_find(cookie.node, &record, on_found, &c), GALE_OK);
    cr_expect_eq(c.n, 1);
    cr_expect_eq(c.executors, 2);
    cr_expect(c.last.named, "the record has this very process");
    cr_expect_eq(c.last.as.order.version, 9);
    gi_process_kill(p);
    turn_until(&y, &y.ended, 1);
    gi_process_close(p);
    yard_fini(&y);
}

/* Left behind by a supervisor that died: its parent is not us. */
static pid_t orphan(struct yard *y, const char *node)
{
    char cmd[512];

    snprintf(cmd, sizeof(cmd),
             "GALE_WORKER=%s/6700/4d/3/abc/words setsid sh -c 'sleep 1000 & "
             "echo child $! leader $$; echo said; wait' >>%s 2>&1 </dev/null "
             "&",
             node, y->log);
    cr_assert_eq(system(cmd), 0);
    return pid_said(y, "leader ");
}

Test(adopt, an_adopted_worker_is_watched_and_killed_with_its_group)
{
    struct yard y;
    gi_proc_stat stat;
    gi_process *p = NULL;
    pid_t leader, child;

    yard_init(&y);
    leader = orphan(&y, "orphans");
    child = pid_said(&y, "child ");
    cr_assert_eq(gi_proc_look(leader, &stat), GALE_OK);
    cr_assert_eq(
        gi_process_adopt(&p, y.base, leader, stat.began, 77, on_end, &y),
        GALE_OK);
    gi_process_kill(p);
    turn_until(&y, &y.ended, 1);
    cr_expect_eq(y.ending.kind, GI_END_UNKNOWN);
    wait_gone(leader);
    wait_gone(child);
    gi_process_close(p);
    yard_fini(&y);
}

Test(adopt, when_an_adopted_worker_dies_its_group_goes_too)
{
    struct yard y;
    gi_proc_stat stat;
    gi_process *p = NULL;
    pid_t leader, child;

    yard_init(&y);
    leader = orphan(&y, "orphans");
    child = pid_said(&y, "child ");
    cr_assert_eq(gi_proc_look(leader, &stat), GALE_OK);
    cr_assert_eq(
        gi_process_adopt(&p, y.base, leader, stat.began, 77, on_end, &y),
        GALE_OK);
    kill(leader, SIGKILL);
    turn_until(&y, &y.ended, 1);
    wait_gone(child);
    gi_process_close(p);
    yard_fini(&y);
}

Test(adopt, a_stranger_with_the_same_number_is_not_touched)
{
    struct yard y;
    gi_proc_stat stat;
    gi_process *p = NULL;

    yard_init(&y);
    pid_t leader = orphan(&y, "orphans");
    cr_assert_eq(gi_proc_look(leader, &stat), GALE_OK);
    cr_expect_eq(
        gi_process_adopt(&p, y.base, leader, stat.began + 1, 77, on_end, &y),
        GALE_ENOTFOUND, "another start time");
    cr_expect_eq(
        gi_process_adopt(&p, y.base, leader, stat.began, 78, on_end, &y),
        GALE_ENOTFOUND, "another cookie");
    cr_expect_eq(gi_process_adopt(&p, y.base, getpid(), 1, 77, on_end, &y),
                 GALE_ENOTFOUND);
    cr_expect(lives(leader));
    kill(-leader, SIGKILL);
    wait_gone(leader);
    yard_fini(&y);
}
