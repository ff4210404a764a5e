#include "local/faults/read.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/scalar.h"

void gi_fault_harmless(char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            *s = '?';
}

void gi_fault_wrong(gi_fault_reader *rd, const char *near, const char *format,
                    ...)
{
    char what[512], hint[256] = "", takes[128] = "";
    va_list ap;

    va_start(ap, format);
    vsnprintf(what, sizeof(what), format, ap);
    va_end(ap);
    gi_fault_harmless(what);
    if (near != NULL)
        snprintf(hint, sizeof(hint), "did you mean '%.200s'?", near);
    if (rd->form != NULL)
        snprintf(takes, sizeof(takes), "%swrite %s=%s",
                 near != NULL ? " " : "", rd->kind, rd->form);
    bool bare = hint[0] == '\0' && takes[0] == '\0';
    gi_report_add(rd->r, "%s: '%s': %s%s%s%s%s", rd->from, rd->entry, what,
                  bare ? "" : " (", hint, takes, bare ? "" : ")");
    rd->wrong = true;
}

/* ---------------------------------------------------------------- text -- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

char *gi_fault_find(char *s, const char *set)
{
    bool quoted = false;

    for (; *s != '\0'; s++) {
        if (*s == '\n')
            quoted = false;
        else if (*s == '"')
            quoted = !quoted;
        else if (quoted && *s == '\\' && (s[1] == '"' || s[1] == '\\'))
            s++;
        if (!quoted && *s != '"' && strchr(set, *s) != NULL)
            return s;
    }
    return s;
}

char *gi_fault_trim(char *s)
{
    size_t n;

    while (is_blank(*s))
        s++;
    for (n = strlen(s); n > 0 && is_blank(s[n - 1]);)
        s[--n] = '\0';
    return s;
}

/* ------------------------------------------------------- times, counts -- */

static const char *behind_sign(const char *s)
{
    return *s == '+' || *s == '-' ? s + 1 : s;
}

bool gi_fault_is_time(const char *s)
{
    const char *at = behind_sign(s);
    bool unit = false;

    if (!is_digit(*at) && *at != '.')
        return false;
    for (; *at != '\0'; at++) {
        unit = strchr("nusmihd", *at) != NULL;
        if (!unit && !is_digit(*at) && *at != '.')
            return false;
    }
    return unit;
}

static bool is_whole(const char *s)
{
    return is_digit(*s) && s[strspn(s, "0123456789")] == '\0';
}

static bool bad_time(gi_fault_reader *rd, const char *s)
{
    char near[32];

    if (!gi_fault_is_number(s) || strchr(s, '%') != NULL) {
        gi_fault_wrong(rd, NULL, "'%.40s' is no time (20ms, 3s, 1h30m)", s);
        return false;
    }
    snprintf(near, sizeof(near), "%.20ss", s);
    gi_fault_wrong(rd, near, "the time '%.40s' has no unit", s);
    return false;
}

bool gi_fault_read_time(gi_fault_reader *rd, const char *s, bool either_way,
                        int64_t *ns)
{
    const char *number = behind_sign(s);

    if (number != s && !either_way) {
        gi_fault_wrong(rd, number, "the time '%.40s' has a sign", s);
        return false;
    }
    if (!gi_fault_is_time(s) || !gi_duration_ns(number, ns))
        return bad_time(rd, s);
    if (*ns == 0) {
        gi_fault_wrong(rd, NULL, "a time of '%.40s' does nothing", s);
        return false;
    }
    if (*s == '-')
        *ns = -*ns;
    return true;
}

/* "3s", "1000": of `when`'s kind, which NULL leaves open. */
static bool read_moment(gi_fault_reader *rd, const char *s, bool timed,
                        gi_fault_when *when, uint64_t *out)
{
    uint64_t n;
    int64_t ns;

    if (gi_fault_is_time(s) && is_digit(*s) && gi_duration_ns(s, &ns)) {
        *when = GI_FAULT_AT_TIME;
        *out = (uint64_t)ns;
        return true;
    }
    if (timed || *s == '.')
        return bad_time(rd, s);
    if (!is_whole(s) || !gi_scalar_u64(s, &n)) {
        gi_fault_wrong(rd, NULL,
                       "'%.40s' is neither a time (3s) nor a count (1000)", s);
        return false;
    }
    *when = GI_FAULT_AT_COUNT;
    *out = n;
    return true;
}

bool gi_fault_read_when(gi_fault_reader *rd, char *s, bool timed, gi_fault *f)
{
    char *plus = strchr(s, '+');
    gi_fault_when again;

    if (plus != NULL) {
        *plus = '\0';
        plus = gi_fault_trim(plus + 1);
    }
    s = gi_fault_trim(s);
    if (!read_moment(rd, s, timed, &f->when, &f->at))
        return false;
    if (f->when == GI_FAULT_AT_COUNT && f->at == 0) {
        gi_fault_wrong(rd, "@1", "counting begins with 1");
        return false;
    }
    if (plus == NULL)
        return true;
    if (!read_moment(rd, plus, timed, &again, &f->every))
        return false;
    if (again != f->when) {
        gi_fault_wrong(rd, NULL, "'%.40s' and '%.40s' are a time and a count",
                       s, plus);
        return false;
    }
    if (f->every == 0) {
        gi_fault_wrong(rd, NULL, "'+%.40s' would be without end", plus);
        return false;
    }
    return true;
}
