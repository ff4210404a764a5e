/* Any bytes as what Nimbus kept of a topology: refused in words, or read; and
 * what was read is written and read as the same, and can be scheduled. */
#include <assert.h>
#include <string.h>

#include "nimbus/nimbus_keep.h"
#include "nimbus/schedule/schedule.h"

static void schedule(const gi_kept *k)
{
    static const gi_slot slots[] = { { 6700, false }, { 6701, false } };
    const gi_supervisor s = {
        "n0", "host", 2, slots, 400, 4096, GI_SUPERVISOR_ALIVE
    };
    const gi_topology t = {
        .id = k->m.id,
        .n_components = k->m.n_components,
        .components = k->components,
        .n_talks = k->m.n_talks,
        .talks = k->talks,
        .n_workers = (uint32_t)k->m.workers,
        .now = k->now,
    };
    const gi_cluster c = { 1, &s, 1, &t, 0, NULL };
    gi_schedule out = { 0 };

    assert(gi_schedule_even(&out, &c) == GALE_OK);
    gi_schedule_fini(&out);
    assert(gi_schedule_resource(&out, &c) == GALE_OK);
    gi_schedule_fini(&out);
}

static void write(const gi_kept *k, gi_strbuf *out)
{
    gi_pool scratch = { 0 };

    gi_kept_write(out, k, &scratch);
    assert(!out->failed);
    gi_pool_fini(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    gale_diag why = { "" };
    gi_strbuf first = { 0 }, second = { 0 };
    gi_kept *k, *copy;

    if (gi_kept_read(&k, p, len, &why) != GALE_OK) {
        assert(why.text[0] != '\0');
        return 0;
    }
    assert(gi_kept_copy(&copy, k) == GALE_OK);
    write(k, &first);
    write(copy, &second);
    assert(first.len == second.len &&
           memcmp(first.at, second.at, first.len) == 0);
    schedule(k);
    gi_strbuf_fini(&first);
    gi_strbuf_fini(&second);
    gi_kept_destroy(copy);
    gi_kept_destroy(k);
    return 0;
}
