/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* FREED records: inode numbers of namespaces that the kernel has freed. */
#ifndef NST_FREED_H
#define NST_FREED_H

#include "emit.h"
#include "kernel.h"
#include "nsevents.h"

static __always_inline void emit_freed(__u32 inum)
{
	struct nst_freed *record = reserve(NST_KIND_FREED, sizeof(*record));

	if (!record)
		return;
	record->inum = inum;
	record->pad = 0;
	submit(record);
}

#endif
