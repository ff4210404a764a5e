#include "cli/client.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "cli/number.h"
#include "cli/site.h"

/* Whom it asks. */
typedef struct gi_client_whom {
    const char *name, *seeds, *port; /* the settings */
    const char *advice;
} gi_client_whom;

static const gi_client_whom nimbus = {
    .name = "Nimbus",
    .seeds = "nimbus.seeds",
    .port = "nimbus.thrift.port",
    .advice = "start one by 'gale dev' or 'gale nimbus', or say where it is "
              "by --nimbus or the setting nimbus.seeds",
};
static const gi_client_whom drpc = {
    .name = "the DRPC server",
    .seeds = "drpc.servers",
    .port = "drpc.port",
    .advice = "start one by 'gale dev' or 'gale drpc', or say where it is by "
              "the setting drpc.servers",
};

/* ------------------------------------------------------------ opening -- */

struct seeds {
    gi_client *c;
    gi_report *r;
    bool tls;
    gale_err rv;
};

static bool add_url(gi_client *c, char *url)
{
    if (c->n_urls == c->cap_urls) {
        uint32_t cap = c->cap_urls == 0 ? 4 : 2 * c->cap_urls;
        void *urls = gi_realloc(c->urls, cap * sizeof(*c->urls));
        if (urls == NULL) {
            gi_free(url);
            return false;
        }
        c->urls = urls;
        c->cap_urls = cap;
    }
    gi_strbuf_printf(&c->place, "%s%s", c->n_urls == 0 ? "" : ", ", url);
    c->urls[c->n_urls++] = url;
    return true;
}

static bool take_seed(void *arg, const char *word)
{
    struct seeds *s = arg;
    gi_strbuf url = { 0 };
    uint16_t port = (uint16_t)gi_site_int(s->c->site, s->c->whom->port);

    if (!gi_site_url(&url, word, port, s->tls)) {
        gi_report_add(s->r,
                      "'%s' is no place to find %s at (a host, host:port or "
                      "tcp://host:port)",
                      word, s->c->whom->name);
        gi_strbuf_fini(&url);
        return true;
    }
    char *text = gi_strbuf_take(&url);
    if (text == NULL || !add_url(s->c, text))
        s->rv = GALE_ENOMEM;
    return s->rv == GALE_OK;
}

static gale_err find_seeds(gi_client *c, gi_report *r)
{
    struct seeds s = { .c = c, .r = r };

    s.tls = gi_site_file(c->site, "gale.tls.ca.file") != NULL;
    gale_err rv = gi_site_each(c->site, c->whom->seeds, take_seed, &s);
    if (rv == GALE_OK)
        rv = s.rv;
    if (rv == GALE_OK && c->n_urls == 0 && gi_report_empty(r))
        gi_report_add(r, "%s names no place to find %s at", c->whom->seeds,
                      c->whom->name);
    return rv;
}

static gale_err read_site(gi_client *c, gi_report *wrong)
{
    gi_options *o = &c->cli->o;
    gi_report notes = { 0 };
    gale_err rv = GALE_OK;

    if (o->nimbus != NULL)
        rv = gi_conf_set(o->conf, "nimbus.seeds", o->nimbus, "--nimbus");
    if (rv == GALE_OK)
        rv = gi_site_load(&c->site, o, c->cli->over != NULL, wrong, &notes);
    gi_report_fini(&notes); /* daemons tell them */
    return rv;
}

static int tell(gi_client *c, gale_err rv, gi_report *wrong)
{
    for (size_t i = 0; i < wrong->n; i++)
        gi_screen_say(&c->cli->screen, "%s", wrong->lines[i]);
    if (rv != GALE_OK)
        gi_screen_say(&c->cli->screen, "%s", gale_err_text(rv));
    if (rv != GALE_OK)
        return GI_EXIT_FAILED;
    return gi_report_empty(wrong) ? GI_EXIT_DONE : GI_EXIT_USAGE;
}

static int load_secrets(gi_client *c)
{
    gale_diag why = { "" };
    gi_secrets_opts o = {
        .ca_file = gi_site_file(c->site, "gale.tls.ca.file"),
        .cert_file = gi_site_file(c->site, "gale.tls.cert.file"),
        .token_file = gi_site_file(c->site, "gale.token.file"),
    };

    if (o.ca_file == NULL && o.token_file == NULL)
        return GI_EXIT_DONE;
    gale_err rv = gi_secrets_load(&c->secrets, &o, &why);
    if (rv == GALE_OK)
        return GI_EXIT_DONE;
    gi_screen_say(&c->cli->screen, "%s",
                  why.text[0] == '\0' ? gale_err_text(rv) : why.text);
    return GI_EXIT_FAILED;
}

static int open_to(gi_client *c, gi_cli *cli, const gi_client_whom *whom)
{
    gi_report wrong = { 0 };
    gale_diag why = { "" };

    *c = (gi_client){ .cli = cli,
                      .whom = whom,
                      .waiting = { .screen = &cli->screen,
                                   .quiet = cli->o.quiet } };
    gale_err rv = read_site(c, &wrong);
    if (rv == GALE_OK && gi_report_empty(&wrong))
        rv = find_seeds(c, &wrong);
    int code = tell(c, rv, &wrong);
    gi_report_fini(&wrong);
    if (code == GI_EXIT_DONE)
        code = load_secrets(c);
    if (code != GI_EXIT_DONE)
        return code;

    c->wait_ms =
        (uint32_t)(gi_site_ns(c->site, "gale.client.timeout.secs") / 1000000);
    gi_asker_opts o = { .urls = (const char *const *)c->urls,
                        .n_urls = c->n_urls,
                        .secrets = c->secrets,
                        /* Of several, one leads again in a moment. */
                        .hasty = c->n_urls == 1,
                        .open = gi_site_bool(c->site, "gale.open") };
    rv = gi_asker_create(&c->asker, &o, &why);
    if (rv == GALE_OK)
        return GI_EXIT_DONE;
    gi_screen_say(&cli->screen, "cannot ask %s: %s", whom->name,
                  why.text[0] == '\0' ? gale_err_text(rv) : why.text);
    return rv == GALE_EINVAL ? GI_EXIT_USAGE : GI_EXIT_FAILED;
}

int gi_client_open(gi_client *c, gi_cli *cli)
{
    return open_to(c, cli, &nimbus);
}

int gi_client_open_drpc(gi_client *c, gi_cli *cli)
{
    return open_to(c, cli, &drpc);
}

void gi_client_close(gi_client *c)
{
    gi_asker_destroy(c->asker);
    gi_secrets_destroy(c->secrets);
    for (uint32_t i = 0; i < c->n_urls; i++)
        gi_free(c->urls[i]);
    gi_free(c->urls);
    gi_strbuf_fini(&c->place);
    gi_conf_destroy(c->site);
    gi_pool_fini(&c->pool);
    *c = (gi_client){ 0 };
}

/* ------------------------------------------------------------- asking -- */

void gi_client_forget(gi_client *c)
{
    gi_pool_fini(&c->pool); /* and it is an empty one */
}

gale_err gi_client_try(gi_client *c, gi_verb_no verb, const void *request,
                       void *reply, gale_diag *why)
{
    why->text[0] = '\0';
    return gi_ask(c->asker, verb, request, c->wait_ms, &c->pool, reply, why);
}

static void show_wait(gi_client *c)
{
    char text[256], most[GI_NUMBER_TEXT];

    snprintf(text, sizeof(text), "waiting for %s at %s, for %s at most",
             c->whom->name, c->place.at,
             gi_number_time(most, (uint64_t)c->wait_ms * 1000));
    gi_waiting_show(&c->waiting, gi_clock_ms(), text);
}

gale_err gi_client_wait(gi_client *c, gi_verb_no verb, const void *request,
                        void *reply, gale_diag *why)
{
    gale_err rv;

    if (gi_ask_begin(c->asker, verb, request, c->wait_ms, NULL, NULL) !=
        GALE_OK)
        return gi_client_try(c, verb, request, reply, why);
    c->waiting.since_ms = gi_clock_ms();
    bool slow = !gi_ask_over(c->asker, GI_WAITING_MS + 1);
    if (slow)
        show_wait(c);
    why->text[0] = '\0';
    rv = gi_asked(c->asker, &c->pool, reply, why);
    if (slow)
        gi_screen_live(&c->cli->screen, "");
    return rv;
}

int gi_client_failed(gi_client *c, gale_err e, const char *why)
{
    if (*why == '\0')
        why = gale_err_text(e);
    if (e == GALE_ENOTFOUND) {
        gi_screen_say(&c->cli->screen, "%s", why);
        return GI_EXIT_NOT_FOUND;
    }
    bool answered = strstr(why, "cannot be stored") != NULL;
    if (answered || (e != GALE_EIO && e != GALE_ETIME)) {
        gi_screen_say(&c->cli->screen, "%s", why);
        return GI_EXIT_FAILED;
    }
    if (strstr(why, "://") != NULL) /* it says where */
        gi_screen_say(&c->cli->screen, "cannot ask %s: %s", c->whom->name,
                      why);
    else
        gi_screen_say(&c->cli->screen, "cannot ask %s at %s: %s",
                      c->whom->name, c->place.at, why);
    if (strstr(why, "TLS") == NULL) /* somebody is there, and wants it */
        gi_screen_say(&c->cli->screen, "%s", c->whom->advice);
    return GI_EXIT_UNREACHABLE;
}

int gi_client_ask(gi_client *c, gi_verb_no verb, const void *request,
                  void *reply)
{
    gale_diag why;
    gale_err rv = gi_client_wait(c, verb, request, reply, &why);

    return rv == GALE_OK ? GI_EXIT_DONE : gi_client_failed(c, rv, why.text);
}

/* ------------------------------------------------------------ looking -- */

/* "did you mean": of the topologies that there are. */
static void say_nearest(gi_client *c, const char *name)
{
    gi_msg_nothing nothing = { 0 };
    gi_msg_topologies all;
    gale_diag why;
    const char *near = NULL;

    if (gi_client_try(c, GI_ASK_LIST, &nothing, &all, &why) == GALE_OK &&
        all.n_topologies > 0) {
        const char **names = gi_calloc(all.n_topologies, sizeof(*names));
        for (uint32_t i = 0; names != NULL && i < all.n_topologies; i++)
            names[i] = all.topologies[i].name;
        if (names != NULL)
            near = gi_nearest(name, names, all.n_topologies);
        gi_free(names);
    }
    if (near != NULL)
        gi_screen_say(&c->cli->screen,
                      "there is no topology '%s' (did you mean '%s'?)", name,
                      near);
    else
        gi_screen_say(&c->cli->screen,
                      "there is no topology '%s' ('gale list' shows all)",
                      name);
}

int gi_client_change(gi_client *c, gi_verb_no verb, const char *name,
                     const void *request, void *reply)
{
    gale_diag why;
    gale_err rv = gi_client_wait(c, verb, request, reply, &why);

    /* A component may be what is not there: then it is said in words. */
    if (rv == GALE_ENOTFOUND && strstr(why.text, "component") == NULL) {
        say_nearest(c, name);
        return GI_EXIT_NOT_FOUND;
    }
    return rv == GALE_OK ? GI_EXIT_DONE : gi_client_failed(c, rv, why.text);
}

int gi_client_look(gi_client *c, const char *name, gi_msg_topology_look *reply)
{
    gi_msg_named asked = { .name = name };
    int code = gi_client_change(c, GI_ASK_LOOK, name, &asked, reply);

    if (code != GI_EXIT_DONE || reply->n_row == 1)
        return code;
    gi_screen_say(&c->cli->screen, "Nimbus' answer about '%s' makes no sense",
                  name);
    return GI_EXIT_FAILED;
}
