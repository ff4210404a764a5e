/* Any bytes as the progress page of a worker: it is refused, or what is read
 * can go into a message.  The first bytes are put over a page that is right,
 * at places of their own choice. */
#define _GNU_SOURCE /* memfd_create */
#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "wire/progress_page.h"

enum { LOOPS = 2, TALLIES = 2, PIECE = 10 };

static void check_text(const char *s)
{
    for (size_t len = strlen(s), i = 0; i < len;) {
        size_t letter = gi_utf8_letter(s + i, len - i);

        assert(letter > 0);
        i += letter;
    }
}

static void look(int fd)
{
    gi_pool pool = { 0 };
    gi_progress at;

    if (gi_progress_read_fd(&at, fd, 0, &pool) == GALE_OK) {
        assert(at.n_mishaps <= GI_MISHAPS);
        for (uint32_t i = 0; i < at.n_mishaps; i++) {
            check_text(at.mishaps[i].component);
            check_text(at.mishaps[i].text);
        }
        for (uint32_t i = 0; i < at.n_tallies; i++)
            assert(at.tallies[i].p99_ns <= INT64_MAX);
        check_text(at.words);
    }
    gi_pool_fini(&pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t size = gi_page_size(LOOPS, TALLIES);
    gi_page_head head = { .magic = GI_PAGE_MAGIC,
                          .size = size,
                          .n_loops = LOOPS,
                          .n_tallies = TALLIES,
                          .incarnation = 1,
                          .state = GI_PROGRESS_RUNNING };
    int fd = memfd_create("page", MFD_CLOEXEC);

    if (fd < 0)
        return 0;
    if (write(fd, data, len) == (ssize_t)len)
        look(fd);
    if (ftruncate(fd, (off_t)size) == 0 &&
        pwrite(fd, &head, sizeof(head), 0) == (ssize_t)sizeof(head))
        look(fd);
    for (; len >= PIECE; data += PIECE, len -= PIECE) {
        size_t at = (data[0] | (size_t)data[1] << 8) % (size - 8);

        if (pwrite(fd, data + 2, 8, (off_t)at) != 8)
            break;
    }
    look(fd);
    close(fd);
    return 0;
}
