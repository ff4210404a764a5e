/* A DRPC server: callers on one side, a pretended worker on the other. */
#include <sys/stat.h>

#include "base/env.h"
#include "base/mem.h"
#include "gale/drpc.h"
#include "tests/unit/drpc_server/house.h"
#include "wire/brief.h"

TestSuite(server, .init = start_plain, .fini = stop, .timeout = 60);
TestSuite(guarded, .fini = stop, .timeout = 60);

/* --------------------------------------------------------------- by nng -- */

Test(server, a_question_goes_to_a_worker_and_its_answer_back)
{
    gi_asker *worker = asker(1, NULL, NULL), *caller;
    uint64_t id = 0;

    serve(worker, 5);
    caller = call("f", "what?", 0);
    cr_assert_eq(take(worker, 5, 0, &id), 1);
    cr_assert_str_eq(args, "what?");
    say(worker, id, GI_DRPC_ANSWER, "[[1]]");
    hears(caller, GALE_OK, "[[1]]");
    caller = call("f", "again?", 0);
    cr_assert_eq(take(worker, 5, number, &id), 1);
    say(worker, id, GI_DRPC_NOTE, "no page");
    say(worker, id, GI_DRPC_FAIL, "failed");
    hears(caller, GALE_EUSER, "no page");
    gi_asker_destroy(worker);
}

Test(server, nobody_waits_for_what_nobody_serves)
{
    gi_asker *worker = asker(1, NULL, NULL);

    hears(call("f", "", 0), GALE_ENOTFOUND, "nobody serves 'f'");
    serve(worker, 5);
    hears(call("f", "", 50), GALE_ETIME, "its time was over");
    gi_asker_destroy(worker);
}

Test(server, a_reply_that_was_lost_is_given_again)
{
    gi_asker *worker = asker(1, NULL, NULL), *caller;
    uint64_t id = 0, first;

    serve(worker, 5);
    caller = call("f", "x", 0);
    cr_assert_eq(take(worker, 5, 0, &first), 1);
    cr_assert_eq(take(worker, 5, 0, &id), 1);
    cr_assert_eq(first, id);
    say(worker, id, GI_DRPC_ANSWER, "[]");
    hears(caller, GALE_OK, "[]");
    gi_asker_destroy(worker);
}

Test(server, what_a_lost_worker_had_is_given_to_the_next_at_once)
{
    gi_asker *worker = asker(1, NULL, NULL), *next, *caller;
    gi_msg_drpc_take m = {
        .function = "f", .key = "test", .session = 5, .after = 1, .most = 8
    };
    int64_t began = gi_env_real.now_ns(NULL);
    uint64_t id = 0;

    serve(worker, 5);
    caller = call("f", "x", 0);
    cr_assert_eq(take(worker, 5, 0, &id), 1);
    cr_assert_eq(
        gi_ask_begin(worker, GI_ASK_DRPC_TAKE, &m, WAIT_MS, done, NULL),
        GALE_OK);
    next = asker(1, NULL, NULL);
    gi_asker_destroy(worker); /* as if it had been killed */
    cr_assert_eq(take(next, 6, 0, &id), 1);
    say(next, id, GI_DRPC_ANSWER, "[]");
    hears(caller, GALE_OK, "[]");
    cr_expect_lt(gi_env_real.now_ns(NULL) - began, INT64_C(9000000000));
    gi_asker_destroy(next);
}

Test(server, too_much_is_refused)
{
    gi_asker *worker = asker(1, NULL, NULL), *calls[5];
    static char large[5000];
    int refused = 0;

    serve(worker, 5);
    memset(large, 'x', sizeof(large) - 1);
    hears(call("f", large, 0), GALE_ELIMIT, "4096 are the most");
    for (int i = 0; i < 5; i++)
        calls[i] = call("f", "", 4000);
    for (int i = 0; i < 5; i++) {
        gi_pool pool = { 0 };
        gi_msg_drpc_answer got;
        gale_err rv = gi_asked(calls[i], &pool, &got, NULL);

        cr_assert(rv == GALE_ETIME || rv == GALE_ELIMIT);
        refused += rv == GALE_ELIMIT;
        gi_pool_fini(&pool);
        gi_asker_destroy(calls[i]);
    }
    cr_expect_eq(refused, 1);
    gi_asker_destroy(worker);
}

Test(server, who_waits_when_it_is_stopped_is_told)
{
    gi_asker *worker = asker(1, NULL, NULL), *caller;
    uint64_t one = 1, id;

    serve(worker, 5);
    caller = call("f", "", 0);
    cr_assert_eq(take(worker, 5, 0, &id), 1);
    cr_assert_eq(write(opts.stop_fd, &one, sizeof(one)), (ssize_t)sizeof(one));
    hears(caller, GALE_EUSER, "was stopped");
    gi_asker_destroy(worker);
}

/* --------------------------------------------------------- by programs -- */

Test(server, a_program_asks_and_asks_again)
{
    gi_asker *worker = asker(1, NULL, NULL);
    char place[32], *answer;
    gale_drpc_opts o = { .servers = place };
    gale_drpc_call *call;
    gale_diag why = { "" };
    uint64_t id = 0, after = 0;
    gale_drpc *d;

    snprintf(place, sizeof(place), "127.0.0.1:%u", ports[0]);
    cr_assert_eq(gale_drpc_connect(&d, &o, &why), GALE_OK, "%s", why.text);
    cr_expect_eq(
        gale_drpc_execute(d, "f", gale_cstr("x"), WAIT_MS, &answer, &why),
        GALE_ENOTFOUND);
    serve(worker, 5);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(gale_drpc_begin(d, "f", gale_cstr("x"), &call, &why),
                     GALE_OK);
        cr_assert_eq(take(worker, 5, after, &id), 1);
        after = number;
        say(worker, id, GI_DRPC_ANSWER, "[[1]]");
        cr_assert_eq(gale_drpc_finish(call, WAIT_MS, &answer, &why), GALE_OK,
                     "%s", why.text);
        cr_expect_str_eq(answer, "[[1]]");
        gale_drpc_free(answer);
    }
    cr_expect_eq(gale_drpc_execute(d, "f", gale_cstr("x"), 20, &answer, &why),
                 GALE_ETIME);
    gale_drpc_destroy(d);
    gi_asker_destroy(worker);
}

Test(server, a_program_hears_where_nobody_is)
{
    gale_drpc_opts nowhere = { .servers = "127.0.0.1:1" },
                   none = { .servers = "localhost,," };
    gale_diag why = { "" };
    char *answer;
    gale_drpc *d;

    cr_assert_eq(gale_drpc_connect(&d, &nowhere, &why), GALE_OK);
    cr_expect_eq(
        gale_drpc_execute(d, "f", gale_cstr("x"), WAIT_MS, &answer, &why),
        GALE_EIO);
    cr_expect_not_null(strstr(why.text, "127.0.0.1:1"), "%s", why.text);
    gale_drpc_destroy(d);
    cr_expect_eq(gale_drpc_connect(&d, &none, &why), GALE_EINVAL);
}

/* -------------------------------------------------------------- secrets -- */

static gi_secrets *secrets_of(const char *secret)
{
    gi_secrets_texts t = { .secret = gi_strdup(secret) };
    gi_secrets_opts names = { .secret_file = "a test" };
    gi_secrets *s;
    gale_diag why = { "" };

    cr_assert_eq(gi_secrets_make(&s, &t, &names, &why), GALE_OK, "%s",
                 why.text);
    gi_secrets_texts_fini(&t);
    return s;
}

static gale_err serves(const gi_secrets *s, const char *topology,
                       uint64_t session, gale_diag *why)
{
    gi_asker *a = asker(1, s, topology);
    gi_msg_drpc_take m = { .function = "f", .key = "x", .session = session };
    gi_pool pool = { 0 };
    gi_msg_drpc_requests got;
    gale_err rv = gi_ask(a, GI_ASK_DRPC_TAKE, &m, WAIT_MS, &pool, &got, why);

    gi_pool_fini(&pool);
    gi_asker_destroy(a);
    return rv;
}

Test(guarded, a_worker_serves_by_the_word_of_its_topology)
{
    static const char secret[] = "0123456789abcdef0123456789abcdef";
    char word[GI_BRIEF_WORD], other[GI_BRIEF_WORD];
    gi_secrets *mine, *his;
    gale_diag why = { "" };
    int fd;

    snprintf(secret_file, sizeof(secret_file), "/tmp/drpc_test_XXXXXX");
    fd = mkstemp(secret_file);
    cr_assert(fd >= 0 && fchmod(fd, 0600) == 0);
    cr_assert_eq(write(fd, secret, sizeof(secret) - 1),
                 (ssize_t)sizeof(secret) - 1);
    close(fd);
    memset(&opts, 0, sizeof(opts));
    opts.secrets.secret_file = secret_file;
    start();

    cr_assert_eq(gi_brief_word(word, secret, "reach-1"), GALE_OK);
    cr_assert_eq(gi_brief_word(other, secret, "other-2"), GALE_OK);
    mine = secrets_of(word);
    his = secrets_of(other);
    cr_expect_eq(serves(NULL, NULL, 1, &why), GALE_EINVAL);
    cr_expect_not_null(strstr(why.text, "secret"), "%s", why.text);
    cr_expect_eq(serves(mine, "other-2", 2, &why), GALE_EINVAL);
    cr_expect_eq(serves(mine, "reach-1", 3, &why), GALE_OK, "%s", why.text);
    /* Its connection is gone; that is noticed when it is looked for. */
    cr_expect_eq(serves(mine, "reach-1", 4, &why), GALE_OK, "%s", why.text);
    cr_expect_eq(serves(his, "other-2", 5, &why), GALE_EBUSY);
    cr_expect_str_eq(why.text, "'f' is served by topology reach-1");
    gi_secrets_destroy(mine);
    gi_secrets_destroy(his);
}
