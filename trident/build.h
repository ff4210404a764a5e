/* build.h -- what was defined, made into a program.
 *
 *     graph     what the calls said (graph.h)
 *     lower     steps, in parts; rows that have to move are sent (plan.h)
 *     lay out   numbers, tasks, groups, names
 *     table     the plain topology that runs it
 *
 * Pure; the same definition always gives the same program.
 */
#ifndef GI_TRIDENT_BUILD_H
#define GI_TRIDENT_BUILD_H

#include "base/report.h"
#include "trident/program.h"

/* What the runtime gives to a program; a test may give its own. */
typedef struct gi_tables {
    const gale_bolt *part;      /* gi_part_bolt */
    const gale_spout *group;    /* gi_group_spout */
    const gale_spout *requests; /* gi_request_spout; of DRPC streams */
    const gale_store *store;    /* where nobody names one */
} gi_tables;

/* GALE_EPLAN: what `r` says.  GALE_ENOMEM.  `t` and `with` are borrowed until
 * the program is destroyed. */
gale_err gi_program_create(gi_program **out, const gale_trident *t,
                           const gi_tables *with, gi_report *r);
void gi_program_destroy(gi_program *p); /* NULL is fine */

/* The program in words: parts, steps, what is promised.  Free with gi_free;
 * NULL without memory. */
char *gi_program_print(const gi_program *p);

/* Is a state of that kind behind a spout of that kind exactly once? */
bool gi_exactly_once(gale_spout_kind spout, gale_state_kind state);

#endif
