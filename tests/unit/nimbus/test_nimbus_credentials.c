/* What is secret to a topology: who may say it, and who hears it. */
#include "nimbus_world.h"

static struct world w;

static void begin(void)
{
    world_init(&w);
    world_round(&w);
    cr_assert_eq(submit(&w, "wc", 2), GALE_OK);
}

static void end(void)
{
    world_fini(&w);
}

TestSuite(nimbus_credentials, .init = begin, .fini = end);

static gale_err upload(const char *user, gi_msg_pair *pairs, uint32_t n)
{
    gi_msg_credentials q = { .name = "wc",
                             .n_credentials = n,
                             .credentials = pairs };
    gi_msg_nothing nothing;

    return ask(&w, GI_ASK_CREDENTIALS, &q, user, &nothing);
}

static void refused(gi_msg_pair *pairs, uint32_t n, const char *words)
{
    cr_expect_eq(upload("ann", pairs, n), GALE_EINVAL);
    cr_expect(strstr(w.why.text, words) != NULL, "%s", w.why.text);
    cr_expect(strstr(w.why.text, "hush") == NULL, "%s", w.why.text);
}

Test(nimbus_credentials, nodes_are_told_and_a_restart_forgets_nothing)
{
    gi_msg_pair pairs[] = { { "user", "me" }, { "pass", "hush" } };

    cr_expect_eq(told(&w, "wc").n_credentials, 0);
    cr_assert_eq(upload("ann", pairs, 2), GALE_OK, "%s", w.why.text);
    for (int i = 0; i < 2; i++) {
        gi_msg_topology t = told(&w, "wc");

        cr_assert_eq(t.n_credentials, 2);
        cr_expect_str_eq(t.credentials[1].key, "pass");
        cr_expect_str_eq(t.credentials[1].value, "hush");
        world_restart(&w);
    }
}

Test(nimbus_credentials, they_take_the_place_of_all_that_were)
{
    gi_msg_pair first[] = { { "user", "me" }, { "pass", "hush" } };
    gi_msg_pair second[] = { { "pass", "hush hush" } };

    cr_assert_eq(upload("ann", first, 2), GALE_OK);
    cr_assert_eq(upload("ann", second, 1), GALE_OK);
    cr_assert_eq(told(&w, "wc").n_credentials, 1);
    cr_expect_str_eq(told(&w, "wc").credentials[0].value, "hush hush");
    cr_assert_eq(upload("ann", NULL, 0), GALE_OK);
    cr_expect_eq(told(&w, "wc").n_credentials, 0);
}

Test(nimbus_credentials, another_topology_is_not_told)
{
    gi_msg_pair pairs[] = { { "pass", "hush" } };

    cr_assert_eq(submit(&w, "other", 1), GALE_OK);
    cr_assert_eq(upload("ann", pairs, 1), GALE_OK);
    cr_expect_eq(told(&w, "other").n_credentials, 0);
}

Test(nimbus_credentials, only_the_owner_may)
{
    gi_msg_pair pairs[] = { { "pass", "hush" } };

    cr_expect_eq(upload("bob", pairs, 1), GALE_EINVAL);
    cr_expect_str_eq(w.why.text,
                     "'bob' may not upload credentials of 'wc': it belongs "
                     "to 'ann' (ask him, or one of nimbus.admins)");
    cr_expect_eq(told(&w, "wc").n_credentials, 0);
}

Test(nimbus_credentials, no_answer_to_a_client_has_them)
{
    gi_msg_pair pairs[] = { { "pass", "hush" } };
    gi_msg_topology_look look;
    gi_strbuf b = { 0 };

    cr_assert_eq(upload("ann", pairs, 1), GALE_OK);
    cr_assert_eq(ask(&w, GI_ASK_LOOK, &(gi_msg_named){ "wc" }, "", &look),
                 GALE_OK);
    gi_msg_write(&b, GI_M_topology_look, &look);
    cr_assert_not(b.failed);
    for (size_t i = 0; i + 4 <= b.len; i++)
        cr_assert(memcmp(b.at + i, "hush", 4) != 0);
    gi_strbuf_fini(&b);
}

Test(nimbus_credentials, what_makes_no_sense_is_said_without_values)
{
    static char longest[257], large[33 << 10];
    static gi_msg_pair many[257];
    gi_msg_pair nameless[] = { { "", "hush" } };
    gi_msg_pair twice[] = { { "a", "hush" }, { "b", "x" }, { "a", "hush" } };
    gi_msg_pair long_key[] = { { longest, "hush" } };
    gi_msg_pair much[] = { { "a", large } };

    memset(longest, 'k', 256);
    memset(large, 'v', sizeof(large) - 1);
    for (int i = 0; i < 257; i++)
        many[i] = (gi_msg_pair){ "k", "v" };
    refused(nameless, 1, "has no key");
    refused(twice, 3, "the same key");
    refused(long_key, 1, "255 letters at most");
    refused(much, 1, "32 KB at most");
    refused(many, 257, "256 credentials at most");
    cr_expect_eq(told(&w, "wc").n_credentials, 0);
}
