/* What a person is told when Nimbus does not answer. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "tests/unit/wire/port.h"

static gi_cli cli;
static gi_client client;
static FILE *said;

static void begin(void)
{
    unsetenv("GALE_CONF_DIR");
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    said = tmpfile();
    cr_assert_not_null(said);
    cr_assert_eq(dup2(fileno(said), STDERR_FILENO), STDERR_FILENO);
    cr_assert_eq(gi_conf_create(&cli.o.conf, NULL), GALE_OK);
    cli.o.nimbus = "127.0.0.1:1";
    gi_screen_init(&cli.screen, "gale", GI_CHOOSE_NEVER);
    cr_assert_eq(gi_client_open(&client, &cli), GI_EXIT_DONE);
}

static void end(void)
{
    gi_client_close(&client);
    gi_screen_fini(&cli.screen);
    gi_conf_destroy(cli.o.conf);
    fclose(said);
}

TestSuite(client, .init = begin, .fini = end);

static const char *all_said(void)
{
    static char all[1024];
    ssize_t n = pread(fileno(said), all, sizeof(all) - 1, 0);

    cr_assert_geq(n, 0);
    all[n] = '\0';
    return all;
}

static void expect_said(const char *why, const char *text)
{
    cr_expect_eq(gi_client_failed(&client, GALE_EIO, why),
                 GI_EXIT_UNREACHABLE);
    cr_expect_str_eq(all_said(), text);
}

Test(client, who_finds_nobody_is_told_to_start_a_nimbus)
{
    expect_said("nobody listens there",
                "gale: cannot ask Nimbus at tcp://127.0.0.1:1: nobody listens "
                "there\n"
                "gale: start one by 'gale dev' or 'gale nimbus', or say where "
                "it is by --nimbus or the setting nimbus.seeds\n");
}

Test(client, who_is_not_trusted_is_not)
{
    expect_said("tcp://a:1: it is not trusted, or does not trust us (TLS)",
                "gale: cannot ask Nimbus: tcp://a:1: it is not trusted, or "
                "does not trust us (TLS)\n");
}

/* A Nimbus that does not answer before it was said that we wait for it; or, if
 * that is not to be said, for longer than a second. */
static void answers_late(struct port *p, gi_asked_for *q)
{
    bool silent = cli.o.quiet || port_taken(p) > 1;
    int64_t began = port_now_ms(), most = silent ? 1200 : 60000;

    while ((silent || all_said()[0] == '\0') && port_now_ms() - began < most)
        usleep(10000);
    port_echo(p, q);
}

static void ask_one_who_is_slow(void)
{
    struct port p;
    gi_msg_named named = { .name = "words" };
    gi_msg_topology_look look;

    cr_assert_eq(port_open(&p, 0, answers_late, NULL), GALE_OK);
    gi_client_close(&client);
    cli.o.nimbus = p.url;
    cr_assert_eq(gi_client_open(&client, &cli), GI_EXIT_DONE);
    client.wait_ms = 90000;
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(gi_client_ask(&client, GI_ASK_LOOK, &named, &look),
                     GI_EXIT_DONE);
        cr_expect_str_eq(look.row->name, "words");
    }
    port_close(&p);
}

Test(client, who_waits_is_told_for_whom_once)
{
    char text[128];

    ask_one_who_is_slow();
    snprintf(text, sizeof(text),
             "gale: waiting for Nimbus at %s, for 1 min 30 s at most\n",
             client.place.at);
    cr_expect_str_eq(all_said(), text);
}

Test(client, who_wants_quiet_is_told_nothing)
{
    cli.o.quiet = true;
    ask_one_who_is_slow();
    cr_expect_str_eq(all_said(), "");
}
