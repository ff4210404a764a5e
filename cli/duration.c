#include "cli/duration.h"

#include <stddef.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "12", "1.5", ".5": the number in billionths; moves *at behind it.  Digits
 * beyond the ninth after the point make no difference to a millisecond. */
static bool read_number(const char **at, uint64_t *billionths)
{
    const char *s = *at;
    uint64_t n = 0, worth = 1000000000;
    bool any = false;

    for (; is_digit(*s); s++, any = true) {
        n = n * 10 + (uint64_t)(*s - '0');
        if (n > UINT32_MAX)
            return false;
    }
    n *= worth;
    if (*s == '.')
        for (s++; is_digit(*s); s++, any = true) {
            worth /= 10;
            n += worth * (uint64_t)(*s - '0');
        }
    *at = s;
    *billionths = n;
    return any;
}

static bool read_unit(const char **at, uint64_t *ms)
{
    static const struct {
        const char *name;
        uint32_t ms;
    } units[] = {
        { "ms", 1 },    { "s", 1000 },    { "min", 60000 },
        { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 },
    };

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t n = strlen(units[i].name);
        if (strncmp(*at, units[i].name, n) == 0) {
            *at += n;
            *ms = units[i].ms;
            return true;
        }
    }
    return false;
}

bool gi_duration(const char *text, uint32_t *ms)
{
    double sum = 0;

    for (const char *at = text; at == text || *at != '\0';) {
        bool first = at == text;
        uint64_t n, unit = 1000;

        if (!read_number(&at, &n))
            return false;
        if (!read_unit(&at, &unit) && !(first && *at == '\0'))
            return false;
        sum += (double)n / 1e9 * (double)unit;
    }
    if (sum > (double)UINT32_MAX)
        return false;
    *ms = (uint32_t)sum;
    if ((double)*ms < sum - 1e-3)
        *ms += 1;
    return true;
}
