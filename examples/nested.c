/* nested.c -- lists and maps as values.
 *
 *     build/bin/nested
 *
 *     orders (a map) --shuffle--> price --global--> print
 *
 * What it teaches: writing and reading a map that has a list of maps in it,
 * with gale/nested.h.  An order is
 *
 *     { customer: str, items: [ { name: str, cents: i64 }, ... ] }
 *
 * and price says what each of them costs.  A tuple may come from anywhere, so
 * price trusts nothing: an order that it cannot read is reported and acked,
 * as no replay would make it readable.
 */
#include <inttypes.h>
#include <stdio.h>

#include <gale/gale.h>
#include <gale/nested.h>

/* --------------------------------------------------------------- orders -- */

struct item {
    const char *name;
    int64_t cents;
};

static const struct {
    const char *customer;
    struct item items[3]; /* ends at the first without a name */
} book[] = {
    { "anna", { { "bread", 320 }, { "milk", 115 } } },
    { "bert", { { 0 } } },
    { "cleo", { { "tea", 450 }, { "milk", 115 }, { "jam", 275 } } },
};

enum { N_ORDERS = sizeof(book) / sizeof(book[0]), N_ITEMS = 3 };

struct orders {
    uint64_t placed;
};

static void pack_items(gale_pack *p, const struct item *items)
{
    uint32_t n = 0;

    while (n < N_ITEMS && items[n].name != NULL)
        n++;
    gale_pack_list(p, n);
    for (uint32_t i = 0; i < n; i++) {
        gale_pack_map(p, 2);
        gale_pack_str(p, gale_cstr("name"));
        gale_pack_str(p, gale_cstr(items[i].name));
        gale_pack_str(p, gale_cstr("cents"));
        gale_pack_i64(p, items[i].cents);
    }
}

static bool orders_next(void *self, gale_spout_ctx *ctx)
{
    struct orders *o = self;
    char room[512];
    gale_pack p;

    if (o->placed == N_ORDERS)
        return false;
    gale_pack_init(&p, room, sizeof(room));
    gale_pack_map(&p, 2);
    gale_pack_str(&p, gale_cstr("customer"));
    gale_pack_str(&p, gale_cstr(book[o->placed].customer));
    gale_pack_str(&p, gale_cstr("items"));
    pack_items(&p, book[o->placed].items);
    if (gale_pack_len(&p) == 0)
        gale_task_error(gale_spout_task(ctx), "the order of %s is too long",
                        book[o->placed].customer);
    else
        gale_spout_emit(ctx, o->placed, GALE_ROW(gale_pack_value(&p)));
    o->placed++;
    return true;
}

static const gale_spout orders = {
    .state_size = sizeof(struct orders),
    .output = GALE_FIELDS(GALE_MAP("order")),
    .next = orders_next,
};

/* ---------------------------------------------------------------- price -- */

/* What stands under `key` in the map `m`; NIL if nothing does. */
static gale_value lookup(gale_value m, const char *key)
{
    gale_unpack u = gale_unpack_of(m);
    gale_value k, v;

    if (!gale_unpack_is_map(&u))
        return gale_val_nil();
    while (gale_unpack_next(&u, &k) && gale_unpack_next(&u, &v))
        if (k.type == GALE_T_STR &&
            gale_str_is((gale_str){ k.as.p, k.len }, key))
            return v;
    return gale_val_nil();
}

/* False: this is no order. */
static bool add_up(gale_value order, gale_value *customer, int64_t *cents)
{
    gale_value items = lookup(order, "items");
    gale_unpack u = gale_unpack_of(items);
    gale_value item;

    *customer = lookup(order, "customer");
    *cents = 0;
    if (customer->type != GALE_T_STR || items.type != GALE_T_LIST)
        return false;
    while (gale_unpack_next(&u, &item)) {
        gale_value price = lookup(item, "cents");

        if (price.type != GALE_T_I64)
            return false;
        *cents += price.as.i;
    }
    return !gale_unpack_failed(&u);
}

static gale_verdict price_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    gale_value customer;
    int64_t cents;

    (void)self;
    if (add_up(*gale_tuple_at(in, 0), &customer, &cents))
        gale_emit(ctx, GALE_ROW(customer, gale_val_i64(cents)));
    else
        gale_task_error(gale_bolt_task(ctx), "this is no order");
    return GALE_ACK;
}

static const gale_bolt price = {
    .output = GALE_FIELDS(GALE_STR("customer"), GALE_I64("cents")),
    .execute = price_execute,
};

/* ---------------------------------------------------------------- print -- */

static gale_verdict print_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    gale_str customer = gale_tuple_str(in, 0);

    (void)self;
    (void)ctx;
    printf("%.*s %" PRId64 "\n", (int)customer.len, customer.ptr,
           gale_tuple_i64(in, 1));
    return GALE_ACK;
}

static const gale_bolt print = {
    .execute = print_execute,
};

/* ------------------------------------------------------------- topology -- */

static const gale_component components[] = {
    { .id = "orders", .spout = &orders },
    {
        .id = "price",
        .bolt = &price,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("orders")),
        .tasks = 2,
    },
    {
        .id = "print",
        .bolt = &print,
        .inputs = GALE_INPUTS(GALE_GLOBAL("price")),
    },
};

static const gale_topology nested = {
    .abi = GALE_ABI,
    .name = "nested",
    .components = GALE_COMPONENTS(components),
    .about = "Adds up orders that are maps.",
};

int main(int argc, char **argv)
{
    return gale_main(argc, argv, &nested);
}
