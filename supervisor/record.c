#include "supervisor/record.h"

#include <errno.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/strbuf.h"

enum { RECORD_MOST = 64 << 20 };

static void say(gale_diag *why, const char *path, const char *what)
{
    gi_diag_say(why, "%s: %s", path, what);
}

gale_err gi_record_of(gi_record *out, const gi_node *n, const char *boot)
{
    uint32_t n_slots = gi_node_n_slots(n);
    gi_record r = {
        .version = gi_node_version(n),
        .last = gi_node_last(n),
        .placed = gi_calloc(n_slots, sizeof(gi_placed)),
        .running = gi_calloc(n_slots, sizeof(gi_recorded)),
    };

    snprintf(r.boot, sizeof(r.boot), "%s", boot);
    if (r.placed == NULL || r.running == NULL) {
        gi_record_fini(&r);
        return GALE_ENOMEM;
    }
    for (uint32_t i = 0; i < n_slots; i++) {
        const gi_keeper *k = gi_node_slot(n, i);

        if (k->want != NULL)
            r.placed[r.n_placed++] = (gi_placed){ k->port, *k->want };
        if (k->has != NULL)
            r.running[r.n_running++] = (gi_recorded){
                .incarnation = k->incarnation,
                .began = k->began,
                .pid = k->pid,
                .as = { k->port, *k->has },
            };
    }
    *out = r;
    return GALE_OK;
}

void gi_record_fini(gi_record *r)
{
    gi_free(r->placed);
    gi_free(r->running);
    gi_free(r->memory);
    *r = (gi_record){ 0 };
}

static gale_err put(const gi_record *r, const char *path,
                    gale_err (*write)(const char *, const void *, size_t))
{
    char *bytes = NULL;
    size_t len;
    gale_err rv = gi_record_encode(r, &bytes, &len);

    if (rv == GALE_OK)
        rv = write(path, bytes, len);
    gi_free(bytes);
    return rv;
}

gale_err gi_record_save(const gi_record *r, const char *path)
{
    return put(r, path, gi_file_keep);
}

gale_err gi_record_swap(const gi_record *r, const char *path)
{
    return put(r, path, gi_file_swap);
}

/* Systems write to the disk within a minute, whoever asks. */
uint64_t gi_record_last(const gi_record *r, const char *boot)
{
    enum { A_MINUTE = 10000 };

    if (strcmp(r->boot, boot) == 0 || r->last > UINT64_MAX - A_MINUTE)
        return r->last;
    return r->last + A_MINUTE;
}

static void set_aside(const char *path, gale_diag *why)
{
    gi_strbuf b = { 0 };
    char *broken;

    gi_strbuf_printf(&b, "%s.broken", path);
    broken = gi_strbuf_take(&b);
    if (broken != NULL && rename(path, broken) == 0)
        say(why, path,
            "is damaged and was set aside as .broken; "
            "workers are looked for by their cookies");
    else
        say(why, path, "is damaged, and cannot be set aside");
    gi_free(broken);
}

gale_err gi_record_load(gi_record *out, const char *path, gale_diag *why)
{
    char *bytes = NULL;
    size_t len = 0;
    gale_err rv = gi_file_read(path, RECORD_MOST, &bytes, &len);

    if (rv == GALE_OK)
        rv = gi_record_decode(out, bytes, len);
    else if (rv == GALE_EIO)
        say(why, path, strerror(errno));
    gi_free(bytes);
    if (rv == GALE_ENOTFOUND)
        say(why, path, "is not there");
    else if (rv == GALE_EFORMAT)
        set_aside(path, why);
    else if (rv == GALE_ENOMEM)
        say(why, path, gale_err_text(rv));
    return rv;
}
