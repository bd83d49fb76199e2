/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"
#include "dump.h"

#include <time.h>

static int64_t clock_offset_ns;

/* Spells a time as nstrace replay --format json does, so that both can be sorted as text. */
static void print_freed(const struct nst_freed *freed)
{
	int64_t ns = (int64_t)freed->hdr.time_ns + clock_offset_ns;
	time_t seconds = ns / 1000000000;
	char text[32];

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", gmtime(&seconds));
	printf("%s.%09dZ FREED %u\n", text, (int)(ns % 1000000000), freed->inum);
}

static void print(const struct nst_header *header)
{
	if (header->kind == NST_KIND_CLOCK)
		clock_offset_ns = ((const struct nst_clock *)header)->realtime_offset_ns;
	if (header->kind == NST_KIND_FREED)
		print_freed((const void *)header);
}

/* freed DUMP: prints the dump's FREED records, `TIME FREED INODE` a line, from the dump alone. */
int freed(int argc, char **argv)
{
	require(argc == 1, "freed without a dump");
	read_dump(argv[0], print);
	return 0;
}
