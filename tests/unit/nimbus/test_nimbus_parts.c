/* What a node is told of topologies: what is new to it, and no more at a time
 * than fits into a message. */
#include "nimbus_world.h"

#include "nimbus/nimbus_keep.h"

enum { SLOTS_HERE = 64, LONG = 90 << 10 };

static struct world w;
static gi_msg_port ports[SLOTS_HERE];
static gi_msg_known known[SLOTS_HERE];
static char ids[SLOTS_HERE][TEXT];
static uint32_t n_known;
static uint64_t number;

static void begin(void)
{
    world_init(&w);
    for (uint32_t i = 0; i < SLOTS_HERE; i++)
        ports[i].port = 6700 + i;
    n_known = 0;
    number = 0;
}

static void end(void)
{
    world_fini(&w);
}

TestSuite(nimbus_parts, .init = begin, .fini = end, .timeout = 60);

static gi_msg_report report_of(const char *id, bool parts)
{
    return (gi_msg_report){ .node = id,
                            .host = "host-with-a-name.example",
                            .url = "tcp://host:6628",
                            .machine = "x86_64",
                            .incarnation = 1,
                            .number = ++number,
                            .cpu = 400,
                            .memory_mb = 4096,
                            .nimbus = "",
                            .n_ports = SLOTS_HERE,
                            .ports = ports,
                            .parts = parts,
                            .n_known = n_known,
                            .known = known };
}

static gi_msg_orders orders_to(const char *id, bool parts)
{
    gi_msg_report r = report_of(id, parts);
    gi_msg_orders o;

    cr_assert_eq(gi_nimbus_report(w.n, &r, w.now, &w.why), GALE_OK, "%s",
                 w.why.text);
    cr_assert_eq(gi_nimbus_orders(w.n, &r, &w.pool, &o), GALE_OK);
    return o;
}

static size_t size_of(const gi_msg_orders *o)
{
    gi_strbuf b = { 0 };
    size_t len;

    gi_msg_write(&b, GI_M_orders, o);
    len = b.len;
    gi_strbuf_fini(&b);
    return len;
}

/* As a supervisor does: what it is told takes the place of what it knew. */
static void learn(const gi_msg_orders *o)
{
    for (uint32_t i = 0; i < o->n_topologies; i++) {
        uint32_t k = 0;

        while (k < n_known && strcmp(known[k].id, o->topologies[i].id) != 0)
            k++;
        n_known += k == n_known;
        snprintf(ids[k], TEXT, "%s", o->topologies[i].id);
        known[k] = (gi_msg_known){ ids[k], o->topologies[i].digest };
    }
}

static void submit_long(const char *name)
{
    static char value[LONG + 1];
    gi_msg_pair setting = { "a.long.one", value };
    gi_msg_component c[2];
    gi_msg_submit q = plain_submit(name, 1, 1, c);
    gi_msg_submitted reply;

    memset(value, 'x', LONG);
    q.n_settings = 1;
    q.settings = &setting;
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply), GALE_OK, "%s",
                 w.why.text);
}

static void submit_many(void)
{
    orders_to("n0", true);
    for (uint32_t i = 0; i < SLOTS_HERE; i++) {
        char name[16];

        snprintf(name, sizeof(name), "t%u", i);
        submit_long(name);
    }
}

Test(nimbus_parts, what_does_not_fit_comes_in_parts_each_topology_once)
{
    uint32_t rounds = 0, told = 0;
    gi_msg_orders o;

    submit_many();
    o = orders_to("n0", false);
    cr_assert_gt(size_of(&o), (size_t)GI_MSG_MOST, "it has to be too much");
    do {
        o = orders_to("n0", true);
        cr_assert_lt(size_of(&o), (size_t)GI_MSG_MOST / 2);
        cr_assert(!o.part || (o.n_topologies > 0 && o.n_orders == 0));
        told += o.n_topologies;
        learn(&o);
    } while (o.part && ++rounds < 10);
    cr_expect_eq(told, SLOTS_HERE);
    cr_expect_eq(o.n_orders, SLOTS_HERE);
    cr_expect(rounds >= 2 && rounds <= 7, "%u", rounds);
}

Test(nimbus_parts, only_what_is_new_is_told)
{
    gi_msg_orders o;

    submit_many();
    do {
        o = orders_to("n0", true);
        learn(&o);
    } while (o.part);
    o = orders_to("n0", true);
    cr_expect_eq(o.n_topologies, 0);
    cr_expect_eq(o.n_orders, SLOTS_HERE);
    cr_assert_eq(named(&w, GI_ASK_DEACTIVATE, "t7", "ann"), GALE_OK);
    o = orders_to("n0", true);
    cr_assert_eq(o.n_topologies, 1);
    cr_expect_str_eq(o.topologies[0].name, "t7");
    cr_expect_not(o.topologies[0].active);
    cr_expect_not(o.part);
    known[3].digest++;
    learn(&o);
    o = orders_to("n0", true);
    cr_assert_eq(o.n_topologies, 1);
    cr_expect_str_eq(o.topologies[0].id, known[3].id);
}

Test(nimbus_parts, who_cannot_take_parts_hears_all_of_it)
{
    gi_msg_orders o;

    orders_to("n0", true);
    submit_long("one");
    o = orders_to("n0", true);
    learn(&o);
    cr_expect_eq(o.orders[0].n_executors, 0, "they stand in the topology");
    o = orders_to("n0", false);
    cr_expect_eq(o.n_topologies, 1);
    cr_expect_eq(o.orders[0].n_executors, 2);
}

/* Nothing that is taken when it is submitted is too large for a message, with
 * as many workers and executors as there may be, and the longest names. */
Test(nimbus_parts, the_largest_topology_fits_into_a_message)
{
    gi_msg_component c[2];
    gi_msg_submit q =
        plain_submit("large", GI_WORKERS_MOST, GI_EXECUTORS_MOST / 2, c);
    static char value[LONG + 1];
    gi_msg_pair setting = { "a.long.one", value };
    char node[GI_NODE_MOST + 1], host[GI_HOST_MOST + 1];
    gi_msg_submitted reply;
    gi_msg_orders o;

    memset(host, 'h', GI_HOST_MOST);
    host[GI_HOST_MOST] = '\0';
    memset(node, 'n', GI_NODE_MOST);
    node[GI_NODE_MOST] = '\0';
    for (uint32_t i = 0; i <= GI_WORKERS_MOST / SLOTS_HERE; i++) {
        gi_msg_report r;

        node[0] = (char)('a' + i);
        r = report_of(node, true);
        r.host = host;
        cr_assert_eq(gi_nimbus_report(w.n, &r, w.now, &w.why), GALE_OK);
    }
    memset(value, 'x', LONG);
    q.n_settings = 1;
    q.settings = &setting;
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply), GALE_OK, "%s",
                 w.why.text);
    cr_assert_str_eq(reply.why, "");
    o = orders_to(node, true);
    cr_assert_eq(o.n_topologies, 1);
    cr_assert_eq(o.topologies[0].n_workers, (uint32_t)GI_WORKERS_MOST);
    cr_expect_lt(size_of(&o), (size_t)GI_MSG_MOST / 2);
    q.name = "larger";
    q.settings->value = "";
    c[1].n_tasks++;
    c[1].n_executors++;
    cr_expect_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply), GALE_ELIMIT);
}
