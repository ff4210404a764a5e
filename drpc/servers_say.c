/* servers_say.c -- what is said of requests: kept until it was heard. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "drpc/servers_inside.h"

enum {
    SAY_MS = 10000,
    LAST_MS = 1000,         /* at the end */
    A_TIME = 64,            /* words in one message, ... */
    A_TIME_BYTES = 3 << 20, /* ... or so many bytes and one word more */
    MOST_BYTES = 64 << 20,  /* beyond, the oldest are forgotten */
};

static void done_say(void *arg)
{
    gi_server *v = arg;

    gi_server_done(&v->says);
    gale_task_wake(v->of->task);
}

static void drop_first(gi_server *v)
{
    gi_word *w = v->first;

    v->first = w->next;
    if (v->first == NULL)
        v->last = NULL;
    v->n_words--;
    v->bytes -= w->text.len;
    gi_free(w);
}

/* As many as fit in a message. */
static uint32_t list(const gi_server *v, gi_msg_drpc_word to[A_TIME])
{
    const gi_word *w = v->first;
    size_t bytes = 0;
    uint32_t n = 0;

    while (w != NULL && n < A_TIME &&
           (n == 0 || bytes + w->text.len <= A_TIME_BYTES)) {
        to[n++] = (gi_msg_drpc_word){ .id = w->id,
                                      .what = w->what,
                                      .text = { w->text.ptr, w->text.len } };
        bytes += w->text.len;
        w = w->next;
    }
    return n;
}

static void begin_say(gi_server *v)
{
    gi_asker *a = gi_server_asker(v, &v->says);
    gi_msg_drpc_word words[A_TIME];
    gi_msg_drpc_words m = { .words = words };

    if (a == NULL || gale_task_now_ms(v->of->task) < v->says.again_ms)
        return;
    m.n_words = list(v, words);
    atomic_store(&v->says.there, false);
    v->says.under_way =
        gi_ask_begin(a, GI_ASK_DRPC_SAY, &m, SAY_MS, done_say, v) == GALE_OK;
    v->n_sent = m.n_words;
}

static void end_say(gi_server *v)
{
    gi_pool pool = { 0 };
    gi_msg_nothing nothing;
    gale_diag why = { "" };
    gale_err e = gi_asked(v->says.asker, &pool, &nothing, &why);

    v->says.under_way = false;
    if (e != GALE_OK)
        gi_server_wrong(v, &v->says, e, why.text);
    for (uint32_t i = 0; e == GALE_OK && i < v->n_sent; i++)
        drop_first(v);
    gi_pool_fini(&pool);
}

void gi_server_say_turn(gi_server *v)
{
    if (v->says.under_way && atomic_load(&v->says.there))
        end_say(v);
    if (!v->says.under_way && v->first != NULL)
        begin_say(v);
}

void gi_server_say_rest(gi_server *v)
{
    gi_msg_drpc_word words[A_TIME];
    gi_msg_drpc_words m = { .words = words };
    gi_pool pool = { 0 };
    gi_msg_nothing nothing;

    if (v->first == NULL || gi_server_asker(v, &v->says) == NULL)
        return;
    gi_ask_cancel(v->says.asker);
    do {
        m.n_words = list(v, words);
        if (gi_ask(v->says.asker, GI_ASK_DRPC_SAY, &m, LAST_MS, &pool,
                   &nothing, NULL) != GALE_OK)
            break;
        for (uint32_t i = 0; i < m.n_words; i++)
            drop_first(v);
    } while (v->first != NULL);
    gi_pool_fini(&pool);
}

void gi_servers_say(gi_servers *s, uint64_t id, gi_drpc_word_kind what,
                    gale_str text)
{
    uint64_t no = id >> GI_SERVER_BITS;
    gi_server *v = &s->servers[no];
    gi_word *w = no < s->n ? gi_alloc(sizeof(*w) + text.len + 1) : NULL;

    if (w == NULL)
        return; /* it will be taken for lost, and done again */
    if (text.len > 0)
        memcpy((char *)(w + 1), text.ptr, text.len);
    *w = (gi_word){ .id = id & ((UINT64_C(1) << GI_SERVER_BITS) - 1),
                    .what = what,
                    .text = { (char *)(w + 1), text.len } };
    while (v->bytes + text.len > MOST_BYTES && v->first != NULL &&
           !v->says.under_way)
        drop_first(v);
    if (v->first == NULL)
        v->first = w;
    else
        v->last->next = w;
    v->last = w;
    v->n_words++;
    v->bytes += text.len;
    gi_server_say_turn(v);
}
