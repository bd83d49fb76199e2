/* SPDX-License-Identifier: Apache-2.0 */
#include "dump.h"

#include "actor.h"

#define HEADER_BYTES 24
#define BLOCK_HEADER_BYTES 16

static void read_all(FILE *file, void *to, size_t bytes)
{
	require(fread(to, 1, bytes, file) == bytes, "read a whole dump");
}

static void hand_over(const char *records, uint32_t bytes,
		      void (*take)(const struct nst_header *record))
{
	const struct nst_header *header;

	for (uint32_t at = 0; at < bytes; at += header->size) {
		header = (const void *)(records + at);
		take(header);
	}
}

void read_dump(const char *path, void (*take)(const struct nst_header *record))
{
	uint32_t head[HEADER_BYTES / 4], block[BLOCK_HEADER_BYTES / 4];
	FILE *file = fopen(path, "r");
	char *records;

	require(file != NULL, "open the dump");
	read_all(file, head, sizeof(head));
	require(fseek(file, head[4], SEEK_CUR) == 0, "pass over the HOST record");
	for (read_all(file, block, sizeof(block)); block[1] > 0;
	     read_all(file, block, sizeof(block))) {
		records = malloc(block[1]);
		require(records != NULL, "have memory");
		read_all(file, records, block[1]);
		hand_over(records, block[1], take);
		free(records);
	}
	fclose(file);
}
