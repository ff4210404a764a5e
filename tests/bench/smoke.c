/* smoke.c -- does a case of gale-bench run, and say what it promises to?
 *
 *     smoke PROGRAM CASE KEY...
 *
 * Runs the case for a moment.  The last line of its output must be one JSON
 * object that has the keys and says "exact":true.  How fast anything was is
 * of no interest here: that would be a test of the machine.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- JSON -- */

/* A reader of JSON that only judges: what follows at *at is one value, or
 * NULL.  Objects and lists are read by calling itself. */
static const char *value(const char *at);

static const char *string(const char *at)
{
    if (*at++ != '"')
        return NULL;
    while (*at != '"') {
        if ((unsigned char)*at < 0x20 || (*at == '\\' && at[1] == '\0'))
            return NULL;
        at += *at == '\\' ? 2 : 1;
    }
    return at + 1;
}

static const char *number(const char *at)
{
    char *end;

    if (*at != '-' && (*at < '0' || *at > '9'))
        return NULL;
    strtod(at, &end);
    return end;
}

static const char *word(const char *at, const char *word)
{
    size_t len = strlen(word);

    return strncmp(at, word, len) == 0 ? at + len : NULL;
}

static const char *members(const char *at, char last, bool named)
{
    if (at[1] == last)
        return at + 2;
    do {
        at++;
        if (named) {
            at = string(at);
            if (at == NULL || *at++ != ':')
                return NULL;
        }
        at = value(at);
    } while (at != NULL && *at == ',');
    return at != NULL && *at == last ? at + 1 : NULL;
}

static const char *value(const char *at)
{
    switch (*at) {
    case '{':
        return members(at, '}', true);
    case '[':
        return members(at, ']', false);
    case '"':
        return string(at);
    case 't':
        return word(at, "true");
    case 'f':
        return word(at, "false");
    case 'n':
        return word(at, "null");
    default:
        return number(at);
    }
}

static bool is_object(const char *line)
{
    const char *end = *line == '{' ? value(line) : NULL;

    return end != NULL && strcmp(end, "\n") == 0;
}

/* ---------------------------------------------------------------- main -- */

/* The last line that the command writes; false if it ends with an error. */
static bool last_line(const char *command, char *line, size_t size)
{
    FILE *f = popen(command, "r");

    line[0] = '\0';
    if (f == NULL)
        return false;
    while (fgets(line, (int)size, f) != NULL)
        ;
    return pclose(f) == 0;
}

int main(int argc, char **argv)
{
    char command[1024], line[16384], want[128];
    int bad = 0;

    if (argc < 3)
        return 2;
    snprintf(command, sizeof(command),
             "'%s' %s --seconds 0.02 --repeats 2 --quiet --json%s", argv[1],
             argv[2], strcmp(argv[2], "recovery") == 0 ? " --kills 2" : "");
    if (!last_line(command, line, sizeof(line))) {
        fprintf(stderr, "%s: failed\n", command);
        bad = 1;
    }
    if (!is_object(line)) {
        fprintf(stderr, "%s: not a JSON object: %s\n", argv[2], line);
        bad = 1;
    }
    if (strstr(line, "\"exact\":true") == NULL) {
        fprintf(stderr, "%s: not exact: %s\n", argv[2], line);
        bad = 1;
    }
    for (int i = 3; i < argc; i++) {
        snprintf(want, sizeof(want), "\"%s\":", argv[i]);
        if (strstr(line, want) == NULL) {
            fprintf(stderr, "%s: no key \"%s\"\n", argv[2], argv[i]);
            bad = 1;
        }
    }
    return bad;
}
