/* messages_drpc.h -- the messages of questions: callers, a DRPC server, and
 * the workers that answer (drpc/).  A part of the list in messages.h, which
 * see.
 */
#ifndef GI_WIRE_MESSAGES_DRPC_H
#define GI_WIRE_MESSAGES_DRPC_H

/* To a DRPC server: from clients, from workers. */
#define GI_DRPC_VERBS(X)                           \
    X(DRPC_CALL, drpc_call, drpc_answer, ANYBODY)  \
    X(DRPC_LOOK, nothing, drpc_functions, ANYBODY) \
    X(DRPC_TAKE, drpc_take, drpc_requests, WORKER) \
    X(DRPC_SAY, drpc_words, nothing, WORKER)

// clang-format off
#define GI_DRPC_MESSAGES(X)                                                 \
    X(drpc_call) X(drpc_answer) X(drpc_function) X(drpc_functions)          \
    X(drpc_take) X(drpc_request) X(drpc_requests) X(drpc_word) X(drpc_words)
// clang-format on

#define GI_MSG_drpc_call(F, L) \
    F(TEXT, function)          \
    F(BYTES, args)             \
    F(NUM, wait_ms) /* 0: as the server is set */

#define GI_MSG_drpc_answer(F, L) F(BYTES, text)

#define GI_MSG_drpc_function(F, L)   \
    F(TEXT, name)                    \
    F(TEXT, key) /* who serves it */ \
    F(NUM, waiting)                  \
    F(NUM, out) /* that are worked on */

#define GI_MSG_drpc_functions(F, L) L(drpc_function, functions)

/* Takes requests of a function, and says that it is there; answered when there
 * are some, or after a while. */
#define GI_MSG_drpc_take(F, L)                              \
    F(TEXT, function)                                       \
    F(TEXT, key)    /* of a topology without a word */      \
    F(NUM, session) /* drawn; another one: it began anew */ \
    F(NUM, after)   /* number of the last reply it had */   \
    F(NUM, most)    /* requests that it can take */

#define GI_MSG_drpc_request(F, L) \
    F(NUM, id)                    \
    F(BYTES, args)

#define GI_MSG_drpc_requests(F, L) \
    F(NUM, number)                 \
    L(drpc_request, requests)

#define GI_MSG_drpc_word(F, L)             \
    F(NUM, id)                             \
    F(NUM, what) /* a gi_drpc_word_kind */ \
    F(BYTES, text)

#define GI_MSG_drpc_words(F, L) L(drpc_word, words)

/* What is said of a request. */
typedef enum gi_drpc_word_kind {
    GI_DRPC_ANSWER,
    GI_DRPC_FAIL, /* for good */
    GI_DRPC_NOTE, /* why an attempt failed */
    GI_DRPC_DONE, /* by who took it */
} gi_drpc_word_kind;

#endif
