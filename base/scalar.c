#include "base/scalar.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *digits(const char *s)
{
    while (*s >= '0' && *s <= '9')
        s++;
    return s;
}

static const char *sign(const char *s)
{
    return *s == '-' || *s == '+' ? s + 1 : s;
}

bool gi_scalar_i64(const char *text, int64_t *out)
{
    const char *first = sign(text), *end = digits(first);

    if (end == first || *end != '\0')
        return false;
    errno = 0;
    long long v = strtoll(text, NULL, 10);
    if (errno == ERANGE)
        return false;
    *out = v;
    return true;
}

bool gi_scalar_u64(const char *text, uint64_t *out)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *known = hex ? "0123456789abcdefABCDEF" : "0123456789";
    const char *first = hex ? text + 2 : text;
    uint64_t n = 0, base = hex ? 16 : 10;

    if (*first == '\0' || first[strspn(first, known)] != '\0')
        return false;
    for (; *first != '\0'; first++) {
        unsigned c = (unsigned char)*first;
        unsigned digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;

        if (n > (UINT64_MAX - digit) / base)
            return false;
        n = n * base + digit;
    }
    *out = n;
    return true;
}

/* [+-] digits [. digits] [e [+-] digits], with a digit before the e.  strtod
 * alone would also take spaces, "inf", "nan" and hexadecimals. */
static bool is_decimal(const char *s)
{
    const char *whole = sign(s), *end = digits(whole);
    bool any = end > whole;

    if (*end == '.') {
        const char *part = end + 1;
        end = digits(part);
        any = any || end > part;
    }
    if (any && (*end == 'e' || *end == 'E')) {
        const char *power = sign(end + 1);
        end = digits(power);
        any = end > power;
    }
    return any && *end == '\0';
}

/* strtod and printf look at the thread's locale for the decimal point.  The
 * "C" locale is built in: asking for it allocates nothing. */
static locale_t enter_c_locale(locale_t *c)
{
    *c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return uselocale(*c);
}

static void leave_c_locale(locale_t c, locale_t before)
{
    uselocale(before);
    if (c != (locale_t)0)
        freelocale(c);
}

bool gi_scalar_f64(const char *text, double *out)
{
    locale_t c, before;

    if (!is_decimal(text))
        return false;
    before = enter_c_locale(&c);
    double v = strtod(text, NULL);
    leave_c_locale(c, before);
    if (!isfinite(v))
        return false;
    *out = v;
    return true;
}

bool gi_scalar_bool(const char *text, bool *out)
{
    static const char *const words[][2] = {
        { "false", "true" },
        { "no", "yes" },
        { "off", "on" },
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (int truth = 0; truth < 2; truth++)
            if (strcasecmp(text, words[i][truth]) == 0) {
                *out = truth == 1;
                return true;
            }
    return false;
}

void gi_scalar_put_f64(char text[GI_SCALAR_TEXT], double v)
{
    locale_t c, before = enter_c_locale(&c);

    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, GI_SCALAR_TEXT, "%.*g", precision, v);
        if (strtod(text, NULL) == v)
            break;
    }
    leave_c_locale(c, before);
}
