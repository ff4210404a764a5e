#include "local/process/mishaps.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/log.h"
#include "base/mem.h"

typedef struct mishap {
    int64_t wall_ms;
    uint32_t task, comp;
    char text[GI_PROGRESS_MISHAP_TEXT];
} mishap;

struct gi_mishaps {
    const gi_plan *plan;
    mishap shown[GI_MISHAPS]; /* what the last list points to */
    pthread_mutex_t lock;     /* guards: */
    mishap at[GI_MISHAPS];    /* a ring */
    uint64_t n;               /* so far */
};

/* "topology/component/3": which task?  0: it is somebody else. */
static uint32_t task_of(const gi_plan *plan, const char *who)
{
    size_t len = strlen(plan->name);
    const char *slash = who == NULL ? NULL : strrchr(who, '/');

    if (slash == NULL || strncmp(who, plan->name, len) != 0 ||
        slash <= who + len || who[len] != '/')
        return 0;
    const char *id = who + len + 1;
    size_t id_len = (size_t)(slash - id);
    unsigned long no = strtoul(slash + 1, NULL, 10);
    for (uint32_t i = 0; i < plan->n_comps; i++) {
        const gi_comp *c = &plan->comps[i];

        if (strlen(c->id) == id_len && memcmp(c->id, id, id_len) == 0)
            return no < c->n_tasks ? c->first_task + (uint32_t)no : 0;
    }
    return 0;
}

static void on_line(void *arg, gale_level level, const char *who,
                    const char *text)
{
    gi_mishaps *m = arg;
    uint32_t task = level == GALE_LOG_ERROR ? task_of(m->plan, who) : 0;

    if (task == 0)
        return;
    pthread_mutex_lock(&m->lock);
    mishap *at = &m->at[m->n++ % GI_MISHAPS];
    at->wall_ms = gi_env_real.wall_ms(NULL);
    at->task = task;
    at->comp = m->plan->task_comp[task];
    snprintf(at->text, sizeof(at->text), "%s", text);
    pthread_mutex_unlock(&m->lock);
}

uint32_t gi_mishaps_list(gi_mishaps *m, gi_msg_mishap out[GI_MISHAPS])
{
    pthread_mutex_lock(&m->lock);
    uint32_t n = m->n < GI_MISHAPS ? (uint32_t)m->n : GI_MISHAPS;
    for (uint32_t i = 0; i < n; i++)
        m->shown[i] = m->at[(m->n - n + i) % GI_MISHAPS];
    pthread_mutex_unlock(&m->lock);

    for (uint32_t i = 0; i < n; i++)
        out[i] = (gi_msg_mishap){
            .wall_ms = (uint64_t)m->shown[i].wall_ms,
            .component = m->plan->comps[m->shown[i].comp].id,
            .task = m->shown[i].task,
            .text = m->shown[i].text,
        };
    return n;
}

gale_err gi_mishaps_create(gi_mishaps **out, const gi_plan *plan)
{
    gi_mishaps *m = gi_alloc(sizeof(*m));

    if (m == NULL)
        return GALE_ENOMEM;
    m->plan = plan;
    pthread_mutex_init(&m->lock, NULL);
    gi_log_set_listener(on_line, m);
    *out = m;
    return GALE_OK;
}

void gi_mishaps_destroy(gi_mishaps *m)
{
    if (m == NULL)
        return;
    gi_log_set_listener(NULL, NULL);
    pthread_mutex_destroy(&m->lock);
    gi_free(m);
}
