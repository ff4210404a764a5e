/* site.h -- the cluster's own settings, for its daemons and its clients: a
 * file storm.yaml, under what the command line says.
 *
 * The first of these that is there:
 *
 *     --config FILE ...             in place of the others; above them where
 *                                   it is a topology's (submit)
 *     $GALE_CONF_DIR/storm.yaml
 *     $XDG_CONFIG_HOME/gale/storm.yaml, or ~/.config/gale/storm.yaml
 *     /etc/gale/storm.yaml
 */
#ifndef GI_CLI_SITE_H
#define GI_CLI_SITE_H

#include "base/strbuf.h"
#include "cli/options.h"

/* The settings, checked: mistakes go to `wrong`; `notes` is what stands there
 * and does nothing.  With `usual`, the usual file is read also if others were
 * named.  GALE_OK, also if there are mistakes; GALE_ENOMEM. */
gale_err gi_site_load(gi_conf **out, const gi_options *o, bool usual,
                      gi_report *wrong, gi_report *notes);

/* Of a setting of the list: its value or its default; never NULL. */
const char *gi_site_text(const gi_conf *site, const char *key);
int64_t gi_site_int(const gi_conf *site, const char *key);
bool gi_site_bool(const gi_conf *site, const char *key);
int64_t gi_site_ns(const gi_conf *site, const char *key); /* of seconds */

/* NULL for "". */
const char *gi_site_file(const gi_conf *site, const char *key);

/* A list, or words with commas between: `each` is called for each word, and
 * false ends it.  GALE_ENOMEM. */
gale_err gi_site_each(const gi_conf *site, const char *key,
                      bool (*each)(void *arg, const char *word), void *arg);

/* "host", "host:port", "[::1]:port" or a URL as a URL; false: it is none. */
bool gi_site_url(gi_strbuf *to, const char *word, uint16_t port, bool tls);

#endif
