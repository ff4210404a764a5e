/* rows.c -- what callbacks call: to read rows, to emit them, to ask which
 * batch it is.  Whoever breaks a rule is named, and the process ends. */
#include <stdarg.h>
#include <stdio.h>

#include "base/bug.h"
#include "base/msgpack.h"
#include "trident/op.h"

_Thread_local const gi_step *gi_step_here;

/* -------------------------------------------------------------- naming -- */

static const char *const kind_names[GI_OP_KINDS] = {
    [GI_OP_SOURCE] = "source",
    [GI_OP_ENTRY] = "entry",
    [GI_OP_EACH] = "each",
    [GI_OP_MAP] = "map rows",
    [GI_OP_WHERE] = "where",
    [GI_OP_PEEK] = "peek",
    [GI_OP_PROJECT] = "project",
    [GI_OP_FOLD] = "aggregate",
    [GI_OP_FOLD_BY] = "group aggregate",
    [GI_OP_FIRST_N] = "first n",
    [GI_OP_JOIN] = "join",
    [GI_OP_PERSIST] = "persistent aggregate",
    [GI_OP_UPDATE] = "partition persist",
    [GI_OP_QUERY] = "state query",
    [GI_OP_RETURN] = "return",
    [GI_OP_PANE] = "pane",
    [GI_OP_WINDOW] = "window",
    [GI_OP_LATE] = "late rows",
    [GI_OP_SEND] = "send",
};

gi_step_name gi_step_named(const gi_step *s)
{
    gi_step_name name;
    const char *part =
        s == NULL || s->task == NULL ? NULL : gale_task_component(s->task);

    if (s == NULL)
        snprintf(name.text, sizeof(name.text), "a callback");
    else
        snprintf(name.text, sizeof(name.text), "'%.80s', step %u (%s%s%.40s)",
                 part == NULL ? "a test" : part, s->op->no + 1,
                 kind_names[s->op->kind], s->op->id == NULL ? "" : " ",
                 s->op->id == NULL ? "" : s->op->id);
    return name;
}

/* ------------------------------------------------------------- reading -- */

static _Noreturn void wrong_slot(gale_row r, unsigned i)
{
    gi_bug("%s reads slot %u of a row of %zu values",
           gi_step_named(gi_step_here).text, i, r.n);
}

static _Noreturn void wrong_type(gale_row r, unsigned i, const char *as)
{
    gi_bug("%s reads slot %u of a row as %s, but it is %s",
           gi_step_named(gi_step_here).text, i, as,
           gale_type_name(r.values[i].type));
}

static const gale_value *slot(gale_row r, unsigned i, gale_type type)
{
    if (i >= r.n)
        wrong_slot(r, i);
    if (r.values[i].type != (uint32_t)type)
        wrong_type(r, i, gale_type_name((uint32_t)type));
    return &r.values[i];
}

bool gale_row_bool(gale_row r, unsigned i)
{
    return slot(r, i, GALE_T_BOOL)->as.b;
}

int64_t gale_row_i64(gale_row r, unsigned i)
{
    return slot(r, i, GALE_T_I64)->as.i;
}

double gale_row_f64(gale_row r, unsigned i)
{
    return slot(r, i, GALE_T_F64)->as.f;
}

gale_str gale_row_str(gale_row r, unsigned i)
{
    if (i >= r.n)
        wrong_slot(r, i);
    if (r.values[i].type < GALE_T_STR)
        wrong_type(r, i, "str");
    return (gale_str){ r.values[i].as.p, r.values[i].len };
}

/* ------------------------------------------------------------ checking -- */

uint32_t gi_fields_count(const gale_field *fields)
{
    uint32_t n = 0;

    while (fields != NULL && fields[n].name != NULL)
        n++;
    return n;
}

static _Noreturn void wrong_value(const gi_step *s, const gale_field *field,
                                  const gale_value *v)
{
    if (v->type == 0 || v->type > GALE_T_MAP)
        gi_bug("%s puts out field '%s' as a value of no type",
               gi_step_named(s).text, field->name);
    if (field->type != GALE_T_ANY && (uint32_t)field->type != v->type)
        gi_bug("%s puts out field '%s' as %s, declared %s",
               gi_step_named(s).text, field->name, gale_type_name(v->type),
               gale_type_name((uint32_t)field->type));
    gi_bug("%s puts out field '%s' as a %s, but its bytes are not exactly one "
           "msgpack %s",
           gi_step_named(s).text, field->name, gale_type_name(v->type),
           v->type == GALE_T_LIST ? "array" : "map");
}

/* A list or map must be one whole msgpack value: its readers rely on it. */
bool gi_field_takes(const gale_field *field, const gale_value *v)
{
    if (v->type == 0 || v->type > GALE_T_MAP)
        return false;
    if (v->type != (uint32_t)field->type && field->type != GALE_T_ANY)
        return false;
    if (v->type == GALE_T_LIST)
        return gi_msgpack_is_list(v->as.p, v->len);
    if (v->type == GALE_T_MAP)
        return gi_msgpack_is_map(v->as.p, v->len);
    return true;
}

/* Is each value plainly of the type that its field declares?  Lists and maps
 * are looked into. */
static inline bool are_plain(const gale_field *fields, uint32_t n,
                             gale_row row)
{
    bool plain = row.n == n;

    for (uint32_t i = 0; plain && i < n; i++)
        plain = row.values[i].type == (uint32_t)fields[i].type &&
                row.values[i].type - 1 < GALE_T_BYTES;
    return plain;
}

void gi_fields_check(const gi_step *s, const gale_field *fields, uint32_t n,
                     gale_row row)
{
    if (are_plain(fields, n, row))
        return;
    if (row.n != n)
        gi_bug("%s emits a row of %zu, but its fields are %u",
               gi_step_named(s).text, row.n, n);
    for (uint32_t i = 0; i < n; i++)
        if (!gi_field_takes(&fields[i], &row.values[i]))
            wrong_value(s, &fields[i], &row.values[i]);
}

/* ------------------------------------------------------------- emitting -- */

void gale_batch_emit(gale_batch_ctx *ctx, gale_row row)
{
    if (ctx->emit == NULL)
        gi_bug("%s emits a row, but nothing may be emitted there",
               gi_step_named(ctx->step).text);
    if (!are_plain(ctx->output, ctx->n_output, row))
        gi_fields_check(ctx->step, ctx->output, ctx->n_output, row);
    ctx->emit(ctx, row);
}

void gale_batch_fail(gale_batch_ctx *ctx, const char *format, ...)
{
    char why[sizeof(ctx->round->why)];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    gi_round_fail(ctx->round, "%s", why);
}

uint64_t gale_batch_txid(const gale_batch_ctx *ctx)
{
    return ctx->round->txid;
}

uint64_t gale_batch_attempt(const gale_batch_ctx *ctx)
{
    return ctx->round->attempt;
}

gale_task *gale_batch_task(gale_batch_ctx *ctx)
{
    return ctx->step->task;
}
