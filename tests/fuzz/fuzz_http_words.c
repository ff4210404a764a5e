/* Any bytes as the path and the headers of a question by HTTP: understood
 * without reading beyond them, what is understood is no longer than what was
 * said, and a path that is made of it means the same. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "drpc/server/http_words.h"

static void put(gi_strbuf *to, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        gi_strbuf_printf(to, "%%%02x", (unsigned char)s[i]);
}

static void again(const gi_http_path *p)
{
    gi_strbuf uri = { 0 };
    gi_http_path q;
    bool well;

    gi_strbuf_puts(&uri, "/drpc/");
    put(&uri, p->function, strlen(p->function));
    if (p->has_args)
        gi_strbuf_puts(&uri, "/");
    put(&uri, p->args.at, p->args.len);
    well = gi_http_path_read(&q, uri.at);
    assert(well && strcmp(q.function, p->function) == 0);
    assert(q.has_args == p->has_args && q.args.len == p->args.len);
    assert(p->args.len == 0 ||
           memcmp(q.args.at, p->args.at, p->args.len) == 0);
    gi_http_path_fini(&q);
    gi_strbuf_fini(&uri);
}

static void as_path(const char *text)
{
    gi_http_path p;

    if (gi_http_path_read(&p, text)) {
        assert(strlen(p.function) + p.args.len <= strlen(text));
        again(&p);
    } else {
        assert(p.args.len == 0 && p.function[0] == '\0');
    }
    gi_http_path_fini(&p);
}

static void as_headers(const char *text)
{
    const char *token = gi_http_bearer(text);

    assert(token == NULL ||
           (token > text && *token != '\0' && token < text + strlen(text)));
    assert(gi_http_is_foreign(text, NULL));
    gi_http_is_foreign(NULL, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = gi_alloc(len + 8);

    if (text == NULL)
        return 0;
    memcpy(text, "/drpc/", 6);
    if (len > 0)
        memcpy(text + 6, data, len);
    text[6 + len] = '\0';
    as_path(text);
    as_path(text + 6);
    as_headers(text + 6);
    gi_free(text);
    return 0;
}
