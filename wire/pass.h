/* pass.h -- what this process is known by, where it is a worker: its
 * certificates, the word of its topology, and which topology that is.  Its
 * tasks speak with daemons by it.
 *
 * Thread  any
 */
#ifndef GI_WIRE_PASS_H
#define GI_WIRE_PASS_H

#include "wire/secrets.h"

typedef struct gi_pass {
    const gi_secrets *secrets; /* NULL: none */
    char topology[256];        /* its id; "": this is no worker */
    bool open;                 /* speak without TLS with other machines, too */
} gi_pass;

/* For all that comes; borrowed until another is set. */
void gi_pass_set(const gi_pass *pass);
gi_pass gi_pass_get(void);

#endif
