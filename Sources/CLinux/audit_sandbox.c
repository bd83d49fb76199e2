/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "audit_parts.h"
#include "landlock.h"
#include "sandbox.h"
#include "seccomp.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Several calls in a line: */
/* clang-format off */
static const int allowed_calls[] = {
	SYS_recvfrom, SYS_clock_gettime, SYS_clock_nanosleep, SYS_restart_syscall, SYS_exit_group,
	/* the tracer's end, which is a signal, and the alarm behind it */
	SYS_rt_sigreturn, SYS_setitimer,
};
/* clang-format on */

static const struct nst_rule rules[] = {
	/* to the tracer, and to the kernel, never to an address */
	{ SYS_sendto, 5, 0, NST_ALL_BITS },
};

/* A change of the user has left what is permitted, and nothing effective. */
static int keep_only(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) != 0)
		return -errno;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= (1ULL << capability) >> 32 * i;
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data) == 0 ? 0 : -errno;
}

int nst_audit_confine(void)
{
	const struct nst_calls list = NST_CALLS(allowed_calls, rules);
	int result = keep_only(CAP_AUDIT_WRITE);

	if (result == 0)
		result = nst_hide_memory();
	if (result == 0)
		result = nst_restrict_files(NULL, 0);
	return result ? result : nst_allow_only(&list, 1);
}
