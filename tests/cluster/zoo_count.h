/* zoo_count.h -- Nimbuses' sides as processes that can be killed: whoever
 * leads counts in the store, and says what was kept. */
#ifndef TESTS_CLUSTER_ZOO_COUNT_H
#define TESTS_CLUSTER_ZOO_COUNT_H

#include "zoo.h"

/* Leads when it can, and then counts: "n" is the last, "k<n>" who wrote it.
 * Each that is kept is told. */
static inline void count_for_ever(const char *root, int me, int tell)
{
    struct crew c = { .wake = eventfd(0, EFD_NONBLOCK) };
    gi_store s = { 0 };
    struct text t;
    gale_diag why;
    int n = 0;

    snprintf(c.root, sizeof(c.root), "%s", root);
    join(&c, me);
    for (;;) {
        char key[16], text[16];

        if (c.n[me].stands == GI_LEADS)
            c.n[me].stands = gi_leader_zk_turn(c.n[me].z);
        else
            turn(&c);
        if (c.n[me].stands == GI_STANDS_BY && s.close != NULL) {
            s.close(s.self);
            s.close = NULL;
        }
        if (c.n[me].stands != GI_LEADS)
            continue;
        if (s.close == NULL) {
            s = store_of(&c.n[me]);
            t.len = 0;
            if (s.load(s.self, add_pair, &t, &why) != GALE_OK) {
                talk(NULL, true, why.text);
                gi_leader_zk_resign(c.n[me].z);
                continue;
            }
            n = t.len == 0 ? 0 : atoi(strstr(t.at, "n=") + 2);
        }
        snprintf(key, sizeof(key), "k%d", (n + 1) % 64);
        snprintf(text, sizeof(text), "%d", n + 1);
        gi_store_change batch[] = { { key, text, strlen(text) },
                                    { "n", text, strlen(text) } };
        if (s.commit(s.self, batch, 2, &why) != GALE_OK) {
            talk(NULL, true, why.text);
            continue;
        }
        n++;
        struct told {
            int who, n;
        } told = { me, n };
        if (write(tell, &told, sizeof(told)) != sizeof(told))
            _exit(1);
    }
}

static inline pid_t start_counting(const char *root, int me, int fds[2])
{
    pid_t pid = fork();

    if (pid == 0) {
        close(fds[0]);
        count_for_ever(root, me, fds[1]);
        _exit(0);
    }
    return pid;
}

/* What was said to be kept. */
struct heard {
    int last;         /* the greatest of them */
    int of[NIMBUSES]; /* the last that each of them said */
    bool kept[1 << 18];
};

/* The next number that somebody says was kept; each once, and each who says
 * it in order.  Who is stopped when his was kept, and has not said so, may say
 * it when others have gone on. */
static inline int hear(int fd, struct heard *h)
{
    struct told {
        int who, n;
    } told;
    struct pollfd p = { .fd = fd, .events = POLLIN };

    CHECK(poll(&p, 1, PATIENCE_MS) == 1, "nobody counts any more");
    CHECK(read(fd, &told, sizeof(told)) == sizeof(told), "half a word");
    CHECK((size_t)told.n < sizeof(h->kept), "so many as %d", told.n);
    CHECK(!h->kept[told.n], "%d was kept twice", told.n);
    CHECK(told.n > h->of[told.who], "%d came after %d", told.n,
          h->of[told.who]);
    h->kept[told.n] = true;
    h->of[told.who] = told.n;
    if (told.n > h->last)
        h->last = told.n;
    return told.who;
}

/* All that was said up to now. */
static inline void hear_all(int fd, struct heard *h)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    while (poll(&p, 1, 0) == 1)
        hear(fd, h);
}

static inline void stop_all(pid_t pid[NIMBUSES])
{
    for (int i = 0; i < NIMBUSES; i++) {
        kill(pid[i], SIGKILL);
        waitpid(pid[i], NULL, 0);
    }
}

/* What was said to be kept is; and nothing was kept twice. */
static inline void check_count(const char *root, int last)
{
    char text[32];
    const char *all;
    struct crew c;
    gi_store s;

    crew_init(&c, root, 1);
    until_led(&c, -1);
    s = store_of(&c.n[0]);
    all = strstr(text_of(&s), "n=");
    CHECK(all != NULL, "nothing is there");
    CHECK(atoi(all + 2) >= last && atoi(all + 2) <= last + 1,
          "%d is there, %d was told", atoi(all + 2), last);
    snprintf(text, sizeof(text), "k%d=%d;", last % 64, last);
    CHECK(strstr(text_of(&s), text) != NULL, "%s", text);
    s.close(s.self);
    crew_fini(&c);
}

#endif
