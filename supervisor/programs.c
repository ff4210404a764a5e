/* programs.c -- programs are fetched from Nimbus, and tried before they are
 * used.
 *
 *     GI_REHASH  the file is there since before this supervisor: is it whole?
 *     GI_FETCH   pieces by BLOB_GET, one program at a time, into HASH.part
 *     GI_CHECK   can it run here? (check.h)
 *
 * A topology whose program is ready is told to the slots that wait for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "supervisor/programs_inside.h"

enum { PIECE_WAIT_MS = 15000, CHECK_S = 10 };

static void part_of(const struct gi_job *j, char out[GI_PATH_MOST])
{
    gi_path(out, "%s/programs/%s.part", j->d->home.dir, j->hash);
}

static void close_file(struct gi_job *j)
{
    if (j->fd >= 0)
        close(j->fd);
    j->fd = -1;
}

static void destroy(struct gi_job *j)
{
    if (j->asking)
        gi_ask_cancel(j->d->programs->asker);
    close_file(j);
    gi_check_close(j->check);
    gi_free(j);
}

/* To the slots that wait for this topology; `words` NULL: it is ready.  The
 * job goes at the next turn. */
static void tell(struct gi_job *j, const char *words)
{
    gi_sdaemon *d = j->d;
    gi_slot_event e = {
        .kind = words == NULL ? GI_SLOT_READY : GI_SLOT_FETCH_FAILED,
        .program = j->hash,
        .words = words,
    };

    j->over = true;
    if (words != NULL)
        gi_log(GALE_LOG_WARN, GI_WHO, "%s: %s", j->topology, words);
    for (uint32_t i = 0; i < gi_node_n_slots(d->node); i++) {
        const gi_keeper *k = gi_node_slot(d->node, i);

        if (k->want != NULL && strcmp(k->want->topology, j->topology) == 0)
            gi_node_event(d->node, k->port, &e, gi_clock_ns());
    }
    gi_sd_wake(d);
}

static void tell_system(struct gi_job *j, const char *what)
{
    char words[GI_WORDS_MOST];

    snprintf(words, sizeof(words), "program %.12s: %.300s: %.100s", j->hash,
             what, strerror(errno));
    tell(j, words);
}

static void on_checked(void *arg, const char *words)
{
    tell(arg, words);
}

static void check(struct gi_job *j)
{
    gi_sdaemon *d = j->d;
    gi_account as = { 0 };
    gi_check_opts opts = {
        .base = d->base,
        .home = &d->home,
        .program = j->hash,
        .topology = gi_duties_of(d, j->topology),
        .env = d->env,
        .most_ns = d->o->check_ns > 0 ? d->o->check_ns
                                      : (int64_t)CHECK_S * 1000000000,
        .checked = on_checked,
        .arg = j,
    };
    gale_diag why = { 0 };
    char words[GI_WORDS_MOST];
    gale_err rv;

    j->stage = GI_CHECK;
    if (opts.topology == NULL) {
        tell(j, "Nimbus has not said yet what the topology consists of");
        return;
    }
    rv = gi_as_whom(d, opts.topology, &as, &why);
    if (rv == GALE_OK) {
        opts.account = as.name == NULL ? NULL : &as;
        rv = gi_check_begin(&j->check, &opts, &why);
    }
    gi_account_fini(&as);
    if (rv == GALE_OK)
        return;
    snprintf(words, sizeof(words), "the program cannot run here: %.400s",
             why.text[0] == '\0' ? gale_err_text(rv) : why.text);
    tell(j, words);
}

/* It begins when it is its turn; two may want the same program. */
static void to_fetch(struct gi_job *j)
{
    close_file(j);
    j->stage = GI_FETCH;
    j->size = 0;
    gi_sha256_begin(&j->sum);
}

static bool sum_is(struct gi_job *j)
{
    char got[GI_SHA256_HEX + 1];

    gi_sha256_end_hex(&j->sum, got);
    return strcmp(got, j->hash) == 0;
}

/* A piece each turn, so that nobody waits for a large one. */
static void rehash(struct gi_job *j)
{
    enum { PIECE = 1 << 20 };
    char path[GI_PATH_MOST], *piece = gi_alloc(PIECE);
    ssize_t n = piece == NULL ? -1 : read(j->fd, piece, PIECE);

    if (n > 0) {
        gi_sha256_add(&j->sum, piece, (size_t)n);
        gi_sd_wake(j->d);
    } else if (n == 0 && sum_is(j)) {
        gi_programs_verified(j->d->programs, j->hash);
        close_file(j);
        check(j);
    } else if (piece != NULL) {
        gi_home_program(&j->d->home, j->hash, path);
        gi_log(GALE_LOG_WARN, GI_WHO, "%s is damaged, and is fetched again",
               path);
        unlink(path);
        to_fetch(j);
        gi_sd_wake(j->d);
    }
    gi_free(piece);
}

static void begin(struct gi_job *j)
{
    char path[GI_PATH_MOST];

    gi_home_program(&j->d->home, j->hash, path);
    j->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (j->fd < 0) {
        gi_programs_spoilt(j->d->programs, j->hash);
        to_fetch(j);
    } else if (gi_programs_whole(j->d->programs, j->hash)) {
        close_file(j);
        check(j);
    } else {
        j->stage = GI_REHASH;
        gi_sha256_begin(&j->sum);
    }
}

void gi_programs_want(gi_sdaemon *d, const gi_order *order)
{
    struct gi_programs *p = d->programs;
    struct gi_job **at = &p->jobs, *j;

    for (; *at != NULL; at = &(*at)->next)
        if (!(*at)->over && strcmp((*at)->topology, order->topology) == 0 &&
            strcmp((*at)->hash, order->program) == 0)
            return;
    j = gi_alloc(sizeof(*j));
    if (j == NULL)
        return; /* it will be asked for again */
    j->d = d;
    j->fd = -1;
    snprintf(j->topology, sizeof(j->topology), "%s", order->topology);
    snprintf(j->hash, sizeof(j->hash), "%s", order->program);
    *at = j;
    if (gi_sha256_is_hex(order->program))
        begin(j);
    else
        tell(j, "its program is not the hash of one");
    gi_sd_wake(d);
}

static bool put(struct gi_job *j, const void *p, size_t len)
{
    gi_sha256_add(&j->sum, p, len);
    j->size += len;
    return gi_write_all(j->fd, p, len);
}

/* All of it is here.  No disk is waited for: of what is there when a
 * supervisor begins it wants to know first whether it is whole. */
static void complete(struct gi_job *j)
{
    char part[GI_PATH_MOST], path[GI_PATH_MOST];

    part_of(j, part);
    gi_home_program(&j->d->home, j->hash, path);
    if (!sum_is(j)) {
        unlink(part);
        tell(j, "what Nimbus sent as its program is another one: its SHA-256 "
                "is not what was ordered");
        return;
    }
    if (fchmod(j->fd, 0755) != 0) {
        tell_system(j, part);
        return;
    }
    close_file(j); /* or it could not be executed */
    if (rename(part, path) != 0) {
        tell_system(j, path);
        return;
    }
    gi_programs_verified(j->d->programs, j->hash);
    gi_log(GALE_LOG_INFO, GI_WHO, "%s: fetched its program, %" PRIu64 " bytes",
           j->topology, j->size);
    check(j);
}

static void take_piece(struct gi_job *j)
{
    gi_msg_blob_piece piece;
    gi_pool pool = { 0 };
    gale_diag why = { 0 };
    char words[GI_WORDS_MOST];
    gale_err rv = gi_asked(j->d->programs->asker, &pool, &piece, &why);

    j->asking = false;
    if (rv != GALE_OK) {
        snprintf(words, sizeof(words), "Nimbus: %.400s",
                 why.text[0] == '\0' ? gale_err_text(rv) : why.text);
        tell(j, words);
    } else if (!put(j, piece.bytes.at, piece.bytes.n)) {
        tell_system(j, "it cannot be written");
    } else if (j->size == piece.total) {
        complete(j);
    } else if (piece.bytes.n == 0 || j->size > piece.total) {
        tell(j, "Nimbus has only a part of its program");
    }
    gi_pool_fini(&pool);
}

static void on_done(void *arg)
{
    gi_sdaemon *d = arg;

    atomic_store(&d->programs->done, true);
    gi_sd_wake(d);
}

static void ask(struct gi_job *j)
{
    struct gi_programs *p = j->d->programs;
    gi_msg_blob_get get = {
        .hash = j->hash,
        .offset = j->size,
        .most = GI_MSG_BLOB_PIECE,
    };
    char path[GI_PATH_MOST];
    gale_err rv;

    part_of(j, path);
    if (j->fd < 0)
        j->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                     0600);
    if (j->fd < 0) {
        tell_system(j, path);
        return;
    }
    atomic_store(&p->done, false);
    rv = gi_ask_begin(p->asker, GI_ASK_BLOB_GET, &get, PIECE_WAIT_MS, on_done,
                      j->d);
    if (rv == GALE_OK)
        j->asking = true;
    else
        tell(j, gale_err_text(rv));
}

/* Several topologies of one program: the first fetches, the others find it
 * when it is there. */
static struct gi_job *fetcher(const struct gi_programs *p)
{
    for (struct gi_job *j = p->jobs; j != NULL; j = j->next)
        if (!j->over && j->stage == GI_FETCH)
            return j;
    return NULL;
}

static void drop_those_over(struct gi_programs *p)
{
    for (struct gi_job **at = &p->jobs; *at != NULL;) {
        struct gi_job *j = *at;

        if (!j->over) {
            at = &j->next;
            continue;
        }
        *at = j->next;
        destroy(j);
    }
}

static void follow(struct gi_programs *p)
{
    for (struct gi_job *j = p->jobs; j != NULL; j = j->next)
        if (!j->over && j->stage == GI_FETCH && !j->asking && j->size == 0 &&
            j->fd < 0 && gi_programs_whole(p, j->hash))
            check(j);
}

void gi_programs_turn(gi_sdaemon *d)
{
    struct gi_programs *p = d->programs;
    struct gi_job *j;

    for (j = p->jobs; j != NULL; j = j->next)
        if (!j->over && j->stage == GI_REHASH)
            rehash(j);
    drop_those_over(p);
    j = fetcher(p);
    if (j != NULL && j->asking && atomic_load(&p->done))
        take_piece(j);
    follow(p);
    j = fetcher(p);
    if (j != NULL && !j->asking)
        ask(j);
}

gale_err gi_programs_open(gi_sdaemon *d, gale_diag *why)
{
    gi_asker_opts opts = {
        .urls = d->o->nimbus,
        .n_urls = d->o->n_nimbus,
        .secrets = d->secrets,
        .open = d->o->open,
    };
    static const char *const usual[] = { GI_NIMBUS_USUAL };

    if (opts.urls == NULL) {
        opts.urls = usual;
        opts.n_urls = 1;
    }
    d->programs = gi_alloc(sizeof(*d->programs));
    if (d->programs == NULL)
        return GALE_ENOMEM;
    return gi_asker_create(&d->programs->asker, &opts, why);
}

void gi_programs_close(gi_sdaemon *d)
{
    struct gi_programs *p = d->programs;

    if (p == NULL)
        return;
    for (struct gi_job *j = p->jobs; j != NULL; j = j->next)
        j->over = true;
    drop_those_over(p);
    gi_asker_destroy(p->asker);
    gi_free(p->whole);
    gi_free(p);
    d->programs = NULL;
}
