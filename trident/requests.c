#include "trident/requests.h"

#include "base/mem.h"

enum { PAUSE_MS = 10, PAUSE_MOST_MS = 1000 };

gi_asked *gi_requests_add(gi_requests *q, uint64_t id)
{
    for (size_t i = 0; i < GALE_DRPC_UNDER_WAY; i++)
        if (q->all[i].id == 0) {
            q->all[i] = (gi_asked){ .id = id, .resume_ms = INT64_MIN };
            q->n++;
            return &q->all[i];
        }
    return NULL;
}

gi_asked *gi_requests_begin(gi_requests *q, int64_t now_ms)
{
    for (size_t i = 0; i < GALE_DRPC_UNDER_WAY; i++) {
        gi_asked *a = &q->all[i];

        if (a->id == 0 || a->attempt != 0 || now_ms < a->resume_ms)
            continue;
        a->attempt = q->next_attempt++;
        return a;
    }
    return NULL;
}

gi_asked *gi_requests_find(gi_requests *q, uint64_t attempt)
{
    for (size_t i = 0; i < GALE_DRPC_UNDER_WAY; i++)
        if (q->all[i].id != 0 && attempt != 0 && q->all[i].attempt == attempt)
            return &q->all[i];
    return NULL;
}

bool gi_requests_failed(gi_requests *q, gi_asked *a, int64_t now_ms)
{
    int64_t pause = PAUSE_MS;

    for (uint32_t i = 0; i < a->failures && pause < PAUSE_MOST_MS; i++)
        pause *= 2;
    a->failures++;
    a->attempt = 0;
    a->resume_ms = now_ms + pause;
    return a->failures < q->attempts;
}

void gi_requests_remove(gi_requests *q, gi_asked *a)
{
    gi_free(a->args);
    *a = (gi_asked){ 0 };
    q->n--;
}

uint64_t gi_requests_floor(const gi_requests *q)
{
    uint64_t floor = q->next_attempt;

    for (size_t i = 0; i < GALE_DRPC_UNDER_WAY; i++)
        if (q->all[i].attempt != 0 && q->all[i].attempt < floor)
            floor = q->all[i].attempt;
    return floor;
}
