#include "nimbus/zookeeper/leader_elect.h"

#include "nimbus/zookeeper/store.h"

static gi_standing turn(void *self)
{
    return gi_leader_zk_turn(self);
}

static uint32_t due_ms(const void *self)
{
    return gi_leader_zk_due_ms(self);
}

static const char *url(const void *self)
{
    return gi_leader_zk_url(self);
}

static gale_err store(void *self, gi_store *out, gale_diag *why)
{
    return gi_store_zk_open(out, self, why);
}

static void resign(void *self)
{
    gi_leader_zk_resign(self);
}

static void shut(void *self)
{
    gi_leader_zk_close(self);
}

gale_err gi_leader_elect(gi_election *out, const void *with,
                         const gi_candidate *who, gale_diag *why)
{
    gi_leader_zk_opts opts = *(const gi_leader_zk_opts *)with;
    gi_leader_zk *z;
    gale_err rv;

    opts.url = who->url;
    opts.wake = who->wake;
    opts.note = who->note;
    opts.arg = who->arg;
    rv = gi_leader_zk_open(&z, &opts, why);
    if (rv == GALE_OK)
        *out = (gi_election){ z, turn, due_ms, url, store, resign, shut };
    return rv;
}
