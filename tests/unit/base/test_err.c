#include <criterion/criterion.h>

#include "gale/base.h"
#include "gale/value.h"

#include <stdio.h>

Test(err, every_error_has_its_name_and_text)
{
#define CHECK(name, code, text)                                  \
    cr_assert_str_eq(gale_err_name(GALE_##name), "GALE_" #name); \
    cr_assert_str_eq(gale_err_text((gale_err)(code)), text);
    GALE_ERRORS(CHECK)
#undef CHECK
    cr_assert_str_eq(gale_err_name(GALE_OK), "GALE_OK");
}

Test(err, any_number_has_some_name)
{
    const int numbers[] = { -1, 999, 1000, INT32_MAX };

    for (int i = 0; i < 4; i++) {
        cr_assert_str_eq(gale_err_name((gale_err)numbers[i]), "GALE_E?");
        cr_assert_gt(strlen(gale_err_text((gale_err)numbers[i])), 0);
    }
}

Test(err, only_what_time_may_mend_is_retryable)
{
    cr_assert(gale_err_retryable(GALE_ENOMEM));
    cr_assert(gale_err_retryable(GALE_ETIME));
    cr_assert(gale_err_retryable(GALE_EBUSY));
    cr_assert_not(gale_err_retryable(GALE_EPLAN));
    cr_assert_not(gale_err_retryable(GALE_EFORMAT));
    cr_assert_not(gale_err_retryable(GALE_OK));
}

Test(err, types_have_names_and_others_a_question_mark)
{
    cr_assert_str_eq(gale_type_name(GALE_T_ANY), "any");
    cr_assert_str_eq(gale_type_name(GALE_T_I64), "i64");
    cr_assert_str_eq(gale_type_name(GALE_T_MAP), "map");
    cr_assert_str_eq(gale_type_name(9), "?");
    cr_assert_str_eq(gale_type_name(UINT32_MAX), "?");
}

Test(err, the_version_is_that_of_the_headers)
{
    char text[32];

    snprintf(text, sizeof(text), "%d.%d.%d", GALE_VERSION_MAJOR,
             GALE_VERSION_MINOR, GALE_VERSION_PATCH);
    cr_assert_str_eq(gale_version(), text);
}
