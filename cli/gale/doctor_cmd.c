/* doctor_cmd.c -- `doctor`: is this machine fit to run a part of a cluster? */
#define _GNU_SOURCE /* ST_NOEXEC */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/json.h"
#include "base/scalar.h"
#include "cli/client.h"
#include "cli/gale/daemon_read.h"
#include "cli/gale/gale.h"
#include "cli/gale/ports.h"
#include "cli/site.h"

typedef enum finding { WELL, DOUBTFUL, BAD } finding;

typedef struct doctor {
    gi_gale *g;
    gi_client *c;
    gi_strbuf text;
    gi_json json;
    unsigned n_bad;
    bool unreachable;
} doctor;

static void found(doctor *d, finding f, const char *what, const char *format,
                  ...) GALE_PRINTF(4, 5);

static void found(doctor *d, finding f, const char *what, const char *format,
                  ...)
{
    static const char *const words[] = { "ok", "doubtful", "bad" };
    static const gi_paint paints[] = { GI_PAINT_GOOD, GI_PAINT_HINT,
                                       GI_PAINT_BAD };
    gi_look look = d->g->cli.screen.out;
    char said[1024];
    va_list ap;

    va_start(ap, format);
    vsnprintf(said, sizeof(said), format, ap);
    va_end(ap);
    d->n_bad += f == BAD;
    gi_strbuf_printf(&d->text, "  %s%-8s%s  %-12s  %s\n",
                     gi_paint_text(look, paints[f]), words[f],
                     gi_paint_text(look, GI_PAINT_OFF), what, said);
    gi_json_object(&d->json, NULL);
    gi_json_str(&d->json, "check", what);
    gi_json_str(&d->json, "finding", words[f]);
    gi_json_str(&d->json, "text", said);
    gi_json_end(&d->json);
}

/* ------------------------------------------------------------- checks -- */

static void see_nimbus(doctor *d)
{
    gi_msg_nothing nothing = { 0 };
    gi_msg_info info;
    gale_diag why;
    gale_err rv = gi_client_wait(d->c, GI_ASK_INFO, &nothing, &info, &why);

    if (rv == GALE_OK) {
        found(d, WELL, "nimbus", "%s answers, Gale %s%s", d->c->place.at,
              info.version,
              strcmp(info.version, gale_version()) == 0
                  ? ""
                  : "; this program is of another version");
        return;
    }
    d->unreachable = rv == GALE_EIO || rv == GALE_ETIME;
    found(d, BAD, "nimbus", "%s",
          why.text[0] == '\0' ? gale_err_text(rv) : why.text);
}

/* The nearest directory above that is there. */
static void writable_above(const char *dir, char *to, size_t size)
{
    snprintf(to, size, "%s", dir);
    while (access(to, F_OK) != 0 && errno == ENOENT) {
        char *slash = strrchr(to, '/');
        if (slash == NULL || slash == to) {
            snprintf(to, size, slash == NULL ? "." : "/");
            return;
        }
        *slash = '\0';
    }
}

static void see_dir(doctor *d, const char *dir)
{
    char above[4096];
    struct statvfs fs;

    writable_above(dir, above, sizeof(above));
    if (access(above, W_OK | X_OK) != 0) {
        found(d, BAD, "directory",
              "%s: %s in %s (another one is set by storm.local.dir)", dir,
              strerror(errno), above);
        return;
    }
    if (statvfs(above, &fs) != 0) {
        found(d, DOUBTFUL, "directory", "%s: %s", dir, strerror(errno));
        return;
    }
    uint64_t mb = (uint64_t)fs.f_bavail * fs.f_frsize >> 20;
    if (fs.f_flag & ST_NOEXEC)
        found(d, BAD, "directory",
              "%s: nothing can be executed there (mounted noexec), so no "
              "worker can run",
              dir);
    else
        found(d, mb < 256 ? DOUBTFUL : WELL, "directory",
              "%s can be written, %" PRIu64 " MB are free", dir, mb);
}

struct ports {
    doctor *d;
    const char *host;
    gi_strbuf taken;
    unsigned n;
};

static bool see_port(void *arg, const char *word)
{
    struct ports *p = arg;
    int64_t port = 0;

    if (!gi_scalar_i64(word, &port) || port < 1 || port > 65535 ||
        gi_port_free(p->host, (uint16_t)port)) {
        p->n++;
        return true;
    }
    gi_strbuf_printf(&p->taken, "%s%s", p->taken.len == 0 ? "" : ", ", word);
    p->n++;
    return true;
}

static void see_ports(doctor *d)
{
    const gi_conf *site = d->c->site;
    struct ports p = { .d = d,
                       .host = gi_site_text(site, "gale.supervisor.host") };

    if (gi_site_each(site, "supervisor.slots.ports", see_port, &p) != GALE_OK)
        return;
    if (p.taken.len > 0)
        found(d, DOUBTFUL, "ports",
              "in use on %s: %s (by workers that run, or by others; "
              "supervisor.slots.ports)",
              p.host, p.taken.at);
    else
        found(d, WELL, "ports", "%u slot%s free on %s", p.n,
              p.n == 1 ? " is" : "s are", p.host);
    gi_strbuf_fini(&p.taken);
}

static void see_limits(doctor *d)
{
    struct rlimit files = { 0 }, core = { 0 };

    getrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_CORE, &core);
    if (files.rlim_max < 4096)
        found(d, DOUBTFUL, "open files",
              "at most %llu; a node of many workers wants 4096 (ulimit -n)",
              (unsigned long long)files.rlim_max);
    else
        found(d, WELL, "open files", "%llu, at most %llu",
              (unsigned long long)files.rlim_cur,
              (unsigned long long)files.rlim_max);
    found(d, WELL, "core files", "%s",
          core.rlim_cur == 0 ? "none are written (ulimit -c)"
                             : "are written when a worker crashes");
}

static void see_clock(doctor *d)
{
    struct timex t = { .modes = 0 };
    int state = adjtimex(&t);

    if (state < 0)
        found(d, DOUBTFUL, "clock", "cannot be asked: %s", strerror(errno));
    else if (state == TIME_ERROR || (t.status & STA_UNSYNC))
        found(d, DOUBTFUL, "clock",
              "is not synchronised (logs of several nodes will not fit; "
              "nothing else depends on it)");
    else
        found(d, WELL, "clock", "is synchronised");
}

static void see_secrets(doctor *d)
{
    const gi_conf *site = d->c->site;
    gi_secrets_opts o;
    gi_secrets *s = NULL;
    gale_diag why = { "" };
    const char *host = gi_site_text(site, "nimbus.host");
    bool local = strncmp(host, "127.", 4) == 0 ||
                 strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0;

    gi_daemon_secrets(&o, site);
    if (o.ca_file == NULL && o.token_file == NULL && o.secret_file == NULL) {
        found(d, local ? WELL : DOUBTFUL, "secrets",
              local ? "none are needed on the loopback"
                    : "nimbus.host can be reached from elsewhere, and there "
                      "is neither TLS (gale.tls.ca.file) nor a token");
        return;
    }
    gale_err rv = gi_secrets_load(&s, &o, &why);
    if (rv == GALE_OK)
        found(d, WELL, "secrets", "TLS: %s, token: %s, secret: %s",
              o.ca_file == NULL ? "no" : "yes",
              o.token_file == NULL ? "no" : "yes",
              o.secret_file == NULL ? "no" : "yes");
    else
        found(d, BAD, "secrets", "%s",
              why.text[0] == '\0' ? gale_err_text(rv) : why.text);
    gi_secrets_destroy(s);
}

int gi_gale_doctor(gi_gale *g)
{
    gi_client c;
    doctor d = { .g = g, .c = &c };
    gi_pool pool = { 0 };
    int code = gi_client_open(&c, &g->cli);

    if (code != GI_EXIT_DONE) {
        gi_client_close(&c);
        return code;
    }
    gi_json_object(&d.json, NULL);
    gi_json_list(&d.json, "checks");
    const char *dir = gi_daemon_dir(c.site, &pool);
    see_nimbus(&d);
    see_dir(&d, dir == NULL ? "." : dir);
    see_ports(&d);
    see_limits(&d);
    see_clock(&d);
    see_secrets(&d);
    gi_json_end(&d.json);
    gi_json_bool(&d.json, "ok", d.n_bad == 0);
    gi_json_end(&d.json);
    code = gi_cli_print(&g->cli, g->cli.o.json ? gi_json_take(&d.json)
                                               : gi_strbuf_take(&d.text));
    gi_strbuf_fini(&d.json.text);
    gi_strbuf_fini(&d.text);
    gi_pool_fini(&pool);
    gi_client_close(&c);
    if (code != GI_EXIT_DONE || d.n_bad == 0)
        return code;
    return d.unreachable && d.n_bad == 1 ? GI_EXIT_UNREACHABLE
                                         : GI_EXIT_FAILED;
}
