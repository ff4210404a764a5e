#include <criterion/criterion.h>

#include "nimbus/zookeeper/store_value.h"

TestSuite(store_zk_value, .timeout = 30);

static const char *name_of(const char *key)
{
    static char name[GI_ZK_NAME_MOST + 1];

    gi_zk_name_of(key, name);
    return name;
}

Test(store_zk_value, a_key_becomes_a_name_and_back)
{
    static const char *const keys[] = {
        "cluster",
        "topology/words-1-17",
        "aside/3/topology/x",
        ".",
        "..",
        "a.b",
        "%",
        "\x01\x7f\xff",
        "zookeeper",
        "a b\n",
    };
    char key[GI_STORE_KEY_MOST + 1];

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *name = name_of(keys[i]);

        cr_expect_eq(strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"
                                  "OPQRSTUVWXYZ0123456789%._-"),
                     strlen(name), "%s", name);
        cr_expect(gi_zk_key_of(name, key), "%s", name);
        cr_expect_str_eq(key, keys[i]);
    }
    cr_expect_str_eq(name_of("topology/a-1"), "topology%2Fa-1");
    cr_expect_str_eq(name_of(".."), "%2E.");
}

Test(store_zk_value, the_longest_key_has_a_name)
{
    char key[GI_STORE_KEY_MOST + 1], back[GI_STORE_KEY_MOST + 1];

    memset(key, '/', GI_STORE_KEY_MOST);
    key[GI_STORE_KEY_MOST] = '\0';
    cr_expect_eq(strlen(name_of(key)), GI_ZK_NAME_MOST);
    cr_assert(gi_zk_key_of(name_of(key), back));
    cr_expect_str_eq(back, key);
}

Test(store_zk_value, what_is_no_name_of_a_key_is_none)
{
    static const char *const names[] = {
        "", "%", "%2", "%2f", "%00", "%61", "a/b", "%GG", "a%2Eb", ".a",
    };
    char key[GI_STORE_KEY_MOST + 1], longer[GI_STORE_KEY_MOST + 2];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        cr_expect_not(gi_zk_key_of(names[i], key), "%s", names[i]);
    memset(longer, 'a', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    cr_expect_not(gi_zk_key_of(longer, key));
}

Test(store_zk_value, where_the_pieces_are_is_written_and_read)
{
    gi_zk_ref r = { "17.4", 3, 2 * GI_ZK_PIECE + 1 }, back;
    char bytes[GI_ZK_REF_MOST + 1] = "";
    size_t len = gi_zk_ref_write(&r, bytes);

    cr_expect_str_eq(bytes, "p17.4 3 1800001");
    cr_assert(gi_zk_ref_read(&back, bytes, len));
    cr_expect_str_eq(back.id, r.id);
    cr_expect_eq(back.n, 3);
    cr_expect_eq(back.len, r.len);
}

Test(store_zk_value, what_says_nothing_of_pieces_is_refused)
{
    static const char *const texts[] = {
        "",           "p",
        "v17.4 1 5",  "p17.4",
        "p17.4 1",    "p17.4 1 ",
        "p17.4 1 5x", "p17.4 2 5",
        "p17.4 0 0",  "p 1 5",
        "p../x 1 5",  "p17.4  1 5",
        "p17.4 -1 5", "p17.4 1 99999999999",
        "p17.4 1 5 ", "p11111111111111111111111111111111111111111 1 5",
    };
    gi_zk_ref back;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        cr_expect_not(gi_zk_ref_read(&back, texts[i], strlen(texts[i])), "%s",
                      texts[i]);
    cr_expect_not(gi_zk_ref_read(&back, "p1.1 1 5\0x", 10));
}
