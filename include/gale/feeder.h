/* feeder.h -- a source of batches that other threads fill: for programs with a
 * topology inside, and for tests.
 *
 *     gale_feeder *f;
 *
 *     gale_feeder_create(&f, GALE_SPOUT_TRANSACTIONAL, fields);
 *     gale_new_stream(t, "orders", gale_feeder_spout(f));
 *
 * and while the topology runs, from any thread,
 *
 *     gale_feeder_add(f, GALE_ROW(gale_val_i64(17)), &no, &why);
 *     gale_feeder_wait(f, no, 1000);
 *
 * Rows are kept in memory until they have counted and that is on record.  What
 * is in a batch that is done again depends on the feeder's kind:
 *
 *     transactional       the same rows
 *     opaque              these, and those that were given since
 *     non-transactional   only rows that were given since: those of a batch
 *                         that fails are lost
 *
 * A feeder works in one process.  When that dies, rows that have not counted
 * are lost, and a batch that was under way comes again without them.  So give
 * them again, and use opaque states (the default), which undo what half a
 * batch has done.  On a cluster the topology has to have one worker.
 *
 * Thread  any, at the same time; create and destroy alone
 */
#ifndef GALE_FEEDER_H
#define GALE_FEEDER_H

#include "gale/batch.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gale_feeder gale_feeder;

/* A feeder of rows with these fields.
 *
 *   fields   of the rows; ends with {0}; borrowed until destroy
 *
 * Returns GALE_OK; GALE_EINVAL: no such kind, or no fields; GALE_ENOMEM.
 */
GALE_API gale_err gale_feeder_create(gale_feeder **out, gale_spout_kind kind,
                                     const gale_field *fields);

/* After the topology has ended and its gale_trident is destroyed.  NULL is
 * fine. */
GALE_API void gale_feeder_destroy(gale_feeder *f);

/* What to hand to gale_new_stream, once; borrowed until destroy. */
GALE_API const gale_batch_spout *gale_feeder_spout(const gale_feeder *f);

/* Give n rows as a batch of their own; none are fine.
 *
 *   rows   copied
 *   no     NULL, or where to write its number, by which to wait: 1, 2, ...
 *   why    NULL, or where to say which row does not fit
 *
 * Returns GALE_OK; GALE_EINVAL: a row that does not fit the fields, or the
 *         feeder has ended; GALE_ENOMEM.  Then nothing was given.
 */
GALE_API gale_err gale_feeder_give(gale_feeder *f, const gale_row *rows,
                                   size_t n, uint64_t *no, gale_diag *why);

/* Give one row.  Rows that are given while none of them is worked on yet make
 * one batch, of at most 1000 rows.
 *
 * Returns as gale_feeder_give.
 */
GALE_API gale_err gale_feeder_add(gale_feeder *f, gale_row row, uint64_t *no,
                                  gale_diag *why);

/* No more rows come.  A local run ends when all have counted. */
GALE_API void gale_feeder_end(gale_feeder *f);

/* Wait until that batch and all before it have counted, and will never come
 * again (for a non-transactional feeder: have counted or are gone).
 *
 *   no           0: all that was given so far
 *   timeout_ms   0: only look
 *
 * Returns GALE_OK; GALE_ETIME: they have not counted yet.
 */
GALE_API gale_err gale_feeder_wait(gale_feeder *f, uint64_t no,
                                   int64_t timeout_ms);

/* How many batches were given and have not counted yet. */
GALE_API size_t gale_feeder_left(gale_feeder *f);

#ifdef __cplusplus
}
#endif
#endif /* GALE_FEEDER_H */
