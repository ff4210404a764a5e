#include <criterion/criterion.h>
#include <string.h>

#include "base/mem.h"
#include "worker/credentials.h"

static gi_credentials c;
static char to[8];

static void begin(void)
{
    gi_credentials_init(&c);
}

static void end(void)
{
    gi_credentials_fini(&c);
}

TestSuite(credentials, .init = begin, .fini = end);

static gi_credential list[] = { { (char *)"user", (char *)"me" },
                                { (char *)"pass", (char *)"hush hush" } };

Test(credentials, what_is_not_there_is_empty)
{
    strcpy(to, "before");
    cr_expect_eq(gi_credentials_get(&c, "user", to, sizeof(to)), 0);
    cr_expect_str_eq(to, "");
    cr_expect_eq(gi_credentials_get(&c, "user", NULL, 0), 0);
}

Test(credentials, they_are_copied_if_they_fit_and_measured_if_not)
{
    char room[16];

    cr_assert_eq(gi_credentials_set(&c, list, 2), GALE_OK);
    cr_expect_eq(gi_credentials_get(&c, "user", to, sizeof(to)), 2);
    cr_expect_str_eq(to, "me");
    cr_expect_eq(gi_credentials_get(&c, "pass", to, sizeof(to)), 9);
    cr_expect_str_eq(to, "", "a part of a password is none");
    cr_expect_eq(gi_credentials_get(&c, "pass", room, 9), 9);
    cr_expect_str_eq(room, "", "nor without its end");
    cr_expect_eq(gi_credentials_get(&c, "pass", room, 10), 9);
    cr_expect_str_eq(room, "hush hush");
    cr_expect_eq(gi_credentials_get(&c, "pass", NULL, 0), 9);
}

Test(credentials, others_take_their_place)
{
    gi_credential other[] = { { (char *)"pass", (char *)"new" } };

    cr_assert_eq(gi_credentials_set(&c, list, 2), GALE_OK);
    cr_assert_eq(gi_credentials_set(&c, other, 1), GALE_OK);
    cr_expect_eq(gi_credentials_get(&c, "user", to, sizeof(to)), 0);
    cr_expect_eq(gi_credentials_get(&c, "pass", to, sizeof(to)), 3);
    cr_expect_str_eq(to, "new");
    cr_assert_eq(gi_credentials_set(&c, NULL, 0), GALE_OK);
    cr_expect_eq(gi_credentials_get(&c, "pass", to, sizeof(to)), 0);
}

Test(credentials, without_memory_they_stay)
{
    gi_credential other[] = { { (char *)"user", (char *)"you" } };
    gale_err rv = GALE_ENOMEM;

    cr_assert_eq(gi_credentials_set(&c, list, 2), GALE_OK);
    for (uint64_t n = 0; rv != GALE_OK && n < 16; n++) {
        gi_mem_fail_after(n, 1);
        rv = gi_credentials_set(&c, other, 1);
        gi_mem_fail_after(0, 0);
        gi_credentials_get(&c, "user", to, sizeof(to));
        cr_expect_str_eq(to, rv == GALE_OK ? "you" : "me");
    }
    cr_expect_eq(rv, GALE_OK);
}
