/* desk_request.c -- one request: queued, handed out again, ended. */
#include "base/mem.h"
#include "drpc/desk_inside.h"

void gi_desk_enqueue(gi_request *r)
{
    gi_function *f = r->function;
    gi_request *before = f->last;

    while (before != NULL && before->id > r->id)
        before = before->before;
    r->before = before;
    r->next = before == NULL ? f->first : before->next;
    if (r->next == NULL)
        f->last = r;
    else
        r->next->before = r;
    if (before == NULL)
        f->first = r;
    else
        before->next = r;
    f->waiting++;
}

void gi_desk_dequeue(gi_request *r)
{
    gi_function *f = r->function;

    if (r->before == NULL)
        f->first = r->next;
    else
        r->before->next = r->next;
    if (r->next == NULL)
        f->last = r->before;
    else
        r->next->before = r->before;
    f->waiting--;
}

gi_request *gi_desk_find(const gi_desk *d, uint64_t id)
{
    gi_request *r = d->requests[id % GI_DESK_REQUESTS];

    return r != NULL && r->id == id ? r : NULL;
}

void gi_desk_drop(gi_desk *d, gi_request *r)
{
    if (r->session == 0)
        gi_desk_dequeue(r);
    else
        r->function->out--;
    d->requests[r->id % GI_DESK_REQUESTS] = NULL;
    d->bytes -= r->args.len;
    d->n--;
    gi_free(r->why);
    gi_free(r);
}

void gi_desk_tell(gi_desk *d, gi_request *r, gale_err rv, gale_str text)
{
    d->o.tell(d->o.arg, r->caller, rv, text);
    gi_desk_drop(d, r);
}

void gi_desk_again(gi_desk *d, gi_request *r, const char *why)
{
    if (r->given >= d->o.gives) {
        gi_desk_tell(d, r, GALE_EUSER,
                     gale_cstr(r->why == NULL ? why : r->why));
        return;
    }
    r->function->out--;
    r->session = 0;
    r->done_ms = INT64_MAX;
    gi_desk_enqueue(r);
}
