/* crc32c.h -- the checksum of frames and files: CRC-32C (Castagnoli), as in
 * iSCSI.
 *
 * Processors compute it: SSE4.2 and the ARM CRC extension have an instruction
 * for eight bytes of it.  Whether this one does is asked once, at run time;
 * without it tables do the work, five to ten times slower.  All ways give the
 * same number.
 */
#ifndef GI_BASE_CRC32C_H
#define GI_BASE_CRC32C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the bytes that gave `before` (0: of none) and the `len` bytes at `p`
 * behind them.  Of "123456789" alone it is 0xe3069283.
 *
 * Thread  any
 */
uint32_t gi_crc32c(uint32_t before, const void *p, size_t len);

/* The ways it is done, for tests and measurements: by tables, which always
 * works, and by the processor, only where gi_crc32c_has_hardware. */
uint32_t gi_crc32c_by_table(uint32_t before, const void *p, size_t len);
uint32_t gi_crc32c_by_hardware(uint32_t before, const void *p, size_t len);
bool gi_crc32c_has_hardware(void);

#endif
