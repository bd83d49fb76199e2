/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pull interface over the BPF programs: open, read, walk the snapshot, close.
 * No libbpf type leaves it, no callback enters the caller, no thread is made.
 */
#ifndef NST_PROBE_H
#define NST_PROBE_H

#include <stddef.h>
#include <sys/types.h>

#include "nsevents.h"

struct nst_probe;

enum nst_failure : int {
	NST_FAILURE_NONE = 0,
	NST_FAILURE_PERMISSION = 1,    /* the kernel refused BPF to these privileges */
	NST_FAILURE_BTF = 2,	       /* no /sys/kernel/btf/vmlinux */
	NST_FAILURE_HOOK = 3,	       /* a tracepoint that nothing works without: see missing */
	NST_FAILURE_PID_NAMESPACE = 4, /* not run in the initial PID namespace */
	NST_FAILURE_LOAD = 5,	       /* the verifier or a map: see error_number */
	NST_FAILURE_ATTACH = 6,
	NST_FAILURE_FENTRY = 7, /* NST_TIER_FENTRY was asked for: see fentry_missing */
	NST_FAILURE_FTRACE = 8, /* NST_TIER_FENTRY was asked for, and kernel.ftrace_enabled is 0 */
	NST_FAILURE_LOCKDOWN = 9, /* the kernel is locked down: programs may not read its memory */
};

/* What sees the system calls that are about namespaces. */
enum nst_tier : __u32 {
	/* fexit programs where the kernel allows them and skips none, or else tracepoints */
	NST_TIER_AUTO = 0,
	NST_TIER_FENTRY = 1,
	NST_TIER_TRACEPOINT = 2,
	/* the return of every system call: compat ones, too, and everybody pays */
	NST_TIER_SYS_EXIT = 3,
};

/* Which tier is used; from NST_TIER_ASKED on tracepoints, and why not fexit programs. */
enum nst_tier_reason : __u32 {
	NST_TIER_IS_FEXIT = 0,
	NST_TIER_ASKED = 1,
	NST_TIER_REFUSED = 2, /* see fentry_missing */
	NST_TIER_FTRACE_OFF = 3,
	NST_TIER_PREEMPTS = 4,	  /* the kernel preempts itself, and would skip some */
	NST_TIER_MAY_PREEMPT = 5, /* it can't be found out whether it does */
	NST_TIER_IS_SYS_EXIT = 6,
};

/* What a pass over a target's family does to the number that its tasks carry. */
enum nst_family_action : __u32 {
	NST_FAMILY_LOOK = 0,   /* nothing */
	NST_FAMILY_TARGET = 1, /* gives it to the target */
	NST_FAMILY_ALL = 2,    /* gives it to all that carry the previous number */
	NST_FAMILY_NONE = 3,   /* gives the previous one back to everyone who has it */
	/* nothing, and tells of the process itself only, if it is CAPABLE */
	NST_FAMILY_CALLER = 4,
	/* nothing, and tells of all tasks that are no kernel threads how they are confined */
	NST_FAMILY_EVERYONE = 5,
};

/* A registration under way. */
struct nst_family {
	__u32 tgid;	 /* the target's */
	__u32 container; /* the number that is given */
	__u32 previous;	 /* the number of those who have it not yet, 0: none */
};

struct nst_probe_status {
	enum nst_failure failure;
	int error_number;     /* errno of what failed */
	int tracefs_error;    /* errno of mounting tracefs, 0 when it is there */
	int hook_error;	      /* errno of the last hook that is missing */
	__u32 hooks;	      /* NST_HOOK_* in use */
	__u32 missing;	      /* NST_HOOK_* that this kernel, or these privileges, do not give */
	__u32 fentry_missing; /* NST_HOOK_FEXIT_* for lack of which tracepoints are used */
	int fentry_error; /* errno of the last of them; ENOENT: the kernel has no such function */
	enum nst_tier_reason reason;
};

/*
 * Loads and attaches the programs, with a ring of ring_bytes (a power of two,
 * at least a page). NULL when that fails; `status` says why, or what is missing.
 */
struct nst_probe *nst_probe_open(__u32 ring_bytes, enum nst_tier tier, int verbose,
				 struct nst_probe_status *status);

void nst_probe_close(struct nst_probe *probe);

/* The host's own namespaces. */
void nst_probe_initial_set(const struct nst_probe *probe, struct nst_set *set);

/* The name of the host in its own UTS namespace, when the probe was opened; ends with a NUL. */
void nst_probe_initial_nodename(const struct nst_probe *probe, char name[NST_NODENAME_BYTES]);

/* Polls readable while records stand in the ring. */
int nst_probe_fd(const struct nst_probe *probe);

/* Sleeps until `timeout_ms` have passed or the ring is half full. */
void nst_probe_nap(struct nst_probe *probe, int timeout_ms);

/*
 * Moves records from the ring into `buffer`, whole ones only, without waiting.
 * Returns the bytes moved, 0 when the ring is empty. `capacity` is at least
 * NST_RECORD_BYTES_MAX.
 */
size_t nst_probe_read(struct nst_probe *probe, void *buffer, size_t capacity);

/*
 * Begins a walk over all tasks; 0 or -errno. With `reports` what it finds counts
 * as reported: a hook that finds it again is silent.
 */
int nst_probe_snapshot_begin(struct nst_probe *probe, int reports);

/* The next TASK records of the walk: bytes, 0 at its end, or -errno. */
ssize_t nst_probe_snapshot_read(struct nst_probe *probe, void *buffer, size_t capacity);

/*
 * Begins (1) or ends (0) a registration: from now on births into the family of
 * parents that carry the previous number are counted, or, after the first
 * NST_FAMILY_ALL, the parents get the number before their children are born.
 */
void nst_probe_family_watch(struct nst_probe *probe, const struct nst_family *family, int on);

/* How many births have been counted since the registration began. */
__u32 nst_probe_family_births(const struct nst_probe *probe);

/*
 * One whole pass: MEMBER records of the family, with what they carry afterwards
 * (NST_FAMILY_NONE: of those it was taken from). Bytes, -E2BIG when they do not
 * fit (the pass was made nevertheless), or -errno. Who was being born when a
 * number was given or taken has been born when this returns.
 */
ssize_t nst_probe_family(struct nst_probe *probe, const struct nst_family *family,
			 enum nst_family_action action, void *buffer, size_t capacity);

/* How many records of `kind` found no room in the ring since it was opened. */
__u64 nst_probe_lost(const struct nst_probe *probe, __u16 kind);

/* How many found room. A record may be counted an instant before, or after, it can be read. */
__u64 nst_probe_submitted(const struct nst_probe *probe, __u16 kind);

/*
 * Sets `skipped` to how many runs of its programs the kernel has skipped, by the
 * kind of record that is missing: it skips one while the same program stands
 * preempted on that CPU. Fexit programs count until nst_probe_fall_back. 0 or
 * -errno.
 */
int nst_probe_skipped(const struct nst_probe *probe, __u64 skipped[NST_KIND_HOST]);

/* 0: fexit programs are used, and do not run now, because kernel.ftrace_enabled is 0. */
int nst_probe_fexit_runs(const struct nst_probe *probe);

/* Whether nst_probe_fall_back can be called: NST_TIER_AUTO has chosen fexit programs. */
int nst_probe_can_fall_back(const struct nst_probe *probe);

/*
 * Replaces the fexit programs, for good, by one that looks at the return of
 * every system call: 0 or -errno. Needs no privileges. Misses no call; one that
 * returns meanwhile may be reported twice. There is no FREED from then on.
 */
int nst_probe_fall_back(struct nst_probe *probe);

/* When the first record was lost since this was last asked (CLOCK_BOOTTIME ns), 0 for never. */
__u64 nst_probe_take_lost_since(struct nst_probe *probe);

#endif
