/* A worker process and its duty: what it is told later on. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/mem.h"
#include "local/process/inside.h"

enum { PORT = 7, LOG_LEVEL = 1 };

static bool nothing(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return false;
}

static const gale_spout idle = { .next = nothing };
static const gale_component components[] = {
    { .id = "idle", .spout = &idle },
};
static const gale_topology topology = {
    .abi = GALE_ABI,
    .name = "idle",
    .components = GALE_COMPONENTS(components),
};

static char dir[64];
static gi_serve serve;

/* It runs the only task, so there is nobody else to speak with. */
static void tell(uint64_t number, bool active)
{
    gi_msg_span all = { 1, 2 };
    gi_msg_peer only = { .node = "n",
                         .host = "127.0.0.1",
                         .port = PORT,
                         .since = 1,
                         .n_executors = 1,
                         .executors = &all };
    gi_msg_component comp = {
        .id = "idle",
        .spout = true,
        .first_task = 1,
        .n_tasks = 1,
        .n_executors = 1,
    };
    gi_msg_topology t = { .id = "idle-1",
                          .name = "idle",
                          .owner = "test",
                          .program = "a program",
                          .version = number,
                          .turn = number,
                          .active = active,
                          .log_level = LOG_LEVEL,
                          .n_components = 1,
                          .components = &comp,
                          .n_workers = 1,
                          .workers = &only };
    gi_msg_duty d = { .node = "n",
                      .host = "127.0.0.1",
                      .port = PORT,
                      .since = 1,
                      .incarnation = 9,
                      .number = number,
                      .n_topology = 1,
                      .topology = &t };

    cr_assert_eq(gi_duty_write(dir, &d), GALE_OK);
}

static void look(void)
{
    if (gi_duty_is_new(dir, &serve.seen))
        gi_serve_obey(&serve);
}

static void make(void)
{
    strcpy(dir, "/tmp/gale-obey-XXXXXX");
    cr_assert(mkdtemp(dir) != NULL);
    tell(1, false);
    cr_assert(gi_serve_make(&serve, &topology, dir), "%s", serve.why.text);
}

static void drop(void)
{
    static const char *const names[] = { "duty", "progress", "bell" };
    char path[128];

    gi_serve_fini(&serve);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}

TestSuite(process_obey, .init = make, .fini = drop);

Test(process_obey, it_is_told_of_a_duty_and_of_a_task_that_gives_up)
{
    gi_worker *w = gi_local_worker(serve.local);

    cr_assert_geq(serve.bell, 0);
    cr_expect_not(gi_bell_wait(serve.bell, 0));
    tell(3, true);
    cr_expect(gi_bell_wait(serve.bell, -1));
    gale_task_fatal(gi_worker_task(w, 1), "enough");
    cr_expect(gi_bell_wait(serve.bell, -1));
    cr_expect_eq(gi_worker_error(w, NULL), GALE_EUSER);
}

Test(process_obey, a_new_duty_is_obeyed_and_an_old_one_is_not)
{
    tell(3, true);
    look();
    cr_expect_eq(serve.says.number, 3);
    cr_expect(gi_serve_topology(&serve)->active);
    tell(2, false);
    look();
    cr_expect_eq(serve.says.number, 3);
    cr_expect(gi_serve_topology(&serve)->active);
    cr_expect_not(serve.leave);
}

/* Whichever allocation fails: it is obeyed when there is memory again, or the
 * process is started anew. */
Test(process_obey, a_duty_is_not_lost_for_want_of_memory)
{
    uint64_t number = 1;
    bool one_failed = true, active = false;

    for (uint64_t n = 0; one_failed && !serve.leave; n++) {
        active = !active;
        number++;
        tell(number, active);
        uint64_t before = gi_mem_asked();
        gi_mem_fail_after(n, 1);
        look();
        gi_mem_fail_after(0, 0);
        one_failed = gi_mem_asked() - before > n;
        look();
        if (serve.leave)
            break;
        cr_expect_eq(serve.says.number, number, "allocation %d", (int)n);
        cr_expect_eq(gi_serve_topology(&serve)->active, active);
    }
    cr_expect_gt(number, 4, "it takes some memory to obey");
}
