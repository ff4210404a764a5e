/* Requests at a desk: each is told to its caller exactly once, whatever comes
 * between; random histories run beside a model that counts. */
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "drpc/desk.h"

enum { CALLERS = 512, LONG_MS = 1000, SILENT_MS = 50, ANSWER_MS = 20 };

typedef struct told {
    int times;
    gale_err rv;
    char text[200];
} told;

static told callers[CALLERS];

static void tell(void *arg, void *caller, gale_err rv, gale_str text)
{
    told *t = caller;

    (void)arg;
    t->times++;
    t->rv = rv;
    snprintf(t->text, sizeof(t->text), "%.*s", (int)text.len, text.ptr);
}

static gi_desk_opts opts(void)
{
    memset(callers, 0, sizeof(callers));
    return (gi_desk_opts){ .queue = 64,
                           .most_bytes = 100,
                           .all_bytes = 6400,
                           .gives = 3,
                           .timeout_ms = LONG_MS,
                           .silent_ms = SILENT_MS,
                           .answer_ms = ANSWER_MS,
                           .known_ms = 200,
                           .tell = tell };
}

static gi_desk *desk(void)
{
    gi_desk_opts o = opts();
    gi_desk *d = gi_desk_create(&o);

    cr_assert_eq(gi_desk_serve(d, 7, "reach/requests", "reach", 0, NULL),
                 GALE_OK);
    return d;
}

static uint64_t ask(gi_desk *d, told *caller, const char *args, int64_t now)
{
    uint64_t id;

    cr_assert_eq(
        gi_desk_ask(d, "reach", gale_cstr(args), caller, now, 0, &id, NULL),
        GALE_OK);
    return id;
}

static uint64_t take(gi_desk *d, uint64_t session, int64_t now)
{
    gi_handed h;

    return gi_desk_take(d, session, &h, 1, now) == 1 ? h.id : 0;
}

Test(desk, an_answer_reaches_who_asked)
{
    gi_desk *d = desk();
    uint64_t a = ask(d, &callers[0], "one", 0),
             b = ask(d, &callers[1], "two", 0);
    gi_handed h[4];

    cr_assert_eq(gi_desk_take(d, 7, h, 4, 1), 2);
    cr_assert_eq(h[0].id, a);
    cr_assert(gale_str_is(h[0].args, "one"));
    cr_assert_eq(h[1].id, b);
    gi_desk_answer(d, b, gale_cstr("[[2]]"));
    cr_assert_eq(callers[0].times, 0);
    cr_assert_eq(callers[1].times, 1);
    cr_assert_str_eq(callers[1].text, "[[2]]");
    gi_desk_answer(d, b, gale_cstr("[[3]]"));
    cr_assert_eq(callers[1].times, 1);
    cr_assert_eq(gi_desk_requests(d), 1);
    gi_desk_destroy(d);
}

Test(desk, a_function_that_nobody_serves_is_named_with_those_that_are)
{
    gi_desk *d = desk();
    gale_diag why;

    cr_assert_eq(
        gi_desk_ask(d, "rech", gale_cstr(""), &callers[0], 0, 0, NULL, &why),
        GALE_ENOTFOUND);
    cr_assert_str_eq(why.text, "nobody serves 'rech'; did you mean 'reach'? "
                               "there is 'reach'");
    cr_assert_eq(
        gi_desk_ask(d, "words", gale_cstr(""), &callers[0], 0, 0, NULL, &why),
        GALE_ENOTFOUND);
    cr_assert_str_eq(why.text, "nobody serves 'words'; there is 'reach'");
    cr_assert_eq(
        gi_desk_ask(d, "", gale_cstr(""), &callers[0], 0, 0, NULL, &why),
        GALE_EINVAL);
    gi_desk_destroy(d);
}

Test(desk, what_is_too_large_or_too_much_is_refused)
{
    gi_desk *d = desk();
    char large[101];
    gale_diag why;

    memset(large, 'x', sizeof(large));
    cr_assert_eq(gi_desk_ask(d, "reach", (gale_str){ large, 101 }, &callers[0],
                             0, 0, NULL, &why),
                 GALE_ELIMIT);
    for (int i = 0; i < 64; i++)
        ask(d, &callers[i], "", 0);
    cr_assert_eq(
        gi_desk_ask(d, "reach", gale_cstr(""), &callers[64], 0, 0, NULL, &why),
        GALE_ELIMIT);
    cr_assert(take(d, 7, 0) != 0);
    ask(d, &callers[65], "", 0);
    gi_desk_destroy(d);
}

Test(desk, a_lost_taker_loses_no_request)
{
    gi_desk *d = desk();
    uint64_t id = ask(d, &callers[0], "x", 0);

    cr_assert_eq(take(d, 7, 0), id);
    cr_assert_eq(gi_desk_due(d), SILENT_MS);
    gi_desk_tick(d, SILENT_MS);
    cr_assert_eq(callers[0].times, 0);
    cr_assert_eq(gi_desk_serve(d, 8, "reach/requests", "reach", 60, NULL),
                 GALE_OK);
    cr_assert_eq(take(d, 8, 60), id);
    cr_assert_eq(take(d, 7, 60), 0);
    gi_desk_answer(d, id, gale_cstr("[]"));
    cr_assert_eq(callers[0].rv, GALE_OK);
    gi_desk_destroy(d);
}

Test(desk, a_new_session_of_the_same_key_means_that_the_old_one_is_gone)
{
    gi_desk *d = desk();
    uint64_t id = ask(d, &callers[0], "x", 0);
    gale_diag why;

    cr_assert_eq(take(d, 7, 0), id);
    cr_assert_eq(gi_desk_serve(d, 9, "other", "reach", 1, &why), GALE_EBUSY);
    cr_assert_str_eq(why.text, "'reach' is served by reach/requests");
    cr_assert_eq(gi_desk_serve(d, 8, "reach/requests", "reach", 1, NULL),
                 GALE_OK);
    cr_assert_eq(take(d, 8, 1), id);
    gi_desk_leave(d, 8, 2);
    cr_assert_eq(gi_desk_serve(d, 9, "other", "reach", 3, &why), GALE_OK);
    cr_assert_eq(take(d, 9, 3), id);
    gi_desk_leave(d, 9, 4);
    cr_assert_eq(callers[0].rv, GALE_EUSER);
    cr_assert_str_eq(callers[0].text, "who worked on it ended");
    gi_desk_destroy(d);
}

Test(desk, a_word_that_it_is_done_without_an_answer_is_not_believed_for_long)
{
    gi_desk *d = desk();
    uint64_t id = ask(d, &callers[0], "x", 0);

    for (int i = 0; i < 3; i++) {
        int64_t now = i * (ANSWER_MS + 5);

        cr_assert_eq(gi_desk_serve(d, 7, "reach/requests", "reach", now, NULL),
                     GALE_OK);
        cr_assert_eq(take(d, 7, now), id);
        gi_desk_done(d, id, now);
        gi_desk_tick(d, now + ANSWER_MS - 1);
        cr_assert_eq(take(d, 7, now + ANSWER_MS - 1), 0);
        gi_desk_tick(d, now + ANSWER_MS);
    }
    cr_assert_eq(callers[0].times, 1);
    cr_assert_eq(callers[0].rv, GALE_EUSER);
    gi_desk_destroy(d);
}

Test(desk, the_reason_of_the_last_attempt_is_told)
{
    gi_desk *d = desk();
    uint64_t id = ask(d, &callers[0], "x", 0);

    take(d, 7, 0);
    gi_desk_note(d, id, gale_cstr("no such page"));
    gi_desk_fail(d, id, gale_cstr("failed by 'b-0'"));
    cr_assert_str_eq(callers[0].text, "no such page");
    cr_assert_eq(callers[0].rv, GALE_EUSER);
    gi_desk_destroy(d);
}

Test(desk, a_request_waits_no_longer_than_it_was_said_to)
{
    gi_desk *d = desk();
    uint64_t id;

    cr_assert_eq(
        gi_desk_ask(d, "reach", gale_cstr(""), &callers[0], 10, 30, &id, NULL),
        GALE_OK);
    cr_assert_eq(gi_desk_due(d), 40);
    gi_desk_tick(d, 39);
    cr_assert_eq(callers[0].times, 0);
    gi_desk_tick(d, 40);
    cr_assert_eq(callers[0].rv, GALE_ETIME);
    cr_assert_eq(take(d, 7, 41), 0);
    gi_desk_destroy(d);
}

Test(desk, who_hangs_up_is_told_nothing)
{
    gi_desk *d = desk();
    uint64_t id = ask(d, &callers[0], "", 0);

    gi_desk_forget(d, id);
    cr_assert_eq(take(d, 7, 0), 0);
    id = ask(d, &callers[0], "", 0);
    cr_assert_eq(take(d, 7, 0), id);
    gi_desk_forget(d, id);
    gi_desk_answer(d, id, gale_cstr("[]"));
    cr_assert_eq(callers[0].times, 0);
    cr_assert_eq(gi_desk_requests(d), 0);
    gi_desk_destroy(d);
}

/* ------------------------------------------------------------ histories -- */

typedef struct history {
    gi_desk *d;
    int64_t now;
    uint64_t session, out[CALLERS], ids[CALLERS];
    bool forgotten[CALLERS];
    int n_out, n;
} history;

static void one_step(history *h)
{
    int i = h->n_out == 0 ? 0 : rand() % h->n_out;

    switch (rand() % 10) {
    case 0:
    case 1:
        if (h->n < CALLERS &&
            gi_desk_ask(h->d, "reach", gale_cstr("abc"), &callers[h->n],
                        h->now, rand() % 3 == 0 ? 30 : 0, &h->ids[h->n],
                        NULL) == GALE_OK)
            h->n++;
        break;
    case 2:
    case 3: {
        uint64_t id = take(h->d, h->session, h->now);

        if (id != 0 && h->n_out < CALLERS)
            h->out[h->n_out++] = id;
        break;
    }
    case 4:
        h->session++;
        gi_desk_serve(h->d, h->session, "reach/requests", "reach", h->now,
                      NULL);
        break;
    case 5:
        gi_desk_leave(h->d, h->session, h->now);
        break;
    case 6:
        if (h->n_out > 0)
            gi_desk_answer(h->d, h->out[i], gale_cstr("[]"));
        break;
    case 7:
        if (h->n_out > 0 && rand() % 2 == 0)
            gi_desk_fail(h->d, h->out[i], gale_cstr("why"));
        else if (h->n_out > 0)
            gi_desk_done(h->d, h->out[i], h->now);
        break;
    case 8:
        if (h->n > 0 && rand() % 4 == 0) {
            i = rand() % h->n;
            h->forgotten[i] = h->forgotten[i] || callers[i].times == 0;
            gi_desk_forget(h->d, h->ids[i]);
        }
        break;
    default:
        h->now += rand() % 20;
        gi_desk_tick(h->d, h->now);
    }
}

Test(desk, every_request_is_told_exactly_once)
{
    for (unsigned seed = 1; seed <= 300; seed++) {
        history h = { .d = desk(), .session = 7 };

        srand(seed);
        for (int i = 0; i < 1500; i++)
            one_step(&h);
        gi_desk_tick(h.d, h.now + LONG_MS);
        cr_assert_eq(gi_desk_requests(h.d), 0);
        for (int i = 0; i < h.n; i++)
            cr_assert_eq(callers[i].times, h.forgotten[i] ? 0 : 1,
                         "seed %u: caller %d was told %d times", seed, i,
                         callers[i].times);
        gi_desk_destroy(h.d);
    }
}
