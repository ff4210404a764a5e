/* Tables that are too much, or that go on where they should end. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "plans.h"

static const gale_spout lines_spout = {
    .output = GALE_FIELDS(GALE_STR("line")),
    .next = give_up,
};
static const gale_bolt split_bolt = { .execute = ack_all };

// clang-format off
#define LINES { .id = "lines", .spout = &lines_spout }
#define SPLIT { .id = "split", .bolt = &split_bolt, .inputs = GALE_INPUTS(GALE_SHUFFLE("lines")) }
#define SINK(...) { .id = "sink", .bolt = &split_bolt, .inputs = GALE_INPUTS(__VA_ARGS__) }
// clang-format on

Test(limits, an_abi_that_cannot_be_is_not_followed)
{
    gale_abi abi = GALE_ABI_SIZES;
    const gale_topology t = { .abi = &abi,
                              .name = "t",
                              .components = COMPONENTS(LINES) };

    abi.field = 3;
    abi.setting = 0;
    abi.bolt = UINT32_MAX - 7;
    expect_said(
        &t,
        "the topology's abi gives a gale_bolt 4294967288 bytes, which "
        "cannot be (write .abi = GALE_ABI)\n"
        "the topology's abi gives a gale_field 3 bytes, which cannot be "
        "(write .abi = GALE_ABI)\n"
        "the topology's abi gives a gale_setting 0 bytes, which cannot be "
        "(write .abi = GALE_ABI)",
        GALE_EPLAN);
}

Test(limits, an_array_without_an_end_is_found_before_it_is_walked_far)
{
    static gale_field fields[GI_MAX_FIELDS + 1];
    static gale_stream streams[GI_MAX_OWN_STREAMS + 1];
    static gale_input inputs[GI_MAX_STREAMS + 1];
    static gale_setting conf[4097];
    const gale_bolt bolt = { .execute = ack_all, .output = fields };
    const gale_bolt other = { .execute = ack_all, .streams = streams };
    const gale_topology t =
        TABLE(LINES, SPLIT,
              { .id = "a", .bolt = &bolt, .inputs = inputs, .conf = conf },
              { .id = "b",
                .bolt = &other,
                .inputs = GALE_INPUTS(GALE_BY("a", "x")) },
              SINK({ .from = "b", .stream = "x" }));

    for (size_t i = 0; i <= GI_MAX_FIELDS; i++)
        fields[i].name = "f";
    for (size_t i = 0; i <= GI_MAX_OWN_STREAMS; i++)
        streams[i].name = "s";
    for (size_t i = 0; i <= GI_MAX_STREAMS; i++)
        inputs[i].from = "split";
    for (size_t i = 0; i < 4097; i++)
        conf[i].key = conf[i].value = "k";
    expect_said(
        &t,
        "stream 'default' of bolt 'a' has more than 1024 fields, or they "
        "do not end with {0}\n"
        "bolt 'a' has more than 65535 inputs, or they do not end with {0}\n"
        "bolt 'a' has more than 4096 settings, or they do not end with "
        "{0}\n"
        "bolt 'b' has more than 1024 streams, or they do not end with {0}",
        GALE_EPLAN);
}

Test(limits, more_streams_than_a_tuple_can_number_are_refused)
{
    enum { BOLTS = 64 };
    static char names[GI_MAX_OWN_STREAMS][8], ids[BOLTS][8];
    static gale_stream streams[GI_MAX_OWN_STREAMS + 1];
    static gale_component components[BOLTS + 1] = { LINES };
    static const gale_input from_lines[] = { GALE_SHUFFLE("lines"), { 0 } };
    const gale_bolt bolt = { .execute = ack_all, .streams = streams };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "t",
                              .components = GALE_COMPONENTS(components) };

    for (unsigned i = 0; i < GI_MAX_OWN_STREAMS; i++) {
        snprintf(names[i], sizeof(names[i]), "s%u", i);
        streams[i].name = names[i];
    }
    for (unsigned i = 0; i < BOLTS; i++) {
        snprintf(ids[i], sizeof(ids[i]), "b%u", i);
        components[i + 1] = (gale_component){
            .id = ids[i],
            .bolt = &bolt,
            .inputs = from_lines,
        };
    }
    expect_said(&t, "the topology has 65602 streams, and 65535 is the most",
                GALE_EPLAN);
}
