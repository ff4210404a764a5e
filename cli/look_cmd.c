/* look_cmd.c -- `validate` and `describe`: to look without running. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/cli.h"

int gi_cli_print(gi_cli *cli, char *text)
{
    if (text == NULL) {
        gi_screen_say(&cli->screen, "%s", gale_err_text(GALE_ENOMEM));
        return GI_EXIT_FAILED;
    }
    size_t len = strlen(text);
    gi_cli_wrote(cli, fputs(text, stdout) != EOF);
    if (len == 0 || text[len - 1] != '\n')
        gi_cli_wrote(cli, putchar('\n') != EOF);
    gi_free(text);
    return GI_EXIT_DONE;
}

void gi_cli_wrote(gi_cli *cli, bool well)
{
    if (!well && cli->unwritten == 0)
        cli->unwritten = errno;
}

int gi_cli_flush(gi_cli *cli, int code)
{
    gi_cli_wrote(cli, fflush(stdout) == 0);
    if (cli->unwritten == 0 && !ferror(stdout))
        return code;
    if (cli->unwritten == 0)
        gi_screen_say(&cli->screen, "cannot write to standard output");
    else if (cli->unwritten != EPIPE) /* `... | head` wants no word of it */
        gi_screen_say(&cli->screen, "cannot write to standard output: %s",
                      strerror(cli->unwritten));
    return code == GI_EXIT_DONE ? GI_EXIT_FAILED : code;
}

static bool wants_json(const gi_cli *cli)
{
    return cli->o.verb == GI_VERB_VALIDATE && cli->o.json;
}

int gi_cli_valid(gi_cli *cli, const gi_plan *plan)
{
    gi_strbuf to = { 0 };
    gi_json j = { 0 };

    if (wants_json(cli)) {
        gi_json_object(&j, NULL);
        gi_json_str(&j, "topology", plan->name);
        gi_json_bool(&j, "ok", true);
        gi_json_list(&j, "mistakes");
        gi_json_end(&j);
        gi_json_end(&j);
        return gi_cli_print(cli, gi_json_take(&j));
    }
    if (cli->o.quiet)
        return GI_EXIT_DONE;
    gi_strbuf_printf(&to, "%s is valid: %u component%s, %u task%s", plan->name,
                     plan->n_comps, plan->n_comps == 1 ? "" : "s",
                     plan->n_tasks, plan->n_tasks == 1 ? "" : "s");
    if (cli->faults != NULL)
        gi_strbuf_printf(&to, ", %u kind%s of faults", cli->faults->n,
                         cli->faults->n == 1 ? "" : "s");
    gi_strbuf_putc(&to, '\n');
    return gi_cli_print(cli, gi_strbuf_take(&to));
}

int gi_cli_mistakes(gi_cli *cli, const gi_report *r)
{
    gi_json j = { 0 };

    for (size_t i = 0; i < r->n; i++)
        gi_screen_say(&cli->screen, "%s", r->lines[i]);
    if (!wants_json(cli))
        return GI_EXIT_USAGE;

    gi_json_object(&j, NULL);
    gi_json_str(&j, "topology", cli->me);
    gi_json_bool(&j, "ok", false);
    gi_json_list(&j, "mistakes");
    for (size_t i = 0; i < r->n; i++)
        gi_json_str(&j, NULL, r->lines[i]);
    gi_json_end(&j);
    gi_json_end(&j);
    int code = gi_cli_print(cli, gi_json_take(&j));
    return code == GI_EXIT_DONE ? GI_EXIT_USAGE : code;
}

int gi_cli_describe(gi_cli *cli, const gi_plan *plan)
{
    char *text = NULL;

    switch (cli->o.format) {
    case GI_FORMAT_TEXT:
        text = gi_plan_text(plan);
        break;
    case GI_FORMAT_JSON:
        text = gi_plan_json(plan);
        break;
    case GI_FORMAT_DOT:
        text = gi_plan_dot(plan);
        break;
    }
    return gi_cli_print(cli, text);
}
