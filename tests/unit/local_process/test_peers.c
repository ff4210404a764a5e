#include <criterion/criterion.h>

#include "base/env.h"
#include "base/mem.h"
#include "local/process/peers.h"

TestSuite(process_peers, .timeout = 60);

/* Our key is the higher one, so it is for us to dial; nobody answers. */
static gi_roster_peer other = {
    .key = 1,
    .since = 1,
    .here = true,
    .url = (char[]){ "tcp://127.0.0.1:1" },
    .name = (char[]){ "other:1" },
};
static const gi_roster roster = { .n_peers = 1, .most = 1, .peers = &other };
static const gi_peers_opts opts = {
    .key = 2,
    .incarnation = 1,
    .url = "tcp://127.0.0.1:0",
    .name = "test",
    .most = 1,
    .payload_most = GI_FRAME_PAYLOAD,
    .frames = 128,
};

/* Else it would wait for the next beat, a tenth of a second. */
Test(process_peers, whom_we_hear_of_is_dialled_at_once)
{
    gale_diag why = { "" };
    gi_peers *p;

    cr_assert_eq(gi_peers_create(&p, &opts, &why), GALE_OK, "%s", why.text);
    const gi_carrier *c = gi_peers_carrier(p);
    int64_t now = gi_env_real.now_ns(NULL);

    cr_expect_gt(c->turn(c->arg, now), now, "there is nobody yet");
    cr_assert_eq(gi_peers_set(p, &roster), GALE_OK);
    cr_expect_leq(c->turn(c->arg, now), now);
    cr_expect_gt(c->turn(c->arg, now), now, "it is under way");
    cr_expect_eq(gi_peers_missing(p), 1);
    gi_peers_unbind(p);
    gi_peers_destroy(p);
}
