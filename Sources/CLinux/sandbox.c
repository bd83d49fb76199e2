/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#endif

int nst_become(const char *name, uid_t user, gid_t group)
{
	if (initgroups(name, group) != 0 || setresgid(group, group, group) != 0 ||
	    setresuid(user, user, user) != 0)
		return -errno;
	/* Otherwise a process of the same user could ptrace us and use the open descriptors. */
	return prctl(PR_SET_DUMPABLE, 0) == 0 ? 0 : -errno;
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
 * output and recording, serve the control socket, exit. Found with strace; some
 * were added because the allocator or the C library may call them.
 */
static const int allowed_calls[] = {
	/* the ring, the walks, the outputs */
	SYS_read, SYS_write, SYS_writev, SYS_pwritev2, SYS_lseek, SYS_ftruncate, SYS_close,
	SYS_newfstatat, SYS_fstat, SYS_fcntl, SYS_getdents64,
	/* waiting: on the ring, signals, clients */
	SYS_ppoll, SYS_epoll_pwait, SYS_membarrier, SYS_clock_gettime, SYS_clock_nanosleep,
	SYS_nanosleep, SYS_restart_syscall,
	/* clients */
	SYS_accept, SYS_accept4, SYS_sendto, SYS_recvfrom, SYS_getsockopt, SYS_pidfd_open,
	SYS_unlinkat,
	/* memory, and the runtimes */
	SYS_munmap, SYS_mremap, SYS_brk, SYS_futex, SYS_getrandom, SYS_getpid, SYS_geteuid,
	SYS_gettid, SYS_sched_yield, SYS_sched_getaffinity, SYS_sysinfo,
	/* signals, and the end */
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_exit, SYS_exit_group,
#ifdef __x86_64__
	SYS_poll, SYS_epoll_wait, SYS_stat, SYS_lstat, SYS_unlink, SYS_time, SYS_gettimeofday,
#endif
};
/* clang-format on */

/* A call that is allowed if `argument`, masked, equals `value`. */
struct conditional {
	int call;
	unsigned int argument;
	__u32 value;
	__u32 mask;
};

#define ALL_BITS 0xffffffff
#ifndef FD_NSFS_ROOT
#define FD_NSFS_ROOT -10003 /* <linux/fcntl.h> of 6.18 */
#endif
#define OPEN_FOR_APPENDING (O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC)

/* The filter compares 32 bits: the kernel reads no more of these arguments. */
static const struct conditional conditionals[] = {
	{ SYS_bpf, 0, BPF_ITER_CREATE, ALL_BITS },
	/* to read how many runs the kernel skipped, and to attach the fallback program */
	{ SYS_bpf, 0, BPF_OBJ_GET_INFO_BY_FD, ALL_BITS },
	{ SYS_bpf, 0, BPF_RAW_TRACEPOINT_OPEN, ALL_BITS },
	{ SYS_ioctl, 1, PERF_EVENT_IOC_DISABLE, ALL_BITS },
	/* after SIGWINCH */
	{ SYS_ioctl, 1, TIOCGWINSZ, ALL_BITS },
	{ SYS_mmap, 2, 0, PROT_EXEC },
	{ SYS_mprotect, 2, 0, PROT_EXEC },
	/* directories only: a resync walks over the cgroups */
	{ SYS_openat, 2, O_DIRECTORY, O_ACCMODE | O_CREAT | O_TRUNC | O_DIRECTORY },
	/* an nsfs handle names a namespace; of calls with its descriptor only close is allowed */
	{ SYS_open_by_handle_at, 0, (__u32)FD_NSFS_ROOT, ALL_BITS },
	/* not MADV_HWPOISON and MADV_SOFT_OFFLINE (100, 101), which CAP_SYS_ADMIN allows */
	{ SYS_madvise, 2, 0, ~(__u32)63 },
};

/* The flags of FileDescriptor.appending. */
static const struct conditional append = { SYS_openat, 2, OPEN_FOR_APPENDING, ALL_BITS };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PER_CALL 2
#define PER_CONDITIONAL 6
#define FILTER_MAX                                                                                 \
	(6 + PER_CALL * COUNT(allowed_calls) + PER_CONDITIONAL * (COUNT(conditionals) + 2))

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short length;
};

static void put(struct filter *filter, struct sock_filter instruction)
{
	filter->code[filter->length++] = instruction;
}

#define PUT(filter, ...) put(filter, (struct sock_filter)__VA_ARGS__)
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
#define LOAD_NUMBER LOAD(offsetof(struct seccomp_data, nr))

static void put_conditional(struct filter *filter, const struct conditional *condition)
{
	unsigned int low = offsetof(struct seccomp_data, args) + 8 * condition->argument;

	PUT(filter, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, condition->call, 0, 5));
	PUT(filter, LOAD(low));
	PUT(filter, BPF_STMT(BPF_ALU | BPF_AND | BPF_K, condition->mask));
	PUT(filter, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, condition->value, 0, 1));
	PUT(filter, RETURN(SECCOMP_RET_ALLOW));
	PUT(filter, LOAD_NUMBER);
}

static void make_filter(struct filter *filter, int appends)
{
	/* abort(3) sends SIGABRT to its own thread. */
	const struct conditional own_end = { SYS_tgkill, 0, getpid(), ALL_BITS };

	filter->length = 0;
	PUT(filter, LOAD(offsetof(struct seccomp_data, arch)));
	PUT(filter, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0));
	PUT(filter, RETURN(SECCOMP_RET_KILL_PROCESS));
	PUT(filter, LOAD_NUMBER);
	for (size_t i = 0; i < COUNT(allowed_calls); i++) {
		PUT(filter, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed_calls[i], 0, 1));
		PUT(filter, RETURN(SECCOMP_RET_ALLOW));
	}
	for (size_t i = 0; i < COUNT(conditionals); i++)
		put_conditional(filter, &conditionals[i]);
	if (appends)
		put_conditional(filter, &append);
	put_conditional(filter, &own_end);
	PUT(filter, RETURN(SECCOMP_RET_ERRNO | EPERM));
}

int nst_enter_sandbox(int appends)
{
	struct filter filter;
	struct sock_fprog program = { .filter = filter.code };

	make_filter(&filter, appends);
	program.len = filter.length;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
		return -errno;
	return 0;
}
