/* memory.h -- a program whose n-th allocation is refused, for every n.
 *
 * These are plain programs: Criterion hides what the leak sanitizer says.  A
 * run either is as it should be, or says in words that memory was short; it
 * never crashes, hangs or leaks. */
#ifndef TEST_MEMORY_MEMORY_H
#define TEST_MEMORY_MEMORY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "gale/gale.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#else
static inline int __lsan_do_recoverable_leak_check(void)
{
    return 0;
}
#endif

#define CHECK(what, ...)                                                 \
    do {                                                                 \
        if (!(what)) {                                                   \
            gi_mem_fail_after(0, 0);                                     \
            fprintf(stderr, "%s:%d: not true: %s; ", __FILE__, __LINE__, \
                    #what);                                              \
            fprintf(stderr, __VA_ARGS__);                                \
            fprintf(stderr, "; allocation %llu, %llu at once\n",         \
                    (unsigned long long)memory_no,                       \
                    (unsigned long long)memory_at_once);                 \
            _Exit(1);                                                    \
        }                                                                \
    } while (0)

static uint64_t memory_no, memory_at_once;

/* An error is one that may be, and comes with words. */
static inline void memory_clean(gale_err rv, const gale_diag *why)
{
    CHECK(rv == GALE_ENOMEM, "%s: %s", gale_err_name(rv), why->text);
    CHECK(why->text[0] != '\0', "an error without words");
}

/* With `at_once` allocations refused from the n-th on, for every n that is
 * asked for.  `run` says whether it was as it should be (true) or a call
 * reported that memory was short.  The last runs get all they ask for; how
 * much that is may differ where there are threads, so there are some of them.
 */
static inline void memory_every(const char *what, bool (*run)(const void *arg),
                                const void *arg, uint64_t at_once)
{
    unsigned fine = 0, refused = 0, fed = 0;

    memory_at_once = at_once;
    for (memory_no = 0; fed < 3; memory_no++) {
        uint64_t before = gi_mem_asked();

        gi_mem_fail_after(memory_no, at_once);
        bool ok = run(arg);
        bool struck = gi_mem_asked() - before > memory_no;
        gi_mem_fail_after(0, 0);
        fine += ok && struck;
        refused += !ok;
        CHECK(ok || struck, "%s: refused, although nothing failed", what);
        fed = struck ? 0 : fed + 1;
    }
    CHECK(__lsan_do_recoverable_leak_check() == 0, "%s leaks", what);
    CHECK(fine + refused > 0, "%s asks for nothing", what);
    printf("%s, %llu at once: %u survived, %u refused\n", what,
           (unsigned long long)at_once, fine, refused);
    fflush(stdout);
}

#endif
