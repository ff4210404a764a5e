#include "cli/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/number.h"
#include "cli/waiting.h"

/* So often a server may say "go on elsewhere" before we give up on it. */
enum { TURNS_MOST = 64 };

static int no_file(gi_client *c, const char *path, const char *what)
{
    gi_screen_say(&c->cli->screen, "cannot read the program %s: %s", path,
                  what);
    return GI_EXIT_FAILED;
}

static void show(gi_waiting *w, uint64_t at, uint64_t size)
{
    char text[96], all[GI_NUMBER_TEXT];

    snprintf(text, sizeof(text), "  uploading %u %% of %s",
             size == 0 ? 100U : (unsigned)(at * 100 / size),
             gi_number_bytes(all, size));
    gi_waiting_show(w, gi_clock_ms(), text);
}

static ssize_t read_at(int fd, void *to, size_t most, uint64_t offset)
{
    size_t n = 0;

    while (n < most) {
        ssize_t got = pread(fd, (char *)to + n, most - n, (off_t)(offset + n));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        n += (size_t)got;
    }
    return (ssize_t)n;
}

/* What is there already is not sent; where to go on is for Nimbus to say. */
static int send_all(gi_client *c, int fd, const char *path, gi_upload *u,
                    gi_msg_blob_size *there, void *piece)
{
    gi_waiting w = { .screen = &c->cli->screen,
                     .since_ms = gi_clock_ms(),
                     .quiet = c->cli->o.quiet };
    unsigned refused = 0;

    while (!there->complete) {
        uint64_t at = there->size;
        ssize_t n = read_at(fd, piece, GI_MSG_BLOB_PIECE, at);

        if (n < 0)
            return no_file(c, path, strerror(errno));
        gi_msg_blob_put put = { .hash = u->hash,
                                .total = u->size,
                                .offset = at,
                                .bytes = { piece, (uint32_t)n } };
        show(&w, at, u->size);
        gi_client_forget(c);
        int code = gi_client_ask(c, GI_ASK_BLOB_PUT, &put, there);
        if (code != GI_EXIT_DONE)
            return code;
        u->sent += (uint64_t)n;
        if (!there->complete && there->size <= at && ++refused > TURNS_MOST) {
            gi_screen_say(&c->cli->screen,
                          "Nimbus does not take the program %s: it changed "
                          "while it was read, or something else uploads it",
                          path);
            return GI_EXIT_FAILED;
        }
    }
    return GI_EXIT_DONE;
}

static int upload(gi_client *c, int fd, const char *path, gi_upload *u)
{
    gi_msg_blob_size there;
    gale_err rv = gi_sha256_fd(fd, u->hash, &u->size);

    if (rv != GALE_OK)
        return no_file(c, path, gale_err_text(rv));
    if (u->size == 0)
        return no_file(c, path, "it is empty");
    gi_msg_blob blob = { .hash = u->hash };
    int code = gi_client_ask(c, GI_ASK_BLOB_HAS, &blob, &there);
    if (code != GI_EXIT_DONE || there.complete)
        return code;
    void *piece = gi_alloc(GI_MSG_BLOB_PIECE);
    if (piece == NULL)
        return no_file(c, path, gale_err_text(GALE_ENOMEM));
    code = send_all(c, fd, path, u, &there, piece);
    gi_free(piece);
    gi_screen_live(&c->cli->screen, "");
    return code;
}

int gi_upload_file(gi_client *c, const char *path, gi_upload *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    *out = (gi_upload){ 0 };
    if (fd < 0)
        return no_file(c, path, strerror(errno));
    int code = upload(c, fd, path, out);
    close(fd);
    return code;
}
