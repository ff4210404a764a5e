#include "nimbus/zookeeper/store.h"

#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "nimbus/zookeeper/store_inside.h"

/* The first two of every batch: see store.h. */
enum { OP_OFFICE, OP_SUM, OPS_FIRST };

/* What a request has beside names and bytes, generously. */
enum { HEAD_BYTES = 256, OP_BYTES = 80, LEAST_IN_PIECES = 128 };

/* A batch on its way. */
typedef struct batch {
    gi_store_zk *s;
    const gi_store_change *changes;
    uint32_t n;
    uint64_t until_ms;
    gi_pool pool;
    gi_zk_ref *refs;    /* one a change */
    char **keys;        /* copies for pairs that are new; NULL */
    gi_store_sum *sums; /* of the new pairs */
    gi_store_sum sum;
    unsigned char raw[GI_STORE_SUM_BYTES];
    zoo_op_t *ops;
    uint32_t n_ops;
} batch;

/* ------------------------------------------------------------ planning -- */

static gale_err check(const gi_store_change *changes, size_t n, gale_diag *why)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(changes[i].key);

        if (len > 0 && len <= GI_STORE_KEY_MOST &&
            (changes[i].bytes == NULL ||
             changes[i].len <= GI_STORE_VALUE_MOST))
            continue;
        gi_diag_say(why,
                    "'%.60s': a key has 1 to %d bytes, and not more than %d "
                    "behind it; here are %zu",
                    changes[i].key, GI_STORE_KEY_MOST, GI_STORE_VALUE_MOST,
                    changes[i].len);
        return GALE_EINVAL;
    }
    return GALE_OK;
}

/* Bytes of the request if values beyond `most` go into pieces. */
static size_t size_of(const batch *b, size_t most)
{
    const gi_store_zk *s = b->s;
    size_t n = HEAD_BYTES, state = strlen(s->z->state),
           pieces = strlen(s->z->pieces);
    uint32_t at;

    for (uint32_t i = 0; i < b->n; i++) {
        const gi_store_change *c = &b->changes[i];

        n += OP_BYTES + state + 3 * strlen(c->key);
        if (c->bytes != NULL)
            n += c->len > most ? (size_t)GI_ZK_REF_MOST : c->len;
        if (gi_zk_find(s, c->key, &at))
            n += s->pairs[at].ref.n * (OP_BYTES + pieces + GI_ZK_ID_MOST);
    }
    return n;
}

/* Which values go into pieces: the large ones, until the rest fits. */
static bool choose(batch *b)
{
    size_t most = GI_ZK_PIECE;

    while (most >= LEAST_IN_PIECES && size_of(b, most) > GI_ZK_REQUEST)
        most /= 2;
    if (most < LEAST_IN_PIECES)
        return false;
    for (uint32_t i = 0; i < b->n; i++) {
        const gi_store_change *c = &b->changes[i];
        gi_zk_ref *r = &b->refs[i];

        if (c->bytes == NULL || c->len <= most)
            continue;
        /* No other of any time has it: the office's version is ours. */
        snprintf(r->id, sizeof(r->id), "%d.%llu", (int)b->s->office,
                 (unsigned long long)++b->s->z->ids);
        r->n = (uint32_t)((c->len + GI_ZK_PIECE - 1) / GI_ZK_PIECE);
        r->len = c->len;
    }
    return true;
}

static void reckon(batch *b)
{
    uint32_t at;

    b->sum = b->s->sum;
    for (uint32_t i = 0; i < b->n; i++) {
        const gi_store_change *c = &b->changes[i];

        if (gi_zk_find(b->s, c->key, &at))
            gi_zk_sum_take(&b->sum, &b->s->pairs[at].sum);
        if (c->bytes == NULL)
            continue;
        b->sums[i] = gi_zk_sum_of(c->key, c->bytes, c->len);
        gi_zk_sum_add(&b->sum, &b->sums[i]);
    }
    gi_store_sum_write(&b->sum, b->raw);
}

/* -------------------------------------------------------------- pieces -- */

/* Each request proves that we still lead: a value that is large, at a disk
 * that is slow, is no reason to give up while they go on. */
static uint64_t patience(batch *b)
{
    b->until_ms = gi_zk_now_ms() + b->s->z->l.session_ms;
    return b->until_ms;
}

static int put_piece(batch *b, const char *id, uint32_t k, const char *bytes,
                     size_t len)
{
    char *path = gi_zk_path_of_piece(b->s, &b->pool, id, k);
    zoo_op_t ops[2];
    bool again = false;
    uint32_t refused;
    int rc;

    if (path == NULL)
        return ZSYSTEMERROR;
    zoo_check_op_init(&ops[0], b->s->z->office, b->s->office);
    zoo_create_op_init(&ops[1], path, bytes, (int)len, &ZOO_OPEN_ACL_UNSAFE, 0,
                       NULL, 0);
    rc = gi_zk_multi(b->s, ops, 2, patience(b), &again, &refused);
    return rc == ZNODEEXISTS && again ? ZOK : rc;
}

static int put_pieces(batch *b)
{
    int rc = ZOK;

    for (uint32_t i = 0; i < b->n; i++) {
        const gi_zk_ref *r = &b->refs[i];
        const char *bytes = b->changes[i].bytes;

        for (uint32_t k = 0; rc == ZOK && k < r->n; k++) {
            size_t at = (size_t)k * GI_ZK_PIECE, left = r->len - at;

            rc = put_piece(b, r->id, k, bytes + at,
                           left < GI_ZK_PIECE ? left : GI_ZK_PIECE);
        }
    }
    return rc;
}

/* ----------------------------------------------------------- the batch -- */

/* The bytes of its node. */
static char *bytes_of(batch *b, uint32_t i, size_t *len)
{
    const gi_store_change *c = &b->changes[i];
    const gi_zk_ref *r = &b->refs[i];
    char *bytes =
        gi_pool_take(&b->pool, r->n > 0 ? GI_ZK_REF_MOST : c->len + 1, 1);

    if (bytes == NULL)
        return NULL;
    if (r->n > 0) {
        *len = gi_zk_ref_write(r, bytes);
        return bytes;
    }
    *bytes = 'v';
    memcpy(bytes + 1, c->bytes, c->len);
    *len = c->len + 1;
    return bytes;
}

static bool add_old_pieces(batch *b, const gi_zk_ref *r)
{
    for (uint32_t k = 0; k < r->n; k++) {
        char *path = gi_zk_path_of_piece(b->s, &b->pool, r->id, k);

        if (path == NULL)
            return false;
        zoo_delete_op_init(&b->ops[b->n_ops++], path, -1);
    }
    return true;
}

static bool add_change(batch *b, uint32_t i)
{
    const gi_store_change *c = &b->changes[i];
    uint32_t at;
    bool there = gi_zk_find(b->s, c->key, &at);
    char *path, *bytes = NULL;
    size_t len = 0;

    if (c->bytes == NULL && !there)
        return true;
    path = gi_zk_path_of(b->s, &b->pool, c->key);
    if (path != NULL && c->bytes != NULL)
        bytes = bytes_of(b, i, &len);
    if (path == NULL || (c->bytes != NULL && bytes == NULL))
        return false;
    if (c->bytes == NULL)
        zoo_delete_op_init(&b->ops[b->n_ops++], path, -1);
    else if (there)
        zoo_set_op_init(&b->ops[b->n_ops++], path, bytes, (int)len, -1, NULL);
    else
        zoo_create_op_init(&b->ops[b->n_ops++], path, bytes, (int)len,
                           &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0);
    return !there || add_old_pieces(b, &b->s->pairs[at].ref);
}

static bool add_all(batch *b)
{
    gi_leader_zk *z = b->s->z;
    size_t most = OPS_FIRST + b->n;
    uint32_t at;

    for (uint32_t i = 0; i < b->n; i++)
        if (gi_zk_find(b->s, b->changes[i].key, &at))
            most += b->s->pairs[at].ref.n;
    b->ops = gi_pool_take(&b->pool, most, sizeof(*b->ops));
    if (b->ops == NULL)
        return false;
    zoo_check_op_init(&b->ops[OP_OFFICE], z->office, b->s->office);
    zoo_set_op_init(&b->ops[OP_SUM], z->state, (const char *)b->raw,
                    sizeof(b->raw), b->s->version, NULL);
    b->n_ops = OPS_FIRST;
    for (uint32_t i = 0; i < b->n; i++)
        if (!add_change(b, i))
            return false;
    return true;
}

/* The sum is not as it was.  Was that this batch, sent twice? */
static bool was_done(batch *b)
{
    gi_zk_call *c;
    bool rv;

    if (gi_zk_fetch(b->s, b->s->z->state, false, b->until_ms, &c) != ZOK)
        return false;
    rv = c->version == b->s->version + 1 && c->len == sizeof(b->raw) &&
         memcmp(c->bytes, b->raw, sizeof(b->raw)) == 0;
    gi_zk_call_free(c);
    return rv;
}

static gale_err send_batch(batch *b, gale_diag *why)
{
    bool again = false;
    uint32_t refused;
    int rc =
        gi_zk_multi(b->s, b->ops, b->n_ops, patience(b), &again, &refused);

    if (rc == ZBADVERSION && refused == OP_SUM && again && was_done(b))
        rc = ZOK;
    if (rc == ZOK)
        return GALE_OK;
    gi_zk_say(b->s, rc, why);
    if (why != NULL && rc == ZBADVERSION)
        snprintf(
            why->text, sizeof(why->text), "ZooKeeper, %s: %s", b->s->z->root,
            refused == OP_OFFICE ? "another Nimbus leads now"
                                 : "somebody else has changed what is there");
    return rc == ZSYSTEMERROR ? GALE_ENOMEM : GALE_EIO;
}

/* ------------------------------------------------------ what it leaves -- */

static gale_err copy_keys(batch *b)
{
    uint32_t at;

    for (uint32_t i = 0; i < b->n; i++) {
        if (b->changes[i].bytes == NULL ||
            gi_zk_find(b->s, b->changes[i].key, &at))
            continue;
        b->keys[i] = gi_strdup(b->changes[i].key);
        if (b->keys[i] == NULL)
            return GALE_ENOMEM;
    }
    return gi_zk_reserve(b->s, b->n);
}

static void take_over(batch *b)
{
    gi_store_zk *s = b->s;
    uint32_t at;

    for (uint32_t i = 0; i < b->n; i++) {
        bool there = gi_zk_find(s, b->changes[i].key, &at);

        if (b->changes[i].bytes == NULL) {
            if (there)
                gi_zk_remove(s, at);
        } else if (there) {
            s->pairs[at].sum = b->sums[i];
            s->pairs[at].ref = b->refs[i];
        } else {
            gi_zk_insert(s, at,
                         (gi_zk_pair){ b->keys[i], b->sums[i], b->refs[i] });
            b->keys[i] = NULL;
        }
    }
    s->sum = b->sum;
    s->version++;
}

static gale_err carry_out(batch *b, gale_diag *why)
{
    gale_err rv;
    int rc;

    b->refs = gi_pool_take(&b->pool, b->n, sizeof(*b->refs));
    b->keys = gi_pool_take(&b->pool, b->n, sizeof(*b->keys));
    b->sums = gi_pool_take(&b->pool, b->n, sizeof(*b->sums));
    if (b->refs == NULL || b->keys == NULL || b->sums == NULL)
        return GALE_ENOMEM;
    if (!choose(b)) {
        gi_diag_say(why,
                    "ZooKeeper, %s: %u changes are more than one request of "
                    "%d bytes can hold",
                    b->s->z->root, b->n, (int)GI_ZK_REQUEST);
        return GALE_ELIMIT;
    }
    reckon(b);
    rv = copy_keys(b);
    if (rv == GALE_OK && !add_all(b))
        rv = GALE_ENOMEM;
    if (rv != GALE_OK)
        return rv;
    rc = put_pieces(b);
    return rc == ZOK ? send_batch(b, why) : gi_zk_say(b->s, rc, why);
}

static gale_err no_pair(void *arg, const char *key, const void *bytes,
                        size_t len)
{
    (void)arg;
    (void)key;
    (void)bytes;
    (void)len;
    return GALE_OK;
}

static gale_err commit(void *self, const gi_store_change *changes, size_t n,
                       gale_diag *why)
{
    gi_store_zk *s = self;
    batch b = { .s = s, .changes = changes, .n = (uint32_t)n };
    gale_err rv = check(changes, n, why);

    if (rv != GALE_OK || n == 0)
        return rv;
    if (s->failed) {
        gi_diag_say(why,
                    "ZooKeeper, %s: an earlier write failed; what is there "
                    "has to be read anew",
                    s->z->root);
        return GALE_EIO;
    }
    if (!s->loaded)
        rv = gi_zk_load(s, no_pair, NULL, why);
    if (rv == GALE_OK)
        rv = carry_out(&b, why);
    if (rv == GALE_OK) {
        take_over(&b);
    } else {
        s->failed = true;
        gi_leader_zk_resign(s->z);
    }
    for (uint32_t i = 0; b.keys != NULL && i < b.n; i++)
        gi_free(b.keys[i]);
    gi_pool_fini(&b.pool);
    return rv;
}

static void shut(void *self)
{
    gi_store_zk *s = self;

    if (s == NULL)
        return;
    gi_zk_forget(s);
    gi_free(s);
}

gale_err gi_store_zk_open(gi_store *out, gi_leader_zk *z, gale_diag *why)
{
    gi_store_zk *s = gi_alloc(sizeof(*s));

    if (why != NULL)
        why->text[0] = '\0';
    if (s == NULL)
        return GALE_ENOMEM;
    s->z = z;
    s->office = gi_leader_version(&z->l);
    *out = (gi_store){ s, gi_zk_load, commit, shut };
    return GALE_OK;
}
