/* spout_lines.c -- the lines of files, as a transactional spout.
 *
 * A plan is a run of bytes of one file that ends where a line ends.  Each
 * emitter takes an equal share of the run, and of it the lines that begin
 * there; so whatever is asked again comes again, with any number of tasks.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "trident/spout_lines.h"

enum {
    CHUNK = 64 << 10,    /* is read at a time; of it a call emits all lines */
    LINE_MOST = 1 << 20, /* bytes */
    BATCH_BYTES = 4 << 20, /* at most, if nothing else is said */
    LOOK_BACK = 4 << 10,   /* for a line's end, at a time */
};

/* The files, for both sides. */
typedef struct files {
    const gale_lines_opts *opts; /* NULL: none */
    const char *const *paths;
    size_t n;
    gale_task *task;
    size_t no; /* the one that is open ... */
    int fd;    /* ... or -1 ... */
    int error; /* ... and why it is not */
} files;

static void files_init(files *f, const void *arg, gale_task *task)
{
    f->opts = arg;
    f->task = task;
    f->fd = -1;
    if (f->opts != NULL && f->opts->paths != NULL) {
        f->paths = f->opts->paths;
        while (f->paths[f->n] != NULL)
            f->n++;
    } else {
        f->n = gale_task_args(task, &f->paths);
    }
}

static void files_fini(files *f)
{
    if (f->paths != NULL && f->fd >= 0)
        close(f->fd);
}

/* The file by its number, open; -1: it cannot be read, and that is said. */
static int file_at(files *f, size_t no)
{
    if (f->fd >= 0 && f->no == no)
        return f->fd;
    if (f->fd >= 0)
        close(f->fd);
    f->fd = no >= f->n ? -1 : open(f->paths[no], O_RDONLY | O_CLOEXEC);
    f->error = errno;
    f->no = no;
    if (f->fd < 0)
        gale_task_error(f->task, "'%s': %s",
                        no < f->n ? f->paths[no] : "a file that was there",
                        strerror(f->error));
    return f->fd;
}

/* Bytes at `at`; fewer than `len` at the end of the file; -1. */
static ssize_t read_at(files *f, size_t no, char *to, size_t len, uint64_t at)
{
    int fd = file_at(f, no);
    size_t n = 0;

    while (fd >= 0 && n < len) {
        ssize_t got = pread(fd, to + n, len - n, (off_t)(at + n));

        if (got == 0)
            return (ssize_t)n;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            gale_task_error(f->task, "'%s': %s", f->paths[no],
                            strerror(errno));
            return -1;
        }
        n += (size_t)got;
    }
    return fd < 0 ? -1 : (ssize_t)n;
}

/* ------------------------------------------------------------------- plans */

/* In a plan these are numbers, and behind them is the file's name, by which we
 * notice that other files are read than before. */
typedef struct run {
    size_t no;
    uint64_t from, to;
} run;

static bool run_read(run *r, gale_str s, gale_str *path)
{
    char text[80];
    uint32_t some = s.len < sizeof(text) ? s.len : sizeof(text) - 1;
    unsigned long no;
    int used = 0;

    if (s.len == 0)
        return false;
    memcpy(text, s.ptr, some);
    text[some] = '\0';
    if (sscanf(text, "%lu %" SCNu64 " %" SCNu64 "%n", &no, &r->from, &r->to,
               &used) != 3)
        return false;
    r->no = no;
    used += text[used] == ' ';
    *path = (gale_str){ s.ptr + used, s.len - (uint32_t)used };
    return r->from <= r->to;
}

typedef struct planner {
    files f;
    bool ended;
    bool stuck; /* and that was said: the run ends */
} planner;

static gale_err plan_open(void *c, const void *arg, gale_task *task)
{
    files *f = &((planner *)c)->f;

    files_init(f, arg, task);
    if (f->n > 0)
        return GALE_OK;
    gale_task_error(task, "no file to read: name one or more");
    return GALE_EUSER;
}

static void plan_close(void *c)
{
    files_fini(&((planner *)c)->f);
}

/* Behind the last line end in [from, to); `from` if there is none. */
static uint64_t last_end(files *f, size_t no, uint64_t from, uint64_t to)
{
    char some[LOOK_BACK];

    while (to > from) {
        uint64_t at = to - from > sizeof(some) ? to - sizeof(some) : from;
        ssize_t n = read_at(f, no, some, (size_t)(to - at), at);

        for (ssize_t i = n; i > 0; i--)
            if (some[i - 1] == '\n')
                return at + (uint64_t)i;
        to = at;
    }
    return from;
}

/* Behind the first line end at or behind `at`; `size` if there is none. */
static uint64_t first_end(files *f, size_t no, uint64_t at, uint64_t size)
{
    char some[LOOK_BACK];

    while (at < size) {
        ssize_t n = read_at(f, no, some, sizeof(some), at);
        const char *end;

        if (n <= 0)
            break;
        end = memchr(some, '\n', (size_t)n);
        if (end != NULL)
            return at + (uint64_t)(end - some) + 1;
        at += (uint64_t)n;
    }
    return size;
}

/* How far a run from here may go; `from`: nothing is there yet. */
static uint64_t run_end(planner *p, size_t no, uint64_t from)
{
    bool follow = p->f.opts != NULL && p->f.opts->follow;
    uint64_t most = p->f.opts != NULL && p->f.opts->batch_bytes > 0
                        ? p->f.opts->batch_bytes
                        : BATCH_BYTES,
             size, to;
    int fd = file_at(&p->f, no);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0 || (uint64_t)st.st_size <= from)
        return from;
    size = (uint64_t)st.st_size;
    if (size - from <= most)
        return follow ? last_end(&p->f, no, from, size) : size;
    to = last_end(&p->f, no, from, from + most);
    if (to > from)
        return to;
    to = first_end(&p->f, no, from + most, size); /* one long line */
    return to == size && follow ? last_end(&p->f, no, from, size) : to;
}

/* Is the file that was read last still the one of that number?  If not, what
 * was read of it would be skipped in another one. */
static bool is_same(const files *f, const run *r, gale_str path)
{
    if (r->no < f->n && strlen(f->paths[r->no]) == path.len &&
        memcmp(f->paths[r->no], path.ptr, path.len) == 0)
        return true;
    gale_task_fatal(
        f->task,
        "%" PRIu64 " bytes of file %zu were read, which was "
        "'%.*s' and is %s%s%s now: name the same files in the "
        "same order, new ones behind them; or begin anew, with "
        "another topology.state.dir",
        r->to, r->no + 1, (int)path.len, path.ptr, r->no < f->n ? "'" : "",
        r->no < f->n ? f->paths[r->no] : "not named", r->no < f->n ? "'" : "");
    return false;
}

/* Who waits for lines may wait for the file, too. */
static bool is_readable(files *f, size_t no, bool waits)
{
    if (waits || file_at(f, no) >= 0)
        return true;
    gale_task_fatal(f->task, "cannot read '%s': %s", f->paths[no],
                    strerror(f->error));
    return false;
}

static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    planner *p = c;
    run r = { 0, 0, 0 };
    bool follow = p->f.opts != NULL && p->f.opts->follow;
    gale_str path;

    if (p->stuck)
        return 0;
    p->stuck = run_read(&r, before, &path) && !is_same(&p->f, &r, path);
    if (p->stuck)
        return 0;
    for (r.from = r.to; r.no < p->f.n; r.no++, r.from = 0) {
        bool last = follow && r.no + 1 == p->f.n;

        p->stuck = !is_readable(&p->f, r.no, last);
        if (p->stuck)
            return 0;
        r.to = run_end(p, r.no, r.from);
        if (r.to > r.from)
            return (size_t)snprintf(now, room,
                                    "%zu %" PRIu64 " %" PRIu64 " %s", r.no,
                                    r.from, r.to, p->f.paths[r.no]);
        if (last)
            return 0; /* it may grow */
    }
    p->ended = !follow;
    return 0;
}

static bool ended(void *c, gale_task *task)
{
    (void)task;
    return ((planner *)c)->ended;
}

/* ------------------------------------------------------------------- lines */

typedef struct reader {
    files f;
    run r;
    uint64_t at, end; /* lines that begin in here are ours */
    char *room;       /* of `cap` bytes */
    size_t cap;
} reader;

static gale_err reader_open(void *self, const void *arg, gale_task *task)
{
    reader *d = self;

    d->cap = CHUNK;
    d->room = gi_alloc(d->cap);
    if (d->room == NULL)
        return GALE_ENOMEM;
    files_init(&d->f, arg, task);
    return GALE_OK;
}

static void reader_close(void *self)
{
    reader *d = self;

    files_fini(&d->f);
    gi_free(d->room);
}

/* This part's share of the run.  It begins behind the line that begins in the
 * share before it. */
static bool start(reader *d, const gale_batch_part *p)
{
    gale_str path;
    uint64_t len;

    if (!run_read(&d->r, p->from, &path))
        return false;
    len = d->r.to - d->r.from;
    d->at = d->r.from + len * p->partition / p->partitions;
    d->end = d->r.from + len * (p->partition + 1) / p->partitions;
    if (d->at > d->r.from && d->at < d->end)
        d->at = first_end(&d->f, d->r.no, d->at - 1, d->r.to);
    return true;
}

static bool grow(reader *d)
{
    char *room = d->cap >= LINE_MOST ? NULL : gi_realloc(d->room, 2 * d->cap);

    if (room == NULL)
        return false;
    d->room = room;
    d->cap *= 2;
    return true;
}

/* Emit the lines in `n` bytes that begin before d->end; how many bytes they
 * are.  The run's last line may lack its end. */
static size_t emit_lines(reader *d, size_t n, gale_batch_ctx *ctx)
{
    size_t done = 0;

    while (done < n && d->at + done < d->end) {
        const char *line = d->room + done, *end = memchr(line, '\n', n - done);
        size_t len = end == NULL ? n - done : (size_t)(end - line);

        if (end == NULL && d->at + n < d->r.to)
            break;
        gale_batch_emit(
            ctx, GALE_ROW(gale_val_str((gale_str){ line, (uint32_t)len })));
        done += len + (end != NULL);
    }
    return done;
}

static bool emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    reader *d = self;
    uint64_t left;
    ssize_t n;
    size_t done;

    if (p->first && !start(d, p)) {
        gale_batch_fail(ctx, "'%.*s' is no plan of lines",
                        (int)(p->from.len < 60 ? p->from.len : 60),
                        p->from.ptr);
        return false;
    }
    if (d->at >= d->end)
        return false;
    left = d->r.to - d->at;
    n = read_at(&d->f, d->r.no, d->room, left < d->cap ? (size_t)left : d->cap,
                d->at);
    if (n < 0 || (n == 0 && left > 0)) {
        gale_batch_fail(ctx, "'%s' cannot be read again at byte %" PRIu64,
                        d->f.paths[d->r.no], d->at);
        return false;
    }
    done = emit_lines(d, (size_t)n, ctx);
    if (done == 0 && !grow(d)) {
        gale_batch_fail(
            ctx, "'%s': the line at byte %" PRIu64 " has more than %d bytes",
            d->f.paths[d->r.no], d->at, LINE_MOST);
        return false;
    }
    d->at += done;
    return d->at < d->end;
}

bool gi_lines_of_words(const gale_batch_spout *s)
{
    const gale_lines_opts *o = s->arg;

    return s->emit == emit && (o == NULL || o->paths == NULL);
}

static const gale_field fields[] = { GALE_STR("line"), { 0, GALE_T_ANY } };

const gale_batch_spout gale_lines = {
    .kind = GALE_SPOUT_TRANSACTIONAL,
    .output = fields,
    .plan_size = sizeof(planner),
    .plan_open = plan_open,
    .plan = plan,
    .ended = ended,
    .plan_close = plan_close,
    .state_size = sizeof(reader),
    .open = reader_open,
    .emit = emit,
    .close = reader_close,
};
