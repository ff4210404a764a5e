/* Every mistake that a plan of faults can hold, and what is said of it, word
 * for word. */
#include <stdio.h>

#include "plans.h"

static const struct {
    const char *text;
    const char *said; /* the whole report */
} mistakes[] = {
    { "dorp=0.1",
      "F: 'dorp=0.1': there is no fault 'dorp' (did you mean 'drop'?)" },
    { "xyzzy=1", "F: 'xyzzy=1': there is no fault 'xyzzy'; there are drop, "
                 "duplicate, reorder, delay, late, fail, slow, hang, kill, "
                 "restart, memory, write, sync, clock, suspend, seed, until" },
    { "DROP=1%",
      "F: 'DROP=1%': there is no fault 'DROP' (did you mean 'drop'?)" },
    { "drop 1%",
      "F: 'drop 1%': there is no fault 'drop 1%' (did you mean 'drop=1%'?)" },
    { "kill:count@3s", "F: 'kill:count@3s': there is no fault "
                       "'kill:count@3s' (did you mean 'kill=count@3s'?)" },
    { "drop=1%;kill=count@3s",
      "F: 'drop=1%;kill=count@3s': a comma parts entries, not ';'" },
    { "drop", "F: 'drop': the chance is missing (write drop=[WHERE:]CHANCE)" },
    { "=1", "F: '=1': there is no fault ''; there are drop, duplicate, "
            "reorder, delay, late, fail, slow, hang, kill, restart, memory, "
            "write, sync, clock, suspend, seed, until" },
    { "drop=",
      "F: 'drop=': the chance is missing (write drop=[WHERE:]CHANCE)" },
    { "drop=cuont:0.1", "F: 'drop=cuont:0.1': 'cuont' is not a component (did "
                        "you mean 'count'? write drop=[WHERE:]CHANCE)" },
    { "drop=nothing:0.1",
      "F: 'drop=nothing:0.1': 'nothing' is not a component; there are "
      "'lines', 'split', 'count', '1.5' and 'a \"b\\c\":d,e>f/0@1=2' (write "
      "drop=[WHERE:]CHANCE)" },
    { "drop=spout>x:0.1",
      "F: 'drop=spout>x:0.1': 'spout' is not a component; there are 'lines', "
      "'split', 'count', '1.5' and 'a \"b\\c\":d,e>f/0@1=2' (write "
      "drop=[WHERE:]CHANCE)\nF: 'drop=spout>x:0.1': 'x' is not a component; "
      "there are 'lines', 'split', 'count', '1.5' and 'a "
      "\"b\\c\":d,e>f/0@1=2' (write drop=[WHERE:]CHANCE)" },
    { "drop=lines>count:0.1",
      "F: 'drop=lines>count:0.1': 'count' does not read 'lines': 'split' does "
      "(write drop=[WHERE:]CHANCE)" },
    { "drop=count>lines:0.1",
      "F: 'drop=count>lines:0.1': 'lines' does not read 'count': '1.5' does "
      "(write drop=[WHERE:]CHANCE)" },
    { "drop=lines:0.1",
      "F: 'drop=lines:0.1': nothing comes to the spout 'lines'; what it gives "
      "is 'lines>COMPONENT' (write drop=[WHERE:]CHANCE)" },
    { "drop=count/2:0.1",
      "F: 'drop=count/2:0.1': what goes to one task cannot be told from the "
      "rest; name components without '/' (did you mean 'count'? write "
      "drop=[WHERE:]CHANCE)" },
    { "drop=count",
      "F: 'drop=count': the chance is missing (write drop=[WHERE:]CHANCE)" },
    { "drop=1.5", "F: 'drop=1.5': the chance '1.5' is more than 1, which is "
                  "always (did you mean '1.5%'? write drop=[WHERE:]CHANCE)" },
    { "drop=5", "F: 'drop=5': the chance '5' is more than 1, which is always "
                "(did you mean '5%'? write drop=[WHERE:]CHANCE)" },
    { "drop=500%", "F: 'drop=500%': the chance '500%' is more than 1, which "
                   "is always (write drop=[WHERE:]CHANCE)" },
    { "drop=-0.1", "F: 'drop=-0.1': the chance '-0.1' is less than 0 (write "
                   "drop=[WHERE:]CHANCE)" },
    { "drop=0.1:20ms",
      "F: 'drop=0.1:20ms': drop takes no time (write drop=[WHERE:]CHANCE)" },
    { "drop=0.1@3s", "F: 'drop=0.1@3s': drop happens by chance, not at a "
                     "moment (write drop=[WHERE:]CHANCE)" },
    { "drop=0.1:0.2", "F: 'drop=0.1:0.2': '0.1' and '0.2' are two of the same "
                      "(write drop=[WHERE:]CHANCE)" },
    { "drop=__acker>count:0.1",
      "F: 'drop=__acker>count:0.1': what tasks and ackers tell one another "
      "has no direction (did you mean '__acker'? write drop=[WHERE:]CHANCE)" },
    { "drop=\"count:0.1",
      "F: 'drop=\"count:0.1': the chance is missing (write "
      "drop=[WHERE:]CHANCE)\nF: 'drop=\"count:0.1': quotes go around the "
      "whole of a name (write drop=[WHERE:]CHANCE)" },
    { "drop=count\"x\":0.1", "F: 'drop=count\"x\":0.1': quotes go around the "
                             "whole of a name (write drop=[WHERE:]CHANCE)" },
    { "drop=:0.1", "F: 'drop=:0.1': something is missing at a ':' (write "
                   "drop=[WHERE:]CHANCE)" },
    { "drop=count:0.1:", "F: 'drop=count:0.1:': something is missing at a ':' "
                         "(write drop=[WHERE:]CHANCE)" },
    { "delay=0.1", "F: 'delay=0.1': the time is missing (write "
                   "delay=[WHERE:]CHANCE:TIME)" },
    { "delay=20ms", "F: 'delay=20ms': the chance is missing (write "
                    "delay=[WHERE:]CHANCE:TIME)" },
    { "delay=0.1:20", "F: 'delay=0.1:20': the time '20' has no unit (did you "
                      "mean '20s'? write delay=[WHERE:]CHANCE:TIME)" },
    { "delay=0.1:-20ms",
      "F: 'delay=0.1:-20ms': the time '-20ms' has a sign (did you mean "
      "'20ms'? write delay=[WHERE:]CHANCE:TIME)" },
    { "delay=0.1:0s", "F: 'delay=0.1:0s': a time of '0s' does nothing (write "
                      "delay=[WHERE:]CHANCE:TIME)" },
    { "delay=0.1:20mss", "F: 'delay=0.1:20mss': '20mss' is no time (20ms, 3s, "
                         "1h30m) (write delay=[WHERE:]CHANCE:TIME)" },
    { "fail=lines:0.1",
      "F: 'fail=lines:0.1': 'lines' is a spout, which is given nothing to "
      "answer (write fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=__acker:0.1",
      "F: 'fail=__acker:0.1': an acker is no task: fail is not for __acker "
      "(write fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=split>count:0.1",
      "F: 'fail=split>count:0.1': 'split>count' are tuples on their way; fail "
      "is of a component or a task of it, such as count/2 (write "
      "fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=count", "F: 'fail=count': neither a chance nor a moment is said "
                    "(write fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=count:0.1@3s",
      "F: 'fail=count:0.1@3s': by chance or at a moment, not both (write "
      "fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=count/4:0.1",
      "F: 'fail=count/4:0.1': 'count' has 4 tasks, numbers 0 to 3 (write "
      "fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=split/1:0.1",
      "F: 'fail=split/1:0.1': 'split' has one task, which is number 0 (write "
      "fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=count/x:0.1",
      "F: 'fail=count/x:0.1': 'x' is not the number of a task; they count "
      "from 0 (write fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=count/:0.1",
      "F: 'fail=count/:0.1': '' is not the number of a task; they count from "
      "0 (write fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=/1:0.1", "F: 'fail=/1:0.1': a component's name is missing (write "
                     "fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=@0", "F: 'fail=@0': counting begins with 1 (did you mean '@1'? "
                 "write fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=@10+0", "F: 'fail=@10+0': '+0' would be without end (write "
                    "fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=@10+3s", "F: 'fail=@10+3s': '10' and '3s' are a time and a count "
                     "(write fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=@3x", "F: 'fail=@3x': '3x' is neither a time (3s) nor a count "
                  "(1000) (write fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=@", "F: 'fail=@': '' is neither a time (3s) nor a count (1000) "
                "(write fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "fail=3s", "F: 'fail=3s': the moment stands behind an '@' (did you mean "
                 "'@3s'? write fail=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "kill=count:3s",
      "F: 'kill=count:3s': the moment stands behind an '@' (did you mean "
      "'@3s'? write kill=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "kill=count", "F: 'kill=count': neither a chance nor a moment is said "
                    "(write kill=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "kill=__acker/99999@3s",
      "F: 'kill=__acker/99999@3s': '__acker' has 65535 tasks, numbers 0 to "
      "65534 (write kill=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "kill=__acker:0.1",
      "F: 'kill=__acker:0.1': ackers die at a time, not by chance or count "
      "(did you mean '__acker@3s'? write kill=[WHERE:]CHANCE or "
      "[WHERE]@WHEN)" },
    { "kill=__acker/1@1000+10",
      "F: 'kill=__acker/1@1000+10': ackers die at a time, not by chance or "
      "count (did you mean '__acker@3s'? write kill=[WHERE:]CHANCE or "
      "[WHERE]@WHEN)" },
    { "slow=count", "F: 'slow=count': the time is missing (write "
                    "slow=[WHERE:][CHANCE:]TIME)" },
    { "slow=count:20", "F: 'slow=count:20': the time '20' has no unit (did "
                       "you mean '20s'? write slow=[WHERE:][CHANCE:]TIME)" },
    { "slow=count:0.1", "F: 'slow=count:0.1': the time '0.1' has no unit (did "
                        "you mean '0.1s'? write slow=[WHERE:][CHANCE:]TIME)" },
    { "slow=count:20ms@3s",
      "F: 'slow=count:20ms@3s': slow happens by chance, not at a moment "
      "(write slow=[WHERE:][CHANCE:]TIME)" },
    { "hang=count:5@3s",
      "F: 'hang=count:5@3s': the time '5' has no unit (did you mean '5s'? "
      "write hang=[WHERE:]CHANCE:TIME or [WHERE:]TIME@WHEN)" },
    { "hang=5s", "F: 'hang=5s': neither a chance nor a moment is said (write "
                 "hang=[WHERE:]CHANCE:TIME or [WHERE:]TIME@WHEN)" },
    { "hang=0.1", "F: 'hang=0.1': the time is missing (write "
                  "hang=[WHERE:]CHANCE:TIME or [WHERE:]TIME@WHEN)" },
    { "restart=count:0.1",
      "F: 'restart=count:0.1': restart has no chance (write "
      "restart=[WHERE]@WHEN)\nF: 'restart=count:0.1': the moment is missing, "
      "as in @3s or @1000 (write restart=[WHERE]@WHEN)" },
    { "restart=count", "F: 'restart=count': the moment is missing, as in @3s "
                       "or @1000 (write restart=[WHERE]@WHEN)" },
    { "restart=__acker@3s",
      "F: 'restart=__acker@3s': an acker is no task: restart is not for "
      "__acker (write restart=[WHERE]@WHEN)" },
    { "memory=count:0.1",
      "F: 'memory=count:0.1': memory is of the whole process; there is no "
      "'count' to it (write memory=CHANCE or @WHEN)" },
    { "memory", "F: 'memory': neither a chance nor a moment is said (write "
                "memory=CHANCE or @WHEN)" },
    { "write=0.1", "F: 'write=0.1': write has no chance (write "
                   "write=@WHEN)\nF: 'write=0.1': the moment is missing, as "
                   "in @3s or @1000 (write write=@WHEN)" },
    { "write=@1.5", "F: 'write=@1.5': '1.5' is neither a time (3s) nor a "
                    "count (1000) (write write=@WHEN)" },
    { "sync", "F: 'sync': the moment is missing, as in @3s or @1000 (write "
              "sync=@WHEN)" },
    { "clock=1h", "F: 'clock=1h': the moment is missing, as in @3s (write "
                  "clock=+TIME@WHEN or -TIME@WHEN)" },
    { "clock=1h@1000",
      "F: 'clock=1h@1000': the time '1000' has no unit (did you mean '1000s'? "
      "write clock=+TIME@WHEN or -TIME@WHEN)" },
    { "clock=-1@3s", "F: 'clock=-1@3s': the time '-1' has no unit (did you "
                     "mean '-1s'? write clock=+TIME@WHEN or -TIME@WHEN)" },
    { "suspend=+1s@3s", "F: 'suspend=+1s@3s': the time '+1s' has a sign (did "
                        "you mean '1s'? write suspend=TIME@WHEN)" },
    { "suspend=@3s",
      "F: 'suspend=@3s': the time is missing (write suspend=TIME@WHEN)" },
    { "seed=x", "F: 'seed=x': 'x' is no number of at most 64 bits, as 7 or "
                "0x2a is (write seed=NUMBER)" },
    { "seed=18446744073709551616",
      "F: 'seed=18446744073709551616': '18446744073709551616' is no number of "
      "at most 64 bits, as 7 or 0x2a is (write seed=NUMBER)" },
    { "seed=-1", "F: 'seed=-1': '-1' is no number of at most 64 bits, as 7 or "
                 "0x2a is (write seed=NUMBER)" },
    { "seed=1,seed=2",
      "F: 'seed=2': there is a seed already (write seed=NUMBER)" },
    { "until=10", "F: 'until=10': the time '10' has no unit (did you mean "
                  "'10s'? write until=TIME)" },
    { "until=x",
      "F: 'until=x': 'x' is no time (20ms, 3s, 1h30m) (write until=TIME)" },
    { "until=1s,until=2s",
      "F: 'until=2s': there is an end already (write until=TIME)" },
    { "drp=1,drop=2,kill=coutn",
      "F: 'drp=1': there is no fault 'drp' (did you mean 'drop'?)\nF: "
      "'drop=2': the chance '2' is more than 1, which is always (did you mean "
      "'2%'? write drop=[WHERE:]CHANCE)\nF: 'kill=coutn': neither a chance "
      "nor a moment is said (write kill=[WHERE:]CHANCE or [WHERE]@WHEN)\nF: "
      "'kill=coutn': 'coutn' is not a component (did you mean 'count'? write "
      "kill=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "kill=\"a \\\"b\\\\c\\\":d,e>f/0@1=2\"/3@3s",
      "F: 'kill=\"a \\\"b\\\\c\\\":d,e>f/0@1=2\"/3@3s': 'a "
      "\"b\\c\":d,e>f/0@1=2' has 3 tasks, numbers 0 to 2 (write "
      "kill=[WHERE:]CHANCE or [WHERE]@WHEN)" },
    { "drop=1.5>count:0.1",
      "F: 'drop=1.5>count:0.1': 'count' does not read '1.5': 'a "
      "\"b\\c\":d,e>f/0@1=2' does (write drop=[WHERE:]CHANCE)" },
    { "slow=1h:2h", "F: 'slow=1h:2h': '1h' and '2h' are two of the same "
                    "(write slow=[WHERE:][CHANCE:]TIME)" },
    { "late=0.1:1:2",
      "F: 'late=0.1:1:2': '1' and '2' are two of the same (write "
      "late=[WHERE:]CHANCE:TIME)\nF: 'late=0.1:1:2': the time '1' has no unit "
      "(did you mean '1s'? write late=[WHERE:]CHANCE:TIME)" },
};

static void expect_said(const gi_plan *p, const char *text, const char *said)
{
    gi_report r = { 0 };
    gi_fault_plan *f = (gi_fault_plan *)&r; /* anything that is not NULL */
    gale_err rv = gi_fault_plan_parse(&f, text, "F", p, &r);
    gale_diag why;

    gi_report_to_diag(&r, &why);
    cr_expect_str_eq(why.text, said, "'%s':\n%s\n%s", text, why.text, said);
    cr_expect_eq(rv, GALE_ECONF, "%s", text);
    cr_expect_eq(f, (gi_fault_plan *)&r, "written in spite of: %s", said);
    gi_report_fini(&r);
}

Test(fault_mistakes, each_is_named_word_for_word)
{
    gi_plan *p = faulty_plan();

    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
        expect_said(p, mistakes[i].text, mistakes[i].said);
    gi_plan_destroy(p);
}

Test(fault_mistakes, ackers_are_counted_if_somebody_said_how_many)
{
    gi_plan *none = faulty_plan_with("0"), *two = faulty_plan_with("2");

    expect_said(none, "drop=__acker:0.1",
                "F: 'drop=__acker:0.1': there are no ackers "
                "(topology.acker.executors is 0) (write "
                "drop=[WHERE:]CHANCE)");
    expect_said(two, "kill=__acker/2@3s",
                "F: 'kill=__acker/2@3s': '__acker' has 2 tasks, numbers 0 to "
                "1 (write kill=[WHERE:]CHANCE or [WHERE]@WHEN)");
    gi_plan_destroy(none);
    gi_plan_destroy(two);
}

Test(fault_mistakes, a_long_entry_is_cut_and_a_strange_one_made_harmless)
{
    gi_plan *p = faulty_plan();
    gi_report r = { 0 };
    gi_fault_plan *f = NULL;
    char text[1200];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    cr_expect_eq(gi_fault_plan_parse(&f, text, "F", p, &r), GALE_ECONF);
    cr_assert_eq(r.n, 1);
    cr_expect_not_null(strstr(r.lines[0], "xxx...': there is no fault 'xxx"));
    cr_expect_lt(strlen(r.lines[0]), 600);
    gi_report_fini(&r);
    expect_said(p,
                "drop\x1b[31m=\x07"
                "1",
                "F: 'drop?[31m=?1': there is no fault 'drop?[31m'; there are "
                "drop, duplicate, reorder, delay, late, fail, slow, hang, "
                "kill, restart, memory, write, sync, clock, suspend, seed, "
                "until");
    gi_plan_destroy(p);
}

Test(fault_mistakes, there_is_an_end_to_how_much_may_be_said)
{
    static char long_text[GI_FAULTS_TEXT_MOST + 2];
    static char many[(GI_FAULTS_MOST + 1) * 7 + 1];
    gi_plan *p = faulty_plan();

    memset(long_text, ' ', sizeof(long_text) - 1);
    expect_said(p, long_text,
                "F: a plan of faults is at most 65536 bytes long");
    for (int i = 0; i <= GI_FAULTS_MOST; i++)
        memcpy(many + (ptrdiff_t)i * 7, "drop=1,", 7);
    expect_said(p, many, "F: there are more than 256 entries");
    gi_plan_destroy(p);
}
