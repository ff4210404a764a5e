/* draft.h -- a plan in the making (private to topology/).
 *
 * The table that a person wrote is first copied into this library's shapes,
 * because the program may have been compiled against older or newer headers;
 * then judged, step by step, each step adding its mistakes to one report; and
 * laid out as a plan only if there were none.
 *
 *     read      the table, widened; arrays with their lengths
 *     conf      whose settings are above whose
 *     check     names, callbacks, streams
 *     wire      inputs: every name becomes a number
 *     reach     does anything come in
 *     scale     how many tasks, how often tick is called
 *
 * A step never trusts that an earlier one found nothing: all mistakes of a
 * table are named at once.  But it does not repeat them in other words.
 */
#ifndef GI_TOPOLOGY_DRAFT_H
#define GI_TOPOLOGY_DRAFT_H

#include "topology/plan.h"

enum {
    GI_MAX_NAME = 255,     /* bytes of an id, a stream's or a field's name */
    GI_NOWHERE = INT32_MAX /* no such component, stream, ... */
};

/* A piece of a message; mostly made in an argument list and gone after it. */
typedef struct gi_words {
    char s[320];
} gi_words;

typedef struct gi_draft_stream {
    const char *name;
    bool direct;
    bool declared; /* false: a default stream for want of an `output` */
    bool unclear;  /* its array of fields could not be read: no cascades */
    uint32_t n_fields;
    const gale_field *fields;
} gi_draft_stream;

typedef struct gi_draft_input {
    gale_input in;
    const char *stream; /* what it reads, "default" if it did not say */
    uint32_t n_keys;
    gale_chooser chooser;
    uint32_t from, at;     /* component, and its at-th stream; or GI_NOWHERE */
    const uint16_t *slots; /* of the keys */
} gi_draft_input;

typedef struct gi_draft_comp {
    gi_words who; /* "bolt 'count'": how messages begin */
    gale_component c;
    gale_spout spout;
    gale_bolt bolt;
    bool is_spout, is_bolt; /* neither, if that is unclear */
    bool unclear;           /* part of it could not be read: no cascades */

    /* As in the plan: the default stream, the table's, the dead letters. */
    uint32_t n_streams, first_stream;
    gi_draft_stream *streams;

    uint32_t n_inputs, n_conf;
    gi_draft_input *inputs;
    gale_setting *conf;

    uint32_t n_tasks, n_executors, tick_ms;
} gi_draft_comp;

typedef struct gi_draft {
    gi_plan *p;      /* what will stay is taken from its pool ... */
    gi_pool scratch; /* ... and what will not from this one */
    gi_report *r;
    gale_abi abi;
    gale_topology t;
    uint32_t n_comps, n_streams, n_conf;
    gi_draft_comp *comps;
    gale_setting *conf;
} gi_draft;

/* Fills in d->abi; false, with a mistake in the report, if there is none that
 * the table could be read with. */
bool gi_draft_abi(gi_draft *d, const gale_topology *t);

/* Mistakes are in the report and no error, but for GALE_EPLAN: so little can
 * be made of the table that there is nothing to check.  GALE_ENOMEM. */
gale_err gi_draft_read(gi_draft *d, const gale_topology *t);

/* Fills in plan->conf and that of each component.  GALE_ENOMEM. */
gale_err gi_draft_conf(gi_draft *d, const gi_conf *over);
void gi_draft_check_conf(gi_draft *d);

/* The judges.  GALE_ENOMEM. */
void gi_draft_check(gi_draft *d);
gale_err gi_draft_wire(gi_draft *d);
gale_err gi_draft_check_reach(gi_draft *d);
void gi_draft_scale(gi_draft *d);

/* ---------------------------------------------------------- settings -- */

/* An array of settings, widened, and how many they are. */
gale_err gi_read_settings(gi_pool *pool, size_t stride, const gale_setting *at,
                          const char *whose, gale_setting **out, uint32_t *n,
                          gi_report *r);

/* Copies them into `c`, the incomplete ones left out. */
gale_err gi_conf_add(gi_conf *c, const gale_setting *s, uint32_t n,
                     const char *from);

/* Settings without a value, or given twice. */
void gi_check_settings(const gale_setting *s, uint32_t n, const char *whose,
                       gi_report *r);

#define GI_TICK "topology.tick.tuple.freq.secs"

/* What one of our keys was set to, or its default, or else `unset`.  A value
 * out of range counts as not set: gi_conf_check speaks of it. */
double gi_setting_number(const gi_conf *c, const char *key, double unset);
uint32_t gi_ms_of_secs(double secs);

/* The plan's numbers from its conf. */
void gi_settings_resolve(gi_settings *s, const gi_conf *c);

/* ------------------------------------------------------------- words -- */

/* Text that does not fit is cut. */
void gi_words_add(gi_words *w, const char *format, ...) GALE_PRINTF(2, 3);

/* A name as it stands in a message: a very long one is cut. */
gi_words gi_show(const char *name);

/* Why `name` cannot be one: "is longer than 255 bytes", ...; NULL if it
 * can. */
const char *gi_name_fault(const char *name);
bool gi_name_reserved(const char *name);

/* " (did you mean 'word'?)", else " (there is 'a', 'b')", else "". */
gi_words gi_hint_comp(const gi_draft *d, const char *name);

/* " (did you mean 'word'? it has 'word', 'count')" and so on. */
gi_words gi_hint_stream(const gi_draft_comp *c, const char *name);
gi_words gi_hint_field(const gi_draft_stream *s, const char *name);

/* "stream 'odd' of bolt 'split'" */
gi_words gi_stream_who(const gi_draft_comp *c, const gi_draft_stream *s);

#endif
