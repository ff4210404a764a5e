/* dev_prepare.c -- what `gale dev` needs before anything runs: a directory of
 * its own, free ports, a file of settings. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/env.h"
#include "base/mem.h"
#include "cli/gale/dev.h"
#include "cli/gale/ports.h"
#include "wire/whose.h"

enum { GI_DEV_BLOCKS = 64 };

static int cannot(gi_dev *d, const char *what, const char *name)
{
    gi_screen_say(&d->g->cli.screen, "cannot %s %s: %s", what, name,
                  strerror(errno));
    return GI_EXIT_FAILED;
}

static char *keep(gi_dev *d, gi_strbuf *b)
{
    char *text = b->failed || b->at == NULL
                     ? NULL
                     : gi_pool_take(&d->pool, b->len + 1, 1);

    if (text != NULL)
        memcpy(text, b->at, b->len + 1);
    gi_strbuf_fini(b);
    return text;
}

/* Also for root it is the user's own: /var/lib/gale is the real one's. */
static bool find_dir(gi_dev *d)
{
    const char *said = gi_conf_get(d->g->cli.o.conf, "storm.local.dir");
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char here[4096] = "";
    gi_strbuf dir = { 0 }, conf = { 0 };

    if (said != NULL && *said == '/')
        gi_strbuf_puts(&dir, said);
    else if (said != NULL && *said != '\0')
        gi_strbuf_printf(&dir, "%s/%s",
                         getcwd(here, sizeof(here)) == NULL ? "." : here,
                         said);
    else if (state != NULL && *state == '/')
        gi_strbuf_printf(&dir, "%s/gale", state);
    else
        gi_strbuf_printf(&dir, "%s/.local/state/gale",
                         home == NULL ? "" : home);
    d->dir = keep(d, &dir);
    if (d->dir == NULL)
        return false;
    gi_strbuf_printf(&conf, "%s/storm.yaml", d->dir);
    d->conf = keep(d, &conf);
    return d->conf != NULL;
}

static bool make_dirs(const char *path)
{
    char part[4096];

    for (size_t n = 1; n < sizeof(part); n++) {
        if (path[n] != '/' && path[n] != '\0')
            continue;
        memcpy(part, path, n);
        part[n] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return false;
        if (path[n] == '\0')
            return true;
    }
    errno = ENAMETOOLONG;
    return false;
}

static int take_dir(gi_dev *d)
{
    char name[4200];

    snprintf(name, sizeof(name), "%s/logs", d->dir);
    if (!make_dirs(d->dir) || !make_dirs(name))
        return cannot(d, "make the directory", d->dir);
    snprintf(name, sizeof(name), "%s/dev.lock", d->dir);
    d->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (d->lock < 0)
        return cannot(d, "open", name);
    if (flock(d->lock, LOCK_EX | LOCK_NB) == 0)
        return GI_EXIT_DONE;
    gi_screen_say(&d->g->cli.screen,
                  "another 'gale dev' uses %s (a second one needs a "
                  "directory of its own: -c storm.local.dir=DIR)",
                  d->dir);
    return GI_EXIT_FAILED;
}

/* Ports of workers that do not run yet are free, but promised: where a Nimbus
 * is, all the ports that go with it are taken.  Before Nimbus is there, a name
 * says so, which goes with this process. */
static uint16_t find_block(gi_dev *d)
{
    for (uint16_t up = 0; up < GI_DEV_BLOCKS * 100;
         up = (uint16_t)(up + 100)) {
        uint16_t port = (uint16_t)(6627 + up);

        d->claim = gi_port_claim(port);
        if (d->claim >= 0 && gi_port_free("127.0.0.1", port))
            return up;
        if (d->claim >= 0)
            close(d->claim);
    }
    d->claim = -1;
    return GI_DEV_BLOCKS * 100;
}

/* A slot for a port: the one that would be given it, or the last that is left.
 */
static void keep_port(gi_dev *d, uint16_t port)
{
    unsigned at = (port - 6700U) % 100;

    if (at >= d->n_slots || d->ports[at] != 0)
        for (at = d->n_slots - 1; d->ports[at] != 0; at--)
            ;
    d->ports[at] = port;
    d->n_kept++;
}

/* Workers outlive a `gale dev` that was killed, and the next one's supervisor
 * goes on with them: if their ports are slots of its own. */
static void keep_ports(gi_dev *d)
{
    char path[4400];
    struct dirent *e;
    DIR *dir;

    snprintf(path, sizeof(path), "%s/supervisor/workers", d->dir);
    dir = opendir(path);
    while (dir != NULL && d->n_kept < d->n_slots &&
           (e = readdir(dir)) != NULL) {
        char *end;
        unsigned long port = strtoul(e->d_name, &end, 10);

        if (*end != '\0' || port == 0 || port > UINT16_MAX)
            continue;
        snprintf(path, sizeof(path), "%s/supervisor/workers/%lu/bell", d->dir,
                 port);
        if (gi_bell_heard(path))
            keep_port(d, (uint16_t)port);
    }
    if (dir != NULL)
        closedir(dir);
}

static int pick_ports(gi_dev *d)
{
    uint16_t taken[GI_GALE_SLOTS + 5], up = find_block(d);
    unsigned n = 0;

    keep_ports(d);
    for (unsigned i = 0; i < d->n_slots; i++)
        if (d->ports[i] != 0)
            taken[n++] = d->ports[i];
    taken[n] = d->nimbus_port = gi_port_pick((uint16_t)(6627 + up), taken, n);
    n++;
    taken[n] = d->supervisor_port =
        gi_port_pick((uint16_t)(6628 + up), taken, n);
    n++;
    for (unsigned i = 0; i < d->n_slots; i++) {
        if (d->ports[i] != 0)
            continue;
        taken[n] = d->ports[i] =
            gi_port_pick((uint16_t)(6700 + up + i), taken, n);
        n++;
    }
    for (unsigned i = 0; i < 3; i++) {
        taken[n] = d->drpc_ports[i] =
            gi_port_pick((uint16_t)(3772 + up + i), taken, n);
        n++;
    }
    for (unsigned i = 0; i < n; i++)
        if (taken[i] == 0) {
            gi_screen_say(&d->g->cli.screen,
                          "no free port on the loopback can be found");
            return GI_EXIT_FAILED;
        }
    snprintf(d->url, sizeof(d->url), "tcp://127.0.0.1:%u", d->nimbus_port);
    return GI_EXIT_DONE;
}

/* In YAML's single quotes only they themselves are special. */
static void put_quoted(gi_strbuf *to, const char *text)
{
    gi_strbuf_putc(to, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            gi_strbuf_putc(to, '\'');
        gi_strbuf_putc(to, *text);
    }
    gi_strbuf_putc(to, '\'');
}

/* One that workers who live know already. */
static bool has_secret(const char *name)
{
    struct stat st;

    return lstat(name, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 64 &&
           st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

/* By it supervisor and workers know that they belong to this Nimbus, and to no
 * other one that is on this machine. */
static int write_secret(gi_dev *d, char *name, size_t size)
{
    char text[65] = "";

    snprintf(name, size, "%s/secret", d->dir);
    if (d->n_kept > 0 && has_secret(name))
        return GI_EXIT_DONE;
    for (int i = 0; i < 4; i++)
        snprintf(text + 16 * i, sizeof(text) - (size_t)(16 * i), "%016llx",
                 (unsigned long long)gi_env_real.entropy(NULL));
    unlink(name);
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool fine = fd >= 0 && write(fd, text, 64) == 64;
    if (fd >= 0 && close(fd) != 0)
        fine = false;
    return fine ? GI_EXIT_DONE : cannot(d, "write", name);
}

/* Does one of his files say it?  Ours would be above it.  What is wrong with
 * his file the daemons will say. */
static bool is_said(const gi_dev *d, const char *key)
{
    const gi_options *o = &d->g->cli.o;
    bool said = false;

    for (size_t i = 0; i < o->n_files && !said; i++) {
        gi_report wrong = { 0 };
        gi_conf *c = NULL;

        said = gi_conf_create(&c, NULL) == GALE_OK &&
               gi_conf_load_yaml(c, o->files[i], &wrong) == GALE_OK &&
               gi_conf_get(c, key) != NULL;
        gi_conf_destroy(c);
        gi_report_fini(&wrong);
    }
    return said;
}

/* It is his alone, unless he says otherwise.  An admin, so that it can be
 * ended whoever else he lets in. */
static void put_users(const gi_dev *d, gi_strbuf *to)
{
    static const char *const keys[] = { "nimbus.users", "nimbus.admins" };
    char *me = gi_whose_name(geteuid());

    to->failed = to->failed || me == NULL;
    for (size_t i = 0; i < 2 && me != NULL; i++) {
        if (is_said(d, keys[i]))
            continue;
        gi_strbuf_printf(to, "%s: [", keys[i]);
        put_quoted(to, me);
        gi_strbuf_puts(to, "]\n");
    }
    gi_free(me);
}

static int write_conf(gi_dev *d)
{
    char secret[4200];
    int code = write_secret(d, secret, sizeof(secret));

    if (code != GI_EXIT_DONE)
        return code;
    gi_strbuf to = { 0 };

    gi_strbuf_printf(&to,
                     "# Written by gale dev at each start.\n"
                     "nimbus.host: 127.0.0.1\n"
                     "nimbus.thrift.port: %u\n"
                     "nimbus.seeds: ['127.0.0.1:%u']\n"
                     "gale.supervisor.host: 127.0.0.1\n"
                     "supervisor.thrift.port: %u\n"
                     "supervisor.slots.ports: [",
                     d->nimbus_port, d->nimbus_port, d->supervisor_port);
    for (unsigned i = 0; i < d->n_slots; i++)
        gi_strbuf_printf(&to, "%s%u", i == 0 ? "" : ", ", d->ports[i]);
    gi_strbuf_printf(&to,
                     "]\n"
                     "drpc.servers: ['127.0.0.1']\n"
                     "gale.drpc.host: 127.0.0.1\n"
                     "gale.drpc.http.host: 127.0.0.1\n"
                     "drpc.port: %u\n"
                     "drpc.invocations.port: %u\n"
                     "drpc.http.port: %u\n"
                     "storm.local.dir: ",
                     d->drpc_ports[0], d->drpc_ports[1], d->drpc_ports[2]);
    put_quoted(&to, d->dir);
    gi_strbuf_puts(&to, "\ngale.secret.file: ");
    put_quoted(&to, secret);
    gi_strbuf_putc(&to, '\n');
    put_users(d, &to);
    FILE *f = to.failed ? NULL : fopen(d->conf, "we");
    bool fine = f != NULL && fwrite(to.at, 1, to.len, f) == to.len;
    if (f != NULL && fclose(f) != 0)
        fine = false;
    gi_strbuf_fini(&to);
    return fine ? GI_EXIT_DONE : cannot(d, "write", d->conf);
}

/* These are written into our file, and what is said on the command line would
 * be above it: then Nimbus would listen where nobody looks for it. */
static int check_said(gi_dev *d)
{
    static const char *const ours[] = {
        "nimbus.seeds",           "nimbus.thrift.port",
        "supervisor.slots.ports", "supervisor.thrift.port",
        "drpc.servers",           "drpc.port",
        "drpc.invocations.port",  "drpc.http.port",
    };
    int code = GI_EXIT_DONE;

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        if (gi_conf_get(d->g->cli.o.conf, ours[i]) == NULL)
            continue;
        gi_screen_say(&d->g->cli.screen,
                      "%s cannot be set here: 'gale dev' takes the usual "
                      "ports, or others if those are in use",
                      ours[i]);
        code = GI_EXIT_USAGE;
    }
    return code;
}

int gi_dev_prepare(gi_dev *d)
{
    int code = check_said(d);

    if (code != GI_EXIT_DONE)
        return code;
    if (!find_dir(d)) {
        gi_screen_say(&d->g->cli.screen, "%s", gale_err_text(GALE_ENOMEM));
        return GI_EXIT_FAILED;
    }
    code = take_dir(d);
    if (code == GI_EXIT_DONE)
        code = pick_ports(d);
    if (code == GI_EXIT_DONE)
        code = write_conf(d);
    return code;
}
