#include "base/settings.h"

#include <string.h>

static const gi_setting_info settings[] = {
#define SETTING(key, kind, otherwise, min, max, component, text) \
    { key, GI_KIND_##kind, otherwise, min, max, component, text },
    GI_SETTINGS(SETTING)
#undef SETTING
};

enum { N_SETTINGS = sizeof(settings) / sizeof(settings[0]) };

const gi_setting_info *gi_settings_all(size_t *n)
{
    *n = N_SETTINGS;
    return settings;
}

const gi_setting_info *gi_settings_find(const char *key)
{
    for (size_t i = 0; i < N_SETTINGS; i++)
        if (strcmp(settings[i].key, key) == 0)
            return &settings[i];
    return NULL;
}
