#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/failpoint.h"

static bool granted(void)
{
    return !gi_point_fails(GI_POINT_MEMORY);
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

void *gi_alloc_blank(size_t size)
{
    return granted() ? malloc(size == 0 ? 1 : size) : NULL;
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
    gi_point_plan plan = { .first = n + 1, .count = count };

    gi_point_disarm(GI_POINT_MEMORY);
    if (count > 0)
        gi_point_arm(GI_POINT_MEMORY, 0, &plan);
}

uint64_t gi_mem_asked(void)
{
    return gi_point_asked(GI_POINT_MEMORY);
}
