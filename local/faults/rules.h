/* rules.h -- what each kind of fault takes. */
#ifndef GI_LOCAL_FAULTS_RULES_H
#define GI_LOCAL_FAULTS_RULES_H

#include "local/faults/plan.h"

typedef enum gi_fault_where {
    GI_FAULT_OF_PROCESS, /* no WHERE */
    GI_FAULT_OF_EDGE,
    GI_FAULT_OF_TASK,
} gi_fault_where;

typedef enum gi_fault_need {
    GI_FAULT_NOT = 0,
    GI_FAULT_MAY,
    GI_FAULT_MUST,
    GI_FAULT_EITHER, /* of CHANCE and WHEN, one */
} gi_fault_need;

typedef struct gi_fault_rule {
    const char *form, *about;
    gi_fault_where where;
    bool acker;  /* WHERE may be __acker */
    bool spouts; /* WHERE may be a spout: of TASK */
    gi_fault_need chance, time, when;
    bool timed;      /* WHEN is a time, no count */
    bool either_way; /* TIME has a sign */
} gi_fault_rule;

const gi_fault_rule *gi_fault_rule_of(gi_fault_kind kind);

#endif
