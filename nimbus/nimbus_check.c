/* What a topology must be like, whether a client or the store says it. */
#include <ctype.h>
#include <string.h>

#include "base/diag.h"
#include "base/report.h"
#include "nimbus/nimbus_keep.h"

static bool plain(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_';
}

gale_err gi_name_check(const char *name, gale_diag *why)
{
    char near[GI_NAME_MOST + 1];
    size_t n = strlen(name), i;

    if (n == 0) {
        gi_diag_say(why, "a topology needs a name");
        return GALE_EINVAL;
    }
    for (i = 0; i < n && plain(name[i]); i++)
        ;
    if (i == n && n <= GI_NAME_MOST && name[0] != '-')
        return GALE_OK;
    for (i = 0; i < n && i < GI_NAME_MOST; i++)
        near[i] = plain(name[i]) && (i > 0 || name[i] != '-') ? name[i] : '_';
    near[i] = '\0';
    gi_diag_say(why,
                "'%.200s' may not be a topology's name: letters, digits, '-' "
                "and '_', at most %d, the first one no '-' (perhaps '%s')",
                name, GI_NAME_MOST, near);
    return GALE_EINVAL;
}

static bool hash_ok(const char *s)
{
    return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

static void check_component(const gi_msg_kept_topology *m, uint32_t i,
                            uint64_t *next, gi_report *r)
{
    const gi_msg_component *c = &m->components[i];

    if (c->id[0] == '\0')
        gi_report_add(r, "component %u has no name", i);
    for (uint32_t k = 0; k < i; k++)
        if (strcmp(m->components[k].id, c->id) == 0) {
            gi_report_add(r, "component '%s' is there twice", c->id);
            break;
        }
    if (c->n_tasks == 0 || c->n_tasks > UINT32_MAX || c->first_task < *next ||
        c->first_task > UINT32_MAX - c->n_tasks) {
        gi_report_add(r, "the tasks of '%s' do not follow those before it",
                      c->id);
        return;
    }
    *next = c->first_task + c->n_tasks;
    if (c->n_executors == 0 || c->n_executors > c->n_tasks)
        gi_report_add(r, "'%s' has %llu tasks and cannot have %llu executors",
                      c->id, (unsigned long long)c->n_tasks,
                      (unsigned long long)c->n_executors);
    if (c->cpu > INT32_MAX || c->memory_mb > INT32_MAX)
        gi_report_add(r, "'%s' wants more than any machine has", c->id);
}

static gale_err check_size(const gi_msg_kept_topology *m, gale_diag *why)
{
    uint64_t executors = 0;

    for (uint32_t i = 0; i < m->n_components; i++)
        executors += m->components[i].n_executors;
    if (executors <= GI_EXECUTORS_MOST)
        return GALE_OK;
    gi_diag_say(why,
                "'%s' has %llu executors; %d are the most (an executor may "
                "have several tasks)",
                m->name, (unsigned long long)executors, GI_EXECUTORS_MOST);
    return GALE_ELIMIT;
}

gale_err gi_kept_check(const gi_msg_kept_topology *m, gale_diag *why)
{
    gi_report r;
    uint64_t next = 0;
    gale_err e;

    gi_report_init(&r);
    if (!hash_ok(m->program))
        gi_report_add(&r, "the program of '%s' is no SHA-256: '%.80s'",
                      m->name, m->program);
    if (m->machine[0] == '\0')
        gi_report_add(&r,
                      "it is not said for which machine the program of "
                      "'%s' is (for one \"x86_64\")",
                      m->name);
    if (strlen(m->machine) > GI_MACHINE_MOST)
        gi_report_add(&r, "'%.80s' is no type of machine", m->machine);
    if (m->workers == 0 || m->workers > GI_WORKERS_MOST)
        gi_report_add(&r, "'%s' cannot have %llu workers (1 to %d)", m->name,
                      (unsigned long long)m->workers, GI_WORKERS_MOST);
    if (m->worker_memory_mb > INT32_MAX || m->priority > INT32_MAX)
        gi_report_add(&r, "memory or priority of '%s' is too large", m->name);
    if (m->n_components == 0)
        gi_report_add(&r, "'%s' has no components", m->name);
    for (uint32_t i = 0; i < m->n_components; i++)
        check_component(m, i, &next, &r);
    for (uint32_t i = 0; i < m->n_talks; i++)
        if (m->talks[i].from >= m->n_components ||
            m->talks[i].to >= m->n_components)
            gi_report_add(&r, "'%s' has a stream to or from nowhere", m->name);
    e = gi_report_empty(&r) ? check_size(m, why) : GALE_EINVAL;
    if (e == GALE_EINVAL)
        gi_report_to_diag(&r, why);
    if (r.n == 0 && r.dropped > 0)
        e = GALE_ENOMEM;
    gi_report_fini(&r);
    return e;
}
