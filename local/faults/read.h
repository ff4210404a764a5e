/* read.h -- reading one entry of a fault plan, piece by piece. */
#ifndef GI_LOCAL_FAULTS_READ_H
#define GI_LOCAL_FAULTS_READ_H

#include "local/faults/rules.h"

enum { GI_FAULT_SHOWN = 208 };

/* The entry that is being read, and where to say what is wrong with it. */
typedef struct gi_fault_reader {
    const gi_plan *plan;
    gi_report *r;
    const char *from;           /* "--faults" */
    char entry[GI_FAULT_SHOWN]; /* as it is shown */
    const char *kind;           /* its name, once it is known */
    const char *form;
    bool wrong; /* some entry was */
} gi_fault_reader;

/* A mistake in the entry: what is wrong, the right word that is nearest (NULL
 * if there is none), and what the kind takes. */
void gi_fault_wrong(gi_fault_reader *rd, const char *near, const char *format,
                    ...) GALE_PRINTF(3, 4);

/* Control characters become question marks, in place. */
void gi_fault_harmless(char *s);

/* ---------------------------------------------------------- the pieces -- */

/* The first sign out of `set` that does not stand in quotes, which end at the
 * end of a line at the latest; or the end of the text. */
char *gi_fault_find(char *s, const char *set);

/* Without the blanks around it, in place. */
char *gi_fault_trim(char *s);

/* Has it the form of a CHANCE (a number), of a TIME (numbers with units)?
 * A sign in front is part of the form. */
bool gi_fault_is_number(const char *s);
bool gi_fault_is_time(const char *s);

/* Each says so and returns false if `s`, which has the form, is none. */
bool gi_fault_read_chance(gi_fault_reader *rd, const char *s, uint64_t *out);
bool gi_fault_read_time(gi_fault_reader *rd, const char *s, bool either_way,
                        int64_t *ns);
bool gi_fault_read_when(gi_fault_reader *rd, char *s, bool timed, gi_fault *f);
bool gi_fault_read_where(gi_fault_reader *rd, char *s, gi_fault *f);

/* Decimal text, exact: the chance of 2^64 nearest to it; false if it is more
 * than 1.  And back, in the fewest digits that do. */
bool gi_chance_read(const char *s, uint64_t *out);
enum { GI_CHANCE_TEXT = 32 };
char *gi_chance_text(char to[GI_CHANCE_TEXT], uint64_t chance);

#endif
