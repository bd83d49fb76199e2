/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "landlock.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* struct landlock_ruleset_attr of 6.12. An older kernel is given less of it. */
struct ruleset {
	__u64 files;
	__u64 ports;
	__u64 scoped;
};

/* By the version of Landlock's interface: index 0 is version 1. */
static const struct {
	/* the highest bit of the rights to files */
	int file_bits;
	size_t size;
} versions[] = {
	{ 13, 8 }, { 14, 8 }, { 15, 8 }, { 15, 16 }, { 16, 16 }, { 16, 24 },
};

#define VERSIONS ((long)(sizeof(versions) / sizeof(versions[0])))
#define BIND_AND_CONNECT 3
#define SOCKETS_AND_SIGNALS 3

static int grant(int ruleset, const struct nst_grant *grants, size_t count, __u64 known)
{
	for (size_t i = 0; i < count; i++) {
		struct landlock_path_beneath_attr beneath = {
			.allowed_access = grants[i].rights & known, .parent_fd = grants[i].fd
		};

		if (grants[i].fd >= 0 && syscall(SYS_landlock_add_rule, ruleset,
						 LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0)
			return -errno;
	}
	return 0;
}

int nst_restrict_files(const struct nst_grant *grants, size_t count)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset wanted = { .ports = BIND_AND_CONNECT, .scoped = SOCKETS_AND_SIGNALS };
	int ruleset, result;

	/* EOPNOTSUPP: built in and not switched on. */
	if (version < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
	if (version > VERSIONS)
		version = VERSIONS;
	wanted.files = (1ULL << versions[version - 1].file_bits) - 1;
	ruleset = syscall(SYS_landlock_create_ruleset, &wanted, versions[version - 1].size, 0);
	if (ruleset < 0)
		return -errno;
	result = grant(ruleset, grants, count, wanted.files);
	if (result == 0 && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
			    syscall(SYS_landlock_restrict_self, ruleset, 0) != 0))
		result = -errno;
	close(ruleset);
	return result;
}
