/* msg_table.h -- messages.h as data: which fields a message has, and where.
 * Within wire/ only. */
#ifndef GI_WIRE_MSG_TABLE_H
#define GI_WIRE_MSG_TABLE_H

#include "wire/msg.h"

typedef enum gi_field_kind {
    GI_FIELD_NUM,
    GI_FIELD_BOOL,
    GI_FIELD_TEXT,
    GI_FIELD_BYTES,
    GI_FIELD_LIST,
} gi_field_kind;

typedef struct gi_field {
    const char *name;
    uint32_t len; /* of the name */
    gi_field_kind kind;
    size_t at, n_at; /* in the struct; LIST: the pointer and the number */
    gi_msg inner;    /* LIST: of these */
} gi_field;

typedef struct gi_shape {
    const char *name;
    size_t size; /* of the struct */
    const gi_field *fields;
    uint32_t n;
} gi_shape;

enum { GI_MSG_FIELDS = 64 }; /* of one message, at most */

gi_shape gi_shape_of(gi_msg kind);

#endif
