/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "sandbox.h"
#include "landlock.h"
#include "seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int nst_hide_memory(void)
{
	return prctl(PR_SET_DUMPABLE, 0) == 0 ? 0 : -errno;
}

int nst_become(const char *name, uid_t user, gid_t group)
{
	if (initgroups(name, group) != 0 || setresgid(group, group, group) != 0 ||
	    setresuid(user, user, user) != 0)
		return -errno;
	return nst_hide_memory();
}

int nst_keep_capabilities(unsigned long long keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) != 0)
		return -errno;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		__u32 half = keep >> 32 * i;

		data[i].permitted &= half;
		data[i].effective &= half;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data) == 0 ? 0 : -errno;
}

/* Several calls in a line: */
/* clang-format off */
/*
 * The system calls of following: drain the ring, walk over the tasks, write
 * output and recording, serve the control socket, ask the attendant, exit. Found
 * with strace; some were added because the allocator or the C library may call them.
 */
static const int allowed_calls[] = {
	/* the ring, the walks, the outputs */
	SYS_read, SYS_write, SYS_writev, SYS_pwritev2, SYS_lseek, SYS_ftruncate, SYS_close,
	SYS_newfstatat, SYS_fstat, SYS_fstatfs, SYS_getdents64,
	/* waiting: on the ring, signals, clients */
	SYS_ppoll, SYS_epoll_pwait, SYS_membarrier, SYS_clock_gettime, SYS_clock_nanosleep,
	SYS_nanosleep, SYS_restart_syscall,
	/* clients, and the attendant's replies and end */
	SYS_accept4, SYS_recvfrom, SYS_recvmsg, SYS_getsockopt, SYS_pidfd_open, SYS_wait4,
	/* memory, and the runtimes */
	SYS_munmap, SYS_mremap, SYS_brk, SYS_futex, SYS_getrandom, SYS_getpid, SYS_geteuid,
	SYS_gettid, SYS_sched_yield, SYS_sched_getaffinity, SYS_sysinfo,
	/* signals, and the end */
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_exit, SYS_exit_group,
#ifdef __x86_64__
	SYS_poll, SYS_epoll_wait, SYS_time, SYS_gettimeofday,
#endif
};
/* clang-format on */

#ifndef FD_NSFS_ROOT
#define FD_NSFS_ROOT -10003 /* <linux/fcntl.h> of 6.18 */
#endif

static const struct nst_rule rules[] = {
	{ SYS_bpf, 0, BPF_ITER_CREATE, NST_ALL_BITS },
	/* to read how many runs the kernel skipped, and to attach the fallback program */
	{ SYS_bpf, 0, BPF_OBJ_GET_INFO_BY_FD, NST_ALL_BITS },
	{ SYS_bpf, 0, BPF_RAW_TRACEPOINT_OPEN, NST_ALL_BITS },
	{ SYS_ioctl, 1, PERF_EVENT_IOC_DISABLE, NST_ALL_BITS },
	/* after SIGWINCH */
	{ SYS_ioctl, 1, TIOCGWINSZ, NST_ALL_BITS },
	/* fdopendir(3). F_SETOWN and F_SETFL with O_ASYNC would send a signal to anybody. */
	{ SYS_fcntl, 1, F_GETFL, NST_ALL_BITS },
	{ SYS_fcntl, 1, F_SETFD, NST_ALL_BITS },
	/* of the log once it is opened again or rotated */
	{ SYS_flock, 1, LOCK_EX | LOCK_NB, NST_ALL_BITS },
	/* to the peer of a connection, never to an address */
	{ SYS_sendto, 5, 0, NST_ALL_BITS },
	{ SYS_mmap, 2, 0, PROT_EXEC },
	{ SYS_mprotect, 2, 0, PROT_EXEC },
	/* directories only: a resync walks over the cgroups */
	{ SYS_openat, 2, O_RDONLY | O_DIRECTORY | O_CLOEXEC, NST_ALL_BITS },
	/* an nsfs handle names a namespace; of calls with its descriptor only close is allowed */
	{ SYS_open_by_handle_at, 0, (__u32)FD_NSFS_ROOT, NST_ALL_BITS },
	/* free(3). Not MADV_HWPOISON and MADV_SOFT_OFFLINE, which CAP_SYS_ADMIN allows. */
	{ SYS_madvise, 2, MADV_DONTNEED, NST_ALL_BITS },
};

/* Of maps that are open: a keeper's registrations, and what the programs' variables allow, too. */
static const struct nst_rule keeping[] = {
	{ SYS_bpf, 0, BPF_MAP_LOOKUP_ELEM, NST_ALL_BITS },
	{ SYS_bpf, 0, BPF_MAP_UPDATE_ELEM, NST_ALL_BITS },
	{ SYS_bpf, 0, BPF_MAP_DELETE_ELEM, NST_ALL_BITS },
	{ SYS_bpf, 0, BPF_MAP_GET_NEXT_KEY, NST_ALL_BITS },
};

#define DIRECTORIES_MAX 32

/* Directories can be listed and opened beneath these, and nothing else can be done to files. */
static int restrict_files(const int *directories, size_t count)
{
	struct nst_grant grants[DIRECTORIES_MAX];

	if (count > DIRECTORIES_MAX)
		return -E2BIG;
	for (size_t i = 0; i < count; i++) {
		grants[i].fd = directories[i];
		grants[i].rights = LANDLOCK_ACCESS_FS_READ_DIR;
	}
	return nst_restrict_files(grants, count);
}

int nst_enter_sandbox(const int *directories, size_t count, int keeps)
{
	/* abort(3) sends SIGABRT to its own thread. */
	const struct nst_rule own_end[] = { { SYS_tgkill, 0, getpid(), NST_ALL_BITS } };
	const struct nst_calls lists[] = { NST_CALLS(allowed_calls, rules),
					   { NULL, 0, own_end, NST_COUNT(own_end) },
					   { NULL, 0, keeping, NST_COUNT(keeping) } };
	int result = nst_hide_memory();

	if (result == 0)
		result = restrict_files(directories, count);
	return result ? result : nst_allow_only(lists, keeps ? 3 : 2);
}
