/* Any bytes as a message, the first of them saying which: it is refused, in
 * words and without having taken memory, or it takes no more than it may and
 * is written and read again as the same.  Then as a request to a daemon. */
#include <assert.h>

#include "base/mem.h"
#include "tests/unit/wire/random_msg.h"
#include "wire/answer_inside.h"

typedef union any_msg {
#define MEMBER(message) gi_msg_##message m_##message;
    GI_MESSAGES(MEMBER)
#undef MEMBER
} any_msg;

static void as_message(gi_msg kind, const void *p, size_t len)
{
    gi_pool pool = { 0 };
    gi_strbuf out = { 0 };
    gale_diag why = { "" };
    any_msg m, again;
    size_t n = 0;

    if (gi_msg_read(kind, p, len, &pool, &m, &n, &why) != GALE_OK) {
        assert(why.text[0] != '\0' && pool.last == NULL);
        return;
    }
    assert(n > 0 && n <= len && why.text[0] == '\0');
    gi_msg_write(&out, kind, &m);
    assert(!out.failed);
    gale_err e = gi_msg_read(kind, out.at, out.len, &pool, &again, NULL, &why);
    assert(e == GALE_OK && same_msg(kind, &m, &again));
    gi_strbuf_fini(&out);
    gi_pool_fini(&pool);
}

static void as_request(const void *p, size_t len)
{
    static const gi_known nobody = { GI_WHOSE_ELSEWHERE, 0 };
    static const gi_may anybody = { NULL, NULL, 0 };
    gi_question *q;
    gale_diag why = { "" };

    if (gi_question_read(&anybody, &nobody, p, len, &q, &why) == GALE_OK) {
        assert(gi_verb_of(q->asked.verb) != NULL);
        gi_question_free(q);
    } else {
        assert(why.text[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0)
        return 0;
    as_message(data[0] % GI_N_MESSAGES, data + 1, len - 1);
    as_request(data + 1, len - 1);
    return 0;
}
