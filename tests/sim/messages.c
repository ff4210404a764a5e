/* messages.c -- what sources give, and oracles asked when a spout hears of a
 * message.
 *
 *     message      it heard the wrong thing about one
 *     gave-up      a dead letter came of one that was not given up
 */
#include "shadow.h"

struct message *shadow_message(const gale_task *t, uint64_t id)
{
    const struct source *src = model.source_of[t->id - 1];

    if (src == NULL || id < src->first || id >= src->first + src->n) {
        wrong("message", "message %llu is not one of task %u",
              (unsigned long long)id, t->id);
        return NULL;
    }
    return &model.message[id];
}

void shadow_finish(struct message *m, enum message_state state, uint32_t task)
{
    m->state = (uint8_t)state;
    model.source_of[task - 1]->left--;
    model.n_left--;
}

/* -------------------------------------------------- what a spout hears -- */

/* Without ackers nothing is followed, and each emit is acked at once. */
void shadow_acked(struct source *src, uint64_t id)
{
    const gale_task *t = gi_worker_task(gi_sim_worker(model.sim), src->task);
    struct message *m = shadow_message(t, id);

    if (m == NULL)
        return;
    if (m->state != SENT || (model.s->ackers != 0 && m->verdict != DONE))
        wrong("message", "message %llu was acked in state %d, verdict %d",
              (unsigned long long)id, m->state, m->verdict);
    else
        shadow_finish(m, ACKED, src->task);
}

void shadow_failed(struct source *src, uint64_t id)
{
    const gale_task *t = gi_worker_task(gi_sim_worker(model.sim), src->task);
    struct message *m = shadow_message(t, id);

    if (m == NULL)
        return;
    if (m->state != SENT || m->verdict != FAILED) {
        wrong("message", "message %llu was failed in state %d, verdict %d",
              (unsigned long long)id, m->state, m->verdict);
        return;
    }
    m->state = UNSENT;
    src->again[(src->back + src->n_back++) % src->n] = (uint32_t)id;
}

/* It begins at the oldest message that is not done with. */
void shadow_opened(struct source *src)
{
    model.revived++;
    src->cursor = src->n_back = 0;
    src->burst = 0;
}

static uint32_t give(struct source *src, uint32_t message)
{
    model.message[message].state = SENT;
    src->burst++;
    return message;
}

bool shadow_next(struct source *src, uint32_t *message)
{
    while (src->n_back > 0) {
        uint32_t back = src->again[src->back];

        src->back = (src->back + 1) % src->n;
        src->n_back--;
        if (model.message[back].state == UNSENT) {
            *message = give(src, back);
            return true;
        }
    }
    for (; src->cursor < src->n; src->cursor++)
        if (model.message[src->first + src->cursor].state == UNSENT) {
            *message = give(src, src->first + src->cursor++);
            return true;
        }
    return false;
}

void shadow_untracked(struct source *src, uint32_t message)
{
    shadow_finish(&model.message[message], ACKED, src->task);
}

/* -------------------------------------------------------- dead letters -- */

/* There may be none for want of memory, and duplicates may come. */
void shadow_letter(uint64_t message, gale_str reason, int64_t attempts)
{
    model.letters++;
    if (message >= model.n_messages || model.message[message].state != DEAD ||
        reason.len == 0 || attempts < (int64_t)model.s->limit)
        wrong("gave-up",
              "a dead letter of message %llu, attempts %lld, "
              "reason '%.*s'",
              (unsigned long long)message, (long long)attempts,
              (int)reason.len, reason.ptr);
}
