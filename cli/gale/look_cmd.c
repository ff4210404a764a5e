/* look_cmd.c -- `list`, `status`, `workers` and `errors`. */
#include <string.h>

#include "cli/client.h"
#include "cli/gale/gale.h"
#include "cli/gale/msg_json.h"
#include "cli/gale/show.h"

static int print_json(gi_gale *g, gi_msg kind, const void *m)
{
    gi_json j = { 0 };

    gi_msg_json(&j, NULL, kind, m);
    return gi_cli_print(&g->cli, gi_json_take(&j));
}

/* Each command, once there is somebody to ask. */
static int with_client(gi_gale *g, int (*command)(gi_gale *g, gi_client *c))
{
    gi_client c;
    int code = gi_client_open(&c, &g->cli);

    if (code == GI_EXIT_DONE)
        code = command(g, &c);
    gi_client_close(&c);
    return code;
}

static int print_names(gi_gale *g, const gi_msg_topologies *all)
{
    gi_strbuf to = { 0 };

    for (uint32_t i = 0; i < all->n_topologies; i++)
        gi_strbuf_printf(&to, "%s\n", all->topologies[i].name);
    if (all->n_topologies == 0)
        return GI_EXIT_DONE;
    return gi_cli_print(&g->cli, gi_strbuf_take(&to));
}

static int list(gi_gale *g, gi_client *c)
{
    gi_msg_nothing nothing = { 0 };
    gi_msg_topologies all;
    gi_strbuf to = { 0 };
    int code = gi_client_ask(c, GI_ASK_LIST, &nothing, &all);

    if (code != GI_EXIT_DONE)
        return code;
    if (g->cli.o.json)
        return print_json(g, GI_M_topologies, &all);
    if (g->cli.o.quiet)
        return print_names(g, &all);
    gi_show_topologies(&to, all.topologies, all.n_topologies,
                       g->cli.screen.out);
    return gi_cli_print(&g->cli, gi_strbuf_take(&to));
}

int gi_gale_list(gi_gale *g)
{
    return with_client(g, list);
}

static int status(gi_gale *g, gi_client *c)
{
    gi_msg_nothing nothing = { 0 };
    gi_msg_topology_look look;
    gi_msg_cluster cluster;
    gi_strbuf to = { 0 };
    bool one = g->cli.o.n_words > 0;
    int code = one ? gi_client_look(c, g->cli.o.words[0], &look)
                   : gi_client_ask(c, GI_ASK_CLUSTER, &nothing, &cluster);

    if (code != GI_EXIT_DONE)
        return code;
    if (g->cli.o.json)
        return one ? print_json(g, GI_M_topology_look, &look)
                   : print_json(g, GI_M_cluster, &cluster);
    if (one)
        gi_show_topology(&to, &look, g->cli.screen.out);
    else
        gi_show_cluster(&to, &cluster, g->cli.screen.out);
    return gi_cli_print(&g->cli, gi_strbuf_take(&to));
}

int gi_gale_status(gi_gale *g)
{
    return with_client(g, status);
}

/* ------------------------------------------------------------- workers -- */

struct found {
    gi_table table;
    gi_strbuf woes;
    gi_json json;
    uint32_t n;
};

static void take_workers(struct found *f, const gi_msg_topology_look *look)
{
    f->n += look->n_workers;
    gi_show_workers(&f->table, look);
    gi_show_woes(&f->woes, look);
    for (uint32_t i = 0; i < look->n_workers; i++) {
        gi_json_object(&f->json, NULL);
        gi_json_str(&f->json, "topology", look->row->name);
        gi_msg_json(&f->json, "worker", GI_M_worker_row, &look->workers[i]);
        gi_json_end(&f->json);
    }
}

/* One that is gone since it was listed is not looked at. */
static int take_all(gi_client *c, struct found *f)
{
    gi_msg_nothing nothing = { 0 };
    gi_msg_topologies all;
    int code = gi_client_ask(c, GI_ASK_LIST, &nothing, &all);

    for (uint32_t i = 0; code == GI_EXIT_DONE && i < all.n_topologies; i++) {
        gi_msg_named named = { .name = all.topologies[i].id };
        gi_msg_topology_look look;
        gale_diag why;
        gale_err rv = gi_client_try(c, GI_ASK_LOOK, &named, &look, &why);

        if (rv == GALE_OK && look.n_row == 1)
            take_workers(f, &look);
        else if (rv != GALE_OK && rv != GALE_ENOTFOUND)
            code = gi_client_failed(c, rv, why.text);
    }
    return code;
}

static int workers(gi_gale *g, gi_client *c)
{
    struct found f = { .n = 0 };
    gi_msg_topology_look look;
    gi_strbuf to = { 0 };
    int code;

    gi_show_workers_begin(&f.table);
    gi_json_object(&f.json, NULL);
    gi_json_list(&f.json, "workers");
    if (g->cli.o.n_words == 0) {
        code = take_all(c, &f);
    } else {
        code = gi_client_look(c, g->cli.o.words[0], &look);
        if (code == GI_EXIT_DONE)
            take_workers(&f, &look);
    }
    gi_json_end(&f.json);
    gi_json_end(&f.json);
    if (code == GI_EXIT_DONE && g->cli.o.json) {
        code = gi_cli_print(&g->cli, gi_json_take(&f.json));
    } else if (code == GI_EXIT_DONE) {
        if (f.n == 0)
            gi_strbuf_puts(&to, "  no workers\n");
        else
            gi_table_put(&f.table, &to, true, g->cli.screen.out);
        gi_strbuf_add(&to, f.woes.len == 0 ? "" : f.woes.at, f.woes.len);
        to.failed = to.failed || f.woes.failed;
        code = gi_cli_print(&g->cli, gi_strbuf_take(&to));
    }
    gi_strbuf_fini(&f.json.text);
    gi_strbuf_fini(&f.woes);
    gi_table_fini(&f.table);
    return code;
}

int gi_gale_workers(gi_gale *g)
{
    return with_client(g, workers);
}

/* -------------------------------------------------------------- errors -- */

static int errors(gi_gale *g, gi_client *c)
{
    gi_msg_topology_look look;
    gi_strbuf to = { 0 };
    gi_json j = { 0 };
    int code = gi_client_look(c, g->cli.o.words[0], &look);

    if (code != GI_EXIT_DONE)
        return code;
    if (!g->cli.o.json) {
        gi_show_errors(&to, &look);
        return gi_cli_print(&g->cli, gi_strbuf_take(&to));
    }
    gi_json_object(&j, NULL);
    gi_json_str(&j, "topology", look.row->name);
    gi_json_list(&j, "errors");
    for (uint32_t i = 0; i < look.n_mishaps; i++)
        gi_msg_json(&j, NULL, GI_M_mishap, &look.mishaps[i]);
    gi_json_end(&j);
    gi_json_list(&j, "workers");
    for (uint32_t i = 0; i < look.n_workers; i++)
        if (look.workers[i].n_slot == 1 &&
            look.workers[i].slot->words[0] != '\0') {
            gi_json_object(&j, NULL);
            gi_json_str(&j, "host", look.workers[i].host);
            gi_json_u64(&j, "port", look.workers[i].port);
            gi_json_str(&j, "words", look.workers[i].slot->words);
            gi_json_end(&j);
        }
    gi_json_end(&j);
    gi_json_end(&j);
    return gi_cli_print(&g->cli, gi_json_take(&j));
}

int gi_gale_errors(gi_gale *g)
{
    return with_client(g, errors);
}
