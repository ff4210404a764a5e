#include "base/duration.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Sums of billionths of nanoseconds need more than 64 bits. */
__extension__ typedef unsigned __int128 wide;

static const uint64_t billion = 1000000000;

/* The first one whose name fits is meant, so "min" and "ms" stand before "m";
 * the largest unit of which a time is a whole number is found from the end. */
static const struct {
    const char *name;
    uint64_t ns;
} units[] = {
    { "ns", 1 },
    { "us", 1000 },
    { "ms", 1000000 },
    { "s", 1000000000 },
    { "min", 60000000000 },
    { "m", 60000000000 },
    { "h", 3600000000000 },
    { "d", 86400000000000 },
};

enum { N_UNITS = sizeof(units) / sizeof(units[0]) };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "12", "1.5", ".5": the number in billionths; moves *at behind it. */
static bool read_number(const char **at, wide *billionths)
{
    const char *s = *at;
    uint64_t whole = 0, part = 0, worth = billion;
    bool any = false;

    for (; is_digit(*s); s++, any = true) {
        if (whole > (uint64_t)INT64_MAX / 10)
            return false;
        whole = whole * 10 + (uint64_t)(*s - '0');
    }
    if (*s == '.')
        for (s++; is_digit(*s); s++, any = true) {
            worth /= 10;
            part += worth * (uint64_t)(*s - '0');
        }
    *at = s;
    *billionths = (wide)whole * billion + part;
    return any;
}

static bool read_unit(const char **at, uint64_t *ns)
{
    for (size_t i = 0; i < N_UNITS; i++) {
        size_t n = strlen(units[i].name);
        if (strncmp(*at, units[i].name, n) == 0) {
            *at += n;
            *ns = units[i].ns;
            return true;
        }
    }
    return false;
}

/* In units of `unit` ns, rounded up; false beyond `most` of them. */
static bool read_duration(const char *text, uint64_t unit, uint64_t most,
                          uint64_t *out)
{
    wide sum = 0, one = (wide)unit * billion, limit = one * most;

    for (const char *at = text; at == text || *at != '\0';) {
        bool first = at == text;
        uint64_t worth = billion;
        wide n;

        if (!read_number(&at, &n))
            return false;
        if (!read_unit(&at, &worth) && !(first && *at == '\0'))
            return false;
        if (n > limit / worth)
            return false;
        sum += n * worth;
        if (sum > limit)
            return false;
    }
    *out = (uint64_t)((sum + one - 1) / one);
    return true;
}

bool gi_duration_ms(const char *text, uint32_t *ms)
{
    uint64_t n;

    if (!read_duration(text, 1000000, UINT32_MAX, &n))
        return false;
    *ms = (uint32_t)n;
    return true;
}

bool gi_duration_ns(const char *text, int64_t *ns)
{
    uint64_t n;

    if (!read_duration(text, 1, INT64_MAX, &n))
        return false;
    *ns = (int64_t)n;
    return true;
}

char *gi_duration_text(char to[GI_DURATION_TEXT], int64_t ns)
{
    size_t i = N_UNITS - 1;

    while (ns == 0 ? units[i].ns != billion : (uint64_t)ns % units[i].ns != 0)
        i--;
    snprintf(to, GI_DURATION_TEXT, "%" PRIu64 "%s", (uint64_t)ns / units[i].ns,
             units[i].name);
    return to;
}
