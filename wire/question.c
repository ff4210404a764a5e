/* A request as it came: is it one, and may he who sent it? */
#include "wire/answer_inside.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"
#include "wire/brief.h"

static bool shows_secret(const gi_secrets *s, const gi_msg_head *head)
{
    return *gi_secrets_secret(s) != '\0' &&
           gi_secrets_secret_is(s, head->secret);
}

/* Who shows the secret may do what clients may.  Where no secret was set the
 * token has to do for supervisors as well. */
/* What only supervisors and workers may do. */
static bool is_inner(const gi_verb_info *v)
{
    return v->who == GI_WHO_NODE || v->who == GI_WHO_WORKER;
}

/* A worker knows a word that was made of the secret and its topology. */
static bool shows_word(const gi_secrets *s, const gi_msg_head *head)
{
    char word[GI_BRIEF_WORD];
    unsigned differs = 0;

    if (*gi_secrets_secret(s) == '\0' || *head->topology == '\0' ||
        strlen(head->secret) != GI_BRIEF_WORD - 1 ||
        gi_brief_word(word, gi_secrets_secret(s), head->topology) != GALE_OK)
        return false;
    for (size_t i = 0; i < GI_BRIEF_WORD - 1; i++)
        differs |= (unsigned char)(word[i] ^ head->secret[i]);
    return differs == 0;
}

static bool may(const gi_secrets *s, const gi_verb_info *v,
                const gi_msg_head *head)
{
    if (shows_secret(s, head) ||
        (v->who == GI_WHO_WORKER && shows_word(s, head)))
        return true;
    if (is_inner(v) && *gi_secrets_secret(s) != '\0')
        return false;
    return *gi_secrets_token(s) == '\0' || gi_secrets_token_is(s, head->token);
}

static bool is_self_or_root(const gi_known *who)
{
    return who->uid == 0 || who->uid == (uint32_t)geteuid();
}

/* Is he on this machine, and not who he says?  Root can be anybody there, and
 * whose daemon this is has all that it keeps. */
static gale_err check_user(const gi_known *who, const gi_verb_info *v,
                           const char *user, gale_diag *why)
{
    gale_err e = GALE_OK;
    char *name;

    if (who->whose == GI_WHOSE_UNCLEAR) {
        gi_diag_say(why, "it cannot be told whose connection this is");
        return GALE_EINVAL;
    }
    if (who->whose == GI_WHOSE_ELSEWHERE || is_self_or_root(who))
        return GALE_OK;
    name = gi_whose_name(who->uid);
    if (name == NULL)
        return GALE_ENOMEM;
    if (is_inner(v)) {
        gi_diag_say(why,
                    "%s is not for user '%s': without gale.secret.file a "
                    "supervisor must be of the user who runs this daemon",
                    v->name, name);
        e = GALE_EINVAL;
    } else if (strcmp(name, user) != 0) {
        gi_diag_say(why, "'%s' is not who asks: this connection is of '%s'",
                    user, name);
        e = GALE_EINVAL;
    }
    gi_free(name);
    return e;
}

static gale_err refuse_user(const gi_may *m, const char *user, gale_diag *why)
{
    gi_diag_say(
        why, "this daemon does not obey '%.80s': nimbus.users has '%.80s'%s",
        user, m->users[0], m->n_users > 1 ? " and others" : "");
    return GALE_EINVAL;
}

/* Supervisors are no users. */
static gale_err check_obeyed(const gi_may *m, const gi_known *who,
                             const gi_verb_info *v, const char *user,
                             gale_diag *why)
{
    if (m->n_users == 0 || is_inner(v) ||
        (who->whose == GI_WHOSE_KNOWN && is_self_or_root(who)))
        return GALE_OK;
    for (uint32_t i = 0; i < m->n_users; i++)
        if (strcmp(m->users[i], user) == 0)
            return GALE_OK;
    return refuse_user(m, user, why);
}

static gale_err check(const gi_may *m, const gi_known *who,
                      const gi_msg_head *head, const gi_verb_info **verb,
                      gale_diag *why)
{
    const gi_secrets *s = m->secrets;
    const gi_verb_info *v;
    gale_err e;

    if (head->protocol != GI_MSG_PROTOCOL) {
        gi_diag_say(why,
                    "you speak protocol %" PRIu64 ", and this daemon (Gale %s)"
                    " protocol %d",
                    head->protocol, gale_version(), GI_MSG_PROTOCOL);
        return GALE_EINVAL;
    }
    v = gi_verb_of(head->verb);
    if (v == NULL) {
        gi_diag_say(why,
                    "verb %" PRIu64 " is not known to this daemon (Gale %s)",
                    head->verb, gale_version());
        return GALE_ENOTFOUND;
    }
    if (!may(s, v, head)) {
        gi_diag_say(why, "%s needs the cluster's %s, which was not shown%s",
                    v->name, is_inner(v) ? "secret" : "token",
                    is_inner(v) ? "" : "; see gale.token.file");
        return GALE_EINVAL;
    }
    *verb = v;
    if (shows_secret(s, head) ||
        (v->who == GI_WHO_WORKER && shows_word(s, head)))
        return GALE_OK;
    e = check_user(who, v, head->user, why);
    return e == GALE_OK ? check_obeyed(m, who, v, head->user, why) : e;
}

/* Who may not ask does not make us read what he asks. */
static gale_err understand(const gi_may *m, const gi_known *who, const char *p,
                           size_t len, gi_question *q, gale_diag *why)
{
    gi_pool *pool = &q->asked.pool;
    const gi_verb_info *verb = NULL;
    gi_msg_head head;
    size_t n;
    void *request;
    gale_err e;

    e = gi_msg_read(GI_M_head, p, len, pool, &head, &n, why);
    if (e == GALE_OK)
        e = check(m, who, &head, &verb, why);
    if (e != GALE_OK)
        return e;
    request = gi_pool_take(pool, 1, gi_msg_size(verb->request));
    if (request == NULL)
        return GALE_ENOMEM;
    e = gi_msg_read(verb->request, p + n, len - n, pool, request, NULL, why);
    q->asked.verb = (gi_verb_no)head.verb;
    q->asked.user = head.user;
    q->asked.topology = shows_word(m->secrets, &head) ? head.topology : "";
    q->asked.request = request;
    q->bytes = len;
    return e;
}

gale_err gi_question_read(const gi_may *m, const gi_known *who, const void *p,
                          size_t len, gi_question **out, gale_diag *why)
{
    gi_question *q;
    gale_err e;

    if (len > GI_MSG_MOST) {
        gi_diag_say(why, "a request of %zu bytes; %d are the most", len,
                    GI_MSG_MOST);
        return GALE_ELIMIT;
    }
    q = gi_alloc(sizeof(*q));
    e = q == NULL ? GALE_ENOMEM : understand(m, who, p, len, q, why);
    if (e == GALE_ENOMEM)
        gi_diag_say(why, "%s", gale_err_text(e));
    if (e != GALE_OK) {
        gi_question_free(q);
        return e;
    }
    *out = q;
    return GALE_OK;
}

void gi_question_free(gi_question *q)
{
    if (q == NULL)
        return;
    gi_pool_fini(&q->asked.pool);
    gi_free(q);
}
