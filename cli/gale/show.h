/* show.h -- what Nimbus tells, as tables for people.  Pure. */
#ifndef GI_CLI_GALE_SHOW_H
#define GI_CLI_GALE_SHOW_H

#include "cli/table.h"
#include "wire/messages.h"

void gi_show_topologies(gi_strbuf *to, const gi_msg_topology_row *rows,
                        uint32_t n, gi_look look);
void gi_show_cluster(gi_strbuf *to, const gi_msg_cluster *c, gi_look look);
void gi_show_topology(gi_strbuf *to, const gi_msg_topology_look *t,
                      gi_look look);

/* Rows of a table that the caller begins by gi_show_workers_begin. */
void gi_show_workers_begin(gi_table *t);
void gi_show_workers(gi_table *t, const gi_msg_topology_look *look);

/* What is wrong with its workers: a line each. */
void gi_show_woes(gi_strbuf *to, const gi_msg_topology_look *look);

/* Errors of components, and why workers ended; the latest last. */
void gi_show_errors(gi_strbuf *to, const gi_msg_topology_look *look);

#endif
