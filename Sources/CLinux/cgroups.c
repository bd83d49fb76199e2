/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sched.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* A descriptor of the mount, or -errno. */
static int mount_detached(const char *controller)
{
	int fs = syscall(SYS_fsopen, controller ? "cgroup" : "cgroup2", FSOPEN_CLOEXEC);
	int mount = -1;

	if (fs < 0)
		return -errno;
	if ((!controller ||
	     syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, controller, NULL, 0) == 0) &&
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mount = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
				MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					MOUNT_ATTR_NOEXEC);
	if (mount < 0)
		mount = -errno;
	close(fs);
	return mount;
}

/* What fsmount gives cannot be listed: it is opened like O_PATH. */
static int open_directory(int mount)
{
	int fd = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fd = -errno;
	close(mount);
	return fd;
}

int nst_open_cgroups(const char *controller)
{
	int own = open("/proc/thread-self/ns/cgroup", O_RDONLY | O_CLOEXEC);
	int host = open("/proc/2/ns/cgroup", O_RDONLY | O_CLOEXEC);
	int result = own < 0 || host < 0 || setns(host, CLONE_NEWCGROUP) != 0 ? -errno : 0;

	if (result == 0) {
		result = mount_detached(controller);
		setns(own, CLONE_NEWCGROUP);
	}
	if (own >= 0)
		close(own);
	if (host >= 0)
		close(host);
	return result < 0 ? result : open_directory(result);
}

int nst_is_cgroups(int fd)
{
	struct statfs status;

	return fstatfs(fd, &status) == 0 &&
	       (status.f_type == CGROUP_SUPER_MAGIC || status.f_type == CGROUP2_SUPER_MAGIC);
}
