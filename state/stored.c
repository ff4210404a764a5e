#include "state/stored.h"

#include "base/diag.h"

static gale_err refuse(gale_diag *why, const char *text)
{
    gi_diag_say(why, "%s", text);
    return GALE_EINVAL;
}

gale_err gi_stored_no_memory(gale_diag *why)
{
    gi_diag_say(why, "out of memory");
    return GALE_ENOMEM;
}

bool gi_stored_group_may_have(uint32_t group, gale_str prefix)
{
    char bytes[GI_STORED_GROUP];

    gi_put_be16(bytes, (uint16_t)group);
    return memcmp(bytes, prefix.ptr == NULL ? "" : prefix.ptr,
                  prefix.len < sizeof(bytes) ? prefix.len : sizeof(bytes)) ==
           0;
}

static bool empty(const char *name)
{
    return name == NULL || name[0] == '\0';
}

gale_err gi_stored_check_where(const gale_store_where *w, gale_diag *why)
{
    if (empty(w->topology) || empty(w->state))
        return refuse(why, "a state has a name, and its topology, too");
    if (w->count == 0 || w->count > GALE_STATE_GROUPS ||
        w->index >= w->count) {
        gi_diag_say(why,
                    "state '%s': part %u of %u; there are 1 to %d parts, "
                    "counted from 0",
                    w->state, w->index, w->count, GALE_STATE_GROUPS);
        return GALE_EINVAL;
    }
    return GALE_OK;
}

static gale_err check_key(gale_str key, uint32_t from, uint32_t to,
                          gale_diag *why)
{
    uint32_t group;

    if (key.ptr == NULL || key.len < GI_STORED_GROUP ||
        key.len > GALE_STATE_KEY_MOST) {
        gi_diag_say(why, "a key of %u bytes; as it is stored it has %d to %d",
                    key.len, GI_STORED_GROUP, GALE_STATE_KEY_MOST);
        return GALE_EINVAL;
    }
    group = gi_stored_group(key);
    if (group < from || group >= to) {
        gi_diag_say(why,
                    "a key of group %u; this part has the groups %u to %u: "
                    "rows have to go to the part that gale_state_part names",
                    group, from, to - 1);
        return GALE_EINVAL;
    }
    return GALE_OK;
}

gale_err gi_stored_check_keys(const gale_str *keys, size_t n, uint32_t from,
                              uint32_t to, gale_diag *why)
{
    gale_err rv = GALE_OK;

    for (size_t i = 0; rv == GALE_OK && i < n; i++)
        rv = check_key(keys[i], from, to, why);
    return rv;
}

gale_err gi_stored_check_changes(const gale_change *c, size_t n, uint32_t from,
                                 uint32_t to, bool read_only, gale_diag *why)
{
    gale_err rv = GALE_OK;

    if (read_only)
        return refuse(why, "opened to be read only");
    for (size_t i = 0; rv == GALE_OK && i < n; i++) {
        rv = check_key(c[i].key, from, to, why);
        if (rv == GALE_OK && c[i].value.ptr != NULL &&
            c[i].value.len > GI_STORED_VALUE_MOST) {
            gi_diag_say(why, "a value of %u bytes; %d are the most",
                        c[i].value.len, GI_STORED_VALUE_MOST);
            rv = GALE_EINVAL;
        }
    }
    return rv;
}
