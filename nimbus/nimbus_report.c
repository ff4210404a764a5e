/* A supervisor's report is taken in.
 *
 * Of one supervisor the later report counts, and of two with one name the
 * later supervisor.  What came late, or twice, changes nothing; but an earlier
 * one that goes on reporting is no straggler: somebody started it twice, or
 * copied its directory to another machine, and that is said. */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "nimbus/nimbus_decide.h"

enum { PORTS_MOST = 1024, OTHER_TIMES = 3 };

static gale_err refuse(gale_diag *why, const char *node, const char *text)
{
    gi_diag_say(why, "supervisor '%.80s': %s", node, text);
    return GALE_EINVAL;
}

static bool node_ok(const char *s)
{
    size_t n = strlen(s);

    return n > 0 && n <= GI_NODE_MOST && s[0] != '.' &&
           strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "0123456789-_.") == n;
}

static gale_err check(const gi_msg_report *r, gale_diag *why)
{
    const char *node = r->node;

    if (!node_ok(node))
        return refuse(why, node, "this is no name for one");
    if (r->host[0] == '\0' || strlen(r->host) > GI_HOST_MOST)
        return refuse(why, node,
                      "it does not say a host by which its workers "
                      "can be reached");
    if (r->machine[0] == '\0' || strlen(r->machine) > GI_MACHINE_MOST)
        return refuse(why, node, "it does not say its type of machine");
    if (r->incarnation == 0 || r->number == 0)
        return refuse(why, node, "its incarnations and numbers begin with 1");
    if (r->cpu > INT32_MAX || r->memory_mb > INT32_MAX)
        return refuse(why, node, "no machine has so much");
    if (r->n_ports > PORTS_MOST)
        return refuse(why, node, "it has too many ports");
    for (uint32_t i = 0; i < r->n_ports; i++) {
        if (r->ports[i].port == 0 || r->ports[i].port > UINT16_MAX)
            return refuse(why, node, "one of its ports is none");
        for (uint32_t k = 0; k < i; k++)
            if (r->ports[k].port == r->ports[i].port)
                return refuse(why, node, "one of its ports is there twice");
    }
    return GALE_OK;
}

/* -------------------------------------------------------- taking it in -- */

static gi_told *copy(const gi_msg_report *r)
{
    gi_msg_report own = *r;
    gi_strbuf bytes = { 0 };
    gi_pool pool = { 0 };
    gi_told *told = gi_pool_take(&pool, 1, sizeof(*told));
    gale_err e = GALE_ENOMEM;

    own.n_known = 0; /* each says anew what it knows */
    gi_msg_write(&bytes, GI_M_report, &own);
    if (told != NULL && !bytes.failed)
        e = gi_msg_read(GI_M_report, bytes.at, bytes.len, &pool, &told->m,
                        NULL, NULL);
    gi_strbuf_fini(&bytes);
    if (e != GALE_OK) {
        gi_pool_fini(&pool);
        return NULL;
    }
    told->pool = pool;
    return told;
}

static int by_port(const void *a, const void *b)
{
    const gi_seen_port *x = a, *y = b;

    return (x->port > y->port) - (x->port < y->port);
}

/* The ports as they are now; what is known of those that stay is kept. */
static gi_seen_port *make_ports(const gi_seen *s, const gi_msg_report *r)
{
    gi_seen_port *ports = gi_calloc((size_t)r->n_ports + 1, sizeof(*ports));

    if (ports == NULL)
        return NULL;
    for (uint32_t i = 0; i < r->n_ports; i++) {
        ports[i].port = (uint16_t)r->ports[i].port;
        for (uint32_t k = 0; k < s->n_ports; k++)
            if (s->ports[k].port == ports[i].port)
                ports[i] = s->ports[k];
    }
    qsort(ports, r->n_ports, sizeof(*ports), by_port);
    return ports;
}

/* Must anything be placed anew? */
static bool concerns(const gi_seen *s, const gi_msg_report *r)
{
    const gi_msg_report *was = &s->told->m;

    if (s->state != GI_SUPERVISOR_ALIVE || was->cpu != r->cpu ||
        was->memory_mb != r->memory_mb || was->n_ports != r->n_ports ||
        strcmp(was->host, r->host) != 0 ||
        strcmp(was->machine, r->machine) != 0)
        return true;
    for (uint32_t i = 0; i < r->n_ports; i++)
        if (was->ports[i].port != r->ports[i].port)
            return true;
    return false;
}

/* Did the report before say as much? */
static bool was_gone(const gi_seen *s, const gi_msg_slot *slot)
{
    for (uint32_t i = 0; s->told != NULL && i < s->told->m.n_slots; i++) {
        const gi_msg_slot *was = &s->told->m.slots[i];

        if (was->port == slot->port && was->since == slot->since &&
            strcmp(was->topology, slot->topology) == 0)
            return was->incarnation == 0 && was->gone == slot->gone;
    }
    return false;
}

/* Workers that died, and are not there again, are told of to the others. */
static void tell_of_the_dead(gi_nimbus *n, const gi_seen *s,
                             const gi_msg_report *r)
{
    for (uint32_t i = 0; i < r->n_slots; i++) {
        const gi_msg_slot *slot = &r->slots[i];
        const gi_topo *t =
            slot->incarnation == 0 && slot->gone != 0 && !was_gone(s, slot)
                ? gi_nimbus_owner(n, s, slot)
                : NULL;

        if (t != NULL && t->kept->now->n_workers > 1)
            gi_nimbus_tell(n, t->kept->now);
    }
}

static gale_err take_in(gi_nimbus *n, gi_seen *s, const gi_msg_report *r)
{
    bool placed_anew = s->told == NULL || concerns(s, r);
    gi_told *told = copy(r);
    gi_seen_port *ports = make_ports(s, r);

    if (told == NULL || ports == NULL) {
        if (told != NULL) {
            gi_pool pool = told->pool;

            gi_pool_fini(&pool);
        }
        gi_free(ports);
        return GALE_ENOMEM;
    }
    tell_of_the_dead(n, s, r);
    if (s->state != GI_SUPERVISOR_ALIVE)
        gi_nimbus_note(n, false,
                       "supervisor '%s' (%s) is here, with %u slot%s", s->id,
                       told->m.host, r->n_ports, r->n_ports == 1 ? "" : "s");
    if (s->told != NULL) {
        gi_pool pool = s->told->pool; /* it lies in its own memory */

        gi_pool_fini(&pool);
    }
    gi_free(s->ports);
    s->told = told;
    s->host = told->m.host;
    s->ports = ports;
    s->n_ports = r->n_ports;
    s->state = GI_SUPERVISOR_ALIVE;
    s->heard_ms = n->awake_ms;
    n->dirty = n->dirty || placed_anew;
    return GALE_OK;
}

/* ------------------------------------------------- early, late, twice -- */

/* A report of an earlier supervisor: a straggler, or does it live?  Whether it
 * is to be taken in. */
static bool from_other(gi_nimbus *n, gi_seen *s, const gi_msg_report *r)
{
    if (r->incarnation != s->other) {
        s->other = r->incarnation;
        s->other_number = r->number;
        s->other_times = 1;
        return false;
    }
    if (r->number <= s->other_number)
        return false;
    s->other_number = r->number;
    if (++s->other_times < OTHER_TIMES)
        return false;
    if (s->state == GI_SUPERVISOR_DEAD)
        return true; /* the later one is gone, or its clock was wrong */
    if (!s->other_said)
        gi_nimbus_note(n, true,
                       "two supervisors call themselves '%s': one on %s "
                       "(%s), and an earlier one on %s (%s), which is not "
                       "listened to",
                       s->id, s->host, s->told->m.url, r->host, r->url);
    s->other_said = true;
    return false;
}

/* Same or later supervisor, and a later report? */
static bool is_news(const gi_seen *s, const gi_msg_report *r)
{
    const gi_msg_report *was = &s->told->m;

    return r->incarnation > was->incarnation ||
           (r->incarnation == was->incarnation && r->number > was->number);
}

static gale_err judge(gi_nimbus *n, gi_seen *s, const gi_msg_report *r,
                      bool *take, gale_diag *why)
{
    *take = s->told == NULL || is_news(s, r);
    if (*take) {
        if (s->told != NULL && r->incarnation > s->told->m.incarnation &&
            s->other_times > 0 && r->incarnation != s->other)
            s->other_said = false;
        return GALE_OK;
    }
    if (r->incarnation == s->told->m.incarnation)
        return GALE_OK;
    *take = from_other(n, s, r);
    if (*take) {
        s->other = s->other_number = s->other_times = 0;
        s->other_said = false;
        return GALE_OK;
    }
    gi_diag_say(why,
                "a later supervisor calls itself '%s', on %s (%s): two must "
                "not have one name",
                s->id, s->host, s->told->m.url);
    return GALE_EINVAL;
}

gale_err gi_nimbus_report(gi_nimbus *n, const gi_msg_report *r, gi_when now,
                          gale_diag *why)
{
    gi_seen *s;
    bool take;
    gale_err e = check(r, why);

    if (e != GALE_OK)
        return e;
    gi_nimbus_pass(n, now);
    if (n->broken.text[0] != '\0') {
        if (why != NULL)
            *why = n->broken;
        return GALE_EIO;
    }
    s = gi_nimbus_seen(n, r->node);
    if (s == NULL) {
        e = gi_nimbus_meet(n, r->node, r->host, &s);
        if (e == GALE_ELIMIT)
            gi_diag_say(why, "there are %d supervisors already",
                        GI_SUPERVISORS_MOST);
        if (e != GALE_OK)
            return e;
    }
    e = judge(n, s, r, &take, why);
    if (e == GALE_OK && take) {
        e = take_in(n, s, r);
        if (e == GALE_OK)
            gi_nimbus_suspect(n, s);
    }
    gi_nimbus_settle(n);
    return e;
}
