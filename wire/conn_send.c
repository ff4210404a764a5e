/* How bytes leave: most find room in the socket at once, and what does not is
 * written by nng's threads. */
#include <assert.h>
#include <string.h>

#include "wire/conn_inside.h"

/* The word goes before frames; these go when all is proved. */
static void write_on(gi_conn *c)
{
    nng_iov iov[GI_CONN_PIECES];
    unsigned n = 0;

    pthread_mutex_lock(&c->lock);
    if (c->writing) {
        ;
    } else if (c->word_at < c->word_end) {
        iov[n++] = (nng_iov){ c->word + c->word_at, c->word_end - c->word_at };
    } else if (c->proved) {
        n = c->n_out;
        memcpy(iov, c->out, n * sizeof(*iov));
    }
    c->writing = c->writing || n > 0;
    pthread_mutex_unlock(&c->lock);
    if (n == 0)
        return;
    nng_aio_set_iov(c->tx, n, iov);
    gi_stream_send(&c->stream, c->tx);
}

/* So many bytes of the frames have gone. */
static void forget(gi_conn *c, size_t n)
{
    unsigned done = 0;

    while (done < c->n_out && n >= c->out[done].iov_len)
        n -= c->out[done++].iov_len;
    c->n_out -= done;
    memmove(c->out, c->out + done, c->n_out * sizeof(*c->out));
    if (c->n_out > 0) {
        c->out[0].iov_buf = (char *)c->out[0].iov_buf + n;
        c->out[0].iov_len -= n;
    }
}

/* If it failed it stays busy: nothing more can go, and reading will tell. */
void gi_conn_on_written(void *conn)
{
    gi_conn *c = conn;
    size_t n = nng_aio_count(c->tx);
    bool left = false;

    if (nng_aio_result(c->tx) != 0) {
        gi_stream_close(&c->stream);
        return;
    }
    pthread_mutex_lock(&c->lock);
    c->writing = false;
    if (c->word_at < c->word_end) {
        c->word_at += n;
    } else {
        forget(c, n);
        left = c->n_out == 0;
        c->busy = !left;
    }
    pthread_mutex_unlock(&c->lock);
    if (left)
        gi_conn_tell(c);
    write_on(c);
}

/* What is begun by an aio that calls nobody is either done when nng comes
 * back, or found no room (or nobody): then it is taken back.  No other thread
 * has to run, neither to say that it is written nor to hear it.  What fails
 * here fails once more in write_on, and is seen to there. */
static void write_at_once(gi_conn *c)
{
    int error = 0;

    while (c->n_out > 0 && error == 0) {
        nng_aio_set_iov(c->at_once, c->n_out, c->out);
        nng_stream_send(c->stream.s, c->at_once);
        nng_aio_cancel(c->at_once);
        nng_aio_wait(c->at_once);
        error = nng_aio_result(c->at_once);
        if (error == 0)
            forget(c, nng_aio_count(c->at_once));
    }
    pthread_mutex_lock(&c->lock);
    c->writing = false;
    c->busy = c->n_out > 0;
    pthread_mutex_unlock(&c->lock);
}

void gi_conn_say(gi_conn *c, const unsigned char *word, size_t n)
{
    pthread_mutex_lock(&c->lock);
    memcpy(c->word + c->word_end, word, n);
    c->word_end += n;
    c->proved = c->proof.wants == 0;
    pthread_mutex_unlock(&c->lock);
    write_on(c);
}

bool gi_conn_busy(gi_conn *c)
{
    bool busy;

    pthread_mutex_lock(&c->lock);
    busy = c->busy;
    pthread_mutex_unlock(&c->lock);
    return busy;
}

void gi_conn_send(gi_conn *c, const nng_iov *frames, unsigned n)
{
    bool mine;

    assert(!gi_conn_busy(c) && n > 0 && n <= GI_CONN_PIECES);
    pthread_mutex_lock(&c->lock);
    c->busy = true;
    memcpy(c->out, frames, n * sizeof(*frames));
    c->n_out = n;
    mine = c->at_once != NULL && c->proved && !c->writing &&
           c->word_at == c->word_end;
    c->writing = c->writing || mine;
    pthread_mutex_unlock(&c->lock);
    if (mine)
        write_at_once(c);
    if (!mine || c->n_out > 0)
        write_on(c);
}
