/* trident_bank.c -- money that is moved, and neither made nor lost.
 *
 *     build/bin/trident_bank           move it; Ctrl-C ends it
 *     build/bin/trident_bank check     is each account what it should be?
 *
 * Two banks, with a hundred accounts and 200,000 transfers each:
 *
 *     north   its transfers are planned: batch 7 is always the same ones, so
 *             its accounts can be a transactional state
 *     south   its transfers are taken as they come: when batch 7 is done
 *             again it may have others in it, so only an opaque state will do
 *
 *     transfers -- each: take, give -- group by account --> sum
 *
 * Kill it, or its workers on a cluster, as often as you like: `check` adds up
 * all transfers in a plain loop and compares account by account.
 *
 * What it teaches: a ready spout of batches (gale_generate), and an opaque one
 * by hand, which is not partitioned.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gale/trident.h>

static const char name[] = "trident_bank";

enum { ACCOUNTS = 100, TRANSFERS = 200000 };

/* ------------------------------------------------------------ the transfers
 */

struct transfer {
    int64_t from, to, amount;
};

/* The i-th one, of whichever bank. */
static struct transfer transfer_at(uint64_t i)
{
    uint64_t x = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    struct transfer t;

    x ^= x >> 29;
    t.from = (int64_t)(x % ACCOUNTS);
    t.to = (int64_t)(x / ACCOUNTS % ACCOUNTS);
    t.amount = (int64_t)(x / ACCOUNTS / ACCOUNTS % 1000) + 1;
    return t;
}

static const gale_field transfer[] = {
    GALE_I64("from"), GALE_I64("to"), GALE_I64("amount"), { 0, GALE_T_ANY }
};

static void emit_transfer(const void *arg, uint64_t i, gale_batch_ctx *ctx)
{
    struct transfer t = transfer_at(i);

    (void)arg;
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(t.from), gale_val_i64(t.to),
                                  gale_val_i64(t.amount)));
}

/* ---------------------------------------------------------- north: planned
 */

static const gale_generate_opts planned = {
    .row = emit_transfer,
    .rows = TRANSFERS,
    .batch_rows = 200,
};

/* --------------------------------------------------- south: as they come --
 */

struct teller {
    gale_task *task;
};

static gale_err south_open(void *self, const void *arg, gale_task *task)
{
    (void)arg;
    ((struct teller *)self)->task = task;
    return GALE_OK;
}

/* All transfers stand in one line. */
static uint32_t south_partitions(void *self, gale_task *task)
{
    (void)self;
    (void)task;
    return 1;
}

/* Go on where the last batch that counted ended, and say where this one does.
 * How many it takes is left to chance: an opaque spout may. */
static bool south_emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    struct teller *teller = self;
    char from[24] = "0";
    uint64_t i, end;

    if (p->from.len > 0 && p->from.len < sizeof(from))
        memcpy(from, p->from.ptr, p->from.len);
    i = strtoull(from, NULL, 10);
    end = i + gale_task_random(teller->task) % 8000;
    for (; i < end && i < TRANSFERS; i++)
        emit_transfer(NULL, i, ctx);
    p->upto_len = (uint32_t)snprintf(p->upto, sizeof(p->upto), "%" PRIu64, i);
    return false;
}

static const gale_batch_spout south = {
    .kind = GALE_SPOUT_OPAQUE,
    .output = transfer,
    .state_size = sizeof(struct teller),
    .partitions = south_partitions,
    .open = south_open,
    .emit = south_emit,
};

/* --------------------------------------------------------------- the states
 */

static void move_apply(void *self, gale_row in, gale_batch_ctx *ctx)
{
    enum { FROM, TO, AMOUNT };
    int64_t amount = gale_row_i64(in, AMOUNT);

    (void)self;
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(gale_row_i64(in, FROM)),
                                  gale_val_i64(-amount)));
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(gale_row_i64(in, TO)),
                                  gale_val_i64(amount)));
}

static const gale_field change[] = { GALE_I64("account"),
                                     GALE_I64("change"),
                                     { 0, GALE_T_ANY } };
static const gale_function move = { .output = change, .apply = move_apply };

struct bank {
    const char *stream, *accounts, *count; /* count: of its transfers */
    gale_state_kind kind;
};

static const struct bank banks[] = {
    { "north", "north-accounts", "north-count", GALE_STATE_TRANSACTIONAL },
    { "south", "south-accounts", "south-count", GALE_STATE_OPAQUE },
};
enum { BANKS = sizeof(banks) / sizeof(banks[0]) };

static void define_bank(gale_trident *t, const struct bank *b,
                        const gale_batch_spout *spout)
{
    gale_state_opts one = { .kind = b->kind }, two = one;
    gale_batches *s = gale_new_stream(t, b->stream, spout);

    two.tasks = 2;
    gale_persistent_total(s, b->count, GALE_FOLD(GALE_COUNT("transfers")),
                          &one);
    s = gale_map_rows(s, NULL, &move);
    gale_persistent_aggregate(gale_group_by(s, GALE_NAMES("account")),
                              b->accounts,
                              GALE_FOLD(GALE_SUM("change", "balance")), &two);
}

static void define(gale_trident *t)
{
    static gale_batch_spout north;

    north = gale_generate;
    north.output = transfer;
    north.arg = &planned;
    gale_trident_about(t, "Moves money between the accounts of two banks.",
                       NULL);
    define_bank(t, &banks[0], &north);
    define_bank(t, &banks[1], &south);
}

/* ------------------------------------------------------------------- check
 */

static gale_err take_balance(void *arg, gale_row key, gale_row value)
{
    int64_t account = key.n == 0 ? 0 : key.values[0].as.i;

    if (account >= 0 && account < ACCOUNTS)
        ((int64_t *)arg)[account] = value.values[0].as.i;
    return GALE_OK;
}

/* By account; of a state that is not there yet all are 0. */
static bool read_state(const struct bank *b, const char *state,
                       int64_t balances[ACCOUNTS])
{
    gale_store_where where = {
        .topology = name, .state = state, .count = 1, .read_only = true
    };
    gale_diag why = { "" };
    gale_map *m;
    gale_err rv =
        gale_map_open(&m, &gale_store_embedded, &where, b->kind, &why);

    memset(balances, 0, ACCOUNTS * sizeof(*balances));
    if (rv == GALE_ENOTFOUND)
        return true;
    if (rv == GALE_OK) {
        rv = gale_map_scan(m, take_balance, balances, &why);
        gale_map_close(m);
    }
    if (rv != GALE_OK)
        fprintf(stderr, "%s: %s\n", state, why.text);
    return rv == GALE_OK;
}

/* What a plain loop makes of the first `n` transfers. */
static void add_up(int64_t n, int64_t balances[ACCOUNTS])
{
    memset(balances, 0, ACCOUNTS * sizeof(*balances));
    for (int64_t i = 0; i < n; i++) {
        struct transfer t = transfer_at((uint64_t)i);

        balances[t.from] -= t.amount;
        balances[t.to] += t.amount;
    }
}

/* 0: all is done, and right; 1: wrong; 3: not all has counted yet. */
static int check_bank(const struct bank *b)
{
    int64_t is[ACCOUNTS], should[ACCOUNTS], count[ACCOUNTS], sum = 0;
    int wrong = 0;

    if (!read_state(b, b->count, count))
        return 1;
    printf("%s: %" PRId64 " of %d transfers", b->stream, count[0], TRANSFERS);
    if (count[0] < TRANSFERS) {
        printf(" so far\n");
        return 3;
    }
    if (!read_state(b, b->accounts, is))
        return 1;
    add_up(count[0], should);
    for (int i = 0; i < ACCOUNTS; i++) {
        sum += is[i];
        wrong += is[i] != should[i];
    }
    printf(", sum %" PRId64 ", %d of %d accounts are right\n", sum,
           ACCOUNTS - wrong, ACCOUNTS);
    return count[0] != TRANSFERS || sum != 0 || wrong > 0 ? 1 : 0;
}

static int check(void)
{
    int worst = 0;

    for (int i = 0; i < BANKS; i++) {
        int one = check_bank(&banks[i]);

        if (one == 1 || (one == 3 && worst == 0))
            worst = one;
    }
    return worst;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "check") == 0)
        return check();
    return gale_trident_main(argc, argv, name, define);
}
