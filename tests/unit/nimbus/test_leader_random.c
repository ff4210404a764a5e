/* Elections in a bad world: never do two lead at once, and when the world is
 * good again, one does. */
#include "ensemble.h"

enum {
    SEEDS = 600,
    STEP_MS = 5,
    BAD_MS = 120 * 1000,
    GOOD_MS = 30 * 1000,
};

static void go_wrong(struct ensemble *e, struct candidate *c)
{
    uint64_t dice = some(e, 0, 6000 / STEP_MS);

    if (e->calm || e->now < c->still_until)
        return;
    if (dice == 0 && c->linked) {
        cut(e, c);
    } else if (dice == 1) {
        c->frozen = some(e, 0, 1);
        c->still_until = e->now + some(e, 1, some(e, 0, 3) ? 1000 : 9000);
    } else if (dice == 2 && some(e, 0, 9) == 0) {
        gi_leader_resign(&c->l, e->now);
    }
}

static void step(struct ensemble *e, struct candidate *c)
{
    gi_standing before = gi_leader_standing(&c->l, e->now);

    go_wrong(e, c);
    arrive(e, c);
    if (c->granted && !c->dead && c->session != 0 && e->now >= c->ends) {
        end_session(e, c);
        if (c->linked)
            cut(e, c);
    }
    client(e, c);
    if (e->now >= c->still_until) {
        hear(e, c);
        act(e, c);
    }
    if (gi_leader_standing(&c->l, e->now) != before)
        e->lapsed++;
    e->doubts += gi_leader_standing(&c->l, e->now) == GI_DOUBTS;
}

static int leaders(const struct ensemble *e)
{
    int n = 0;

    for (int i = 0; i < CANDIDATES; i++)
        n += gi_leader_standing(&e->c[i].l, e->now) == GI_LEADS;
    return n;
}

static void live(struct ensemble *e, uint64_t until, uint64_t seed)
{
    for (; e->now < until; e->now += STEP_MS)
        for (int i = 0; i < CANDIDATES; i++) {
            step(e, &e->c[i]);
            cr_assert_leq(leaders(e), 1, "seed %d: two lead at %d ms",
                          (int)seed, (int)e->now);
        }
}

TestSuite(leader_random, .timeout = 120);

Test(leader_random, two_never_lead_and_in_the_end_one_does)
{
    struct ensemble *e = malloc(sizeof(*e));
    uint64_t taken = 0, doubts = 0;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        memset(e, 0, sizeof(*e));
        e->rng.at = seed;
        for (int i = 0; i < CANDIDATES; i++)
            gi_leader_init(&e->c[i].l);
        live(e, BAD_MS, seed);
        e->calm = true;
        live(e, BAD_MS + GOOD_MS, seed);
        cr_assert_eq(leaders(e), 1, "seed %d: nobody leads", (int)seed);
        taken += e->taken;
        doubts += e->doubts > 0;
    }
    /* Else it was no bad world. */
    cr_expect_gt(taken, 3 * SEEDS);
    cr_expect_gt(doubts, SEEDS / 2);
    if (getenv("GALE_TEST_TALK") != NULL)
        fprintf(stderr, "taken %d, doubted in %d of %d\n", (int)taken,
                (int)doubts, SEEDS);
    free(e);
}
