/* define.c -- nodes, and what all calls that define have in common. */
#include <string.h>

#include "base/bug.h"
#include "base/mem.h"
#include "trident/build.h"
#include "trident/graph.h"

gale_err gale_trident_create(gale_trident **out, const char *name)
{
    gale_trident *t = gi_alloc(sizeof(*t));

    if (t == NULL)
        return GALE_ENOMEM;
    gi_report_init(&t->mistakes);
    t->last = &t->first;
    t->nowhere = (gi_node){ .t = t, .unclear = true, .call = "" };
    t->nowhere.out = gi_pool_take(&t->pool, 1, sizeof(gale_field));
    if (name != NULL) {
        char *copy = gi_pool_take(&t->pool, strlen(name) + 1, 1);

        if (copy != NULL)
            memcpy(copy, name, strlen(name) + 1);
        t->name = copy;
    }
    if (t->nowhere.out == NULL || (name != NULL && t->name == NULL)) {
        gale_trident_destroy(t);
        return GALE_ENOMEM;
    }
    *out = t;
    return GALE_OK;
}

void gale_trident_destroy(gale_trident *t)
{
    if (t == NULL)
        return;
    gi_program_destroy(t->program);
    gi_report_fini(&t->mistakes);
    gi_pool_fini(&t->pool);
    gi_free(t);
}

void *gi_node_take(gi_node *n, size_t count, size_t size)
{
    void *p = gi_pool_take(&n->t->pool, count, size);

    if (p == NULL) {
        n->t->no_memory = true;
        n->unclear = true;
    }
    return p;
}

char *gi_node_text(gi_node *n, const char *s)
{
    size_t size = strlen(s) + 1;
    char *copy = gi_node_take(n, size, 1);

    if (copy != NULL)
        memcpy(copy, s, size);
    return copy;
}

/* Of another gale_trident, it is as if nothing could be said of it. */
static gi_node *ours(gale_trident *t, gi_node *n, gi_node *of,
                     const char *which)
{
    if (of == NULL || of->t == t)
        return of;
    gi_node_say(n, "%s is of another gale_trident", which);
    return &t->nowhere;
}

gi_node *gi_node_add(gale_trident *t, gi_node_kind kind, const char *call,
                     gi_node *from, gi_node *right)
{
    static gale_field none = { NULL, GALE_T_ANY };

    if (t == NULL)
        gi_bug("%s: what it is handed is NULL", call);

    gi_node *n = gi_pool_take(&t->pool, 1, sizeof(*n));
    if (n == NULL) {
        t->no_memory = true;
        return &t->nowhere;
    }
    *n = (gi_node){ .t = t, .kind = kind, .call = call, .out = &none };
    n->no = ++t->n_nodes;
    *t->last = n;
    t->last = &n->next;
    if (t->program != NULL)
        gi_node_say(n, "the program is built already");

    n->from = ours(t, n, from, "what it reads");
    n->right = ours(t, n, right,
                    kind == GI_NODE_QUERY ? "the state" : "the second stream");
    n->unclear = (n->from != NULL && n->from->unclear) ||
                 (n->right != NULL && n->right->unclear);
    return n;
}

/* --------------------------------------------------------------- names -- */

static const char *name_fault(const char *name)
{
    size_t n = strnlen(name, GI_MOST_NAME + 1);

    if (n == 0)
        return "is empty";
    if (n > GI_MOST_NAME)
        return "is longer than 255 bytes";
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
            return "has a control character in it";
    if (strncmp(name, "__", 2) == 0)
        return "begins with '__', which is reserved";
    return NULL;
}

bool gi_node_check_name(gi_node *n, const char *what, const char *name)
{
    const char *fault;

    if (name == NULL) {
        gi_node_say(n, "%s is NULL", what);
        return false;
    }
    fault = name_fault(name);
    if (fault != NULL)
        gi_node_say(n, "%s '%s' %s", what, gi_text_name(name).s, fault);
    return fault == NULL;
}

bool gi_node_names(gi_node *n, const gale_name *names)
{
    uint32_t count = 0;

    while (names != NULL && names[count] != NULL && count <= GI_MOST_FIELDS)
        count++;
    if (count > GI_MOST_FIELDS) {
        gi_node_say(n,
                    "it names more than %d fields, or they do not end with "
                    "NULL",
                    GI_MOST_FIELDS);
        n->unclear = true;
        return false;
    }
    n->names = gi_node_take(n, (size_t)count + 1, sizeof(*n->names));
    if (n->names == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        n->names[i] = gi_node_text(n, names[i]);
        if (n->names[i] == NULL)
            return false;
        n->n_names = i + 1;
    }
    return true;
}

void gale_trident_about(gale_trident *t, const char *about, const char *args)
{
    if (t == NULL)
        gi_bug("gale_trident_about: what it is handed is NULL");
    t->about = about == NULL ? NULL : gi_node_text(&t->nowhere, about);
    t->args = args == NULL ? NULL : gi_node_text(&t->nowhere, args);
}

void gale_trident_remember(gale_trident *t, const gale_store *store)
{
    if (t == NULL)
        gi_bug("gale_trident_remember: what it is handed is NULL");
    t->store = store;
    if (store != NULL && !gi_store_whole(store))
        gi_report_add(&t->mistakes,
                      "gale_trident_remember: its store '%s' lacks one of "
                      "open, get, write, scan and close",
                      store->name == NULL ? "" : gi_text_name(store->name).s);
}

/* -------------------------------------------------- whole of the stream -- */

gale_batches *gale_parallelism(gale_batches *s, uint32_t tasks)
{
    gi_node *n = (gi_node *)s;

    if (n == NULL)
        gi_bug("gale_parallelism: the stream is NULL");
    if (!gi_node_lives(n))
        return s;
    if (tasks == 0 || tasks > GI_MOST_TASKS)
        gi_node_say(n, "gale_parallelism %u makes no sense (1 to %d)", tasks,
                    GI_MOST_TASKS);
    else
        n->tasks = tasks;
    return s;
}

gale_batches *gale_named(gale_batches *s, const char *name)
{
    gi_node *n = (gi_node *)s;

    if (n == NULL)
        gi_bug("gale_named: the stream is NULL");
    if (gi_node_lives(n) && gi_node_check_name(n, "its name", name))
        n->name = gi_node_text(n, name);
    return s;
}

/* ------------------------------------------------------------- sources -- */

static void check_spout(gi_node *n, const gale_batch_spout *s)
{
    if ((uint32_t)s->kind > GALE_SPOUT_NON_TRANSACTIONAL)
        gi_node_say(n, "its kind is %u, which is none (0 to %d)",
                    (unsigned)s->kind, GALE_SPOUT_NON_TRANSACTIONAL);
    if (s->emit == NULL)
        gi_node_say(n, "its spout has no emit");
    if (s->kind == GALE_SPOUT_TRANSACTIONAL && s->plan == NULL)
        gi_node_say(n, "its spout is transactional, but has no plan");
    if (gi_node_count_fields(s->output) == 0)
        gi_node_say(n, "its spout has no output, so nothing would come");
}

gale_batches *gale_new_stream(gale_trident *t, const char *id,
                              const gale_batch_spout *spout)
{
    gi_node *n = gi_node_add(t, GI_NODE_SOURCE, "gale_new_stream", NULL, NULL);

    if (!gi_node_lives(n))
        return (gale_batches *)n;
    if (gi_node_check_name(n, "its id", id))
        n->id = gi_node_text(n, id);
    for (gi_node *m = t->first; n->id != NULL && m != n; m = m->next)
        if (m->kind == GI_NODE_SOURCE && m->id != NULL &&
            strcmp(m->id, n->id) == 0) {
            gi_node_say(n, "step %u has that id, too", m->no);
            break;
        }
    gi_node_check_clash(n);
    n->user = spout;
    if (spout == NULL) {
        gi_node_say(n, "it has no spout");
        n->unclear = true;
        return (gale_batches *)n;
    }
    check_spout(n, spout);
    if (gi_node_out(n, gi_node_count_fields(spout->output)))
        gi_node_out_fields(n, spout->output);
    return (gale_batches *)n;
}
