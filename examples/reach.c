/* reach.c -- how many people does a page reach?  A question that is answered
 * while it is asked.
 *
 *     build/bin/reach ask reach gale.example/blog     here, at once
 *     build/bin/reach submit                          on a cluster; then
 *     gale ask reach gale.example/blog
 *     curl localhost:3774/drpc/reach/gale.example/blog
 *
 * Who speaks of a page, who follows those, and how many different people that
 * are:
 *
 *     request -- each: who speaks of it -- each: who follows him
 *         -- group by person: once each -- aggregate: count -- return
 *
 * Each request is a batch of its own, so the aggregates are of one request,
 * however many are worked on at a time, in however many tasks.
 *
 * A second function, "who", returns the people themselves: several rows.
 *
 * What it teaches: DRPC streams, and what is returned from them.  The data is
 * small and built in; where it is not, a step asks a state
 * (gale_state_query) or a database.
 */
#include <stdio.h>
#include <string.h>

#include <gale/drpc.h>

/* ------------------------------------------------------------- the data -- */

typedef struct pair {
    const char *key, *value;
} pair;

static const pair speaks[] = {
    { "gale.example/blog", "ada" },     { "gale.example/blog", "bob" },
    { "gale.example/blog", "cleo" },    { "gale.example/docs", "bob" },
    { "storms.example/list", "dan" },   { "storms.example/list", "ada" },
    { "nobody.reads.example", "erika" }
};
static const pair follows[] = {
    { "ada", "finn" }, { "ada", "gus" },    { "ada", "hana" },
    { "bob", "gus" },  { "bob", "ines" },   { "cleo", "finn" },
    { "cleo", "gus" }, { "cleo", "jonas" }, { "dan", "hana" },
    { "dan", "kim" },  { "dan", "lea" },
};

/* A row for each value of that key. */
static void look_up(const pair *in, size_t n, gale_str key,
                    gale_batch_ctx *ctx)
{
    for (size_t i = 0; i < n; i++)
        if (gale_str_is(key, in[i].key))
            gale_batch_emit(ctx, GALE_ROW(gale_val_cstr(in[i].value)));
}

/* ------------------------------------------------------------ the steps -- */

static const gale_field speaker[] = { GALE_STR("speaker"), { 0 } };
static const gale_field person[] = { GALE_STR("person"), { 0 } };

static void who_speaks(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    if (gale_row_str(in, 0).len == 0)
        gale_batch_fail(ctx, "name a page: it was an empty text");
    look_up(speaks, sizeof(speaks) / sizeof(speaks[0]), gale_row_str(in, 0),
            ctx);
}

static void who_follows(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    look_up(follows, sizeof(follows) / sizeof(follows[0]), gale_row_str(in, 0),
            ctx);
}

static const gale_function speakers = { .output = speaker,
                                        .apply = who_speaks };
static const gale_function followers = { .output = person,
                                         .apply = who_follows };

/* The different people that a page reaches, with how often each hears of it.
 */
static gale_batches *people(gale_trident *t, const char *function)
{
    gale_batches *asked = gale_new_drpc_stream(t, function, NULL);
    gale_batches *s = gale_map_rows(asked, GALE_NAMES("args"), &speakers);

    s = gale_parallelism(gale_shuffle(s), 2);
    s = gale_map_rows(s, GALE_NAMES("speaker"), &followers);
    return gale_parallelism(
        gale_group_aggregate(gale_group_by(s, GALE_NAMES("person")),
                             GALE_FOLD(GALE_COUNT("times"))),
        2);
}

static void define(gale_trident *t)
{
    gale_batches *reach =
        gale_aggregate(people(t, "reach"), GALE_FOLD(GALE_COUNT("reach")));
    gale_batches *who = gale_first_n(people(t, "who"), 100, "person");

    gale_trident_about(t, "Answers: how many people does a page reach?", NULL);
    gale_drpc_return(reach, NULL);
    gale_drpc_return(who, NULL);
}

int main(int argc, char **argv)
{
    return gale_trident_main(argc, argv, "reach", define);
}
