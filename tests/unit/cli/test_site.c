/* Where the cluster's settings are, and what they come to. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/site.h"

static char dir[64], path[128];
static gi_report wrong, notes;
static gi_options o;
static gi_conf *site;
static bool usual;

static void begin(void)
{
    strcpy(dir, "site_test_XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    unsetenv("GALE_CONF_DIR");
    setenv("XDG_CONFIG_HOME", dir, 1);
    cr_assert_eq(gi_conf_create(&o.conf, NULL), GALE_OK);
}

static void end(void)
{
    gi_conf_destroy(site);
    gi_conf_destroy(o.conf);
    gi_report_fini(&wrong);
    gi_report_fini(&notes);
    if (path[0] != '\0')
        remove(path);
    snprintf(path, sizeof(path), "%s/gale", dir);
    rmdir(path);
    rmdir(dir);
}

TestSuite(site, .init = begin, .fini = end);

static void write_usual(const char *text)
{
    snprintf(path, sizeof(path), "%s/gale", dir);
    cr_assert_eq(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/gale/storm.yaml", dir);
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    fputs(text, f);
    cr_assert_eq(fclose(f), 0);
}

static void load(void)
{
    gi_conf_destroy(site);
    site = NULL;
    cr_assert_eq(gi_site_load(&site, &o, usual, &wrong, &notes), GALE_OK);
}

static void set(const char *key, const char *value)
{
    cr_assert_eq(gi_conf_set(o.conf, key, value, "command line"), GALE_OK);
}

Test(site, without_a_file_there_are_the_defaults)
{
    load();
    cr_expect(gi_report_empty(&wrong));
    cr_expect_str_eq(gi_site_text(site, "nimbus.host"), "127.0.0.1");
    cr_expect_eq(gi_site_int(site, "nimbus.thrift.port"), 6627);
    cr_expect_eq(gi_site_ns(site, "supervisor.worker.timeout.secs"),
                 30000000000);
    cr_expect(!gi_site_bool(site, "gale.open"));
    cr_expect_null(gi_site_file(site, "gale.token.file"));
}

Test(site, the_command_line_is_above_the_usual_file)
{
    write_usual("nimbus.host: one\nsupervisor.thrift.port: 7\n");
    set("nimbus.host", "two");
    load();
    cr_expect_str_eq(gi_site_text(site, "nimbus.host"), "two");
    cr_expect_eq(gi_site_int(site, "supervisor.thrift.port"), 7);
}

Test(site, a_file_that_is_named_stands_in_for_the_usual_one)
{
    const char *files[] = { "site_test_other.yaml" };
    FILE *f = fopen(files[0], "w");

    cr_assert_not_null(f);
    fputs("supervisor.thrift.port: 8\n", f);
    cr_assert_eq(fclose(f), 0);
    write_usual("nimbus.host: one\n");
    o.files = files;
    o.n_files = 1;
    load();
    cr_expect_str_eq(gi_site_text(site, "nimbus.host"), "127.0.0.1");
    cr_expect_eq(gi_site_int(site, "supervisor.thrift.port"), 8);

    usual = true; /* a topology's own stands above it */
    load();
    remove(files[0]);
    cr_expect_str_eq(gi_site_text(site, "nimbus.host"), "one");
    cr_expect_eq(gi_site_int(site, "supervisor.thrift.port"), 8);
}

Test(site, a_directory_that_is_named_and_has_none_is_a_mistake)
{
    setenv("GALE_CONF_DIR", "site_test_nowhere", 1);
    load();
    cr_assert_eq(wrong.n, 1);
    cr_expect_not_null(strstr(wrong.lines[0], "site_test_nowhere/storm.yaml"));
}

Test(site, what_does_nothing_is_noted_and_what_is_wrong_is_told)
{
    write_usual("nimbus.monitor.freq.secs: 5\nnimbus.frobnicate.all: 1\n"
                "nimbus.sedes: x\nnimbus.thrift.port: 70000\nmine: 1\n");
    load();
    cr_assert_eq(notes.n, 2);
    cr_expect_not_null(strstr(notes.lines[0],
                              "storm.yaml:1:1) is Storm's and does nothing "
                              "here: Nimbus acts when something happens"));
    cr_expect_not_null(strstr(notes.lines[1], "is not known"));
    cr_assert_eq(wrong.n, 2);
    cr_expect_not_null(
        strstr(wrong.lines[0], "(did you mean 'nimbus.seeds'?)"));
    cr_expect_not_null(strstr(wrong.lines[1], "between 0 and 65535"));
}

static bool join(void *arg, const char *word)
{
    strcat(arg, word);
    strcat(arg, ";");
    return strcmp(word, "last") != 0;
}

Test(site, a_list_is_of_yaml_or_of_words_with_commas)
{
    char all[128] = "";

    write_usual("nimbus.seeds: [a, 'b:1']\n");
    set("nimbus.admins", "x, y,last,z");
    load();
    cr_assert_eq(gi_site_each(site, "nimbus.seeds", join, all), GALE_OK);
    cr_expect_str_eq(all, "a;b:1;");
    all[0] = '\0';
    cr_assert_eq(gi_site_each(site, "nimbus.admins", join, all), GALE_OK);
    cr_expect_str_eq(all, "x;y;last;");
    all[0] = '\0';
    cr_assert_eq(gi_site_each(site, "supervisor.slots.ports", join, all),
                 GALE_OK);
    cr_expect_str_eq(all, "6700;6701;6702;6703;");
}

/* What `word` is as a URL; "" if it is none. */
static const char *url(const char *word, bool tls)
{
    static char text[256];
    gi_strbuf to = { 0 };
    bool is = gi_site_url(&to, word, 6627, tls);

    snprintf(text, sizeof(text), "%s", is ? to.at : "");
    gi_strbuf_fini(&to);
    return text;
}

Test(site, a_place_is_a_host_a_port_or_a_url)
{
    cr_expect_str_eq(url("there", false), "tcp://there:6627");
    cr_expect_str_eq(url("there", true), "tls+tcp://there:6627");
    cr_expect_str_eq(url("there:7", false), "tcp://there:7");
    cr_expect_str_eq(url("::1", false), "tcp://[::1]:6627");
    cr_expect_str_eq(url("[::1]", false), "tcp://[::1]:6627");
    cr_expect_str_eq(url("[::1]:7", false), "tcp://[::1]:7");
    cr_expect_str_eq(url("tcp://x:1", true), "tcp://x:1");
    cr_expect_str_eq(url("http://x:1", false), "");
    cr_expect_str_eq(url("", false), "");
    cr_expect_str_eq(url("a/b", false), "");
    cr_expect_str_eq(url("a:0", false), "");
    cr_expect_str_eq(url("a:x", false), "");
    cr_expect_str_eq(url("a:65536", false), "");
}

Test(site, memory_may_run_out_anywhere)
{
    gale_err rv = GALE_ENOMEM;

    write_usual("nimbus.seeds: [a, b]\nnimbus.host: one\n");
    for (uint64_t n = 0; rv == GALE_ENOMEM && n < 1000; n++) {
        site = NULL;
        gi_mem_fail_after(n, 1);
        rv = gi_site_load(&site, &o, usual, &wrong, &notes);
        gi_mem_fail_after(0, 0);
        cr_assert(rv == GALE_OK || site == NULL);
    }
    cr_expect_eq(rv, GALE_OK);
}
