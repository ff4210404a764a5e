/* programs.h -- callbacks that do nothing, and definitions made into programs
 * on stand-ins for the runtime, for tests of what is defined and how it is
 * lowered. */
#ifndef TEST_TRIDENT_PROGRAMS_H
#define TEST_TRIDENT_PROGRAMS_H

#include <criterion/criterion.h>

#include "base/mem.h"
#include "trident/build.h"
#include "trident/graph.h"

/* ----------------------------------------------------------- callbacks -- */

static inline void apply_nothing(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
}

static inline bool keep_all(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    return true;
}

static inline bool emit_nothing(void *self, gale_batch_part *part,
                                gale_batch_ctx *ctx)
{
    (void)self;
    (void)part;
    (void)ctx;
    return false;
}

static inline size_t plan_nothing(void *c, gale_str before, char *now,
                                  size_t room)
{
    (void)c;
    (void)before;
    (void)now;
    (void)room;
    return 0;
}

static inline void one_init(gale_value *out)
{
    *out = gale_val_nil();
}

static inline void one_reduce(const gale_value *so_far, gale_row in,
                              gale_value *out)
{
    (void)in;
    *out = *so_far;
}

static inline void take_row(void *state, gale_row in, gale_batch_ctx *ctx)
{
    (void)state;
    (void)in;
    (void)ctx;
}

static inline void complete(void *state, gale_batch_ctx *ctx)
{
    (void)state;
    (void)ctx;
}

static inline gale_err update_nothing(gale_map *map, const gale_row *in,
                                      size_t n, gale_batch_ctx *ctx)
{
    (void)map;
    (void)in;
    (void)n;
    (void)ctx;
    return GALE_OK;
}

static inline size_t choose_none(void *self, gale_row row, uint32_t *chosen)
{
    (void)self;
    (void)row;
    (void)chosen;
    return 0;
}

/* -------------------------------------------------------------- tables -- */

static const gale_batch_spout lines_spout = {
    .output = GALE_FIELDS(GALE_STR("line"), GALE_I64("at")),
    .plan = plan_nothing,
    .emit = emit_nothing,
};
static const gale_batch_spout opaque_spout = {
    .kind = GALE_SPOUT_OPAQUE,
    .output = GALE_FIELDS(GALE_STR("who"), GALE_F64("amount")),
    .emit = emit_nothing,
};
static const gale_batch_spout loose_spout = {
    .kind = GALE_SPOUT_NON_TRANSACTIONAL,
    .output = GALE_FIELDS(GALE_STR("word"), GALE_I64("n")),
    .emit = emit_nothing,
};
static const gale_function split = {
    .output = GALE_FIELDS(GALE_STR("word")),
    .apply = apply_nothing,
};
static const gale_function show = { .apply = apply_nothing };
static const gale_filter some = { .keep = keep_all };
static const gale_reducer last = {
    .output = GALE_FIELDS(GALE_ANY("last")),
    .init = one_init,
    .reduce = one_reduce,
};
static const gale_aggregator median = {
    .output = GALE_FIELDS(GALE_F64("median")),
    .aggregate = take_row,
    .complete = complete,
};
static const gale_updater updater = {
    .output = GALE_FIELDS(GALE_STR("key"), GALE_I64("value")),
    .update = update_nothing,
};
static const gale_chooser chooser = { .choose = choose_none };

/* ----------------------------------------------------------- stand-ins -- */

static const gale_field batch_fields[] = { GALE_I64("txid"),
                                           GALE_I64("attempt"),
                                           GALE_I64("floor"),
                                           GALE_LIST("plans"),
                                           { NULL, GALE_T_ANY } };
static const gale_stream group_streams[] = { { "commit", batch_fields, false },
                                             { "success", batch_fields,
                                               false },
                                             { NULL, NULL, false } };

static inline gale_verdict execute_nothing(void *self, const gale_tuple *in,
                                           gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    return GALE_ACK;
}

static inline bool next_nothing(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return false;
}

static const gale_bolt part_stand_in = { .execute = execute_nothing };
static const gale_spout group_stand_in = { .output = batch_fields,
                                           .streams = group_streams,
                                           .next = next_nothing };
static const gale_store disk_stand_in = { .name = "disk", .durable = true };
static const gi_tables stand_ins = { .part = &part_stand_in,
                                     .group = &group_stand_in,
                                     .store = &disk_stand_in };

static inline gale_trident *begin(void)
{
    gale_trident *t = NULL;

    cr_assert_eq(gale_trident_create(&t, "test"), GALE_OK);
    return t;
}

/* Everything that is said of a definition, by its calls and by the planner.
 */
static inline gale_err build(gale_trident *t, gi_program **p, gale_diag *why)
{
    gi_report r;
    gale_err rv = GALE_EPLAN;

    gi_report_init(&r);
    *p = NULL;
    if (t->no_memory || t->mistakes.dropped > 0)
        rv = GALE_ENOMEM;
    else if (gi_report_empty(&t->mistakes))
        rv = gi_program_create(p, t, &stand_ins, &r);
    gi_report_to_diag(gi_report_empty(&t->mistakes) ? &r : &t->mistakes, why);
    gi_report_fini(&r);
    return rv;
}

/* It is a program, in these words; `t` is gone after it. */
static inline void expect_program(gale_trident *t, const char *words)
{
    gale_diag why;
    gi_program *p;
    gale_err rv = build(t, &p, &why);
    char *text;

    cr_assert_eq(rv, GALE_OK, "%s: %s", gale_err_name(rv), why.text);
    text = gi_program_print(p);
    cr_expect_str_eq(text, words, "expected:\n%s\nis:\n%s", words, text);
    gi_free(text);
    gi_program_destroy(p);
    gale_trident_destroy(t);
}

/* It is refused in exactly these words; `t` is gone after it. */
static inline void expect_said(gale_trident *t, const char *words)
{
    gale_diag why;
    gi_program *p;
    gale_err rv = build(t, &p, &why);

    cr_expect_eq(rv, GALE_EPLAN, "%s: %s", words, gale_err_name(rv));
    cr_expect_str_eq(why.text, words, "expected:\n%s\nis:\n%s", words,
                     why.text);
    gi_program_destroy(p);
    gale_trident_destroy(t);
}

#endif
