/* define_drpc.c -- streams of requests, and what is returned. */
#include "base/bug.h"
#include "drpc/hub.h"
#include "trident/graph.h"
#include "trident/request_spout.h"

gale_batches *gale_new_drpc_stream(gale_trident *t, const char *function,
                                   gale_drpc *from)
{
    gi_node *n =
        gi_node_add(t, GI_NODE_SOURCE, "gale_new_drpc_stream", NULL, NULL);

    if (!gi_node_lives(n))
        return (gale_batches *)n;
    n->user = &gi_request_source;
    n->hub = from;
    n->asked = true;
    if (gi_node_check_name(n, "the function", function))
        n->id = gi_node_text(n, function);
    for (const gi_node *m = t->first; m != n && n->id != NULL; m = m->next)
        if (m->kind == GI_NODE_SOURCE && m->id != NULL &&
            strcmp(m->id, n->id) == 0)
            gi_node_say(n, "step %u has that name, too", m->no);
    if (gi_node_out(n, 1))
        gi_node_out_add(n, "args", GALE_T_STR);
    if (n->id != NULL && from != NULL && gi_hub_expect(from, n->id) != GALE_OK)
        gi_node_say(
            n, "its gale_drpc has too many functions, or leads to a server "
               "(NULL stands for the servers of drpc.servers)");
    return (gale_batches *)n;
}

gale_batches *gale_drpc_return(gale_batches *s, const gale_name *fields)
{
    gi_node *from = (gi_node *)s, *n;
    size_t before;

    n = gi_node_add(from == NULL ? NULL : from->t, GI_NODE_RETURN,
                    "gale_drpc_return", from, NULL);
    if (!gi_node_lives(n))
        return (gale_batches *)n;
    before = gi_node_mistakes(n);
    gi_node_in(n, fields);
    if (fields != NULL && fields[0] == NULL)
        gi_node_say(n, "it names no field, so nothing would be returned");
    n->unclear = n->unclear || gi_node_mistakes(n) > before;
    if (!n->unclear && gi_node_out(n, n->n_in))
        for (uint32_t i = 0; i < n->n_in; i++)
            gi_node_out_add(n, n->from->out[n->in[i]].name,
                            n->from->out[n->in[i]].type);
    return (gale_batches *)n;
}
