/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"
#include "dump.h"

static long unshares, lost, skipped;

static int made_one(const struct nst_call *call)
{
	return call->op == NST_OP_UNSHARE && call->result == 0;
}

static void count(const struct nst_header *header)
{
	const struct nst_lost *loss = (const void *)header;

	if (header->kind == NST_KIND_SWITCH)
		unshares += made_one(&((const struct nst_switch *)header)->call);
	if (header->kind != NST_KIND_LOST || loss->kind != NST_KIND_SWITCH)
		return;
	if (loss->flags & NST_LOST_SKIPPED)
		skipped += loss->count;
	else
		lost += loss->count;
}

/*
 * recorded DUMP: counts the dump's successful calls of unshare, and the SWITCH records
 * that are reported as lost.
 */
int recorded(int argc, char **argv)
{
	require(argc == 1, "recorded without a dump");
	read_dump(argv[0], count);
	report_number("recorded", "unshares", unshares);
	report_number("recorded", "lost", lost);
	report_number("recorded", "skipped", skipped);
	return 0;
}
