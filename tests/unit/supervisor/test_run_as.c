#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/account.h"
#include "supervisor/run_as.h"

static const uint32_t root = 0, alice = 1000, bob = 1001;

static gale_diag why;

static gale_err decide(gi_run_as r, const char *owner, const uint32_t *account,
                       bool *other)
{
    why.text[0] = '\0';
    return gi_run_as_whom(&r, owner, account, other, &why);
}

static void refused(gi_run_as r, const char *owner, const uint32_t *account,
                    const char *words)
{
    bool other = true;

    cr_expect_eq(decide(r, owner, account, &other), GALE_EINVAL);
    cr_expect_not(other);
    cr_expect(strstr(why.text, words) != NULL, "%s", why.text);
}

Test(run_as, if_it_is_off_all_run_as_the_supervisor)
{
    gi_run_as off = { 0 };
    bool other = true;

    cr_expect_eq(decide(off, "alice", &alice, &other), GALE_OK);
    cr_expect_not(other);
    other = true;
    cr_expect_eq(decide(off, "nobody-here", NULL, &other), GALE_OK);
    cr_expect_not(other);
    cr_expect_eq(decide(off, "root", &root, &other), GALE_OK);
}

Test(run_as, a_worker_runs_as_who_submitted_it)
{
    gi_run_as on = { .as_user = true };
    bool other = false;

    cr_expect_eq(decide(on, "alice", &alice, &other), GALE_OK);
    cr_expect(other);
}

Test(run_as, who_has_no_account_here_is_refused_by_name)
{
    gi_run_as on = { .as_user = true, .as_root = true };

    refused(on, "mallory", NULL, "submitted by 'mallory'");
    refused(on, "mallory", NULL, "no account of that name");
    refused(on, "", NULL, "no name");
}

Test(run_as, root_is_refused_by_number_unless_that_is_allowed)
{
    gi_run_as on = { .as_user = true }, roots = { true, true };
    bool other = true;

    refused(on, "toor", &root, "nothing runs as root here");
    refused(on, "root", &root, "gale.worker.as.root");
    cr_expect_eq(decide(roots, "root", &root, &other), GALE_OK);
    cr_expect_not(other, "root is who runs the supervisor");
}

/* as.user, as.root, user of the supervisor: what comes of it */
Test(run_as, settings_that_are_not_made_go_by_who_started_it)
{
    static const bool yes = true, no = false;
    static const struct {
        const bool *user, *root;
        uint32_t uid;
        bool as_user, as_root;
    } rows[] = {
        { NULL, NULL, 0, true, true },    { NULL, NULL, 1000, false, true },
        { &yes, NULL, 0, true, false },   { &yes, &yes, 0, true, true },
        { &no, NULL, 0, false, false },   { NULL, &no, 0, true, false },
        { &yes, &no, 0, true, false },    { &yes, NULL, 9, true, false },
        { &no, &yes, 1000, false, true },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        gi_run_as r = gi_run_as_of(rows[i].user, rows[i].root, rows[i].uid);

        cr_expect_eq(r.as_user, rows[i].as_user, "row %zu", i);
        cr_expect_eq(r.as_root, rows[i].as_root, "row %zu", i);
    }
}

Test(run_as, only_root_can)
{
    gi_run_as on = { .as_user = true }, off = { 0 };

    cr_expect_eq(gi_run_as_check(&on, 0, &why), GALE_OK);
    cr_expect_eq(gi_run_as_check(&off, 1000, &why), GALE_OK);
    cr_expect_eq(gi_run_as_check(&on, 1000, &why), GALE_EINVAL);
    cr_expect(strstr(why.text, "start the supervisor as root") != NULL);
}

Test(run_as, a_process_is_believed_if_it_is_ours_or_its_submitters)
{
    gi_run_as on = { .as_user = true }, off = { 0 };

    cr_expect(gi_run_as_believes(&off, root, root, NULL));
    cr_expect(gi_run_as_believes(&on, root, root, &alice));
    cr_expect(gi_run_as_believes(&on, root, alice, &alice));
    cr_expect_not(gi_run_as_believes(&on, root, bob, &alice));
    cr_expect_not(gi_run_as_believes(&on, root, bob, NULL));
    cr_expect_not(gi_run_as_believes(&off, root, alice, &alice));
    cr_expect_not(gi_run_as_believes(&off, alice, bob, &bob));
}

/* ------------------------------------------------------------ accounts -- */

Test(account, root_is_known_everywhere_and_some_are_nowhere)
{
    gi_account a = { 0 };

    cr_assert_eq(gi_account_find(&a, "root"), GALE_OK);
    cr_expect_str_eq(a.name, "root");
    cr_expect_eq(a.uid, 0);
    cr_expect_geq(a.n_groups, 1);
    gi_account_fini(&a);
    cr_expect_eq(a.name, NULL);
    cr_expect_eq(gi_account_find(&a, "no-such-user-here"), GALE_ENOTFOUND);
    cr_expect_eq(gi_account_find(&a, "0"), GALE_ENOTFOUND,
                 "a number is no name");
}

static struct stat a_dir(unsigned mode, uid_t uid, gid_t gid)
{
    struct stat st = { .st_mode = S_IFDIR | (mode_t)mode,
                       .st_uid = uid,
                       .st_gid = gid };

    return st;
}

/* The first of owner, group and others that he is of, and that alone. */
Test(account, a_directory_is_passed_by_the_bit_that_is_his)
{
    gid_t groups[] = { 100, 200 };
    gi_account a = {
        .uid = 1000, .gid = 100, .groups = groups, .n_groups = 2
    };
    gi_account super = { 0 };
    struct stat st[] = {
        a_dir(0700, 1000, 5), a_dir(0710, 0, 200), a_dir(0701, 0, 5),
        a_dir(0077, 1000, 5), a_dir(0701, 0, 100), a_dir(0710, 0, 5),
        a_dir(0000, 0, 0),
    };

    for (size_t i = 0; i < sizeof(st) / sizeof(*st); i++) {
        cr_expect_eq(gi_account_may_pass(&a, &st[i]), i < 3, "%zu", i);
        cr_expect(gi_account_may_pass(&super, &st[i]));
    }
}

Test(account, what_is_in_his_way_is_named)
{
    char dir[] = P_tmpdir "/gale-account-XXXXXX", inner[64];
    gi_account a = { .name = (char *)"carol", .uid = 54321, .gid = 54321 };

    cr_assert(mkdtemp(dir) != NULL);
    snprintf(inner, sizeof(inner), "%s/inner", dir);
    cr_assert_eq(mkdir(inner, 0755), 0);
    cr_expect_eq(gi_account_reaches(&a, inner, &why), GALE_EIO);
    cr_expect(strstr(why.text, dir) != NULL, "%s", why.text);
    cr_expect(strstr(why.text, "'carol'") != NULL, "%s", why.text);
    cr_expect(strstr(why.text, "mode 0700") != NULL, "%s", why.text);
    cr_assert_eq(chmod(dir, 0711), 0);
    cr_expect_eq(gi_account_reaches(&a, inner, &why), GALE_OK, "%s", why.text);
    cr_assert_eq(rmdir(inner), 0);
    cr_expect_eq(gi_account_reaches(&a, inner, &why), GALE_EIO);
    cr_expect(strstr(why.text, "No such file") != NULL, "%s", why.text);
    rmdir(dir);
}
