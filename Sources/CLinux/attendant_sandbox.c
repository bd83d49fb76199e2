/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "attendant_parts.h"
#include "landlock.h"
#include "sandbox.h"
#include "seccomp.h"

#include <linux/capability.h>
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

/* A descriptor keeps what was allowed when it was opened: the tracer truncates the log. */
#define WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | NST_LANDLOCK_TRUNCATE)
#define ROTATE (WRITE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)

int nst_attendant_confine(int log_directory, int log_device, int control_directory)
{
	const struct nst_calls lists[] = { NST_CALLS(allowed_calls, rules) };
	const struct nst_grant grants[] = {
		/* /dev is full of other devices */
		{ log_device >= 0 ? -1 : log_directory, ROTATE },
		{ log_device, WRITE },
		{ control_directory, LANDLOCK_ACCESS_FS_REMOVE_FILE },
	};
	int result = nst_keep_capabilities(1ULL << CAP_DAC_OVERRIDE);

	if (result == 0)
		result = nst_hide_memory();
	if (result == 0)
		result = nst_restrict_files(grants, NST_COUNT(grants));
	return result ? result : nst_allow_only(lists, NST_COUNT(lists));
}
