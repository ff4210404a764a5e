/* op_types.c -- every kind of step, and the two that need nothing else. */

#include "base/diag.h"
#include "trident/op_inside.h"

gale_err gi_step_no_memory(gale_diag *why)
{
    gi_diag_say(why, "out of memory");
    return GALE_ENOMEM;
}

uint64_t gi_step_seed(const gi_step *s)
{
    return s->task == NULL ? 0 : gale_task_random(s->task);
}

/* --------------------------------------------------------------- entry -- */

static void entry_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    (void)port;
    gi_pass(s, r, in);
}

const gi_op_type gi_op_entry = {
    .row = entry_row,
};

/* ------------------------------------------------------------- project -- */

static void project_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    (void)port;
    for (uint32_t i = 0; i < s->op->n_in; i++)
        s->scratch[i] = in.values[s->op->in[i]];
    gi_pass(s, r, (gale_row){ s->scratch, s->op->n_in });
}

const gi_op_type gi_op_project = {
    .row = project_row,
};

/* --------------------------------------------------------------- kinds -- */

const gi_op_type *const gi_op_types[GI_OP_KINDS] = {
    [GI_OP_SOURCE] = &gi_op_source,   [GI_OP_ENTRY] = &gi_op_entry,
    [GI_OP_EACH] = &gi_op_each,       [GI_OP_MAP] = &gi_op_map,
    [GI_OP_WHERE] = &gi_op_where,     [GI_OP_PEEK] = &gi_op_peek,
    [GI_OP_PROJECT] = &gi_op_project, [GI_OP_FOLD] = &gi_op_fold_all,
    [GI_OP_FOLD_BY] = &gi_op_fold_by, [GI_OP_FIRST_N] = &gi_op_first_n,
    [GI_OP_JOIN] = &gi_op_join,       [GI_OP_PERSIST] = &gi_op_persist,
    [GI_OP_UPDATE] = &gi_op_update,   [GI_OP_QUERY] = &gi_op_query,
    [GI_OP_RETURN] = &gi_op_return,   [GI_OP_SEND] = &gi_op_send,
    [GI_OP_PANE] = &gi_op_pane,       [GI_OP_WINDOW] = &gi_op_window,
    [GI_OP_LATE] = &gi_op_late,
};
