/* completion.c -- scripts for shells, from the same tables as --help. */
#include <string.h>

#include "cli/gale/gale.h"

/* Commands that take the name of a topology. */
static bool takes_name(const gi_command *c)
{
    return c->args != NULL && strstr(c->args, "NAME") != NULL &&
           c->verb != GI_GALE_STATE;
}

static void put_names(gi_strbuf *to, bool (*fits)(const gi_command *c),
                      const char *between)
{
    const gi_tables *t = &gi_gale_tables;
    bool any = false;

    for (size_t i = 0; i < t->n_commands; i++) {
        const gi_command *c = &t->commands[i];
        if (c->text == NULL || (fits != NULL && !fits(c)))
            continue;
        gi_strbuf_printf(to, "%s%s", any ? between : "", c->name);
        any = true;
    }
}

static bool takes_program(const gi_command *c)
{
    return c->program;
}

static void put_options(gi_strbuf *to, const gi_command *c)
{
    const gi_tables *t = &gi_gale_tables;

    for (size_t i = 0; i < t->n_options; i++) {
        const gi_option *o = &t->options[i];
        if (!gi_option_goes(o, c->name))
            continue;
        gi_strbuf_printf(to, " --%s", o->name);
        if (o->letter != '\0')
            gi_strbuf_printf(to, " -%c", o->letter);
    }
}

char *gi_gale_bash(void)
{
    const gi_tables *t = &gi_gale_tables;
    gi_strbuf to = { 0 };

    gi_strbuf_puts(
        &to, "# Completion of gale for bash; to use it now:\n"
             "#     source <(gale completion bash)\n"
             "_gale()\n"
             "{\n"
             "    local word=${COMP_WORDS[COMP_CWORD]} verb= options= i\n"
             "    COMPREPLY=()\n"
             "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
             "        case ${COMP_WORDS[i]} in\n"
             "        -*) ;;\n"
             "        *) verb=${COMP_WORDS[i]}; break ;;\n"
             "        esac\n"
             "    done\n"
             "    case ${COMP_WORDS[COMP_CWORD-1]} in\n"
             "    --config|--output|-o) COMPREPLY=($(compgen -f -- "
             "\"$word\")); return ;;\n"
             "    --dir) COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n"
             "    --format) COMPREPLY=($(compgen -W \"json csv\" -- "
             "\"$word\")); return ;;\n"
             "    --color) COMPREPLY=($(compgen -W \"auto always never\" -- "
             "\"$word\")); return ;;\n"
             "    esac\n"
             "    if [ -z \"$verb\" ]; then\n"
             "        COMPREPLY=($(compgen -W \"");
    put_names(&to, NULL, " ");
    gi_strbuf_puts(&to, " --help --version\" -- \"$word\"))\n"
                        "        return\n"
                        "    fi\n"
                        "    case $verb in\n");
    for (size_t i = 0; i < t->n_commands; i++) {
        if (t->commands[i].text == NULL)
            continue;
        gi_strbuf_printf(&to, "    %s) options=\"", t->commands[i].name);
        put_options(&to, &t->commands[i]);
        gi_strbuf_puts(&to, "\" ;;\n");
    }
    gi_strbuf_puts(&to, "    esac\n"
                        "    case $word in\n"
                        "    -*) COMPREPLY=($(compgen -W \"$options\" -- "
                        "\"$word\")); return ;;\n"
                        "    esac\n"
                        "    case $verb:${COMP_WORDS[COMP_CWORD-1]} in\n"
                        "    set-log-level:set-log-level) ;;\n"
                        "    set-log-level:*) COMPREPLY=($(compgen -W \"error "
                        "warn info debug\" -- \"$word\")); return ;;\n"
                        "    upload-credentials:upload-credentials) ;;\n"
                        "    upload-credentials:*) COMPREPLY=($(compgen -f -- "
                        "\"$word\")); return ;;\n"
                        "    state:state) COMPREPLY=($(compgen -W "
                        "\"$(gale state --quiet 2>/dev/null)\" -- "
                        "\"$word\")); return ;;\n"
                        "    state:get|state:scan|state:export) ;;\n"
                        "    state:*) COMPREPLY=($(compgen -W \"get scan "
                        "export\" -- \"$word\")); return ;;\n"
                        "    esac\n"
                        "    case $verb in\n    ");
    put_names(&to, takes_name, "|");
    gi_strbuf_puts(&to, ")\n"
                        "        COMPREPLY=($(compgen -W \"$(gale list "
                        "--quiet 2>/dev/null)\" -- \"$word\")) ;;\n    ");
    put_names(&to, takes_program, "|");
    gi_strbuf_puts(&to, ")\n"
                        "        COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
                        "    completion)\n"
                        "        COMPREPLY=($(compgen -W \"bash zsh\" -- "
                        "\"$word\")) ;;\n"
                        "    help)\n"
                        "        COMPREPLY=($(compgen -W \"");
    put_names(&to, NULL, " ");
    gi_strbuf_puts(&to, "\" -- \"$word\")) ;;\n"
                        "    esac\n"
                        "}\n"
                        "complete -F _gale gale\n");
    return gi_strbuf_take(&to);
}

/* Inside '...[...]': no quotes, brackets or colons of its own. */
static void put_plain(gi_strbuf *to, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("[]:\\", *text) != NULL)
            gi_strbuf_putc(to, '\\');
        if (*text == '\'')
            gi_strbuf_puts(to, "'\\'");
        gi_strbuf_putc(to, *text);
    }
}

static void put_zsh_options(gi_strbuf *to, const gi_command *c)
{
    const gi_tables *t = &gi_gale_tables;

    for (size_t i = 0; i < t->n_options; i++) {
        const gi_option *o = &t->options[i];
        if (!gi_option_goes(o, c->name))
            continue;
        gi_strbuf_printf(to, " \\\n            '--%s%s[", o->name,
                         o->arg == NULL ? "" : "=");
        put_plain(to, o->text);
        gi_strbuf_puts(to, "]");
        if (o->arg != NULL) {
            gi_strbuf_puts(to, ":");
            put_plain(to, o->arg);
            gi_strbuf_puts(to, strcmp(o->arg, "FILE") == 0  ? ":_files"
                               : strcmp(o->arg, "DIR") == 0 ? ":_files -/"
                                                            : ":");
        }
        gi_strbuf_puts(to, "'");
    }
}

char *gi_gale_zsh(void)
{
    const gi_tables *t = &gi_gale_tables;
    gi_strbuf to = { 0 };

    gi_strbuf_puts(&to, "#compdef gale\n"
                        "# Completion of gale for zsh; to use it now:\n"
                        "#     source <(gale completion zsh)\n"
                        "_gale()\n"
                        "{\n"
                        "    local -a commands\n"
                        "    commands=(\n");
    for (size_t i = 0; i < t->n_commands; i++) {
        if (t->commands[i].text == NULL)
            continue;
        gi_strbuf_printf(&to, "        '%s:", t->commands[i].name);
        put_plain(&to, t->commands[i].text);
        gi_strbuf_puts(&to, "'\n");
    }
    gi_strbuf_puts(&to, "    )\n"
                        "    if (( CURRENT == 2 )); then\n"
                        "        _describe command commands\n"
                        "        return\n"
                        "    fi\n"
                        "    local verb=$words[2]\n"
                        "    shift words\n"
                        "    (( CURRENT-- ))\n"
                        "    case $verb in\n");
    for (size_t i = 0; i < t->n_commands; i++) {
        const gi_command *c = &t->commands[i];
        if (c->text == NULL)
            continue;
        gi_strbuf_printf(&to, "    %s)\n        _arguments", c->name);
        put_zsh_options(&to, c);
        if (takes_name(c))
            gi_strbuf_puts(&to, " \\\n            '1:topology:( $(gale list "
                                "--quiet 2>/dev/null) )'");
        else if (c->verb == GI_GALE_STATE)
            gi_strbuf_puts(&to, " \\\n            '1:state:( $(gale state "
                                "--quiet 2>/dev/null) )'"
                                " \\\n            '2:what:(get scan export)'");
        else if (c->program)
            gi_strbuf_puts(&to, " \\\n            '*:program:_files'");
        else if (c->verb == GI_GALE_COMPLETION)
            gi_strbuf_puts(&to, " \\\n            '1:shell:(bash zsh)'");
        gi_strbuf_puts(&to, " ;;\n");
    }
    gi_strbuf_puts(&to, "    esac\n"
                        "}\n"
                        "if [ \"$funcstack[1]\" = _gale ]; then\n"
                        "    _gale \"$@\"\n"
                        "else\n"
                        "    compdef _gale gale\n"
                        "fi\n");
    return gi_strbuf_take(&to);
}

int gi_gale_completion(gi_gale *g)
{
    const char *shell = g->cli.o.words[0];

    if (strcmp(shell, "bash") == 0)
        return gi_cli_print(&g->cli, gi_gale_bash());
    if (strcmp(shell, "zsh") == 0)
        return gi_cli_print(&g->cli, gi_gale_zsh());
    gi_screen_say(&g->cli.screen,
                  "completion is there for bash and for zsh, "
                  "not for '%s'",
                  shell);
    return GI_EXIT_USAGE;
}
