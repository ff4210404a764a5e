/* trident_main.c -- gale_trident_main: a definition's command line. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "gale/run.h"
#include "trident/build.h"
#include "trident/graph.h"

enum { FAILED = 1, WRONG = 2 };

/* Each line with the program's name in front, as the command line does. */
static void say(const char *argv0, const char *name, const char *text)
{
    const char *me = argv0 == NULL ? name : argv0;
    const char *slash = strrchr(me, '/');

    if (slash != NULL && slash[1] != '\0')
        me = slash + 1;
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");

        fprintf(stderr, "%s: %.*s\n", me, (int)n, text);
        text += n + (text[n] != '\0');
    }
}

/* `PROGRAM describe` tells of the definition first, then, as all programs do,
 * of the topology that it came to. */
static int run(int argc, char **argv, const gale_trident *t)
{
    if (argc == 2 && strcmp(argv[1], "describe") == 0) {
        char *text = gi_program_print(t->program);

        if (text != NULL)
            printf("%s\n", text); /* gale_main looks whether it got there */
        gi_free(text);
    }
    return gale_main(argc, argv, &t->program->topology);
}

int gale_trident_main(int argc, char **argv, const char *name,
                      void (*define)(gale_trident *t))
{
    const char *argv0 = argc > 0 ? argv[0] : NULL;
    const gale_topology *topology;
    gale_diag why = { "" };
    gale_trident *t;
    gale_err rv = gale_trident_create(&t, name);
    int code = FAILED;

    if (name == NULL)
        name = "topology";
    if (rv != GALE_OK) {
        say(argv0, name, gale_err_text(rv));
        return code;
    }
    define(t);
    rv = gale_trident_build(t, &topology, &why);
    if (rv == GALE_OK)
        code = run(argc, argv, t);
    else
        say(argv0, name, why.text);
    if (rv == GALE_EPLAN)
        code = WRONG;
    gale_trident_destroy(t);
    return code;
}
