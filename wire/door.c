#include "wire/door.h"

#include <nng/supplemental/tls/tls.h>
#include <stdatomic.h>

#include "base/diag.h"
#include "base/mem.h"

enum { AGAIN_NS = 10000000 }; /* after it failed: out of descriptors, say */

struct gi_door {
    gi_inbox *in;
    nng_stream_listener *listener;
    nng_aio *aio;
    uint16_t port;
    bool asked; /* the aio is under way */
    int64_t ask_at;
    /* said by nng, then looked at when `answered` */
    nng_stream *stream;
    int error;
    _Atomic bool answered;
};

static void on_answer(void *arg)
{
    gi_door *d = arg;

    d->error = nng_aio_result(d->aio);
    d->stream = d->error == 0 ? nng_aio_get_output(d->aio, 0) : NULL;
    atomic_store(&d->answered, true);
    gi_inbox_tell(d->in);
}

static void ask(gi_door *d)
{
    d->asked = true;
    nng_stream_listener_accept(d->listener, d->aio);
}

nng_stream *gi_door_take(gi_door *d, int64_t now, int *error)
{
    nng_stream *s;

    *error = 0;
    if (!d->asked && now >= d->ask_at)
        ask(d);
    if (!atomic_exchange(&d->answered, false))
        return NULL;
    d->asked = false;
    s = d->stream;
    *error = d->error;
    if (s == NULL)
        d->ask_at = now + AGAIN_NS;
    else
        ask(d);
    return s;
}

int64_t gi_door_due(const gi_door *d)
{
    return d->asked ? INT64_MAX : d->ask_at;
}

uint16_t gi_door_port(const gi_door *d)
{
    return d->port;
}

static gale_err failed(int rv, const char *url, gale_diag *why)
{
    if (rv == NNG_ENOMEM)
        return GALE_ENOMEM;
    if (rv == NNG_EADDRINUSE) {
        gi_diag_say(why,
                    "cannot listen at %s: the port is taken by somebody else",
                    url);
        return GALE_EIO;
    }
    gi_diag_say(why, "cannot listen at %s: %s", url, nng_strerror(rv));
    return rv == NNG_EADDRINVAL || rv == NNG_EINVAL ? GALE_EINVAL : GALE_EIO;
}

static gale_err listen_at(gi_door *d, const char *url,
                          const gi_secrets *secrets, gale_diag *why)
{
    char *whole = NULL;
    gale_err e = gi_secrets_url(secrets, url, &whole, why);
    int port = 0, rv;

    if (e != GALE_OK)
        return e;
    rv = nng_stream_listener_alloc(&d->listener, whole);
    gi_free(whole);
    if (rv == 0 && gi_secrets_tls(secrets))
        rv = nng_stream_listener_set_ptr(d->listener, NNG_OPT_TLS_CONFIG,
                                         gi_secrets_server(secrets));
    /* Small frames must not wait for the peer's word about those before. */
    if (rv == 0)
        rv = nng_stream_listener_set_bool(d->listener, NNG_OPT_TCP_NODELAY,
                                          true);
    if (rv == 0)
        rv = nng_stream_listener_listen(d->listener);
    if (rv == 0)
        rv = nng_stream_listener_get_int(d->listener, NNG_OPT_TCP_BOUND_PORT,
                                         &port);
    d->port = (uint16_t)port;
    return rv == 0 ? GALE_OK : failed(rv, url, why);
}

gale_err gi_door_open(gi_door **out, const char *url,
                      const gi_secrets *secrets, gi_inbox *in, gale_diag *why)
{
    gi_door *d = gi_alloc(sizeof(*d));
    gale_err e;

    if (d == NULL)
        return GALE_ENOMEM;
    d->in = in;
    e = nng_aio_alloc(&d->aio, on_answer, d) == 0
            ? listen_at(d, url, secrets, why)
            : GALE_ENOMEM;
    if (e != GALE_OK) {
        gi_door_close(d);
        return e;
    }
    nng_aio_set_timeout(d->aio, NNG_DURATION_INFINITE);
    ask(d);
    *out = d;
    return GALE_OK;
}

void gi_door_close(gi_door *d)
{
    if (d == NULL)
        return;
    if (d->listener != NULL)
        nng_stream_listener_close(d->listener);
    if (d->aio != NULL) {
        nng_aio_stop(d->aio);
        nng_aio_free(d->aio);
    }
    if (atomic_load(&d->answered) && d->stream != NULL)
        nng_stream_free(d->stream);
    if (d->listener != NULL)
        nng_stream_listener_free(d->listener);
    gi_free(d);
}
