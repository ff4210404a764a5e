#include "supervisor/adopt.h"

#include "supervisor/cookie.h"

struct search {
    const char *id;
    const gi_record *record; /* NULL: none, or of before the system's start */
    gi_adopt_found found;
    void *arg;
};

static const gi_recorded *recorded(const struct search *s, pid_t pid,
                                   uint64_t began, const gi_cookie *c)
{
    for (uint32_t i = 0; s->record != NULL && i < s->record->n_running; i++) {
        const gi_recorded *r = &s->record->running[i];

        if (c == NULL
                ? r->pid == pid && r->began == began
                : r->incarnation == c->incarnation && r->as.port == c->port)
            return r;
    }
    return NULL;
}

/* A worker leads its group; what it started carries its cookie as well, and
 * leads none.  What left for a group of its own and outlived its worker passes
 * for one: it is adopted, never heard, and looked after as any other. */
static void look(void *arg, pid_t pid)
{
    const struct search *s = arg;
    char text[GI_COOKIE_MOST];
    gi_recorded worker = { .pid = pid };
    const gi_recorded *r;
    gi_proc_stat stat;
    gi_cookie c;
    bool has;

    if (gi_proc_look(pid, &stat) != GALE_OK || stat.group != pid ||
        stat.state == 'Z' || stat.state == 'X')
        return;
    has = gi_proc_env(pid, GI_COOKIE_NAME, text, sizeof(text)) == GALE_OK &&
          gi_cookie_read(&c, text) == GALE_OK;
    if (has && strcmp(c.node, s->id) != 0)
        return;
    r = recorded(s, pid, stat.began, has ? &c : NULL);
    if (r != NULL && r->pid != 0 && (r->pid != pid || r->began != stat.began))
        return; /* a child of that worker, with a group of its own */
    if (r != NULL) {
        worker = *r;
        worker.named = r->pid != 0;
    } else if (has) {
        worker.incarnation = c.incarnation;
        worker.as.port = c.port;
        worker.as.order = (gi_order){
            .since = c.since,
            .topology = c.topology,
            .program = c.program,
        };
    } else {
        return;
    }
    worker.pid = pid;
    worker.began = stat.began;
    s->found(s->arg, &worker);
}

gale_err gi_adopt_find(const char *id, const gi_record *record,
                       gi_adopt_found found, void *arg)
{
    struct search s = { id, record, found, arg };
    char boot[GI_BOOT_ID + 1];

    if (record != NULL &&
        (gi_proc_boot_id(boot) != GALE_OK || strcmp(boot, record->boot) != 0))
        s.record = NULL;
    return gi_proc_each(look, &s);
}
