/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <nsevents.h>
#include <time.h>

#define HEADER_BYTES 24
#define BLOCK_HEADER_BYTES 16

static int64_t clock_offset_ns;

static void read_all(FILE *file, void *to, size_t bytes)
{
	require(fread(to, 1, bytes, file) == bytes, "read a whole dump");
}

/* As nstrace replay --format json spells times, so that both can be sorted by text. */
static void print_freed(const struct nst_freed *freed)
{
	int64_t ns = (int64_t)freed->hdr.time_ns + clock_offset_ns;
	time_t seconds = ns / 1000000000;
	char text[32];

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", gmtime(&seconds));
	printf("%s.%09dZ FREED %u\n", text, (int)(ns % 1000000000), freed->inum);
}

static void list(const char *records, uint32_t bytes)
{
	const struct nst_header *header;

	for (uint32_t at = 0; at < bytes; at += header->size) {
		header = (const void *)(records + at);
		if (header->kind == NST_KIND_CLOCK)
			clock_offset_ns = ((const struct nst_clock *)header)->realtime_offset_ns;
		if (header->kind == NST_KIND_FREED)
			print_freed((const void *)header);
	}
}

/* freed DUMP: what the kernel said that it freed, `TIME FREED INODE` a line, by nothing but the dump. */
int freed(int argc, char **argv)
{
	uint32_t head[HEADER_BYTES / 4], block[BLOCK_HEADER_BYTES / 4];
	char *records;
	FILE *file;

	require(argc == 1, "freed without a dump");
	file = fopen(argv[0], "r");
	require(file != NULL, "open the dump");
	read_all(file, head, sizeof(head));
	require(fseek(file, head[4], SEEK_CUR) == 0, "pass over the HOST record");
	for (read_all(file, block, sizeof(block)); block[1] > 0; read_all(file, block, sizeof(block))) {
		records = malloc(block[1]);
		require(records != NULL, "have memory");
		read_all(file, records, block[1]);
		list(records, block[1]);
		free(records);
	}
	return 0;
}
