/* Few bytes as a number, wherever they lie. */
#include "base/few.h"

#include <criterion/criterion.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t slowly(const char *p, uint32_t n)
{
    uint64_t word = 0;

    for (uint32_t i = n; i > 0; i--)
        word = word << 8 | (unsigned char)p[i - 1];
    return word;
}

Test(few, they_are_the_bytes_and_nothing_beside_them)
{
    char bytes[48];

    for (int i = 0; i < 48; i++)
        bytes[i] = (char)(0x81 + 5 * i);
    for (uint32_t at = 0; at < 32; at++)
        for (uint32_t n = 0; n <= 8; n++)
            cr_expect_eq(gi_few(bytes + at, n), slowly(bytes + at, n),
                         "%u bytes from %u on", n, at);
    cr_expect_eq(gi_few(NULL, 0), 0);
}

Test(few, what_lies_in_other_pages_is_not_read)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *p = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    cr_assert_neq(p, MAP_FAILED);
    memset(p + page, 0xa5, page);
    cr_assert_eq(mprotect(p, page, PROT_NONE), 0);
    cr_assert_eq(mprotect(p + 2 * page, page, PROT_NONE), 0);
    for (uint32_t n = 1; n <= 8; n++) {
        cr_expect_eq(gi_few(p + page, n), slowly(p + page, n));
        cr_expect_eq(gi_few(p + 2 * page - n, n), slowly(p + page, n));
    }
    munmap(p, 3 * page);
}
