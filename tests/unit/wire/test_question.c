/* Who may ask: what is decided before a request is looked at. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "wire/answer_inside.h"

enum { ALICE = 41001, BOB = 41002 }; /* numbers that have no names */

static const char *const alice[] = { "41001", "carol" };
static const gi_may hers = { NULL, alice, 2 };
static gale_diag why;

static gale_err ask(const gi_may *m, gi_known who, const char *user,
                    gi_verb_no verb)
{
    const gi_verb_info *v = gi_verb_of(verb);
    gi_msg_head head = { .protocol = GI_MSG_PROTOCOL,
                         .verb = verb,
                         .user = user };
    union {
        gi_msg_nothing nothing;
        gi_msg_report report;
        gi_msg_named named;
    } empty;
    gi_strbuf b = { 0 };
    gi_question *q = NULL;
    gale_err rv;

    memset(&empty, 0, sizeof(empty));
    why.text[0] = '\0';
    gi_msg_write(&b, GI_M_head, &head);
    gi_msg_write(&b, v->request, &empty);
    cr_assert_not(b.failed);
    rv = gi_question_read(m, &who, b.at, b.len, &q, &why);
    if (rv == GALE_OK)
        gi_question_free(q);
    gi_strbuf_fini(&b);
    return rv;
}

static gi_known here(uint32_t uid)
{
    return (gi_known){ GI_WHOSE_KNOWN, uid };
}

static const gi_known elsewhere = { GI_WHOSE_ELSEWHERE, 0 };

Test(question, where_nobody_is_named_all_are_obeyed)
{
    gi_may all = { 0 };

    cr_expect_eq(ask(&all, here(BOB), "41002", GI_ASK_LIST), GALE_OK);
    cr_expect_eq(ask(&all, elsewhere, "dave", GI_ASK_LIST), GALE_OK);
}

Test(question, who_is_not_named_is_refused_and_told_who_is)
{
    cr_expect_eq(ask(&hers, here(ALICE), "41001", GI_ASK_LIST), GALE_OK, "%s",
                 why.text);
    cr_expect_eq(ask(&hers, here(BOB), "41002", GI_ASK_LIST), GALE_EINVAL);
    cr_expect_str_eq(why.text, "this daemon does not obey '41002': "
                               "nimbus.users has '41001' and others");
    cr_expect_eq(ask(&hers, here(BOB), "41002", GI_ASK_KILL), GALE_EINVAL);
    cr_expect_eq(ask(&hers, elsewhere, "dave", GI_ASK_LIST), GALE_EINVAL);
    cr_expect_eq(ask(&hers, elsewhere, "carol", GI_ASK_LIST), GALE_OK);
}

Test(question, a_name_that_is_not_his_helps_nobody)
{
    cr_expect_eq(ask(&hers, here(BOB), "41001", GI_ASK_LIST), GALE_EINVAL);
    cr_expect(strstr(why.text, "connection is of '41002'") != NULL, "%s",
              why.text);
}

Test(question, root_and_who_runs_it_are_obeyed_on_this_machine)
{
    cr_expect_eq(ask(&hers, here(0), "root", GI_ASK_LIST), GALE_OK);
    cr_expect_eq(ask(&hers, here((uint32_t)geteuid()), "me", GI_ASK_LIST),
                 GALE_OK);
    cr_expect_eq(ask(&hers, elsewhere, "root", GI_ASK_LIST), GALE_EINVAL);
}

Test(question, supervisors_are_no_users)
{
    cr_expect_eq(ask(&hers, elsewhere, "gale", GI_ASK_REPORT), GALE_OK, "%s",
                 why.text);
}
