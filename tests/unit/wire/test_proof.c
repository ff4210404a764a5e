#include <criterion/criterion.h>
#include <string.h>

#include "wire/proof.h"

/* Two ends, and what the one said last. */
struct end {
    gi_proof proof;
    unsigned char word[GI_PROOF_MOST];
    size_t n;
};

static struct end a, b; /* a dials */

static void begin_with(const char *his, const char *hers, uint64_t wanted)
{
    gi_prover dials = { his, true, 7, wanted }, hears = { hers, false, 9, 0 };
    unsigned char one[GI_PROOF_NONCE] = "one of sixteen",
                  two[GI_PROOF_NONCE] = "another one";

    memset(&a, 0, sizeof(a));
    memset(&b, 0, sizeof(b));
    a.n = gi_proof_begin(&a.proof, &dials, one, a.word);
    b.n = gi_proof_begin(&b.proof, &hears, two, b.word);
}

static bool hears(struct end *to, const struct end *from)
{
    cr_assert_eq(to->proof.wants, from->n);
    return gi_proof_hear(&to->proof, from->word, to->word, &to->n);
}

Test(proof, without_a_secret_nothing_is_said)
{
    begin_with("", NULL, 9);
    cr_expect(a.n == 0 && b.n == 0);
    cr_expect(a.proof.wants == 0 && b.proof.wants == 0);
}

Test(proof, who_knows_the_secret_can_show_it)
{
    begin_with("sesame", "sesame", 9);
    cr_expect(a.n == 0 && b.n == GI_PROOF_CHALLENGE);
    cr_expect(hears(&a, &b));
    cr_expect_eq(a.n, GI_PROOF_CLAIM);
    cr_expect(hears(&b, &a));
    cr_expect_eq(b.n, GI_PROOF_REPLY);
    cr_expect_eq(b.proof.wants, 0);
    cr_expect(hears(&a, &b));
    cr_expect(a.n == 0 && a.proof.wants == 0);
}

/* Made by another program, out of what proof.h says. */
Test(proof, a_claim_is_laid_out_as_promised)
{
    static const unsigned char sum[4] = { 0x42, 0x86, 0x6e, 0x04 };

    begin_with("sesame", "sesame", 9);
    cr_assert(hears(&a, &b));
    cr_expect_arr_eq(a.word, "gale sayone of sixteen\0\0", 24);
    cr_expect_arr_eq(a.word + 24, "\7\0\0\0\0\0\0\0\t\0\0\0\0\0\0\0", 16);
    cr_expect_arr_eq(a.word + 40, sum, 4);
}

Test(proof, who_does_not_know_it_cannot)
{
    begin_with("sesame", "simsim", 9);
    cr_expect(hears(&a, &b));
    cr_expect_not(hears(&b, &a));
    cr_expect_eq(b.n, 0);
}

Test(proof, who_listens_has_to_show_it_too)
{
    unsigned char made_up[GI_PROOF_REPLY] = "gale too";
    size_t n;

    begin_with("sesame", "sesame", 9);
    cr_assert(hears(&a, &b));
    cr_expect_not(gi_proof_hear(&a.proof, made_up, a.word, &n));
}

Test(proof, a_claim_to_another_is_of_no_use_here)
{
    begin_with("sesame", "sesame", 8);
    cr_assert(hears(&a, &b));
    cr_expect_not(hears(&b, &a));
}

Test(proof, a_claim_heard_before_is_of_no_use)
{
    struct end old;

    begin_with("sesame", "sesame", 9);
    cr_assert(hears(&a, &b));
    old = a;
    begin_with("sesame", "sesame", 9);
    b.proof.mine[3] ^= 1; /* another challenge */
    cr_expect_not(hears(&b, &old));
}

Test(proof, whatever_bit_is_changed_it_is_none)
{
    for (size_t i = 0; i < 8 * (size_t)GI_PROOF_CLAIM; i++) {
        begin_with("sesame", "sesame", 9);
        cr_assert(hears(&a, &b));
        a.word[i / 8] ^= (unsigned char)(1u << i % 8);
        cr_expect_not(hears(&b, &a), "bit %zu", i);
    }
    for (size_t i = 0; i < 8 * (size_t)GI_PROOF_REPLY; i++) {
        begin_with("sesame", "sesame", 9);
        cr_assert(hears(&a, &b) && hears(&b, &a));
        b.word[i / 8] ^= (unsigned char)(1u << i % 8);
        cr_expect_not(hears(&a, &b), "bit %zu", i);
    }
}
