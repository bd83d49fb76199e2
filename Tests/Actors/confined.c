/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sandbox.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define LOG_FLAGS (O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC)

static void say(const char *call, long result)
{
	report_number("confined", call, result < 0 ? errno : 0);
}

/* A handle of a namespace that was never made: struct file_handle, and its content in 6.18. */
static const struct {
	uint32_t bytes;
	int32_t type;
	uint64_t ns_id;
	uint32_t ns_type;
	uint32_t ns_inum;
} handle = { .bytes = 16, .type = 241, .ns_id = ~0ULL, .ns_type = CLONE_NEWUTS, .ns_inum = 1 };

/* Calls that a subverted tracer would make. */
static void try_what_is_refused(const char *file)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};
	char *const argv[] = { "true", NULL };
	static char page[4096] __attribute__((aligned(4096)));

	say("execve", execve("/bin/true", argv, NULL));
	say("fork", fork());
	say("socket", socket(AF_UNIX, SOCK_STREAM, 0));
	say("ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	say("kill", kill(getppid(), 0));
	say("tgkill", syscall(SYS_tgkill, getppid(), getppid(), 0));
	say("setuid", setuid(0));
	say("unshare", unshare(CLONE_NEWUTS));
	say("chmod", chmod(file, 0777));
	say("unlinkdir", rmdir("/nowhere"));
	say("bpf_map_create", syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
	say("mmap_exec",
	    (long)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	say("open_read", open("/proc/self/status", O_RDONLY | O_CLOEXEC));
	say("open_write", open(file, O_WRONLY | O_CLOEXEC));
	say("open_file_handle", syscall(SYS_open_by_handle_at, AT_FDCWD, &handle, O_RDONLY));
	say("poison_memory", madvise(page, 4096, MADV_HWPOISON));
	say("open_truncate", open(file, LOG_FLAGS | O_TRUNC, 0600));
}

/*
 * confined FILE 0|1: calls that following does not need are refused. 1: the log may be
 * opened again.
 */
int confined(int argc, char **argv)
{
	union bpf_attr nothing;

	memset(&nothing, 0xff, sizeof(nothing));
	require(argc == 2, "confined without a file and 0 or 1");
	require(nst_keep_capabilities(0) == 0, "give up capabilities");
	require(nst_enter_sandbox(atoi(argv[1])) == 0, "enter the sandbox");
	try_what_is_refused(argv[0]);
	say("open_log", open(argv[0], LOG_FLAGS, 0600));
	say("open_nsfs_handle", syscall(SYS_open_by_handle_at, -10003, &handle, O_RDONLY));
	say("bpf_prog_info", syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &nothing, sizeof(nothing)));
	say("bpf_attach", syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &nothing, sizeof(nothing)));
	say("mmap",
	    (long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	return 0;
}

/* confined-compat: makes a system call by another architecture's numbers. */
int confined_compat(int argc, char **argv)
{
	(void)argv;
	require(argc == 0, "confined-compat with arguments");
	require(nst_enter_sandbox(0) == 0, "enter the sandbox");
#ifdef __x86_64__
	/* The number is that of read there, and that of close here. */
	__asm__ volatile("int $0x80" : : "a"(3L) : "memory");
#endif
	return 0;
}
