/* Silence, waits between dials, arrivals, and reasons. */
#include <criterion/criterion.h>

#include "wire/arrivals.h"
#include "wire/parting.h"
#include "wire/pulse.h"
#include "wire/redial.h"

static gi_pulse pulse(void)
{
    return (gi_pulse){
        .look_ns = 10, .ping_ns = 20, .min_ns = 100, .max_ns = 300
    };
}

Test(pulse, a_look_is_worth_so_much_and_no_more)
{
    gi_pulse p = pulse();

    cr_assert_not(gi_pulse_look(&p, 7));
    cr_assert_eq(gi_pulse_silence(&p), 7);
    cr_assert(gi_pulse_look(&p, 1000000));
    cr_assert_eq(gi_pulse_silence(&p), 17);
    cr_assert_not(gi_pulse_look(&p, 5), "a clock that goes back is no time");
    cr_assert_eq(gi_pulse_silence(&p), 17);
}

Test(pulse, silence_is_suspicious_only_after_a_question)
{
    gi_pulse p = pulse();

    for (int64_t now = 0; now <= 200; now += 10)
        gi_pulse_look(&p, now);
    cr_assert(gi_pulse_must_ask(&p));
    cr_assert_not(gi_pulse_lost(&p));
    gi_pulse_ask(&p);
    cr_assert_not(gi_pulse_must_ask(&p));
    cr_assert(gi_pulse_lost(&p));
    gi_pulse_hear(&p);
    cr_assert_not(gi_pulse_lost(&p));
}

Test(pulse, who_answers_slowly_is_given_time_within_bounds)
{
    gi_pulse p = pulse();

    cr_assert_eq(gi_pulse_limit(&p), 100);
    for (int64_t now = 0; now <= 100; now += 10)
        gi_pulse_look(&p, now);
    p.asked = 60;
    p.timing = true;
    gi_pulse_answer(&p); /* in 40 */
    cr_assert_eq(gi_pulse_limit(&p), 20 + 40 + 8 * 20);
    gi_pulse_answer(&p);
    cr_assert_eq(p.mean_ns, 40, "nobody had asked");
    p.asked = 0;
    p.timing = true;
    gi_pulse_answer(&p);
    cr_assert_eq(gi_pulse_limit(&p), 300);
}

Test(redial, waits_double_up_to_the_longest_with_jitter_of_a_half)
{
    gi_redial r = { .min_ns = 10, .max_ns = 1000 };
    int64_t most = 10;
    bool differ = false;

    for (int i = 0; i < 20; i++) {
        int64_t wait = gi_redial_wait(&r);

        cr_assert(wait >= most / 2 && wait <= most);
        differ = differ || wait != most;
        most = most * 2 < 1000 ? most * 2 : 1000;
    }
    cr_assert(differ);
    gi_redial_reset(&r);
    cr_assert_leq(gi_redial_wait(&r), 10);
}

Test(arrivals, numbers_go_in_any_order)
{
    gi_arrivals a = { 0 };
    uint64_t next = 1;
    gi_rng rng = { 3 };

    cr_assert_eq(gi_arrivals_init(&a, 8), GALE_OK);
    for (int i = 0; i < 10000; i++) {
        uint64_t no;

        if (a.n < a.cap)
            gi_arrivals_push(&a, next++, 3);
        no = gi_arrivals_list(&a)[gi_rng_below(&rng, a.n)];
        cr_assert_not(gi_arrivals_remove(&a, next));
        if (gi_rng_below(&rng, 2) == 0 || a.n == a.cap) {
            cr_assert(gi_arrivals_remove(&a, no));
            cr_assert_not(gi_arrivals_remove(&a, no));
        }
        cr_assert_eq(a.total, 3 * a.n);
        for (uint32_t k = 1; k < a.n; k++)
            cr_assert_lt(gi_arrivals_list(&a)[k - 1], gi_arrivals_list(&a)[k]);
    }
    gi_arrivals_fini(&a);
}

Test(parting, each_has_a_name_and_a_text)
{
    cr_assert_str_eq(gi_parting_name(GI_PART_GAP), "GAP");
    cr_assert_str_eq(gi_parting_text(GI_PART_GAP), "a frame is missing");
    cr_assert_str_eq(gi_parting_name(999), "?");
    cr_assert_not_null(gi_parting_text(999));
}
