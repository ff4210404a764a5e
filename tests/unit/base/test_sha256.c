#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sha256.h"

static const char *hex_of(const void *p, size_t len)
{
    static char hex[GI_SHA256_HEX + 1];
    gi_sha256 s;

    gi_sha256_begin(&s);
    gi_sha256_add(&s, p, len);
    gi_sha256_end_hex(&s, hex);
    return hex;
}

/* The examples of FIPS 180. */
Test(sha256, is_that_of_the_standard)
{
    cr_expect_str_eq(hex_of("", 0), "e3b0c44298fc1c149afbf4c8996fb924"
                                    "27ae41e4649b934ca495991b7852b855");
    cr_expect_str_eq(hex_of("abc", 3), "ba7816bf8f01cfea414140de5dae2223"
                                       "b00361a396177a9cb410ff61f20015ad");
    cr_expect_str_eq(
        hex_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

Test(sha256, a_million_letters_in_uneven_pieces)
{
    enum { ALL = 1000000 };
    char piece[977], hex[GI_SHA256_HEX + 1];
    size_t left = ALL;
    gi_sha256 s;

    memset(piece, 'a', sizeof(piece));
    gi_sha256_begin(&s);
    for (size_t n = 0; left > 0; left -= n) {
        n = left % sizeof(piece) + 1;
        n = n > left ? left : n > sizeof(piece) ? sizeof(piece) : n;
        gi_sha256_add(&s, piece, n);
    }
    gi_sha256_end_hex(&s, hex);
    cr_expect_str_eq(hex, "cdc76e5c9914fb9281a1c7e284d73e67"
                          "f1809a48a497200e046d39ccc7112cd0");
}

Test(sha256, of_a_file_from_where_it_stands)
{
    char path[] = P_tmpdir "/gale-sha-XXXXXX", hex[GI_SHA256_HEX + 1];
    int fd = mkstemp(path);
    uint64_t len;

    cr_assert_geq(fd, 0);
    unlink(path);
    cr_assert_eq(write(fd, "xyabc", 5), 5);
    cr_assert_eq(lseek(fd, 2, SEEK_SET), 2);
    cr_assert_eq(gi_sha256_fd(fd, hex, &len), GALE_OK);
    cr_expect_eq(len, 3);
    cr_expect_str_eq(hex, hex_of("abc", 3));
    close(fd);
    cr_expect_eq(gi_sha256_fd(fd, hex, &len), GALE_EIO);
}

Test(sha256, only_64_small_hexadecimal_digits_are_a_name)
{
    char name[GI_SHA256_HEX + 2];

    memset(name, 'a', sizeof(name));
    name[64] = '\0';
    cr_expect(gi_sha256_is_hex(name));
    name[7] = 'A';
    cr_expect_not(gi_sha256_is_hex(name));
    name[7] = '/';
    cr_expect_not(gi_sha256_is_hex(name));
    name[7] = '\0';
    cr_expect_not(gi_sha256_is_hex(name));
    name[7] = 'f';
    name[64] = 'a';
    name[65] = '\0';
    cr_expect_not(gi_sha256_is_hex(name), "65 of them");
    cr_expect_not(gi_sha256_is_hex(""));
    cr_expect_not(gi_sha256_is_hex("../../../../../../../../../etc/passwd"));
}
