/* record_bytes.c -- a record as bytes.
 *
 *   8 magic | 4 version | 4 length of all | what follows | 4 CRC-32C of all
 *   before it.  Numbers are little-endian; a text has its length before it.
 *   Of the four bytes of a port the upper two are marks.
 */
#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "supervisor/record.h"

static const char magic[8] = { 'G', 'A', 'L', 'E', 'N', 'O', 'D', 'E' };

enum { VERSION = 1, HEAD = 16, TAIL = 4, PORTS_MOST = UINT16_MAX };
enum { PATIENT = 1 << 16 };

static void put_u32(gi_strbuf *b, uint32_t v)
{
    char bytes[4];

    gi_put_le32(bytes, v);
    gi_strbuf_add(b, bytes, sizeof(bytes));
}

static void put_u64(gi_strbuf *b, uint64_t v)
{
    put_u32(b, (uint32_t)v);
    put_u32(b, (uint32_t)(v >> 32));
}

static void put_text(gi_strbuf *b, const char *s)
{
    put_u32(b, (uint32_t)strlen(s));
    gi_strbuf_puts(b, s);
}

static void put_placed(gi_strbuf *b, const gi_placed *p)
{
    put_u32(b, p->port | (p->order.patient ? PATIENT : 0));
    put_u64(b, p->order.since);
    put_u64(b, p->order.version);
    put_text(b, p->order.topology);
    put_text(b, p->order.program);
    put_u32(b, p->order.n_executors);
    for (uint32_t i = 0; i < p->order.n_executors; i++) {
        put_u32(b, p->order.executors[i].first);
        put_u32(b, p->order.executors[i].end);
    }
}

gale_err gi_record_encode(const gi_record *r, char **bytes, size_t *len)
{
    gi_strbuf b = { 0 };

    gi_strbuf_add(&b, magic, sizeof(magic));
    put_u32(&b, VERSION);
    put_u32(&b, 0); /* the length, when it is known */
    put_text(&b, r->boot);
    put_u64(&b, r->version);
    put_u64(&b, r->last);
    put_u32(&b, r->n_placed);
    for (uint32_t i = 0; i < r->n_placed; i++)
        put_placed(&b, &r->placed[i]);
    put_u32(&b, r->n_running);
    for (uint32_t i = 0; i < r->n_running; i++) {
        put_u64(&b, r->running[i].incarnation);
        put_u64(&b, r->running[i].began);
        put_u32(&b, (uint32_t)r->running[i].pid);
        put_placed(&b, &r->running[i].as);
    }
    if (!b.failed) {
        gi_put_le32(b.at + sizeof(magic) + 4, (uint32_t)b.len + TAIL);
        put_u32(&b, gi_crc32c(0, b.at, b.len));
    }
    *len = b.len;
    *bytes = gi_strbuf_take(&b);
    return *bytes == NULL ? GALE_ENOMEM : GALE_OK;
}

/* Bytes yet to be read, and room for what is not a number.  What is read takes
 * no more room than its bytes: two numbers of 4 are a span, and a text loses
 * its length and gains a NUL. */
struct reader {
    const char *at, *end;
    char *room;
    bool bad;
};

static uint32_t get_u32(struct reader *r)
{
    uint32_t v;

    if (r->end - r->at < 4) {
        r->bad = true;
        return 0;
    }
    v = gi_get_le32(r->at);
    r->at += 4;
    return v;
}

static uint64_t get_u64(struct reader *r)
{
    uint64_t low = get_u32(r);

    return low | (uint64_t)get_u32(r) << 32;
}

static const char *get_text(struct reader *r)
{
    uint32_t len = get_u32(r);
    char *text = r->room;

    if (r->bad || len > (size_t)(r->end - r->at)) {
        r->bad = true;
        return "";
    }
    memcpy(text, r->at, len);
    text[len] = '\0';
    r->bad = strlen(text) != len;
    r->at += len;
    r->room += (len + 1 + 3) / 4 * 4; /* what follows may be numbers */
    return text;
}

static void get_placed(struct reader *r, gi_placed *p)
{
    uint32_t marked = get_u32(r), port = marked & ~(uint32_t)PATIENT;
    gi_span *spans;

    p->port = (uint16_t)port;
    p->order.patient = port != marked;
    p->order.since = get_u64(r);
    p->order.version = get_u64(r);
    p->order.topology = get_text(r);
    p->order.program = r->bad ? "" : get_text(r);
    p->order.n_executors = get_u32(r);
    if (r->bad || port == 0 || port > PORTS_MOST ||
        p->order.n_executors > (size_t)(r->end - r->at) / 8) {
        r->bad = true;
        return;
    }
    spans = (gi_span *)(void *)r->room;
    p->order.executors = spans;
    for (uint32_t i = 0; i < p->order.n_executors; i++) {
        spans[i].first = get_u32(r);
        spans[i].end = get_u32(r);
    }
    r->room += p->order.n_executors * sizeof(gi_span);
}

/* So many things follow, of at least `least` bytes each; room for them. */
static void *get_list(struct reader *r, uint32_t *n, size_t least, size_t size,
                      gale_err *rv)
{
    void *list;

    *n = get_u32(r);
    if (r->bad || *n > PORTS_MOST || *n > (size_t)(r->end - r->at) / least) {
        *n = 0;
        r->bad = true;
        return NULL;
    }
    list = gi_calloc(*n, size);
    if (list == NULL) {
        *n = 0;
        r->bad = true;
        *rv = GALE_ENOMEM;
    }
    return list;
}

static gale_err get_record(struct reader *r, gi_record *out)
{
    enum { PLACED_LEAST = 32, RUNNING_LEAST = 20 + PLACED_LEAST };
    gale_err rv = GALE_EFORMAT;
    const char *boot = get_text(r);

    if (r->bad || strlen(boot) > GI_BOOT_ID)
        return rv;
    memcpy(out->boot, boot, strlen(boot) + 1);
    out->version = get_u64(r);
    out->last = get_u64(r);
    out->placed =
        get_list(r, &out->n_placed, PLACED_LEAST, sizeof(*out->placed), &rv);
    for (uint32_t i = 0; i < out->n_placed && !r->bad; i++)
        get_placed(r, &out->placed[i]);
    if (r->bad)
        return rv;
    out->running = get_list(r, &out->n_running, RUNNING_LEAST,
                            sizeof(*out->running), &rv);
    for (uint32_t i = 0; i < out->n_running && !r->bad; i++) {
        out->running[i].incarnation = get_u64(r);
        out->running[i].began = get_u64(r);
        out->running[i].pid = (int32_t)get_u32(r);
        get_placed(r, &out->running[i].as);
    }
    return r->bad || r->at != r->end ? rv : GALE_OK;
}

gale_err gi_record_decode(gi_record *out, const char *bytes, size_t len)
{
    gi_record got = { 0 };
    struct reader r;
    gale_err rv;

    if (len < HEAD + TAIL || memcmp(bytes, magic, sizeof(magic)) != 0 ||
        gi_get_le32(bytes + sizeof(magic)) != VERSION ||
        gi_get_le32(bytes + sizeof(magic) + 4) != len ||
        gi_get_le32(bytes + len - TAIL) != gi_crc32c(0, bytes, len - TAIL))
        return GALE_EFORMAT;
    got.memory = gi_alloc(len);
    if (got.memory == NULL)
        return GALE_ENOMEM;
    r = (struct reader){ bytes + HEAD, bytes + len - TAIL, got.memory, false };
    rv = get_record(&r, &got);
    if (rv == GALE_OK)
        *out = got;
    else
        gi_record_fini(&got);
    return rv;
}
