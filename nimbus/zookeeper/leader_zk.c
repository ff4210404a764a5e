#include <stdio.h>
#include <string.h>

#include "base/env.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "nimbus/zookeeper/leader_inside.h"

static void note(const gi_leader_zk *z, bool bad, const char *text)
{
    if (z->o.note != NULL)
        z->o.note(z->o.arg, bad, text);
}

/* ------------------------------------------------ what the client says -- */

/* On its thread: noted, no more. */

static void on_event(zhandle_t *zh, int type, int state, const char *path,
                     void *context)
{
    gi_leader_zk *z = context;

    (void)zh;
    (void)path;
    pthread_mutex_lock(&z->mtx);
    if (type != ZOO_SESSION_EVENT) {
        z->changed = true;
    } else if (state == ZOO_CONNECTED_STATE) {
        z->connected = true;
    } else {
        z->broke = true;
        z->connected = false;
        z->ended = z->ended || state == ZOO_EXPIRED_SESSION_STATE ||
                   state == ZOO_AUTH_FAILED_STATE;
    }
    pthread_cond_broadcast(&z->cv);
    pthread_mutex_unlock(&z->mtx);
    if (z->o.wake != NULL)
        z->o.wake(z->o.arg);
}

/* What it would say on stderr we say in our own log. */
static void say_nothing(const char *message)
{
    (void)message;
}

/* ------------------------------------------------------------ sessions -- */

static void drop_done(gi_leader_zk *z)
{
    gi_zk_call *c, *next;

    pthread_mutex_lock(&z->mtx);
    c = z->done;
    z->done = NULL;
    z->done_end = &z->done;
    z->connected = z->broke = z->ended = z->changed = false;
    pthread_mutex_unlock(&z->mtx);
    for (; c != NULL; c = next) {
        next = c->next;
        gi_zk_call_free(c);
    }
}

void gi_zk_close_session(gi_leader_zk *z)
{
    if (z->zh != NULL)
        zookeeper_close(z->zh);
    z->zh = NULL;
    drop_done(z);
    gi_free(z->node);
    z->node = NULL;
}

static void open_session(gi_leader_zk *z)
{
    char name[GI_LEADER_NAME + 1];
    uint64_t now = gi_zk_now_ms();

    z->session++;
    z->made = z->complained = false;
    z->since_ms = now;
    z->zh = zookeeper_init2(z->servers, on_event, (int)z->o.session_ms, NULL,
                            z, 0, say_nothing);
    if (z->zh == NULL) {
        snprintf(z->trouble, sizeof(z->trouble), "none of %.100s can be found",
                 z->servers);
        gi_leader_did(&z->l, GI_WANT_OPEN, GI_WENT_WRONG, NULL, now, now);
        return;
    }
    snprintf(name, sizeof(name), "%016llx%016llx",
             (unsigned long long)gi_env_real.entropy(gi_env_real.arg),
             (unsigned long long)gi_env_real.entropy(gi_env_real.arg));
    gi_leader_opened(&z->l, name);
}

/* --------------------------------------------------------------- doing -- */

/* ROOT may be "/a/b"; each of them has to be there. */
static void make_all(gi_leader_zk *z)
{
    char *at = z->root;

    if (z->made)
        return;
    for (at = strchr(at + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        gi_zk_make(z, z->root);
        *at = '/';
    }
    gi_zk_make(z, z->root);
    gi_zk_make(z, z->election);
    gi_zk_make(z, z->office);
    gi_zk_make(z, z->state);
    gi_zk_make(z, z->pieces);
    z->made = true;
}

static char *joined(const char *a, const char *b, const char *c)
{
    gi_strbuf s = { 0 };

    gi_strbuf_printf(&s, "%s%s%s", a, b, c);
    return gi_strbuf_take(&s);
}

static int begin_enter(gi_leader_zk *z, gi_zk_call *c)
{
    char *tail = joined("/", z->l.name, "-");
    char *path = tail == NULL ? NULL : joined(z->election, tail, "");
    int rc = ZSYSTEMERROR;

    if (path != NULL)
        rc = gi_zk_begin_enter(c, path, z->url);
    gi_free(tail);
    gi_free(path);
    return rc;
}

static int begin_take(gi_leader_zk *z, gi_zk_call *c)
{
    char *bytes = joined(z->l.name, " ", z->url);
    zoo_op_t ops[2];
    int rc = ZSYSTEMERROR;

    if (bytes != NULL && z->node != NULL) {
        zoo_check_op_init(&ops[0], z->node, -1);
        zoo_set_op_init(&ops[1], z->office, bytes, (int)strlen(bytes),
                        gi_leader_version(&z->l), NULL);
        rc = gi_zk_begin_multi(c, ops, 2);
    }
    gi_free(bytes);
    return rc;
}

static int begin_beat(gi_leader_zk *z, gi_zk_call *c)
{
    zoo_op_t op;

    zoo_check_op_init(&op, z->office, gi_leader_version(&z->l));
    return gi_zk_begin_multi(c, &op, 1);
}

static int begin(gi_leader_zk *z, gi_want what, gi_zk_call *c)
{
    switch (what) {
    case GI_WANT_LOOK:
        make_all(z);
        return gi_zk_begin_look(c, z->office, z->election);
    case GI_WANT_ENTER:
        return begin_enter(z, c);
    case GI_WANT_TAKE:
        return begin_take(z, c);
    default:
        return begin_beat(z, c);
    }
}

static void went_wrong(gi_leader_zk *z, int rc)
{
    snprintf(z->trouble, sizeof(z->trouble), "%.100s: %s", z->root,
             rc == ZSYSTEMERROR ? "out of memory" : zerror(rc));
    note(z, true, z->trouble);
}

static void act(gi_leader_zk *z, gi_want what)
{
    uint64_t now = gi_zk_now_ms();
    gi_zk_call *c;
    int rc = ZSYSTEMERROR;

    if (what == GI_WANT_CLOSE) {
        gi_zk_close_session(z);
        return;
    }
    if (what == GI_WANT_OPEN) {
        open_session(z);
        return;
    }
    c = gi_zk_call_make(z, what, 2);
    if (c != NULL)
        rc = begin(z, what, c);
    if (rc == ZOK)
        return;
    gi_zk_call_free(c);
    if (rc == ZINVALIDSTATE) { /* which we shall hear of otherwise too */
        gi_leader_ended(&z->l);
        return;
    }
    if (rc != ZCONNECTIONLOSS) /* which is no news */
        went_wrong(z, rc);
    gi_leader_did(&z->l, what, GI_WENT_WRONG, NULL, now, now);
}

/* ------------------------------------------------------- what was done -- */

/* The holder's name and url, cut apart in place: "NAME URL". */
static void read_office(gi_zk_call *c, gi_leader_look *look)
{
    char *space = c->bytes == NULL ? NULL : strchr(c->bytes, ' ');

    look->holder = look->url = "";
    if (space == NULL || space - c->bytes != GI_LEADER_NAME ||
        strlen(space + 1) > GI_LEADER_URL_MOST)
        return;
    *space = '\0';
    look->holder = c->bytes;
    look->url = space + 1;
}

static bool find_node(gi_leader_zk *z, const gi_zk_call *c)
{
    gi_free(z->node);
    z->node = NULL;
    for (uint32_t i = 0; i < c->n_names; i++)
        if (strncmp(c->names[i], z->l.name, GI_LEADER_NAME) == 0) {
            z->node = joined(z->election, "/", c->names[i]);
            return z->node != NULL;
        }
    return true;
}

static gi_went how_it_went(gi_leader_zk *z, const gi_zk_call *c)
{
    if (c->rc == ZOK)
        return GI_WENT_WELL;
    if (gi_zk_unknown(c->rc))
        return GI_WENT_UNKNOWN;
    if (c->rc == ZNONODE)
        z->made = false; /* somebody cleared up */
    if ((c->rc == ZBADVERSION || c->rc == ZNONODE) &&
        (c->what == GI_WANT_TAKE || c->what == GI_WANT_BEAT))
        return GI_WENT_REFUSED;
    if (c->rc == ZSESSIONEXPIRED)
        return GI_WENT_UNKNOWN; /* he is told of it too */
    went_wrong(z, c->rc);
    return GI_WENT_WRONG;
}

static void did(gi_leader_zk *z, gi_zk_call *c)
{
    uint64_t now = gi_zk_now_ms();
    gi_went how = how_it_went(z, c);
    gi_leader_look look = { 0 };

    if (c->session != z->session || z->zh == NULL)
        return;
    if (c->what == GI_WANT_LOOK && how == GI_WENT_WELL) {
        if (!find_node(z, c))
            how = GI_WENT_WRONG;
        read_office(c, &look);
        look.version = c->version;
        look.names = (const char *const *)c->names;
        look.n_names = c->n_names;
    }
    gi_leader_did(&z->l, c->what, how, &look, c->begun_ms, now);
}

/* -------------------------------------------------------------- a turn -- */

typedef struct news {
    bool connected, broke, ended, changed;
    gi_zk_call *done;
} news;

static news take_news(gi_leader_zk *z)
{
    news n;

    pthread_mutex_lock(&z->mtx);
    n = (news){ z->connected, z->broke, z->ended, z->changed, z->done };
    z->broke = z->changed = false;
    z->done = NULL;
    z->done_end = &z->done;
    pthread_mutex_unlock(&z->mtx);
    return n;
}

static void tell_session(gi_leader_zk *z, const news *n)
{
    bool was = z->l.connected;
    uint64_t now = gi_zk_now_ms();

    if (n->broke)
        gi_leader_disconnected(&z->l);
    if (n->ended) {
        note(z, true, "the session with ZooKeeper has ended; begins another");
        gi_leader_ended(&z->l);
    } else if (n->connected && !z->l.connected && z->l.open) {
        gi_leader_connected(&z->l, (uint32_t)zoo_recv_timeout(z->zh), now);
    }
    if (n->changed)
        gi_leader_changed(&z->l);
    if (was != z->l.connected) {
        z->since_ms = now;
        if (z->l.connected && z->complained)
            note(z, false, "reached ZooKeeper");
        z->complained = false;
    }
}

static void complain(gi_leader_zk *z)
{
    gale_diag words;

    if (z->l.connected || z->complained ||
        gi_zk_now_ms() < z->since_ms + z->o.connect_ms)
        return;
    z->complained = true;
    gi_leader_zk_tell(z, &words);
    note(z, true, words.text);
}

static void say_what_changed(gi_leader_zk *z, gi_standing now)
{
    char text[GI_LEADER_URL_MOST + 64];

    if (now == GI_DOUBTS && z->stood != now)
        note(z, true,
             "cannot know whether it leads any more: decides nothing");
    if (now == GI_LEADS && z->stood == GI_DOUBTS)
        note(z, false, "still leads");
    z->stood = now;
    if (now == GI_STANDS_BY && strcmp(z->led, z->l.url) != 0) {
        if (z->l.url[0] == '\0')
            snprintf(text, sizeof(text), "nobody leads");
        else
            snprintf(text, sizeof(text), "stands by; %s leads", z->l.url);
        note(z, false, text);
    }
    snprintf(z->led, sizeof(z->led), "%s", z->l.url);
}

gi_standing gi_leader_zk_turn(gi_leader_zk *z)
{
    news n = take_news(z);
    gi_zk_call *next;
    gi_standing stands;
    gi_want w;

    if (z->zh != NULL)
        tell_session(z, &n);
    for (gi_zk_call *c = n.done; c != NULL; c = next) {
        next = c->next;
        did(z, c);
        gi_zk_call_free(c);
    }
    while ((w = gi_leader_next(&z->l, gi_zk_now_ms())) != GI_WANT_NOTHING)
        act(z, w);
    complain(z);
    stands = gi_leader_zk_standing(z);
    say_what_changed(z, stands);
    return stands;
}

gi_standing gi_leader_zk_standing(const gi_leader_zk *z)
{
    return gi_leader_standing(&z->l, gi_zk_now_ms());
}

uint32_t gi_leader_zk_due_ms(const gi_leader_zk *z)
{
    uint64_t now = gi_zk_now_ms(), due = gi_leader_due(&z->l, now);

    if (!z->l.connected && !z->complained &&
        z->since_ms + z->o.connect_ms < due)
        due = z->since_ms + z->o.connect_ms;
    if (due == UINT64_MAX)
        return UINT32_MAX;
    due = due > now ? due - now : 0;
    return due < UINT32_MAX ? (uint32_t)due : UINT32_MAX;
}

const char *gi_leader_zk_url(const gi_leader_zk *z)
{
    switch (gi_leader_zk_standing(z)) {
    case GI_LEADS:
        return z->url;
    case GI_DOUBTS:
        return "";
    default:
        return gi_leader_url(&z->l);
    }
}

uint64_t gi_leader_zk_number(const gi_leader_zk *z)
{
    return (uint64_t)(uint32_t)gi_leader_version(&z->l);
}

void gi_leader_zk_resign(gi_leader_zk *z)
{
    gi_leader_resign(&z->l, gi_zk_now_ms());
}

void gi_leader_zk_tell(const gi_leader_zk *z, gale_diag *out)
{
    if (!z->l.connected)
        snprintf(out->text, sizeof(out->text),
                 "no connection to ZooKeeper at %.200s for %d s%s%s",
                 z->servers, (int)((gi_zk_now_ms() - z->since_ms) / 1000),
                 z->trouble[0] == '\0' ? "" : "; ", z->trouble);
    else if (z->l.url[0] == '\0')
        snprintf(out->text, sizeof(out->text),
                 "no Nimbus leads now; %u stand before this one%s%s",
                 z->l.ahead, z->trouble[0] == '\0' ? "" : "; ", z->trouble);
    else
        snprintf(out->text, sizeof(out->text), "%s leads", z->l.url);
}
