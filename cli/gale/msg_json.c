#include "cli/gale/msg_json.h"

/* Of each message a function that writes its fields. */
#define PUT_NUM(name)   gi_json_u64(j, #name, m->name);
#define PUT_BOOL(name)  gi_json_bool(j, #name, m->name);
#define PUT_TEXT(name)  gi_json_str(j, #name, m->name);
#define PUT_BYTES(name) gi_json_u64(j, #name "_bytes", m->name.n);
#define PUT(kind, name) PUT_##kind(name)
#define PUT_LIST(message, name)                \
    gi_json_list(j, #name);                    \
    for (uint32_t i = 0; i < m->n_##name; i++) \
        put_##message(j, NULL, &m->name[i]);   \
    gi_json_end(j);

#define DEFINE(message)                                    \
    static void put_##message(gi_json *j, const char *key, \
                              const gi_msg_##message *m)   \
    {                                                      \
        gi_json_object(j, key);                            \
        GI_MSG_##message(PUT, PUT_LIST) gi_json_end(j);    \
    }
GI_MESSAGES(DEFINE)

void gi_msg_json(gi_json *j, const char *key, gi_msg kind, const void *m)
{
    switch (kind) {
#define CASE(message)             \
    case GI_M_##message:          \
        put_##message(j, key, m); \
        return;
        GI_MESSAGES(CASE)
#undef CASE
    case GI_N_MESSAGES:
        break;
    }
}
