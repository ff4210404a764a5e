/* emitter.h -- what emitter.c shares with those who make hosts. */
#ifndef GI_TRIDENT_EMITTER_H
#define GI_TRIDENT_EMITTER_H

#include "trident/host.h"

typedef struct gi_portion gi_portion;
typedef struct gi_emitter gi_emitter;

/* How long a busy stream fills a batch. */
#define GI_INTERVAL_KEY "topology.trident.batch.emit.interval.millis"
enum { GI_INTERVAL_MS = 100 };

#endif
