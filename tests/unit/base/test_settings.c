#include <criterion/criterion.h>

#include "base/scalar.h"
#include "base/settings.h"
#include "base/storm_keys.h"

#include <stdint.h>
#include <string.h>

Test(settings, each_is_found_by_its_key_and_there_is_only_one)
{
    size_t n;
    const gi_setting_info *all = gi_settings_all(&n);

    cr_assert_gt(n, 10);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(gi_settings_find(all[i].key), &all[i]);
    cr_assert_null(gi_settings_find("topology.max.spout.pendng"));
    cr_assert_null(gi_settings_find(""));
}

/* A default that its own check refused would be a bad joke. */
Test(settings, each_default_is_of_its_kind_and_in_its_range)
{
    size_t n;
    const gi_setting_info *all = gi_settings_all(&n);

    for (size_t i = 0; i < n; i++) {
        const gi_setting_info *s = &all[i];
        int64_t whole = 0;
        double v = 0;
        bool b;

        cr_assert_gt(strlen(s->text), 0);
        if (*s->otherwise == '\0' || s->kind == GI_KIND_TEXT ||
            s->kind == GI_KIND_LIST)
            continue;
        if (s->kind == GI_KIND_BOOL) {
            cr_assert(gi_scalar_bool(s->otherwise, &b), "%s", s->key);
            continue;
        }
        if (s->kind == GI_KIND_INT)
            cr_assert(gi_scalar_i64(s->otherwise, &whole), "%s", s->key);
        cr_assert(gi_scalar_f64(s->otherwise, &v), "%s", s->key);
        cr_assert(v >= s->min && v <= s->max, "%s", s->key);
    }
}

Test(settings, a_daemons_setting_of_storms_is_let_pass)
{
    cr_assert_eq(gi_storm_key("nimbus.seeds", NULL), GI_STORM_CLUSTER);
    cr_assert_eq(gi_storm_key("storm.zookeeper.servers.0", NULL),
                 GI_STORM_CLUSTER);
    cr_assert_eq(gi_storm_key("supervisor.slots.ports", NULL),
                 GI_STORM_CLUSTER);
}

Test(settings, a_setting_of_storms_without_meaning_says_why)
{
    const char *why = NULL;

    cr_assert_eq(gi_storm_key("topology.transfer.buffer.size", &why),
                 GI_STORM_VOID);
    cr_assert_str_eq(why, "use topology.batch.credit");
    cr_assert_eq(gi_storm_key("topology.kryo.register", NULL), GI_STORM_VOID);
    cr_assert_eq(gi_storm_key("topology.classpath.beginning", NULL),
                 GI_STORM_VOID);
}

Test(settings, a_key_that_only_begins_alike_is_not_storms)
{
    cr_assert_eq(gi_storm_key("topology.taskss", NULL), GI_STORM_UNKNOWN);
    cr_assert_eq(gi_storm_key("topology.task", NULL), GI_STORM_UNKNOWN);
    cr_assert_eq(gi_storm_key("storm.zookeepers", NULL), GI_STORM_UNKNOWN);
    cr_assert_eq(gi_storm_key("", NULL), GI_STORM_UNKNOWN);
}
