/* state_list.c -- `gale state`: which states there are, how many keys they
 * have, how far they are. */
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "cli/gale/state.h"
#include "cli/number.h"
#include "cli/table.h"
#include "trident/counted.h"

typedef struct line {
    const gi_shelf_state *state;
    gi_shelf_size size;
    gi_view view;
    uint64_t keys;
    gale_err rv;
    gale_diag why;
} line;

static gale_err count(void *arg, gale_row key, gale_row value)
{
    (void)key;
    (void)value;
    ++*(uint64_t *)arg;
    return GALE_OK;
}

/* Is it what coordinators or sources have on record? */
static bool is_record(const gi_states *s, line *l)
{
    bool is = false;
    gale_err rv = gi_counted_is_record(s->dir, l->state->topology,
                                       l->state->state, &is, &l->why);

    l->rv = l->rv == GALE_OK ? rv : l->rv;
    return is;
}

/* False: that is none of the user's.  Nothing was on record in a young one
 * when it was asked first; what it has by now is no state's. */
static bool look(const gi_states *s, const gi_shelf_state *state, line *l)
{
    *l = (line){ .state = state };
    if (is_record(s, l))
        return false;
    if (l->rv == GALE_OK)
        l->rv = gi_shelf_measure(&l->size, s->dir, state, &l->why);
    if (l->rv == GALE_OK)
        l->rv = gi_states_view(s, state, &l->view, &l->why);
    if (l->rv == GALE_OK)
        l->rv = gi_view_scan(&l->view, count, &l->keys, &l->why);
    return !is_record(s, l);
}

/* Nothing says of which kind a state is that nothing was written to yet. */
static bool is_new(const line *l)
{
    return l->keys == 0 && l->view.txid == 0;
}

static const char *kind_name(const line *l)
{
    gale_state_kind kind = l->view.kind;

    return is_new(l)                          ? "-"
           : kind == GALE_STATE_OPAQUE        ? "opaque"
           : kind == GALE_STATE_TRANSACTIONAL ? "transactional"
                                              : "non-transactional";
}

static const char *why_not(const line *l)
{
    return l->why.text[0] != '\0' ? l->why.text : gale_err_text(l->rv);
}

static void put_json(gi_json *j, const line *l)
{
    gi_json_object(j, NULL);
    gi_json_str(j, "topology", l->state->topology);
    gi_json_str(j, "state", l->state->state);
    gi_json_str(j, "store", gale_store_embedded.name);
    if (l->rv != GALE_OK) {
        gi_json_str(j, "error", why_not(l));
    } else {
        if (!is_new(l))
            gi_json_str(j, "kind", kind_name(l));
        gi_json_u64(j, "keys", l->keys);
        gi_json_u64(j, "parts", l->size.parts);
        gi_json_u64(j, "txid", l->view.txid);
        gi_json_u64(j, "bytes", l->size.bytes);
    }
    gi_json_end(j);
}

static void put_row(gi_table *t, const line *l)
{
    char word[GI_TABLE_WORD];

    snprintf(word, sizeof(word), "%s/%s", l->state->topology, l->state->state);
    gi_table_word(t, word);
    gi_table_word(t, l->rv == GALE_OK ? kind_name(l) : "?");
    gi_table_word(t, gale_store_embedded.name);
    snprintf(word, sizeof(word), "%" PRIu64, l->keys);
    gi_table_word(t, l->rv == GALE_OK ? word : "?");
    snprintf(word, sizeof(word), "%" PRIu32, l->size.parts);
    gi_table_word(t, word);
    snprintf(word, sizeof(word), "%" PRIu64, l->view.txid);
    gi_table_word(t, l->rv == GALE_OK ? word : "?");
    snprintf(word, sizeof(word), "%" PRIu64, l->size.bytes);
    gi_table_word(t, word);
}

static void begin_table(gi_table *t)
{
    static const char *const heads[] = { "state", "kind", "store", "keys",
                                         "parts", "txid", "bytes" };

    *t = (gi_table){ .cols = 7, .left = { true, true, true } };
    for (size_t i = 0; i < t->cols; i++)
        gi_table_word(t, heads[i]);
}

static int print(const gi_states *s, gi_table *t, gi_json *j, size_t n)
{
    gi_strbuf to = { 0 };

    if (s->g->cli.o.json)
        return gi_cli_print(&s->g->cli, gi_json_take(j));
    if (n == 0)
        gi_strbuf_printf(&to, "  no states in %s\n", s->dir);
    else
        gi_table_put(t, &to, true, s->g->cli.screen.out);
    return gi_cli_print(&s->g->cli, gi_strbuf_take(&to));
}

/* --quiet: what a script wants. */
static int list_names(const gi_states *s)
{
    for (size_t i = 0; i < s->shelf.n; i++) {
        const gi_shelf_state *state = &s->shelf.at[i];
        gale_diag why;
        bool record = false;

        gi_counted_is_record(s->dir, state->topology, state->state, &record,
                             &why);
        if (!record)
            gi_cli_wrote(&s->g->cli, printf("%s/%s\n", state->topology,
                                            state->state) >= 0);
    }
    return GI_EXIT_DONE;
}

/* One that cannot be read is said, and the others are listed. */
int gi_states_list(const gi_states *s)
{
    gi_table t;
    gi_json j = { 0 };
    size_t n = 0;
    int failed = GI_EXIT_DONE, code;

    if (s->g->cli.o.quiet && !s->g->cli.o.json)
        return list_names(s);
    begin_table(&t);
    gi_json_object(&j, NULL);
    gi_json_str(&j, "dir", s->dir);
    gi_json_list(&j, "states");
    for (size_t i = 0; i < s->shelf.n; i++) {
        line l;

        if (!look(s, &s->shelf.at[i], &l)) {
            gi_view_fini(&l.view);
            continue;
        }
        n++;
        gi_states_warn(s, l.state, &l.view);
        if (l.rv != GALE_OK)
            failed = gi_states_failed(s, l.rv, &l.why);
        put_json(&j, &l);
        put_row(&t, &l);
        gi_view_fini(&l.view);
    }
    gi_json_end(&j);
    gi_json_end(&j);
    code = print(s, &t, &j, n);
    gi_strbuf_fini(&j.text);
    gi_table_fini(&t);
    return code == GI_EXIT_DONE && failed != GI_EXIT_DONE ? GI_EXIT_FAILED
                                                          : code;
}
