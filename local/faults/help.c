/* help.c -- what a fault plan may say, for people. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "gale/sim.h"
#include "local/faults/plan.h"

static const char head[] =
    "A plan of faults is a list, parted by commas or ends of lines:\n"
    "\n"
    "  KIND=[WHERE:][CHANCE:][TIME][@WHEN]\n"
    "\n"
    "  drop=0.01,kill=count/2@3s,delay=split>count:5%:20ms,seed=7\n"
    "\n"
    "  WHERE    count        a component: what comes to it, or its tasks\n"
    "           count/2      one task of it, counted from 0\n"
    "           split>count  the tuples from one component to another\n"
    "           __acker      what spouts, bolts and ackers tell one another\n"
    "           (nothing)    every component; never __acker\n"
    "  CHANCE   0.01 or 1%   of each tuple, note or call\n"
    "  TIME     20ms, 3s, 1h how long, or how far\n"
    "  WHEN     3s           once, so long after the start\n"
    "           3s+500ms     then again and again\n"
    "           1000         at the thousandth tuple that a task is given,\n"
    "                        call of a spout's next, allocation, write or\n"
    "                        sync\n"
    "           1000+10      then at every tenth\n"
    "\n";

static const char foot[] =
    "\n"
    "A name with other signs than letters, digits, '_', '.', '$' and '-', or\n"
    "one that looks like a number or a time, stands in quotes:\n"
    "drop=\"a:b\">count:0.01.\n";

static char text[4096];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* What does not fit is left out; a test looks whether all of it is there. */
static void add(size_t *n, const char *name, const char *form,
                const char *about)
{
    int more = snprintf(text + *n, sizeof(text) - *n, "  %-10s%s\n%12s%s\n",
                        name, form, "", about);

    if (more > 0 && (size_t)more < sizeof(text) - *n)
        *n += (size_t)more;
}

static void write_text(void)
{
    size_t n = (size_t)snprintf(text, sizeof(text), "%s", head);

    for (int i = 0; i < GI_N_FAULT_KINDS; i++) {
        gi_fault_kind kind = (gi_fault_kind)i;

        add(&n, gi_fault_name(kind), gi_fault_form(kind),
            gi_fault_about(kind));
    }
    add(&n, "seed", "NUMBER", "where all chance in the plan comes from");
    add(&n, "until", "TIME", "nothing goes wrong after it");
    snprintf(text + n, sizeof(text) - n, "%s", foot);
}

const char *gale_faults_help(void)
{
    pthread_once(&once, write_text);
    return text;
}
