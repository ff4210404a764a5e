/* What the store in Redis says and does when things are not as they should
 * be. */
#define _GNU_SOURCE /* nftw */
#include "house_map.h"

#include <sys/stat.h>

#include "connectors/redis/link.h"

static void setup(void)
{
    house_make_in(true);
}

TestSuite(redis, .init = setup, .fini = house_remove, .timeout = 60);

static gale_err try_open(gale_map **m, uint32_t index, uint32_t count,
                         gale_diag *why)
{
    gale_store_where w = house_where(index, count);

    return gale_map_open(m, &gale_store_redis, &w, GALE_STATE_OPAQUE, why);
}

static gale_map *open_it(uint32_t index, uint32_t count)
{
    return open_part(&gale_store_redis, GALE_STATE_OPAQUE, index, count);
}

static void tell(const char *line, const char *answer)
{
    char got[256];

    server_ask(line, got, sizeof(got));
    cr_assert_eq(strncmp(got, answer, strlen(answer)), 0, "%s: %s", line, got);
}

static void has(const gale_diag *why, const char *words)
{
    cr_expect(strstr(why->text, words) != NULL, "no '%s' in '%s'", words,
              why->text);
}

/* ------------------------------------------------------ owners -- */

Test(redis, who_lost_a_part_can_write_nothing_to_it)
{
    gale_map *old = open_it(0, 1), *now;
    gale_diag why = { "" };

    begin(old, 1, 0);
    house_plus(old, "word", 1);
    commit(old);
    begin(old, 2, 0);
    house_plus(old, "word", 10);
    now = open_it(0, 1);
    cr_expect_eq(gale_map_commit(old, &why), GALE_EIO);
    has(&why, "somebody else has opened this part of state 'counts' since");
    begin(now, 2, 1);
    cr_expect_eq(house_plus(now, "word", 5), 6);
    commit(now);
    cr_expect_eq(gale_map_begin(old, 3, 0, &why), GALE_EIO);
    gale_map_close(old);
    gale_map_close(now);
}

Test(redis, so_it_is_with_another_number_of_parts)
{
    gale_map *all = open_it(0, 1), *some[3];
    int64_t n = 0;

    begin(all, 1, 0);
    for (int i = 0; i < 300; i++) {
        char word[16];

        snprintf(word, sizeof(word), "w%d", i);
        house_plus(all, word, i + 1);
    }
    commit(all);
    for (uint32_t p = 0; p < 3; p++)
        some[p] = open_it(p, 3);
    begin(all, 2, 0);
    house_plus(all, "w0", 1);
    cr_expect_eq(gale_map_commit(all, NULL), GALE_EIO);
    for (int i = 0; i < 300; i++) {
        char word[16];
        gale_value v;

        snprintf(word, sizeof(word), "w%d", i);
        v = gale_val_cstr(word);
        n +=
            house_get(some[gale_state_part(gale_state_group(&v, 1), 3)], word);
    }
    cr_expect_eq(n, 300 * 301 / 2);
    for (uint32_t p = 0; p < 3; p++)
        gale_map_close(some[p]);
    gale_map_close(all);
}

/* ------------------------------------------------------ refuses -- */

Test(redis, without_memory_nothing_of_a_batch_happens)
{
    gale_map *m = open_it(0, 1);
    gale_diag why = { "" };

    begin(m, 1, 0);
    house_plus(m, "a", 1);
    house_plus(m, "b", 1);
    commit(m);
    tell("CONFIG SET maxmemory 1\r\n", "+OK");
    begin(m, 2, 0);
    house_plus(m, "a", 10);
    house_put(m, "b", 0);
    cr_expect_eq(gale_map_commit(m, &why), GALE_EIO);
    has(&why, "OOM command not allowed");
    has(&why, "redis.sock: ");
    gale_map_close(m);
    tell("CONFIG SET maxmemory 0\r\n", "+OK");
    m = open_it(0, 1);
    cr_expect_eq(house_get(m, "a"), 1);
    cr_expect_eq(house_get(m, "b"), 1);
    cr_expect_eq(gale_map_txid(m), 1);
    begin(m, 2, 1);
    house_plus(m, "a", 10);
    commit(m);
    cr_expect_eq(house_get(m, "a"), 11);
    gale_map_close(m);
}

Test(redis, a_key_of_another_type_is_named)
{
    gale_value word = gale_val_cstr("word");
    uint32_t group = gale_state_group(&word, 1);
    gale_map *m = open_it(0, 1), *other = NULL;
    gale_diag why = { "" };
    char line[128], key[64];

    snprintf(key, sizeof(key), "gale:{words/counts}:%u", group);
    snprintf(line, sizeof(line), "SET %s x\r\n", key);
    begin(m, 1, 0);
    house_put(m, "word", 1);
    house_put(m, "else", 1);
    tell(line, "+OK");
    cr_expect_eq(gale_map_commit(m, &why), GALE_EFORMAT);
    has(&why, key);
    has(&why, "is no hash");
    gale_map_close(m);
    cr_expect_eq(try_open(&other, 0, 1, &why), GALE_EFORMAT);
    has(&why, key);
    snprintf(line, sizeof(line), "DEL %s\r\n", key);
    tell(line, ":1");
    m = open_it(0, 1);
    cr_expect_eq(house_get(m, "else"), 0, "nothing of that batch is there");
    gale_map_close(m);
}

Test(redis, a_state_of_another_version_is_left_alone)
{
    gale_map *m = NULL;
    gale_diag why = { "" };

    tell("HSET gale:{words/counts} version 2\r\n", ":1");
    cr_expect_eq(try_open(&m, 0, 1, &why), GALE_EFORMAT);
    has(&why, "another version");
}

Test(redis, passwords)
{
    gale_store_where w = house_where(0, 1);
    gale_map *m = NULL;
    gale_diag why = { "" };
    gi_redis_opts o;

    tell("CONFIG SET requirepass secret\r\n", "+OK");
    cr_expect_eq(try_open(&m, 0, 1, &why), GALE_EINVAL);
    has(&why, "NOAUTH");
    cr_assert_eq(gi_redis_opts_read(&o, &w, &why), GALE_OK);
    o.password = strdup("wrong");
    gi_redis_link l;
    cr_expect_eq(gi_redis_connect(&l, &o, &why), GALE_EINVAL);
    has(&why, "WRONGPASS");
    cr_expect(strstr(why.text, "secret") == NULL);
    memcpy(o.password, "secre", 6);
    gi_redis_opts_fini(&o);
}

/* The rights that docs/security.md names are all that is needed. */
Test(redis, a_user_of_its_own_with_a_password_in_a_file)
{
    static char path[128];
    FILE *f;
    gale_map *m = NULL;
    gale_diag why = { "" };

    tell("ACL SETUSER gale on >secret ~gale:* +hget +hmget +hset +hdel "
         "+hincrby +hscan +type +watch +multi +exec +select\r\n",
         "+OK");
    snprintf(path, sizeof(path), "%.80s/password", house_dir);
    f = fopen(path, "w");
    cr_assert_not_null(f);
    fputs("secret\nwhat else is in it\n", f);
    fclose(f);
    house_user = "gale";
    house_password_file = path;
    chmod(path, 0644);
    cr_expect_eq(try_open(&m, 0, 1, &why), GALE_EINVAL);
    has(&why, "others may read it");
    chmod(path, 0600);
    m = open_it(0, 1);
    begin(m, 1, 0);
    house_put(m, "word", 1);
    house_put(m, "none", 0);
    commit(m);
    begin(m, 1, 1);
    house_put(m, "word", 0);
    commit(m);
    cr_expect_eq(house_get(m, "word"), 0);
    gale_map_close(m);
    unlink(path);
    cr_expect_eq(try_open(&m, 0, 1, &why), GALE_EIO);
    has(&why, "password.file: ");
}

/* ------------------------------------------------------ away -- */

Test(redis, what_it_does_not_answer_fails_in_time_and_goes_on_later)
{
    gale_map *m;
    gale_value key = gale_val_cstr("word");
    gale_row row = { &key, 1 }, got;
    gale_diag why = { "" };

    house_timeout_ms = 10000; /* so long may a machine stand still */
    m = open_it(0, 1);
    begin(m, 1, 0);
    house_plus(m, "word", 3);
    commit(m);
    kill(server.pid, SIGSTOP); /* until all its threads have, it may answer */
    cr_assert_eq(waitpid(server.pid, NULL, WUNTRACED), server.pid);
    cr_expect_eq(gale_map_get(m, &row, 1, &got, &why), GALE_EIO);
    has(&why, "it does not answer");
    kill(server.pid, SIGCONT);
    while (!server_serves())
        server_nap();
    cr_expect_eq(house_get(m, "word"), 3);
    begin(m, 2, 0); /* and it still may write */
    cr_expect_eq(house_plus(m, "word", 1), 4);
    commit(m);
    gale_map_close(m);
}

Test(redis, while_it_is_away_that_is_said_and_then_it_goes_on)
{
    gale_map *m = open_it(0, 1), *other = NULL;
    gale_diag why = { "" };

    begin(m, 1, 0);
    house_plus(m, "word", 3);
    commit(m);
    server_kill();
    begin(m, 2, 0);
    cr_expect_eq(house_plus(m, "word", 1), -1);
    gale_map_abandon(m);
    cr_expect_eq(try_open(&other, 0, 1, &why), GALE_EIO);
    has(&why, "redis.sock: Connection refused");
    server_start(house_dir);
    cr_expect_eq(house_get(m, "word"), 3);
    begin(m, 2, 1);
    cr_expect_eq(house_plus(m, "word", 1), 4);
    commit(m);
    gale_map_close(m);
}

Test(redis, one_that_forgot_all_of_it_is_not_written_to)
{
    gale_map *m = open_it(0, 1);
    gale_diag why = { "" };

    begin(m, 1, 0);
    house_plus(m, "word", 3);
    commit(m);
    tell("FLUSHALL\r\n", "+OK");
    begin(m, 2, 0);
    house_put(m, "word", 1);
    cr_expect_eq(gale_map_commit(m, &why), GALE_EIO);
    has(&why, "or Redis has lost it");
    gale_map_close(m);
}

/* ------------------------------------------------------ answers -- */

/* Somebody who answers to whatever it is told with this, so many times. */
static pid_t answer_with(const char *text, int times)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    pid_t pid;

    snprintf(server.path, sizeof(server.path), "%.80s/strange", house_dir);
    snprintf(a.sun_path, sizeof(a.sun_path), "%s", server.path);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
    cr_assert_eq(listen(fd, 4), 0);
    pid = fork();
    if (pid == 0) {
        char room[4096];
        int client = accept(fd, NULL, NULL);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (recv(client, room, sizeof(room), 0) > 0)
            for (int i = 0; i < times; i++)
                if (send(client, text, strlen(text), MSG_NOSIGNAL) < 0)
                    break;
        while (recv(client, room, sizeof(room), 0) > 0)
            ;
        _exit(0);
    }
    close(fd);
    return pid;
}

static void strange(const char *text, int times, gale_err error,
                    const char *words)
{
    pid_t pid = answer_with(text, times);
    gale_map *m = NULL;
    gale_diag why = { "" };

    cr_expect_eq(try_open(&m, 0, 1, &why), error);
    has(&why, words);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    unlink(server.path);
}

Test(redis, answers_that_make_no_sense_are_refused)
{
    gi_redis_answer_most = 1 << 20;
    strange("HTTP/1.1 400 Bad Request\r\n", 1, GALE_EIO,
            "it does not answer as Redis does");
    strange("$900000000\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 60000,
            GALE_EIO, "it answers with too much");
    strange("*2\r\n:1\r\n:2\r\n", 1, GALE_EFORMAT, "another version");
    strange("-LOADING Redis is loading the dataset in memory\r\n", 1, GALE_EIO,
            "LOADING");
}

/* ------------------------------------------------------ readers -- */

static gale_err add(void *arg, gale_row key, gale_row value)
{
    (void)key;
    *(int64_t *)arg += value.values[0].as.i;
    return GALE_OK;
}

Test(redis, a_reader_disturbs_nobody)
{
    gale_store_where w = house_where(1, 4);
    gale_map *m, *reader = NULL;
    gale_diag why = { "" };
    int64_t sum = 0;

    w.read_only = true;
    cr_expect_eq(
        gale_map_open(&reader, &gale_store_redis, &w, GALE_STATE_OPAQUE, &why),
        GALE_ENOTFOUND);
    has(&why, "there is no state 'counts'");
    m = open_it(0, 1);
    begin(m, 1, 0);
    for (int i = 0; i < 2000; i++) {
        char word[16];

        snprintf(word, sizeof(word), "w%d", i);
        house_plus(m, word, 1);
    }
    commit(m);
    w.index = 0;
    w.count = 1;
    cr_assert_eq(
        gale_map_open(&reader, &gale_store_redis, &w, GALE_STATE_OPAQUE, &why),
        GALE_OK, "%s", why.text);
    cr_expect_eq(gale_map_scan(reader, add, &sum, &why), GALE_OK, "%s",
                 why.text);
    cr_expect_eq(sum, 2000);
    begin(m, 2, 0);
    cr_expect_eq(house_plus(m, "w5", 1), 2);
    commit(m);
    cr_expect_eq(house_get(reader, "w5"), 2);
    begin(reader, 3, 0);
    house_plus(reader, "w5", 1);
    cr_expect_eq(gale_map_commit(reader, &why), GALE_EINVAL);
    gale_map_close(reader);
    gale_map_close(m);
}

/* ------------------------------------------------------ addresses -- */

static void address(const char *text, const char *host, const char *port,
                    const char *path)
{
    gi_redis_opts o = { .name = NULL };

    cr_assert(gi_redis_opts_address(&o, text), "%s", text);
    if (path != NULL) {
        cr_expect_str_eq(o.path, path);
    } else {
        cr_expect_str_eq(o.host, host);
        cr_expect_str_eq(o.port, port);
    }
    gi_redis_opts_fini(&o);
}

Test(redis, addresses)
{
    static const char *const wrong[] = { "",     ":6379", "a:b",     "a:",
                                         "[::1", "[]:1",  "a:123456" };

    address("a.b", "a.b", "6379", NULL);
    address("a.b:1", "a.b", "1", NULL);
    address("[::1]:17", "::1", "17", NULL);
    address("[::1]", "::1", "6379", NULL);
    address("::1", "::1", "6379", NULL);
    address("/run/redis.sock", NULL, NULL, "/run/redis.sock");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        gi_redis_opts o = { .name = NULL };

        cr_expect(!gi_redis_opts_address(&o, wrong[i]), "%s", wrong[i]);
        gi_redis_opts_fini(&o);
    }
}
