/* ports.h -- is a port free, and which one is? */
#ifndef GI_CLI_GALE_PORTS_H
#define GI_CLI_GALE_PORTS_H

#include <stdbool.h>
#include <stdint.h>

/* Can one listen on this numeric address and port now? */
bool gi_port_free(const char *host, uint16_t port);

/* `wanted` if it is free on the loopback, else any that is and is none of the
 * `n` at `not`; 0: none can be had. */
uint16_t gi_port_pick(uint16_t wanted, const uint16_t * not, unsigned n);

/* Say, for as long as the descriptor is open, that this port is taken by a
 * process that does not listen yet; -1: another one says so. */
int gi_port_claim(uint16_t port);

#endif
