/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/*
 * The wire: the one definition of every record, for the BPF programs, for C
 * and for Swift, which imports this header and loads the structs whole.
 *
 * A record is a header and what its kind says. The bytes in the kernel's ring,
 * in memory and in a dump are the same. Rules:
 *   - all members have fixed widths and are naturally aligned; every hole is a
 *     named member, so that no byte of a record is ever left unset;
 *   - a kind's number is never given to another kind; readers skip kinds that
 *     they do not know, by `size`. A struct without a tail may grow at its end;
 *     one with a tail never changes: what it lacks becomes a new kind;
 *   - text stands at the record's tail, its lengths in the fixed part.
 */
#ifndef NST_NSEVENTS_H
#define NST_NSEVENTS_H

#include <linux/types.h>

/* A reader refuses another major; a minor only adds kinds, members at an end, or
 * values that an older reader may pass over. */
#define NST_WIRE_MAJOR 1
#define NST_WIRE_MINOR 7

#define NST_COMM_BYTES 16
#define NST_TTY_BYTES 16
#define NST_PATH_BYTES 1024
#define NST_NODENAME_BYTES 65 /* __NEW_UTS_LEN, and a NUL */
#define NST_PROCTITLE_BYTES 128
#define NST_TEXT_BYTES 64
#define NST_RECORD_BYTES_MAX 2048

/* Who puts a record into the stream: 1..63 the kernel side, from 64 user space. */
enum nst_kind : __u16 {
	NST_KIND_FORK = 1,  /* a task that inherits all of its parent's set */
	NST_KIND_EXIT = 2,  /* a task that stops using its namespaces */
	NST_KIND_TASK = 3,  /* one task's true set: snapshot, or found to differ */
	NST_KIND_CLONE = 4, /* a task born into a set that is not its parent's */
	/* unshare, setns, or a refused clone: what was asked, what came of it */
	NST_KIND_SWITCH = 5,
	NST_KIND_EXEC = 6, /* a new program; time namespaces move here */
	/* a cgroup's path, or that it is gone; user space adds those it finds */
	NST_KIND_CGROUP = 7,
	/*
	 * the cgroups of one task: it was moved, with its process or alone, or is born
	 * elsewhere than its parent (before its birth)
	 */
	NST_KIND_ATTACH = 8,
	/* an inode number of nsfs (or of proc) is given back: its owner is gone */
	NST_KIND_FREED = 9,
	/* CGROUP where the path does not fit: the parent's id, and the name in there */
	NST_KIND_CGROUP_IN = 10,

	NST_KIND_HOST = 64,  /* first in every stream: what output needs to know of the host */
	NST_KIND_CLOCK = 65, /* wall clock minus boot clock, at the start and when it is stepped */
	NST_KIND_SNAPSHOT_BEGIN = 66,
	NST_KIND_SNAPSHOT_END = 67,
	/*
	 * how many records of one kind are missing here; the ring was full unless a flag
	 * says why
	 */
	NST_KIND_LOST = 68,
	/* a container's registration was asked for: the facts, and what came of it */
	NST_KIND_REGISTER = 69,
	/* a task that a registration concerns; these stand before their REGISTER */
	NST_KIND_MEMBER = 70,
	NST_KIND_PINNED = 71, /* whether a namespace that nobody uses any more is still there */
	/* who uses a namespace that no report explains: a walk's TASK records stand before */
	NST_KIND_USERS = 72,
	/* a task's no_new_privs and seccomp mode, when somebody asked for them */
	NST_KIND_CONFINED = 73,
	/* how many records of one kind a share has made beyond its rate: they were never sent */
	NST_KIND_SUPPRESSED = 74,
	/* a registration that was granted before the stream began, or by another tracer */
	NST_KIND_KEPT = 75,
	/* a container session that began before the stream did; these stand before the first walk */
	NST_KIND_KEPT_SESSION = 76,
	/* a process that was in such a session; these stand behind them */
	NST_KIND_INSIDE = 77,
	/* a namespace that was stained with a container's ID before the stream began */
	NST_KIND_STAIN = 78,
	/* a record of the kernel's audit, as it is, or a part of one: see NST_FLAG_AUDIT_* */
	NST_KIND_AUDIT = 79,
	/* audit records are missing here; LOST would leave doubt about tasks */
	NST_KIND_AUDIT_LOST = 80,
};

/* The ten places of a task that hold a namespace, in the order of the records. */
enum nst_slot : __u32 {
	NST_SLOT_MNT = 0,
	NST_SLOT_UTS = 1,
	NST_SLOT_IPC = 2,
	NST_SLOT_PID = 3,
	NST_SLOT_PID_CHILDREN = 4,
	NST_SLOT_USER = 5,
	NST_SLOT_NET = 6,
	NST_SLOT_CGROUP = 7,
	NST_SLOT_TIME = 8,
	NST_SLOT_TIME_CHILDREN = 9,
	NST_SLOTS = 10,
};

enum nst_op : __u16 {
	NST_OP_NONE = 0,
	NST_OP_CLONE = 1, /* clone, fork, vfork */
	NST_OP_CLONE3 = 2,
	NST_OP_UNSHARE = 3,
	NST_OP_SETNS = 4,
	NST_OP_EXEC = 5,
};

/* nst_header.flags */
#define NST_FLAG_LATE 0x0001	/* TASK: the set changed where no hook saw it */
#define NST_FLAG_KTHREAD 0x0002 /* TASK: a kernel thread */
#define NST_FLAG_SUBJECT 0x0004 /* EXIT: followed by struct nst_subject */
/* TASK of a snapshot: its ATTACH follows; else it is in the root of v1 */
#define NST_FLAG_CGROUP_V1 0x0008
#define NST_FLAG_REMOVED 0x0010 /* CGROUP, CGROUP_IN: it is gone */
/* TASK: found by a walk that looks for the users of some namespaces: see USERS */
#define NST_FLAG_CENSUS 0x0020
/* FORK: the next bit and the next two say what the child has of its parent */
#define NST_FLAG_CONFINEMENT 0x0040
#define NST_FLAG_NO_NEW_PRIVS 0x0080
#define NST_FLAG_SECCOMP_SHIFT 8 /* nst_subject.seccomp, 2 bits */
/* CLONE, SWITCH, EXEC: only the beginning of the command line */
#define NST_FLAG_PROCTITLE_CUT 0x0400
/* ATTACH: of all threads of the task's process, in the hierarchy `moved` alone */
#define NST_FLAG_PROCESS 0x0800
/*
 * AUDIT: the text goes on in the next AUDIT record, which has the same type. An audit record
 * can have 8,970 bytes, and no record of the wire has more than NST_RECORD_BYTES_MAX.
 */
#define NST_FLAG_AUDIT_MORE 0x1000
/* AUDIT: without text. Whatever audit event is open here is complete: no record of it came lately */
#define NST_FLAG_AUDIT_SETTLED 0x2000

/* nst_subject.flags */
#define NST_SUBJECT_NO_NEW_PRIVS 0x0001
/* its program's file is deleted by now; unset also where its mm is gone */
#define NST_SUBJECT_EXE_DELETED 0x0002
/* CAP_AUDIT_CONTROL, effective, in the initial user namespace */
#define NST_SUBJECT_AUDIT_CONTROL 0x0004

/* nst_task.exe_flags, nst_exec.exe_flags: what the path does not say itself */
#define NST_EXE_DELETED 0x0001 /* no directory has the file; the path is the one that it had */
#define NST_EXE_CUT 0x0002     /* only the path's end: its front did not fit */

#pragma clang diagnostic push
#pragma clang diagnostic error "-Wpadded"

struct nst_header {
	__u16 kind;
	__u16 flags;
	__u32 size;    /* whole record with its tail, a multiple of 8 */
	__u64 time_ns; /* CLOCK_BOOTTIME */
};

/* A task: its id in the initial PID namespace, and when it started (CLOCK_BOOTTIME). */
struct nst_task_id {
	__u64 start_ns;
	__u32 tid;
	__u32 tgid;
};

/* The namespaces of a task. An id is 0 where the kernel has no ns_id (before 6.18). */
struct nst_set {
	__u64 id[NST_SLOTS];
	__u32 inum[NST_SLOTS];
};

struct nst_uuid {
	__u8 bytes[16];
};

/* Who did it, as audit would say: creds, login, session, terminal, command. */
struct nst_subject {
	struct nst_task_id task;
	__u64 cgroup_id; /* cgroup v2 */
	__u32 ppid;
	__u32 auid;
	__u32 ses;
	__u32 uid;
	__u32 gid;
	__u32 euid;
	__u32 suid;
	__u32 fsuid;
	__u32 egid;
	__u32 sgid;
	__u32 fsgid;
	__u16 flags;
	__u16 seccomp; /* mode: 0 none, 1 strict, 2 filter, 3: the filter is killing it */
	char comm[NST_COMM_BYTES];
	char tty[NST_TTY_BYTES]; /* empty: none */
};

struct nst_fork {
	struct nst_header hdr;
	struct nst_task_id child;
	__u32 parent_tid; /* the task whose set it inherits: who called clone */
	__u32 container;  /* the number of its registration, inherited; 0: none */
};

struct nst_exit {
	struct nst_header hdr;
	struct nst_task_id task;
};

/* Tail: exe. */
struct nst_task {
	struct nst_header hdr;
	struct nst_subject subject;
	struct nst_set set;
	__u16 exe_bytes;
	__u16 exe_flags; /* NST_EXE_* */
	__u32 container;
};

/* What a system call was given, and gave. */
struct nst_call {
	__u64 args[4];
	__s64 result;
	__u64 flags; /* CLONE_NEW* asked for; 0 with setns: whatever the descriptor is */
	__u32 number;
	__u32 arch; /* AUDIT_ARCH_* */
	__u16 op;
	__u16 proctitle_bytes;
	__u32 container; /* of the task whose set follows */
};

/* Tail: proctitle. */
struct nst_clone {
	struct nst_header hdr;
	struct nst_subject subject; /* the caller */
	struct nst_call call;
	struct nst_task_id child;
	struct nst_set set; /* the child's */
};

/* Tail: proctitle. */
struct nst_switch {
	struct nst_header hdr;
	struct nst_subject subject;
	struct nst_call call;
	struct nst_set set; /* the caller's, afterwards */
};

/* Tail: exe, then proctitle. */
struct nst_exec {
	struct nst_header hdr;
	struct nst_subject subject;
	struct nst_call call;
	struct nst_set set;
	__u32 old_tid; /* differs from tid when a thread other than the leader called exec */
	__u16 exe_bytes;
	__u16 exe_flags; /* NST_EXE_* */
};

/*
 * Who named a cgroup, as of when it was made, renamed or found by a walk. 0: root, who owns
 * all directories above. Else one more than the number of components in the path of the
 * outermost directory that another user owns: the names behind these are that user's choice.
 */
#define NST_DELEGATED(components) ((components) + 1)

/* Tail: path, from the hierarchy's root. */
struct nst_cgroup {
	struct nst_header hdr;
	__u64 id; /* of its kernfs node, the inode number of its directory: never used again */
	__u32 hierarchy; /* 0: cgroup v2 */
	__u16 path_bytes;
	__u16 delegated; /* NST_DELEGATED: who may name it */
};

/* Tail: name. */
struct nst_cgroup_in {
	struct nst_header hdr;
	__u64 id;
	__u64 parent_id; /* 0: not known */
	__u32 hierarchy;
	__u16 name_bytes;
	__u16 delegated; /* NST_DELEGATED */
};

struct nst_attach {
	struct nst_header hdr;
	struct nst_subject subject; /* who moved it; in a snapshot the task itself */
	struct nst_task_id task;
	__u64 cgroup_id;    /* v2 */
	__u64 v1_cgroup_id; /* in the one v1 hierarchy that tells containers; 0: there is none */
	__u32 hierarchy;    /* that one */
	__u32 moved;	    /* with NST_FLAG_PROCESS: the hierarchy of the move, 0: v2 */
};

/* Tail: kernel release, host name, nstrace version, in that order. */
struct nst_host {
	struct nst_header hdr;
	struct nst_set initial; /* the host's own namespaces, those of kthreadd */
	struct nst_uuid boot_id;
	__u64 nsfs_dev; /* st_dev of nsfs as stat(2) gives it */
	__u32 arch;	/* AUDIT_ARCH_* of the machine */
	__u32 hooks;	/* NST_HOOK_* in use */
	__u16 wire_major;
	__u16 wire_minor;
	__u16 release_bytes;
	__u16 hostname_bytes;
	__u16 version_bytes;
	__u16 tick_us; /* of the coarse clocks, with which audit stamps events; 0: not known */
	__u16 pad[2];
};

/* Told before the number can be given to another. */
struct nst_freed {
	struct nst_header hdr;
	__u32 inum;
	__u32 pad;
};

enum nst_answer : __u32 {
	NST_ANSWER_UNKNOWN = 0,
	NST_ANSWER_YES = 1, /* something holds it, some 200 ms after its last task left it */
	NST_ANSWER_NO = 2,  /* it is gone */
};

struct nst_pinned {
	struct nst_header hdr;
	__u64 id;
	__u32 inum;
	__u32 type;   /* its CLONE_NEW* flag */
	__u32 answer; /* enum nst_answer */
	__u32 pad;
};

/*
 * A walk over all tasks has ended. The TASK records before it that have
 * NST_FLAG_CENSUS are of all tasks that it found in this namespace; those of
 * several namespaces may stand before several USERS records.
 *
 * Without a type it is about no namespace, and no walk: whatever waits for an
 * explanation at this point waits no longer.
 */
struct nst_users {
	struct nst_header hdr;
	__u64 began_ns; /* of the walk: CLOCK_BOOTTIME; 0: no walk */
	__u64 id;
	__u32 inum;
	__u32 type;  /* its CLONE_NEW* flag */
	__u32 tasks; /* how many were found in it */
	__u32 pad;
};

/* Neither is ever taken back from a task. */
struct nst_confined {
	struct nst_header hdr;
	struct nst_task_id task;
	__u16 flags;   /* NST_SUBJECT_NO_NEW_PRIVS */
	__u16 seccomp; /* as in nst_subject */
	__u32 pad;
};

struct nst_clock {
	struct nst_header hdr;
	__s64 realtime_offset_ns; /* CLOCK_REALTIME - CLOCK_BOOTTIME */
};

struct nst_snapshot {
	struct nst_header hdr;
	__u64 tasks; /* END: how many TASK records stood between */
};

/* nst_lost.flags: why, if not for a full ring */
/* the kernel skipped a program while the same one stood preempted on that CPU */
#define NST_LOST_SKIPPED 0x0001
/* ftrace was off, and programs by fentry and fexit with it: 1 stands for an unknown count */
#define NST_LOST_OFF 0x0002
/* never sent: nstrace tells itself that reports were handed over without what explains them */
#define NST_LOST_UNEXPLAINED 0x0004
/* never sent: a dump lacks records for which its disk had no room */
#define NST_LOST_DUMP 0x0008
/* never sent: nstrace tells itself that it forgot cgroups without tasks, of which there were too many */
#define NST_LOST_FORGOTTEN 0x0010
/*
 * none is missing: the kernel side could not keep the sets that it reported, for lack of memory.
 * Changes that no hook sees are then found by the next walk and not by the next record
 */
#define NST_LOST_STORAGE 0x0020

struct nst_lost {
	struct nst_header hdr;
	__u64 since_ns; /* no record before this time is missing */
	__u32 count;
	__u16 kind;
	__u16 flags;
};

/*
 * Whose records they are. Those of other users, and of other cgroups that root has given,
 * are all there.
 */
struct nst_suppressed {
	struct nst_header hdr;
	__u64 since_ns;	 /* no record before this time is missing */
	__u64 cgroup_id; /* v2: the nearest one up the tree that root owns; 0: of several shares */
	/* the owner of the outermost user namespace, or in the host's the task's own; -1: of several */
	__u32 uid;
	__u32 count;
	__u16 kind;
	__u16 pad[3];
};

/* nst_member.flags */
#define NST_MEMBER_THREAD 0x0001     /* of the target's thread group, and not its leader */
#define NST_MEMBER_DESCENDANT 0x0002 /* forked by the target or by one that was */
#define NST_MEMBER_TARGET 0x0004
/* Never in the stream, of those whom nobody registers: */
#define NST_MEMBER_CAPABLE 0x0008 /* a caller has CAP_AUDIT_CONTROL */
#define NST_MEMBER_NO_NEW_PRIVS 0x0010
#define NST_MEMBER_WRITER 0x0020   /* a caller has CAP_AUDIT_WRITE */
#define NST_MEMBER_SECCOMP_SHIFT 8 /* nst_subject.seccomp, 2 bits */

struct nst_member {
	struct nst_header hdr;
	struct nst_task_id task;
	__u32 container; /* that it carries */
	__u32 flags;
};

/* nst_register.flags */
/* the caller has CAP_AUDIT_CONTROL, effective, in the initial user namespace */
#define NST_REGISTER_CAPABLE 0x0001
#define NST_REGISTER_RANDOM 0x0002	/* the tracer chose the ID */
#define NST_REGISTER_DESCENDANTS 0x0004 /* threads and descendants are to be moved too */
#define NST_REGISTER_DESCENDS 0x0008	/* the target descends from the caller */
/* no ID could be made of what was given, or the tracer's policy takes none on entry */
#define NST_REGISTER_MALFORMED 0x0010
/* under a policy of tags: who enters a namespace that has the ID takes it */
#define NST_REGISTER_ON_ENTRY 0x0020
/* the caller has CAP_AUDIT_WRITE, effective, in the initial user namespace */
#define NST_REGISTER_WRITER 0x0040
/* until reboot no registration is changed, replaced or taken back */
#define NST_REGISTER_LOCKED 0x0080

/* Tail: name. */
struct nst_register {
	struct nst_header hdr;
	__u64 contid_high; /* the ID as a 128-bit scalar */
	__u64 contid_low;
	__u32 caller_tid; /* who asked, by the kernel's word */
	__u32 target_tid;
	__u32 container; /* the number given to this registration */
	__s32 result;	 /* of putting it into the kernel: 0, or -errno */
	__u32 members;	 /* how many MEMBER records stand before */
	__u16 flags;
	__u16 name_bytes;
};

/* How many processes can be a container's owner, one after the other. */
#define NST_OWNERS 16

/*
 * A granted registration of which the stream has no REGISTER. Tail: name. It stands before a
 * snapshot, whose TASK records have the number; or, if another tracer has granted it
 * meanwhile, behind the MEMBER records of the tasks that have the number by now.
 */
struct nst_kept {
	struct nst_header hdr;
	__u64 contid_high; /* the ID as a 128-bit scalar */
	__u64 contid_low;
	__u64 registered_ns; /* CLOCK_BOOTTIME */
	/* the container's owner, and who becomes it once that has exited; zeros: no more */
	struct nst_task_id owners[NST_OWNERS];
	__u32 caller_tid;
	__u32 target_tid;
	__u32 container; /* the number given to this registration */
	__u32 previous;	 /* the number that its tasks carried before; 0: none */
	__u32 members;	 /* how many MEMBER records stand before */
	__u16 flags;	 /* NST_REGISTER_* */
	__u16 name_bytes;
};

/* How many containers a session can be inside. */
#define NST_SESSION_CONTAINERS 32

/* nst_kept_session.flags */
#define NST_SESSION_RESYNC 0x0001 /* with NST_OP_NONE: a walk after a loss found it */
/* who came in was setting up the container of its cgroup: its exec ends the session */
#define NST_SESSION_SETTING_UP 0x0002

/*
 * Without containers: the highest number that was given to a session. Tail: exe, the program of
 * who came in.
 */
struct nst_kept_session {
	struct nst_header hdr;
	__u64 began_ns; /* CLOCK_BOOTTIME */
	/* the IDs as 128-bit scalars, the high half first */
	__u64 contids[2 * NST_SESSION_CONTAINERS];
	__u32 session;
	__u32 opid; /* the task that came in */
	/* who came in, as it was then; a tid of 0: not known */
	__u32 tid;
	__u32 tgid;
	__u32 ppid;
	__u32 uid;
	__u32 auid;
	__u32 ses;
	char comm[NST_COMM_BYTES];
	/* how: enum nst_op, NST_OP_NONE: it was found; and the kinds, 1 << a kind's place in mnt
	 * uts ipc pid user net cgroup time */
	__u16 op;
	__u16 kinds;
	__u16 flags;
	__u16 containers;
	__u16 exe_bytes;
	__u16 exe_flags; /* NST_EXE_* */
	__u32 pad;
};

/*
 * Behind the tasks of the first snapshot. A later process with that tgid, which started behind
 * this record, was not.
 */
struct nst_inside {
	struct nst_header hdr;
	__u32 tgid;
	__u32 session;
	__u32 slots; /* by which it was inside: 1 << enum nst_slot */
	__u32 pad;
};

/* An ID that a namespace keeps while it lives (policy write-once). Before the first snapshot. */
struct nst_stain {
	struct nst_header hdr;
	__u64 id; /* ns_id; 0: the kernel gives none */
	__u32 inum;
	__u32 type;	   /* its CLONE_NEW* flag */
	__u64 contid_high; /* the ID as a 128-bit scalar */
	__u64 contid_low;
};

/* How much text of the kernel's audit there is in a record of the wire. */
#define NST_AUDIT_TEXT_BYTES 2008
/* MAX_AUDIT_MESSAGE_LENGTH: a longer text is cut, and says so */
#define NST_AUDIT_MESSAGE_BYTES 8970

/*
 * Tail: text, `audit(S.MMM:N): ...` in the first part. It stands behind all records of what
 * happened before it was read.
 */
struct nst_audit {
	struct nst_header hdr; /* time_ns: when it was read */
	/* the stamp S.MMM by CLOCK_BOOTTIME; the call was entered up to slack_ns later */
	__u64 event_ns;
	__u32 slack_ns; /* of the clock that the kernel stamps with, and of its milliseconds */
	__u16 type;	/* AUDIT_* */
	__u16 text_bytes;
};

/* nst_audit_lost.where */
#define NST_AUDIT_LOST_SOCKET 1 /* the tracer did not read as fast as the kernel wrote */
#define NST_AUDIT_LOST_KERNEL 2 /* the kernel's own backlog was full: nobody has got them */

struct nst_audit_lost {
	struct nst_header hdr;
	__u64 since_ns; /* no record before this time is missing */
	__u32 count;
	__u32 where; /* NST_AUDIT_LOST_* */
};

#pragma clang diagnostic pop

/* nst_host.hooks: what the kernel side could be attached to. */
#define NST_HOOK_NEWTASK 0x0001
#define NST_HOOK_EXEC 0x0002
#define NST_HOOK_EXIT 0x0004
#define NST_HOOK_CLONE 0x0008
#define NST_HOOK_CLONE3 0x0010
#define NST_HOOK_UNSHARE 0x0020
#define NST_HOOK_SETNS 0x0040
#define NST_HOOK_SNAPSHOT 0x0080
#define NST_HOOK_CGROUP_MKDIR 0x0100
#define NST_HOOK_CGROUP_RMDIR 0x0200
#define NST_HOOK_CGROUP_RENAME 0x0400
#define NST_HOOK_CGROUP_ATTACH 0x0800
/* In place of CLONE, CLONE3, UNSHARE and SETNS, where fexit programs are allowed. */
#define NST_HOOK_FEXIT_CLONE 0x1000   /* kernel_clone */
#define NST_HOOK_FEXIT_UNSHARE 0x2000 /* ksys_unshare */
#define NST_HOOK_FEXIT_SETNS 0x4000
#define NST_HOOK_FEXIT_SETNS_COMPAT 0x8000 /* not in a kernel that runs no 32-bit programs */
/* Who tells whether a namespace lives on that nobody uses: with neither bit there are no answers. */
/* the kernel side, by fentry: FREED, and PINNED where it does not come */
#define NST_HOOK_FREED 0x10000
#define NST_HOOK_NSFS 0x20000 /* user space asks by handles of nsfs: PINNED */
/* Not a hook: user space walks over the tasks when a report needs an explanation, USERS. */
#define NST_HOOK_CENSUS 0x40000
/* In place of CLONE, CLONE3, UNSHARE and SETNS, where it was asked for: every system call's return. */
#define NST_HOOK_SYS_EXIT 0x80000
/* Not a hook: the kernel's audit records are in the stream, AUDIT. */
#define NST_HOOK_AUDIT 0x100000

_Static_assert(sizeof(struct nst_header) == 16, "the header of every record");
_Static_assert(sizeof(struct nst_fork) <= 48, "a plain fork is at most 48 bytes");
_Static_assert(sizeof(struct nst_exit) <= 32, "a plain exit is at most 32 bytes");
_Static_assert(sizeof(struct nst_freed) == 24, "told of every name in proc, too");
_Static_assert(sizeof(struct nst_set) == 120, "ten slots");
_Static_assert(sizeof(struct nst_kept_session) + NST_PATH_BYTES <= NST_RECORD_BYTES_MAX,
	       "with its program");
_Static_assert(sizeof(struct nst_audit) + NST_AUDIT_TEXT_BYTES <= NST_RECORD_BYTES_MAX,
	       "a part of a text");
_Static_assert(sizeof(struct nst_exec) + NST_PATH_BYTES + NST_PROCTITLE_BYTES <=
		       NST_RECORD_BYTES_MAX,
	       "the largest record");

#endif
