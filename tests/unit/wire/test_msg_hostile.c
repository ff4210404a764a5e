#include <criterion/criterion.h>

#include "base/mem.h"
#include "tests/unit/wire/random_msg.h"

#define BYTES(s) s, sizeof(s) - 1

static gale_err reads(gi_msg kind, const char *p, size_t len, void *out,
                      gi_pool *pool, gale_diag *why)
{
    strcpy(why->text, "");
    return gi_msg_read(kind, p, len, pool, out, NULL, why);
}

Test(msg_hostile, what_is_wrong_is_said_and_where)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *why;
    } wrong[] = {
        { BYTES(""), "report: cut short, or no msgpack" },
        { BYTES("\xc1"), "report: cut short, or no msgpack" },
        { BYTES("\x90"), "report: not a message" },
        { BYTES("\x80\x80"), "report: more bytes than it has" },
        { BYTES("\x81\x01\x02"), "report: a name that is not a text" },
        { BYTES("\x81\xa4node\x01"), "report.node: not a text" },
        { BYTES("\x81\xa4node\xc0"), "report.node: not a text" },
        { BYTES("\x81\xa4node\xc4\x01x"), "report.node: not a text" },
        { BYTES("\x81\xa4node\xa3"
                "a\0b"),
          "report.node: a text with a zero byte in it" },
        { BYTES("\x81\xa4node\xa2\xc3("),
          "report.node: a text that is not UTF-8" },
        { BYTES("\x81\xa3"
                "cpu\xff"),
          "report.cpu: less than 0" },
        { BYTES("\x81\xa3"
                "cpu\xcb\0\0\0\0\0\0\0\0"),
          "report.cpu: not a whole number" },
        { BYTES("\x81\xa3"
                "cpu\xcf\x80\0\0\0\0\0\0\0"),
          "report.cpu: more than 9223372036854775807" },
        { BYTES("\x81\xa3"
                "cpu\xa1x"),
          "report.cpu: not a number" },
        { BYTES("\x82\xa3"
                "cpu\x01\xa3"
                "cpu\x01"),
          "report.cpu: there twice" },
        { BYTES("\x81\xa6urgent\x01"),
          "report.urgent: neither true nor false" },
        { BYTES("\x81\xa5slots\x80"), "report.slots: not a list" },
        { BYTES("\x81\xa5slots\x92\x80\x01"),
          "report.slots[1]: not a message" },
        { BYTES("\x81\xa5slots\x92\x80\x81\xa4port\xc3"),
          "report.slots[1].port: not a number" },
        { BYTES("\x81\xa5slots\x91\x81\xa7tallies\x91\x81\xa5"
                "acked\xff"),
          "report.slots[0].tallies[0].acked: less than 0" },
        { BYTES("\x81\xa5slots\xdd\xff\xff\xff\xff\x80"),
          "report.slots: cut short, or no msgpack" },
        { BYTES("\x81\xa1?\x91"),
          "report: cut short, nested too deep, or no msgpack" },
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        gi_msg_report m;
        gi_pool pool = { 0 };
        gale_diag why;

        cr_assert_eq(
            reads(GI_M_report, wrong[i].bytes, wrong[i].len, &m, &pool, &why),
            GALE_EFORMAT);
        cr_assert_str_eq(why.text, wrong[i].why);
        cr_assert_null(pool.last);
    }
}

Test(msg_hostile, names_that_nobody_knows_are_skipped)
{
    static const char bytes[] = "\x84\xa1?\x92\x81\x01\x02\xc0\xa4name\xa1x"
                                "\xa1?\x01\xa6"
                                "future\xc7\x01\x05z";
    gi_msg_named m;
    gi_pool pool = { 0 };
    gale_diag why;

    cr_assert_eq(reads(GI_M_named, BYTES(bytes), &m, &pool, &why), GALE_OK,
                 "%s", why.text);
    cr_assert_str_eq(m.name, "x");
    gi_pool_fini(&pool);
}

Test(msg_hostile, what_is_missing_is_zero_or_empty)
{
    gi_msg_report m;
    gi_pool pool = { 0 };
    gale_diag why;

    memset(&m, 0xff, sizeof(m));
    cr_assert_eq(
        reads(GI_M_report, BYTES("\x81\xa5slots\x91\x80"), &m, &pool, &why),
        GALE_OK);
    cr_assert(m.node[0] == '\0' && m.cpu == 0 && !m.urgent && m.n_ports == 0);
    cr_assert_null(m.ports);
    cr_assert_eq(m.n_slots, 1);
    cr_assert(m.slots[0].state[0] == '\0' && m.slots[0].n_tallies == 0);
    gi_pool_fini(&pool);
}

/* Each of its slots is one byte there, and more than a hundred in memory. */
Test(msg_hostile, many_empty_messages_cost_no_memory)
{
    enum { N = 1 << 20 };
    char *p = gi_alloc(N + 16);
    gi_msg_report m;
    gi_pool pool = { 0 };
    gale_diag why;

    memcpy(p, "\x81\xa5slots\xdd\x00\x10\x00\x00", 12);
    memset(p + 12, 0x80, N);
    cr_assert_eq(reads(GI_M_report, p, N + 12, &m, &pool, &why), GALE_EFORMAT);
    cr_assert_str_eq(why.text, "report.slots: far more values than bytes");
    cr_assert_null(pool.last);
    gi_free(p);
}

/* What bounds the memory of all that is written: zeros and short names. */
Test(msg_hostile, no_message_that_we_write_is_refused_for_its_size)
{
    enum { N = 2000 };

    for (gi_msg kind = 0; kind < GI_N_MESSAGES; kind++) {
        gi_shape shape = gi_shape_of(kind);

        for (uint32_t i = 0; i < shape.n; i++) {
            const gi_field *f = &shape.fields[i];
            gi_strbuf out = { 0 };
            gi_pool pool = { 0 };
            gale_diag why;

            if (f->kind != GI_FIELD_LIST)
                continue;
            char *m = gi_pool_take(&pool, 1, shape.size);
            char *back = gi_pool_take(&pool, 1, shape.size);
            *(void **)(void *)(m + f->at) =
                gi_pool_take(&pool, N, gi_msg_size(f->inner));
            *(uint32_t *)(void *)(m + f->n_at) = N;
            gi_msg_write(&out, kind, m);
            cr_assert_eq(reads(kind, out.at, out.len, back, &pool, &why),
                         GALE_OK, "%s", why.text);
            gi_strbuf_fini(&out);
            gi_pool_fini(&pool);
        }
    }
}

Test(msg_hostile, texts_that_are_not_utf_8_are_mended_when_they_are_written)
{
    gi_msg_word m = { .text = "caf\xe9 \xff\xfe" }, back;
    gi_strbuf out = { 0 };
    gi_pool pool = { 0 };
    gale_diag why;

    gi_msg_write(&out, GI_M_word, &m);
    cr_assert_eq(reads(GI_M_word, out.at, out.len, &back, &pool, &why),
                 GALE_OK, "%s", why.text);
    cr_assert_str_eq(back.text, "caf\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd");
    gi_strbuf_fini(&out);
    gi_pool_fini(&pool);
}
