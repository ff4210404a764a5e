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
 * What it teaches: a ready spout of batches (gale_generate), an opaque one by
 * hand, which is not partitioned, and a fold by hand.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gale/trident.h>

static const char name[] = "trident_bank";

enum { ACCOUNTS = 100, TRANSFERS = 200000 };

/* ------------------------------------------------------- the transfers -- */

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

/* ------------------------------------------------------ north: planned -- */

static const gale_generate_opts planned = {
    .row = emit_transfer,
    .rows = TRANSFERS,
    .batch_rows = 200,
};

/* ------------------------------------------------- south: as they come -- */

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

/* ---------------------------------------------------------- the states -- */

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

/* A fold by hand: what the changes come to, and how many they are. */

static void first_change(gale_row in, gale_value *out)
{
    out[0] = in.values[0];
    out[1] = gale_val_i64(1);
}

static void add_changes(const gale_value *a, const gale_value *b,
                        gale_value *out)
{
    out[0] = gale_val_i64(a[0].as.i + b[0].as.i);
    out[1] = gale_val_i64(a[1].as.i + b[1].as.i);
}

static const gale_field balanced[] = { GALE_I64("balance"),
                                       GALE_I64("changes"),
                                       { 0, GALE_T_ANY } };
static const gale_combiner balance = { .output = balanced,
                                       .init = first_change,
                                       .combine = add_changes };

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
    gale_persistent_aggregate(
        gale_group_by(s, GALE_NAMES("account")), b->accounts,
        GALE_FOLD(GALE_COMBINE(&balance, "change")), &two);
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

/* --------------------------------------------------------------- check -- */

struct account {
    int64_t balance, changes; /* changes: how many made the balance */
};

static gale_err take_account(void *arg, gale_row key, gale_row value)
{
    enum { BALANCE, CHANGES };
    int64_t account = gale_row_i64(key, 0);

    if (account >= 0 && account < ACCOUNTS)
        ((struct account *)arg)[account] =
            (struct account){ gale_row_i64(value, BALANCE),
                              gale_row_i64(value, CHANGES) };
    return GALE_OK;
}

static gale_err take_count(void *arg, gale_row key, gale_row value)
{
    (void)key;
    *(int64_t *)arg = gale_row_i64(value, 0);
    return GALE_OK;
}

/* Each key and value there is; a state that is not there yet has none. */
static bool read_state(const struct bank *b, const char *state,
                       gale_err (*take)(void *arg, gale_row key,
                                        gale_row value),
                       void *arg)
{
    gale_store_where where = {
        .topology = name, .state = state, .count = 1, .read_only = true
    };
    gale_diag why = { "" };
    gale_map *m;
    gale_err rv =
        gale_map_open(&m, &gale_store_embedded, &where, b->kind, &why);

    if (rv == GALE_ENOTFOUND)
        return true;
    if (rv == GALE_OK) {
        rv = gale_map_scan(m, take, arg, &why);
        gale_map_close(m);
    }
    if (rv != GALE_OK)
        fprintf(stderr, "%s: %s\n", state, why.text);
    return rv == GALE_OK;
}

/* What a plain loop makes of all transfers. */
static void add_up(struct account accounts[ACCOUNTS])
{
    memset(accounts, 0, ACCOUNTS * sizeof(*accounts));
    for (uint64_t i = 0; i < TRANSFERS; i++) {
        struct transfer t = transfer_at(i);

        accounts[t.from].balance -= t.amount;
        accounts[t.from].changes++;
        accounts[t.to].balance += t.amount;
        accounts[t.to].changes++;
    }
}

/* Compare account by account what is with what should be. */
static int compare(const struct account is[ACCOUNTS])
{
    struct account should[ACCOUNTS];
    int64_t sum = 0;
    int wrong = 0;

    add_up(should);
    for (int i = 0; i < ACCOUNTS; i++) {
        sum += is[i].balance;
        wrong += is[i].balance != should[i].balance ||
                 is[i].changes != should[i].changes;
    }
    printf(", sum %" PRId64 ", %d of %d accounts are right\n", sum,
           ACCOUNTS - wrong, ACCOUNTS);
    return sum != 0 || wrong > 0 ? 1 : 0;
}

/* 0: all is done, and right; 1: wrong; 3: not all has counted yet.
 *
 * Each task keeps its part of a batch by itself, a moment before or after the
 * others.  So the count alone does not tell that the accounts have it too:
 * all is done when the accounts have as many changes as there should be. */
static int check_bank(const struct bank *b)
{
    struct account accounts[ACCOUNTS] = { { 0, 0 } };
    int64_t count = 0, changes = 0;

    if (!read_state(b, b->accounts, take_account, accounts) ||
        !read_state(b, b->count, take_count, &count))
        return 1;
    for (int i = 0; i < ACCOUNTS; i++)
        changes += accounts[i].changes;
    printf("%s: %" PRId64 " of %d transfers", b->stream, count, TRANSFERS);
    if (count > TRANSFERS || changes > 2 * TRANSFERS) {
        printf(", %" PRId64 " changes of accounts: too many\n", changes);
        return 1;
    }
    if (count < TRANSFERS || changes < 2 * TRANSFERS) {
        printf(" so far, %" PRId64 " changes of accounts\n", changes);
        return 3;
    }
    return compare(accounts);
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
