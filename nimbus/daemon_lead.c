/* daemon_lead.c -- does this Nimbus lead, and what if that changes.
 *
 * One that is alone leads always, and ends when its store fails.  One of
 * several leads while the ensemble says so.  It reads the store when it begins
 * to, and forgets all when another may lead.  In doubt it keeps what it knows,
 * and answers nobody.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/env.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "nimbus/daemon_inside.h"
#include "nimbus/store/lmdb.h"

static bool program_here(void *arg, const char *hash)
{
    gi_ndaemon *d = arg;
    gi_blob_state state;

    return gi_blobs_look(d->blobs, hash, gi_nd_now().ms, &state, NULL) ==
               GALE_OK &&
           state.complete;
}

static void note(void *arg, bool bad, const char *text)
{
    (void)arg;
    gi_log(bad ? GALE_LOG_WARN : GALE_LOG_INFO, GI_WHO, "%s", text);
}

static gale_err begin_nimbus(gi_ndaemon *d, gale_diag *why)
{
    gi_nimbus_opts opts = d->o->nimbus;

    snprintf(d->id, sizeof(d->id), "%016" PRIx64 "%016" PRIx64,
             gi_env_real.entropy(gi_env_real.arg),
             gi_env_real.entropy(gi_env_real.arg));
    opts.id = d->id;
    opts.host = d->host;
    opts.url = d->url;
    opts.program_here = program_here;
    opts.note = note;
    opts.arg = d;
    return gi_nimbus_create(&d->nimbus, &opts, &d->store, gi_nd_now(), why);
}

static void end_nimbus(gi_ndaemon *d)
{
    gi_nimbus_destroy(d->nimbus);
    d->nimbus = NULL;
    if (d->store.close != NULL)
        d->store.close(d->store.self);
    d->store = (gi_store){ 0 };
}

/* --------------------------------------------------------------- alone -- */

static gale_err open_file(gi_ndaemon *d, gale_diag *why)
{
    gi_strbuf path = { 0 };
    gi_store_lmdb_opts opts = { .set_aside = d->o->set_damaged_aside };
    char *text;
    gale_err rv;

    gi_strbuf_printf(&path, "%s/state.mdb", d->o->dir);
    text = gi_strbuf_take(&path);
    if (text == NULL)
        return GALE_ENOMEM;
    opts.path = text;
    rv = gi_store_lmdb_open(&d->store, &opts, why);
    gi_free(text);
    if (rv == GALE_OK && why->text[0] != '\0')
        gi_log(GALE_LOG_WARN, GI_WHO, "%s", why->text);
    return rv;
}

static gale_err stand_alone(gi_ndaemon *d, gale_diag *why)
{
    const char *broken = gi_nimbus_broken(d->nimbus);

    d->leads = broken == NULL;
    if (broken == NULL)
        return GALE_OK;
    gi_diag_say(why,
                "Nimbus ends, since it cannot keep what it decides: %.1900s",
                broken);
    return GALE_EIO;
}

/* ------------------------------------------------------ one of several -- */

static gale_err open_several(gi_ndaemon *d, gale_diag *why)
{
    gi_mirror_opts mirror = {
        .id = d->url,
        .blobs = d->blobs,
        .secrets = d->secrets,
        .open = d->o->open,
        .wake = gi_nd_wake,
        .note = note,
        .arg = d,
    };
    gale_err rv = gi_mirror_create(&d->mirror, &mirror);

    d->candidate = (gi_candidate){ d->url, gi_nd_wake, note, d };
    if (rv == GALE_OK)
        rv = d->o->elect(&d->election, d->o->elect_with, &d->candidate, why);
    return rv;
}

/* It was elected.  If it cannot read what there is, another may. */
static void begin_to_lead(gi_ndaemon *d)
{
    gale_diag why = { "" };
    gale_err rv = d->election.store(d->election.self, &d->store, &why);

    if (rv == GALE_OK)
        rv = begin_nimbus(d, &why);
    if (rv == GALE_OK) {
        gi_log(GALE_LOG_INFO, GI_WHO, "leads from now on");
        return;
    }
    gi_log(GALE_LOG_ERROR, GI_WHO, "was elected and cannot lead: %s",
           why.text[0] == '\0' ? gale_err_text(rv) : why.text);
    end_nimbus(d);
    d->election.resign(d->election.self);
}

static void cease_to_lead(gi_ndaemon *d)
{
    const char *broken = gi_nimbus_broken(d->nimbus);

    if (broken != NULL)
        gi_log(GALE_LOG_ERROR, GI_WHO, "leads no more: %s", broken);
    else
        gi_log(GALE_LOG_WARN, GI_WHO, "leads no more");
    end_nimbus(d);
    gi_nd_forget_standbys(d);
    gi_nd_hear_anew(d);
}

static void stand_among_others(gi_ndaemon *d, gi_when now)
{
    gi_standing st;
    const char *url;

    if (d->nimbus != NULL && gi_nimbus_broken(d->nimbus) != NULL) {
        cease_to_lead(d);
        d->election.resign(d->election.self);
    }
    st = d->election.turn(d->election.self);
    if (st == GI_LEADS && d->nimbus == NULL) {
        begin_to_lead(d);
        st = d->election.turn(d->election.self); /* that took its time */
    }
    if (st == GI_STANDS_BY && d->nimbus != NULL)
        cease_to_lead(d);
    d->leads = st == GI_LEADS && d->nimbus != NULL;
    url = d->election.url(d->election.self);
    snprintf(d->leader, sizeof(d->leader), "%s",
             st != GI_STANDS_BY || strcmp(url, d->url) == 0 ? "" : url);
    gi_mirror_follow(d->mirror, d->leader);
    gi_mirror_turn(d->mirror, now.ms);
}

/* ---------------------------------------------------------------- both -- */

gale_err gi_nd_lead_open(gi_ndaemon *d, gale_diag *why)
{
    gale_err rv;

    if (d->o->elect != NULL)
        return open_several(d, why);
    rv = open_file(d, why);
    if (rv == GALE_OK)
        rv = begin_nimbus(d, why);
    d->leads = rv == GALE_OK;
    return rv;
}

void gi_nd_lead_close(gi_ndaemon *d)
{
    end_nimbus(d);
    gi_mirror_destroy(d->mirror);
    if (d->election.close != NULL)
        d->election.close(d->election.self);
}

gale_err gi_nd_stand(gi_ndaemon *d, gi_when now, gale_diag *why)
{
    if (d->o->elect == NULL)
        return stand_alone(d, why);
    stand_among_others(d, now);
    return GALE_OK;
}

uint64_t gi_nd_stand_due(const gi_ndaemon *d, gi_when now)
{
    uint64_t mirror, election;
    uint32_t ms;

    if (d->o->elect == NULL)
        return UINT64_MAX;
    mirror = gi_mirror_due(d->mirror);
    ms = d->election.due_ms(d->election.self);
    election = ms == UINT32_MAX ? UINT64_MAX : now.ms + ms;
    return mirror < election ? mirror : election;
}
