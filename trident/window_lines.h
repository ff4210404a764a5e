/* window_lines.h -- what a task has of open windows, in memory: a line a key,
 * and along it the panes that are not closed.
 *
 * The state has the same, and memory is made from it again whenever they may
 * differ; so nothing here is undone.  Combiners' panes hold what they came to,
 * others' their rows, in the bunches in which they came.
 */
#ifndef GI_TRIDENT_WINDOW_LINES_H
#define GI_TRIDENT_WINDOW_LINES_H

#include "trident/keyed.h"
#include "trident/op_inside.h"

/* Rows of one pane and one batch, as wide as all rows, one behind another. */
typedef struct gi_bunch {
    struct gi_bunch *next;
    int64_t no;
    uint32_t n_values;
    bool stored;
    gale_value values[];
} gi_bunch;

typedef struct gi_pane {
    struct gi_pane *next; /* of its line, by number */
    struct gi_line *line;
    int64_t no;
    bool stored;      /* `kept`, in any form */
    gale_value *kept; /* with its bytes; NULL: rows, or none yet */
    size_t room;
    gi_bunch *bunches, **end;
    int64_t n_bunches; /* and number of the next */
    /* Of the batch: */
    bool touched;
    struct gi_pane *more; /* the next that is touched */
    gale_value *now;      /* what its rows came to */
    gi_rows rows;         /* or the rows */
} gi_pane;

typedef struct gi_line {
    gi_pane *first, *last;
    gi_pane *at;    /* where somebody was looking; NULL: nowhere */
    int64_t n;      /* windows by rows: how many there were */
    bool touched;   /* in this batch, before which ... */
    int64_t before; /* ... there were so many, and the next such line: */
    struct gi_line *more;
} gi_line;

typedef struct gi_lines {
    gi_pool pool;
    gi_keyed keys; /* a gi_line each */
    uint64_t seed;
    uint32_t n_keys;
    bool lasting;                /* lines without panes stay */
    gi_pane *panes, **last_pane; /* that are touched */
    gi_line *lines, **last_line;
} gi_lines;

/* False without memory. */
bool gi_lines_init(gi_lines *t, uint32_t n_keys, bool lasting, uint64_t seed);
void gi_lines_fini(gi_lines *t); /* a zeroed one is fine */

/* The line of values[slots[0]], ..., and its pane: made if they are not there.
 * NULL without memory. */
gi_line *gi_line_at(gi_lines *t, const gale_value *values,
                    const uint32_t *slots);
gi_pane *gi_pane_at(gi_line *l, int64_t no);

/* The batch touches them. */
void gi_line_touch(gi_lines *t, gi_line *l);
void gi_pane_touch(gi_lines *t, gi_pane *p);

static inline gi_line *gi_lines_get(const gi_lines *t, uint32_t i)
{
    return gi_keyed_cells(&t->keys, i);
}

static inline gale_row gi_line_key(const gi_lines *t, const gi_line *l)
{
    return gi_keyed_key(&t->keys, l);
}

/* Keep a copy of so many values, which may be there now.  False without
 * memory. */
bool gi_pane_keep(gi_pane *p, const gale_value *values, uint32_t n);

/* A bunch at its end (by number) with a copy of the row; NULL without memory.
 */
gi_bunch *gi_pane_bunch(gi_pane *p, int64_t no, gale_row values);

/* The batch is over: its panes are as others, ... */
void gi_lines_rest(gi_lines *t);
/* ... those of a line before this number go, ... */
void gi_line_cut(gi_line *l, int64_t before);
/* ... its lines are as others, and, if somebody cut many, those go that have
 * no panes.  False without memory: then nothing is in it. */
bool gi_lines_sweep(gi_lines *t, bool cut);

#endif
