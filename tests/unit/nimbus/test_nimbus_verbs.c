/* What clients ask, and what they hear: each verb, and each way to be wrong.
 */
#include "nimbus_world.h"

#include "gale/task.h"

static struct world w;

static void begin(void)
{
    world_init(&w);
    world_round(&w);
}

static void end(void)
{
    world_fini(&w);
}

TestSuite(nimbus_verbs, .init = begin, .fini = end);

#define SAYS(part)                                                        \
    cr_assert(strstr(w.why.text, part) != NULL, "'%s' does not say '%s'", \
              w.why.text, part)

Test(nimbus_verbs, a_topology_is_named_placed_and_run)
{
    const gi_msg_topology_row *r;

    cr_assert_eq(submit(&w, "wc", 2), GALE_OK, "%s", w.why.text);
    r = row(&w, "wc");
    cr_assert_str_eq(r->id, "wc-1-1700000000");
    cr_assert_str_eq(r->status, "ACTIVE");
    cr_assert_str_eq(r->owner, "ann");
    cr_assert_eq(r->n_workers, 2);
    cr_assert_eq(r->n_running, 0);
    cr_assert_eq(r->n_executors, 4);
    cr_assert_eq(r->n_tasks, 4);
    cr_assert_str_eq(r->why, "");
    world_round(&w);
    cr_assert_eq(running(&w, "wc"), 2);
    cr_assert_eq(row(&w, "wc")->n_running, 2);
    world_pass(&w, 500);
    cr_assert_eq(row(&w, "wc")->up_ms, 500);
    cr_assert(gi_nimbus_uses(w.n, PROGRAM));
    cr_assert_not(gi_nimbus_uses(w.n, "other"));
}

Test(nimbus_verbs, names_have_rules)
{
    char longest[200];

    cr_assert_eq(submit(&w, "", 1), GALE_EINVAL);
    SAYS("needs a name");
    cr_assert_eq(submit(&w, "my topo.x", 1), GALE_EINVAL);
    SAYS("perhaps 'my_topo_x'");
    cr_assert_eq(submit(&w, "../etc", 1), GALE_EINVAL);
    cr_assert_eq(submit(&w, "-n", 1), GALE_EINVAL);
    SAYS("perhaps '_n'");
    memset(longest, 'a', sizeof(longest));
    longest[129] = '\0';
    cr_assert_eq(submit(&w, longest, 1), GALE_EINVAL);
    longest[128] = '\0';
    cr_assert_eq(submit(&w, longest, 1), GALE_OK);
}

Test(nimbus_verbs, a_name_is_there_once)
{
    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    cr_assert_eq(submit(&w, "wc", 1), GALE_EINVAL);
    SAYS("'wc' is there already (wc-1-1700000000, ACTIVE)");
    cr_assert_eq(kill_it(&w, "wc", 5000), GALE_OK);
    cr_assert_eq(submit(&w, "wc", 1), GALE_EINVAL);
    SAYS("still being killed");
}

Test(nimbus_verbs, a_submission_that_is_sent_twice_is_one)
{
    gi_msg_component c[2];
    gi_msg_submit q = plain_submit("wc", 1, 1, c);
    gi_msg_submitted first, second;
    uint32_t commits;

    q.once = "5f7a";
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &first), GALE_OK);
    commits = w.memory.commits;
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &second), GALE_OK);
    cr_assert_str_eq(first.id, second.id);
    cr_assert_eq(w.memory.commits, commits);
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "bob", &second), GALE_EINVAL);
    q.once = "5f7b";
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &second), GALE_EINVAL);
}

static bool not_here(void *arg, const char *hash)
{
    (void)arg;
    (void)hash;
    return false;
}

Test(nimbus_verbs, the_program_has_to_be_there)
{
    w.opts.program_here = not_here;
    world_restart(&w);
    cr_assert_eq(submit(&w, "wc", 1), GALE_ENOTFOUND);
    SAYS("upload it first");
    cr_assert_eq(row(&w, "wc"), NULL);
}

Test(nimbus_verbs, the_program_has_to_be_for_a_machine_that_is_there)
{
    gi_msg_component c[2];
    gi_msg_submit q = plain_submit("wc", 1, 1, c);
    gi_msg_submitted reply;

    q.machine = "aarch64";
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply), GALE_EINVAL);
    SAYS("'wc' is for 'aarch64', and no supervisor is: they are 'x86_64'");
    w.sups[2].machine = "aarch64";
    world_round(&w);
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply), GALE_OK);
    cr_assert_eq(submit(&w, "other", 12), GALE_OK);
    world_round(&w);
    cr_assert_eq(strncmp(w.sups[2].slots[0].topology, "wc-", 3), 0);
    cr_assert_str_eq(w.sups[2].slots[1].topology, "");
    w.sups[2].away = true;
    for (int i = 0; i < 11; i++) {
        world_pass(&w, 1000);
        world_round(&w);
    }
    cr_assert_str_eq(row(&w, "wc")->why,
                     "no supervisor of type 'aarch64' is alive");
}

Test(nimbus_verbs, what_makes_no_sense_is_refused_all_at_once)
{
    gi_msg_component c[2];
    gi_msg_submit q = plain_submit("wc", 1, 2, c);
    gi_msg_talk talk = { 0, 7 };
    gi_msg_submitted reply;

    q.program = "../../etc/passwd";
    q.machine = "";
    q.workers = 1001;
    q.n_talks = 1;
    q.talks = &talk;
    c[0].n_executors = 3;
    c[1].id = "words";
    c[1].first_task = 2;
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply), GALE_EINVAL);
    SAYS("no supervisor is");
    q.machine = "x86_64";
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply), GALE_EINVAL);
    SAYS("is no SHA-256: '../../etc/passwd'");
    SAYS("'wc' cannot have 1001 workers (1 to 1000)");
    SAYS("'words' has 2 tasks and cannot have 3 executors");
    SAYS("'words' is there twice");
    SAYS("the tasks of 'words' do not follow");
    SAYS("to or from nowhere");
    q = plain_submit("wc", 1, 3000, c);
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply), GALE_ELIMIT);
    SAYS("6000 executors; 5000 are the most");
    q = plain_submit("wc", 1, 1, c);
    q.n_components = 0;
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply), GALE_EINVAL);
    SAYS("has no components");
    cr_assert_eq(row(&w, "wc"), NULL);
}

Test(nimbus_verbs, a_description_is_no_book)
{
    static char text[100 << 10];
    gi_msg_component c[2];
    gi_msg_submit q = plain_submit("wc", 1, 1, c);
    gi_msg_pair pair = { "k", text };
    gi_msg_submitted reply;

    memset(text, 'x', sizeof(text) - 1);
    q.n_settings = 1;
    q.settings = &pair;
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply), GALE_ELIMIT);
    SAYS("98304 are the most");
}

Test(nimbus_verbs, the_nearest_name_is_offered)
{
    cr_assert_eq(named(&w, GI_ASK_ACTIVATE, "wc", "ann"), GALE_ENOTFOUND);
    SAYS("there is no topology 'wc', nor any other");
    cr_assert_eq(submit(&w, "wordcount", 1), GALE_OK);
    cr_assert_eq(named(&w, GI_ASK_ACTIVATE, "wordcuont", "ann"),
                 GALE_ENOTFOUND);
    SAYS("did you mean 'wordcount'?");
    cr_assert_eq(named(&w, GI_ASK_ACTIVATE, "zzz", "ann"), GALE_ENOTFOUND);
    cr_assert_str_eq(w.why.text, "there is no topology 'zzz'");
    cr_assert_eq(named(&w, GI_ASK_DEACTIVATE, "wordcount-1-1700000000", "ann"),
                 GALE_OK);
    cr_assert_str_eq(status(&w, "wordcount"), "INACTIVE");
}

Test(nimbus_verbs, only_the_owner_and_admins_change_a_topology)
{
    static const char *const admins[] = { "root" };
    gi_msg_kill kill = { "wc", false, 0 };
    gi_msg_rebalance r = { .name = "wc" };
    gi_msg_set_log level = { "wc", GALE_LOG_DEBUG, 0 };
    gi_msg_rebalanced reply;
    gi_msg_nothing nothing;

    w.opts.admins = admins;
    w.opts.n_admins = 1;
    world_restart(&w);
    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    cr_assert_eq(named(&w, GI_ASK_DEACTIVATE, "wc", "bob"), GALE_EINVAL);
    SAYS("'bob' may not deactivate 'wc': it belongs to 'ann'");
    cr_assert_eq(named(&w, GI_ASK_ACTIVATE, "wc", ""), GALE_EINVAL);
    SAYS("who is nobody may not activate 'wc'");
    cr_assert_eq(ask(&w, GI_ASK_KILL, &kill, "bob", &nothing), GALE_EINVAL);
    cr_assert_eq(ask(&w, GI_ASK_REBALANCE, &r, "bob", &reply), GALE_EINVAL);
    cr_assert_eq(ask(&w, GI_ASK_SET_LOG, &level, "bob", &nothing),
                 GALE_EINVAL);
    cr_assert_str_eq(status(&w, "wc"), "ACTIVE");
    cr_assert_eq(named(&w, GI_ASK_DEACTIVATE, "wc", "root"), GALE_OK);
    cr_assert_str_eq(status(&w, "wc"), "INACTIVE");
}

Test(nimbus_verbs, a_log_level_goes_back_by_itself)
{
    gi_msg_set_log q = { "wc", GALE_LOG_DEBUG, 5000 };
    gi_msg_nothing nothing;

    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    cr_assert_eq(told(&w, "wc").log_level, GALE_LOG_INFO);
    cr_assert_eq(ask(&w, GI_ASK_SET_LOG, &q, "ann", &nothing), GALE_OK);
    cr_assert_eq(told(&w, "wc").log_level, GALE_LOG_DEBUG);
    world_pass(&w, 1000);
    q.level = GALE_LOG_ERROR;
    cr_assert_eq(ask(&w, GI_ASK_SET_LOG, &q, "ann", &nothing), GALE_OK);
    world_restart(&w);
    world_pass(&w, 4999);
    cr_assert_eq(told(&w, "wc").log_level, GALE_LOG_ERROR);
    cr_assert_leq(gi_nimbus_due(w.n), w.now.ms + 1);
    world_pass(&w, 1);
    cr_assert_eq(told(&w, "wc").log_level, GALE_LOG_INFO);
    q.for_ms = 0;
    cr_assert_eq(ask(&w, GI_ASK_SET_LOG, &q, "ann", &nothing), GALE_OK);
    world_pass(&w, 1000000);
    cr_assert_eq(told(&w, "wc").log_level, GALE_LOG_ERROR);
    q.level = 4;
    cr_assert_eq(ask(&w, GI_ASK_SET_LOG, &q, "ann", &nothing), GALE_EINVAL);
    SAYS("the level is none");
}

Test(nimbus_verbs, what_does_not_fit_is_said)
{
    for (uint32_t i = 0; i < NODES; i++)
        w.sups[i].away = true;
    for (int i = 0; i < 11; i++)
        world_pass(&w, 1000);
    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    cr_assert_str_eq(row(&w, "wc")->why, "no supervisor is alive");
    w.sups[0].away = false;
    world_round(&w);
    cr_assert_str_eq(row(&w, "wc")->why, "");
    cr_assert_eq(running(&w, "wc"), 1);
}

Test(nimbus_verbs, not_everything_is_asked_of_nimbus)
{
    gi_msg_nothing q = { 0 };
    gi_msg_info info;

    cr_assert_eq(ask(&w, GI_ASK_LOG, &q, "", &info), GALE_EINVAL);
    cr_assert_eq(ask(&w, GI_ASK_INFO, &q, "", &info), GALE_OK);
    cr_assert_str_eq(info.host, "here");
    cr_assert_str_eq(info.version, gale_version());
    cr_assert(info.leads);
}
