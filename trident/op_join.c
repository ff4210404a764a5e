/* op_join.c -- rows of two streams whose keys are equal, within a batch.
 *
 * Both sides are kept, by key; at the end each row of the one meets each of
 * the other.  What comes out is in the order in which keys came first, then
 * left rows, then right ones. */
#include "trident/keyed.h"
#include "trident/op_inside.h"

struct join {
    uint64_t seed;
    uint32_t *others[2]; /* of each side: the slots that are no keys */
    uint32_t n_others[2];
};

/* The cells of a key. */
struct met {
    gi_rows side[2];
};

static bool is_key(const uint32_t *keys, uint32_t n, uint32_t slot)
{
    for (uint32_t i = 0; i < n; i++)
        if (keys[i] == slot)
            return true;
    return false;
}

static bool find_others(struct join *j, int side, const uint32_t *keys,
                        uint32_t n_keys, uint32_t n_row)
{
    j->others[side] = gi_calloc(n_row, sizeof(*j->others[side]));
    if (j->others[side] == NULL)
        return false;
    for (uint32_t slot = 0; slot < n_row; slot++)
        if (!is_key(keys, n_keys, slot))
            j->others[side][j->n_others[side]++] = slot;
    return true;
}

static gale_err join_open(gi_step *s, gale_diag *why)
{
    const gi_op *op = s->op;
    struct join *j = s->self;

    j->seed = gi_step_seed(s);
    if (!find_others(j, 0, op->keys, op->n_keys, op->n_row) ||
        !find_others(j, 1, op->right_keys, op->n_keys, op->n_right))
        return gi_step_no_memory(why);
    return GALE_OK;
}

static void join_close(gi_step *s)
{
    struct join *j = s->self;

    gi_free(j->others[0]);
    gi_free(j->others[1]);
    *j = (struct join){ 0 };
}

static void join_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    const struct join *j = s->self;
    gi_keyed *t;
    struct met *met;
    bool fresh;

    if (r->failed || (t = gi_round_mine(s, r, sizeof(*t))) == NULL)
        return;
    if (t->pool == NULL &&
        !gi_keyed_init(t, &r->pool, s->op->n_keys, sizeof(*met), 0, j->seed)) {
        gi_round_fail(r, "out of memory");
        return;
    }
    met = gi_keyed_at(t, in.values,
                      port == 0 ? s->op->keys : s->op->right_keys, &fresh);
    if (met == NULL)
        gi_round_fail(r, "out of memory");
    else
        gi_rows_add(&met->side[port], r, in);
}

/* The other fields of a row, or nil for each of them if there is no row. */
static uint32_t append(const struct join *j, int side, const gi_kept_row *row,
                       gale_value *out)
{
    for (uint32_t i = 0; i < j->n_others[side]; i++)
        out[i] =
            row == NULL ? gale_val_nil() : row->row.values[j->others[side][i]];
    return j->n_others[side];
}

static void pass_pair(gi_step *s, gi_round *r, const gi_kept_row *left,
                      const gi_kept_row *right)
{
    const struct join *j = s->self;
    uint32_t n = s->op->n_keys;

    n += append(j, 0, left, s->scratch + n);
    n += append(j, 1, right, s->scratch + n);
    gi_pass(s, r, (gale_row){ s->scratch, n });
}

/* A side that has no row still meets the other, if the join says so. */
static void pass_key(gi_step *s, gi_round *r, const struct met *met)
{
    const gi_kept_row *left = met->side[0].first;
    bool left_too =
        s->op->join == GALE_JOIN_LEFT || s->op->join == GALE_JOIN_FULL;
    bool right_too =
        s->op->join == GALE_JOIN_RIGHT || s->op->join == GALE_JOIN_FULL;

    if ((left == NULL && !right_too) ||
        (met->side[1].first == NULL && !left_too))
        return;
    do {
        const gi_kept_row *right = met->side[1].first;

        do {
            pass_pair(s, r, left, right);
            right = right == NULL ? NULL : right->next;
        } while (right != NULL && !r->failed);
        left = left == NULL ? NULL : left->next;
    } while (left != NULL && !r->failed);
}

static void join_finish(gi_step *s, gi_round *r)
{
    const gi_keyed *t = r->mine[s->op->no];

    for (uint32_t i = 0; t != NULL && i < t->n && !r->failed; i++) {
        const struct met *met = gi_keyed_cells(t, i);
        gale_row key = gi_keyed_key(t, met);

        if (key.n > 0)
            memcpy(s->scratch, key.values, key.n * sizeof(gale_value));
        pass_key(s, r, met);
    }
}

const gi_op_type gi_op_join = {
    .size = sizeof(struct join),
    .open = join_open,
    .row = join_row,
    .finish = join_finish,
    .close = join_close,
};
