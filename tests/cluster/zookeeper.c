/* zookeeper.c -- several Nimbuses' sides of a real ensemble of three: who
 * leads, what is kept, and what becomes of both when servers die, sessions end
 * and leaders are killed.  argv[1] is scripts/zookeeper. */
#define THREADED 1 /* of ZooKeeper's client, the calls that wait */

#include "base/mem.h"
#include "zoo_count.h"

/* ----------------------------------------------------------- elections -- */

static void one_leads_and_all_know_who(void)
{
    enum { TRIES = 3 };
    struct crew c;
    int first, second;

    session_ms = PATIENT_MS;
    crew_init(&c, "who", NIMBUSES);
    first = second = until_led(&c, -1);
    for (int i = 0; i < NIMBUSES; i++)
        while (strcmp(gi_leader_zk_url(c.n[i].z), c.n[first].url) != 0)
            turn(&c);
    CHECK(gi_leader_zk_number(c.n[first].z) == 1, "it is the first");

    /* In order: the next does not wait for a session to end, whatever else
     * the machine does at least once in a few times. */
    uint64_t number = 1;
    int64_t took = INT64_MAX;
    for (int k = 0; k < TRIES && took >= PATIENT_MS * 3 / 4; k++) {
        if (c.n[second].z == NULL)
            join(&c, second);
        second = first;
        took = now_ms();
        leave(&c, second);
        first = until_led(&c, second);
        took = now_ms() - took;
        CHECK(gi_leader_zk_number(c.n[first].z) == ++number, "no other led");
    }
    CHECK(took < PATIENT_MS * 3 / 4, "%d ms", (int)took);

    took = INT64_MAX;
    for (int k = 0; k < TRIES && took >= PATIENT_MS * 3 / 4; k++) {
        second = first;
        took = now_ms();
        gi_leader_zk_resign(c.n[second].z);
        first = until_led(&c, second);
        took = now_ms() - took;
    }
    CHECK(took < PATIENT_MS * 3 / 4, "%d ms", (int)took);
    crew_fini(&c);
    session_ms = SESSION_MS;
}

static void a_session_that_ends_ends_the_office(void)
{
    struct crew c;
    int first;
    gi_store old, now;
    gale_diag why = { "" };

    crew_init(&c, "expired", 2);
    first = until_led(&c, -1);
    old = store_of(&c.n[first]);
    CHECK(put(&old, "a", "1", &why) == GALE_OK, "%s", why.text);
    end_session_of(&c.n[first]);
    /* He has not heard of it, but what he writes is refused. */
    CHECK(put(&old, "a", "2", &why) == GALE_EIO, "it was taken");
    CHECK(put(&old, "a", "3", &why) == GALE_EIO, "it was taken");
    old.close(old.self);
    first = until_led(&c, first);
    now = store_of(&c.n[first]);
    CHECK(strcmp(text_of(&now), "a=1;") == 0, "%s", text_of(&now));
    now.close(now.self);
    turns_for(&c, GI_LEADER_RESIGNED_MS + 500); /* he is a candidate again */
    leave(&c, first);
    until_led(&c, first);
    crew_fini(&c);
}

/* ----------------------------------------------------------- the store -- */

static void what_is_put_is_there(void)
{
    enum { BIG = 3 << 20, MIDDLE = 400 << 10 };
    char *big = malloc(BIG);
    gale_diag why = { "" };
    struct crew c;
    gi_store s;

    for (int i = 0; i < BIG; i++)
        big[i] = (char)(i * 2654435761u >> 11);
    crew_init_patient(&c, "store/deeper", 2);
    s = store_of(&c.n[until_led(&c, -1)]);
    CHECK(strcmp(text_of(&s), "") == 0, "%s", text_of(&s));
    gi_store_change batch[] = {
        { "topology/b", "two", 3 },  { "topology/a", "one", 3 },
        { "cluster", "", 0 },        { "not there", NULL, 0 },
        { "aside/1/x", "%2F..", 5 },
    };
    CHECK(s.commit(s.self, batch, 5, &why) == GALE_OK, "%s", why.text);
    CHECK(s.commit(s.self, NULL, 0, &why) == GALE_OK, "%s", why.text);
    gi_store_change more[] = {
        { "topology/b", "2", 1 },  { "topology/a", NULL, 0 },
        { "big", big, BIG },       { "m1", big + 1, MIDDLE },
        { "m2", big + 2, MIDDLE }, { "m3", big + 3, MIDDLE },
    };
    CHECK(s.commit(s.self, more, 6, &why) == GALE_OK, "%s", why.text);
    static const char all[] = "aside/1/x=%2F..;big=<3145728>;cluster=;"
                              "m1=<409600>;m2=<409600>;m3=<409600>;"
                              "topology/b=2;";
    CHECK(strcmp(text_of(&s), all) == 0, "%s", text_of(&s));
    CHECK(put(&s, "", "x", &why) == GALE_EINVAL, "no key");
    CHECK(put(&s, "m1", "small", &why) == GALE_OK, "%s", why.text);
    CHECK(put(&s, "m2", NULL, &why) == GALE_OK, "%s", why.text);
    s.close(s.self);

    /* Another finds the same, to the byte. */
    leave(&c, who_leads(&c));
    s = store_of(&c.n[until_led(&c, -1)]);
    CHECK(strcmp(text_of(&s),
                 "aside/1/x=%2F..;big=<3145728>;cluster=;m1=small;"
                 "m3=<409600>;topology/b=2;") == 0,
          "%s", text_of(&s));
    big[BIG / 2] ^= 1;
    CHECK(put(&s, "last", "1", &why) == GALE_OK, "%s", why.text);
    more[2].bytes = big; /* in pieces again: the old ones are gone */
    CHECK(s.commit(s.self, &more[2], 1, &why) == GALE_OK, "%s", why.text);
    CHECK(strstr(text_of(&s), "big=<3145728>;cluster=;last=1;") != NULL, "%s",
          text_of(&s));
    s.close(s.self);
    crew_fini(&c);
    free(big);
}

static void who_lost_the_office_writes_nothing(void)
{
    struct crew c;
    gi_store s;
    gale_diag why = { "" };
    zhandle_t *zh = by_hand();

    crew_init(&c, "fence", 1);
    until_led(&c, -1);
    s = store_of(&c.n[0]);
    CHECK(put(&s, "a", "1", &why) == GALE_OK, "%s", why.text);
    CHECK(zoo_set(zh, "/test/fence/office", "", 0, -1) == ZOK, "by hand");
    CHECK(put(&s, "a", "2", &why) == GALE_EIO, "it was taken");
    CHECK(strstr(why.text, "another Nimbus leads") != NULL, "%s", why.text);
    s.close(s.self);
    turn(&c);
    CHECK(who_leads(&c) < 0, "it stepped down");
    until_led(&c, -1); /* there is no other */
    s = store_of(&c.n[0]);
    CHECK(strcmp(text_of(&s), "a=1;") == 0, "%s", text_of(&s));

    /* Without a word to write, its next question tells it. */
    CHECK(zoo_set(zh, "/test/fence/office", "", 0, -1) == ZOK, "by hand");
    for (int64_t until = now_ms() + PATIENCE_MS;
         gi_leader_zk_standing(c.n[0].z) == GI_LEADS;) {
        CHECK(now_ms() < until, "it believes that it leads");
        turn(&c);
    }
    s.close(s.self);
    zookeeper_close(zh);
    crew_fini(&c);
}

static void what_others_changed_is_found(void)
{
    static const char state[] = "/test/damage/state/a";
    struct crew c;
    gi_store s;
    struct text t = { .len = 0 };
    gale_diag why = { "" };
    zhandle_t *zh;

    crew_init_patient(&c, "damage", 1);
    until_led(&c, -1);
    zh = c.n[0].z->zh; /* whose server has what was written through it */
    s = store_of(&c.n[0]);
    CHECK(put(&s, "a", "1", &why) == GALE_OK, "%s", why.text);
    CHECK(zoo_set(zh, state, "v2", 2, -1) == ZOK, "by hand");
    CHECK(s.load(s.self, add_pair, &t, &why) == GALE_EFORMAT, "it is as if");
    CHECK(strstr(why.text, "lost or altered") != NULL, "%s", why.text);
    CHECK(zoo_set(zh, state, "?", 1, -1) == ZOK, "by hand");
    CHECK(s.load(s.self, add_pair, &t, &why) == GALE_EFORMAT, "it is as if");
    CHECK(zoo_delete(zh, state, -1) == ZOK, "by hand");
    CHECK(s.load(s.self, add_pair, &t, &why) == GALE_EFORMAT, "it is as if");
    CHECK(t.len == 0, "nothing of it was believed");
    CHECK(zoo_create(zh, state, "v1", 2, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0) ==
              ZOK,
          "by hand");
    CHECK(zoo_create(zh, "/test/damage/pieces/9.9.0", "", 0,
                     &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0) == ZOK,
          "by hand");
    CHECK(strcmp(text_of(&s), "a=1;") == 0, "%s", text_of(&s));
    CHECK(zoo_exists(zh, "/test/damage/pieces/9.9.0", 0, NULL) == ZNONODE,
          "what nobody names is swept");
    s.close(s.self);
    crew_fini(&c);
}

static void without_memory_nothing_is_believed(void)
{
    struct crew c;
    gale_diag why = { "" };
    gi_store s;
    gale_err rv = GALE_ENOMEM;
    struct text t;

    crew_init_patient(&c, "memory", 1);
    until_led(&c, -1);
    s = store_of(&c.n[0]);
    CHECK(put(&s, "a", "1", &why) == GALE_OK, "%s", why.text);
    for (uint64_t n = 0; rv != GALE_OK; n++) {
        CHECK(n < 100, "never");
        t.len = 0;
        gi_mem_fail_after(n, 1);
        rv = s.load(s.self, add_pair, &t, &why);
        gi_mem_fail_after(0, 0);
        CHECK(rv == GALE_OK || rv == GALE_ENOMEM, "%d", (int)rv);
    }
    CHECK(strcmp(t.at, "a=1;") == 0, "%s", t.at);
    s.close(s.self);
    crew_fini(&c);
}

/* ---------------------------------------------------- servers that die -- */

static void a_server_that_dies_costs_no_office(void)
{
    struct crew c;
    gi_store s;
    gale_diag why = { "" };
    char text[16];
    uint64_t number;
    int n = 0, slowest = 0;

    crew_init_patient(&c, "killed", 2);
    s = store_of(&c.n[until_led(&c, -1)]);
    number = gi_leader_zk_number(c.n[who_leads(&c)].z);
    for (int k = 1; k <= 3; k++) {
        /* The last is the one that leads the ensemble. */
        int victim = k < 3 ? k : zoo_leader();
        int64_t until;

        CHECK(zoo_script(NULL, 0, "kill %s %d", zoo.dir, victim) == 0, "kill");
        for (until = now_ms() + 500; now_ms() < until;) {
            int64_t since = now_ms();

            snprintf(text, sizeof(text), "%d", ++n);
            CHECK(put(&s, "n", text, &why) == GALE_OK, "%d: %s", n, why.text);
            if (now_ms() - since > slowest)
                slowest = (int)(now_ms() - since);
            turn(&c);
        }
        CHECK(zoo_script(NULL, 0, "revive %s %d", zoo.dir, victim) == 0,
              "revive");
        turns_for(&c, 100);
    }
    CHECK(until_led(&c, -1) >= 0, "it leads");
    printf("  %d commits, the slowest took %d ms; office %d, then %d\n", n,
           slowest, (int)number,
           (int)gi_leader_zk_number(c.n[who_leads(&c)].z));
    snprintf(text, sizeof(text), "n=%d;", n);
    s.close(s.self);
    s = store_of(&c.n[who_leads(&c)]);
    CHECK(strcmp(text_of(&s), text) == 0, "%s", text_of(&s));
    s.close(s.self);
    crew_fini(&c);
}

/* Servers that hang: connections stay, and say nothing.  Whoever leads may
 * change, but nothing that was kept is lost, and somebody leads in the end. */
static void servers_that_freeze_lose_nothing(void)
{
    struct crew c;
    int n = 0, led = -1, changes = 0;
    gi_store s = { 0 };
    gale_diag why = { "" };
    char text[16];

    crew_init(&c, "frozen", 2);
    for (int k = 1; k <= 3; k++) {
        int victim = k < 3 ? k : zoo_leader(), until_n = n + 100;
        bool thawed = false;

        CHECK(zoo_script(NULL, 0, "freeze %s %d", zoo.dir, victim) == 0, "f");
        for (int64_t since = now_ms(); !thawed || n < until_n; turn(&c)) {
            int who = who_leads(&c);

            CHECK(now_ms() - since < PATIENCE_MS, "nobody writes");
            if (!thawed && now_ms() - since > SESSION_MS * 3 / 2)
                thawed =
                    zoo_script(NULL, 0, "thaw %s %d", zoo.dir, victim) == 0;
            if (who < 0)
                continue;
            if (who != led || s.close == NULL) {
                if (s.close != NULL)
                    s.close(s.self);
                s = store_of(&c.n[who]);
                changes += who != led;
                led = who;
                snprintf(text, sizeof(text), "n=%d;", n);
                CHECK(n == 0 || strcmp(text_of(&s), text) == 0, "%s, not %s",
                      text_of(&s), text);
            }
            snprintf(text, sizeof(text), "%d", n + 1);
            if (put(&s, "n", text, &why) == GALE_OK) {
                n++;
                continue;
            }
            s.close(s.self); /* it may be there, or not */
            s.close = NULL;
            changes += until_led(&c, -1) != led;
            led = who_leads(&c);
            s = store_of(&c.n[led]);
            n = atoi(text_of(&s) + 2);
        }
    }
    printf("  %d commits, %d times another led\n", n, changes - 1);
    if (s.close != NULL)
        s.close(s.self);
    crew_fini(&c);
}

static void without_a_quorum_nobody_leads(void)
{
    struct crew c;
    int64_t since;
    int was;

    crew_init(&c, "quorum", 2);
    was = until_led(&c, -1);
    for (int i = 1; i <= 2; i++)
        CHECK(zoo_script(NULL, 0, "kill %s %d", zoo.dir, i) == 0, "kill");
    since = now_ms();
    for (int64_t at = since; who_leads(&c) >= 0; at = now_ms()) {
        /* Others may lead when a session is over. */
        CHECK(at - since < SESSION_MS, "it believes that it leads");
        turn(&c);
    }
    printf("  doubts after %d ms\n", (int)(now_ms() - since));
    CHECK(gi_leader_zk_url(c.n[was].z)[0] == '\0', "it names itself");
    for (int i = 1; i <= 2; i++)
        CHECK(zoo_script(NULL, 0, "revive %s %d", zoo.dir, i) == 0 || i == 1,
              "revive");
    since = now_ms();
    until_led(&c, -1);
    printf("  leads again after %d ms\n", (int)(now_ms() - since));
    crew_fini(&c);
}

/* ---------------------------------------------------- leaders that die -- */

static void leaders_killed_and_frozen(void)
{
    static struct heard heard;
    int fds[2], leader, worst = 0;
    pid_t pid[NIMBUSES];

    CHECK(pipe(fds) == 0, "no pipe");
    for (int i = 0; i < NIMBUSES; i++)
        pid[i] = start_counting("/test/count", i, fds);
    for (int round = 0; round < 2; round++) {
        bool freeze = round % 2 == 1;
        int64_t since;
        int next;

        leader = hear(fds[0], &heard);
        for (int i = 0; i < 200; i++)
            leader = hear(fds[0], &heard);
        kill(pid[leader], freeze ? SIGSTOP : SIGKILL);
        /* It takes a moment, in which he may go on. */
        CHECK(waitpid(pid[leader], NULL, WUNTRACED) == pid[leader],
              "he lives");
        since = now_ms();
        hear_all(fds[0], &heard); /* what he said before */
        next = hear(fds[0], &heard);
        CHECK(next != leader, "he is dead");
        if (now_ms() - since > worst)
            worst = (int)(now_ms() - since);
        if (freeze) {
            /* He wakes up as a leader, and writes at once. */
            kill(pid[leader], SIGCONT);
        } else {
            pid[leader] = start_counting("/test/count", leader, fds);
        }
    }
    printf("  %d counted; the next led after %d ms at the latest, sessions "
           "last %d ms\n",
           heard.last, worst, SESSION_MS);
    CHECK(worst < SESSION_MS + 4 * TICK_MS + 8000, "%d ms", worst);
    stop_all(pid);
    hear_all(fds[0], &heard);
    close(fds[0]);
    close(fds[1]);
    check_count("count", heard.last);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        { "one_leads_and_all_know_who", one_leads_and_all_know_who },
        { "what_is_put_is_there", what_is_put_is_there },
        { "who_lost_the_office_writes_nothing",
          who_lost_the_office_writes_nothing },
        { "what_others_changed_is_found", what_others_changed_is_found },
        { "without_memory_nothing_is_believed",
          without_memory_nothing_is_believed },
        { "a_session_that_ends_ends_the_office",
          a_session_that_ends_ends_the_office },
        { "leaders_killed_and_frozen", leaders_killed_and_frozen },
        { "a_server_that_dies_costs_no_office",
          a_server_that_dies_costs_no_office },
        { "without_a_quorum_nobody_leads", without_a_quorum_nobody_leads },
        { "servers_that_freeze_lose_nothing",
          servers_that_freeze_lose_nothing },
    };

    /* The last takes its time: only if it is asked for by name. */
    const size_t n_usual = sizeof(tests) / sizeof(tests[0]) - 1;

    CHECK(argc > 1, "usage: cluster_zookeeper scripts/zookeeper [TEST...]");
    signal(SIGPIPE, SIG_IGN);
    zoo_start(argv[1]);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        int64_t since = now_ms();
        bool chosen = argc == 2 && i < n_usual;

        for (int k = 2; k < argc; k++)
            chosen = chosen || strcmp(argv[k], tests[i].name) == 0;
        if (!chosen)
            continue;
        tests[i].run();
        printf("%s: %d ms\n", tests[i].name, (int)(now_ms() - since));
        fflush(stdout);
    }
    zoo_stop();
    return 0;
}
