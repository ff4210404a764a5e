/* crash.c -- when user code crashes, say whose it was.
 *
 * A segmentation fault in a bolt ends the process, as it must; before that,
 * its component, task and tuple are written to stderr.  The handler runs on a
 * stack of its own, since an overflowed one cannot carry it, calls nothing
 * but write(2), and then lets the signal do what it would have done.  What
 * crashed may have spoiled its tuple first: whoever crashes again over showing
 * it says all but that.
 */
#define _GNU_SOURCE /* sigaltstack, SA_ONSTACK */
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "local/local.h"
#include "topology/batch.h"

static const int caught[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

enum { STACK_BYTES = 64 * 1024, SHOWN_BYTES = 64 };

#define WIPE "\r\033[K"

/* A line being put together without malloc or stdio. */
struct line {
    char text[1024];
    size_t len;
};

static void put(struct line *l, const char *s, size_t n)
{
    for (size_t i = 0; i < n && l->len < sizeof(l->text) - 1; i++) {
        unsigned char c = (unsigned char)s[i];
        l->text[l->len++] = c < 0x20 || c == 0x7f ? '.' : (char)c;
    }
}

static void puts_to(struct line *l, const char *s)
{
    put(l, s, strlen(s));
}

static void put_u64(struct line *l, uint64_t v)
{
    char digits[20];
    int n = 0;

    do
        digits[n++] = (char)('0' + v % 10);
    while ((v /= 10) > 0);
    while (n > 0)
        put(l, &digits[--n], 1);
}

static void put_i64(struct line *l, int64_t v)
{
    if (v < 0)
        puts_to(l, "-");
    put_u64(l, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

static void put_value(struct line *l, const gale_value *v)
{
    switch (v->type) {
    case GALE_T_NIL:
        puts_to(l, "nil");
        break;
    case GALE_T_BOOL:
        puts_to(l, v->as.b ? "true" : "false");
        break;
    case GALE_T_I64:
        put_i64(l, v->as.i);
        break;
    case GALE_T_STR:
        puts_to(l, "'");
        put(l, v->as.p, v->len < SHOWN_BYTES ? v->len : SHOWN_BYTES);
        puts_to(l, v->len > SHOWN_BYTES ? "...'" : "'");
        break;
    default:
        puts_to(l, gale_type_name(v->type));
        break;
    }
}

static const char *signal_words(int sig)
{
    switch (sig) {
    case SIGSEGV:
        return "segmentation fault";
    case SIGBUS:
        return "bus error";
    case SIGFPE:
        return "arithmetic error";
    case SIGILL:
        return "illegal instruction";
    default:
        return "abort";
    }
}

static void put_tuple(struct line *l, const gi_crash_site *s)
{
    const gale_tuple *t = s->tuple;

    puts_to(l, ", executing a tuple of '");
    puts_to(l, s->from);
    puts_to(l, "/");
    put_u64(l, s->from_task);
    puts_to(l, "', stream '");
    puts_to(l, s->stream);
    puts_to(l, "': (");
    for (uint32_t i = 0; i < t->n && i < 8; i++) {
        if (i > 0)
            puts_to(l, ", ");
        put_value(l, &t->values[i]);
    }
    puts_to(l, t->n > 8 ? ", ...)" : ")");
}

static void say_whose(int sig, const gi_crash_site *site, bool with_tuple)
{
    struct line l = { .len = 0 };

    if (isatty(STDERR_FILENO)) { /* wipe a line of progress */
        memcpy(l.text, WIPE, sizeof(WIPE) - 1);
        l.len = sizeof(WIPE) - 1;
    }
    puts_to(&l, "gale: ");
    puts_to(&l, signal_words(sig));
    puts_to(&l, " in '");
    puts_to(&l, site->component);
    puts_to(&l, "/");
    put_u64(&l, site->task);
    puts_to(&l, "'");
    if (site->tuple == NULL) {
        puts_to(&l, ", in its ");
        puts_to(&l, site->callback);
    } else if (with_tuple) {
        put_tuple(&l, site);
    } else {
        puts_to(&l, ", executing a tuple that cannot be read any more");
    }
    l.text[l.len++] = '\n';
    if (write(STDERR_FILENO, l.text, l.len) < 0)
        _exit(128 + sig);
}

/* How often this thread has crashed; the first signal is the one to die of. */
static _Thread_local volatile sig_atomic_t crashes
    __attribute__((tls_model("initial-exec")));
static _Thread_local volatile sig_atomic_t first_signal
    __attribute__((tls_model("initial-exec")));

static void on_crash(int sig)
{
    gi_crash_site site;

    if (++crashes == 1)
        first_signal = sig;
    if (crashes <= 2 && gi_crash_site_here(&site))
        say_whose(first_signal, &site, crashes == 1);
    signal(first_signal, SIG_DFL);
    raise(first_signal);
}

void gi_crash_catch(void)
{
    static atomic_bool done;
    struct sigaction sa = { .sa_handler = on_crash,
                            .sa_flags = SA_ONSTACK | SA_NODEFER };

    if (atomic_exchange(&done, true))
        return;
    sigemptyset(&sa.sa_mask);
    for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
        struct sigaction old;

        /* Somebody else's handler (a sanitizer's, the program's) stays. */
        if (sigaction(caught[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
            sigaction(caught[i], &sa, NULL);
    }
}

void *gi_crash_stack(void)
{
    stack_t ss = { .ss_size = STACK_BYTES };

    ss.ss_sp = gi_alloc(STACK_BYTES);
    if (ss.ss_sp != NULL)
        sigaltstack(&ss, NULL);
    return ss.ss_sp;
}

void gi_crash_stack_free(void *stack)
{
    stack_t off = { .ss_flags = SS_DISABLE };

    if (stack == NULL)
        return;
    sigaltstack(&off, NULL);
    gi_free(stack);
}
