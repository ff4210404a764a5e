/* progress.c -- the side that writes; see progress_read.c for the other. */
#include "wire/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "wire/duty.h"
#include "wire/progress_page.h"

struct gi_progress_page {
    unsigned char *map;
    size_t size;
    uint32_t n_loops, n_tallies;
    uint64_t said;
    gi_page_texts last, next; /* what stands there, what shall */
};

/* A relaxed store each: who reads looks again a moment later. */
static void put(gi_word *at, uint64_t v)
{
    atomic_store_explicit(at, v, memory_order_relaxed);
}

static void *map_file(const char *path, size_t size)
{
    int fd =
        open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    void *map = MAP_FAILED;

    if (fd < 0)
        return NULL;
    /* Taken now: a full disk would be a signal later. */
    if (posix_fallocate(fd, 0, (off_t)size) == 0)
        map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED) {
        unlink(path);
        return NULL;
    }
    return map;
}

/* The new file takes the place of the old one whole, and an older process that
 * still writes goes on in its own. */
static gale_err map_page(gi_progress_page *p, const char *dir,
                         uint64_t incarnation)
{
    char *path = gi_file_path(dir, GI_PROGRESS_FILE);
    char *beside = gi_file_path(dir, GI_PROGRESS_FILE ".new");
    gale_err rv = path == NULL || beside == NULL ? GALE_ENOMEM : GALE_OK;

    if (rv == GALE_OK) {
        p->map = map_file(beside, p->size);
        rv = p->map == NULL ? GALE_EIO : GALE_OK;
    }
    if (rv == GALE_OK) {
        gi_page_head *head = (void *)p->map;

        put(&head->magic, GI_PAGE_MAGIC);
        put(&head->size, p->size);
        put(&head->n_loops, p->n_loops);
        put(&head->n_tallies, p->n_tallies);
        put(&head->incarnation, incarnation);
        put(&head->state, GI_PROGRESS_STARTING);
        if (rename(beside, path) != 0) {
            unlink(beside);
            rv = GALE_EIO;
        }
    }
    gi_free(path);
    gi_free(beside);
    return rv;
}

gale_err gi_progress_create(gi_progress_page **out, const char *dir,
                            uint64_t incarnation, uint32_t n_loops,
                            uint32_t n_tallies)
{
    gi_progress_page *p;
    gale_err rv;

    if (n_loops > GI_PROGRESS_LOOPS || n_tallies > GI_PROGRESS_TALLIES)
        return GALE_EINVAL;
    p = gi_alloc(sizeof(*p));
    if (p == NULL)
        return GALE_ENOMEM;
    p->n_loops = n_loops;
    p->n_tallies = n_tallies;
    p->size = gi_page_size(n_loops, n_tallies);
    rv = map_page(p, dir, incarnation);
    if (rv != GALE_OK) {
        gi_progress_close(p);
        return rv;
    }
    *out = p;
    return GALE_OK;
}

/* As much of `s` as there is room for, whole letters; what is none becomes a
 * question mark. */
static void copy_text(char *to, size_t room, const char *s)
{
    size_t len = s == NULL ? 0 : strlen(s), n = 0;

    for (size_t i = 0; i < len;) {
        size_t letter = gi_utf8_letter(s + i, len - i);
        size_t more = letter == 0 ? 1 : letter;

        if (n + more >= room)
            break;
        if (letter == 0)
            to[n] = '?';
        else
            memcpy(to + n, s + i, letter);
        n += more;
        i += more;
    }
    memset(to + n, 0, room - n);
}

static void write_texts(gi_progress_page *p, const gi_progress *now)
{
    gi_page_head *head = (void *)p->map;
    gi_page_texts *t = &p->next;
    const uint64_t *from = (const void *)t;
    gi_word *to;

    memset(t, 0, sizeof(*t));
    t->n_mishaps = now->n_mishaps < GI_MISHAPS ? now->n_mishaps : GI_MISHAPS;
    for (uint64_t i = 0; i < t->n_mishaps; i++) {
        const gi_msg_mishap *m = &now->mishaps[i];

        t->mishaps[i].wall_ms = m->wall_ms;
        t->mishaps[i].task = m->task;
        copy_text(t->mishaps[i].component, sizeof(t->mishaps[i].component),
                  m->component);
        copy_text(t->mishaps[i].text, sizeof(t->mishaps[i].text), m->text);
    }
    copy_text(t->words, sizeof(t->words), now->words);
    if (memcmp(t, &p->last, sizeof(*t)) == 0)
        return;

    to = (void *)(p->map + gi_page_texts_at(p->n_loops, p->n_tallies) +
                  (p->said + 1) % 2 * sizeof(*t));
    /* Whoever saw what stood here before sees as well that it went. */
    atomic_thread_fence(memory_order_release);
    for (size_t i = 0; i < sizeof(*t) / sizeof(*to); i++)
        put(&to[i], from[i]);
    p->said++;
    atomic_store_explicit(&head->said, p->said, memory_order_release);
    p->last = *t;
}

void gi_progress_write(gi_progress_page *p, const gi_progress *now)
{
    gi_page_head *head = (void *)p->map;
    gi_page_loop *loops = (void *)(p->map + gi_page_loops_at());
    gi_page_tally *tallies = (void *)(p->map + gi_page_tallies_at(p->n_loops));

    for (uint32_t i = 0; i < p->n_loops && i < now->n_loops; i++) {
        put(&loops[i].turns, now->loops[i].turns);
        put(&loops[i].callback_since, (uint64_t)now->loops[i].callback_since);
        put(&loops[i].thread, now->loops[i].thread);
        put(&loops[i].task, now->loops[i].task);
    }
    for (uint32_t i = 0; i < p->n_tallies && i < now->n_tallies; i++) {
#define X(name) put(&tallies[i].name, now->tallies[i].name);
        GI_PAGE_TALLY(X)
#undef X
    }
    write_texts(p, now);
    put(&head->state, now->state);
#define X(name) put(&head->name, now->name);
    GI_PAGE_NUMBERS(X)
#undef X
}

void gi_progress_close(gi_progress_page *p)
{
    if (p == NULL)
        return;
    if (p->map != NULL)
        munmap(p->map, p->size);
    gi_free(p);
}
