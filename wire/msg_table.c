#include "wire/msg_table.h"

#include <assert.h>

#define FIELD(field_kind, field)     \
    { .name = #field,                \
      .len = sizeof(#field) - 1,     \
      .kind = GI_FIELD_##field_kind, \
      .at = offsetof(self, field) },
#define FIELD_LIST(message, field)       \
    { .name = #field,                    \
      .len = sizeof(#field) - 1,         \
      .kind = GI_FIELD_LIST,             \
      .at = offsetof(self, field),       \
      .n_at = offsetof(self, n_##field), \
      .inner = GI_M_##message },

#define MESSAGE(message)                                                    \
    static gi_shape shape_of_##message(void)                                \
    {                                                                       \
        typedef gi_msg_##message self;                                      \
        static const gi_field fields[] = { GI_MSG_##message(FIELD,          \
                                                            FIELD_LIST) };  \
                                                                            \
        _Static_assert(sizeof(fields) <= GI_MSG_FIELDS * sizeof(fields[0]), \
                       "a bit for each");                                   \
        return (gi_shape){ #message, sizeof(self), fields,                  \
                           sizeof(fields) / sizeof(fields[0]) };            \
    }
GI_MESSAGES(MESSAGE)

gi_shape gi_shape_of(gi_msg kind)
{
    switch (kind) {
#define CASE(message)    \
    case GI_M_##message: \
        return shape_of_##message();
        GI_MESSAGES(CASE)
    default:
        assert(kind < GI_N_MESSAGES);
        return shape_of_nothing();
    }
}

size_t gi_msg_size(gi_msg kind)
{
    return gi_shape_of(kind).size;
}
