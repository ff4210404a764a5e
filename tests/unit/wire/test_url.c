#include <criterion/criterion.h>

#include "wire/url.h"

Test(url, loopback_is_this_machine_alone)
{
    static const char *const yes[] = {
        "tcp://127.0.0.1:1", "tls+tcp://127.9.9.9:1",
        "tcp://localhost:1", "tcp://[::1]:1",
        "127.0.0.1",
    };
    static const char *const no[] = {
        "tcp://0.0.0.0:1",
        "tcp://[::]:1",
        "tcp://10.0.0.1:1",
        "tcp://127.0.0.1.evil.x:1",
        "tcp://localhost.x:1",
        "tcp://:1",
        "",
    };

    for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
        cr_expect(gi_url_loopback(yes[i]), "%s", yes[i]);
    for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
        cr_expect_not(gi_url_loopback(no[i]), "%s", no[i]);
}

Test(url, others_are_told_an_address_that_leads_here)
{
    static const struct {
        const char *asked, *host, *told;
    } rows[] = {
        { "tcp://127.0.0.1:0", "a", "tcp://127.0.0.1:7" },
        { "tcp://0.0.0.0:0", "node.one", "tcp://node.one:7" },
        { "tls+tcp://0.0.0.0:99", "node", "tls+tcp://node:7" },
        { "tcp://[::]:0", "node", "tcp://node:7" },
        { "tcp://[::]:0", "fd00::1", "tcp://[fd00::1]:7" },
        { "tcp://[::]:0", "[fd00::1]", "tcp://[fd00::1]:7" },
        { "tcp://*:0", "node", "tcp://node:7" },
        { "tcp://:0", "node", "tcp://node:7" },
        { "tcp://[::1]:0", "node", "tcp://[::1]:7" },
        { "tcp://here", "node", "tcp://here:7" },
        { "here:1", "node", "here:7" },
        { "tcp://[::1", "node", "tcp://[::1:7" }, /* nobody listens there */
    };
    char told[64];

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        gi_url_tell(told, sizeof(told), rows[i].asked, rows[i].host, 7);
        cr_expect_str_eq(told, rows[i].told);
    }
    gi_url_tell(told, 8, "tcp://0.0.0.0:0", "a-long-name", 7);
    cr_expect_str_eq(told, "tcp://a"); /* cut, and within its bounds */
}
