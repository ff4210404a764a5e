#include "cli/submission.h"

#include "base/scalar.h"
#include "base/settings.h"

#define CPU    "topology.component.cpu.pcore.percent"
#define MEMORY "topology.component.resources.onheap.memory.mb"

/* ----------------------------------------------------------- settings -- */

/* Of a cluster's own settings workers have no use. */
static bool is_of_cluster(const char *key)
{
    static const char *const families[] = { "nimbus.", "supervisor.", "storm.",
                                            "gale.",   "worker.",     "ui." };

    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        if (strncmp(key, families[i], strlen(families[i])) == 0)
            return true;
    return false;
}

/* A key of site's that is a topology's, and that nobody else has set: also no
 * list of which it is an element. */
static bool is_left_to_site(const char *key, const gi_conf *plan)
{
    char list[256];
    const char *dot = strrchr(key, '.');

    if ((strncmp(key, "topology.", 9) != 0 && strncmp(key, "drpc.", 5) != 0) ||
        gi_conf_get(plan, key) != NULL)
        return false;
    if (gi_settings_find(key) != NULL)
        return true;
    if (dot == NULL || (size_t)(dot - key) >= sizeof(list))
        return false;
    memcpy(list, key, (size_t)(dot - key));
    list[dot - key] = '\0';
    return gi_settings_find(list) != NULL && gi_conf_get(plan, list) == NULL;
}

static size_t list_settings(gi_msg_pair *to, const gi_conf *plan,
                            const gi_conf *over, const gi_conf *site)
{
    size_t n = 0;
    const char *key;

    for (size_t i = 0; (key = gi_conf_key_at(over, i)) != NULL; i++)
        if (!is_of_cluster(key)) {
            if (to != NULL)
                to[n] = (gi_msg_pair){ key, gi_conf_get(over, key) };
            n++;
        }
    for (size_t i = 0; site != NULL && (key = gi_conf_key_at(site, i)) != NULL;
         i++)
        if (is_left_to_site(key, plan)) {
            if (to != NULL)
                to[n] = (gi_msg_pair){ key, gi_conf_get(site, key) };
            n++;
        }
    return n;
}

/* As the workers will have it: the plan's, else the site's, else the
 * default. */
static double number(const gi_conf *conf, const gi_conf *site, const char *key)
{
    const char *text = gi_conf_get(conf, key);
    const gi_setting_info *info = gi_settings_find(key);
    double v = 0;

    if (text == NULL && site != NULL)
        text = gi_conf_get(site, key);
    if (text == NULL && info != NULL)
        text = info->otherwise;
    if (text != NULL)
        gi_scalar_f64(text, &v);
    return v;
}

/* ---------------------------------------------------------- the table -- */

static void list_components(gi_msg_component *to, const gi_plan *plan,
                            const gi_conf *site)
{
    for (uint32_t i = 0; i < plan->n_comps; i++) {
        const gi_comp *c = &plan->comps[i];

        to[i] = (gi_msg_component){
            .id = c->id,
            .spout = c->is_spout,
            .first_task = c->first_task,
            .n_tasks = c->n_tasks,
            .n_executors = c->n_executors,
            .cpu = (uint64_t)(number(c->conf, site, CPU) + 0.5),
            .memory_mb = (uint64_t)(number(c->conf, site, MEMORY) + 0.5),
        };
    }
}

/* From whom to whom, each once. */
static uint32_t list_talks(gi_msg_talk *to, const gi_plan *plan)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < plan->n_edges; i++) {
        const gi_edge *e = &plan->edges[i];
        gi_msg_talk talk = { plan->streams[e->stream].comp, e->to };
        bool known = false;

        for (uint32_t k = 0; k < n && !known; k++)
            known = to[k].from == talk.from && to[k].to == talk.to;
        if (!known)
            to[n++] = talk;
    }
    return n;
}

gale_err gi_submission_of(gi_msg_submit *out, const gi_plan *plan,
                          const gi_conf *over, const gi_conf *site,
                          const char *const *words, size_t n_words,
                          gi_pool *pool)
{
    size_t n_settings = list_settings(NULL, plan->conf, over, site);
    gi_msg_pair *settings = gi_pool_take(pool, n_settings, sizeof(*settings));
    gi_msg_word *its = gi_pool_take(pool, n_words, sizeof(*its));
    gi_msg_component *comps =
        gi_pool_take(pool, plan->n_comps, sizeof(*comps));
    gi_msg_talk *talks = gi_pool_take(pool, plan->n_edges, sizeof(*talks));

    if (settings == NULL || its == NULL || comps == NULL || talks == NULL)
        return GALE_ENOMEM;
    list_settings(settings, plan->conf, over, site);
    list_components(comps, plan, site);
    for (size_t i = 0; i < n_words; i++)
        its[i].text = words[i];
    *out = (gi_msg_submit){
        .name = plan->name,
        .workers = (uint64_t)number(plan->conf, site, "topology.workers"),
        .worker_memory_mb = (uint64_t)number(
            plan->conf, site, "topology.worker.max.heap.size.mb"),
        .priority = (uint64_t)number(plan->conf, site, "topology.priority"),
        .timeout_ms = (uint64_t)(number(plan->conf, site,
                                        "topology.message.timeout.secs") *
                                 1000),
        .n_settings = (uint32_t)n_settings,
        .settings = settings,
        .n_words = (uint32_t)n_words,
        .words = its,
        .n_components = plan->n_comps,
        .components = comps,
        .n_talks = list_talks(talks, plan),
        .talks = talks,
    };
    return GALE_OK;
}
