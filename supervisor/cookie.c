#include "supervisor/cookie.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

gale_err gi_cookie_make(gi_cookie *c, const char *node, uint16_t port,
                        uint64_t incarnation, const gi_order *order)
{
    *c = (gi_cookie){
        .port = port,
        .incarnation = incarnation,
        .since = order->since,
    };
    if (!gi_order_name_ok(node, GI_NODE_ID_MOST) ||
        !gi_order_name_ok(order->program, GI_PROGRAM_MOST) ||
        !gi_order_name_ok(order->topology, GI_TOPOLOGY_ID_MOST) || port == 0 ||
        incarnation == 0)
        return GALE_EINVAL;
    memcpy(c->node, node, strlen(node) + 1);
    memcpy(c->program, order->program, strlen(order->program) + 1);
    memcpy(c->topology, order->topology, strlen(order->topology) + 1);
    return GALE_OK;
}

size_t gi_cookie_write(const gi_cookie *c, char *text, size_t size)
{
    int n = snprintf(
        text, size, GI_COOKIE_NAME "=%s/%u/%" PRIx64 "/%" PRIx64 "/%s/%s",
        c->node, c->port, c->incarnation, c->since, c->program, c->topology);

    return n < 0 || (size_t)n >= size ? 0 : (size_t)n;
}

/* The name up to the next '/', or up to the end if it is the last. */
static bool take_name(const char **at, bool last, char *out, size_t most)
{
    size_t len = strcspn(*at, "/");

    if (len > most || ((*at)[len] == '\0') != last)
        return false;
    memcpy(out, *at, len);
    out[len] = '\0';
    *at += last ? len : len + 1;
    return gi_order_name_ok(out, most);
}

static bool take_number(const char **at, int base, uint64_t *out)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = strspn(*at, digits);
    char *end;

    if (len == 0 || len > 20 || (*at)[len] != '/')
        return false;
    errno = 0;
    *out = strtoull(*at, &end, base);
    if (errno != 0 || *end != '/')
        return false;
    *at = end + 1;
    return true;
}

gale_err gi_cookie_read(gi_cookie *c, const char *text)
{
    gi_cookie got = { 0 };
    uint64_t port;

    if (!take_name(&text, false, got.node, GI_NODE_ID_MOST) ||
        !take_number(&text, 10, &port) ||
        !take_number(&text, 16, &got.incarnation) ||
        !take_number(&text, 16, &got.since) ||
        !take_name(&text, false, got.program, GI_PROGRAM_MOST) ||
        !take_name(&text, true, got.topology, GI_TOPOLOGY_ID_MOST) ||
        port > UINT16_MAX || got.incarnation == 0)
        return GALE_EFORMAT;
    got.port = (uint16_t)port;
    *c = got;
    return GALE_OK;
}
