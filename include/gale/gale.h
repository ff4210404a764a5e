/* gale.h -- define spouts, bolts and topologies, and run them.
 *
 *     value.h      values, rows, tuples
 *     stream.h     fields and streams that a component declares
 *     spout.h      sources
 *     bolt.h       what is done with tuples
 *     task.h       what a running task knows: settings, counters, log
 *     topology.h   wiring
 *     run.h        gale_main, gale_local_run
 *
 * Beside these: testing.h (a bolt by hand, a topology on a virtual clock),
 * sim.h (a whole run from one number), nested.h (lists and maps as values),
 * trident.h (batches that count once), batch.h (what such programs are made
 * of), feeder.h (batches that other threads give), state.h (what is remembered
 * beyond a batch), redis.h (states in Redis), drpc.h (questions that a running
 * topology answers).
 */
#ifndef GALE_GALE_H
#define GALE_GALE_H

#include "gale/run.h"

#endif /* GALE_GALE_H */
