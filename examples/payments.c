/* payments.c -- three ways to keep books, of which one is right.
 *
 *     build/bin/payments naive
 *     build/bin/payments naive --faults 'drop=book>ledger:1%'
 *
 *     transfers --shuffle--> book --by account--> ledger --> the database
 *
 * Each transfer becomes two entries: what one account loses the other one
 * gets.  When the run is over the books are audited.  Who keeps them is the
 * word on the command line:
 *
 *   naive      writes each entry when it comes.  An entry that comes again is
 *              written again.
 *   forgetful  collects entries, acks them at once, and writes them with the
 *              next tick.  What it has collected dies with it.
 *   careful    collects entries as well, but acks what it has written, and
 *              writes no entry twice.
 *
 * As long as nothing goes wrong all three are right, and so are tests in which
 * nothing goes wrong.  docs/testing-with-faults.md tells how to find out.
 *
 * What it teaches: finding bugs with --faults and --sim, a source that
 * outlives its spout, and a bolt that may die at any time and be given
 * anything twice.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <gale/gale.h>

/* --------------------------------------------------- what outlives all -- */

enum { TRANSFERS = 1000, ENTRIES = 2 * TRANSFERS, ACCOUNTS = 4 };

static const char *const names[ACCOUNTS] = { "anna", "bert", "cleo", "dora" };

/* Where transfers come from: a queue, say, that gives a transfer until it is
 * told that it is done. */
static struct {
    bool opened, done[TRANSFERS];
} source;

/* Where the books are kept.  An account is written by one task only, so that
 * no lock is needed. */
static struct {
    int64_t balance[ACCOUNTS];
    uint8_t times[ENTRIES]; /* how often each entry was written */
} database;

struct transfer {
    int from, to;
    int64_t amount;
};

static struct transfer transfer_at(int i)
{
    int from = i % ACCOUNTS;
    int to = (from + 1 + i / ACCOUNTS % (ACCOUNTS - 1)) % ACCOUNTS;

    return (struct transfer){ from, to, 1 + i * 37 % 100 };
}

/* ------------------------------------------------------------ transfers -- */

struct transfers {
    int at;
};

static gale_err transfers_open(void *self, gale_spout_ctx *ctx)
{
    (void)self, (void)ctx;
    source.opened = true;
    return GALE_OK;
}

/* A spout that died begins anew, with what is not done. */
static bool transfers_next(void *self, gale_spout_ctx *ctx)
{
    struct transfers *s = self;

    while (s->at < TRANSFERS && source.done[s->at])
        s->at++;
    if (s->at == TRANSFERS)
        return false;
    struct transfer t = transfer_at(s->at);
    gale_spout_emit(ctx, (uint64_t)s->at,
                    GALE_ROW(gale_val_i64(s->at), gale_val_cstr(names[t.from]),
                             gale_val_cstr(names[t.to]),
                             gale_val_i64(t.amount)));
    s->at++;
    return true;
}

static void transfers_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self, (void)ctx;
    source.done[id] = true;
}

/* Without fail: the runtime replays. */
static const gale_spout transfers = {
    .state_size = sizeof(struct transfers),
    .output = GALE_FIELDS(GALE_I64("transfer"), GALE_STR("from"),
                          GALE_STR("to"), GALE_I64("amount")),
    .open = transfers_open,
    .next = transfers_next,
    .ack = transfers_ack,
};

/* ----------------------------------------------------------------- book -- */

/* An entry has the same number whenever its transfer comes. */
static gale_verdict book_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    enum { TRANSFER, FROM, TO, AMOUNT };
    int64_t entry = 2 * gale_tuple_i64(in, TRANSFER);
    int64_t amount = gale_tuple_i64(in, AMOUNT);

    (void)self;
    gale_emit(ctx, GALE_ROW(gale_val_i64(entry), *gale_tuple_at(in, FROM),
                            gale_val_i64(-amount)));
    gale_emit(ctx, GALE_ROW(gale_val_i64(entry + 1), *gale_tuple_at(in, TO),
                            gale_val_i64(amount)));
    return GALE_ACK;
}

static const gale_bolt book = {
    .output = GALE_FIELDS(GALE_I64("entry"), GALE_STR("account"),
                          GALE_I64("amount")),
    .execute = book_execute,
};

/* --------------------------------------------------------------- ledger -- */

enum { ROOM = 64 };

struct entry {
    int number, account;
    int64_t amount;
};

enum way { NAIVE, FORGETFUL, CAREFUL };

struct ledger {
    enum way way;
    size_t n; /* collected, and not written yet */
    struct entry entry[ROOM];
    gale_held held[ROOM]; /* careful: to be acked when written */
};

static gale_err ledger_prepare(void *self, gale_bolt_ctx *ctx)
{
    static const char *const ways[] = { "naive", "forgetful", "careful" };
    gale_task *task = gale_bolt_task(ctx);
    struct ledger *l = self;
    const char *const *words;
    size_t n = gale_task_args(task, &words);

    for (enum way i = NAIVE; n == 1 && i <= CAREFUL; i++) {
        if (strcmp(words[0], ways[i]) == 0) {
            l->way = i;
            return GALE_OK;
        }
    }
    /* Fatal: both tasks see it, and it is told once. */
    for (enum way i = NAIVE; n == 1 && i <= CAREFUL; i++)
        if (words[0][0] == ways[i][0])
            gale_task_fatal(task,
                            "nobody keeps books the way '%s' (did you "
                            "mean '%s'?)",
                            words[0], ways[i]);
    gale_task_fatal(task, "say naive, forgetful or careful, one of them");
    return GALE_EUSER;
}

static struct entry read_entry(const gale_tuple *in)
{
    enum { ENTRY, ACCOUNT, AMOUNT };
    gale_str name = gale_tuple_str(in, ACCOUNT);
    struct entry e = { .number = (int)gale_tuple_i64(in, ENTRY),
                       .amount = gale_tuple_i64(in, AMOUNT) };

    while (!gale_str_is(name, names[e.account]))
        e.account++;
    return e;
}

/* As `update account set balance = balance + amount` would. */
static bool add(const struct entry *e, gale_task *task)
{
    if (gale_task_write_fails(task))
        return false;
    database.balance[e->account] += e->amount;
    database.times[e->number]++;
    return true;
}

/* The same, in one transaction with a look whether the entry is there. */
static bool add_once(const struct entry *e, gale_task *task)
{
    return database.times[e->number] > 0 || add(e, task);
}

/* Write what was collected, up to the first that cannot be written. */
static void write_out(struct ledger *l, gale_bolt_ctx *ctx)
{
    size_t done = 0;

    while (done < l->n && add_once(&l->entry[done], gale_bolt_task(ctx))) {
        if (l->way == CAREFUL)
            gale_ack(ctx, l->held[done]);
        done++;
    }
    l->n -= done;
    memmove(l->entry, l->entry + done, l->n * sizeof(l->entry[0]));
    memmove(l->held, l->held + done, l->n * sizeof(l->held[0]));
}

static gale_verdict ledger_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    struct ledger *l = self;
    struct entry e = read_entry(in);

    if (l->way == NAIVE)
        return add(&e, gale_bolt_task(ctx)) ? GALE_ACK : GALE_FAIL;
    if (l->n == ROOM)
        write_out(l, ctx);
    if (l->n == ROOM)
        return GALE_FAIL; /* no room now; perhaps when it is replayed */
    if (l->way == CAREFUL)
        l->held[l->n] = gale_hold(ctx, in);
    if (l->way == CAREFUL && l->held[l->n].ref == 0)
        return GALE_FAIL; /* no memory to hold it */
    l->entry[l->n++] = e;
    return l->way == CAREFUL ? GALE_HOLD : GALE_ACK;
}

static void ledger_tick(void *self, gale_bolt_ctx *ctx)
{
    write_out(self, ctx);
}

/* The last chance of the forgetful.  The careful has acked nothing that it
 * would have to make good now. */
static void ledger_cleanup(void *self, gale_bolt_ctx *ctx)
{
    struct ledger *l = self;

    if (l->way == FORGETFUL)
        write_out(l, ctx);
}

static const gale_bolt ledger = {
    .state_size = sizeof(struct ledger),
    .prepare = ledger_prepare,
    .execute = ledger_execute,
    .tick = ledger_tick,
    .cleanup = ledger_cleanup,
};

/* ------------------------------------------------------------- topology -- */

static const gale_component components[] = {
    { .id = "transfers", .spout = &transfers },
    {
        .id = "book",
        .bolt = &book,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("transfers")),
        .tasks = 2,
    },
    {
        .id = "ledger",
        .bolt = &ledger,
        .inputs = GALE_INPUTS(GALE_BY("book", "account")),
        .tasks = 2,
        .tick_ms = 10,
    },
};

/* What is lost shall be replayed soon; and with few transfers in flight there
 * is something left to go wrong when the first ones are done. */
static const gale_topology payments = {
    .abi = GALE_ABI,
    .name = "payments",
    .components = GALE_COMPONENTS(components),
    .conf = GALE_SETTINGS({ "topology.message.timeout.secs", "1" },
                          { "topology.max.spout.pending", "50" }),
    .about = "Keeps books of transfers, and audits them.",
    .args = "naive|forgetful|careful",
};

/* ---------------------------------------------------------------- audit -- */

static int account_of(int entry)
{
    struct transfer t = transfer_at(entry / 2);

    return entry % 2 == 0 ? t.from : t.to;
}

/* How many entries of an account were written `least` to `most` times. */
static int count(int account, int least, int most)
{
    int n = 0;

    for (int i = 0; i < ENTRIES; i++)
        if (account_of(i) == account)
            n += database.times[i] >= least && database.times[i] <= most;
    return n;
}

static int64_t right_balance(int account)
{
    int64_t sum = 0;

    for (int i = 0; i < TRANSFERS; i++) {
        struct transfer t = transfer_at(i);

        sum += t.to == account ? t.amount : 0;
        sum -= t.from == account ? t.amount : 0;
    }
    return sum;
}

/* The first entry that was not written once; ENTRIES if there is none. */
static int first_wrong(void)
{
    int i = 0;

    while (i < ENTRIES && database.times[i] == 1)
        i++;
    return i;
}

/* Says what is wrong; true if nothing is. */
static bool audit(FILE *out)
{
    bool right = true;

    for (int a = 0; a < ACCOUNTS; a++) {
        int missing = count(a, 0, 0), again = count(a, 2, UINT8_MAX);

        if (missing + again == 0 && database.balance[a] == right_balance(a))
            continue;
        right = false;
        fprintf(out,
                "%s has %" PRId64 ", should have %" PRId64
                "; entries written more than once: %d, missing: %d\n",
                names[a], database.balance[a], right_balance(a), again,
                missing);
    }
    if (right)
        fprintf(out, "the books are right: %d entries, each written once\n",
                ENTRIES);
    else if (first_wrong() < ENTRIES)
        fprintf(out, "it begins with transfer %d\n", first_wrong() / 2);
    return right;
}

int main(int argc, char **argv)
{
    int code = gale_main(argc, argv, &payments);

    if (code != 0 || !source.opened) /* failed, or only described */
        return code;
    return audit(stdout) ? 0 : 1;
}
