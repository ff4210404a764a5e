#include <criterion/criterion.h>

#include "wire/refusal.h"

#include <string.h>

Test(refusal, each_has_a_name_and_a_text_of_its_own)
{
    for (int i = 0; i < GI_N_REFUSALS; i++) {
        cr_expect_str_neq(gi_refusal_name((gi_refusal)i), "?");
        for (int k = 0; k < i; k++)
            cr_expect_str_neq(gi_refusal_text((gi_refusal)i),
                              gi_refusal_text((gi_refusal)k));
    }
}

Test(refusal, a_number_that_is_none_has_words_too)
{
    cr_expect_str_eq(gi_refusal_name(GI_N_REFUSALS), "?");
    cr_expect(strlen(gi_refusal_text((gi_refusal)-1)) > 0);
}
