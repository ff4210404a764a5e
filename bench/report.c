/* report.c -- every figure goes to the table and into the JSON object. */
#include <math.h>
#include <stdio.h>

#include "bench/bench.h"

/* Rates are whole, ratios and times have four figures behind the point:
 * nothing measured here is known better than that. */
static double rounded(double v)
{
    return fabs(v) >= 10000 ? round(v) : round(v * 10000) / 10000;
}

static void put_number(bench_report *r, const char *key, double v)
{
    gi_json_f64(&r->json, key, rounded(v));
}

static void row(const bench_report *r, const char *key, const char *value)
{
    int indent = (int)r->json.depth * 2 - 2;

    if (!r->quiet)
        fprintf(stderr, "%*s%-*s %s\n", indent, "", 28 - indent, key, value);
}

/* 12345678 as "12.35 M", so that a column can be read at a glance. */
static void human(char *to, size_t len, double v)
{
    if (fabs(v) >= 1e6)
        snprintf(to, len, "%9.2f M", v / 1e6);
    else if (fabs(v) >= 1e4)
        snprintf(to, len, "%9.1f k", v / 1e3);
    else
        snprintf(to, len, "%9.3f  ", v);
}

void bench_put(bench_report *r, const char *key, const bench_samples *s)
{
    char name[96], value[128], median[32], least[32], most[32];

    put_number(r, key, bench_median(s));
    snprintf(name, sizeof(name), "%s_min", key);
    put_number(r, name, bench_min(s));
    snprintf(name, sizeof(name), "%s_max", key);
    put_number(r, name, bench_max(s));

    human(median, sizeof(median), bench_median(s));
    human(least, sizeof(least), bench_min(s));
    human(most, sizeof(most), bench_max(s));
    snprintf(value, sizeof(value), "%s   (%s to %s)", median, least, most);
    row(r, key, value);
}

void bench_put_f64(bench_report *r, const char *key, double value)
{
    char text[32];

    put_number(r, key, value);
    human(text, sizeof(text), value);
    row(r, key, text);
}

void bench_put_u64(bench_report *r, const char *key, uint64_t value)
{
    char text[32];

    gi_json_u64(&r->json, key, value);
    snprintf(text, sizeof(text), "%9llu", (unsigned long long)value);
    row(r, key, text);
}

void bench_put_bool(bench_report *r, const char *key, bool value)
{
    gi_json_bool(&r->json, key, value);
    row(r, key, value ? "      yes" : "       NO");
}

void bench_put_str(bench_report *r, const char *key, const char *value)
{
    gi_json_str(&r->json, key, value);
    row(r, key, value);
}

void bench_open(bench_report *r, const char *key)
{
    row(r, key, "");
    gi_json_object(&r->json, key);
}

void bench_close(bench_report *r)
{
    gi_json_end(&r->json);
}
