/* SPDX-License-Identifier: Apache-2.0 */
#include "checksum.h"

#include <string.h>

#define POLYNOMIAL 0x82f63b78 /* reflected */

static uint32_t crc_by_bit(uint32_t crc, const uint8_t *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
	}
	return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t crc_by_word(uint32_t crc, const uint8_t *data,
							      size_t bytes)
{
	uint64_t wide = crc;

	for (; bytes >= 8; data += 8, bytes -= 8) {
		uint64_t word;

		memcpy(&word, data, sizeof(word));
		wide = __builtin_ia32_crc32di(wide, word);
	}
	return crc_by_bit((uint32_t)wide, data, bytes);
}
#endif

uint32_t nst_crc32c(uint32_t crc, const void *data, size_t bytes)
{
	crc = ~crc;
#ifdef __x86_64__
	if (__builtin_cpu_supports("sse4.2"))
		return ~crc_by_word(crc, data, bytes);
#endif
	return ~crc_by_bit(crc, data, bytes);
}
