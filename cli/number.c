#include "cli/number.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

char *gi_number_full(char to[GI_NUMBER_TEXT], uint64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
    char *out = to;

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return to;
}

char *gi_number_signed(char to[GI_NUMBER_TEXT], int64_t n)
{
    char text[GI_NUMBER_TEXT];
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

    gi_number_full(text, size);
    snprintf(to, GI_NUMBER_TEXT, "%s%.30s", n < 0 ? "-" : "", text);
    return to;
}

/* Three digits that count, cut rather than rounded: 999.9 million is not
 * "1000M". */
char *gi_number_short(char to[GI_NUMBER_TEXT], uint64_t n)
{
    static const char units[] = "KMGTPE";
    uint64_t unit = 1000;
    size_t i = 0;

    if (n < 100000)
        return gi_number_full(to, n);
    for (; n / unit >= 1000; i++)
        unit *= 1000;
    unsigned whole = (unsigned)(n / unit);
    unsigned rest = (unsigned)(n % unit / (unit / 1000));
    if (whole >= 100)
        snprintf(to, GI_NUMBER_TEXT, "%u%c", whole, units[i]);
    else if (whole >= 10)
        snprintf(to, GI_NUMBER_TEXT, "%u.%u%c", whole, rest / 100, units[i]);
    else
        snprintf(to, GI_NUMBER_TEXT, "%u.%02u%c", whole, rest / 10, units[i]);
    return to;
}

char *gi_number_time(char to[GI_NUMBER_TEXT], uint64_t us)
{
    uint64_t s = us / 1000000;

    if (us < 1000)
        snprintf(to, GI_NUMBER_TEXT, "%u us", (unsigned)us);
    else if (us < 1000000)
        snprintf(to, GI_NUMBER_TEXT, "%u.%u ms", (unsigned)(us / 1000),
                 (unsigned)(us % 1000 / 100));
    else if (s < 60)
        snprintf(to, GI_NUMBER_TEXT, "%u.%u s", (unsigned)s,
                 (unsigned)(us % 1000000 / 100000));
    else if (s < 3600)
        snprintf(to, GI_NUMBER_TEXT, "%u min %02u s", (unsigned)(s / 60),
                 (unsigned)(s % 60));
    else
        snprintf(to, GI_NUMBER_TEXT, "%llu h %02u min",
                 (unsigned long long)(s / 3600), (unsigned)(s % 3600 / 60));
    return to;
}

char *gi_number_bytes(char to[GI_NUMBER_TEXT], uint64_t n)
{
    static const char units[] = "KMGTPE";
    uint64_t unit = 1000;
    size_t i = 0;

    if (n < 1000) {
        snprintf(to, GI_NUMBER_TEXT, "%u byte%s", (unsigned)n,
                 n == 1 ? "" : "s");
        return to;
    }
    for (; n / unit >= 1000; i++)
        unit *= 1000;
    snprintf(to, GI_NUMBER_TEXT, "%u.%u %cB", (unsigned)(n / unit),
             (unsigned)(n % unit / (unit / 10)), units[i]);
    return to;
}

uint64_t gi_number_rate(uint64_t n, uint64_t ns)
{
    double rate = ns == 0 ? 0 : (double)n * 1e9 / (double)ns;

    return rate < 1.8e19 ? (uint64_t)(rate + 0.5) : UINT64_MAX;
}
