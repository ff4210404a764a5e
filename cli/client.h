/* client.h -- a command that asks Nimbus: where it is, how it is spoken to,
 * and what a person is told when it does not answer.
 */
#ifndef GI_CLI_CLIENT_H
#define GI_CLI_CLIENT_H

#include "cli/cli.h"
#include "cli/waiting.h"
#include "wire/ask.h"

typedef struct gi_client {
    gi_cli *cli;
    const struct gi_client_whom *whom; /* client.c */
    gi_conf *site;
    gi_secrets *secrets;
    gi_asker *asker;
    gi_strbuf place; /* all urls, for messages: "tcp://a:1, tcp://b:1" */
    char **urls;
    uint32_t n_urls, cap_urls;
    uint32_t wait_ms;
    gi_waiting waiting; /* for a reply */
    gi_pool pool;       /* of replies; emptied by gi_client_forget */
} gi_client;

/* Each returns an exit code, and has said what is wrong if it is not
 * GI_EXIT_DONE.  Close in any case. */

/* Settings: nimbus.seeds (or --nimbus), and how to speak to it. */
int gi_client_open(gi_client *c, gi_cli *cli);

/* The same of a DRPC server: drpc.servers, drpc.port. */
int gi_client_open_drpc(gi_client *c, gi_cli *cli);
void gi_client_close(gi_client *c);

/* Ask for it; the reply lies in the pool. */
int gi_client_ask(gi_client *c, gi_verb_no verb, const void *request,
                  void *reply);

/* The same, and does not say what is wrong. */
gale_err gi_client_wait(gi_client *c, gi_verb_no verb, const void *request,
                        void *reply, gale_diag *why);

/* The same, and says nothing at all; the others show for whom they wait when
 * it takes longer than a second. */
gale_err gi_client_try(gi_client *c, gi_verb_no verb, const void *request,
                       void *reply, gale_diag *why);

/* What is wrong when asking came to `e`, told, as an exit code. */
int gi_client_failed(gi_client *c, gale_err e, const char *why);

/* The same about a topology; if there is none of that name: the nearest. */
int gi_client_change(gi_client *c, gi_verb_no verb, const char *name,
                     const void *request, void *reply);

/* All there is to know of one. */
int gi_client_look(gi_client *c, const char *name,
                   gi_msg_topology_look *reply);

/* No reply is looked at any more. */
void gi_client_forget(gi_client *c);

#endif
