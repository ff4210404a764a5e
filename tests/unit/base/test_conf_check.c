#include <criterion/criterion.h>

#include <stdio.h>

#include "base/conf.h"
#include "base/settings.h"

static gi_report r;

/* What is said of one entry: "" if nothing is. */
static const char *judge(bool component, const char *key, const char *value,
                         const char *from)
{
    gi_conf *c = NULL;

    gi_report_fini(&r);
    cr_assert_eq(gi_conf_create(&c, NULL), GALE_OK);
    cr_assert_eq(gi_conf_set(c, key, value, from), GALE_OK);
    gi_conf_check(c, component, &r);
    gi_conf_destroy(c);
    cr_assert_leq(r.n, 1);
    return r.n == 0 ? "" : r.lines[0];
}

static const char *check(const char *key, const char *value)
{
    return judge(false, key, value, "command line");
}

static void forget(void)
{
    gi_report_fini(&r);
}

TestSuite(conf_check, .fini = forget);

Test(conf_check, a_key_one_letter_off_is_answered_with_the_right_one)
{
    cr_assert_str_eq(
        judge(false, "topology.max.spout.pendng", "1", "storm.yaml:3:1"),
        "unknown setting 'topology.max.spout.pendng' at storm.yaml:3:1 "
        "(did you mean 'topology.max.spout.pending'?)");
    cr_assert_str_eq(check("topology.wrokers", "1"),
                     "unknown setting 'topology.wrokers' from command line "
                     "(did you mean 'topology.workers'?)");
}

Test(conf_check, a_slip_in_the_family_is_seen_too)
{
    cr_assert_str_eq(check("toplogy.workers", "1"),
                     "unknown setting 'toplogy.workers' from command line "
                     "(did you mean 'topology.workers'?)");
    cr_assert_str_eq(check("Topology.workers", "1"),
                     "unknown setting 'Topology.workers' from command line "
                     "(did you mean 'topology.workers'?)");
}

Test(conf_check, an_unlike_key_of_ours_gets_no_hint)
{
    cr_assert_str_eq(check("topology.frobnicate", "1"),
                     "unknown setting 'topology.frobnicate' from command "
                     "line");
    cr_assert_str_eq(check("gale.x", "1"),
                     "unknown setting 'gale.x' from command line");
    cr_assert_str_eq(check("storm.nonsense", "1"),
                     "unknown setting 'storm.nonsense' from command line");
}

Test(conf_check, keys_of_other_families_are_the_users)
{
    cr_assert_str_eq(check("wordcount.workers", "anything"), "");
    cr_assert_str_eq(check("debug", "anything"), "");
    cr_assert_str_eq(check("kafka.topology", ""), "");
    cr_assert_str_eq(check("topo.debug", ""), "", "near, but not a slip");
}

Test(conf_check, what_is_no_number_is_said_to_be_none)
{
    cr_assert_str_eq(check("topology.workers", "many"),
                     "setting 'topology.workers' = 'many' (command line): "
                     "not a whole number");
    cr_assert_str_eq(check("topology.workers", "1.5"),
                     "setting 'topology.workers' = '1.5' (command line): "
                     "not a whole number");
    cr_assert_str_eq(check("topology.message.timeout.secs", "soon"),
                     "setting 'topology.message.timeout.secs' = 'soon' "
                     "(command line): not a number");
    cr_assert_str_eq(check("topology.debug", "perhaps"),
                     "setting 'topology.debug' = 'perhaps' (command line): "
                     "neither true nor false");
}

Test(conf_check, a_number_out_of_range_is_told_the_range)
{
    cr_assert_str_eq(check("topology.workers", "0"),
                     "setting 'topology.workers' (command line) is 0; it "
                     "must be between 1 and 4096");
    cr_assert_str_eq(check("topology.workers", "99999999999999999999"),
                     "setting 'topology.workers' (command line) is "
                     "99999999999999999999; it must be between 1 and 4096");
    cr_assert_str_eq(check("topology.cycle.buffer.bytes", "1"),
                     "setting 'topology.cycle.buffer.bytes' (command line) "
                     "is 1; it must be between 65536 and 17179869184");
    cr_assert_str_eq(check("topology.workers", "1"), "");
    cr_assert_str_eq(check("topology.workers", "4096"), "");
    cr_assert_neq(*check("topology.workers", "4097"), '\0');
}

Test(conf_check, empty_unsets_where_unset_is_the_default)
{
    cr_assert_str_eq(check("topology.max.spout.pending", ""), "");
    cr_assert_neq(*check("topology.workers", ""), '\0');
}

Test(conf_check, every_setting_accepts_its_default)
{
    size_t n;
    const gi_setting_info *all = gi_settings_all(&n);

    for (size_t i = 0; i < n; i++)
        cr_assert_str_eq(check(all[i].key, all[i].otherwise), "");
}

Test(conf_check, storms_settings_without_meaning_are_named)
{
    cr_assert_str_eq(check("topology.transfer.buffer.size", "1000"),
                     "setting 'topology.transfer.buffer.size' (command "
                     "line) is Storm's and has no meaning here: use "
                     "topology.batch.credit");
    cr_assert_str_eq(check("topology.users", "me"),
                     "setting 'topology.users' (command line) is Storm's "
                     "and has no meaning here: a topology is its owner's, "
                     "and the admins'");
}

Test(conf_check, what_daemons_read_may_stand_in_the_same_file)
{
    cr_assert_str_eq(check("nimbus.seeds", "[1]"), "");
    cr_assert_str_eq(check("storm.zookeeper.port", "2181"), "");
    cr_assert_str_eq(check("supervisor.slots.ports.0", "6700"), "");
    cr_assert_str_eq(check("ui.port", "8080"), "");
}

Test(conf_check, a_component_sets_only_what_is_its_own)
{
    cr_assert_str_eq(judge(true, "topology.debug", "true", "bolt"), "");
    cr_assert_str_eq(judge(true, "user.key", "true", "bolt"), "");
    cr_assert_str_eq(judge(true, "topology.workers", "2", "bolt"),
                     "setting 'topology.workers' (bolt) is not a "
                     "component's; it belongs to the topology");
    cr_assert_str_eq(judge(true, "nimbus.seeds", "x", "bolt"),
                     "setting 'nimbus.seeds' (bolt) is not a component's; "
                     "it belongs to the topology");
}

Test(conf_check, of_a_list_only_the_list_is_judged)
{
    static const char text[] = "topology.workers: [a, b]\n"
                               "topology.kryo.register: [c, d]\n";
    gi_conf *c = NULL;

    cr_assert_eq(gi_conf_create(&c, NULL), GALE_OK);
    cr_assert_eq(gi_conf_parse_yaml(c, "f", text, sizeof(text) - 1, &r),
                 GALE_OK);
    gi_conf_check(c, false, &r);
    cr_assert_eq(r.n, 2);
    cr_assert_str_eq(r.lines[0], "setting 'topology.workers' (f:1:1) is a "
                                 "list; it takes one value");
    gi_conf_destroy(c);
}

/* What is said of YAML text under the command line's `key` = `value`. */
static void judge_yaml(const char *text, const char *key, const char *value)
{
    gi_conf *c = NULL;

    gi_report_fini(&r);
    cr_assert_eq(gi_conf_create(&c, NULL), GALE_OK);
    cr_assert_eq(gi_conf_parse_yaml(c, "f", text, strlen(text), &r), GALE_OK);
    if (key != NULL)
        cr_assert_eq(gi_conf_set(c, key, value, "command line"), GALE_OK);
    gi_conf_check(c, false, &r);
    gi_conf_destroy(c);
}

Test(conf_check, a_list_where_one_value_belongs_is_called_one)
{
    static const char *const keys[] = { "topology.name", "topology.debug",
                                        "topology.workers",
                                        "topology.message.timeout.secs" };
    char text[128], said[128];

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        snprintf(text, sizeof(text), "%s: [true]\n", keys[i]);
        snprintf(said, sizeof(said),
                 "setting '%s' (f:1:1) is a list; it takes one value",
                 keys[i]);
        judge_yaml(text, NULL, NULL);
        cr_assert_eq(r.n, 1, "%s", keys[i]);
        cr_expect_str_eq(r.lines[0], said);
    }
}

Test(conf_check, one_value_that_looks_like_a_list_is_one_value)
{
    cr_assert_str_eq(judge(false, "topology.workers", "[2]", "f"),
                     "setting 'topology.workers' = '[2]' (f): not a whole "
                     "number");
    cr_assert_str_eq(judge(false, "topology.name", "[2]", "f"), "");
}

Test(conf_check, faults_may_be_a_list_of_texts_and_of_nothing_else)
{
    judge_yaml("topology.faults: [drop=0.1, kill=@3s, ~]", NULL, NULL);
    cr_expect_eq(r.n, 0);
    judge_yaml("topology.faults: drop=0.1", NULL, NULL);
    cr_expect_eq(r.n, 0);
    judge_yaml("topology.faults: []", NULL, NULL);
    cr_expect_eq(r.n, 0);
    judge_yaml("topology:\n  faults:\n    - a\n    - drop: 0.1\n    - [b]\n",
               NULL, NULL);
    cr_assert_eq(r.n, 2);
    cr_expect_str_eq(r.lines[0],
                     "setting 'topology.faults' (f:2:3): element 2 of the "
                     "list is no text (put it in quotes)");
    cr_expect_str_eq(r.lines[1],
                     "setting 'topology.faults' (f:2:3): element 3 of the "
                     "list is no text (put it in quotes)");
    judge_yaml("topology.faults: [drop: 0.1]", NULL, NULL);
    cr_expect_eq(r.n, 1);
}

Test(conf_check, a_map_where_a_list_is_asked_for_is_told_how_to_be_one)
{
    judge_yaml("topology:\n  faults:\n    drop: 50%\n    kill:\n      a: 1",
               NULL, NULL);
    cr_assert_eq(r.n, 2);
    cr_expect_str_eq(r.lines[0], "'topology.faults.drop' at f:3:5: "
                                 "topology.faults is a list; write - "
                                 "drop=50%");
    cr_expect_str_eq(r.lines[1], "'topology.faults.kill.a' at f:5:7: "
                                 "topology.faults is a list, and takes no "
                                 "names");
    judge_yaml("drpc.servers: {a: 1}", NULL, NULL);
    cr_assert_eq(r.n, 1);
    cr_expect_str_eq(r.lines[0], "'drpc.servers.a' at f:1:16: drpc.servers is "
                                 "a list, and takes no names");
}

Test(conf_check, what_is_left_of_a_list_that_was_set_anew_is_no_mistake)
{
    judge_yaml("topology.faults: [a, b, c]", "topology.faults", "d");
    cr_expect_eq(r.n, 0);
    judge_yaml("topology.debug: [a, b, c]", "topology.debug", "true");
    cr_expect_eq(r.n, 0);
    judge_yaml("topology.name: x", "topology.faults.0", "d");
    cr_assert_eq(r.n, 1);
    cr_expect_str_eq(r.lines[0], "unknown setting 'topology.faults.0' from "
                                 "command line (did you mean "
                                 "'topology.faults'?)");
}

Test(conf_check, all_mistakes_are_told_at_once)
{
    gi_conf *c = NULL;

    cr_assert_eq(gi_conf_create(&c, NULL), GALE_OK);
    cr_assert_eq(gi_conf_set(c, "topology.workers", "x", "f"), GALE_OK);
    cr_assert_eq(gi_conf_set(c, "topology.name", "x", "f"), GALE_OK);
    cr_assert_eq(gi_conf_set(c, "topology.debgu", "true", "f"), GALE_OK);
    gi_conf_check(c, false, &r);
    cr_assert_eq(r.n, 2);
    gi_conf_destroy(c);
}
