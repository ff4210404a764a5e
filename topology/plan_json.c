/* plan_json.c -- a plan for programs.  Keys are never left out. */
#include "base/json.h"
#include "topology/plan.h"

static void put_stream(gi_json *j, const gi_stream *s)
{
    gi_json_object(j, NULL);
    gi_json_str(j, "name", s->name);
    gi_json_bool(j, "direct", s->direct);
    gi_json_list(j, "fields");
    for (uint32_t i = 0; i < s->n_fields; i++) {
        gi_json_object(j, NULL);
        gi_json_str(j, "name", s->fields[i].name);
        gi_json_str(j, "type", gale_type_name(s->fields[i].type));
        gi_json_end(j);
    }
    gi_json_end(j);
    gi_json_end(j);
}

static void put_input(gi_json *j, const gi_plan *p, const gi_edge *e)
{
    const gi_stream *s = &p->streams[e->stream];

    gi_json_object(j, NULL);
    gi_json_str(j, "from", p->comps[s->comp].id);
    gi_json_str(j, "stream", s->name);
    gi_json_str(j, "grouping", gi_grouping_name(e->how));
    gi_json_list(j, "fields");
    for (uint32_t i = 0; i < e->n_keys; i++)
        gi_json_str(j, NULL, s->fields[e->keys[i]].name);
    gi_json_end(j);
    gi_json_end(j);
}

/* What was set, whether or not it is the default. */
static void put_settings(gi_json *j, const gi_conf *c)
{
    const char *key;

    gi_json_object(j, "settings");
    for (size_t i = 0; (key = gi_conf_key_at(c, i)) != NULL; i++) {
        gi_json_object(j, key);
        gi_json_str(j, "value", gi_conf_get(c, key));
        gi_json_str(j, "from", gi_conf_from(c, key));
        gi_json_end(j);
    }
    gi_json_end(j);
}

static void put_comp(gi_json *j, const gi_plan *p, const gi_comp *c)
{
    gi_json_object(j, NULL);
    gi_json_str(j, "id", c->id);
    gi_json_str(j, "kind", c->is_spout ? "spout" : "bolt");
    gi_json_u64(j, "tasks", c->n_tasks);
    gi_json_u64(j, "executors", c->n_executors);
    gi_json_u64(j, "tick_ms", c->tick_ms);
    gi_json_bool(j, "blocking", c->blocking);
    gi_json_bool(j, "fused", c->fused);
    gi_json_u64(j, "rank", c->rank);
    gi_json_bool(j, "in_cycle", c->in_cycle);
    gi_json_list(j, "streams");
    for (uint32_t i = 0; i < c->n_streams; i++)
        put_stream(j, &p->streams[c->first_stream + i]);
    gi_json_end(j);
    gi_json_list(j, "inputs");
    for (uint32_t i = 0; i < p->n_edges; i++)
        if (p->edges[i].to == c->no)
            put_input(j, p, &p->edges[i]);
    gi_json_end(j);
    put_settings(j, c->conf);
    gi_json_end(j);
}

char *gi_plan_json(const gi_plan *p)
{
    gi_json j = { 0 };

    gi_json_object(&j, NULL);
    gi_json_str(&j, "name", p->name);
    gi_json_list(&j, "components");
    for (uint32_t i = 0; i < p->n_comps; i++)
        put_comp(&j, p, &p->comps[i]);
    gi_json_end(&j);
    put_settings(&j, p->conf);
    gi_json_end(&j);
    return gi_json_take(&j);
}
