#include "topology/hash.h"

uint64_t gale_hash(const gale_value *values, size_t n)
{
    uint64_t h = 0;

    for (size_t i = 0; i < n; i++)
        h = gi_hash_value(&values[i], h);
    return h;
}
