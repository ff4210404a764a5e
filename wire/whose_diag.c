/* The kernel asked about one connection (sock_diag(7)), which costs little
 * however many there are. */
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/whose.h"

enum { ESTABLISHED = 1, LISTEN = 10 };

typedef struct request {
    struct nlmsghdr head;
    struct inet_diag_req_v2 what;
} request;

/* Seen from his end. */
static bool make(request *r, const nng_sockaddr *ours, const nng_sockaddr *his)
{
    struct inet_diag_sockid *id = &r->what.id;

    *r = (request){ .head = { .nlmsg_len = sizeof(*r),
                              .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                              .nlmsg_flags = NLM_F_REQUEST },
                    .what = { .sdiag_protocol = IPPROTO_TCP,
                              .idiag_states = ~0u } };
    id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    if (ours->s_family != his->s_family)
        return false;
    if (ours->s_family == NNG_AF_INET) {
        r->what.sdiag_family = AF_INET;
        id->idiag_sport = his->s_in.sa_port;
        id->idiag_dport = ours->s_in.sa_port;
        memcpy(id->idiag_src, &his->s_in.sa_addr, 4);
        memcpy(id->idiag_dst, &ours->s_in.sa_addr, 4);
        return true;
    }
    r->what.sdiag_family = AF_INET6;
    id->idiag_sport = his->s_in6.sa_port;
    id->idiag_dport = ours->s_in6.sa_port;
    memcpy(id->idiag_src, his->s_in6.sa_addr, 16);
    memcpy(id->idiag_dst, ours->s_in6.sa_addr, 16);
    return ours->s_family == NNG_AF_INET6;
}

/* Who listens at his port on this machine is not he. */
static bool understand(const struct nlmsghdr *head, size_t len, gi_whose *out,
                       uint32_t *uid)
{
    struct inet_diag_msg said;
    struct nlmsgerr no;

    if (len >= NLMSG_LENGTH(sizeof(no)) && head->nlmsg_type == NLMSG_ERROR) {
        memcpy(&no, NLMSG_DATA(head), sizeof(no));
        *out = GI_WHOSE_ELSEWHERE;
        return no.error == -ENOENT;
    }
    if (len < NLMSG_LENGTH(sizeof(said)) ||
        head->nlmsg_type != SOCK_DIAG_BY_FAMILY)
        return false;
    memcpy(&said, NLMSG_DATA(head), sizeof(said));
    *uid = said.idiag_uid;
    *out = said.idiag_state == LISTEN ? GI_WHOSE_ELSEWHERE
           : said.idiag_state == ESTABLISHED && said.idiag_inode != 0
               ? GI_WHOSE_KNOWN
               : GI_WHOSE_UNCLEAR;
    return true;
}

bool gi_whose_ask(const nng_sockaddr *ours, const nng_sockaddr *his,
                  gi_whose *out, uint32_t *uid)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    union {
        struct nlmsghdr head;
        char bytes[1024];
    } answer;
    ssize_t n = -1;
    request r;

    if (fd >= 0 && make(&r, ours, his) &&
        send(fd, &r, sizeof(r), 0) == (ssize_t)sizeof(r)) {
        do
            n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT);
        while (n < 0 && errno == EINTR);
    }
    if (fd >= 0)
        close(fd);
    return n > 0 && understand(&answer.head, (size_t)n, out, uid);
}
