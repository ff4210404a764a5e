/* What a node has to be told of topologies: those that it does not know as
 * they are now, and no more of them in one message than fit. */
#include <string.h>

#include "base/sha256.h"
#include "nimbus/nimbus_show.h"

/* Far less than a message may be: one that is long has to be there before who
 * waits for it gives it up, also over a slow net; and the orders for all the
 * slots that a node may have fit beside them, each of which is a few names.  A
 * single topology goes whole: nimbus_keep.h says how large one may be. */
enum { PART_MOST = 1 << 20 };

/* Of what it says, whatever it is written with: never 0. */
static bool weigh(gi_msg_topology *t, size_t *bytes)
{
    unsigned char sum[GI_SHA256_BYTES];
    gi_strbuf b = { 0 };
    gi_sha256 sha;

    t->digest = 0;
    gi_msg_write(&b, GI_M_topology, t);
    if (b.failed) {
        gi_strbuf_fini(&b);
        return false;
    }
    gi_sha256_begin(&sha);
    gi_sha256_add(&sha, b.at, b.len);
    gi_sha256_end(&sha, sum);
    for (unsigned i = 0; i < 8; i++)
        t->digest = t->digest << 8 | sum[i];
    t->digest = (t->digest & INT64_MAX) | 1;
    *bytes = b.len + 16; /* the digest */
    gi_strbuf_fini(&b);
    return true;
}

static bool is_known(const gi_msg_report *r, const gi_msg_topology *t)
{
    for (uint32_t i = 0; i < r->n_known; i++)
        if (r->known[i].digest == t->digest &&
            strcmp(r->known[i].id, t->id) == 0)
            return true;
    return false;
}

gale_err gi_nimbus_add(gi_msg_topology *t, const gi_msg_report *r,
                       size_t *bytes, gi_msg_orders *out)
{
    size_t more;

    if (!weigh(t, &more))
        return GALE_ENOMEM;
    if (r->parts && is_known(r, t))
        return GALE_OK;
    if (r->parts && out->n_topologies > 0 && *bytes + more > PART_MOST) {
        out->part = true;
        return GALE_OK;
    }
    *bytes += more;
    out->topologies[out->n_topologies++] = *t;
    return GALE_OK;
}
