/* duties.c -- what is known of topologies, and the duty of each worker.
 *
 * What Nimbus says of a topology is kept on the disk too, so that a supervisor
 * that starts anew can replace a worker while Nimbus is away.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/env.h"
#include "base/log.h"
#include "base/mem.h"
#include "supervisor/daemon_inside.h"
#include "wire/duty.h"

static gi_told *told_of(const gi_sdaemon *d, const char *id)
{
    for (gi_told *t = d->told; t != NULL; t = t->next)
        if (strcmp(t->topology->id, id) == 0)
            return t;
    return NULL;
}

const gi_msg_topology *gi_duties_of(const gi_sdaemon *d, const char *topology)
{
    const gi_told *t = told_of(d, topology);

    return t == NULL ? NULL : t->topology;
}

gale_err gi_duties_known(const gi_sdaemon *d, gi_pool *pool,
                         gi_msg_report *out)
{
    uint32_t n = 0;

    for (const gi_told *t = d->told; t != NULL; t = t->next)
        n++;
    out->parts = true;
    out->known = gi_pool_take(pool, n, sizeof(*out->known));
    if (out->known == NULL)
        return GALE_ENOMEM;
    for (const gi_told *t = d->told; t != NULL; t = t->next)
        out->known[out->n_known++] =
            (gi_msg_known){ .id = t->topology->id,
                            .digest = t->topology->digest };
    return GALE_OK;
}

static void forget(gi_told *t)
{
    if (t == NULL)
        return;
    gi_pool_fini(&t->pool);
    gi_free(t->bytes);
    gi_free(t);
}

/* A copy that is our own, made the way that every message goes. */
static gale_err copy(gi_told **out, const gi_msg_topology *from)
{
    gi_told *t = gi_alloc(sizeof(*t));
    gi_strbuf b = { 0 };
    gale_err rv = GALE_ENOMEM;

    if (t == NULL)
        return rv;
    gi_msg_write(&b, GI_M_topology, from);
    t->len = b.len;
    t->bytes = gi_strbuf_take(&b);
    t->topology = gi_pool_take(&t->pool, 1, sizeof(*t->topology));
    if (t->bytes != NULL && t->topology != NULL)
        rv = gi_msg_read(GI_M_topology, t->bytes, t->len, &t->pool,
                         t->topology, NULL, NULL);
    if (rv != GALE_OK) {
        forget(t);
        return rv;
    }
    *out = t;
    return GALE_OK;
}

static uint64_t next_number(gi_sdaemon *d)
{
    uint64_t wall = (uint64_t)gi_env_real.wall_ms(gi_env_real.arg);

    d->duty_number = wall > d->duty_number ? wall : d->duty_number + 1;
    return d->duty_number;
}

/* Whatever he may have put in its place. */
static gale_err give(const char *dir, const char *beside,
                     const struct stat *whose, const gi_msg_duty *duty)
{
    char path[GI_PATH_MOST];
    gale_err rv =
        gi_duty_give(dir, beside, whose->st_uid, whose->st_gid, duty);

    if (rv != GALE_EIO || errno != EISDIR)
        return rv;
    gi_path(path, "%s/" GI_DUTY_FILE, dir);
    gi_dir_remove(path);
    return gi_duty_give(dir, beside, whose->st_uid, whose->st_gid, duty);
}

/* A worker's directory may be another user's: then the duty is given to him.
 * It is not ours to write in, and whose it is nobody but us can change. */
static gale_err put_duty(const char *dir, const char *beside,
                         const gi_msg_duty *duty)
{
    struct stat st;

    if (beside == NULL) /* a topology's */
        return gi_duty_keep(dir, duty);
    if (lstat(dir, &st) != 0)
        return GALE_EIO;
    return st.st_uid == geteuid() ? gi_duty_write(dir, duty)
                                  : give(dir, beside, &st, duty);
}

static gale_err write_duty(gi_sdaemon *d, const char *dir, const char *beside,
                           gi_msg_duty *duty, const gi_told *t, gale_diag *why)
{
    gale_err rv;

    duty->node = d->home.id;
    duty->host = d->host;
    duty->number = next_number(d);
    duty->n_topology = 1;
    duty->topology = t->topology;
    errno = 0;
    rv = beside == NULL ? gi_dir_make(dir) : GALE_OK;
    if (rv == GALE_OK)
        rv = put_duty(dir, beside, duty);
    if (rv != GALE_OK)
        gi_diag_say(why, "%s cannot be written: %s", dir,
                    rv == GALE_EIO && errno != 0 ? strerror(errno)
                                                 : gale_err_text(rv));
    return rv;
}

/* Those of its workers that run here read of it. */
static void mark(gi_sdaemon *d, const char *topology)
{
    for (uint32_t i = 0; i < gi_node_n_slots(d->node); i++) {
        const gi_keeper *k = gi_node_slot(d->node, i);

        if (k->has != NULL && strcmp(k->has->topology, topology) == 0)
            d->views[i].duty_due = true;
    }
}

static void put(gi_sdaemon *d, gi_told *t)
{
    gi_told **at = &d->told, *before = told_of(d, t->topology->id);

    while (*at != before)
        at = &(*at)->next;
    if (before != NULL) {
        *at = before->next;
        forget(before);
    }
    t->next = d->told;
    d->told = t;
}

static gale_err take(gi_sdaemon *d, const gi_msg_topology *from,
                     gale_diag *why)
{
    char dir[GI_PATH_MOST];
    gi_msg_duty duty = { 0 };
    gi_told *t, *before;
    gale_err rv;

    if (!gi_order_name_ok(from->id, GI_TOPOLOGY_ID_MOST)) {
        gi_diag_say(why, "'%.100s' is not the id of a topology", from->id);
        return GALE_EFORMAT;
    }
    rv = copy(&t, from);
    if (rv != GALE_OK)
        return rv;
    before = told_of(d, from->id);
    if (before != NULL && before->len == t->len &&
        memcmp(before->bytes, t->bytes, t->len) == 0) {
        forget(t);
        return GALE_OK;
    }
    gi_home_topology(&d->home, from->id, dir);
    if (write_duty(d, dir, NULL, &duty, t, why) != GALE_OK)
        gi_log(GALE_LOG_WARN, GI_WHO, "%s", why->text);
    put(d, t);
    mark(d, from->id);
    return GALE_OK;
}

gale_err gi_duties_take(gi_sdaemon *d, const gi_msg_orders *o, gale_diag *why)
{
    gale_err rv = GALE_OK;

    for (uint32_t i = 0; i < o->n_topologies && rv == GALE_OK; i++)
        rv = take(d, &o->topologies[i], why);
    return rv;
}

bool gi_duties_use(const gi_sdaemon *d, const char *topology)
{
    for (uint32_t i = 0; i < gi_node_n_slots(d->node); i++) {
        const gi_keeper *k = gi_node_slot(d->node, i);

        if ((k->has != NULL && strcmp(k->has->topology, topology) == 0) ||
            (k->want != NULL && strcmp(k->want->topology, topology) == 0))
            return true;
    }
    return false;
}

void gi_duties_sweep(gi_sdaemon *d)
{
    gi_told **at = &d->told;
    char dir[GI_PATH_MOST];

    while (*at != NULL) {
        gi_told *t = *at;

        if (gi_duties_use(d, t->topology->id)) {
            at = &t->next;
            continue;
        }
        gi_home_topology(&d->home, t->topology->id, dir);
        gi_dir_remove(dir);
        *at = t->next;
        forget(t);
    }
}

/* GALE_ENOTFOUND and the like are no misfortune: Nimbus will say it again. */
gale_err gi_duties_recall(gi_sdaemon *d, const char *topology)
{
    char dir[GI_PATH_MOST];
    gi_msg_duty duty = { 0 };
    gi_pool pool = { 0 };
    gi_told *t;
    gale_err rv;

    if (told_of(d, topology) != NULL)
        return GALE_OK;
    gi_home_topology(&d->home, topology, dir);
    rv = gi_duty_read(&duty, dir, &pool, NULL);
    if (rv == GALE_OK && duty.n_topology != 1)
        rv = GALE_EFORMAT;
    if (rv == GALE_OK && strcmp(duty.topology[0].id, topology) != 0)
        rv = GALE_EFORMAT;
    if (rv == GALE_OK)
        rv = copy(&t, &duty.topology[0]);
    if (rv == GALE_OK) {
        put(d, t);
        if (duty.number > d->duty_number && duty.number < INT64_MAX)
            d->duty_number = duty.number;
    }
    gi_pool_fini(&pool);
    return rv;
}

gale_err gi_duty_for(gi_sdaemon *d, uint16_t port, uint64_t incarnation,
                     const gi_order *order, gale_diag *why)
{
    const gi_told *t = told_of(d, order->topology);
    gi_msg_duty duty = {
        .port = port,
        .since = order->since,
        .incarnation = incarnation,
    };
    char dir[GI_PATH_MOST], beside[GI_PATH_MOST];

    if (t == NULL) {
        gi_diag_say(why,
                    "Nimbus has not said yet what topology %s consists of",
                    order->topology);
        return GALE_ENOTFOUND;
    }
    gi_home_worker(&d->home, port, dir);
    gi_home_beside(&d->home, port, beside);
    return write_duty(d, dir, beside, &duty, t, why);
}

/* Is the worker in that slot one of the topology's? */
static bool is_of(const gi_sdaemon *d, const gi_keeper *k,
                  const gi_msg_topology *t)
{
    for (uint32_t i = 0; i < t->n_workers; i++)
        if (t->workers[i].port == k->port &&
            t->workers[i].since == k->has->since &&
            strcmp(t->workers[i].node, d->home.id) == 0)
            return true;
    return false;
}

void gi_duties_write(gi_sdaemon *d)
{
    for (uint32_t i = 0; i < gi_node_n_slots(d->node); i++) {
        const gi_keeper *k = gi_node_slot(d->node, i);
        const gi_told *t =
            k->has == NULL ? NULL : told_of(d, k->has->topology);
        gale_diag why = { 0 };

        if (!d->views[i].duty_due)
            continue;
        d->views[i].duty_due = false;
        if (t == NULL || k->incarnation == 0 || !is_of(d, k, t->topology))
            continue;
        if (gi_duty_for(d, k->port, k->incarnation, k->has, &why) != GALE_OK) {
            gi_log(GALE_LOG_WARN, GI_WHO, "slot %u: %s", k->port, why.text);
            d->views[i].duty_again = true; /* at the next look */
        }
    }
}

void gi_duties_close(gi_sdaemon *d)
{
    while (d->told != NULL) {
        gi_told *t = d->told;

        d->told = t->next;
        forget(t);
    }
}
