/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pull interface over the BPF programs: open, read, walk the snapshot, close.
 * It exposes no libbpf type, calls no callback and starts no thread.
 */
#ifndef NST_PROBE_H
#define NST_PROBE_H

#include <stddef.h>
#include <sys/types.h>

#include "nsevents.h"
#include "nsshare.h"

struct nst_keeper;
struct nst_probe;

enum nst_failure : int {
	NST_FAILURE_NONE = 0,
	NST_FAILURE_PERMISSION = 1,    /* the kernel refused BPF to these privileges */
	NST_FAILURE_BTF = 2,	       /* no /sys/kernel/btf/vmlinux */
	NST_FAILURE_HOOK = 3,	       /* the kernel lacks a required tracepoint: see missing */
	NST_FAILURE_PID_NAMESPACE = 4, /* not run in the initial PID namespace */
	NST_FAILURE_LOAD = 5,	       /* loading the programs or maps failed: see error_number */
	NST_FAILURE_ATTACH = 6,
	/* NST_TIER_FENTRY was asked for and is refused: see fentry_missing */
	NST_FAILURE_FENTRY = 7,
	NST_FAILURE_FTRACE = 8, /* NST_TIER_FENTRY was asked for, and kernel.ftrace_enabled is 0 */
	NST_FAILURE_LOCKDOWN = 9, /* lockdown keeps programs from reading kernel memory */
};

/* What sees the system calls about namespaces. */
enum nst_tier : __u32 {
	/* fexit programs if the kernel allows them and skips none, else tracepoints */
	NST_TIER_AUTO = 0,
	NST_TIER_FENTRY = 1,
	NST_TIER_TRACEPOINT = 2,
	/* the return of every system call: sees compat calls, and slows every call */
	NST_TIER_SYS_EXIT = 3,
};

/* Which tier is in use; ASKED to MAY_PREEMPT: tracepoints, and why not fexit programs. */
enum nst_tier_reason : __u32 {
	NST_TIER_IS_FEXIT = 0,
	NST_TIER_ASKED = 1,
	NST_TIER_REFUSED = 2, /* see fentry_missing */
	NST_TIER_FTRACE_OFF = 3,
	NST_TIER_PREEMPTS = 4,	  /* the kernel preempts itself and would skip fexit programs */
	NST_TIER_MAY_PREEMPT = 5, /* whether it preempts itself is not known */
	NST_TIER_IS_SYS_EXIT = 6,
};

/* What a pass over a target's family does with the carried numbers of its tasks. */
enum nst_family_action : __u32 {
	NST_FAMILY_LOOK = 0,   /* only reads them */
	NST_FAMILY_TARGET = 1, /* gives the target the new number */
	NST_FAMILY_ALL = 2,    /* gives the new number to all tasks that carry the previous one */
	/* gives the previous number back to all tasks that carry the new one */
	NST_FAMILY_NONE = 3,
	/*
	 * reports only the process itself, and whether it is CAPABLE and a WRITER: neither, unless
	 * nst_family.container is its effective user
	 */
	NST_FAMILY_CALLER = 4,
	/* reports the confinement of all tasks that are no kernel threads */
	NST_FAMILY_EVERYONE = 5,
	/* reports all tasks that have a number */
	NST_FAMILY_NUMBERED = 6,
};

/* A registration in progress. */
struct nst_family {
	__u32 tgid;	 /* the target's */
	__u32 container; /* the new number */
	__u32 previous;	 /* the number that its tasks carried before, 0: none */
};

struct nst_probe_status {
	enum nst_failure failure;
	int error_number;     /* errno of what failed */
	int tracefs_error;    /* errno of mounting tracefs, 0 if it is mounted */
	int hook_error;	      /* errno of the last hook that is missing */
	__u32 hooks;	      /* NST_HOOK_* in use */
	__u32 missing;	      /* NST_HOOK_* that the kernel lacks or refuses */
	__u32 fentry_missing; /* NST_HOOK_FEXIT_* that are missing, so that tracepoints are used */
	int fentry_error; /* errno of the last of them; ENOENT: the kernel has no such function */
	enum nst_tier_reason reason;
};

/* How to open a probe. */
struct nst_probe_options {
	__u32 ring_bytes; /* a power of two, at least a page */
	enum nst_tier tier;
	/* records a second that a share (bpf/share.h) may make in the long run; 0: no limit */
	__u32 share_rate;
	int verbose;
	/* whose numbers the programs use; NULL: numbers that end with the probe */
	const struct nst_keeper *keeper;
};

/*
 * Loads and attaches the programs. NULL on failure; `status` says why. On success it says
 * which hooks are missing.
 */
struct nst_probe *nst_probe_open(const struct nst_probe_options *options,
				 struct nst_probe_status *status);

void nst_probe_close(struct nst_probe *probe);

/* The host's own namespaces. */
void nst_probe_initial_set(const struct nst_probe *probe, struct nst_set *set);

/* The node name of the host's UTS namespace when the probe was opened, NUL-terminated. */
void nst_probe_initial_nodename(const struct nst_probe *probe, char name[NST_NODENAME_BYTES]);

/* A descriptor that polls readable while the ring holds records. */
int nst_probe_fd(const struct nst_probe *probe);

/* Sleeps until `timeout_ms` have passed or the ring is half full. */
void nst_probe_nap(struct nst_probe *probe, int timeout_ms);

/*
 * Moves whole records from the ring into `buffer` without waiting. Returns the
 * bytes moved, 0 if the ring is empty. `capacity` must be at least
 * NST_RECORD_BYTES_MAX.
 */
size_t nst_probe_read(struct nst_probe *probe, void *buffer, size_t capacity);

/*
 * How far the ring has been read and written: bytes since it was made, with what a record takes
 * there besides. Records that are still being written count as written.
 */
__u64 nst_probe_ring_taken(const struct nst_probe *probe);
__u64 nst_probe_ring_written(const struct nst_probe *probe);

/*
 * Begins a walk over all tasks; 0 or -errno. With `reports` the namespaces that
 * it finds count as reported: a hook does not report them again.
 */
int nst_probe_snapshot_begin(struct nst_probe *probe, int reports);

/* Reads the next TASK records of the walk. Returns bytes, 0 at its end, or -errno. */
ssize_t nst_probe_snapshot_read(struct nst_probe *probe, void *buffer, size_t capacity);

/*
 * Begins (1) or ends (0) a registration. While it lasts, the kernel side counts
 * forks of the family's tasks that carry the previous number. After the first
 * NST_FAMILY_ALL it gives such a parent the new number before the fork instead.
 */
void nst_probe_family_watch(struct nst_probe *probe, const struct nst_family *family, int on);

/* How many forks were counted since the registration began. */
__u32 nst_probe_family_births(const struct nst_probe *probe);

/*
 * One whole pass. Writes a MEMBER record for each task of the family, with the
 * number that it carries afterwards (NST_FAMILY_NONE: for each task that lost
 * the new number). Returns bytes, -errno, or -E2BIG if the records do not fit;
 * the pass is complete even then. A fork that was under way while numbers
 * changed has ended when this returns.
 */
ssize_t nst_probe_family(struct nst_probe *probe, const struct nst_family *family,
			 enum nst_family_action action, void *buffer, size_t capacity);

/* How many records of `kind` were lost since the ring was opened, because it was full. */
__u64 nst_probe_lost(const struct nst_probe *probe, __u16 kind);

/*
 * How many records of `kind` were submitted. A record may be counted shortly
 * before or after it can be read.
 */
__u64 nst_probe_submitted(const struct nst_probe *probe, __u16 kind);

/*
 * How often the set that a task was reported with could not be kept, since the probe was
 * opened, because task storage was not to be had.
 */
__u64 nst_probe_unkept(const struct nst_probe *probe);

/* The first time since the last call (CLOCK_BOOTTIME, ns); 0: there was none. */
__u64 nst_probe_take_unkept_since(struct nst_probe *probe);

/* Records of one kind that a share made beyond its rate. */
struct nst_held {
	__u64 count;
	__u64 since_ns;	 /* CLOCK_BOOTTIME: none was held back before */
	__u64 cgroup_id; /* 0: of several shares, and `uid` is -1 */
	__u32 uid;
	__u16 kind;
	__u16 pad;
};

/* How many records of all shares were held back since the probe was opened. */
__u64 nst_probe_held(const struct nst_probe *probe);

/*
 * Takes what was held back since the last call, up to `capacity`, which must be at least
 * NST_SHARE_KINDS. Returns how many were taken; if it is more than `capacity` -
 * NST_SHARE_KINDS, there may be more.
 */
size_t nst_probe_take_held(struct nst_probe *probe, struct nst_held *held, size_t capacity);

/*
 * Sets `skipped` to how many runs of programs the kernel skipped, by the kind of
 * the missing record. It skips a program while the same program stands preempted
 * on that CPU. Fexit programs count until nst_probe_fall_back. 0 or -errno.
 */
int nst_probe_skipped(const struct nst_probe *probe, __u64 skipped[NST_KIND_HOST]);

/* 0 if fexit programs are in use and do not run, because kernel.ftrace_enabled is 0; else 1. */
int nst_probe_fexit_runs(const struct nst_probe *probe);

/* Whether nst_probe_fall_back can be called: NST_TIER_AUTO chose fexit programs. */
int nst_probe_can_fall_back(const struct nst_probe *probe);

/*
 * Replaces the fexit programs, for good, by one at the return of every system
 * call; 0 or -errno. Needs no privileges. No call is missed; one that returns
 * meanwhile may be reported twice. From then on there are no FREED records.
 */
int nst_probe_fall_back(struct nst_probe *probe);

/* The time of the first loss since the last call (CLOCK_BOOTTIME, ns); 0: no loss. */
__u64 nst_probe_take_lost_since(struct nst_probe *probe);

#endif
