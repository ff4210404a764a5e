/* Any bytes as what somebody says who does not know the secret: an end that
 * listens, and one that dials, believe none of it. */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "wire/proof.h"

static void hear(bool dials, const uint8_t *data, size_t len)
{
    static const unsigned char nonce[GI_PROOF_NONCE] = "never the same";
    gi_prover who = { "sesame", dials, 1, dials ? 2 : 0 };
    unsigned char out[GI_PROOF_MOST], *word;
    gi_proof p;
    size_t n = gi_proof_begin(&p, &who, nonce, out);

    assert(n == (dials ? 0 : GI_PROOF_CHALLENGE));
    while (len >= p.wants) {
        size_t took = p.wants;
        bool believed;

        word = gi_alloc(took); /* so that ASan sees where it ends */
        if (word == NULL)
            return;
        memcpy(word, data, took);
        believed = gi_proof_hear(&p, word, out, &n);
        gi_free(word);
        if (!believed)
            return;
        assert(dials && p.wants == GI_PROOF_REPLY && n == GI_PROOF_CLAIM);
        data += took;
        len -= took;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    hear(true, data, len);
    hear(false, data, len);
    return 0;
}
