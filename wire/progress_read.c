/* progress_read.c -- a progress page as its supervisor sees it.  Nothing in it
 * is believed; see progress.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "wire/duty.h"
#include "wire/progress_page.h"

enum { TRIES = 8 };

/* `len` bytes at `at` of the file, all of them. */
static gale_err read_at(int fd, void *to, size_t len, size_t at)
{
    size_t got = 0;

    while (got < len) {
        ssize_t n = pread(fd, (char *)to + got, len - got, (off_t)(at + got));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return GALE_EIO;
        if (n == 0)
            return GALE_EFORMAT; /* it was cut */
        got += (size_t)n;
    }
    return GALE_OK;
}

/* Numbers in messages have 63 bits. */
static uint64_t number(gi_word *at)
{
    uint64_t v = atomic_load_explicit(at, memory_order_relaxed);

    return v > INT64_MAX ? INT64_MAX : v;
}

/* A text in `room` bytes, whatever these are. */
static const char *text_of(const char *from, size_t room, gi_pool *pool)
{
    size_t len = strnlen(from, room - 1);
    char *s = gi_pool_take(pool, len + 1, 1);

    for (size_t i = 0; s != NULL && i < len;) {
        size_t letter = gi_utf8_letter(from + i, len - i);

        if (letter == 0)
            s[i] = '?';
        else
            memcpy(s + i, from + i, letter);
        i += letter == 0 ? 1 : letter;
    }
    return s;
}

static gale_err take_texts(gi_progress *out, gi_page_texts *t, gi_pool *pool)
{
    uint64_t n = t->n_mishaps < GI_MISHAPS ? t->n_mishaps : GI_MISHAPS;

    out->n_mishaps = (uint32_t)n;
    out->mishaps = gi_pool_take(pool, n, sizeof(*out->mishaps));
    out->words = text_of(t->words, sizeof(t->words), pool);
    if (out->mishaps == NULL || out->words == NULL)
        return GALE_ENOMEM;
    for (uint64_t i = 0; i < n; i++) {
        gi_page_mishap *from = &t->mishaps[i];
        gi_msg_mishap *m = &out->mishaps[i];

        m->wall_ms = from->wall_ms > INT64_MAX ? INT64_MAX : from->wall_ms;
        m->task = from->task > INT64_MAX ? INT64_MAX : from->task;
        m->component = text_of(from->component, sizeof(from->component), pool);
        m->text = text_of(from->text, sizeof(from->text), pool);
        if (m->component == NULL || m->text == NULL)
            return GALE_ENOMEM;
    }
    return GALE_OK;
}

/* The texts are those that hold if none were written meanwhile.  Of a writer
 * who never stops there are none: they change a few times in a life. */
static gale_err read_texts(gi_progress *out, int fd, size_t at, gi_pool *pool)
{
    gi_page_texts *t = gi_alloc(sizeof(*t));
    gale_err rv = t == NULL ? GALE_ENOMEM : GALE_OK;

    bool whole = false;

    for (int i = 0; rv == GALE_OK && !whole && i < TRIES; i++) {
        gi_page_head before, after;

        rv = read_at(fd, &before, sizeof(before), 0);
        atomic_thread_fence(memory_order_acquire);
        if (rv == GALE_OK)
            rv = read_at(fd, t, sizeof(*t), at + before.said % 2 * sizeof(*t));
        atomic_thread_fence(memory_order_acquire);
        if (rv == GALE_OK)
            rv = read_at(fd, &after, sizeof(after), 0);
        whole = rv == GALE_OK && before.said == after.said;
    }
    if (t != NULL && !whole)
        memset(t, 0, sizeof(*t));
    if (rv == GALE_OK)
        rv = take_texts(out, t, pool);
    gi_free(t);
    return rv;
}

static gale_err check(gi_page_head *head, int fd, uint64_t incarnation)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return GALE_EIO;
    if (!S_ISREG(st.st_mode))
        return GALE_EFORMAT;

    gale_err rv = read_at(fd, head, sizeof(*head), 0);
    if (rv != GALE_OK)
        return rv;
    if (head->magic != GI_PAGE_MAGIC || head->n_loops > GI_PROGRESS_LOOPS ||
        head->n_tallies > GI_PROGRESS_TALLIES ||
        head->size != gi_page_size(head->n_loops, head->n_tallies) ||
        (uint64_t)st.st_size < head->size ||
        head->state < GI_PROGRESS_STARTING ||
        head->state > GI_PROGRESS_CLOSING)
        return GALE_EFORMAT;
    if (incarnation != 0 && head->incarnation != incarnation)
        return GALE_EFORMAT;
    return GALE_OK;
}

static void take_loop(gi_progress_loop *out, gi_page_loop *l)
{
    *out = (gi_progress_loop){
        .turns = number(&l->turns),
        .callback_since = (int64_t)number(&l->callback_since),
        .thread = number(&l->thread),
        .task = number(&l->task),
    };
}

static void take_tally(gi_msg_tally *out, gi_page_tally *t, uint32_t i)
{
    *out = (gi_msg_tally){ .component = i,
#define X(name) .name = number(&t->name),
                           GI_PAGE_TALLY(X)
#undef X
    };
}

static gale_err take_lists(gi_progress *out, gi_page_head *head, void *lists,
                           gi_pool *pool)
{
    gi_page_loop *loops = lists;
    gi_page_tally *tallies = (void *)(loops + head->n_loops);

    out->n_loops = (uint32_t)head->n_loops;
    out->n_tallies = (uint32_t)head->n_tallies;
    out->loops = gi_pool_take(pool, out->n_loops, sizeof(*out->loops));
    out->tallies = gi_pool_take(pool, out->n_tallies, sizeof(*out->tallies));
    if (out->loops == NULL || out->tallies == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < out->n_loops; i++)
        take_loop(&out->loops[i], &loops[i]);
    for (uint32_t i = 0; i < out->n_tallies; i++)
        take_tally(&out->tallies[i], &tallies[i], i);
    out->incarnation = number(&head->incarnation);
    out->state = (gi_progress_state)head->state;
#define X(name) out->name = number(&head->name);
    GI_PAGE_NUMBERS(X)
#undef X
    return GALE_OK;
}

gale_err gi_progress_read_fd(gi_progress *out, int fd, uint64_t incarnation,
                             gi_pool *pool)
{
    gi_page_head head;
    gi_progress got = { 0 };
    gale_err rv = check(&head, fd, incarnation);

    if (rv != GALE_OK)
        return rv;

    size_t texts = gi_page_texts_at(head.n_loops, head.n_tallies);
    size_t len = texts - gi_page_loops_at();
    void *lists = gi_alloc(len + 1);

    if (lists == NULL)
        return GALE_ENOMEM;
    rv = read_at(fd, lists, len, gi_page_loops_at());
    if (rv == GALE_OK)
        rv = take_lists(&got, &head, lists, pool);
    if (rv == GALE_OK)
        rv = read_texts(&got, fd, texts, pool);
    if (rv == GALE_OK)
        *out = got;
    gi_free(lists);
    return rv;
}

gale_err gi_progress_read(gi_progress *out, const char *dir,
                          uint64_t incarnation, gi_pool *pool)
{
    char *path = gi_file_path(dir, GI_PROGRESS_FILE);
    gale_err rv;
    int fd;

    if (path == NULL)
        return GALE_ENOMEM;
    do
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    while (fd < 0 && errno == EINTR);
    gi_free(path);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? GALE_ENOTFOUND
               : errno == ELOOP                    ? GALE_EFORMAT
                                                   : GALE_EIO;
    rv = gi_progress_read_fd(out, fd, incarnation, pool);
    close(fd);
    return rv;
}

uint64_t gi_progress_acked(const gi_progress *p, const gi_msg_topology *t)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < p->n_tallies; i++) {
        uint64_t c = p->tallies[i].component;

        if (c < t->n_components && t->components[c].spout)
            sum += p->tallies[i].acked;
    }
    return sum;
}
