/* How the end that dials gets a connection.  Names are looked up by nng's
 * threads. */
#include "wire/line_inside.h"

#include <nng/supplemental/tls/tls.h>

#include "base/log.h"
#include "base/mem.h"

static void on_answer(void *arg)
{
    gi_line *l = arg;

    l->error = nng_aio_result(l->aio);
    l->stream = l->error == 0 ? nng_aio_get_output(l->aio, 0) : NULL;
    atomic_store(&l->answered, true);
    gi_inbox_tell(&l->common->inbox);
}

static void ask(gi_line *l)
{
    l->asked = true;
    l->dial_again = false;
    nng_stream_dialer_dial(l->dialer, l->aio);
}

void gi_line_dial(gi_line *l, int64_t now)
{
    if (l->dialer == NULL) {
        gi_channel_dial_failed(l->channel, now); /* nobody knows where to */
    } else if (l->asked) {
        l->dial_again = true;
        nng_aio_abort(l->aio, NNG_ECANCELED);
    } else {
        ask(l);
    }
}

/* Whatever the aio was asked for is given up.  It can be asked again. */
static void give_up(gi_line *l)
{
    nng_stream_dialer_close(l->dialer);
    nng_aio_cancel(l->aio);
    nng_aio_wait(l->aio);
    if (atomic_exchange(&l->answered, false) && l->stream != NULL)
        nng_stream_free(l->stream);
    nng_stream_dialer_free(l->dialer);
    l->dialer = NULL;
    l->asked = l->dial_again = false;
}

static gale_err find(nng_stream_dialer **out, const gi_secrets *secrets,
                     const char *url)
{
    char *whole = NULL;
    gale_err e = gi_secrets_url(secrets, url, &whole, NULL);
    int rv;

    if (e != GALE_OK)
        return e;
    rv = nng_stream_dialer_alloc(out, whole);
    gi_free(whole);
    if (rv == 0) { /* see door.c */
        rv = nng_stream_dialer_set_bool(*out, NNG_OPT_TCP_NODELAY, true);
        if (rv != 0)
            nng_stream_dialer_free(*out);
    }
    if (rv == 0 && gi_secrets_tls(secrets)) {
        rv = nng_stream_dialer_set_ptr(*out, NNG_OPT_TLS_CONFIG,
                                       gi_secrets_client(secrets));
        if (rv != 0)
            nng_stream_dialer_free(*out);
    }
    if (rv != 0)
        return rv == NNG_ENOMEM ? GALE_ENOMEM : GALE_EINVAL;
    return GALE_OK;
}

static void complain(gi_line *l, int64_t now)
{
    uint64_t unsaid;

    if (gi_gripe_now(&l->gripe, now, &unsaid))
        gi_log(GALE_LOG_WARN, "exchange", "no connection to %s at %s: %s",
               l->name, l->url, nng_strerror(l->error));
}

/* In nng 1.5.2 what is left of a dial that was aborted can end the next one of
 * its dialer, or find it where it must not be, and that ends the process.  So
 * there is another dialer then. */
static bool dial_again(gi_line *l)
{
    nng_stream_dialer *d;

    if (find(&d, l->common->secrets, l->url) != GALE_OK)
        return false;
    nng_stream_dialer_close(l->dialer);
    nng_stream_dialer_free(l->dialer);
    l->dialer = d;
    ask(l);
    return true;
}

bool gi_line_dialed(gi_line *l, nng_stream **s, int64_t now)
{
    if (!atomic_exchange(&l->answered, false))
        return false;
    l->asked = false;
    *s = l->stream;
    if (l->dial_again) {
        if (*s != NULL)
            nng_stream_free(*s);
        *s = NULL;
        l->dial_again = false;
        return !dial_again(l);
    }
    if (*s == NULL)
        complain(l, now);
    return true;
}

gale_err gi_line_open_dialer(gi_line *l, const char *url)
{
    nng_stream_dialer *d = NULL;
    char *copy = NULL;
    gale_err e = GALE_OK;

    if (l->aio == NULL) {
        if (nng_aio_alloc(&l->aio, on_answer, l) != 0)
            return GALE_ENOMEM;
        nng_aio_set_timeout(l->aio, NNG_DURATION_INFINITE);
    }
    if (url != NULL) {
        copy = gi_strdup(url);
        e = copy == NULL ? GALE_ENOMEM : find(&d, l->common->secrets, url);
    }
    if (e != GALE_OK) {
        gi_free(copy);
        return e;
    }
    if (l->dialer != NULL)
        give_up(l);
    gi_free(l->url);
    l->url = copy;
    l->dialer = d;
    return GALE_OK;
}

void gi_line_close_dialer(gi_line *l)
{
    if (l->dialer != NULL)
        give_up(l);
    if (l->aio != NULL) {
        nng_aio_stop(l->aio);
        nng_aio_free(l->aio);
    }
    gi_free(l->url);
}
