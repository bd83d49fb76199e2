/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include "keeper.h"
#include "mode.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#if !__has_include("nsevents.skel.h")
#error "the BPF skeleton has not been generated: run make, not swift build"
#endif
#include "nsevents.skel.h"

#define TRACEFS "/sys/kernel/tracing"
#define TRACEFS_MAGIC 0x74726163

struct nst_probe {
	struct nsevents_bpf *skel;
	struct ring_buffer *ring;
	/* of the ring: a page with how far it is read, and one with how far it is written */
	const __u8 *positions;
	int by_fexit;	 /* the tier is fexit programs */
	int by_sys_exit; /* the tier is the return of every system call; if neither: tracepoints */
	/* of kernel.ftrace_enabled; -1: not opened */
	int ftrace_fd;
	int fallback_fd; /* of the link that replaced the fexit programs; -1: they are in use */
	/* by kind: skipped runs of fexit programs, until the fallback */
	__u64 skipped_before[NST_KIND_HOST];
	/* epoll, edge-triggered: the ring is half full */
	int full_fd;
	int snapshot_fd; /* -1 between walks */
	/* of each share, by kind: what nst_probe_take_held has given */
	__u64 taken[NST_SHARES][NST_SHARE_KINDS];
	__u8 *buffer; /* of the read in progress */
	size_t used;
	size_t capacity;
};

static int print_verbose(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	return vfprintf(stderr, format, args);
}

static int print_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* libbpf finds syscall tracepoints through tracefs, which may not be mounted yet. */
static int mount_tracefs(void)
{
	struct statfs fs;

	if (statfs(TRACEFS, &fs) == 0 && fs.f_type == TRACEFS_MAGIC)
		return 0;
	return mount("nodev", TRACEFS, "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0 ?
		       0 :
		       errno;
}

struct hook {
	__u32 bit;
	const char *name; /* of the tracepoint or function */
	struct bpf_program *program;
	struct bpf_link **link;
};

#define HOOK(skel, bit, name, program)                                                             \
	{                                                                                          \
		bit, name, (skel)->progs.program, &(skel)->links.program                           \
	}

/* Tables, which clang-format takes for expressions. */
/* clang-format off */

/* Attach exit first: once a task has been reported, its exit must not be missed. */
#define BTF_HOOKS(skel)                                                                            \
	{                                                                                          \
		HOOK(skel, NST_HOOK_EXIT, "sched_process_exit", task_exit),                        \
		HOOK(skel, NST_HOOK_EXEC, "sched_process_exec", task_exec),                        \
		HOOK(skel, NST_HOOK_NEWTASK, "task_newtask", task_new),                            \
	}

#define SYSCALL_HOOKS(skel)                                                                        \
	{                                                                                          \
		HOOK(skel, NST_HOOK_CLONE, "sys_exit_clone", clone_exit),                          \
		HOOK(skel, NST_HOOK_CLONE3, "sys_exit_clone3", clone3_exit),                       \
		HOOK(skel, NST_HOOK_UNSHARE, "sys_exit_unshare", unshare_exit),                    \
		HOOK(skel, NST_HOOK_SETNS, "sys_exit_setns", setns_exit),                          \
	}

#define SYS_EXIT_HOOK(skel) HOOK(skel, NST_HOOK_SYS_EXIT, "sys_exit", call_exit)

#define FEXIT_HOOKS(skel)                                                                          \
	{                                                                                          \
		HOOK(skel, NST_HOOK_FEXIT_CLONE, "kernel_clone", clone_return),                    \
		HOOK(skel, NST_HOOK_FEXIT_UNSHARE, "ksys_unshare", unshare_return),                \
		HOOK(skel, NST_HOOK_FEXIT_SETNS, "__x64_sys_setns", setns_return),                 \
		HOOK(skel, NST_HOOK_FEXIT_SETNS_COMPAT, "__ia32_sys_setns", setns_compat_return),  \
	}

/* Belongs to the fexit tier and is dispensable: without it there are no FREED records. */
#define FREED_HOOK(skel) HOOK(skel, NST_HOOK_FREED, "proc_free_inum", inum_freed)

#define CGROUP_HOOKS(skel)                                                                         \
	{                                                                                          \
		HOOK(skel, NST_HOOK_CGROUP_MKDIR, "cgroup_mkdir", cgroup_made),                    \
		HOOK(skel, NST_HOOK_CGROUP_RMDIR, "cgroup_rmdir", cgroup_removed),                 \
		HOOK(skel, NST_HOOK_CGROUP_RENAME, "cgroup_rename", cgroup_renamed),               \
		HOOK(skel, NST_HOOK_CGROUP_ATTACH, "cgroup_attach_task", cgroup_attach),           \
	}

/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Whether the kernel has the attach target of the program. libbpf parses the
 * kernel's types for that, and keeps them until the programs are loaded.
 */
static int has_target(const struct hook *hook)
{
	return bpf_program__set_attach_target(hook->program, 0, hook->name) == 0;
}

/* Check the three required hooks first: the load would fail with an obscure error. */
static int require_btf_hooks(struct nsevents_bpf *skel, struct nst_probe_status *status)
{
	struct hook hooks[] = BTF_HOOKS(skel);

	for (size_t i = 0; i < COUNT(hooks); i++) {
		if (!has_target(&hooks[i]))
			status->missing |= hooks[i].bit;
	}
	if (status->missing == 0)
		return 0;
	status->failure = NST_FAILURE_HOOK;
	return -1;
}

static int fail(struct nst_probe_status *status, enum nst_failure failure)
{
	status->error_number = errno;
	status->failure = errno == EPERM || errno == EACCES ? NST_FAILURE_PERMISSION : failure;
	/* Lockdown hides the helpers that read kernel memory: the verifier calls them unknown. */
	if (failure == NST_FAILURE_LOAD && nst_lockdown_refuses_bpf())
		status->failure = NST_FAILURE_LOCKDOWN;
	return -1;
}

/* A program whose tracepoint does not exist would make the whole load fail. */
static void leave_out_missing(struct nsevents_bpf *skel)
{
	struct hook hooks[] = CGROUP_HOOKS(skel);

	for (size_t i = 0; i < COUNT(hooks); i++) {
		if (!has_target(&hooks[i]))
			bpf_program__set_autoload(hooks[i].program, false);
	}
}

/*
 * Loads a program that does nothing: 0, or the errno of the refusal. It is not
 * attached, because on some kernels detaching waits for every task (rcu_tasks).
 */
static int try_hook(int btf_id, enum bpf_attach_type type)
{
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = type,
		    .attach_btf_id = btf_id);
	int program = bpf_prog_load(BPF_PROG_TYPE_TRACING, NULL, "Dual BSD/GPL", nothing,
				    COUNT(nothing), &options);

	if (program < 0)
		return errno;
	close(program);
	return 0;
}

/* A kernel that allows the fexit tier may still refuse this hook. */
static void try_freed_hook(struct nsevents_bpf *skel, const struct btf *btf)
{
	struct hook hook = FREED_HOOK(skel);
	int id = btf__find_by_name_kind(btf, hook.name, BTF_KIND_FUNC);

	if (id <= 0 || try_hook(id, BPF_TRACE_FENTRY) != 0)
		bpf_program__set_autoload(hook.program, false);
}

/* Try each program alone: loading all at once would not show which one is refused. */
static void try_fexit_hooks(struct nsevents_bpf *skel, const struct btf *btf,
			    struct nst_probe_status *status)
{
	struct hook hooks[] = FEXIT_HOOKS(skel);

	for (size_t i = 0; i < COUNT(hooks); i++) {
		int id = btf__find_by_name_kind(btf, hooks[i].name, BTF_KIND_FUNC);
		int error = id > 0 ? try_hook(id, BPF_TRACE_FEXIT) : ENOENT;

		if (id <= 0 && hooks[i].bit == NST_HOOK_FEXIT_SETNS_COMPAT)
			bpf_program__set_autoload(hooks[i].program, false);
		else if (error) {
			status->fentry_missing |= hooks[i].bit;
			status->fentry_error = error;
		}
	}
	if (!status->fentry_missing)
		try_freed_hook(skel, btf);
}

/* BTF type 1 is no function, so EPERM means that every program of this type is refused. */
static int is_fexit_refused(void)
{
	return try_hook(1, BPF_TRACE_FEXIT) == EPERM;
}

static void refuse_fexit_hooks(struct nsevents_bpf *skel, int error,
			       struct nst_probe_status *status)
{
	struct hook hooks[] = FEXIT_HOOKS(skel);

	status->fentry_error = error;
	for (size_t i = 0; i < COUNT(hooks); i++)
		status->fentry_missing |= hooks[i].bit;
}

/* Loading the kernel's types once more is slow: done only where fexit programs may be used. */
static void try_fexit_tier(struct nsevents_bpf *skel, struct nst_probe_status *status)
{
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return refuse_fexit_hooks(skel, ENOENT, status);
	try_fexit_hooks(skel, btf, status);
	btf__free(btf);
}

/* NST_TIER_FENTRY is not checked for preemption: the tracer warns about skips instead. */
static enum nst_tier_reason find_reason(struct nst_probe *probe, enum nst_tier tier,
					struct nst_probe_status *status)
{
	enum nst_preemption preemption;

	if (tier == NST_TIER_TRACEPOINT)
		return NST_TIER_ASKED;
	if (tier == NST_TIER_SYS_EXIT)
		return NST_TIER_IS_SYS_EXIT;
	if (is_fexit_refused()) {
		refuse_fexit_hooks(probe->skel, EPERM, status);
		return NST_TIER_REFUSED;
	}
	probe->ftrace_fd = nst_ftrace_open();
	if (!nst_ftrace_is_on(probe->ftrace_fd))
		return NST_TIER_FTRACE_OFF;
	preemption = tier == NST_TIER_AUTO ? nst_preemption() : NST_PREEMPTION_NONE;
	if (preemption == NST_PREEMPTION_FULL)
		return NST_TIER_PREEMPTS;
	if (preemption == NST_PREEMPTION_UNKNOWN)
		return NST_TIER_MAY_PREEMPT;
	try_fexit_tier(probe->skel, status);
	return status->fentry_missing ? NST_TIER_REFUSED : NST_TIER_IS_FEXIT;
}

static void leave_out(const struct hook *hooks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bpf_program__set_autoload(hooks[i].program, false);
}

/* Only loading needs privileges: it is loaded with fexit programs, to replace them later. */
static int needs_sys_exit(const struct nst_probe *probe, enum nst_tier tier)
{
	struct hook hook = SYS_EXIT_HOOK(probe->skel);

	return probe->by_sys_exit ||
	       (probe->by_fexit && tier == NST_TIER_AUTO && has_target(&hook));
}

/* Two tiers at once would report every call twice. */
static void choose_tier(struct nst_probe *probe, enum nst_tier tier,
			struct nst_probe_status *status)
{
	struct nsevents_bpf *skel = probe->skel;
	struct hook fexit[] = FEXIT_HOOKS(skel);
	struct hook syscalls[] = SYSCALL_HOOKS(skel);
	struct hook freed = FREED_HOOK(skel);
	struct hook sys_exit = SYS_EXIT_HOOK(skel);

	status->reason = find_reason(probe, tier, status);
	probe->by_fexit = status->reason == NST_TIER_IS_FEXIT;
	probe->by_sys_exit = status->reason == NST_TIER_IS_SYS_EXIT;
	skel->bss->by_sys_exit = probe->by_sys_exit;
	if (probe->by_fexit || probe->by_sys_exit)
		leave_out(syscalls, COUNT(syscalls));
	if (!probe->by_fexit) {
		leave_out(fexit, COUNT(fexit));
		leave_out(&freed, 1);
	}
	if (!needs_sys_exit(probe, tier))
		leave_out(&sys_exit, 1);
}

static int attach_btf_hooks(struct nsevents_bpf *skel, struct nst_probe_status *status)
{
	struct hook hooks[] = BTF_HOOKS(skel);

	for (size_t i = 0; i < COUNT(hooks); i++) {
		*hooks[i].link = bpf_program__attach(hooks[i].program);
		if (!*hooks[i].link) {
			status->missing |= hooks[i].bit;
			return fail(status, NST_FAILURE_ATTACH);
		}
		status->hooks |= hooks[i].bit;
	}
	return 0;
}

static void attach_dispensable(const struct hook *hooks, size_t count,
			       struct nst_probe_status *status)
{
	for (size_t i = 0; i < count; i++) {
		*hooks[i].link = bpf_program__attach(hooks[i].program);
		if (*hooks[i].link) {
			status->hooks |= hooks[i].bit;
			continue;
		}
		status->hook_error = errno;
		status->missing |= hooks[i].bit;
	}
}

/* Without one of these its changes are found later (op=late), and refused calls not at all. */
static void attach_syscall_hooks(struct nsevents_bpf *skel, struct nst_probe_status *status)
{
	struct hook hooks[] = SYSCALL_HOOKS(skel);

	status->tracefs_error = mount_tracefs();
	attach_dispensable(hooks, COUNT(hooks), status);
}

static void attach_sys_exit_hook(struct nsevents_bpf *skel, struct nst_probe_status *status)
{
	struct hook hook = SYS_EXIT_HOOK(skel);

	attach_dispensable(&hook, 1, status);
}

static void attach_fexit_hooks(struct nsevents_bpf *skel, struct nst_probe_status *status)
{
	struct hook hooks[] = FEXIT_HOOKS(skel);
	struct hook freed = FREED_HOOK(skel);
	size_t count = COUNT(hooks);

	/* The compat hook is the last one. A kernel without 32-bit programs does not need it. */
	if (!bpf_program__autoload(skel->progs.setns_compat_return))
		count--;
	attach_dispensable(hooks, count, status);
	if (bpf_program__autoload(freed.program))
		attach_dispensable(&freed, 1, status);
}

static void attach_cgroup_hooks(struct nsevents_bpf *skel, struct nst_probe_status *status)
{
	struct hook hooks[] = CGROUP_HOOKS(skel);

	attach_dispensable(hooks, COUNT(hooks), status);
}

static int open_walk(struct bpf_link *link)
{
	return bpf_iter_create(bpf_link__fd(link));
}

/* The walk finds the initial set in kthreadd, which only the initial PID namespace shows. */
static int find_initial_set(struct nsevents_bpf *skel, struct nst_probe_status *status)
{
	char nothing[8];
	int fd;

	skel->links.find_initial = bpf_program__attach(skel->progs.find_initial);
	if (!skel->links.find_initial)
		return fail(status, NST_FAILURE_ATTACH);
	fd = open_walk(skel->links.find_initial);
	if (fd < 0)
		return fail(status, NST_FAILURE_ATTACH);
	while (read(fd, nothing, sizeof(nothing)) > 0)
		;
	close(fd);
	if (skel->bss->initial_nsproxy)
		return 0;
	status->failure = NST_FAILURE_PID_NAMESPACE;
	return -1;
}

static int copy_record(void *context, void *data, size_t bytes)
{
	struct nst_probe *probe = context;

	memcpy(probe->buffer + probe->used, data, bytes);
	probe->used += bytes;
	/*
	 * libbpf consumes a record even if the callback fails, so stop while
	 * the largest record would still fit.
	 */
	return probe->capacity - probe->used < NST_RECORD_BYTES_MAX ? -ENOSPC : 0;
}

static int open_ring(struct nst_probe *probe, struct nst_probe_status *status)
{
	int ring_fd = bpf_map__fd(probe->skel->maps.ring);
	struct epoll_event edge = { .events = EPOLLIN | EPOLLET };
	void *positions = mmap(NULL, 2 * getpagesize(), PROT_READ, MAP_SHARED, ring_fd, 0);

	if (positions == MAP_FAILED)
		return fail(status, NST_FAILURE_ATTACH);
	probe->positions = positions;

	probe->ring = ring_buffer__new(ring_fd, copy_record, probe, NULL);
	if (!probe->ring)
		return fail(status, NST_FAILURE_ATTACH);
	probe->full_fd = epoll_create1(EPOLL_CLOEXEC);
	if (probe->full_fd < 0 || epoll_ctl(probe->full_fd, EPOLL_CTL_ADD, ring_fd, &edge) != 0)
		return fail(status, NST_FAILURE_ATTACH);
	return 0;
}

#define SECOND_NS 1000000000ULL
/* A share may make at once what it may make in this time: a build in many sandboxes, say. */
#define SHARE_BURST_NS (4 * SECOND_NS)

static void set_options(struct nsevents_bpf *skel, const struct nst_probe_options *options)
{
	skel->rodata->ring_half_bytes = options->ring_bytes / 2;
	if (options->share_rate == 0)
		return;
	skel->rodata->share_interval_ns = SECOND_NS / options->share_rate;
	skel->rodata->share_burst_ns = SHARE_BURST_NS;
}

/* 0 or -1. A found keeper may already have numbers, or be given some by another tracer. */
static int use_keeper(struct nsevents_bpf *skel, const struct nst_keeper *keeper)
{
	if (!keeper)
		return 0;
	skel->bss->has_registrations = nst_keeper_is_found(keeper);
	return bpf_map__reuse_fd(skel->maps.numbers,
				 nst_keeper_descriptor(keeper, NST_KEEPER_NUMBERS));
}

static int load(struct nst_probe *probe, const struct nst_probe_options *options,
		struct nst_probe_status *status)
{
	enum nst_tier tier = options->tier;
	struct nsevents_bpf *skel = nsevents_bpf__open();

	probe->skel = skel;
	if (!skel)
		return fail(status, NST_FAILURE_LOAD);
	if (require_btf_hooks(skel, status) != 0)
		return -1;
	leave_out_missing(skel);
	choose_tier(probe, tier, status);
	set_options(skel, options);
	if (use_keeper(skel, options->keeper) != 0 ||
	    bpf_map__set_max_entries(skel->maps.ring, options->ring_bytes) != 0 ||
	    nsevents_bpf__load(skel) != 0)
		return fail(status, NST_FAILURE_LOAD);
	/* Checked after the load: missing privileges are the more important failure. */
	if (tier == NST_TIER_FENTRY && !probe->by_fexit) {
		status->failure = status->reason == NST_TIER_FTRACE_OFF ? NST_FAILURE_FTRACE :
									  NST_FAILURE_FENTRY;
		return -1;
	}
	return 0;
}

static int attach(struct nst_probe *probe, struct nst_probe_status *status)
{
	struct nsevents_bpf *skel = probe->skel;

	if (find_initial_set(skel, status) != 0 || open_ring(probe, status) != 0)
		return -1;
	if (attach_btf_hooks(skel, status) != 0)
		return -1;
	if (probe->by_fexit)
		attach_fexit_hooks(skel, status);
	else if (probe->by_sys_exit)
		attach_sys_exit_hook(skel, status);
	else
		attach_syscall_hooks(skel, status);
	attach_cgroup_hooks(skel, status);
	skel->links.snapshot = bpf_program__attach(skel->progs.snapshot);
	if (!skel->links.snapshot)
		return fail(status, NST_FAILURE_ATTACH);
	status->hooks |= NST_HOOK_SNAPSHOT;
	skel->links.family = bpf_program__attach(skel->progs.family);
	return skel->links.family ? 0 : fail(status, NST_FAILURE_ATTACH);
}

struct nst_probe *nst_probe_open(const struct nst_probe_options *options,
				 struct nst_probe_status *status)
{
	struct nst_probe *probe = calloc(1, sizeof(*probe));

	memset(status, 0, sizeof(*status));
	if (!probe) {
		fail(status, NST_FAILURE_LOAD);
		return NULL;
	}
	probe->full_fd = -1;
	probe->snapshot_fd = -1;
	probe->ftrace_fd = -1;
	probe->fallback_fd = -1;
	libbpf_set_print(options->verbose ? print_verbose : print_nothing);
	if (access("/sys/kernel/btf/vmlinux", F_OK) != 0) {
		status->failure = NST_FAILURE_BTF;
		status->error_number = errno;
	} else if (load(probe, options, status) == 0 && attach(probe, status) == 0) {
		return probe;
	}
	nst_probe_close(probe);
	return NULL;
}

void nst_probe_close(struct nst_probe *probe)
{
	if (probe->snapshot_fd >= 0)
		close(probe->snapshot_fd);
	if (probe->full_fd >= 0)
		close(probe->full_fd);
	if (probe->fallback_fd >= 0)
		close(probe->fallback_fd);
	if (probe->ftrace_fd >= 0)
		close(probe->ftrace_fd);
	if (probe->positions)
		munmap((void *)probe->positions, 2 * getpagesize());
	ring_buffer__free(probe->ring);
	nsevents_bpf__destroy(probe->skel);
	free(probe);
}

void nst_probe_initial_set(const struct nst_probe *probe, struct nst_set *set)
{
	memcpy(set, &probe->skel->bss->initial_set, sizeof(*set));
}

void nst_probe_initial_nodename(const struct nst_probe *probe, char name[NST_NODENAME_BYTES])
{
	memcpy(name, probe->skel->bss->initial_nodename, NST_NODENAME_BYTES);
}

int nst_probe_fd(const struct nst_probe *probe)
{
	return ring_buffer__epoll_fd(probe->ring);
}

void nst_probe_nap(struct nst_probe *probe, int timeout_ms)
{
	struct epoll_event event;

	/* The wake-up that ended the last wait is still pending: consume it first. */
	epoll_wait(probe->full_fd, &event, 1, 0);
	epoll_wait(probe->full_fd, &event, 1, timeout_ms);
}

size_t nst_probe_read(struct nst_probe *probe, void *buffer, size_t capacity)
{
	probe->buffer = buffer;
	probe->capacity = capacity;
	probe->used = 0;
	ring_buffer__consume(probe->ring);
	return probe->used;
}

__u64 nst_probe_ring_taken(const struct nst_probe *probe)
{
	return __atomic_load_n((const unsigned long *)probe->positions, __ATOMIC_ACQUIRE);
}

__u64 nst_probe_ring_written(const struct nst_probe *probe)
{
	const void *written = probe->positions + getpagesize();

	return __atomic_load_n((const unsigned long *)written, __ATOMIC_ACQUIRE);
}

int nst_probe_snapshot_begin(struct nst_probe *probe, int reports)
{
	if (probe->snapshot_fd >= 0)
		close(probe->snapshot_fd);
	probe->skel->bss->snapshot_reports = reports;
	probe->snapshot_fd = open_walk(probe->skel->links.snapshot);
	return probe->snapshot_fd < 0 ? -errno : 0;
}

ssize_t nst_probe_snapshot_read(struct nst_probe *probe, void *buffer, size_t capacity)
{
	ssize_t bytes;

	do {
		bytes = read(probe->snapshot_fd, buffer, capacity);
	} while (bytes < 0 && (errno == EINTR || errno == EAGAIN));
	return bytes < 0 ? -errno : bytes;
}

static void set_family(struct nst_probe *probe, const struct nst_family *family)
{
	probe->skel->bss->family_tgid = family->tgid;
	probe->skel->bss->family_registration = family->container;
	probe->skel->bss->family_previous = family->previous;
	/* What the last pass found holds no longer: a tid may be another's. */
	probe->skel->bss->family_pass = (probe->skel->bss->family_pass + 1) & 0x3fffffff ?: 1;
}

/* BPF programs run as RCU readers: a global membarrier waits for those that run now. */
static void wait_for_programs(void)
{
	/* nohz_full kernels refuse it; then the next pass finds what this one missed. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

void nst_probe_family_watch(struct nst_probe *probe, const struct nst_family *family, int on)
{
	set_family(probe, family);
	probe->skel->bss->family_adopts = 0;
	if (on)
		probe->skel->bss->family_births = 0;
	__atomic_store_n(&probe->skel->bss->family_watched, on, __ATOMIC_SEQ_CST);
}

__u32 nst_probe_family_births(const struct nst_probe *probe)
{
	return __atomic_load_n(&probe->skel->bss->family_births, __ATOMIC_SEQ_CST);
}

/* Reads the walk to its end, even when the buffer is full, because reading runs the pass. */
static ssize_t read_walk(int fd, __u8 *buffer, size_t capacity)
{
	__u8 spill[1024];
	size_t used = 0;
	int full = 0;

	for (;;) {
		size_t room = capacity - used;
		ssize_t bytes = read(fd, room ? buffer + used : spill, room ? room : sizeof(spill));

		if (bytes < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (bytes == 0)
			return full ? -E2BIG : (ssize_t)used;
		if (bytes > 0 && room)
			used += bytes;
		else if (bytes > 0)
			full = 1;
	}
}

ssize_t nst_probe_family(struct nst_probe *probe, const struct nst_family *family,
			 enum nst_family_action action, void *buffer, size_t capacity)
{
	ssize_t bytes;
	int fd;

	set_family(probe, family);
	probe->skel->bss->family_action = action;
	if (action == NST_FAMILY_ALL)
		__atomic_store_n(&probe->skel->bss->family_adopts, 1, __ATOMIC_SEQ_CST);
	fd = open_walk(probe->skel->links.family);
	if (fd < 0)
		return -errno;
	bytes = read_walk(fd, buffer, capacity);
	close(fd);
	if (action == NST_FAMILY_TARGET || action == NST_FAMILY_ALL || action == NST_FAMILY_NONE)
		wait_for_programs();
	return bytes;
}

__u64 nst_probe_lost(const struct nst_probe *probe, __u16 kind)
{
	return __atomic_load_n(&probe->skel->bss->lost_count[kind & (NST_KIND_HOST - 1)],
			       __ATOMIC_RELAXED);
}

__u64 nst_probe_submitted(const struct nst_probe *probe, __u16 kind)
{
	struct nsevents_bpf__bss *bss = probe->skel->bss;
	__u64 sum = 0;

	for (size_t cpu = 0; cpu < COUNT(bss->submitted_count); cpu++)
		sum += __atomic_load_n(&bss->submitted_count[cpu][kind & (NST_KIND_HOST - 1)],
				       __ATOMIC_RELAXED);
	return sum;
}

__u64 nst_probe_take_lost_since(struct nst_probe *probe)
{
	return __atomic_exchange_n(&probe->skel->bss->lost_since_ns, 0, __ATOMIC_RELAXED);
}

__u64 nst_probe_unkept(const struct nst_probe *probe)
{
	return __atomic_load_n(&probe->skel->bss->unkept_count, __ATOMIC_RELAXED);
}

__u64 nst_probe_take_unkept_since(struct nst_probe *probe)
{
	return __atomic_exchange_n(&probe->skel->bss->unkept_since_ns, 0, __ATOMIC_RELAXED);
}

__u64 nst_probe_held(const struct nst_probe *probe)
{
	return __atomic_load_n(&probe->skel->bss->held_count, __ATOMIC_RELAXED);
}

/* The first place is that of several shares, and has no key. */
static struct nst_held key_of(const struct nst_share *share, size_t place)
{
	struct nst_held held = { .cgroup_id = share->cgroup_id, .uid = share->uid };

	if (place == 0)
		held.uid = -1;
	return held;
}

/*
 * The key stays while what is held back exceeds `told`, so it is read first. The time is
 * taken before the counters: a record in between then has a time that is too early.
 */
static size_t take_share(struct nst_probe *probe, size_t place, struct nst_held *held)
{
	struct nst_share *share = &probe->skel->bss->shares[place];
	__u64 *taken = probe->taken[place], sum = 0;
	struct nst_held key = key_of(share, place);
	size_t count = 0;

	key.since_ns = __atomic_exchange_n(&share->since_ns, 0, __ATOMIC_SEQ_CST);
	for (size_t kind = 0; kind < NST_SHARE_KINDS; kind++) {
		__u64 total = __atomic_load_n(&share->held[kind], __ATOMIC_SEQ_CST);

		key.kind = kind;
		key.count = total - taken[kind];
		taken[kind] = total;
		sum += total;
		if (key.count)
			held[count++] = key;
	}
	__atomic_store_n(&share->told, sum, __ATOMIC_SEQ_CST);
	return count;
}

size_t nst_probe_take_held(struct nst_probe *probe, struct nst_held *held, size_t capacity)
{
	size_t count = 0;

	for (size_t place = 0; place < NST_SHARES && capacity - count >= NST_SHARE_KINDS; place++)
		count += take_share(probe, place, held + count);
	return count;
}

/* The kind of record that is missing when a hook's program is skipped. */
static __u16 kind_of(__u32 bit)
{
	switch (bit) {
	case NST_HOOK_NEWTASK:
		return NST_KIND_FORK;
	case NST_HOOK_EXEC:
		return NST_KIND_EXEC;
	case NST_HOOK_EXIT:
		return NST_KIND_EXIT;
	case NST_HOOK_CGROUP_MKDIR:
	case NST_HOOK_CGROUP_RMDIR:
	case NST_HOOK_CGROUP_RENAME:
		return NST_KIND_CGROUP;
	case NST_HOOK_CGROUP_ATTACH:
		return NST_KIND_ATTACH;
	case NST_HOOK_FREED:
		return NST_KIND_FREED;
	default:
		return NST_KIND_SWITCH;
	}
}

/* The kernel counts skipped runs by program. Programs of perf events (tracepoints) have 0. */
static int add_skipped(const struct hook *hooks, size_t count, __u64 skipped[NST_KIND_HOST])
{
	for (size_t i = 0; i < count; i++) {
		struct bpf_prog_info info = {};
		__u32 bytes = sizeof(info);

		if (!*hooks[i].link)
			continue;
		if (bpf_obj_get_info_by_fd(bpf_program__fd(hooks[i].program), &info, &bytes) != 0)
			return -errno;
		skipped[kind_of(hooks[i].bit)] += info.recursion_misses;
	}
	return 0;
}

static int add_skipped_fexit(struct nsevents_bpf *skel, __u64 skipped[NST_KIND_HOST])
{
	struct hook fexit[] = FEXIT_HOOKS(skel);
	struct hook freed = FREED_HOOK(skel);
	int error = add_skipped(fexit, COUNT(fexit), skipped);

	return error ? error : add_skipped(&freed, 1, skipped);
}

int nst_probe_skipped(const struct nst_probe *probe, __u64 skipped[NST_KIND_HOST])
{
	struct nsevents_bpf *skel = probe->skel;
	struct hook btf[] = BTF_HOOKS(skel);
	struct hook syscalls[] = SYSCALL_HOOKS(skel);
	struct hook sys_exit = SYS_EXIT_HOOK(skel);
	struct hook cgroups[] = CGROUP_HOOKS(skel);
	int error;

	memcpy(skipped, probe->skipped_before, sizeof(probe->skipped_before));
	error = add_skipped(btf, COUNT(btf), skipped);
	if (!error)
		error = add_skipped(syscalls, COUNT(syscalls), skipped);
	if (!error)
		error = add_skipped(&sys_exit, 1, skipped);
	if (!error)
		error = add_skipped(cgroups, COUNT(cgroups), skipped);
	if (error || probe->fallback_fd >= 0)
		return error;
	return add_skipped_fexit(skel, skipped);
}

int nst_probe_fexit_runs(const struct nst_probe *probe)
{
	return !probe->by_fexit || probe->fallback_fd >= 0 || nst_ftrace_is_on(probe->ftrace_fd);
}

int nst_probe_can_fall_back(const struct nst_probe *probe)
{
	return probe->by_fexit && probe->fallback_fd < 0 &&
	       bpf_program__autoload(probe->skel->progs.call_exit);
}

int nst_probe_fall_back(struct nst_probe *probe)
{
	/* The sandbox allows this command, which attaches to the tracepoint named at the load. */
	int fd = bpf_raw_tracepoint_open(NULL, bpf_program__fd(probe->skel->progs.call_exit));

	if (fd < 0)
		return -errno;
	probe->fallback_fd = fd;
	/*
	 * Detaching fexit programs can wait for every task, and the ring is not
	 * read meanwhile. They stay attached and do nothing.
	 */
	__atomic_store_n(&probe->skel->bss->by_sys_exit, 1, __ATOMIC_SEQ_CST);
	/* Read last: the new program sees calls whose fexit program is skipped from now on. */
	add_skipped_fexit(probe->skel, probe->skipped_before);
	return 0;
}
