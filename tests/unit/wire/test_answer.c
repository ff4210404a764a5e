#include <criterion/criterion.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/wire/port.h"
#include "wire/req.h"

static gi_msg_nothing nothing;

static gi_asker *asker_with(const char *url, const gi_secrets *s)
{
    gi_asker_opts o = { .urls = &url, .n_urls = 1, .secrets = s };
    gi_asker *a = NULL;
    gale_diag why;

    cr_assert_eq(gi_asker_create(&a, &o, &why), GALE_OK, "%s", why.text);
    return a;
}

/* Any bytes as a request; what the reply's head says. */
static gi_msg_reply_head says(const char *url, const void *p, size_t len,
                              gi_pool *pool)
{
    gi_msg_reply_head head = { .why = "" };
    gi_strbuf reply = { 0 };
    gale_diag why = { "" };
    gi_req *r;
    size_t n;
    int64_t due = gi_clock_ns() + 30000000000;

    cr_assert_eq(gi_req_create(&r), GALE_OK);
    cr_assert_eq(gi_req_open(r, url, NULL, due), 0);
    cr_assert_eq(gi_req_ask(r, p, len, GI_MSG_MOST, &reply, due), 0);
    cr_assert_eq(gi_msg_read(GI_M_reply_head, reply.at, reply.len, pool, &head,
                             &n, &why),
                 GALE_OK, "%s", why.text);
    gi_strbuf_fini(&reply);
    gi_req_destroy(r);
    return head;
}

static gi_msg_reply_head says_head(const char *url, uint64_t protocol,
                                   uint64_t verb, gi_pool *pool)
{
    gi_msg_head head = { .protocol = protocol, .verb = verb };
    gi_strbuf out = { 0 };

    gi_msg_write(&out, GI_M_head, &head);
    gi_msg_write(&out, GI_M_nothing, &nothing);
    gi_msg_reply_head h = says(url, out.at, out.len, pool);
    gi_strbuf_fini(&out);
    return h;
}

Test(answer, what_is_no_request_is_refused_in_words)
{
    static char large[GI_MSG_MOST + 1];
    struct port p;
    gi_pool pool = { 0 };
    gi_msg_reply_head h;
    gi_strbuf out = { 0 };

    cr_assert_eq(port_open(&p, 0, port_echo, NULL), GALE_OK);
    h = says(p.url, "nonsense", 8, &pool);
    cr_assert_eq(h.error, GALE_EFORMAT);
    cr_assert_str_eq(h.why, "head: not a message");
    h = says(p.url, "", 0, &pool);
    cr_assert_eq(h.error, GALE_EFORMAT);
    h = says(p.url, large, sizeof(large), &pool);
    cr_assert_eq(h.error, GALE_ELIMIT);
    cr_assert_not_null(strstr(h.why, "4194305 bytes"), "%s", h.why);
    h = says_head(p.url, 2, GI_ASK_INFO, &pool);
    cr_assert_eq(h.error, GALE_EINVAL);
    cr_assert_not_null(strstr(h.why, "protocol 2"), "%s", h.why);
    h = says_head(p.url, 1, 1000, &pool);
    cr_assert_eq(h.error, GALE_ENOTFOUND);
    cr_assert_not_null(strstr(h.why, "verb 1000"), "%s", h.why);
    h = says_head(p.url, 1, 0, &pool);
    cr_assert_eq(h.error, GALE_ENOTFOUND);

    gi_msg_write(&out, GI_M_head,
                 &(gi_msg_head){ .protocol = 1, .verb = GI_ASK_KILL });
    gi_strbuf_add(&out, "\x81\xa4name\x05", 7);
    h = says(p.url, out.at, out.len, &pool);
    cr_assert_eq(h.error, GALE_EFORMAT);
    cr_assert_str_eq(h.why, "kill.name: not a text");
    cr_assert_eq(port_taken(&p), 0);

    cr_assert_eq(says_head(p.url, 1, GI_ASK_INFO, &pool).error, GALE_OK);
    gi_strbuf_fini(&out);
    gi_pool_fini(&pool);
    port_close(&p);
}

/* ------------------------------------------------------------- secrets -- */

static char dir[64];

static const char *secret_file(const char *name, const char *text)
{
    static char path[2][128];
    static int which;
    char *at = path[which++ % 2];

    snprintf(at, sizeof(path[0]), "%s/%s", dir, name);
    FILE *f = fopen(at, "w");
    cr_assert_not_null(f);
    fputs(text, f);
    fclose(f);
    cr_assert_eq(chmod(at, 0600), 0);
    return at;
}

static gi_secrets *secrets(const char *token, const char *secret)
{
    gi_secrets_opts o = { .ca_file = NULL };
    gi_secrets *s = NULL;
    gale_diag why;

    if (token != NULL)
        o.token_file = secret_file("token", token);
    if (secret != NULL)
        o.secret_file = secret_file("secret", secret);
    cr_assert_eq(gi_secrets_load(&s, &o, &why), GALE_OK, "%s", why.text);
    return s;
}

Test(answer, who_may_is_who_shows_what_is_asked_for)
{
    static const char *const token[] = { NULL, "token-of-the-cluster",
                                         "another-token-altogether" };
    static const char *const secret[] = { NULL, "secret-of-the-cluster",
                                          "another-secret-altogether" };
    gi_msg_blob_get blob = { .hash = "x" };
    gi_pool pool = { 0 };
    gale_diag why;
    union {
        gi_msg_info info;
        gi_msg_blob_piece piece;
    } reply;

    strcpy(dir, "/tmp/test_answer_XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    for (int theirs = 0; theirs < 4; theirs++) {
        gi_secrets *s = secrets(token[theirs & 1], secret[theirs >> 1]);
        gi_answerer_opts o = { .secrets = s };
        struct port p;

        cr_assert_eq(port_open(&p, 0, port_echo, &o), GALE_OK);
        for (int ours = 0; ours < 9; ours++) {
            gi_secrets *mine = secrets(token[ours % 3], secret[ours / 3]);
            gi_asker *a = asker_with(p.url, mine);
            bool has_token = (theirs & 1) == 0 || ours % 3 == 1;
            bool has_secret = (theirs & 2) != 0 && ours / 3 == 1;
            bool node = (theirs & 2) != 0 ? has_secret : has_token;

            gale_err e =
                gi_ask(a, GI_ASK_INFO, &nothing, 20000, &pool, &reply, &why);
            cr_assert_eq(e, has_token || has_secret ? GALE_OK : GALE_EINVAL);
            cr_assert(e == GALE_OK || strstr(why.text, "token") != NULL);
            e = gi_ask(a, GI_ASK_BLOB_GET, &blob, 20000, &pool, &reply, &why);
            cr_assert_eq(e, node ? GALE_OK : GALE_EINVAL);
            gi_asker_destroy(a);
            gi_secrets_destroy(mine);
        }
        port_close(&p);
        gi_secrets_destroy(s);
    }
    gi_pool_fini(&pool);
    unlink(secret_file("token", ""));
    unlink(secret_file("secret", ""));
    rmdir(dir);
}

Test(answer, other_machines_are_let_in_by_tls_or_by_name_only)
{
    static const char *const elsewhere[] = {
        "tcp://0.0.0.0:0", "tcp://127.0.0.1.example:0",
        "tcp://[::]:0",    "tcp://192.168.1.1:0",
        "tcp://:0",        "tcp://*:0",
        "tcp://10.0.0.1",
    };
    gi_answerer *a;
    gale_diag why;

    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        gi_answerer_opts o = { .url = elsewhere[i] };

        cr_assert_eq(gi_answerer_create(&a, &o, &why), GALE_EINVAL, "%s",
                     elsewhere[i]);
        cr_assert_not_null(strstr(why.text, "gale.tls.ca.file"), "%s",
                           why.text);
    }

    gi_answerer_opts o = { .url = elsewhere[0], .open = true };
    cr_assert_eq(gi_answerer_create(&a, &o, &why), GALE_OK, "%s", why.text);
    gi_answerer_destroy(a);
}

Test(answer, a_port_that_is_taken_is_named)
{
    gi_answerer *b;
    struct port p;
    gale_diag why;

    cr_assert_eq(port_open(&p, 0, NULL, NULL), GALE_OK);
    cr_assert_eq(
        gi_answerer_create(&b, &(gi_answerer_opts){ .url = p.url }, &why),
        GALE_EIO);
    cr_assert_not_null(strstr(why.text, p.url), "%s", why.text);
    cr_assert_not_null(strstr(why.text, "Address in use"), "%s", why.text);
    cr_assert_eq(
        gi_answerer_create(
            &b, &(gi_answerer_opts){ .url = "tcp://127.0.0.1:x" }, &why),
        GALE_EINVAL);
    port_close(&p);
}

/* ------------------------------------------------------------- waiting -- */

static void ignore(void *arg)
{
    (void)arg;
}

Test(answer, replies_go_in_any_order_and_too_many_questions_are_refused)
{
    enum { N = 8 };
    gi_answerer_opts o = { .most_waiting = N };
    gi_asked_for *q[N];
    gi_asker *a[N];
    struct port p;
    gale_diag why;
    gi_pool pool = { 0 };
    char name[N][16];

    cr_assert_eq(port_open(&p, 0, NULL, &o), GALE_OK);
    for (int i = 0; i < N; i++) {
        gi_msg_named named = { .name = name[i] };
        int64_t began = port_now_ms();

        snprintf(name[i], sizeof(name[i]), "t%d", i);
        a[i] = asker_with(p.url, NULL);
        cr_assert_eq(
            gi_ask_begin(a[i], GI_ASK_LOOK, &named, 20000, ignore, NULL),
            GALE_OK);
        while ((q[i] = gi_answerer_take(p.a)) == NULL)
            cr_assert_lt(port_now_ms() - began, 20000);
    }
    gi_asker *late = asker_with(p.url, NULL);
    cr_assert_eq(port_look(late, "late", 20000, &why), GALE_ELIMIT);
    cr_assert_not_null(strstr(why.text, "too many"), "%s", why.text);
    gi_asker_destroy(late);

    for (int i = N - 1; i >= 0; i--) {
        gi_msg_topology_look look;

        port_echo(&p, q[i]);
        cr_assert_eq(gi_asked(a[i], &pool, &look, &why), GALE_OK, "%s",
                     why.text);
        cr_assert_str_eq(look.row[0].name, name[i]);
        gi_asker_destroy(a[i]);
    }
    port_close(&p);
    gi_pool_fini(&pool);
}

Test(answer, what_nobody_took_is_forgotten_with_who_asked_it)
{
    gi_answerer_opts o = { .most_waiting = 1 };
    gi_msg_named named = { .name = "x" };
    struct port p;
    gale_diag why;
    int64_t began = port_now_ms();

    cr_assert_eq(port_open(&p, 0, NULL, &o), GALE_OK);
    for (int i = 0; i < 20; i++) {
        gi_asker *a = asker_with(p.url, NULL);

        cr_assert_eq(gi_ask_begin(a, GI_ASK_LOOK, &named, 20000, ignore, NULL),
                     GALE_OK);
        pthread_mutex_lock(&p.mtx);
        while (!p.woken)
            pthread_cond_wait(&p.cv, &p.mtx);
        p.woken = false;
        pthread_mutex_unlock(&p.mtx);
        gi_asker_destroy(a);
        /* until there is room for the next one */
        a = asker_with(p.url, NULL);
        while (port_look(a, "y", 20, &why) == GALE_ELIMIT)
            cr_assert_lt(port_now_ms() - began, 60000);
        gi_asker_destroy(a);
        pthread_mutex_lock(&p.mtx);
        p.woken = false;
        pthread_mutex_unlock(&p.mtx);
        gi_asked_for *q;
        while ((q = gi_answerer_take(p.a)) != NULL)
            gi_answer(p.a, q, GALE_OK, &(gi_msg_topology_look){ .n_row = 0 },
                      NULL, NULL);
    }
    port_close(&p);
}

static void answers_much(struct port *p, gi_asked_for *q)
{
    static char bytes[GI_MSG_MOST];
    const gi_msg_blob_get *get = q->request;
    gi_msg_blob_piece piece = { .bytes = { bytes, (uint32_t)get->most } };

    gi_answer(p->a, q, GALE_OK, &piece, NULL, NULL);
}

Test(answer, what_is_too_large_is_refused_either_way)
{
    static char bytes[GI_MSG_MOST];
    gi_msg_blob_get get = { .hash = "", .most = GI_MSG_MOST - 100 };
    gi_msg_blob_put put = { .bytes = { bytes, GI_MSG_MOST } };
    gi_msg_blob_piece piece;
    gi_msg_blob_size size;
    gi_pool pool = { 0 };
    struct port p;
    gale_diag why;

    cr_assert_eq(port_open(&p, 0, answers_much, NULL), GALE_OK);
    gi_asker *a = asker_with(p.url, NULL);
    cr_assert_eq(gi_ask(a, GI_ASK_BLOB_GET, &get, 30000, &pool, &piece, &why),
                 GALE_OK, "%s", why.text);
    cr_assert_eq(piece.bytes.n, get.most);
    get.most = GI_MSG_MOST;
    cr_assert_eq(gi_ask(a, GI_ASK_BLOB_GET, &get, 30000, &pool, &piece, &why),
                 GALE_ELIMIT);
    cr_assert_not_null(strstr(why.text, "reply would be larger"));
    cr_assert_eq(gi_ask(a, GI_ASK_BLOB_PUT, &put, 30000, &pool, &size, &why),
                 GALE_ELIMIT);
    gi_asker_destroy(a);
    port_close(&p);
    gi_pool_fini(&pool);
}
