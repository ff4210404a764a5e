#include "nimbus/life.h"

#include "base/diag.h"

const char *gi_status_name(gi_status s)
{
    static const char *const names[] = {
#define GI_STATUS_NAME(name, text) text,
        GI_STATUSES(GI_STATUS_NAME)
#undef GI_STATUS_NAME
    };

    return (size_t)s < sizeof(names) / sizeof(names[0]) ? names[s] : "?";
}

bool gi_life_waits(const gi_life *l)
{
    return l->status == GI_STATUS_REBALANCING || l->status == GI_STATUS_KILLED;
}

bool gi_life_emits(const gi_life *l)
{
    return l->status == GI_STATUS_ACTIVE;
}

void gi_life_init(gi_life *l, bool active, uint64_t timeout_ms)
{
    *l = (gi_life){
        .status = active ? GI_STATUS_ACTIVE : GI_STATUS_INACTIVE,
        .before = active ? GI_STATUS_ACTIVE : GI_STATUS_INACTIVE,
        .turn = 1,
        .timeout_ms = timeout_ms,
    };
}

static void start_wait(gi_life *l, uint64_t now_ms)
{
    /* A wait that is longer than time lasts to its end. */
    l->until_ms =
        l->wait_ms > UINT64_MAX - now_ms ? UINT64_MAX : now_ms + l->wait_ms;
}

/* Spouts are told again also if they do not emit already: the workers' answers
 * to this turn are what ends the wait. */
static unsigned enter(gi_life *l, gi_status status)
{
    l->before = l->status;
    l->status = status;
    l->turn++;
    return GI_LIFE_STORE | GI_LIFE_TELL;
}

static unsigned enter_wait(gi_life *l, gi_status status, uint64_t wait_ms,
                           uint64_t now_ms)
{
    unsigned todo = enter(l, status);

    l->wait_ms = wait_ms == GI_WAIT_USUAL ? l->timeout_ms : wait_ms;
    start_wait(l, now_ms);
    return todo;
}

gale_err gi_life_wish(gi_life *l, gi_wish wish, uint64_t wait_ms,
                      uint64_t now_ms, unsigned *todo, gale_diag *why)
{
    gi_status wanted =
        wish == GI_WISH_ACTIVATE ? GI_STATUS_ACTIVE : GI_STATUS_INACTIVE;

    if (l->status == GI_STATUS_GONE)
        return gi_diag_err(why, GALE_EINVAL, "the topology is gone");
    if (wish == GI_WISH_KILL) {
        *todo = l->status == GI_STATUS_REBALANCING ? GI_LIFE_FORGET : 0;
        *todo |= enter_wait(l, GI_STATUS_KILLED, wait_ms, now_ms);
        return GALE_OK;
    }
    if (l->status == GI_STATUS_KILLED)
        return gi_diag_err(why, GALE_EINVAL,
                           "the topology is being killed; all that can be "
                           "done is to kill it again, with another wait");
    if (l->status == GI_STATUS_REBALANCING)
        return gi_diag_err(
            why, GALE_EINVAL,
            "the topology is rebalancing, and will be %s "
            "again in at most %g s; until then it can only "
            "be killed",
            gi_status_name(l->before),
            now_ms < l->until_ms ? (double)(l->until_ms - now_ms) / 1e3 : 0.0);
    if (wish == GI_WISH_REBALANCE)
        *todo = enter_wait(l, GI_STATUS_REBALANCING, wait_ms, now_ms);
    else
        *todo = l->status == wanted ? 0 : enter(l, wanted);
    return GALE_OK;
}

static bool nothing_pending(const gi_life *l, const gi_pending_report *reports,
                            uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (reports[i].turn != l->turn || reports[i].pending != 0)
            return false;
    return true;
}

unsigned gi_life_step(gi_life *l, const gi_pending_report *reports, uint32_t n,
                      uint64_t now_ms)
{
    if (!gi_life_waits(l) ||
        (now_ms < l->until_ms && !nothing_pending(l, reports, n)))
        return 0;
    if (l->status == GI_STATUS_KILLED) {
        l->status = GI_STATUS_GONE;
        return GI_LIFE_STORE | GI_LIFE_REMOVE;
    }
    l->status = l->before;
    l->turn++;
    return GI_LIFE_STORE | GI_LIFE_TELL | GI_LIFE_RESCHEDULE;
}

unsigned gi_life_resume(gi_life *l, uint64_t now_ms)
{
    if (l->status == GI_STATUS_GONE)
        return GI_LIFE_REMOVE;
    if (gi_life_waits(l))
        start_wait(l, now_ms);
    return GI_LIFE_TELL;
}
