/* lines.h -- a spout that reads lines, for the examples: of the files named on
 * the command line, one after another; of standard input for "-" or if none
 * is named.
 *
 * What it teaches: a spout that reads and never waits.  A file is always
 * ready; standard input may be somebody typing, so it is asked first.
 */
#ifndef EXAMPLES_LINES_H
#define EXAMPLES_LINES_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gale/gale.h>

/* Longer lines are handed on in pieces, cut between two words.  (A word that
 * is longer still is cut, too.) */
enum { MAX_LINE = 65536 };

struct lines {
    const char *const *names; /* of the files, as on the command line */
    size_t n_files, file;     /* file: which one is being read */
    int fd;                   /* the descriptor of that file; -1: not open */
    uint64_t number;          /* of the line, through all files */
    size_t begin, end;        /* what was read and not yet emitted */
    char buffer[MAX_LINE + 1];
};

/* The small letter for a letter, 0 for anything else. */
static inline char letter(char c)
{
    char small = (char)(c | 0x20);

    return small >= 'a' && small <= 'z' ? small : '\0';
}

/* Could the file called `name` be read?  false and errno: no. */
static bool readable(const char *name)
{
    struct stat about;

    if (strcmp(name, "-") == 0)
        return true;
    if (stat(name, &about) == 0 && S_ISDIR(about.st_mode)) {
        errno = EISDIR;
        return false;
    }
    return access(name, R_OK) == 0;
}

static int open_file(const char *name)
{
    if (strcmp(name, "-") == 0)
        return dup(STDIN_FILENO);
    return open(name, O_RDONLY | O_CLOEXEC);
}

static gale_err lines_open(void *self, gale_spout_ctx *ctx)
{
    static const char *const standard_input[] = { "-" };
    struct lines *l = self;

    l->fd = -1;
    l->n_files = gale_task_args(gale_spout_task(ctx), &l->names);
    if (l->n_files == 0) {
        l->names = standard_input;
        l->n_files = 1;
    }

    /* Better to hear of a misspelt name now than after an hour of counting. */
    for (size_t i = 0; i < l->n_files; i++)
        if (!readable(l->names[i])) {
            gale_task_error(gale_spout_task(ctx), "cannot open %s: %s",
                            l->names[i], strerror(errno));
            return GALE_EIO;
        }
    return GALE_OK;
}

/* A line, if there is one in the buffer. */
static bool take_line(struct lines *l, gale_str *line)
{
    const char *text = l->buffer + l->begin;
    size_t len = l->end - l->begin;
    const char *newline = memchr(text, '\n', len);
    size_t rest = 1; /* the newline */

    if (newline != NULL) {
        len = (size_t)(newline - text);
    } else if (len == MAX_LINE) {
        while (len > 0 && letter(text[len - 1]) != '\0')
            len--;
        if (len == 0)
            len = MAX_LINE;
        rest = 0;
    } else {
        return false;
    }
    *line = (gale_str){ text, (uint32_t)len };
    l->begin += len + rest;
    return true;
}

/* The file is at its end, or nothing can be done with it. */
static void next_file(struct lines *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    l->file++;
    if (l->begin < l->end) /* the last line may lack its newline */
        l->buffer[l->end++] = '\n';
}

/* Read what there is, without waiting for more. */
static void read_some(struct lines *l, gale_task *task)
{
    memmove(l->buffer, l->buffer + l->begin, l->end - l->begin);
    l->end -= l->begin;
    l->begin = 0;
    if (l->fd < 0)
        l->fd = open_file(l->names[l->file]);

    struct pollfd input = { .fd = l->fd, .events = POLLIN };
    if (l->fd >= 0 && poll(&input, 1, 0) == 0)
        return;
    ssize_t n = read(l->fd, l->buffer + l->end, MAX_LINE - l->end);
    if (n > 0) {
        l->end += (size_t)n;
    } else if (n == 0) {
        next_file(l);
    } else if (errno != EINTR && errno != EAGAIN) {
        gale_task_error(task, "cannot read %s: %s; skipping the rest of it",
                        l->names[l->file], strerror(errno));
        next_file(l);
    }
}

static bool lines_next(void *self, gale_spout_ctx *ctx)
{
    struct lines *l = self;
    gale_str line;

    if (!take_line(l, &line)) {
        if (l->file == l->n_files)
            return false;
        read_some(l, gale_spout_task(ctx));
        if (!take_line(l, &line))
            return true; /* nothing yet; ask again */
    }
    gale_spout_emit(ctx, l->number++, GALE_ROW(gale_val_str(line)));
    return true;
}

static void lines_close(void *self, gale_spout_ctx *ctx)
{
    struct lines *l = self;

    (void)ctx;
    if (l->fd >= 0)
        close(l->fd);
}

/* There is no fail here: the runtime keeps each line until it is acked, and
 * replays it by itself. */
static const gale_spout lines = {
    .state_size = sizeof(struct lines),
    .output = GALE_FIELDS(GALE_STR("line")),
    .open = lines_open,
    .next = lines_next,
    .close = lines_close,
};

#endif /* EXAMPLES_LINES_H */
