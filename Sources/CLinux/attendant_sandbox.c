/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "attendant_parts.h"
#include "landlock.h"
#include "sandbox.h"
#include "seccomp.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* Several calls in a line: */
/* clang-format off */
static const int allowed_calls[] = {
	SYS_recvfrom, SYS_sendmsg, SYS_close, SYS_fstat, SYS_newfstatat, SYS_geteuid,
	SYS_restart_syscall, SYS_exit_group,
};
/* clang-format on */

static const struct nst_rule rules[] = {
	{ SYS_openat, 2, NST_APPENDING, NST_ALL_BITS },
	/* no flags: neither RENAME_EXCHANGE nor AT_REMOVEDIR */
	{ SYS_renameat2, 4, 0, NST_ALL_BITS },
	{ SYS_unlinkat, 2, 0, NST_ALL_BITS },
};

/* Only with a keeper: what is pinned is an object of its own, and where is for Landlock. */
static const struct nst_rule keeping[] = {
	{ SYS_bpf, 0, BPF_OBJ_PIN, NST_ALL_BITS },
	{ SYS_unlinkat, 2, AT_REMOVEDIR, NST_ALL_BITS },
	/* of the keeper's directory, before it is removed */
	{ SYS_flock, 1, LOCK_EX | LOCK_NB, NST_ALL_BITS },
};

/* A descriptor keeps what was allowed when it was opened: the tracer truncates the log. */
#define WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | NST_LANDLOCK_TRUNCATE)
#define ROTATE (WRITE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)

#define KEEP (LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)

static int restrict_places(const struct nst_attendant_places *places)
{
	const struct nst_grant grants[] = {
		/* /dev is full of other devices */
		{ places->log_device >= 0 ? -1 : places->log, ROTATE },
		{ places->log_device, WRITE },
		{ places->control, LANDLOCK_ACCESS_FS_REMOVE_FILE },
		{ places->keep, KEEP },
		{ places->above_keep, LANDLOCK_ACCESS_FS_REMOVE_DIR },
		{ places->routes, WRITE | LANDLOCK_ACCESS_FS_MAKE_REG },
	};

	return nst_restrict_files(grants, NST_COUNT(grants));
}

int nst_attendant_confine(const struct nst_attendant_places *places)
{
	const struct nst_calls lists[] = { NST_CALLS(allowed_calls, rules),
					   { NULL, 0, keeping, NST_COUNT(keeping) } };
	/* The kernel tells nobody else what its audit has lost. */
	unsigned long long to_ask = places->audit >= 0 ? 1ULL << CAP_AUDIT_CONTROL : 0;
	int result = nst_keep_capabilities(1ULL << CAP_DAC_OVERRIDE | to_ask);

	if (result == 0)
		result = nst_hide_memory();
	if (result == 0)
		result = restrict_places(places);
	return result ? result : nst_allow_only(lists, places->keep >= 0 ? 2 : 1);
}
