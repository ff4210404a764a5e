#include "drpc/servers.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "drpc/place.h"
#include "drpc/servers_inside.h"
#include "wire/pass.h"

enum {
    PORT = 3773,
    MOST = 32,       /* requests that wait here */
    ASK_MS = 10000,  /* of which the server keeps it for a second or two */
    AGAIN_MS = 1000, /* after it was refused */
    LOG_MS = 30000,  /* what is wrong is said so often */
};

/* All of this process: a task that was killed has closed nothing. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static gi_servers *all;

/* ------------------------------------------------------------- settings -- */

/* A port that stands there is that for who asks: workers have another. */
static void set_port(char url[GI_PLACE_URL], uint16_t port)
{
    char *colon = strrchr(url, ':');
    size_t at = colon[1] == '/' ? strlen(url) : (size_t)(colon - url);

    snprintf(url + at, GI_PLACE_URL - at, ":%u", port);
}

static bool add_server(gi_servers *s, const char *word, size_t len,
                       uint16_t port, bool tls)
{
    gi_server *v = &s->servers[s->n];

    if (s->n >= GI_SERVERS_MOST || !gi_place_url(v->url, word, len, port, tls))
        return false;
    set_port(v->url, port);
    v->of = s;
    s->n++;
    return true;
}

/* A list, or words with commas between. */
static bool read_servers(gi_servers *s, bool tls)
{
    int64_t port = gale_task_conf_i64(s->task, "drpc.invocations.port", PORT);
    const char *text = gale_task_conf_str(s->task, "drpc.servers", "");
    char key[40];
    bool well = true;

    if (*text == '[') {
        for (int i = 0; i < GI_SERVERS_MOST; i++) {
            snprintf(key, sizeof(key), "drpc.servers.%d", i);
            text = gale_task_conf_str(s->task, key, "");
            if (*text == '\0')
                break;
            well =
                add_server(s, text, strlen(text), (uint16_t)port, tls) && well;
        }
        text = "";
    }
    while (well && *text != '\0') {
        size_t n = strcspn(text, ",");

        well = add_server(s, text, n, (uint16_t)port, tls);
        text += n + (text[n] == ',');
    }
    if (well && s->n == 0)
        well = add_server(s, "127.0.0.1", 9, (uint16_t)port, tls);
    return well;
}

/* --------------------------------------------------------- made, unmade -- */

/* Said on whatever thread: there is something to look at. */
void gi_server_done(void *arg)
{
    gi_server_line *l = arg;

    atomic_store(&l->there, true);
}

static void done_take(void *arg)
{
    gi_server *v = arg;

    gi_server_done(&v->takes);
    gale_task_wake(v->of->task);
}

gi_asker *gi_server_asker(gi_server *v, gi_server_line *l)
{
    gi_pass pass = gi_pass_get();
    const char *url = v->url;
    gi_asker_opts o = { .urls = &url,
                        .n_urls = 1,
                        .secrets = pass.secrets,
                        .topology = pass.topology,
                        .open = pass.open };
    gale_diag why = { "" };
    gale_err e;

    if (l->asker != NULL || gale_task_now_ms(v->of->task) < l->again_ms)
        return l->asker;
    e = gi_asker_create(&l->asker, &o, &why);
    if (e != GALE_OK)
        gi_server_wrong(v, l, e, why.text);
    return l->asker;
}

void gi_server_wrong(gi_server *v, gi_server_line *l, gale_err e,
                     const char *why)
{
    int64_t now = gale_task_now_ms(v->of->task);

    if (e != GALE_EIO && e != GALE_ETIME)
        l->again_ms = now + AGAIN_MS;
    if (l->logged_ms != 0 && now - l->logged_ms < LOG_MS)
        return;
    l->logged_ms = now;
    gale_task_log(v->of->task, GALE_LOG_WARN, "the DRPC server at %s: %s",
                  v->url, why[0] == '\0' ? gale_err_text(e) : why);
}

static void unlist(gi_servers *s)
{
    for (gi_servers **at = &all; *at != NULL; at = &(*at)->more)
        if (*at == s) {
            *at = s->more;
            return;
        }
}

/* One of the same task, from before it was killed; NULL: there is none. */
static gi_servers *take_old(const gi_servers *now)
{
    gi_servers *s;

    pthread_mutex_lock(&lock);
    s = all;
    while (s != NULL && (s->task != now->task || s->owner == now->owner))
        s = s->more;
    if (s != NULL)
        unlist(s);
    pthread_mutex_unlock(&lock);
    return s;
}

static void destroy(gi_servers *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        gi_server *v = &s->servers[i];

        gi_asker_destroy(v->takes.asker);
        gi_asker_destroy(v->says.asker);
        while (v->first != NULL) {
            gi_word *w = v->first;

            v->first = w->next;
            gi_free(w);
        }
    }
    while (s->first != NULL) {
        gi_taken *t = s->first;

        s->first = t->next;
        gi_free(t->args);
        gi_free(t);
    }
    gi_free(s);
}

gale_err gi_servers_open(gi_servers **out, gale_task *task, const void *owner,
                         const char *function, bool takes, gale_diag *why)
{
    gi_pass pass = gi_pass_get();
    gi_servers *s = gi_alloc(sizeof(*s) +
                             GI_SERVERS_MOST * sizeof(s->servers[0])),
               *old;

    if (s == NULL)
        return GALE_ENOMEM;
    s->task = task;
    s->owner = owner;
    s->last = &s->first;
    s->session = takes ? gale_task_random(task) >> 2 | 1 : 0;
    snprintf(s->function, sizeof(s->function), "%s", function);
    snprintf(s->key, sizeof(s->key), "%s", gale_task_topology(task));
    if (!read_servers(s, gi_secrets_tls(pass.secrets))) {
        gi_diag_say(why,
                    "drpc.servers has something that is no server, or more "
                    "than %d: '%.200s'",
                    (int)GI_SERVERS_MOST,
                    gale_task_conf_str(task, "drpc.servers", ""));
        gi_free(s);
        return GALE_ECONF;
    }
    while ((old = take_old(s)) != NULL)
        destroy(old);
    pthread_mutex_lock(&lock);
    s->more = all;
    all = s;
    pthread_mutex_unlock(&lock);
    *out = s;
    return GALE_OK;
}

void gi_servers_close(gi_servers *s)
{
    if (s == NULL)
        return;
    pthread_mutex_lock(&lock);
    unlist(s);
    pthread_mutex_unlock(&lock);
    for (uint32_t i = 0; i < s->n; i++)
        gi_server_say_rest(&s->servers[i]);
    destroy(s);
}

/* -------------------------------------------------------------- taking -- */

static void begin_take(gi_server *v)
{
    gi_servers *s = v->of;
    gi_msg_drpc_take take = { .function = s->function,
                              .key = s->key,
                              .session = s->session,
                              .after = v->after,
                              .most =
                                  s->n_taken < MOST ? MOST - s->n_taken : 0 };
    gi_asker *a = gi_server_asker(v, &v->takes);

    if (a == NULL || gale_task_now_ms(s->task) < v->takes.again_ms)
        return;
    atomic_store(&v->takes.there, false);
    v->takes.under_way = gi_ask_begin(a, GI_ASK_DRPC_TAKE, &take, ASK_MS,
                                      done_take, v) == GALE_OK;
}

static void keep(gi_server *v, const gi_msg_drpc_request *r)
{
    gi_servers *s = v->of;
    gi_taken *t = gi_alloc(sizeof(*t));
    uint64_t no = (uint64_t)(v - s->servers) << GI_SERVER_BITS;

    if (t != NULL)
        t->args = gi_alloc(r->args.n + 1u);
    if (t == NULL || t->args == NULL) {
        gi_free(t);
        gi_servers_say(s, r->id | no, GI_DRPC_FAIL,
                       gale_cstr(gale_err_text(GALE_ENOMEM)));
        return;
    }
    if (r->args.n > 0)
        memcpy(t->args, r->args.at, r->args.n);
    t->len = r->args.n;
    t->id = r->id | no;
    *s->last = t;
    s->last = &t->next;
    s->n_taken++;
}

static void end_take(gi_server *v)
{
    gi_pool pool = { 0 };
    gi_msg_drpc_requests got = { .number = 0 };
    gale_diag why = { "" };
    gale_err e = gi_asked(v->takes.asker, &pool, &got, &why);

    v->takes.under_way = false;
    if (e != GALE_OK) {
        gi_server_wrong(v, &v->takes, e, why.text);
    } else {
        v->takes.logged_ms = 0;
        if (got.number > 0)
            v->after = got.number;
        for (uint32_t i = 0; i < got.n_requests; i++)
            if (got.requests[i].id >> GI_SERVER_BITS == 0)
                keep(v, &got.requests[i]);
    }
    gi_pool_fini(&pool);
}

void gi_servers_turn(gi_servers *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        gi_server *v = &s->servers[i];

        if (v->takes.under_way && atomic_load(&v->takes.there))
            end_take(v);
        if (!v->takes.under_way && s->session != 0)
            begin_take(v);
        gi_server_say_turn(v);
    }
}

bool gi_servers_take(gi_servers *s, uint64_t *id, char **args, uint32_t *len)
{
    gi_taken *t;

    gi_servers_turn(s);
    t = s->first;
    if (t == NULL)
        return false;
    s->first = t->next;
    if (s->first == NULL)
        s->last = &s->first;
    s->n_taken--;
    *id = t->id;
    *args = t->args;
    *len = t->len;
    gi_free(t);
    return true;
}
