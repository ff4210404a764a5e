#include "cli/await.h"

#include <stdio.h>
#include <string.h>

#include "cli/number.h"

const gi_msg_worker_row *gi_await_trouble(const gi_msg_topology_look *look)
{
    for (uint32_t i = 0; i < look->n_workers; i++) {
        const gi_msg_worker_row *w = &look->workers[i];

        if (w->n_slot == 1 && w->slot->words[0] != '\0' &&
            (w->slot->deaths > 0 || w->slot->poisoned ||
             w->slot->incarnation == 0) &&
            strcmp(w->slot->state, "running") != 0)
            return w;
    }
    return NULL;
}

static bool emitted_any(const gi_msg_topology_look *look)
{
    return look->row->emitted > 0;
}

gi_awaited gi_await_judge(const gi_await *a, const gi_msg_topology_look *look,
                          char text[GI_AWAIT_TEXT])
{
    const gi_msg_topology_row *row = look->row;
    bool up = row->n_running > 0 && row->n_running >= row->n_workers;
    char acked[GI_NUMBER_TEXT], pending[GI_NUMBER_TEXT];

    if (text != NULL)
        snprintf(text, GI_AWAIT_TEXT,
                 "  %llu of %llu workers run  %s acked  %s in flight%s%s",
                 (unsigned long long)row->n_running,
                 (unsigned long long)row->n_workers,
                 gi_number_full(acked, row->acked),
                 gi_number_full(pending, row->pending),
                 row->why[0] == '\0' ? "" : "  ", row->why);
    if (a->tracked && !a->inactive ? row->acked > a->before
                                   : up && (a->inactive || emitted_any(look)))
        return GI_AWAIT_DONE;
    return gi_await_trouble(look) != NULL ? GI_AWAIT_FAILED : GI_AWAIT_MORE;
}
