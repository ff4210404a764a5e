#include <criterion/criterion.h>

#include "base/mem.h"
#include "base/strbuf.h"

#include <stdio.h>

Test(strbuf, grows_by_letters_runs_strings_and_formats)
{
    gi_strbuf b = { 0 };

    for (int i = 0; i < 1000; i++) {
        gi_strbuf_putc(&b, 'a');
        gi_strbuf_add(&b, "bcX", 2);
        gi_strbuf_puts(&b, "d");
        gi_strbuf_printf(&b, "%03d", i);
    }
    cr_assert_eq(b.len, 7000);
    cr_assert_eq(strlen(b.at), 7000);
    for (int i = 0; i < 1000; i++) {
        char part[16];
        snprintf(part, sizeof(part), "abcd%03d", i);
        cr_assert_eq(memcmp(b.at + 7 * i, part, 7), 0);
    }
    gi_strbuf_fini(&b);
}

Test(strbuf, a_format_longer_than_the_room_is_whole)
{
    gi_strbuf b = { 0 };

    gi_strbuf_printf(&b, "%300s", "end");
    cr_assert_eq(b.len, 300);
    cr_assert_str_eq(b.at + 297, "end");
    gi_strbuf_fini(&b);
}

Test(strbuf, an_empty_one_gives_an_empty_string)
{
    gi_strbuf b = { 0 };
    char *text = gi_strbuf_take(&b);

    cr_assert_str_eq(text, "");
    gi_free(text);
}

Test(strbuf, after_take_it_is_empty)
{
    gi_strbuf b = { 0 };

    gi_strbuf_puts(&b, "first");
    gi_free(gi_strbuf_take(&b));
    gi_strbuf_puts(&b, "second");
    char *text = gi_strbuf_take(&b);
    cr_assert_str_eq(text, "second");
    gi_free(text);
}

Test(strbuf, a_failure_sticks_whatever_fails)
{
    uint64_t n;

    for (n = 0;; n++) {
        gi_strbuf b = { 0 };
        gi_mem_fail_after(n, 1);
        for (int i = 0; i < 100; i++)
            gi_strbuf_printf(&b, "%d ", i);
        bool failed = b.failed;
        char *text = gi_strbuf_take(&b);
        gi_mem_fail_after(0, 0);
        cr_assert_eq(text == NULL, failed);
        gi_free(text);
        if (!failed)
            break;
    }
    cr_assert_geq(n, 2);
}
