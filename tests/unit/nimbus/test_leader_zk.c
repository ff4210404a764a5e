#include <criterion/criterion.h>

#include "base/mem.h"
#include "nimbus/zookeeper/leader_zk.h"

TestSuite(leader_zk, .timeout = 30);

static gale_err check(const char *servers, const char *root, gale_diag *why)
{
    gi_leader_zk_opts o = { .servers = servers, .root = root };

    why->text[0] = '\0';
    return gi_leader_zk_check(&o, why);
}

Test(leader_zk, servers_are_hosts_with_ports)
{
    static const char *const good[] = { "a:1", "10.0.0.1:2181,b.c:65535",
                                        "[::1]:2181" };
    static const char *const bad[] = {
        "",     "a",    ":1",    "a:",       "a:0",     "a:1,",
        ",a:1", "a:x",  "a:1 ",  "a:1/x",    "a:65536", "a:1,,b:2",
        "a:-1", "a:+1", "a b:1", "a:1,b:2,c"
    };
    gale_diag why;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        cr_expect_eq(check(good[i], NULL, &why), GALE_OK, "%s", why.text);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_expect_eq(check(bad[i], NULL, &why), GALE_EINVAL, "%s", bad[i]);
        cr_expect(strstr(why.text, "storm.zookeeper.servers") != NULL);
    }
}

Test(leader_zk, the_root_is_a_path_of_plain_names)
{
    static const char *const good[] = { "/gale", "/a/b-c/d_e.f", "/..a" };
    static const char *const bad[] = {
        "",       "/",    "gale",       "/gale/",          "//a",      "/..",
        "/a/./b", "/a b", "/zookeeper", "/zookeeper/gale", "/\xc3\xa4"
    };
    gale_diag why;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        cr_expect_eq(check("a:1", good[i], &why), GALE_OK, "%s", why.text);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_expect_eq(check("a:1", bad[i], &why), GALE_EINVAL, "%s", bad[i]);
        cr_expect(strstr(why.text, "storm.zookeeper.root") != NULL);
    }
}

Test(leader_zk, without_memory_nothing_is_opened_and_nothing_leaks)
{
    gi_leader_zk_opts o = { .servers = "127.0.0.1:1", .url = "tcp://a:1" };
    gale_err rv = GALE_ENOMEM;
    gi_leader_zk *z = NULL;

    for (uint64_t n = 0; rv == GALE_ENOMEM; n++) {
        cr_assert_lt(n, 40);
        gi_mem_fail_after(n, 1);
        rv = gi_leader_zk_open(&z, &o, NULL);
        gi_mem_fail_after(0, 0);
    }
    cr_assert_eq(rv, GALE_OK);
    gi_leader_zk_close(z);
}

/* Nobody listens there; it is patient, and leads nobody. */
Test(leader_zk, without_an_ensemble_it_stands_by)
{
    gi_leader_zk_opts o = { .servers = "127.0.0.1:1", .url = "tcp://a:1" };
    gi_leader_zk *z;
    gale_diag why;

    cr_assert_eq(gi_leader_zk_open(&z, &o, &why), GALE_OK);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gi_leader_zk_turn(z), GI_STANDS_BY);
    cr_expect_str_eq(gi_leader_zk_url(z), "");
    gi_leader_zk_tell(z, &why);
    cr_expect(strstr(why.text, "no connection to ZooKeeper") != NULL, "%s",
              why.text);
    gi_leader_zk_close(z);
}
