#include "base/settings.h"

#include <string.h>

static const gi_setting_info settings[] = {
#define SETTING(key, kind, otherwise, min, max, component, text) \
    { key, GI_KIND_##kind, otherwise, min, max, component, NULL, text },
    GI_SETTINGS(SETTING)
#undef SETTING
};

static const gi_setting_info cluster[] = {
#define SETTING(key, kind, otherwise, min, max, readers, text) \
    { key, GI_KIND_##kind, otherwise, min, max, false, readers, text },
    GI_CLUSTER_SETTINGS(SETTING)
#undef SETTING
};

enum {
    N_SETTINGS = sizeof(settings) / sizeof(settings[0]),
    N_CLUSTER = sizeof(cluster) / sizeof(cluster[0]),
};

const gi_setting_info *gi_settings_all(size_t *n)
{
    *n = N_SETTINGS;
    return settings;
}

const gi_setting_info *gi_settings_cluster(size_t *n)
{
    *n = N_CLUSTER;
    return cluster;
}

static const gi_setting_info *find(const gi_setting_info *all, size_t n,
                                   const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(all[i].key, key) == 0)
            return &all[i];
    return NULL;
}

const gi_setting_info *gi_settings_find(const char *key)
{
    const gi_setting_info *found = find(settings, N_SETTINGS, key);

    return found != NULL ? found : find(cluster, N_CLUSTER, key);
}
