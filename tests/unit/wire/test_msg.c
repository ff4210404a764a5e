#include <criterion/criterion.h>

#include "base/mem.h"
#include "tests/unit/wire/random_msg.h"

enum { ROUNDS = 200 };

/* Room for any of them. */
typedef union any_msg {
#define MEMBER(message) gi_msg_##message m_##message;
    GI_MESSAGES(MEMBER)
#undef MEMBER
} any_msg;

/* What is given back lies in exactly so many bytes, so that a sanitizer sees
 * one that is read beyond. */
static char *copy(const gi_strbuf *b, size_t len)
{
    char *p = gi_alloc(len == 0 ? 1 : len);

    cr_assert(p != NULL);
    if (len > 0)
        memcpy(p, b->at, len);
    return p;
}

Test(msg, whatever_is_written_can_be_read)
{
    gi_rng rng = { 1 };
    size_t bytes = 0;

    for (int round = 0; round < ROUNDS; round++) {
        for (gi_msg kind = 0; kind < GI_N_MESSAGES; kind++) {
            any_msg m, back;
            gi_pool pool = { 0 }, read = { 0 };
            gi_strbuf out = { 0 };
            gale_diag why = { "" };

            random_msg(&rng, &pool, kind, &m);
            gi_msg_write(&out, kind, &m);
            cr_assert(!out.failed);
            bytes += out.len;
            char *p = copy(&out, out.len);
            cr_assert_eq(
                gi_msg_read(kind, p, out.len, &read, &back, NULL, &why),
                GALE_OK, "%s: %s", gi_shape_of(kind).name, why.text);
            gi_free(p); /* nothing of it lies there */
            cr_assert(same_msg(kind, &m, &back));
            gi_strbuf_fini(&out);
            gi_pool_fini(&pool);
            gi_pool_fini(&read);
        }
    }
    cr_assert_gt(bytes, 1000000);
}

Test(msg, one_that_is_cut_is_refused_wherever_it_is_cut)
{
    gi_rng rng = { 2 };

    for (gi_msg kind = 0; kind < GI_N_MESSAGES; kind++) {
        any_msg m, back;
        gi_pool pool = { 0 };
        gi_strbuf out = { 0 };
        gale_diag why;

        do {
            gi_strbuf_fini(&out);
            random_msg(&rng, &pool, kind, &m);
            gi_msg_write(&out, kind, &m);
        } while (out.len > 20000);
        for (size_t len = 0; len < out.len; len++) {
            gi_pool read = { 0 };
            char *p = copy(&out, len);

            strcpy(why.text, "");
            cr_assert_eq(gi_msg_read(kind, p, len, &read, &back, NULL, &why),
                         GALE_EFORMAT);
            cr_assert_neq(why.text[0], '\0');
            cr_assert_null(read.last, "what is refused takes no memory");
            gi_free(p);
        }
        gi_strbuf_fini(&out);
        gi_pool_fini(&pool);
    }
}

/* Each byte, in all of the ways that its first half or a bit can be wrong:
 * refused, or a message that can be written and read again. */
Test(msg, one_with_any_byte_changed_does_no_harm)
{
    static const unsigned char changes[] = { 0x01, 0x10, 0x20, 0x40, 0x80,
                                             0xc0, 0xff, 0x5f, 0x1f };
    gi_rng rng = { 3 };
    uint64_t taken = 0, refused = 0;

    for (gi_msg kind = 0; kind < GI_N_MESSAGES; kind++) {
        any_msg m, back, again;
        gi_pool pool = { 0 };
        gi_strbuf out = { 0 };

        do {
            gi_strbuf_fini(&out);
            random_msg(&rng, &pool, kind, &m);
            gi_msg_write(&out, kind, &m);
        } while (out.len > 4000);
        char *p = copy(&out, out.len);
        for (size_t i = 0; i < out.len * sizeof(changes); i++) {
            size_t at = i / sizeof(changes);
            gi_pool read = { 0 };
            gi_strbuf twice = { 0 };

            p[at] = (char)(out.at[at] ^ changes[i % sizeof(changes)]);
            gale_err e =
                gi_msg_read(kind, p, out.len, &read, &back, NULL, NULL);
            if (e == GALE_OK) {
                taken++;
                gi_msg_write(&twice, kind, &back);
                cr_assert_eq(gi_msg_read(kind, twice.at, twice.len, &read,
                                         &again, NULL, NULL),
                             GALE_OK);
                cr_assert(same_msg(kind, &back, &again));
            } else {
                refused++;
                cr_assert_eq(e, GALE_EFORMAT);
            }
            p[at] = out.at[at];
            gi_strbuf_fini(&twice);
            gi_pool_fini(&read);
        }
        gi_free(p);
        gi_strbuf_fini(&out);
        gi_pool_fini(&pool);
    }
    cr_assert(taken > 1000 && refused > 1000);
}

Test(msg, without_memory_it_says_so)
{
    gi_msg_named m = { .name = "wordcount" }, back;
    gi_strbuf out = { 0 };
    gi_pool pool = { 0 };
    gale_diag why;

    gi_mem_fail_after(0, 1);
    gi_msg_write(&out, GI_M_named, &m);
    gi_mem_fail_after(0, 0);
    cr_assert(out.failed);
    gi_strbuf_fini(&out);

    m.name = "caf\xe9"; /* is mended in a buffer of its own */
    for (uint64_t n = 0;; n++) {
        gi_mem_fail_after(n, 1);
        gi_msg_write(&out, GI_M_named, &m);
        gi_mem_fail_after(0, 0);
        if (!out.failed)
            break;
        cr_assert_lt(n, 10);
        gi_strbuf_fini(&out);
    }
    gi_mem_fail_after(0, 1);
    cr_assert_eq(
        gi_msg_read(GI_M_named, out.at, out.len, &pool, &back, NULL, &why),
        GALE_ENOMEM);
    gi_mem_fail_after(0, 0);
    cr_assert_str_eq(why.text, "named: out of memory");
    gi_strbuf_fini(&out);
    gi_pool_fini(&pool);
}

Test(msg, every_verb_takes_and_gives_a_message)
{
    uint32_t n = 0;

    cr_assert_null(gi_verb_of(GI_ASK_NOTHING));
    cr_assert_null(gi_verb_of(GI_N_ASKS));
    cr_assert_null(gi_verb_of(UINT64_MAX));
    for (uint64_t v = 1; v < GI_N_ASKS; v++, n++) {
        const gi_verb_info *info = gi_verb_of(v);

        cr_assert_not_null(info);
        cr_assert(info->request < GI_N_MESSAGES);
        cr_assert(info->reply < GI_N_MESSAGES);
    }
    cr_assert_eq(n, 21);
    cr_assert_str_eq(gi_verb_of(GI_ASK_REPORT)->name, "REPORT");
    cr_assert_eq(gi_verb_of(GI_ASK_REPORT)->request, GI_M_report);
    cr_assert_eq(gi_verb_of(GI_ASK_REPORT)->reply, GI_M_orders);
    cr_assert_eq(gi_verb_of(GI_ASK_REPORT)->who, GI_WHO_NODE);
    cr_assert_eq(gi_verb_of(GI_ASK_KILL)->who, GI_WHO_OWNER);
}
