/* What changes from one assignment to the next, for supervisors and workers.
 */
#include "events.h"

#include "nimbus/schedule/diff.h"

static struct world w;

static void setup(void)
{
    world_init(&w);
}

static void teardown(void)
{
    world_fini(&w);
}

TestSuite(diff, .init = setup, .fini = teardown);

static gi_diff between(const gi_assignment *before, const gi_assignment *after)
{
    gi_before_after t = { "t", before, after };
    gi_diff d;

    cr_assert_eq(gi_diff_init(&d, &t, 1), GALE_OK);
    return d;
}

static void small(uint32_t n_workers)
{
    add_supervisor(&w, "a", 2, 0, 0);
    add_supervisor(&w, "b", 2, 0, 0);
    add_component(&w, add_topology(&w, "t", n_workers), "c", 6, 6);
    settle(&w, gi_schedule_even);
}

Test(diff, of_nothing_and_nothing_is_nothing)
{
    gi_diff d = between(NULL, NULL);

    cr_assert_eq(d.n, 0);
    gi_diff_fini(&d);
}

Test(diff, a_new_topology_starts_and_a_gone_one_stops)
{
    gi_diff d;

    small(2);
    d = between(NULL, w.now[0]);
    cr_assert_eq(d.n, 2);
    cr_assert_eq(d.due[0]->kind, GI_START);
    cr_assert_str_eq(d.due[0]->supervisor, "a");
    cr_assert_eq(d.due[0]->n_come, 3);
    cr_assert_eq(d.due[0]->come[1].first_task, 3);
    cr_assert_str_eq(d.due[1]->supervisor, "b");
    gi_diff_fini(&d);

    d = between(w.now[0], NULL);
    cr_assert_eq(d.n, 2);
    cr_assert_eq(d.due[1]->kind, GI_STOP);
    cr_assert_eq(d.due[1]->n_go, 3);
    gi_diff_fini(&d);
}

Test(diff, what_stays_as_it_is_concerns_nobody)
{
    gi_diff d;

    small(2);
    d = between(w.now[0], w.now[0]);
    cr_assert_eq(d.n, 2);
    for (uint32_t i = 0; i < d.n; i++) {
        cr_assert_eq(d.due[i]->kind, GI_KEEP);
        cr_assert(!gi_change_concerns_peers(d.due[i]));
    }
    gi_diff_fini(&d);
}

Test(diff, one_more_worker_takes_from_those_that_stay)
{
    gi_assignment *before;
    gi_diff d;

    small(2);
    before = gi_assignment_copy(w.now[0]);
    w.topologies[0].n_workers = 3;
    settle(&w, gi_schedule_even);
    d = between(before, w.now[0]);
    cr_assert_eq(d.n, 3);
    cr_assert_eq(d.due[0]->kind, GI_KEEP);
    cr_assert_eq(d.due[0]->n_go, 1);
    cr_assert_eq(d.due[0]->go[0].first_task, 5, "the last of its three");
    cr_assert_eq(d.due[0]->n_come, 0);
    cr_assert_eq(d.due[1]->kind, GI_START);
    cr_assert_str_eq(d.due[1]->supervisor, "a");
    cr_assert_eq(d.due[1]->port, 6701);
    cr_assert_eq(d.due[1]->n_come, 2);
    for (uint32_t i = 0; i < 3; i++)
        cr_assert(gi_change_concerns_peers(d.due[i]));
    gi_diff_fini(&d);
    gi_assignment_destroy(before);
}

Test(diff, another_worker_in_the_same_slot_is_stop_then_start)
{
    gi_assignment *after;
    gi_diff d;

    small(1);
    after = gi_assignment_copy(w.now[0]);
    after->workers[0].since = 9;
    d = between(w.now[0], after);
    cr_assert_eq(d.n, 2);
    cr_assert_eq(d.due[0]->kind, GI_STOP);
    cr_assert_eq(d.due[0]->since, 1);
    cr_assert_eq(d.due[0]->n_go, 6);
    cr_assert_eq(d.due[1]->kind, GI_START);
    cr_assert_eq(d.due[1]->since, 9);
    cr_assert_eq(d.due[1]->n_come, 6);
    gi_diff_fini(&d);
    gi_assignment_destroy(after);
}

Test(diff, another_host_concerns_the_peers_only)
{
    gi_assignment *after;
    gi_diff d;

    small(1);
    after = gi_assignment_copy(w.now[0]);
    after->workers[0].host = "elsewhere";
    d = between(w.now[0], after);
    cr_assert_eq(d.n, 1);
    cr_assert_eq(d.due[0]->kind, GI_KEEP);
    cr_assert(d.due[0]->moved);
    cr_assert_str_eq(d.due[0]->host, "elsewhere");
    cr_assert_eq(d.due[0]->n_come + d.due[0]->n_go, 0);
    cr_assert(gi_change_concerns_peers(d.due[0]));
    gi_diff_fini(&d);
    gi_assignment_destroy(after);
}

Test(diff, a_slot_that_changes_hands_is_stopped_before_it_is_started)
{
    gi_assignment *a = gi_assignment_create(1, 0);
    gi_before_after both[2] = { { "z", NULL, a }, { "b", a, NULL } };
    gi_diff d;

    a->workers[0] = (gi_assigned){ "s", "h", 6700, 1 };
    cr_assert_eq(gi_diff_init(&d, both, 2), GALE_OK);
    cr_assert_eq(d.n, 2);
    cr_assert_eq(d.due[0]->kind, GI_STOP);
    cr_assert_str_eq(d.due[0]->topology, "b");
    cr_assert_eq(d.first[0], 0);
    cr_assert_eq(d.first[1], 1);
    cr_assert_eq(d.first[2], 2);
    gi_diff_fini(&d);
    gi_assignment_destroy(a);
}

/* Whoever carries out a diff, worker by worker, has what was decided. */
struct held {
    const gi_change *of;
    uint32_t n;
    gi_executor e[MOST_EXECUTORS];
};

static struct held held[2 * MOST_LIVING];

static void hold(struct held *h, const gi_assignment *a, uint32_t worker)
{
    h->n = 0;
    for (uint32_t i = 0; i < a->n_executors; i++)
        if (a->executors[i].worker == worker)
            h->e[h->n++] = a->executors[i];
}

static void carry_out(struct held *h, const gi_change *c)
{
    for (uint32_t i = 0; i < c->n_go; i++) {
        uint32_t k = 0;

        while (k < h->n && h->e[k].first_task != c->go[i].first_task)
            k++;
        cr_assert_lt(k, h->n, "nobody is told to let go of what he has not");
        cr_assert_eq(h->e[k].end_task, c->go[i].end_task);
        h->e[k] = h->e[--h->n];
    }
    for (uint32_t i = 0; i < c->n_come; i++)
        h->e[h->n++] = c->come[i];
}

static void check_diff(const gi_assignment *a, const gi_assignment *b)
{
    gi_diff d = between(a, b);
    uint32_t started = 0, n = 0;

    for (uint32_t i = 0; i < d.n; i++) {
        const gi_change *c = &d.changes[i];
        struct held *h = &held[i];

        *h = (struct held){ .of = c };
        for (uint32_t k = 0; a != NULL && k < a->n_workers; k++)
            if (strcmp(a->workers[k].supervisor, c->supervisor) == 0 &&
                a->workers[k].port == c->port &&
                a->workers[k].since == c->since)
                hold(h, a, k);
        cr_assert_eq(h->n == 0, c->kind == GI_START);
        carry_out(h, c);
        cr_assert_eq(h->n == 0, c->kind == GI_STOP);
        started += c->kind != GI_STOP;
        n += h->n;
    }
    cr_assert_eq(started, b->n_workers);
    for (uint32_t i = 0; i < b->n_executors; i++) {
        const gi_executor *e = &b->executors[i];
        bool found = e->worker == GI_NOWHERE;

        if (found)
            continue;
        for (uint32_t k = 0; k < d.n; k++)
            for (uint32_t m = 0; m < held[k].n; m++)
                found |= held[k].e[m].first_task == e->first_task &&
                         held[k].e[m].end_task == e->end_task &&
                         held[k].of->port == b->workers[e->worker].port &&
                         strcmp(held[k].of->supervisor,
                                b->workers[e->worker].supervisor) == 0;
        cr_assert(found);
        n--;
    }
    cr_assert_eq(n, 0);
    gi_diff_fini(&d);
}

Test(diff, carried_out_gives_what_was_decided)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        gi_rng r = { gi_mix64(seed) };

        world_init(&w);
        for (uint32_t k = 0; k < 40; k++) {
            gi_schedule s;

            draw_event(&w, &r);
            draw_living(&w, &r);
            cr_assert_eq(gi_schedule_even(&s, &w.c), GALE_OK);
            for (uint32_t i = 0; i < s.n; i++)
                check_diff(w.now[i], s.of[i]);
            gi_schedule_fini(&s);
            settle(&w, gi_schedule_even);
        }
        world_fini(&w);
    }
}
