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
/* A crc32 instruction starts each cycle and takes three to finish: three stretches run at once. */
#define STRETCH 2048

/* For each byte of a checksum: what it becomes after STRETCH bytes of zeros. */
static uint32_t behind_stretch[4][256];

__attribute__((target("sse4.2"))) static uint32_t crc_of_zeros(uint32_t crc)
{
	uint64_t wide = crc;

	for (size_t i = 0; i < STRETCH; i += sizeof(wide))
		wide = __builtin_ia32_crc32di(wide, 0);
	return (uint32_t)wide;
}

__attribute__((constructor)) static void fill_behind_stretch(void)
{
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("sse4.2"))
		return;
	/* The checksum is linear over XOR: a byte's result is the XOR of its bits' results. */
	for (int bit = 0; bit < 32; bit++) {
		uint32_t crc = crc_of_zeros(1u << bit);

		for (int byte = 0; byte < 256; byte++)
			if (byte & 1 << bit % 8)
				behind_stretch[bit / 8][byte] ^= crc;
	}
}

static uint32_t skip_stretch(uint32_t crc)
{
	return behind_stretch[0][crc & 0xff] ^ behind_stretch[1][crc >> 8 & 0xff] ^
	       behind_stretch[2][crc >> 16 & 0xff] ^ behind_stretch[3][crc >> 24];
}

static uint64_t word_at(const uint8_t *data)
{
	uint64_t word;

	memcpy(&word, data, sizeof(word));
	return word;
}

__attribute__((target("sse4.2"))) static uint32_t crc_by_word(uint32_t crc, const uint8_t *data,
							      size_t bytes)
{
	uint64_t wide = crc;

	for (; bytes >= 3 * STRETCH; data += 3 * STRETCH, bytes -= 3 * STRETCH) {
		uint64_t second = 0, third = 0;

		for (const uint8_t *at = data; at < data + STRETCH; at += sizeof(wide)) {
			wide = __builtin_ia32_crc32di(wide, word_at(at));
			second = __builtin_ia32_crc32di(second, word_at(at + STRETCH));
			third = __builtin_ia32_crc32di(third, word_at(at + 2 * STRETCH));
		}
		wide = skip_stretch((uint32_t)wide) ^ second;
		wide = skip_stretch((uint32_t)wide) ^ third;
	}
	for (; bytes >= sizeof(wide); data += sizeof(wide), bytes -= sizeof(wide))
		wide = __builtin_ia32_crc32di(wide, word_at(data));
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
