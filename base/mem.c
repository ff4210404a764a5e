#include "base/mem.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Every request draws a number; those in [fail_from, fail_to) are refused.
 * Setting the window is for tests, so its two ends need not change as one. */
static atomic_uint_least64_t asked, fail_from, fail_to;

static bool granted(void)
{
    uint64_t no = atomic_fetch_add_explicit(&asked, 1, memory_order_relaxed);

    return no >= atomic_load_explicit(&fail_to, memory_order_relaxed) ||
           no < atomic_load_explicit(&fail_from, memory_order_relaxed);
}

void *gi_alloc(size_t size)
{
    return gi_calloc(1, size);
}

/* Nobody asks for nothing and wants NULL for it: that would look like a
 * failure. */
void *gi_calloc(size_t n, size_t size)
{
    if (!granted() || (size > 0 && n > PTRDIFF_MAX / size))
        return NULL;
    return n == 0 || size == 0 ? calloc(1, 1) : calloc(n, size);
}

void *gi_alloc_aligned(size_t align, size_t size)
{
    void *p = NULL;
    size_t least = align < sizeof(void *) ? sizeof(void *) : align;

    if (!granted() || posix_memalign(&p, least, size == 0 ? 1 : size) != 0)
        return NULL;
    memset(p, 0, size);
    return p;
}

void *gi_realloc(void *p, size_t size)
{
    return granted() ? realloc(p, size == 0 ? 1 : size) : NULL;
}

char *gi_strdup(const char *s)
{
    return gi_strndup(s, strlen(s));
}

char *gi_strndup(const char *s, size_t n)
{
    size_t len = strnlen(s, n);
    char *copy = gi_alloc(len + 1);

    if (copy != NULL)
        memcpy(copy, s, len);
    return copy;
}

void gi_free(void *p)
{
    free(p);
}

void gi_mem_fail_after(uint64_t n, uint64_t count)
{
    uint64_t from = gi_mem_asked() + n;
    uint64_t to = count > UINT64_MAX - from ? UINT64_MAX : from + count;

    atomic_store(&fail_to, 0);
    atomic_store(&fail_from, from);
    atomic_store(&fail_to, count == 0 ? 0 : to);
}

uint64_t gi_mem_asked(void)
{
    return atomic_load_explicit(&asked, memory_order_relaxed);
}
