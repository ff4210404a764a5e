#include <criterion/criterion.h>

#include "base/mem.h"
#include "cli/table.h"

static gi_table table;

static char *put(bool head, gi_look look)
{
    gi_strbuf to = { 0 };

    gi_table_put(&table, &to, head, look);
    return gi_strbuf_take(&to);
}

Test(table, numbers_stand_right_and_words_left)
{
    static const char *const words[] = { "name", "n",   "é", "1",
                                         "long", "200", "x", "33" };

    table = (gi_table){ .cols = 2, .left = { true } };
    for (size_t i = 0; i < 8; i++)
        gi_table_word(&table, words[i]);
    char *text = put(true, (gi_look){ .colour = false });
    cr_expect_str_eq(text, "  name    n\n"
                           "  é       1\n"
                           "  long  200\n"
                           "  x      33\n");
    cr_expect_eq(gi_table_width(&table), 9);
    gi_free(text);
    gi_table_fini(&table);
}

Test(table, a_heading_is_faint_where_there_is_colour)
{
    table = (gi_table){ .cols = 1, .left = { true } };
    gi_table_word(&table, "a");
    gi_table_word(&table, "b");
    char *text = put(true, (gi_look){ .colour = true });
    cr_expect_str_eq(text, "\033[2m  a\033[0m\n  b\n");
    gi_free(text);
    gi_table_fini(&table);
}

Test(table, a_long_word_is_cut_between_letters_and_says_so)
{
    char many[400] = "";

    for (int i = 0; i < 100; i++)
        strcat(many, "é");
    table = (gi_table){ .cols = 1, .most = 6, .left = { true } };
    gi_table_word(&table, "abcdef");
    gi_table_word(&table, "abcdefg");
    gi_table_word(&table, many);
    char *text = put(false, (gi_look){ .colour = false });
    cr_expect_str_eq(text, "  abcdef\n  abcd..\n  éééé..\n");
    gi_free(text);
    gi_table_fini(&table);

    table = (gi_table){ .cols = 1, .left = { true } };
    gi_table_word(&table, many);
    cr_expect_lt(strlen(table.words[0]), GI_TABLE_WORD);
    cr_expect_str_eq(table.words[0] + strlen(table.words[0]) - 4, "é..");
    gi_table_fini(&table);
}

Test(table, columns_without_room_stand_below_beside_the_first)
{
    static const char *const words[] = { "name", "state", "n", "last",
                                         "one",  "well",  "1", "long ago" };

    table = (gi_table){ .cols = 4, .left = { true, true } };
    for (size_t i = 0; i < 8; i++)
        gi_table_word(&table, words[i]);

    char *wide = put(true, (gi_look){ .columns = 26 });
    cr_expect_str_eq(wide, "  name  state  n      last\n"
                           "  one   well   1  long ago\n");
    gi_free(wide);
    char *narrow = put(true, (gi_look){ .columns = 25 });
    cr_expect_str_eq(narrow, "  name  state  n\n"
                             "  one   well   1\n"
                             "  name      last\n"
                             "  one   long ago\n");
    gi_free(narrow);
    char *none = put(true, (gi_look){ .columns = 1 });
    cr_expect_str_eq(none, "  name  state\n"
                           "  one   well\n"
                           "  name  n\n"
                           "  one   1\n"
                           "  name      last\n"
                           "  one   long ago\n");
    gi_free(none);
    gi_table_fini(&table);
}

Test(table, no_word_moves_the_cursor)
{
    table = (gi_table){ .cols = 1, .left = { true } };
    gi_table_word(&table, "a\033[2Jb\nc");
    cr_expect_str_eq(table.words[0], "a.[2Jb.c");
    gi_table_fini(&table);
}

Test(table, rows_lost_for_want_of_memory_are_not_hidden)
{
    gi_strbuf to = { 0 };

    table = (gi_table){ .cols = 1 };
    gi_mem_fail_after(0, UINT64_MAX);
    gi_table_word(&table, "a");
    gi_mem_fail_after(0, 0);
    gi_table_put(&table, &to, false, (gi_look){ .colour = false });
    cr_expect_null(gi_strbuf_take(&to));
    gi_table_fini(&table);
}
