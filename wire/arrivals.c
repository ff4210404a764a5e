#include "wire/arrivals.h"

#include <assert.h>

#include "base/mem.h"

gale_err gi_arrivals_init(gi_arrivals *a, uint32_t cap)
{
    a->cap = cap;
    a->no = gi_calloc((size_t)cap * 2, sizeof(*a->no));
    a->bytes = gi_calloc((size_t)cap * 2, sizeof(*a->bytes));
    return a->no == NULL || a->bytes == NULL ? GALE_ENOMEM : GALE_OK;
}

void gi_arrivals_fini(gi_arrivals *a)
{
    gi_free(a->no);
    gi_free(a->bytes);
    *a = (gi_arrivals){ 0 };
}

void gi_arrivals_clear(gi_arrivals *a)
{
    a->head = a->n = 0;
    a->total = 0;
}

/* Everything to the beginning: at most once in `cap` pushes. */
static void pack(gi_arrivals *a)
{
    memmove(a->no, a->no + a->head, a->n * sizeof(*a->no));
    memmove(a->bytes, a->bytes + a->head, a->n * sizeof(*a->bytes));
    a->head = 0;
}

void gi_arrivals_push(gi_arrivals *a, uint64_t no, uint32_t bytes)
{
    assert(a->n < a->cap);
    if (a->head + a->n == 2 * a->cap)
        pack(a);
    a->no[a->head + a->n] = no;
    a->bytes[a->head + a->n] = bytes;
    a->n++;
    a->total += bytes;
}

bool gi_arrivals_remove(gi_arrivals *a, uint64_t no)
{
    uint32_t from = a->head, to = a->head + a->n, end = to;

    while (from < to) {
        uint32_t mid = from + (to - from) / 2;

        if (a->no[mid] < no)
            from = mid + 1;
        else
            to = mid;
    }
    if (from == end || a->no[from] != no)
        return false;
    a->total -= a->bytes[from];
    a->n--;
    if (from == a->head) {
        a->head++;
        return true;
    }
    memmove(a->no + from, a->no + from + 1, (end - from - 1) * sizeof(*a->no));
    memmove(a->bytes + from, a->bytes + from + 1,
            (end - from - 1) * sizeof(*a->bytes));
    return true;
}
