/* proof.h -- how both ends of a connection show that they know the cluster's
 * secret, without saying it.
 *
 * Three words go before all else, the first from who listens:
 *
 *     a challenge  "gale ask"  nonce
 *     a claim      "gale say"  nonce, keys of who dials and of whom, proof
 *     a reply      "gale too"  proof
 *
 * Nonces have 16 bytes, keys 64 bits, little-endian.  A proof is HMAC-SHA-256,
 * by the secret, of which end speaks, both nonces and both keys.  So what was
 * heard once is of no use for another connection, at another port, or to the
 * end that said it.
 *
 * Pure: no allocation, no clock, no I/O.  Thread  any, one at a time
 */
#ifndef GI_WIRE_PROOF_H
#define GI_WIRE_PROOF_H

#include "gale/base.h"

enum {
    GI_PROOF_NONCE = 16,
    GI_PROOF_CHALLENGE = 8 + GI_PROOF_NONCE,
    GI_PROOF_CLAIM = 8 + GI_PROOF_NONCE + 8 + 8 + 32,
    GI_PROOF_REPLY = 8 + 32,
    GI_PROOF_MOST = GI_PROOF_CLAIM, /* that one end says in all */
};

/* Who proves, and to whom. */
typedef struct gi_prover {
    const char *secret; /* borrowed; NULL or "": nothing is to be proved */
    bool dials;
    uint64_t key;  /* our own */
    uint64_t peer; /* whom we dialed */
} gi_prover;

typedef struct gi_proof {
    gi_prover who;
    unsigned char mine[GI_PROOF_NONCE], yours[GI_PROOF_NONCE];
    size_t wants; /* bytes of the word that is to come next; 0: all is shown */
} gi_proof;

/* Begins.  What is to be said at once goes to `out`, GI_PROOF_MOST bytes of
 * room; returns how many bytes that is.  `nonce` must never repeat. */
size_t gi_proof_begin(gi_proof *p, const gi_prover *who,
                      const unsigned char nonce[GI_PROOF_NONCE],
                      unsigned char *out);

/* The p->wants bytes at `word` came.  False: whoever said that does not know
 * the secret, or wants somebody else.  Else `out` and *n are what is to be
 * said now, maybe nothing. */
bool gi_proof_hear(gi_proof *p, const unsigned char *word, unsigned char *out,
                   size_t *n);

#endif
