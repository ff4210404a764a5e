/* Who may greet: those that know the cluster's secret. */
#include "exchanges.h"

#include <sys/stat.h>
#include <unistd.h>

static gi_secrets *secret(const char *word)
{
    char path[] = P_tmpdir "/gale-secret-XXXXXX";
    gi_secrets_opts o = { .secret_file = path };
    gi_secrets *s = NULL;
    gale_diag why = { "" };
    int fd = mkstemp(path);

    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, word, strlen(word)), (ssize_t)strlen(word));
    close(fd);
    cr_assert_eq(gi_secrets_load(&s, &o, &why), GALE_OK, "%s", why.text);
    unlink(path);
    return s;
}

static void begin_with(int who, const gi_secrets *s)
{
    gi_exchange_opts o = post_opts(who, (uint64_t)who + 10);

    o.secrets = s;
    post_open(who, &o);
}

static void begin_both(const gi_secrets *a, const gi_secrets *b)
{
    begin_with(A, a);
    begin_with(B, b);
    add(A, B);
    add(B, A);
}

Test(exchange_secret, those_who_know_it_meet_and_meet_again)
{
    gi_secrets *a = secret("sesame"), *b = secret("sesame\n");

    begin_both(a, b);
    UNTIL(view(A, B).open && view(B, A).open);
    offer_frames(A, B);
    offer_frames(B, A);
    UNTIL(post[A].executed == FRAMES && post[B].executed == FRAMES);
    post_end(B);
    begin_with(B, b);
    add(B, A);
    post_remove(A, B);
    add(A, B);
    UNTIL(view(A, B).open && view(B, A).open);
    cr_expect_eq(n_said, 0, "%s", said[0]);
    end_all();
    gi_secrets_destroy(a);
    gi_secrets_destroy(b);
}

/* B dials, A listens. */
static void expect_kept_out(const gi_secrets *a, const gi_secrets *b,
                            const char *words)
{
    begin_both(a, b);
    UNTIL(counts(A).nonsense + counts(A).silent >= 1 && was_said(words));
    cr_expect_eq(counts(A).welcomed, 0);
    cr_expect_eq(view(B, A).counts.connections, 0);
    cr_expect_eq(view(A, B).counts.connections, 0);
    end_all();
}

Test(exchange_secret, who_knows_another_is_kept_out)
{
    gi_secrets *a = secret("sesame"), *b = secret("simsim");

    expect_kept_out(a, b, "somebody at 127.0.0.1");
    cr_expect(was_said("does not show that he knows the secret"));
    gi_secrets_destroy(a);
    gi_secrets_destroy(b);
}

Test(exchange_secret, who_knows_none_is_kept_out)
{
    gi_secrets *a = secret("sesame");

    expect_kept_out(a, NULL, "does not show that he knows the secret");
    gi_secrets_destroy(a);
}

Test(exchange_secret, who_dials_greets_nobody_who_does_not_know_it)
{
    gi_secrets *b = secret("sesame");

    expect_kept_out(NULL, b, "worker-of-test:1 at 127.0.0.1");
    cr_expect(was_said("does not show that he knows the secret"));
    gi_secrets_destroy(b);
}
