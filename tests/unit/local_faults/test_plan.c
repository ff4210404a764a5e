#include <stdio.h>

#include "plans.h"

static gi_fault_plan *read_plan(const gi_plan *p, const char *text)
{
    gi_report r = { 0 };
    gi_fault_plan *f = NULL;
    gale_err rv = gi_fault_plan_parse(&f, text, "test", p, &r);

    cr_assert_eq(rv, GALE_OK, "'%s' was refused: %s", text,
                 r.n > 0 ? r.lines[0] : "");
    cr_expect(gi_report_empty(&r));
    return f;
}

/* The only fault of a plan, whose text is `text`. */
static gi_fault read_one(const gi_plan *p, const char *text)
{
    gi_fault_plan *f = read_plan(p, text);
    gi_fault one = { 0 };

    cr_assert_eq(f->n, 1, "'%s' has %u faults", text, f->n);
    one = f->at[0];
    gi_fault_plan_destroy(f);
    return one;
}

static void expect_fault(const gi_plan *p, const char *text, gi_fault is)
{
    gi_fault got = read_one(p, text);

    cr_expect_eq(got.kind, is.kind, "%s", text);
    cr_expect_eq(got.acks, is.acks, "%s", text);
    cr_expect_eq(got.from, is.from, "%s: from %u", text, got.from);
    cr_expect_eq(got.comp, is.comp, "%s: comp %u", text, got.comp);
    cr_expect_eq(got.task, is.task, "%s: task %u", text, got.task);
    cr_expect_eq(got.chance, is.chance, "%s: chance %llx", text,
                 (unsigned long long)got.chance);
    cr_expect_eq(got.ns, is.ns, "%s: ns %lld", text, (long long)got.ns);
    cr_expect_eq(got.when, is.when, "%s", text);
    cr_expect_eq(got.at, is.at, "%s", text);
    cr_expect_eq(got.every, is.every, "%s", text);
}

#define ANY    GI_FAULT_ANY
#define ALWAYS UINT64_MAX
#define HALF   ((uint64_t)1 << 63)
#define MS     1000000
#define S      1000000000

enum { LINES, SPLIT, COUNT, NUMBER, ODD };

Test(fault_plan, every_kind_is_read)
{
    gi_plan *p = faulty_plan();
    static const struct {
        const char *text;
        gi_fault is;
    } table[] = {
        { "drop=0.5", { GI_FAULT_DROP, 0, ANY, ANY, ANY, HALF, 0, 0, 0, 0 } },
        { "duplicate=count:50%",
          { GI_FAULT_DUPLICATE, 0, ANY, COUNT, ANY, HALF, 0, 0, 0, 0 } },
        { "reorder=split>count:1",
          { GI_FAULT_REORDER, 0, SPLIT, COUNT, ANY, ALWAYS, 0, 0, 0, 0 } },
        { "delay=__acker:0.5:20ms",
          { GI_FAULT_DELAY, 1, ANY, ANY, ANY, HALF, 20 * MS, 0, 0, 0 } },
        { "late=0.5:1h30m",
          { GI_FAULT_LATE, 0, ANY, ANY, ANY, HALF, 5400LL * S, 0, 0, 0 } },
        { "fail=count/3:0.5",
          { GI_FAULT_FAIL, 0, ANY, COUNT, 3, HALF, 0, 0, 0, 0 } },
        { "fail=count@1000+10",
          { GI_FAULT_FAIL, 0, ANY, COUNT, ANY, ALWAYS, 0, GI_FAULT_AT_COUNT,
            1000, 10 } },
        { "slow=lines:3us",
          { GI_FAULT_SLOW, 0, ANY, LINES, ANY, ALWAYS, 3000, 0, 0, 0 } },
        { "slow=0.5:3us",
          { GI_FAULT_SLOW, 0, ANY, ANY, ANY, HALF, 3000, 0, 0, 0 } },
        { "slow=3us:0.5",
          { GI_FAULT_SLOW, 0, ANY, ANY, ANY, HALF, 3000, 0, 0, 0 } },
        { "hang=lines/1:0.5:5s",
          { GI_FAULT_HANG, 0, ANY, LINES, 1, HALF, 5LL * S, 0, 0, 0 } },
        { "hang=5s@7",
          { GI_FAULT_HANG, 0, ANY, ANY, ANY, ALWAYS, 5LL * S,
            GI_FAULT_AT_COUNT, 7, 0 } },
        { "kill=count/2@3s",
          { GI_FAULT_KILL, 0, ANY, COUNT, 2, ALWAYS, 0, GI_FAULT_AT_TIME,
            3LL * S, 0 } },
        { "kill=__acker/1@3s+500ms",
          { GI_FAULT_KILL, 1, ANY, ANY, 1, ALWAYS, 0, GI_FAULT_AT_TIME,
            3LL * S, 500 * MS } },
        { "kill=@0s",
          { GI_FAULT_KILL, 0, ANY, ANY, ANY, ALWAYS, 0, GI_FAULT_AT_TIME, 0,
            0 } },
        { "restart=split@1m",
          { GI_FAULT_RESTART, 0, ANY, SPLIT, ANY, ALWAYS, 0, GI_FAULT_AT_TIME,
            60LL * S, 0 } },
        { "memory=0.5",
          { GI_FAULT_MEMORY, 0, ANY, ANY, ANY, HALF, 0, 0, 0, 0 } },
        { "memory=@1",
          { GI_FAULT_MEMORY, 0, ANY, ANY, ANY, ALWAYS, 0, GI_FAULT_AT_COUNT, 1,
            0 } },
        { "write=@10+1",
          { GI_FAULT_WRITE, 0, ANY, ANY, ANY, ALWAYS, 0, GI_FAULT_AT_COUNT, 10,
            1 } },
        { "sync=@1.5s",
          { GI_FAULT_SYNC, 0, ANY, ANY, ANY, ALWAYS, 0, GI_FAULT_AT_TIME,
            1500LL * MS, 0 } },
        { "clock=-1h@3s",
          { GI_FAULT_CLOCK, 0, ANY, ANY, ANY, ALWAYS, -3600LL * S,
            GI_FAULT_AT_TIME, 3LL * S, 0 } },
        { "clock=+1h@3s",
          { GI_FAULT_CLOCK, 0, ANY, ANY, ANY, ALWAYS, 3600LL * S,
            GI_FAULT_AT_TIME, 3LL * S, 0 } },
        { "suspend=2s@3s",
          { GI_FAULT_SUSPEND, 0, ANY, ANY, ANY, ALWAYS, 2LL * S,
            GI_FAULT_AT_TIME, 3LL * S, 0 } },
    };
    bool seen[GI_N_FAULT_KINDS] = { false };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        expect_fault(p, table[i].text, table[i].is);
        seen[table[i].is.kind] = true;
    }
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        cr_expect(seen[i], "%s is not in the table",
                  gi_fault_name((gi_fault_kind)i));
    gi_plan_destroy(p);
}

Test(fault_plan, an_empty_text_is_a_plan_without_faults)
{
    gi_plan *p = faulty_plan();
    static const char *const empty[] = { "", " ", ",", "\n\n , \t\r\n" };

    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        gi_fault_plan *f = read_plan(p, empty[i]);

        cr_expect_eq(f->n, 0);
        cr_expect_eq(f->seed, 1);
        cr_expect_not(f->seeded);
        cr_expect_eq(f->until_ns, INT64_MAX);
        gi_fault_plan_destroy(f);
    }
    gi_plan_destroy(p);
}

Test(fault_plan, entries_are_parted_by_commas_or_lines_and_blanks_are_free)
{
    gi_plan *p = faulty_plan();
    gi_fault_plan *f =
        read_plan(p, " drop = split > count : 5% \n\tkill=count / 2 @ 3s + 1s"
                     ",seed=0xFFFFFFFFFFFFFFFF\r\nuntil=1m,");

    cr_assert_eq(f->n, 2);
    cr_expect_eq(f->at[0].from, SPLIT);
    cr_expect_eq(f->at[0].comp, COUNT);
    cr_expect_eq(f->at[1].task, 2);
    cr_expect_eq(f->at[1].every, S);
    cr_expect(f->seeded);
    cr_expect_eq(f->seed, UINT64_MAX);
    cr_expect_eq(f->until_ns, 60LL * S);
    gi_fault_plan_destroy(f);
    gi_plan_destroy(p);
}

Test(fault_plan, names_in_quotes_may_be_anything)
{
    gi_plan *p = faulty_plan();

    expect_fault(
        p, "drop=\"1.5\">\"a \\\"b\\\\c\\\":d,e>f/0@1=2\":0.5",
        (gi_fault){ GI_FAULT_DROP, 0, NUMBER, ODD, ANY, HALF, 0, 0, 0, 0 });
    expect_fault(p, "kill=\"a \\\"b\\\\c\\\":d,e>f/0@1=2\"/2@5",
                 (gi_fault){ GI_FAULT_KILL, 0, ANY, ODD, 2, ALWAYS, 0,
                             GI_FAULT_AT_COUNT, 5, 0 });
    expect_fault(
        p, "drop=\"count\":0.5",
        (gi_fault){ GI_FAULT_DROP, 0, ANY, COUNT, ANY, HALF, 0, 0, 0, 0 });
    gi_plan_destroy(p);
}

Test(fault_plan, a_chance_is_the_nearest_of_two_to_the_64)
{
    gi_plan *p = faulty_plan();
    static const struct {
        const char *text;
        uint64_t is;
    } table[] = {
        { "0", 0 },
        { "0%", 0 },
        { "1", UINT64_MAX },
        { "100%", UINT64_MAX },
        { "1.000", UINT64_MAX },
        { "0.25", (uint64_t)1 << 62 },
        { ".25", (uint64_t)1 << 62 },
        { "25.%", (uint64_t)1 << 62 },
        { "0.01", 184467440737095516 },
        { "1%", 184467440737095516 },
        { "0.1", 1844674407370955162 },
        { "0.99999999999999999999", UINT64_MAX },
        { "0.9999999999999999999", UINT64_MAX - 1 },
        { "0.0000000000000000000000000000000000000000001", 1 },
        { "0.00000000000000000000000000000000000000", 0 },
    };
    char entry[96];

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        snprintf(entry, sizeof(entry), "drop=%s", table[i].text);
        gi_fault f = read_one(p, entry);

        cr_expect_eq(f.chance, table[i].is, "%s: %llu, not %llu",
                     table[i].text, (unsigned long long)f.chance,
                     (unsigned long long)table[i].is);
    }
    gi_plan_destroy(p);
}

Test(fault_plan, as_many_entries_as_there_may_be_are_read)
{
    static char text[GI_FAULTS_MOST * 8 + 1];
    gi_plan *p = faulty_plan();

    for (int i = 0; i < GI_FAULTS_MOST; i++)
        memcpy(text + (ptrdiff_t)i * 7, "drop=1,", 7);
    gi_fault_plan *f = read_plan(p, text);
    cr_expect_eq(f->n, GI_FAULTS_MOST);
    gi_fault_plan_destroy(f);
    gi_plan_destroy(p);
}

Test(fault_plan, whenever_memory_fails_it_says_so_and_leaks_nothing)
{
    gi_plan *p = faulty_plan();

    for (uint64_t n = 0;; n++) {
        gi_report r = { 0 };
        gi_fault_plan *f = NULL;

        gi_mem_fail_after(n, 1);
        gale_err rv =
            gi_fault_plan_parse(&f, "drop=0.5,kill=coun@3s", "test", p, &r);
        gi_mem_fail_after(0, 0);
        cr_assert(rv == GALE_ENOMEM || rv == GALE_ECONF);
        cr_assert_null(f);
        bool whole = rv == GALE_ECONF && r.dropped == 0 && r.n == 1 &&
                     strstr(r.lines[0], "'count'") != NULL;
        gi_report_fini(&r);
        if (whole)
            break;
        cr_assert_lt(n, 100);
    }
    gi_plan_destroy(p);
}

/* ------------------------------------------------------ from settings -- */

static gale_err ask(const char *text, const char *from, char said[512],
                    bool *any)
{
    const gale_topology t = {
        .abi = GALE_ABI,
        .name = "faulty",
        .components = GALE_COMPONENTS(faulty_components),
    };
    gi_report r = { 0 };
    gale_diag why = { "" };
    gi_conf *over;
    gi_plan *p = NULL;
    gi_fault_plan *f = NULL;

    cr_assert_eq(gi_conf_create(&over, NULL), GALE_OK);
    if (strncmp(from, "f.yaml", 6) == 0)
        cr_assert_eq(
            gi_conf_parse_yaml(over, "f.yaml", text, strlen(text), &r),
            GALE_OK);
    else if (text != NULL)
        cr_assert_eq(gi_conf_set(over, "topology.faults", text, from),
                     GALE_OK);
    cr_assert_eq(gi_plan_create(&p, &t, over, &r), GALE_OK, "%s",
                 r.n > 0 ? r.lines[0] : "");
    gi_conf_destroy(over);
    gale_err rv = gi_fault_plan_of(&f, p, &why);
    *any = f != NULL;
    if (f != NULL)
        snprintf(said, 512, "%u faults", f->n);
    else
        snprintf(said, 512, "%s", why.text);
    gi_fault_plan_destroy(f);
    gi_plan_destroy(p);
    return rv;
}

Test(fault_plan, the_setting_names_where_it_was_set)
{
    char said[512];
    bool any;

    cr_expect_eq(ask(NULL, "", said, &any), GALE_OK);
    cr_expect_not(any);
    cr_expect_eq(ask("", "command line", said, &any), GALE_OK);
    cr_expect_not(any);
    cr_expect_eq(ask("drop=0.1,seed=1", "command line", said, &any), GALE_OK);
    cr_expect_str_eq(said, "1 faults");
    cr_expect_eq(ask("dorp=1", "--faults", said, &any), GALE_ECONF);
    cr_expect_str_eq(said, "--faults: 'dorp=1': there is no fault 'dorp' (did "
                           "you mean 'drop'?)");
    cr_expect_eq(ask("dorp=1", "command line", said, &any), GALE_ECONF);
    cr_expect_str_eq(said,
                     "topology.faults (command line): 'dorp=1': there is no "
                     "fault 'dorp' (did you mean 'drop'?)");
}

Test(fault_plan, in_yaml_a_text_and_a_list_are_the_same)
{
    char said[512];
    bool any;

    cr_expect_eq(
        ask("topology.faults: drop=0.1,kill=@3s", "f.yaml", said, &any),
        GALE_OK);
    cr_expect_str_eq(said, "2 faults");
    cr_expect_eq(ask("topology:\n  faults:\n    - drop=0.1\n    - "
                     "delay=split>count:1%:1s,kill=@3s\n    -\n",
                     "f.yaml", said, &any),
                 GALE_OK);
    cr_expect_str_eq(said, "3 faults");
    cr_expect_eq(ask("topology.faults: []", "f.yaml", said, &any), GALE_OK);
    cr_expect_not(any);
    cr_expect_eq(ask("topology.faults:\n  - drop=2", "f.yaml", said, &any),
                 GALE_ECONF);
    cr_expect_str_eq(said,
                     "topology.faults (f.yaml:1:1): 'drop=2': the chance '2' "
                     "is more than 1, which is always (did you mean '2%'? "
                     "write drop=[WHERE:]CHANCE)");
}
