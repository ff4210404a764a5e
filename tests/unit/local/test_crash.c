/* A crash in user code is named before the process ends. */
#define _GNU_SOURCE /* pipe2 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gale/gale.h"

/* The sanitizers bring handlers of their own, and those stay in force. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum how { SEGFAULT, ABORT, OVERFLOW, SPOILT, IN_TICK, IN_OPEN };

static enum how how; /* set before the fork, read in the child */

static gale_err say_open(void *self, gale_spout_ctx *ctx)
{
    (void)self, (void)ctx;
    if (how == IN_OPEN)
        raise(SIGSEGV);
    return GALE_OK;
}

static bool say_next(void *self, gale_spout_ctx *ctx)
{
    bool *said = self;

    if (!*said && how != IN_TICK)
        gale_spout_emit(ctx, 7,
                        GALE_ROW(gale_val_cstr("o\x01h"), gale_val_i64(-3)));
    *said = true;
    return true;
}

static const gale_spout say = {
    .state_size = sizeof(bool),
    .output = GALE_FIELDS(GALE_STR("word"), GALE_I64("n")),
    .open = say_open,
    .next = say_next,
};

static int recurse(volatile char *deeper)
{
    volatile char more[4096];

    more[0] = deeper[0];
    if (more[0] == 0) /* it never is */
        return 0;
    return recurse(more) + more[0];
}

static gale_verdict break_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    volatile char start[1] = { 1 };

    (void)self, (void)ctx;
    if (how == SPOILT) { /* as one does who writes beyond an end */
        gale_value *word = (gale_value *)(uintptr_t)gale_tuple_at(in, 0);

        word->as.p = (const char *)1;
        abort();
    }
    if (how == SEGFAULT)
        raise(SIGSEGV);
    if (how == ABORT)
        abort();
    return recurse(start) == 0 ? GALE_ACK : GALE_FAIL;
}

static void break_tick(void *self, gale_bolt_ctx *ctx)
{
    (void)self, (void)ctx;
    if (how == IN_TICK)
        raise(SIGBUS);
}

static const gale_bolt breaker = {
    .execute = break_execute,
    .tick = break_tick,
};

static const gale_component components[] = {
    { .id = "say", .spout = &say },
    { .id = "breaker",
      .bolt = &breaker,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("say")),
      .tick_ms = 5 },
};

static const gale_topology topology = {
    .abi = GALE_ABI,
    .name = "crash",
    .components = GALE_COMPONENTS(components),
};

static _Noreturn void run_and_crash(int err)
{
    const struct rlimit no_core = { 0, 0 };
    /* A callback that the machine keeps from going on is not told of here. */
    const gale_setting conf[] = { { "topology.slow.callback.millis", "0" },
                                  { 0, 0 } };
    gale_run_opts o = { .conf = conf, .catch_signals = true, .run_ms = 5000 };
    gale_err e;

    setrlimit(RLIMIT_CORE, &no_core);
    dup2(err, STDERR_FILENO);
    alarm(60);
    /* Criterion's own handlers came along with the fork. */
    signal(SIGSEGV, SIG_DFL);
    signal(SIGABRT, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
    e = gale_local_run(&topology, &o, NULL, NULL);
    _exit(e == GALE_OK ? 90 : 91);
}

static void expect_crash(enum how which, int sig, const char *words)
{
    char said[4096];
    size_t n = 0;
    ssize_t got;
    int fds[2], status;

    if (SANITIZED)
        cr_skip("a sanitizer handles the signals here");
    how = which;
    cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        run_and_crash(fds[1]);
    close(fds[1]);
    while ((got = read(fds[0], said + n, sizeof(said) - 1 - n)) > 0)
        n += (size_t)got;
    said[n] = '\0';
    close(fds[0]);
    waitpid(pid, &status, 0);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == sig,
              "status %#x, said: %s", (unsigned)status, said);
    cr_expect_str_eq(said, words);
}

Test(crash, a_segmentation_fault_names_component_task_and_tuple)
{
    expect_crash(SEGFAULT, SIGSEGV,
                 "gale: segmentation fault in 'breaker/0', executing "
                 "a tuple of 'say/0', stream 'default': ('o.h', "
                 "-3)\n");
}

Test(crash, an_abort_names_component_task_and_tuple)
{
    expect_crash(ABORT, SIGABRT,
                 "gale: abort in 'breaker/0', executing a tuple of "
                 "'say/0', stream 'default': ('o.h', -3)\n");
}

Test(crash, an_overflowed_stack_is_told_from_another_one)
{
    expect_crash(OVERFLOW, SIGSEGV,
                 "gale: segmentation fault in 'breaker/0', executing "
                 "a tuple of 'say/0', stream 'default': ('o.h', "
                 "-3)\n");
}

Test(crash, one_that_spoilt_its_tuple_is_named_all_the_same)
{
    expect_crash(SPOILT, SIGABRT,
                 "gale: abort in 'breaker/0', executing a tuple that cannot "
                 "be read any more\n");
}

Test(crash, a_crash_outside_execute_names_component_and_task)
{
    expect_crash(IN_TICK, SIGBUS,
                 "gale: bus error in 'breaker/0', in its tick\n");
    expect_crash(IN_OPEN, SIGSEGV,
                 "gale: segmentation fault in 'say/0', in its open\n");
}
