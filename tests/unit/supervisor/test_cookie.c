#include <criterion/criterion.h>

#include "supervisor/cookie.h"

Test(cookie, what_is_written_is_read)
{
    gi_order o = { .topology = "words-1", .program = "9f.a", .since = 0xabc };
    gi_cookie c, back;
    char text[GI_COOKIE_MOST];

    cr_assert_eq(gi_cookie_make(&c, "node_1", 65535, UINT64_MAX, &o), GALE_OK);
    cr_assert_gt(gi_cookie_write(&c, text, sizeof(text)), 0);
    cr_expect_str_eq(text, "GALE_WORKER=node_1/65535/ffffffffffffffff/abc/"
                           "9f.a/words-1");
    cr_assert_eq(gi_cookie_read(&back, strchr(text, '=') + 1), GALE_OK);
    cr_expect_eq(memcmp(&c, &back, sizeof(c)), 0);
}

Test(cookie, the_longest_one_has_room)
{
    char topology[GI_TOPOLOGY_ID_MOST + 1] = { 0 };
    char program[GI_PROGRAM_MOST + 1] = { 0 },
                                   node[GI_NODE_ID_MOST + 1] = { 0 };
    gi_order o = { .topology = topology,
                   .program = program,
                   .since = UINT64_MAX };
    char text[GI_COOKIE_MOST];
    gi_cookie c;

    memset(topology, 't', sizeof(topology) - 1);
    memset(program, 'p', sizeof(program) - 1);
    memset(node, 'n', sizeof(node) - 1);
    cr_assert_eq(gi_cookie_make(&c, node, 65535, UINT64_MAX, &o), GALE_OK);
    cr_expect_gt(gi_cookie_write(&c, text, sizeof(text)), 0);
    for (size_t size = 0; size < strlen(text) + 1; size++) {
        char small[GI_COOKIE_MOST];

        cr_expect_eq(gi_cookie_write(&c, small, size), 0);
    }
}

Test(cookie, nonsense_is_none)
{
    static const char *const bad[] = {
        "",
        "/",
        "n/6700/1/1/p",
        "n/6700/1/1/p/t/x",
        "n/65536/1/1/p/t",
        "n/6700/0/1/p/t",
        "n/6700/-1/1/p/t",
        "n/6700/1/11111111111111111/p/t",
        "n/6700/x/1/p/t",
        "n/6700/1/1//t",
        "n/6700/1/1/p/",
        "../6700/1/1/p/t",
        "n/6700/1/1/p/..",
        "n n/6700/1/1/p/t",
        "n/67a0/1/1/p/t",
    };
    gi_cookie c;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect_eq(gi_cookie_read(&c, bad[i]), GALE_EFORMAT, "%s", bad[i]);
}

Test(cookie, a_program_that_is_only_being_checked_has_no_port)
{
    gi_order o = { .topology = "words-1", .program = "9f.a", .since = 1 };
    gi_cookie c;

    cr_assert_eq(gi_cookie_read(&c, "n/0/1/1/p/t"), GALE_OK);
    cr_expect_eq(c.port, 0);
    cr_expect_eq(gi_cookie_make(&c, "node", 0, 1, &o), GALE_EINVAL);
}
