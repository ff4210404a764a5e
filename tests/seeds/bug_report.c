#include "tests/seeds/bug_report.h"

#include <inttypes.h>

#include "base/mem.h"

void bug_report_begin(bug_report *r, bool as_json)
{
    *r =
        (bug_report){ .lines = as_json ? stderr : stdout, .as_json = as_json };
    gi_json_object(&r->json, NULL);
    gi_json_list(&r->json, "bugs");
}

void bug_report_add(bug_report *r, const struct bug_find *f)
{
    bool found = f->wrong != NULL;

    r->bugs++;
    r->missed += !found;
    if (found)
        fprintf(r->lines,
                "found      %-18s at seed %" PRIu64 ", after %" PRIu64
                " runs, by '%s'\n",
                f->bug->name, f->seed, f->runs, f->wrong);
    else
        fprintf(r->lines, "not found  %-18s in %" PRIu64 " runs: %s\n",
                f->bug->name, f->runs, f->bug->text);
    fflush(r->lines);

    gi_json_object(&r->json, NULL);
    gi_json_str(&r->json, "name", f->bug->name);
    gi_json_bool(&r->json, "found", found);
    if (found) {
        gi_json_u64(&r->json, "seed", f->seed);
        gi_json_str(&r->json, "wrong", f->wrong);
    }
    gi_json_u64(&r->json, "runs", f->runs);
    gi_json_end(&r->json);
}

int bug_report_end(bug_report *r, unsigned seeds)
{
    fprintf(r->lines,
            "%u deliberate mistakes, %u of them not found in %u seeds\n",
            r->bugs, r->missed, seeds);
    gi_json_end(&r->json);
    gi_json_u64(&r->json, "missed", r->missed);
    gi_json_u64(&r->json, "seeds", seeds);
    gi_json_end(&r->json);
    char *text = gi_json_take(&r->json);
    int status = r->missed > 0 ? 1 : 0;

    if (text == NULL)
        status = 3;
    else if (r->as_json)
        puts(text);
    gi_free(text);
    return status;
}
