/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NST_CHECKSUM_H
#define NST_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * CRC-32C (Castagnoli, RFC 3720 B.4) of `bytes` bytes, continued from `crc`; a
 * new checksum starts at 0. Uses the processor's instruction if it has one.
 */
uint32_t nst_crc32c(uint32_t crc, const void *data, size_t bytes);

#endif
