/* direct.h -- which tasks get a row where no grouping of the topology can say.
 *
 * Keys are divided among tasks as states divide them (state.h), so that rows
 * meet the state of their key, whatever they came for.  What has to be in one
 * place batch by batch goes to the batch's task.  And a user's chooser is
 * handed the row as the user knows it, without our mark.
 */
#ifndef GI_TRIDENT_DIRECT_H
#define GI_TRIDENT_DIRECT_H

#include "trident/mark.h"
#include "trident/program.h"

/* Which of `tasks` has a batch to itself.  By its attempt, which every row
 * carries; another one is as good. */
static inline uint32_t gi_batch_task(uint64_t attempt, uint32_t tasks)
{
    return (uint32_t)((attempt & GI_MARK_ATTEMPTS) % tasks);
}

/* What a SEND that is not GI_SEND_GROUPING has in a task. */
typedef struct gi_direct {
    const gi_op *op;
    uint32_t first, n; /* the reader's tasks, by number: gale_task_peers */
    void *self;        /* the chooser's */
    uint32_t *all, *chosen;
    gale_value *key;
} gi_direct;

/* GALE_ENOMEM; `d` is to be closed all the same. */
gale_err gi_direct_open(gi_direct *d, const gi_op *op, uint32_t first,
                        uint32_t n);
void gi_direct_close(gi_direct *d); /* a zeroed one is fine */

/* The numbers of the tasks that get `row`, which has no mark: *tasks is
 * borrowed until the next call.  Returns how many; what a chooser said that
 * names another task, or more than there are, ends the process by name. */
size_t gi_direct_pick(gi_direct *d, uint64_t attempt, gale_row row,
                      const uint32_t **tasks);

#endif
