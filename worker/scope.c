#include "worker/scope.h"

static uint64_t wait_ms(uint64_t level)
{
    return (uint64_t)GI_SCOPE_WAIT_MS << 2 * level;
}

/* All loops together have less to do than one may have. */
static bool is_quiet(uint64_t word, const gi_scope_rule *rule, uint64_t now_ms,
                     const gi_scope_loads *loads)
{
    uint64_t began_ms = (word >> 8) - wait_ms(word & 0xff);

    return loads->sum < rule->low && loads->since_ms >= began_ms &&
           now_ms >= began_ms + GI_SCOPE_WAIT_MS;
}

/* It has too much to do, and sharing would mend that. */
static bool is_too_busy(uint64_t word, const gi_scope_rule *rule,
                        const gi_scope_loads *loads)
{
    uint32_t shared = loads->sum / loads->n + loads->crossing;

    return loads->own >= rule->high && shared + GI_SCOPE_GAP <= loads->own &&
           loads->since_ms >= (word >> 8) + GI_SCOPE_SETTLE_MS;
}

uint64_t gi_scope_next(uint64_t word, const gi_scope_rule *rule,
                       uint64_t now_ms, const gi_scope_loads *loads)
{
    uint64_t until_ms = word >> 8, level = word & 0xff;

    if (!gi_scope_home(word, now_ms))
        return is_quiet(word, rule, now_ms, loads)
                   ? gi_scope_word(now_ms, level)
                   : word;
    if (!is_too_busy(word, rule, loads))
        return word;
    if (now_ms - until_ms >= GI_SCOPE_PROVEN * wait_ms(level))
        level = 0;
    else if (level < GI_SCOPE_LEVELS)
        level++;
    return gi_scope_word(now_ms + wait_ms(level), level);
}
