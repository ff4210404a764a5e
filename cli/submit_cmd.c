#include "cli/submit_cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/env.h"
#include "base/json.h"
#include "base/settings.h"
#include "cli/number.h"
#include "cli/submission.h"
#include "cli/upload.h"
#include "trident/request_spout.h"

static const char myself[] = "/proc/self/exe";

/* The same submission, sent twice, is one: it is known by this. */
static void draw(char once[33])
{
    snprintf(once, 33, "%016" PRIx64 "%016" PRIx64, gi_env_real.entropy(NULL),
             gi_env_real.entropy(NULL));
}

static int ask(gi_client *c, const gi_plan *plan, const gi_upload *u,
               gi_msg_submitted *out)
{
    gi_cli *cli = c->cli;
    gi_msg_submit s;
    struct utsname machine;
    char once[33];

    gi_client_forget(c);
    if (gi_submission_of(&s, plan, cli->over, c->site, cli->o.words,
                         cli->o.n_words, &c->pool) != GALE_OK) {
        gi_screen_say(&cli->screen, "%s", gale_err_text(GALE_ENOMEM));
        return GI_EXIT_FAILED;
    }
    draw(once);
    s.once = once;
    s.program = u->hash;
    s.machine = uname(&machine) == 0 ? machine.machine : "";
    s.inactive = cli->o.inactive;
    return gi_client_ask(c, GI_ASK_SUBMIT, &s, out);
}

static int tell(gi_cli *cli, const gi_await *a, const char *name,
                const char *id, const gi_upload *u, bool waited,
                uint32_t took_ms)
{
    char time[GI_NUMBER_TEXT], sent[64] = "the program was there already";
    gi_json j = { 0 };

    if (cli->o.json) {
        gi_json_object(&j, NULL);
        gi_json_str(&j, "topology", name);
        gi_json_str(&j, "id", id);
        gi_json_str(&j, "program", u->hash);
        gi_json_u64(&j, "bytes", u->size);
        gi_json_u64(&j, "sent", u->sent);
        if (waited)
            gi_json_u64(&j, "ready_ms", took_ms);
        else
            gi_json_null(&j, "ready_ms");
        gi_json_end(&j);
        return gi_cli_print(cli, gi_json_take(&j));
    }
    if (cli->o.quiet)
        return GI_EXIT_DONE;
    if (u->sent > 0)
        snprintf(sent, sizeof(sent), "%s sent",
                 gi_number_bytes(time, u->sent));
    if (waited)
        gi_screen_say(&cli->screen, "%s runs (%s; %s after %s)", id, sent,
                      a->inactive ? "its workers came up"
                                  : "the first tuple was acked",
                      gi_number_time(time, (uint64_t)took_ms * 1000));
    else
        gi_screen_say(&cli->screen, "%s was accepted (%s)", id, sent);
    return GI_EXIT_DONE;
}

/* Workers start in a directory of their own, perhaps on another machine. */
static void warn_of_files(gi_cli *cli)
{
    for (size_t i = 0; i < cli->o.n_words; i++) {
        const char *word = cli->o.words[i];
        if (word[0] != '/' && access(word, F_OK) == 0)
            gi_screen_say(&cli->screen,
                          "'%s' is a file here, but workers start elsewhere: "
                          "give its whole path, if that is what you mean",
                          word);
    }
}

/* Does nothing happen in it until somebody asks? */
static bool is_asked_only(const gi_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_comps; i++)
        if (plan->comps[i].is_spout &&
            plan->comps[i].spout.next != gi_request_spout.next)
            return false;
    return true;
}

static int submit(gi_client *c, const gi_plan *plan)
{
    gi_cli *cli = c->cli;
    gi_await a = { .tracked = plan->set.ackers != 0,
                   .inactive = cli->o.inactive || is_asked_only(plan) };
    bool wait = !cli->o.no_wait;
    gi_msg_submitted done;
    gi_upload u;
    uint32_t took_ms = 0;
    char id[256];

    warn_of_files(cli);
    int code = gi_upload_file(c, myself, &u);
    if (code == GI_EXIT_DONE)
        code = ask(c, plan, &u, &done);
    if (code != GI_EXIT_DONE)
        return code;
    snprintf(id, sizeof(id), "%s", done.id);
    if (done.why[0] != '\0')
        gi_screen_say(&cli->screen, "%s", done.why);
    if (wait)
        code = gi_submit_wait(c, plan->name, &a, &took_ms);
    if (code != GI_EXIT_DONE)
        return code;
    return tell(cli, &a, plan->name, id, &u, wait, took_ms);
}

/* Said here on purpose, and nobody would ever look at it. */
static bool is_lost(const char *key, const gi_conf *over)
{
    const gi_setting_info *info = gi_settings_find(key);
    const char *from = gi_conf_from(over, key);

    return info != NULL && info->readers != NULL &&
           strchr(info->readers, 'C') == NULL && from != NULL &&
           strcmp(from, "command line") == 0;
}

static int refuse_lost(gi_cli *cli)
{
    int code = GI_EXIT_DONE;
    const char *key;

    for (size_t i = 0; (key = gi_conf_key_at(cli->over, i)) != NULL; i++)
        if (is_lost(key, cli->over)) {
            gi_screen_say(&cli->screen,
                          "setting '%s' is for daemons, and does nothing for "
                          "a topology (with 'gale dev' it goes before the "
                          "program)",
                          key);
            code = GI_EXIT_USAGE;
        }
    return code;
}

int gi_cli_submit(gi_cli *cli, const gi_plan *plan)
{
    gi_client c;
    int code;

    if (cli->faults != NULL) {
        gi_screen_say(&cli->screen,
                      "faults are for runs on this machine; a cluster takes "
                      "no topology.faults");
        return GI_EXIT_USAGE;
    }
    code = refuse_lost(cli);
    if (code != GI_EXIT_DONE)
        return code;
    code = gi_client_open(&c, cli);
    if (code == GI_EXIT_DONE)
        code = submit(&c, plan);
    gi_client_close(&c);
    return code;
}
