/* trident_sales.c -- what does each shop take?  Each sale once, whatever
 * happens.
 *
 *     build/bin/trident_sales FILE...
 *     build/bin/gale state trident_sales/takings scan
 *
 * A line is a shop and an amount, as in "north,250".
 *
 *     lines -- map: shop, cents -- group by shop --> sum
 *
 * What it teaches: the least that a program on batches is made of.
 */
#include <stdlib.h>
#include <string.h>

#include <gale/trident.h>

/* "north,250" becomes a row of 'north' and 250. */
static void parse_apply(void *self, gale_row in, gale_batch_ctx *ctx)
{
    gale_str line = gale_row_str(in, 0);
    const char *comma = memchr(line.ptr, ',', line.len);
    char cents[24] = "";
    uint32_t shop, rest;

    (void)self;
    if (comma == NULL)
        return; /* it is no sale */
    shop = (uint32_t)(comma - line.ptr);
    rest = line.len - shop - 1;
    memcpy(cents, comma + 1, rest < sizeof(cents) ? rest : sizeof(cents) - 1);
    gale_batch_emit(ctx, GALE_ROW(gale_val_str((gale_str){ line.ptr, shop }),
                                  gale_val_i64(strtoll(cents, NULL, 10))));
}

static const gale_field sale[] = { GALE_STR("shop"),
                                   GALE_I64("cents"),
                                   { 0, GALE_T_ANY } };
static const gale_function parse = { .output = sale, .apply = parse_apply };

static void define(gale_trident *t)
{
    gale_batches *lines = gale_new_stream(t, "lines", &gale_lines);
    gale_batches *sales = gale_map_rows(lines, GALE_NAMES("line"), &parse);

    gale_persistent_aggregate(gale_group_by(sales, GALE_NAMES("shop")),
                              "takings", GALE_FOLD(GALE_SUM("cents", "sum")),
                              NULL);
}

int main(int argc, char **argv)
{
    return gale_trident_main(argc, argv, "trident_sales", define);
}
