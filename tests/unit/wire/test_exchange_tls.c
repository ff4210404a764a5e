/* Links between two ends with certificates. */
#include "exchanges.h"
#include "tests/unit/wire/certs.h"

static void begin_with(int who, const gi_secrets *s)
{
    gi_exchange_opts o = post_opts(who, (uint64_t)who + 10);

    o.secrets = s;
    post_open(who, &o);
}

static void add_each(void)
{
    add(A, B);
    add(B, A);
}

Test(exchange_tls, two_of_one_cluster_meet)
{
    gi_secrets *a = certs("", "node"), *b = certs("", "other");

    begin_with(A, a);
    begin_with(B, b);
    add_each();
    UNTIL(view(A, B).open && view(B, A).open);
    for (uint32_t i = 1; i <= 50; i++) {
        offer_frames(A, B);
        offer_frames(B, A);
        UNTIL(post[A].executed == i * FRAMES &&
              post[B].executed == i * FRAMES);
    }
    cr_expect_eq(view(A, B).counts.connections, 1);
    cr_expect_eq(n_said, 0, "%s", said[0]);
    end_all();
    gi_secrets_destroy(a);
    gi_secrets_destroy(b);
}

/* Nothing that such a one says is looked at. */
static void expect_kept_out(void)
{
    add_each();
    UNTIL(counts(A).strangers >= 3 &&
          counts(A).broken + counts(A).nonsense >= 3);
    cr_expect_eq(counts(A).welcomed, 0);
    cr_expect_eq(view(B, A).counts.connections, 0);
    cr_expect_eq(view(A, B).counts.connections, 0);
    cr_expect_gt(n_said, 0);
    end_all();
}

Test(exchange_tls, another_authority_counts_for_nothing)
{
    gi_secrets *a = certs("", "node"), *b = certs("foreign/", "node");

    begin_with(A, a);
    begin_with(B, b);
    expect_kept_out();
    gi_secrets_destroy(a);
    gi_secrets_destroy(b);
}

Test(exchange_tls, who_comes_without_tls_is_kept_out)
{
    gi_secrets *a = certs("", "node");

    begin_with(A, a);
    begin_with(B, NULL);
    expect_kept_out();
    gi_secrets_destroy(a);
}

Test(exchange_tls, who_comes_with_tls_where_there_is_none_is_kept_out)
{
    gi_secrets *b = certs("", "node");

    begin_with(A, NULL);
    begin_with(B, b);
    expect_kept_out();
    gi_secrets_destroy(b);
}

/* The client's side must look as well: the one who listens is the foreigner,
 * and would take anybody. */
Test(exchange_tls, who_dials_wants_to_see_a_certificate_too)
{
    gi_secrets *a = certs("foreign/", "node"), *b = certs("", "node");

    begin_with(A, a);
    begin_with(B, b);
    add_each();
    UNTIL(counts(A).strangers >= 3);
    cr_expect_eq(view(B, A).counts.connections, 0);
    cr_expect_eq(counts(A).welcomed, 0);
    end_all();
    gi_secrets_destroy(a);
    gi_secrets_destroy(b);
}

Test(exchange_tls, a_port_of_the_whole_network_may_be_listened_at)
{
    gi_secrets *a = certs("", "node");
    gi_exchange_opts o = post_opts(A, 10);

    o.secrets = a;
    o.url = "tcp://0.0.0.0:0";
    post_open(A, &o);
    begin_with(B, a);
    add(A, B);
    cr_assert_eq(try_add(B, A, url_of(A)), GALE_OK);
    UNTIL(view(A, B).open && view(B, A).open);
    end_all();
    gi_secrets_destroy(a);
}
