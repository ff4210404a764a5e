/* validate.c -- the plan of a topology under the settings of a call. */

#include "base/diag.h"
#include "gale/run.h"
#include "topology/draft.h"

gale_err gi_plan_over(gi_conf **out, const gale_topology *t,
                      const gale_setting *conf, const char *from, gi_report *r)
{
    gi_report unheard = { 0 };
    gi_draft d = { .r = &unheard };
    gale_setting *s = NULL;
    uint32_t n = 0;
    gi_conf *c = NULL;
    gale_err rv = gi_conf_create(&c, NULL);

    /* Without an abi nobody knows how far apart they lie; whoever makes the
     * plan will say so. */
    if (rv == GALE_OK && gi_draft_abi(&d, t)) {
        rv =
            gi_read_settings(&d.scratch, d.abi.setting, conf, from, &s, &n, r);
        if (rv == GALE_OK)
            rv = gi_conf_add(c, s, n, from);
        if (rv == GALE_OK)
            gi_check_settings(s, n, from, r);
    }
    gi_report_fini(&unheard);
    gi_pool_fini(&d.scratch);
    if (rv == GALE_OK)
        *out = c;
    else
        gi_conf_destroy(c);
    return rv;
}

gale_err gi_plan_of(gi_plan **out, const gale_topology *t,
                    const gale_setting *conf, const char *from, gale_diag *why)
{
    gi_report r;
    gi_conf *over = NULL;
    gi_plan *p = NULL;

    gi_report_init(&r);
    gale_err rv = gi_plan_over(&over, t, conf, from, &r);
    bool settings_ok = gi_report_empty(&r);

    if (rv == GALE_OK)
        rv = gi_plan_create(&p, t, over, &r);
    if (rv == GALE_OK && !settings_ok)
        rv = GALE_ECONF;
    if (rv == GALE_OK)
        *out = p;
    else
        gi_plan_destroy(p);
    if (rv == GALE_ENOMEM)
        gi_diag_say(why, "%s", gale_err_text(rv));
    else
        gi_report_to_diag(&r, why);
    gi_conf_destroy(over);
    gi_report_fini(&r);
    return rv;
}

gale_err gale_validate(const gale_topology *t, const gale_setting *conf,
                       gale_diag *why)
{
    gi_plan *p = NULL;
    gale_err rv = gi_plan_of(&p, t, conf, "the call", why);

    gi_plan_destroy(p);
    return rv;
}
