/* http.c -- callers by HTTP:
 *
 *     GET /drpc                    which functions there are
 *     GET /drpc/FUNCTION/ARGS
 *     POST /drpc/FUNCTION          the body is what is asked
 *
 * The answer is JSON: what was returned, or {"error": why}. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <event2/util.h>

#include "base/diag.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "drpc/server/http_words.h"
#include "drpc/server/inside.h"
#include "wire/url.h"
#include "wire/whose.h"

enum {
    HEADERS_MOST = 16 << 10,
    PATIENCE_S = 10, /* for what somebody begins to send, or does not read */
    COUNT_EACH = 32, /* connections, then open files are counted */
};

/* ------------------------------------------------------------- replying -- */

static int code_of(gale_err rv)
{
    switch (rv) {
    case GALE_OK:
        return 200;
    case GALE_ENOTFOUND:
        return 404;
    case GALE_ETIME:
        return 504;
    case GALE_ELIMIT:
        return 503;
    case GALE_EINVAL:
        return 400;
    default:
        return 500;
    }
}

static const char *reason_of(int code)
{
    switch (code) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    default:
        return "Internal Server Error";
    }
}

static void reply(struct evhttp_request *r, int code, gale_str json)
{
    struct evkeyvalq *to = evhttp_request_get_output_headers(r);
    struct evbuffer *body = evbuffer_new();

    evhttp_add_header(to, "Content-Type", "application/json");
    evhttp_add_header(to, "Cache-Control", "no-store");
    evhttp_add_header(to, "X-Content-Type-Options", "nosniff");
    if (code == 401)
        evhttp_add_header(to, "WWW-Authenticate", "Bearer");
    if (body != NULL) {
        evbuffer_add(body, json.ptr, json.len);
        evbuffer_add(body, "\n", 1);
    }
    evhttp_send_reply(r, code, reason_of(code), body);
    if (body != NULL)
        evbuffer_free(body);
}

static void refuse(struct evhttp_request *r, int code, gale_str why)
{
    gi_json j = { 0 };
    char *text;

    gi_json_object(&j, NULL);
    gi_json_run(&j, "error", why);
    gi_json_end(&j);
    text = gi_json_take(&j);
    reply(r, code, gale_cstr(text == NULL ? "{}" : text));
    gi_free(text);
}

void gi_drpcd_http_tell(struct evhttp_request *r, gale_err rv, gale_str text)
{
    if (rv == GALE_OK)
        reply(r, 200, text);
    else
        refuse(r, code_of(rv), text);
}

/* ---------------------------------------------------------- who may ask -- */

static bool to_nng(nng_sockaddr *to, const struct sockaddr_storage *from)
{
    memset(to, 0, sizeof(*to));
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)from;

        to->s_in.sa_family = NNG_AF_INET;
        to->s_in.sa_port = in->sin_port;
        to->s_in.sa_addr = in->sin_addr.s_addr;
        return true;
    }
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)from;

        to->s_in6.sa_family = NNG_AF_INET6;
        to->s_in6.sa_port = in->sin6_port;
        memcpy(to->s_in6.sa_addr, &in->sin6_addr, 16);
        return true;
    }
    return false;
}

/* Whose connection is it, if it is from this machine? */
static gi_whose whose(struct evhttp_request *r, uint32_t *uid)
{
    struct evhttp_connection *c = evhttp_request_get_connection(r);
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(c));
    struct sockaddr_storage ours, his;
    socklen_t n = sizeof(ours), m = sizeof(his);
    nng_sockaddr a, b;
    gi_whose out;

    memset(&ours, 0, sizeof(ours));
    memset(&his, 0, sizeof(his));
    if (getsockname(fd, (struct sockaddr *)&ours, &n) != 0 ||
        getpeername(fd, (struct sockaddr *)&his, &m) != 0 ||
        !to_nng(&a, &ours) || !to_nng(&b, &his))
        return GI_WHOSE_UNCLEAR;
    if (gi_whose_ask(&a, &b, &out, uid))
        return out;
    return gi_whose_in(ours.ss_family == AF_INET ? "/proc/net/tcp"
                                                 : "/proc/net/tcp6",
                       &a, &b, uid);
}

/* Where users are named, he has to be one of them; elsewhere than on this
 * machine the token has to vouch for him. */
static bool is_obeyed(const gi_drpcd *d, struct evhttp_request *r)
{
    uint32_t uid = 0;
    gi_whose how;
    bool is = false;
    char *name;

    if (d->o->n_users == 0)
        return true;
    how = whose(r, &uid);
    if (how != GI_WHOSE_KNOWN)
        return how == GI_WHOSE_ELSEWHERE &&
               *gi_secrets_token(d->secrets) != '\0';
    if (uid == 0 || uid == (uint32_t)geteuid())
        return true;
    name = gi_whose_name(uid);
    for (uint32_t i = 0; name != NULL && i < d->o->n_users; i++)
        is = is || strcmp(d->o->users[i], name) == 0;
    gi_free(name);
    return is;
}

/* False: he was told why not. */
static bool may(const gi_drpcd *d, struct evhttp_request *r)
{
    struct evkeyvalq *in = evhttp_request_get_input_headers(r);
    const char *token =
        gi_http_bearer(evhttp_find_header(in, "Authorization"));

    if (gi_http_is_foreign(evhttp_find_header(in, "Origin"),
                           evhttp_find_header(in, "Sec-Fetch-Site"))) {
        refuse(r, 403, gale_cstr("pages of other sites may not ask"));
        return false;
    }
    if (!gi_secrets_token_is(d->secrets, token == NULL ? "" : token)) {
        refuse(r, 401,
               gale_cstr("this needs the cluster's token, in a header "
                         "'Authorization: Bearer TOKEN'"));
        return false;
    }
    if (!is_obeyed(d, r)) {
        refuse(r, 403, gale_cstr("nimbus.users does not name who asks here"));
        return false;
    }
    return true;
}

/* --------------------------------------------------------------- asking -- */

static void list(gi_drpcd *d, struct evhttp_request *r)
{
    const char *name, *key;
    uint32_t waiting, out;
    gi_json j = { 0 };
    char *text;

    gi_json_list(&j, NULL);
    for (uint32_t i = 0;
         gi_desk_function(d->desk, i, &name, &key, &waiting, &out); i++) {
        gi_json_object(&j, NULL);
        gi_json_str(&j, "function", name);
        gi_json_str(&j, "served_by", key);
        gi_json_u64(&j, "waiting", waiting);
        gi_json_u64(&j, "under_way", out);
        gi_json_end(&j);
    }
    gi_json_end(&j);
    text = gi_json_take(&j);
    if (text == NULL)
        refuse(r, 500, gale_cstr(gale_err_text(GALE_ENOMEM)));
    else
        reply(r, 200, gale_cstr(text));
    gi_free(text);
}

static void ask(gi_drpcd *d, struct evhttp_request *r, const gi_http_path *p)
{
    bool post = evhttp_request_get_command(r) == EVHTTP_REQ_POST;
    struct evbuffer *body = evhttp_request_get_input_buffer(r);
    size_t n = evbuffer_get_length(body);
    gale_diag why = { "" };
    gale_str args = { p->args.at, (uint32_t)p->args.len };
    gale_err rv;

    if (post && !p->has_args) {
        args.ptr = n == 0 ? "" : (const char *)evbuffer_pullup(body, -1);
        args.len = args.ptr == NULL ? 0 : (uint32_t)n;
    }
    rv = gi_drpcd_ask(d, p->function, args, 0, NULL, r, &why);
    if (rv != GALE_OK)
        refuse(r, code_of(rv),
               gale_cstr(why.text[0] == '\0' ? gale_err_text(rv) : why.text));
}

static void on_request(struct evhttp_request *r, void *arg)
{
    gi_drpcd *d = arg;
    const char *uri = evhttp_request_get_uri(r);
    gi_http_path p;

    if (!may(d, r))
        return;
    if (!gi_http_path_read(&p, uri == NULL ? "" : uri))
        refuse(r, 404,
               gale_cstr("there is GET /drpc, GET /drpc/FUNCTION/ARGS "
                         "and POST /drpc/FUNCTION"));
    else if (p.function[0] == '\0')
        list(d, r);
    else
        ask(d, r, &p);
    gi_http_path_fini(&p);
    /* What it has to wait for may be due sooner, and takers wait for it. */
    event_active(d->woken, EV_TIMEOUT, 0);
}

/* -------------------------------------------------------- made, unmade -- */

static size_t open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t n = 0;

    while (dir != NULL && readdir(dir) != NULL)
        n++;
    if (dir != NULL)
        closedir(dir);
    return n;
}

/* evhttp takes as many connections as there are files; a half of those are
 * for the others. */
void gi_drpcd_http_count(gi_drpcd *d)
{
    struct rlimit most = { 1024, 1024 };
    bool full;

    if (d->listener == NULL)
        return;
    getrlimit(RLIMIT_NOFILE, &most);
    full = open_files() >= most.rlim_cur / 2;
    d->accepted = 0;
    if (full != d->full)
        gi_log(GALE_LOG_WARN, GI_DRPC_WHO,
               full ? "too many connections: no more by HTTP for now"
                    : "connections by HTTP are taken again");
    if (full && !d->full)
        evconnlistener_disable(d->listener);
    else if (!full && d->full)
        evconnlistener_enable(d->listener);
    d->full = full;
}

static struct bufferevent *on_connection(struct event_base *base, void *arg)
{
    gi_drpcd *d = arg;

    if (++d->accepted >= COUNT_EACH)
        gi_drpcd_http_count(d);
    return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
}

static gale_err refuse_address(const gi_drpc_daemon_opts *o, gale_diag *why)
{
    char url[300];
    gale_diag no;

    snprintf(url, sizeof(url),
             strchr(o->http_host, ':') == NULL ? "tcp://%s:%d"
                                               : "tcp://[%s]:%d",
             o->http_host, o->http_port);
    if (gi_url_allowed(url, false, o->open, &no) == GALE_OK)
        return GALE_OK;
    gi_diag_say(why,
                "HTTP is in the clear, so it answers on a loopback address "
                "alone, and %s is none: put a proxy with TLS before it, or "
                "set gale.open: true",
                o->http_host);
    return GALE_EINVAL;
}

static void note_port(gi_drpcd *d)
{
    struct sockaddr_storage a;
    socklen_t n = sizeof(a);

    memset(&a, 0, sizeof(a));
    if (getsockname(evconnlistener_get_fd(d->listener), (struct sockaddr *)&a,
                    &n) != 0)
        return;
    d->http_port =
        a.ss_family == AF_INET6
            ? ntohs(((const struct sockaddr_in6 *)(void *)&a)->sin6_port)
            : ntohs(((const struct sockaddr_in *)(void *)&a)->sin_port);
}

gale_err gi_drpcd_http_open(gi_drpcd *d, gale_diag *why)
{
    const gi_drpc_daemon_opts *o = d->o;
    struct evhttp_bound_socket *bound;

    if (o->http_port < 0)
        return GALE_OK;
    if (refuse_address(o, why) != GALE_OK)
        return GALE_EINVAL;
    d->http = evhttp_new(d->base);
    if (d->http == NULL)
        return GALE_ENOMEM;
    evhttp_set_max_headers_size(d->http, HEADERS_MOST);
    evhttp_set_max_body_size(d->http, (ev_ssize_t)o->most_bytes);
    evhttp_set_timeout(d->http, PATIENCE_S);
    evhttp_set_allowed_methods(d->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
    evhttp_set_gencb(d->http, on_request, d);
    evhttp_set_bevcb(d->http, on_connection, d);
    bound = evhttp_bind_socket_with_handle(d->http, o->http_host,
                                           (uint16_t)o->http_port);
    if (bound == NULL) {
        gi_diag_say(why, "HTTP at %s:%d: %s", o->http_host, o->http_port,
                    strerror(errno));
        return GALE_EIO;
    }
    d->listener = evhttp_bound_socket_get_listener(bound);
    note_port(d);
    return GALE_OK;
}

void gi_drpcd_http_close(gi_drpcd *d)
{
    if (d->http != NULL)
        evhttp_free(d->http);
    d->http = NULL;
    d->listener = NULL;
}
