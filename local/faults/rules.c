#include "local/faults/rules.h"

static const gi_fault_rule rules[] = {
    [GI_FAULT_DROP] = {
        .form = "[WHERE:]CHANCE",
        .about = "tuples (of __acker: notes) are lost without a word",
        .where = GI_FAULT_OF_EDGE,
        .acker = true,
        .chance = GI_FAULT_MUST,
    },
    [GI_FAULT_DUPLICATE] = {
        .form = "[WHERE:]CHANCE",
        .about = "they come twice",
        .where = GI_FAULT_OF_EDGE,
        .acker = true,
        .chance = GI_FAULT_MUST,
    },
    [GI_FAULT_REORDER] = {
        .form = "[WHERE:]CHANCE",
        .about = "those behind one come before it",
        .where = GI_FAULT_OF_EDGE,
        .acker = true,
        .chance = GI_FAULT_MUST,
    },
    [GI_FAULT_DELAY] = {
        .form = "[WHERE:]CHANCE:TIME",
        .about = "one and all behind it wait for so long",
        .where = GI_FAULT_OF_EDGE,
        .acker = true,
        .chance = GI_FAULT_MUST,
        .time = GI_FAULT_MUST,
    },
    [GI_FAULT_LATE] = {
        .form = "[WHERE:]CHANCE:TIME",
        .about = "one looks lost, and comes after all, so much later",
        .where = GI_FAULT_OF_EDGE,
        .acker = true,
        .chance = GI_FAULT_MUST,
        .time = GI_FAULT_MUST,
    },
    [GI_FAULT_FAIL] = {
        .form = "[WHERE:]CHANCE or [WHERE]@WHEN",
        .about = "a bolt's answer becomes FAIL",
        .where = GI_FAULT_OF_TASK,
        .chance = GI_FAULT_EITHER,
        .when = GI_FAULT_EITHER,
    },
    [GI_FAULT_SLOW] = {
        .form = "[WHERE:][CHANCE:]TIME",
        .about = "callbacks take so much longer",
        .where = GI_FAULT_OF_TASK,
        .spouts = true,
        .chance = GI_FAULT_MAY,
        .time = GI_FAULT_MUST,
    },
    [GI_FAULT_HANG] = {
        .form = "[WHERE:]CHANCE:TIME or [WHERE:]TIME@WHEN",
        .about = "a callback does not return for so long",
        .where = GI_FAULT_OF_TASK,
        .spouts = true,
        .chance = GI_FAULT_EITHER,
        .time = GI_FAULT_MUST,
        .when = GI_FAULT_EITHER,
    },
    [GI_FAULT_KILL] = {
        .form = "[WHERE:]CHANCE or [WHERE]@WHEN",
        .about = "a task (at a time also an acker) dies and starts anew",
        .where = GI_FAULT_OF_TASK,
        .acker = true,
        .spouts = true,
        .chance = GI_FAULT_EITHER,
        .when = GI_FAULT_EITHER,
    },
    [GI_FAULT_RESTART] = {
        .form = "[WHERE]@WHEN",
        .about = "a task is stopped properly and started again",
        .where = GI_FAULT_OF_TASK,
        .spouts = true,
        .when = GI_FAULT_MUST,
    },
    [GI_FAULT_MEMORY] = {
        .form = "CHANCE or @WHEN",
        .about = "an allocation of the runtime fails",
        .chance = GI_FAULT_EITHER,
        .when = GI_FAULT_EITHER,
    },
    [GI_FAULT_WRITE] = {
        .form = "@WHEN",
        .about = "a call of gale_task_write_fails says yes",
        .when = GI_FAULT_MUST,
    },
    [GI_FAULT_SYNC] = {
        .form = "@WHEN",
        .about = "a call of gale_task_sync_fails says yes",
        .when = GI_FAULT_MUST,
    },
    [GI_FAULT_CLOCK] = {
        .form = "+TIME@WHEN or -TIME@WHEN",
        .about = "the wall clock jumps",
        .time = GI_FAULT_MUST,
        .when = GI_FAULT_MUST,
        .timed = true,
        .either_way = true,
    },
    [GI_FAULT_SUSPEND] = {
        .form = "TIME@WHEN",
        .about = "the whole process stands still",
        .time = GI_FAULT_MUST,
        .when = GI_FAULT_MUST,
        .timed = true,
    },
};

static const struct {
    const char *name, *done;
} words[] = {
#define X(kind, name, done) { name, done },
    GI_FAULT_KINDS(X)
#undef X
};

const gi_fault_rule *gi_fault_rule_of(gi_fault_kind kind)
{
    return &rules[kind];
}

const char *gi_fault_name(gi_fault_kind kind)
{
    return words[kind].name;
}

const char *gi_fault_done(gi_fault_kind kind)
{
    return words[kind].done;
}

const char *gi_fault_form(gi_fault_kind kind)
{
    return rules[kind].form;
}

const char *gi_fault_about(gi_fault_kind kind)
{
    return rules[kind].about;
}
