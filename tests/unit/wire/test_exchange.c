#include "exchanges.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/failpoint.h"

static void begin_both(void)
{
    post_begin(A, 10);
    post_begin(B, 20);
}

static void begin_linked(void)
{
    begin_both();
    add(A, B);
    add(B, A);
    UNTIL(view(A, B).open && view(B, A).open);
}

Test(exchange, a_key_is_of_all_three_and_of_their_bounds)
{
    uint64_t key = gi_peer_key("t", "node", 6700);

    cr_expect_eq(key, gi_peer_key("t", "node", 6700));
    cr_expect_neq(key, gi_peer_key("t", "node", 6701));
    cr_expect_neq(key, gi_peer_key("u", "node", 6700));
    cr_expect_neq(key, gi_peer_key("tn", "ode", 6700));
    cr_expect_neq(key, gi_peer_key("node", "t", 6700));
    cr_expect_neq(key, 0);
}

Test(exchange, each_greeting_comes_to_the_line_of_its_peer)
{
    for (int i = 0; i < POSTS; i++)
        post_begin(i, (uint64_t)i + 10);
    for (int i = 0; i < POSTS; i++) {
        for (int k = 0; k < POSTS; k++) {
            if (i != k)
                add(i, k);
        }
    }
    UNTIL(view(A, B).open && view(A, C).open && view(B, C).open &&
          view(B, A).open && view(C, A).open && view(C, B).open);
    cr_expect_eq(view(A, B).peer, 11);
    cr_expect_eq(view(A, C).peer, 12);
    cr_expect_eq(view(C, A).peer, 10);
    cr_expect_eq(counts(A).welcomed, 2);
    cr_expect_eq(counts(B).welcomed, 1);
    cr_expect_eq(counts(C).strangers, 0); /* has the highest key */
    cr_expect_eq(n_said, 0, "%s", said[0]);
    end_all();
}

Test(exchange, who_is_not_known_is_refused_and_welcome_when_he_is)
{
    begin_both();
    add(B, A);
    UNTIL(view(B, A).refused == GI_PART_UNKNOWN && counts(A).unknown >= 3);
    cr_expect(was_said("no such peer in the assignment"), "%s", said[0]);
    cr_expect(was_said("127.0.0.1:"), "%s", said[0]);
    cr_expect_eq(n_said, 1, "%u lines", n_said);
    add(A, B);
    cr_expect_lt(UNTIL(view(A, B).open && view(B, A).open), 900);
    end_all();
}

Test(exchange, a_greeting_that_was_meant_for_somebody_else_is_refused)
{
    begin_both();
    post_begin(C, 30);
    add(A, C);
    cr_assert_eq(try_add(C, B, url_of(A)), GALE_OK);
    UNTIL(view(C, B).refused == GI_PART_MISTAKEN);
    cr_expect_geq(counts(A).mistaken, 1);
    cr_expect_eq(counts(A).welcomed, 0);
    cr_expect_not(view(A, C).open);
    cr_expect(was_said("meant for somebody else"), "%s", said[0]);
    end_all();
}

Test(exchange, who_is_behind_with_the_assignment_is_waited_for)
{
    begin_both();
    gi_exchange_assign(post[B].x, 2, now_ns());
    add(A, B);
    add(B, A);
    UNTIL(view(B, A).refused == GI_PART_ASSIGNMENT_NEW &&
          view(B, A).counts.refused_there >= 8);
    cr_expect_eq(view(A, B).assignment, 2,
                 "A knows that there is a newer one");
    gi_exchange_assign(post[A].x, 2, now_ns());
    cr_expect_lt(UNTIL(view(A, B).open && view(B, A).open), 500);

    gi_exchange_assign(post[A].x, 3, now_ns());
    UNTIL(view(B, A).refused == GI_PART_ASSIGNMENT_OLD &&
          view(B, A).assignment == 3);
    gi_exchange_assign(post[B].x, 3, now_ns());
    cr_expect_lt(UNTIL(view(A, B).open && view(B, A).open), 500);
    cr_expect_eq(n_said, 0, "that is daily life: %s", said[0]);
    end_all();
}

Test(exchange, a_peer_is_added_once_and_is_somebody_else_with_an_address)
{
    begin_both();
    add(B, A);
    cr_expect_eq(try_add(B, A, url_of(A)), GALE_EINVAL);
    cr_expect_eq(try_add(B, B, url_of(B)), GALE_EINVAL);
    post_remove(B, A);
    cr_expect_eq(try_add(B, A, "127.0.0.1:1"), GALE_EINVAL);
    cr_expect_eq(try_add(B, A, "tls+tcp://127.0.0.1:1"), GALE_EINVAL);
    cr_expect_eq(try_add(B, A, "tcp://127.0.0.1"), GALE_EINVAL);
    add(B, A);
    cr_expect_eq(gi_exchange_move(post[B].x, post[B].line[A], "x", now_ns()),
                 GALE_EINVAL);
    add(A, B);
    UNTIL(view(A, B).open && view(B, A).open);
    end_all();
}

Test(exchange, a_port_that_is_taken_is_named)
{
    gi_exchange_opts o = post_opts(B, 20);
    gale_diag why = { "" };

    post_begin(A, 10);
    o.url = url_of(A);
    cr_expect_eq(gi_exchange_create(&post[B].x, &o, now_ns(), &why), GALE_EIO);
    cr_expect(strstr(why.text, o.url) != NULL &&
                  strstr(why.text, "taken by somebody else") != NULL,
              "%s", why.text);
    end_all();
}

Test(exchange, who_is_not_to_be_found_blocks_nobody_and_may_move)
{
    const char *nowhere[] = { "tcp://no-such-host.invalid:1",
                              "tcp://127.0.0.1:1", NULL };

    for (int i = 0; i < 3; i++) {
        longest = 0;
        begin_both();
        add(A, B);
        cr_assert_eq(try_add(B, A, nowhere[i]), GALE_OK);
        for (int64_t end = now_ns() + 100 * MS; now_ns() < end;)
            turn_all();
        cr_expect_lt(longest, 100 * MS, "a turn took %lld ns",
                     (long long)longest);
        cr_assert_eq(
            gi_exchange_move(post[B].x, post[B].line[A], url_of(A), now_ns()),
            GALE_OK);
        cr_expect_lt(UNTIL(view(A, B).open && view(B, A).open), 900);
        end_all();
    }
}

/* A port at which nobody answers, since its queue is full. */
static const char *tar_pit(int fd[3])
{
    static char url[64];
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof(at);

    for (int i = 0; i < 3; i++)
        fd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    cr_assert(bind(fd[0], (void *)&at, len) == 0 && listen(fd[0], 0) == 0 &&
              getsockname(fd[0], (void *)&at, &len) == 0);
    for (int i = 1; i < 3; i++)
        connect(fd[i], (void *)&at, len);
    snprintf(url, sizeof(url), "tcp://127.0.0.1:%u", ntohs(at.sin_port));
    return url;
}

Test(exchange, who_is_being_dialed_can_be_moved_and_removed)
{
    int fd[3];
    const char *pit = tar_pit(fd);

    begin_both();
    add(A, B);
    for (int i = 0; i < 20; i++) {
        cr_assert_eq(try_add(B, A, pit), GALE_OK);
        for (int k = 0; k < i % 4; k++)
            turn_all();
        post_remove(B, A);
    }
    cr_assert_eq(try_add(B, A, pit), GALE_OK);
    turn_all();
    cr_assert_eq(
        gi_exchange_move(post[B].x, post[B].line[A], url_of(A), now_ns()),
        GALE_OK);
    cr_expect_lt(UNTIL(view(A, B).open && view(B, A).open), 900);
    cr_expect_lt(longest, 100 * MS);
    end_all();
    for (int i = 0; i < 3; i++)
        close(fd[i]);
}

Test(exchange, it_is_known_how_many_incarnations_have_ended)
{
    char url[64];

    begin_linked();
    strcpy(url, url_of(B));
    cr_expect_eq(gi_channel_deaths(gi_line_channel(post[A].line[B])), 0);
    post_end(B);
    gi_exchange_opts o = post_opts(B, 21);
    o.url = url;
    post_open(B, &o);
    add(B, A);
    UNTIL(view(A, B).open && view(A, B).peer == 21);
    cr_expect_eq(gi_channel_deaths(gi_line_channel(post[A].line[B])), 1);

    gi_channel_peer_ended(gi_line_channel(post[A].line[B]), 21, now_ns());
    cr_expect_eq(gi_channel_deaths(gi_line_channel(post[A].line[B])), 2);
    gi_channel_peer_ended(gi_line_channel(post[A].line[B]), 20, now_ns());
    cr_expect_eq(gi_channel_deaths(gi_line_channel(post[A].line[B])), 2);
    UNTIL(view(B, A).refused == GI_PART_ENDED);
    end_all();
}

Test(exchange, a_peer_that_has_gone_may_come_again)
{
    begin_linked();
    for (uint64_t i = 0; i < 20; i++) {
        offer_frames(A, B);
        UNTIL(post[A].executed == (i + 1) * FRAMES);
        post_remove(B, A);
        add(B, A);
        UNTIL(view(B, A).counts.refused_there > 0 || view(B, A).open);
        post_remove(A, B); /* what it remembers, B does not */
        add(A, B);
        UNTIL(view(A, B).open && view(B, A).open);
    }
    cr_expect_eq(post[B].taken, 20 * FRAMES);
    end_all();
}

static uint64_t crowd(int who)
{
    gi_exchange_counts c = counts(who);

    return c.nonsense + c.crowded + c.broken;
}

/* Nobody's greeting may be pushed out by the others', however many peers
 * there are: who takes long to greet (TLS) would never come through. */
Test(exchange, all_peers_may_come_at_once)
{
    enum { MANY = 60 };
    gi_exchange *x[MANY];
    gi_line *there[MANY], *here[MANY];
    gi_channel_view view;
    gale_diag why;
    uint32_t open = 0;

    post_begin(A, 10);
    for (int i = 0; i < MANY; i++) {
        gi_exchange_opts o = post_opts(B + i, 20);
        gi_peer_place a = { A + 1, url_of(A), "A" };
        gi_peer_place b = { (uint64_t)(B + i) + 1, NULL, "B" };

        cr_assert_eq(gi_exchange_create(&x[i], &o, now_ns(), &why), GALE_OK);
        cr_assert_eq(gi_exchange_add(x[i], &a, now_ns(), &there[i]), GALE_OK);
        cr_assert_eq(gi_exchange_add(post[A].x, &b, now_ns(), &here[i]),
                     GALE_OK);
        gi_exchange_turn(x[i], now_ns()); /* dials */
    }
    for (int64_t began = now_ns(); open < MANY; poll(NULL, 0, 1)) {
        cr_assert_lt(now_ns() - began, 30000 * MS, "%u are linked", open);
        gi_exchange_turn(post[A].x, now_ns());
        if (counts(A).strangers < MANY)
            continue; /* all have come, before anybody greets */
        open = 0;
        for (int i = 0; i < MANY; i++) {
            gi_exchange_turn(x[i], now_ns());
            gi_channel_look(gi_line_channel(here[i]), &view);
            open += view.open;
        }
    }
    cr_expect_eq(counts(A).crowded, 0);
    for (int i = 0; i < MANY; i++) {
        gi_line_abandon(there[i], now_ns());
        gi_exchange_remove(x[i], there[i]);
        gi_exchange_destroy(x[i]);
        gi_line_abandon(here[i], now_ns());
        gi_exchange_remove(post[A].x, here[i]);
    }
    post_end(A);
}

Test(exchange, a_crowd_is_named_once_and_counted)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    char garbage[300];
    int fd[50];

    begin_both();
    at.sin_port = htons(gi_exchange_port(post[A].x));
    memset(garbage, 'g', sizeof(garbage));
    for (int i = 0; i < 50; i++) {
        fd[i] = socket(AF_INET, SOCK_STREAM, 0);
        cr_assert_eq(connect(fd[i], (void *)&at, sizeof(at)), 0);
        cr_assert_eq(write(fd[i], garbage, sizeof(garbage)), sizeof(garbage));
    }
    add(A, B);
    add(B, A);
    UNTIL(view(A, B).open && view(B, A).open && crowd(A) == 50);
    cr_expect_eq(n_said, 1, "%u lines", n_said);
    cr_expect(was_said("does not begin as a frame does"), "%s", said[0]);
    for (int i = 0; i < 50; i++)
        close(fd[i]);
    end_all();
}

Test(exchange, any_allocation_may_fail_when_it_is_made)
{
    gi_exchange_opts o = post_opts(B, 20);
    gale_err e = GALE_ENOMEM;
    gale_diag why = { "" };
    uint64_t n = 0;

    post_begin(A, 10);
    while (e == GALE_ENOMEM) {
        gi_mem_fail_after(n++, 1);
        e = gi_exchange_create(&post[B].x, &o, now_ns(), &why);
        gi_mem_fail_after(0, 0);
    }
    cr_assert_eq(e, GALE_OK, "%s", why.text);
    cr_expect_gt(n, 5, "%llu", (unsigned long long)n);
    add(A, B);
    for (e = GALE_ENOMEM, n = 0; e == GALE_ENOMEM; n++) {
        gi_mem_fail_after(n, 1);
        e = try_add(B, A, url_of(A));
        gi_mem_fail_after(0, 0);
    }
    cr_assert_eq(e, GALE_OK);
    cr_expect_gt(n, 5, "%llu", (unsigned long long)n);
    for (e = GALE_ENOMEM, n = 0; e == GALE_ENOMEM; n++) {
        gi_mem_fail_after(n, 1);
        e = gi_exchange_move(post[B].x, post[B].line[A], url_of(A), now_ns());
        gi_mem_fail_after(0, 0);
    }
    cr_assert_eq(e, GALE_OK);
    UNTIL(view(A, B).open && view(B, A).open);
    end_all();
}

/* Connections break so often that none lasts: who waits longer and longer for
 * the next one would make this a matter of luck. */
Test(exchange, frames_arrive_once_though_allocations_fail)
{
    gi_exchange_opts a = post_opts(A, 10), b = post_opts(B, 20);

    b.channel.redial_max_ns = 20 * MS;
    post_open(A, &a);
    post_open(B, &b);
    add(A, B);
    add(B, A);
    gi_point_arm(GI_POINT_MEMORY, 0,
                 &(gi_point_plan){ .chance = UINT64_MAX / 25, .seed = 1 });
    for (uint32_t i = 1; i <= 30; i++) {
        offer_frames(A, B);
        offer_frames(B, A);
        UNTIL(post[A].executed == i * FRAMES &&
              post[B].executed == i * FRAMES);
    }
    gi_point_disarm(GI_POINT_MEMORY);
    cr_expect_eq(post[A].taken, 30 * FRAMES);
    cr_expect_eq(post[B].taken, 30 * FRAMES);
    cr_expect_gt(view(B, A).counts.connections, 1, "none has failed");
    end_all();
}
