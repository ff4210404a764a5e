/* What a person is told when Nimbus does not answer. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"

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

static void expect_said(const char *why, const char *text)
{
    char all[1024];

    cr_expect_eq(gi_client_failed(&client, GALE_EIO, why),
                 GI_EXIT_UNREACHABLE);
    rewind(said);
    all[fread(all, 1, sizeof(all) - 1, said)] = '\0';
    cr_expect_str_eq(all, text);
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
