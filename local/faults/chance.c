/* chance.c -- chances as decimal text, without floating point: what a
 * seed decides must be the same everywhere. */
#include <inttypes.h>
#include <stdio.h>

#include "local/faults/read.h"

__extension__ typedef unsigned __int128 wide;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool gi_fault_is_number(const char *s)
{
    bool any = false;

    if (*s == '-' || *s == '+')
        s++;
    for (; is_digit(*s); s++)
        any = true;
    if (*s == '.')
        for (s++; is_digit(*s); s++)
            any = true;
    return any && (*s == '\0' || (*s == '%' && s[1] == '\0'));
}

/* round(n / unit * 2^64), digit by binary digit; n < unit < 2^127. */
static uint64_t of_2_64(wide n, wide unit)
{
    uint64_t bits = 0;

    for (int i = 0; i < 64; i++) {
        n *= 2;
        bits = bits << 1 | (n >= unit);
        n -= n >= unit ? unit : 0;
    }
    bool up = 2 * n >= unit && bits < UINT64_MAX;
    return bits + up;
}

bool gi_chance_read(const char *s, uint64_t *out)
{
    enum { PLACES = 34 }; /* what lies behind them is below any 2^-64 */
    wide n = 0, unit = 1;
    int places = 0;
    bool some = false; /* it is not 0 */

    if (*s == '+')
        s++;
    for (; is_digit(*s); s++) {
        n = n * 10 + (unsigned)(*s - '0');
        if (n > 100)
            return false;
    }
    if (*s == '.')
        for (s++; is_digit(*s); s++) {
            some |= *s != '0';
            if (places++ >= PLACES)
                continue;
            n = n * 10 + (unsigned)(*s - '0');
            unit *= 10;
        }
    some |= n != 0;
    if (*s == '%')
        unit *= 100;
    if (n > unit)
        return false;
    *out = n == unit ? UINT64_MAX : of_2_64(n, unit);
    if (*out == 0 && some)
        *out = 1;
    return true;
}

char *gi_chance_text(char to[GI_CHANCE_TEXT], uint64_t chance)
{
    enum { EXACT = 19 }; /* 10^19 fits into 64 bits */
    wide scaled = chance;
    uint64_t back;

    if (chance == 0 || chance == UINT64_MAX) {
        snprintf(to, GI_CHANCE_TEXT, "%d", chance != 0);
        return to;
    }
    for (int places = 1; places <= EXACT; places++) {
        scaled *= 10;
        snprintf(to, GI_CHANCE_TEXT, "0.%0*" PRIu64, places,
                 (uint64_t)((scaled + ((wide)1 << 63)) >> 64));
        if (gi_chance_read(to, &back) && back == chance)
            return to;
    }
    /* One place more is always enough. */
    snprintf(to, GI_CHANCE_TEXT, "0.%019" PRIu64 "%d",
             (uint64_t)(scaled >> 64),
             (int)(((wide)(uint64_t)scaled * 10) >> 64));
    return to;
}

bool gi_fault_read_chance(gi_fault_reader *rd, const char *s, uint64_t *out)
{
    char near[GI_CHANCE_TEXT];
    uint64_t ignored;

    if (*s == '-') {
        gi_fault_wrong(rd, NULL, "the chance '%.40s' is less than 0", s);
        return false;
    }
    if (gi_chance_read(s, out))
        return true;
    snprintf(near, sizeof(near), "%.20s%%", s);
    bool percent = gi_fault_is_number(near) && gi_chance_read(near, &ignored);
    gi_fault_wrong(rd, percent ? near : NULL,
                   "the chance '%.40s' is more than 1, which is always", s);
    return false;
}
