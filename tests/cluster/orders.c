/* A supervisor with real workers, and what Nimbus may order: with patience,
 * and in parts.
 *
 *     cluster_orders [NAME [SEED [ROUNDS]]]
 */
#include "supervised.h"

/* Who is to come into a slot in which somebody runs, and is patient, is tried
 * first; and who runs there is left alone if he cannot run. */
static void patience(void)
{
    static const char no_program[] = "this is no program";
    struct nimbus *n = &yard.nimbus;
    struct census before, after;
    const char *junk;

    begin_with(2, "");
    before = census();
    junk = nimbus_blob(n, no_program, sizeof(no_program));
    place(1, junk, "");
    n->places[1].patient = true;
    nimbus_say(n);
    UNTIL(strstr(n->slots[1].waits_words, "Exec format error") != NULL);
    MUST(strcmp(n->slots[1].waits, "patient-1") == 0);
    MUST(strcmp(n->slots[1].topology, "words-1") == 0);
    end_supervisor(SIGKILL);
    start_supervisor();
    live_on(300);
    UNTIL(strstr(n->slots[1].waits_words, "Exec format error") != NULL &&
          is_well(0));
    after = census();
    MUST(memcmp(&before, &after, sizeof(after)) == 0);
    place(1, n->blobs[0].hash, "");
    n->places[1].patient = true;
    nimbus_say(n);
    UNTIL(strcmp(n->slots[1].topology, "patient-1") == 0 && is_well(1));
    after = census();
    MUST(after.n[1] == 1 && after.pid[1] != before.pid[1] &&
         after.pid[0] == before.pid[0]);
    MUST(n->slots[1].deaths == 0);
}

/* Orders that are too much for a message come in parts, and only what is new
 * comes at all; a supervisor that starts anew knows what it was told. */
static void orders_in_parts(void)
{
    struct nimbus *n = &yard.nimbus;
    struct census before, after;
    uint32_t said[SLOTS], changes = rounds / 2;

    begin_with(0, "");
    n->large = true;
    for (uint32_t i = 0; i < SLOTS; i++)
        place(i, n->blobs[0].hash, "");
    nimbus_say(n);
    UNTIL(is_well(0) && is_well(1) && is_well(2));
    before = census();
    memcpy(said, n->said, sizeof(said));
    for (uint32_t i = 1; i <= changes; i++) {
        n->places[1].turn = i;
        nimbus_say(n);
        UNTIL(n->slots[1].turn == i);
    }
    MUST(n->said[0] == said[0] && n->said[1] >= said[1] + changes &&
         n->said[2] == said[2]);
    end_supervisor(SIGKILL);
    memcpy(said, n->said, sizeof(said));
    start_supervisor();
    n->places[0].turn = 99;
    nimbus_say(n);
    UNTIL(n->slots[0].turn == 99 && is_well(0) && is_well(1) && is_well(2));
    MUST(n->said[0] > said[0] && n->said[1] == said[1] &&
         n->said[2] == said[2]);
    after = census();
    MUST(memcmp(&before, &after, sizeof(after)) == 0);
}

static const supervised_test tests[] = {
    { "patience", patience },
    { "orders_in_parts", orders_in_parts },
};

int main(int argc, char **argv)
{
    return supervised_main(argc, argv, tests,
                           sizeof(tests) / sizeof(tests[0]));
}
