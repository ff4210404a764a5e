#include "bench/batches.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/interrupt.h"
#include "state/memory.h"

static const char name[] = "exactly-once";

bool batches_dir(char *form)
{
    if (mkdtemp(form) == NULL) {
        bench_say("no directory can be made here");
        return false;
    }
    bench_interrupt_ends(form, NULL);
    return true;
}

void batches_remove(const char *dir)
{
    char command[96];

    snprintf(command, sizeof(command), "rm -rf './%s'", dir);
    if (system(command) != 0)
        bench_say("'%s' is left", dir);
    bench_interrupt_ends(NULL, NULL);
}

static bool run(gale_trident *t, uint32_t loops, const char *dir,
                gale_run_result *r)
{
    const gale_setting conf[] = { { "topology.state.dir", dir }, { 0, 0 } };
    const gale_topology *topology;
    gale_diag why = { "" };

    if (gale_trident_build(t, &topology, &why) == GALE_OK)
        return bench_topology(topology, dir == NULL ? NULL : conf, loops, r);
    bench_say("%s", why.text);
    return false;
}

bool batches_run(batches_define define, uint32_t loops, const char *dir,
                 gale_run_result *r)
{
    gale_state_opts o = { .tasks = loops };
    gale_trident *t;
    bool ok;

    if (gale_trident_create(&t, name) != GALE_OK) {
        bench_say("out of memory");
        return false;
    }
    if (dir == NULL) {
        o.store = &gale_store_memory;
        o.kind = GALE_STATE_NON_TRANSACTIONAL;
        gale_trident_remember(t, &gale_store_memory);
    }
    define(t, &o);
    ok = run(t, loops, dir, r);
    gale_trident_destroy(t);
    return ok;
}

void batches_forget(void)
{
    gi_store_memory_forget();
}

static gale_err open_counts(gale_map **m, const char *dir, bool read_only,
                            gale_diag *why)
{
    gale_store_where where = { .topology = name,
                               .state = "counts",
                               .count = 1,
                               .place = dir,
                               .read_only = read_only };

    return dir == NULL ? gale_map_open(m, &gale_store_memory, &where,
                                       GALE_STATE_NON_TRANSACTIONAL, why)
                       : gale_map_open(m, &gale_store_embedded, &where,
                                       GALE_STATE_OPAQUE, why);
}

bool batches_scan(const char *dir, gale_map_pair pair, void *arg)
{
    gale_diag why = { "" };
    gale_map *m;
    gale_err rv = open_counts(&m, dir, true, &why);

    if (rv == GALE_OK) {
        rv = gale_map_scan(m, pair, arg, &why);
        gale_map_close(m);
    }
    if (rv != GALE_OK)
        bench_say("the state: %s", why.text);
    return rv == GALE_OK;
}

/* ------------------------------------------------------- one at a time -- */

enum { LONE = 60, GAP_MS = 20 };

static struct {
    int64_t due_ns, begun_ns; /* of the next; of the one under way, or 0 */
    unsigned n;
    bench_samples *ms;
} lone;

static bool lone_ready(void *c, gale_task *task)
{
    (void)c;
    (void)task;
    return lone.n < LONE && lone.begun_ns == 0 &&
           bench_now_ns() >= lone.due_ns;
}

static size_t lone_plan(void *c, gale_str before, char *now, size_t room)
{
    (void)before;
    if (!lone_ready(c, NULL))
        return 0;
    lone.begun_ns = lone.due_ns;
    return (size_t)snprintf(now, room, "%u", lone.n) + 1;
}

static bool lone_ended(void *c, gale_task *task)
{
    (void)c;
    (void)task;
    return lone.n >= LONE;
}

static bool lone_emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    (void)self;
    (void)p;
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(atoi(p->from.ptr))));
    return false;
}

static void lone_committed(void *self, uint64_t txid)
{
    int64_t now = bench_now_ns();

    (void)self;
    (void)txid;
    bench_add(lone.ms, (double)(now - lone.begun_ns) / 1e6);
    lone.due_ns = now + GAP_MS * INT64_C(1000000);
    lone.begun_ns = 0;
    lone.n++;
}

static const gale_field a_number[] = { GALE_I64("n"), { 0, 0 } };
static const gale_batch_spout alone = { .output = a_number,
                                        .ready = lone_ready,
                                        .plan = lone_plan,
                                        .ended = lone_ended,
                                        .emit = lone_emit,
                                        .committed = lone_committed };

static void define_lone(gale_trident *t, const gale_state_opts *o)
{
    gale_persistent_aggregate(
        gale_group_by(gale_new_stream(t, "alone", &alone), GALE_NAMES("n")),
        "counts", GALE_FOLD(GALE_COUNT("count")), o);
}

static gale_err once_each(void *n, gale_row key, gale_row value)
{
    (void)key;
    ++*(unsigned *)n;
    return value.values[0].as.i == 1 ? GALE_OK : GALE_EUSER;
}

/* On one loop, so that what is shared here is shared by nobody. */
bool batches_commit(bench_samples *ms)
{
    unsigned n = 0;
    char dir[] = "gale-bench-XXXXXX";
    gale_run_result r;
    bool ok;

    memset(&lone, 0, sizeof(lone));
    lone.ms = ms;
    lone.due_ns = bench_now_ns();
    if (!batches_dir(dir))
        return false;
    ok = batches_run(define_lone, 1, dir, &r) &&
         batches_scan(dir, once_each, &n);
    batches_remove(dir);
    if (ok && n != LONE)
        bench_say("%u of %d lone tuples counted", n, LONE);
    return ok && n == LONE;
}

/* -------------------------------------------------------- opened again -- */

enum { AT_ONCE = 100000 }; /* keys a batch */

static bool fill(gale_map *m, int64_t keys, gale_diag *why)
{
    for (int64_t from = 0; from < keys; from += AT_ONCE) {
        if (gale_map_begin(m, (uint64_t)(from / AT_ONCE) + 1, 1, why) !=
            GALE_OK)
            return false;
        for (int64_t i = from; i < from + AT_ONCE && i < keys; i++) {
            gale_value k = gale_val_i64(i), v = gale_val_i64(i * 3);
            gale_row key = { &k, 1 }, value = { &v, 1 };

            if (gale_map_put(m, &key, &value, 1, why) != GALE_OK)
                return false;
        }
        if (gale_map_commit(m, why) != GALE_OK)
            return false;
    }
    return true;
}

static gale_err triple(void *n, gale_row key, gale_row value)
{
    ++*(int64_t *)n;
    return value.values[0].as.i == key.values[0].as.i * 3 ? GALE_OK
                                                          : GALE_EUSER;
}

/* Opened, and asked for a key; afterwards all that is in it is looked at. */
static bool recover_once(const char *dir, int64_t keys, bench_samples *ms,
                         gale_diag *why)
{
    gale_value k = gale_val_i64(keys - 1);
    gale_row key = { &k, 1 }, value = { NULL, 0 };
    int64_t began = bench_now_ns(), n = 0;
    gale_map *m;
    bool ok;

    if (open_counts(&m, dir, false, why) != GALE_OK)
        return false;
    ok = gale_map_get(m, &key, 1, &value, why) == GALE_OK &&
         value.values != NULL;
    bench_add(ms, (double)(bench_now_ns() - began) / 1e6);
    ok = ok && gale_map_scan(m, triple, &n, why) == GALE_OK && n == keys;
    gale_map_close(m);
    return ok;
}

bool batches_recover(int64_t keys, unsigned repeats, bench_samples *ms)
{
    char dir[] = "gale-bench-XXXXXX";
    gale_diag why = { "" };
    gale_map *m;
    bool ok;

    if (!batches_dir(dir))
        return false;
    ok = open_counts(&m, dir, false, &why) == GALE_OK;
    if (ok) {
        ok = fill(m, keys, &why);
        gale_map_close(m);
    }
    for (unsigned i = 0; ok && i < repeats; i++)
        ok = recover_once(dir, keys, ms, &why);
    batches_remove(dir);
    if (!ok)
        bench_say("a state opened again: %s",
                  why.text[0] != 0 ? why.text : "an answer was wrong");
    return ok;
}
