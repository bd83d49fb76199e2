/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "nsfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From <linux/fcntl.h> and <linux/exportfs.h> of 6.18; Debian 12 has older headers. */
#ifndef FD_NSFS_ROOT
#define FD_NSFS_ROOT -10003
#endif
#define FILEID_NSFS 241

/* struct file_handle with a struct nsfs_file_handle inside. */
struct handle {
	__u32 bytes;
	__s32 type;
	__u64 ns_id;
	__u32 ns_type;
	__u32 ns_inum;
};

static int has_admin(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	return syscall(SYS_capget, &header, data) == 0 && data[0].effective >> CAP_SYS_ADMIN & 1;
}

/* The kernel checks the capability in the user namespace that owns the namespace of the handle. */
static int is_in(const char *path, __u32 inum)
{
	struct stat status;

	return stat(path, &status) == 0 && status.st_ino == inum;
}

/*
 * The kernel refuses with ESTALE, too: without the capability every namespace
 * would seem gone. Therefore look at the capabilities, ask for a namespace
 * that exists, and ask for one that does not.
 */
int nst_can_ask(const struct nst_set *initial)
{
	__u64 id = initial->id[NST_SLOT_UTS];
	__u32 inum = initial->inum[NST_SLOT_UTS];

	return id != 0 && has_admin() &&
	       is_in("/proc/self/ns/user", initial->inum[NST_SLOT_USER]) &&
	       nst_ask(id, inum, CLONE_NEWUTS) == NST_ANSWER_YES &&
	       nst_ask(~(__u64)0, inum, CLONE_NEWUTS) == NST_ANSWER_NO;
}

enum nst_answer nst_ask(__u64 id, __u32 inum, __u32 type)
{
	struct handle handle = {
		.bytes = 16, .type = FILEID_NSFS, .ns_id = id, .ns_type = type, .ns_inum = inum
	};
	int fd = syscall(SYS_open_by_handle_at, FD_NSFS_ROOT, &handle, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ESTALE ? NST_ANSWER_NO : NST_ANSWER_UNKNOWN;
	close(fd);
	return NST_ANSWER_YES;
}
