#include "wire/proof.h"

#include <assert.h>
#include <mbedtls/md.h>
#include <string.h>

#include "base/bytes.h"

enum { HEAD = 8, KEY = 8, PROOF = 32 };

/* Where things are in a claim. */
enum {
    NONCE_AT = HEAD,
    KEY_AT = NONCE_AT + GI_PROOF_NONCE,
    WANTED_AT = KEY_AT + KEY,
    PROOF_AT = WANTED_AT + KEY,
};
_Static_assert(PROOF_AT + PROOF == GI_PROOF_CLAIM, "as it is laid out");

static const char challenge[HEAD + 1] = "gale ask";
static const char claim[HEAD + 1] = "gale say";
static const char reply[HEAD + 1] = "gale too";

/* Should the sum fail, which it cannot with what Debian ships, then so does
 * the proof: false. */
static bool prove(const gi_proof *p, bool dialer, unsigned char out[PROOF])
{
    unsigned char said[HEAD + 2 * GI_PROOF_NONCE + 2 * KEY];
    const gi_prover *w = &p->who;
    unsigned char *at = said + HEAD;

    memcpy(said, dialer ? claim : reply, HEAD);
    memcpy(at, w->dials ? p->mine : p->yours, GI_PROOF_NONCE);
    at += GI_PROOF_NONCE;
    memcpy(at, w->dials ? p->yours : p->mine, GI_PROOF_NONCE);
    at += GI_PROOF_NONCE;
    gi_put_le64(at, w->dials ? w->key : w->peer);
    gi_put_le64(at + KEY, w->dials ? w->peer : w->key);
    return mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
                           (const unsigned char *)w->secret, strlen(w->secret),
                           said, sizeof(said), out) == 0;
}

/* Takes the same time wherever they differ. */
static bool is_proof(const gi_proof *p, bool dialer, const unsigned char *word)
{
    unsigned char right[PROOF];
    volatile unsigned char differ = 0;

    if (!prove(p, dialer, right))
        return false;
    for (int i = 0; i < PROOF; i++)
        differ |= (unsigned char)(right[i] ^ word[i]);
    return differ == 0;
}

size_t gi_proof_begin(gi_proof *p, const gi_prover *who,
                      const unsigned char nonce[GI_PROOF_NONCE],
                      unsigned char *out)
{
    *p = (gi_proof){ .who = *who };
    if (who->secret == NULL || *who->secret == '\0')
        return 0;
    memcpy(p->mine, nonce, GI_PROOF_NONCE);
    p->wants = who->dials ? GI_PROOF_CHALLENGE : GI_PROOF_CLAIM;
    if (who->dials)
        return 0;
    memcpy(out, challenge, HEAD);
    memcpy(out + HEAD, nonce, GI_PROOF_NONCE);
    return GI_PROOF_CHALLENGE;
}

/* Who dials is asked. */
static bool asked(gi_proof *p, const unsigned char *word, unsigned char *out,
                  size_t *n)
{
    if (memcmp(word, challenge, HEAD) != 0)
        return false;
    memcpy(p->yours, word + HEAD, GI_PROOF_NONCE);
    memcpy(out, claim, HEAD);
    memcpy(out + NONCE_AT, p->mine, GI_PROOF_NONCE);
    gi_put_le64(out + KEY_AT, p->who.key);
    gi_put_le64(out + WANTED_AT, p->who.peer);
    *n = GI_PROOF_CLAIM;
    p->wants = GI_PROOF_REPLY;
    return prove(p, true, out + PROOF_AT);
}

/* Who listens is answered. */
static bool told(gi_proof *p, const unsigned char *word, unsigned char *out,
                 size_t *n)
{
    if (memcmp(word, claim, HEAD) != 0 ||
        gi_get_le64(word + WANTED_AT) != p->who.key)
        return false;
    memcpy(p->yours, word + NONCE_AT, GI_PROOF_NONCE);
    p->who.peer = gi_get_le64(word + KEY_AT);
    if (!is_proof(p, true, word + PROOF_AT))
        return false;
    memcpy(out, reply, HEAD);
    *n = GI_PROOF_REPLY;
    p->wants = 0;
    return prove(p, false, out + HEAD);
}

bool gi_proof_hear(gi_proof *p, const unsigned char *word, unsigned char *out,
                   size_t *n)
{
    assert(p->wants != 0);
    *n = 0;
    if (!p->who.dials)
        return told(p, word, out, n);
    if (p->wants == GI_PROOF_CHALLENGE)
        return asked(p, word, out, n);
    p->wants = 0;
    return memcmp(word, reply, HEAD) == 0 && is_proof(p, false, word + HEAD);
}
