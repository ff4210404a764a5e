/* A run from a seed: the same one twice, and in no time. */
#include "faulty.h"
#include "gale/sim.h"

Test(sim, the_same_seed_gives_the_same_history)
{
    uint64_t hash[20];

    for (uint64_t seed = 0; seed < 20; seed++) {
        gale_sim_opts o = { .conf = conf,
                            .seed = seed,
                            .loops = 1 + (uint32_t)seed % 3,
                            .faults = "drop=2%,late=__acker:5%:3s,kill=end:1%,"
                                      "hang=mid:50ms@40,until=10s" };
        gale_sim_result r[2];
        gale_diag why = { "" };

        for (int i = 0; i < 2; i++) {
            forget();
            cr_assert_eq(gale_sim_run(&topology, &o, &r[i], &why), GALE_OK,
                         "%s", why.text);
        }
        cr_assert_eq(r[0].hash, r[1].hash);
        cr_assert_eq(r[0].events, r[1].events);
        cr_assert(r[0].run.faults > 0);
        hash[seed] = r[0].hash;
        for (uint64_t other = 0; other < seed; other++)
            cr_assert_neq(hash[other], hash[seed]);
    }
}

Test(sim, an_hour_takes_no_time)
{
    gale_sim_opts o = { .conf = conf, .faults = "hang=end/0:1h@10" };
    gale_sim_result r;
    gale_diag why = { "" };

    forget();
    cr_assert_eq(gale_sim_run(&topology, &o, &r, &why), GALE_OK, "%s",
                 why.text);
    cr_assert(r.virtual_ms >= 3600000);
}

static int calls;

/* Repeatable only as long as nobody counts its calls across runs. */
static bool moody_next(void *self, gale_spout_ctx *ctx)
{
    int *n = self;

    gale_spout_emit(ctx, (uint64_t)*n, ROW(I64(calls++)));
    return ++*n < 10;
}

static const gale_spout moody = {
    .state_size = sizeof(int),
    .output = GALE_FIELDS(GALE_ANY("v")),
    .next = moody_next,
};

Test(sim, a_topology_that_is_not_repeatable_is_found_out)
{
    const gale_component bad[] = {
        { .id = "src", .spout = &moody },
        { .id = "end",
          .bolt = &sink,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("src")) },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "moody",
                              .components = GALE_COMPONENTS(bad) };
    gale_diag why = { "" };

    cr_assert_eq(gale_sim_check(&t, NULL, &why), GALE_EUSER);
    cr_assert(strstr(why.text, "went differently") != NULL, "%s", why.text);
}

Test(sim, what_never_ends_is_cut_off)
{
    gale_sim_opts o = { .conf = conf, .faults = "drop=1", .within_ms = 60000 };
    gale_sim_result r;
    gale_diag why = { "" };

    forget();
    cr_assert_eq(gale_sim_run(&topology, &o, &r, &why), GALE_ETIME);
    cr_assert(strstr(why.text, "unfinished") != NULL, "%s", why.text);
    cr_assert_eq(r.run.acked, 0);
}
