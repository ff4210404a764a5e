/* ask.c -- a daemon's port and who asks there, in one process: whoever of the
 * two is refused memory, the reply comes or words say why not. */
#include "memory.h"

#include "tests/unit/wire/port.h"

static void tell(void *arg)
{
    (void)arg;
}

static bool later(gi_asker *a)
{
    gi_msg_named named = { .name = "wordcount" };
    gi_msg_topology_look look;
    gi_pool pool = { 0 };
    gale_diag why = { "" };
    gale_err e = gi_ask_begin(a, GI_ASK_LOOK, &named, 20000, tell, NULL);

    if (e == GALE_OK)
        e = gi_asked(a, &pool, &look, &why);
    else
        snprintf(why.text, sizeof(why.text), "not begun");
    gi_pool_fini(&pool);
    if (e != GALE_OK)
        memory_clean(e, &why);
    return e == GALE_OK;
}

static bool asks(const void *arg)
{
    const char *url;
    gi_asker_opts o = { .urls = &url, .n_urls = 1 };
    struct port p;
    gi_asker *a;
    gale_diag why = { "" };
    gale_err e = port_open(&p, 0, port_echo, NULL);
    bool ok = true;

    (void)arg;
    if (e != GALE_OK) {
        CHECK(e == GALE_ENOMEM, "%s", gale_err_name(e));
        return false;
    }
    url = p.url;
    e = gi_asker_create(&a, &o, &why);
    if (e != GALE_OK) {
        memory_clean(e, &why);
        port_close(&p);
        return false;
    }
    for (int i = 0; i < 2; i++) {
        e = port_look(a, "wordcount", 20000, &why);
        if (e != GALE_OK)
            memory_clean(e, &why);
        ok = ok && e == GALE_OK;
    }
    ok = later(a) && ok;
    gi_asker_destroy(a);
    port_close(&p);
    return ok;
}

int main(void)
{
    alarm(600);
    memory_every("asking", asks, NULL, 1);
    memory_every("asking", asks, NULL, 5);
    return 0;
}
