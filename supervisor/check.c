#include "supervisor/check.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/strbuf.h"
#include "supervisor/output.h"
#include "supervisor/slot.h"

enum { OUTPUT_MOST = 1 << 20, PROCESSOR_S = 60, WORDS_MOST = 64 };

struct gi_check {
    gi_check_opts o;
    gi_process *process;
    struct event *clock;
    char dir[GI_PATH_MOST];
    char output[GI_PATH_MOST], settings[GI_PATH_MOST], work[GI_PATH_MOST];
    char name[GI_TOPOLOGY_ID_MOST + 1]; /* of the topology */
    bool too_long;
};

/* YAML in double quotes. */
static void put_quoted(gi_strbuf *b, const char *text)
{
    gi_strbuf_putc(b, '"');
    for (const char *c = text; *c != '\0'; c++) {
        unsigned char u = (unsigned char)*c;

        if (u == '"' || u == '\\')
            gi_strbuf_printf(b, "\\%c", u);
        else if (u < 0x20 || u == 0x7f)
            gi_strbuf_printf(b, "\\x%02x", u);
        else
            gi_strbuf_putc(b, *c);
    }
    gi_strbuf_putc(b, '"');
}

static gale_err write_settings(const gi_check *c)
{
    const gi_msg_topology *t = c->o.topology;
    const gi_account *as = c->o.account;
    char beside[GI_PATH_MOST];
    gi_strbuf b = { 0 };
    gale_err rv = GALE_ENOMEM;

    gi_strbuf_puts(&b, "{}");
    if (t->n_settings > 0)
        b.len = 0;
    for (uint32_t i = 0; i < t->n_settings; i++) {
        put_quoted(&b, t->settings[i].key);
        gi_strbuf_puts(&b, ": ");
        put_quoted(&b, t->settings[i].value);
        gi_strbuf_putc(&b, '\n');
    }
    gi_path(beside, "%s/settings.new", c->dir);
    if (!b.failed && as == NULL)
        rv = gi_file_swap(c->settings, b.at, b.len);
    else if (!b.failed)
        rv = gi_file_give(c->settings, beside, as->uid, as->gid, b.at, b.len);
    gi_strbuf_fini(&b);
    return rv;
}

static void finish(gi_check *c, const char *words)
{
    gi_process *p = c->process;

    c->process = NULL;
    gi_process_close(p);
    if (c->clock != NULL)
        event_del(c->clock);
    c->o.checked(c->o.arg, words);
}

static void on_ended(void *arg, gi_process *p, gi_ending ending)
{
    gi_check *c = arg;
    char said[GI_WORDS_MOST], how[128], words[GI_WORDS_MOST + 256];

    (void)p;
    if (!c->too_long && ending.kind == GI_END_EXIT && ending.number == 0) {
        finish(c, NULL);
        return;
    }
    gi_ending_text(ending, how, sizeof(how));
    gi_output_tail(c->output, 0, said, sizeof(said));
    if (c->too_long)
        snprintf(how, sizeof(how), "did not end within %.1f s",
                 (double)c->o.most_ns / 1e9);
    snprintf(words, sizeof(words),
             "the program cannot run here: '%.40s validate' %s%s%s", c->name,
             how, said[0] == '\0' ? "" : ": ", said);
    finish(c, words);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
    gi_check *c = arg;

    (void)fd;
    (void)what;
    c->too_long = true;
    if (c->process != NULL)
        gi_process_kill(c->process);
}

/* PROGRAM validate --config FILE -- WORDS */
static const char **arguments(const gi_check *c, gi_pool *pool)
{
    const gi_msg_topology *t = c->o.topology;
    const char **argv =
        gi_pool_take(pool, (size_t)t->n_words + 6, sizeof(*argv));
    uint32_t n = 0;

    if (argv == NULL)
        return NULL;
    argv[n++] = t->name;
    argv[n++] = "validate";
    argv[n++] = "--config";
    argv[n++] = c->settings;
    if (t->n_words > 0)
        argv[n++] = "--";
    for (uint32_t i = 0; i < t->n_words; i++)
        argv[n++] = t->words[i].text;
    return argv;
}

/* Port 0: a process that is no worker, and is ended by the next supervisor
 * should this one die meanwhile. */
static gi_cookie cookie_of(const gi_check *c)
{
    gi_cookie cookie = { .incarnation = c->o.home->incarnation };

    snprintf(cookie.node, sizeof(cookie.node), "%s", c->o.home->id);
    snprintf(cookie.program, sizeof(cookie.program), "%s", c->o.program);
    snprintf(cookie.topology, sizeof(cookie.topology), "%s",
             c->o.topology->id);
    return cookie;
}

static gale_err run(gi_check *c, const char *const *argv, gale_diag *why)
{
    static const gi_process_limit limits[] = {
        { RLIMIT_CPU, PROCESSOR_S },
        { RLIMIT_FSIZE, OUTPUT_MOST },
        { RLIMIT_CORE, 0 },
    };
    gi_cookie cookie = cookie_of(c);
    char program[GI_PATH_MOST];
    gi_process_spec spec = {
        .program = program,
        .argv = argv,
        .env = c->o.env,
        .cookie = &cookie,
        .account = c->o.account,
        .dir = c->work,
        .output = -1,
        .limits = limits,
        .n_limits = 3,
    };
    uint64_t end;
    gale_err rv = gi_output_open(c->output, &spec.output, &end);

    gi_home_program(c->o.home, c->o.program, program);
    if (rv == GALE_OK && c->o.account != NULL)
        rv = gi_account_reaches(c->o.account, program, why);
    if (rv == GALE_OK)
        rv = gi_process_hold(&c->process, c->o.base, &spec, on_ended, c, why);
    if (spec.output >= 0)
        close(spec.output);
    if (rv == GALE_OK)
        rv = gi_process_go(c->process, why);
    return rv;
}

/* Ours, but for a part that is whose the program is to be. */
static gale_err make_dirs(const gi_check *c)
{
    const gi_account *as = c->o.account;

    if (gi_dir_fresh(c->dir, geteuid(), getegid()) != GALE_OK)
        return GALE_EIO;
    if (as == NULL)
        return gi_dir_fresh(c->work, geteuid(), getegid());
    if (gi_dir_let_pass(c->dir) != GALE_OK)
        return GALE_EIO;
    return gi_dir_fresh(c->work, as->uid, as->gid);
}

static gale_err begin(gi_check *c, gale_diag *why)
{
    struct timeval most = {
        .tv_sec = c->o.most_ns / 1000000000,
        .tv_usec = c->o.most_ns % 1000000000 / 1000,
    };
    gi_pool pool = { 0 };
    const char **argv;
    gale_err rv = GALE_ENOMEM;

    if (make_dirs(c) != GALE_OK || write_settings(c) != GALE_OK) {
        gi_diag_say(why, "%.1500s: %.500s", c->dir, strerror(errno));
        return GALE_EIO;
    }
    c->clock = evtimer_new(c->o.base, on_time, c);
    argv = arguments(c, &pool);
    if (c->clock != NULL && argv != NULL)
        rv = run(c, argv, why);
    gi_pool_fini(&pool);
    if (rv == GALE_OK && event_add(c->clock, &most) != 0)
        rv = GALE_ENOMEM; /* or nobody would ever end it */
    return rv;
}

gale_err gi_check_begin(gi_check **out, const gi_check_opts *opts,
                        gale_diag *why)
{
    gi_check *c = gi_alloc(sizeof(*c));
    gale_err rv;

    if (c == NULL)
        return GALE_ENOMEM;
    c->o = *opts;
    snprintf(c->name, sizeof(c->name), "%s", opts->topology->name);
    gi_path(c->dir, "%s/programs/%s.check", opts->home->dir,
            opts->topology->id);
    gi_path(c->output, "%s/output", c->dir);
    gi_path(c->settings, "%s/settings.yaml", c->dir);
    gi_path(c->work, "%s/work", c->dir);
    rv = begin(c, why);
    c->o.topology = NULL;
    c->o.account = NULL;
    if (rv != GALE_OK) {
        gi_check_close(c);
        return rv;
    }
    *out = c;
    return GALE_OK;
}

void gi_check_close(gi_check *c)
{
    if (c == NULL)
        return;
    if (c->process != NULL)
        gi_process_kill(c->process);
    gi_process_close(c->process);
    if (c->clock != NULL)
        event_free(c->clock);
    gi_dir_remove(c->dir);
    gi_free(c);
}
