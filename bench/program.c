/* program.c -- which of the topologies is meant: their first word is their
 * name; a worker's is in its duty. */
#include "bench/program.h"

#include <string.h>

#include "base/mem.h"
#include "bench/flow.h"
#include "bench/pairs.h"
#include "wire/duty.h"

static const gale_topology *named(const char *name)
{
    static const gale_topology *const all[] = { &flow_topology,
                                                &pairs_topology,
                                                &crowd_topology };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

static const gale_topology *of_worker(const char *dir)
{
    gi_pool pool = { 0 };
    gi_msg_duty duty;
    const gale_topology *t = NULL;

    if (gi_duty_read(&duty, dir, &pool, NULL) == GALE_OK &&
        duty.n_topology == 1 && duty.topology[0].n_words > 0)
        t = named(duty.topology[0].words[0].text);
    gi_pool_fini(&pool);
    return t;
}

bool bench_program(int argc, char **argv, int *code)
{
    static const char *const verbs[] = { "submit", "validate", "worker" };
    const gale_topology *t = NULL;
    bool is_one = false;

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        is_one = is_one || (argc > 2 && strcmp(argv[1], verbs[i]) == 0);
    if (is_one && strcmp(argv[1], "worker") == 0)
        t = of_worker(argv[2]);
    for (int i = 2; i < argc && is_one && t == NULL; i++)
        t = named(argv[i]);
    if (t != NULL)
        *code = gale_main(argc, argv, t);
    return t != NULL;
}
