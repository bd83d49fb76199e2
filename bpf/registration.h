/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Registration of a container: gives its number to the target and its family, or takes it
 * back, in passes over all tasks. User space runs one pass at a time and reads the MEMBER
 * records that the pass writes.
 */
#ifndef NST_REGISTRATION_H
#define NST_REGISTRATION_H

#include "carried.h"
#include "emit.h"
#include "kernel.h"
#include "nsevents.h"
#include "read_task.h"
#include "registered.h"

/* The parameters of a pass, which user space writes before each. */
__u32 family_tgid;	   /* of the target */
__u32 family_registration; /* the number to give, or to take back; a caller's user */
__u32 family_previous;	   /* what tasks without it carry: 0 unless containers nest */

/*
 * The family goes on forking between two passes. If a task exits, its child is an orphan,
 * which no walk up the parents finds. task_newtask therefore looks at the parent, too,
 * while a registration is under way.
 */
__u32 family_watched; /* a registration is under way */
__u32 family_adopts;  /* a parent without the number gets it before its child is born */
__u32 family_births;  /* children of parents without the number before that */

/* enum nst_family_action of probe.h. */
enum {
	FAMILY_LOOK = 0,
	FAMILY_TARGET = 1,
	FAMILY_ALL = 2,
	FAMILY_NONE = 3,
	FAMILY_CALLER = 4,
	FAMILY_EVERYONE = 5,
	FAMILY_NUMBERED = 6,
};
__u32 family_action;

__u32 family_pass; /* user space counts the passes: not 0 */

/*
 * Which processes descend from the target, as far as this pass has found: the tgid in the
 * upper half; below it the pass's number, and in bit 0 the answer. A pass takes the tasks
 * in the order of their tids. A parent nearly always comes before its child, so that a
 * chain of forks of any length takes one step for each of its tasks.
 */
#define KNOWN_PROCESSES (1 << 14)
__u64 family_known[KNOWN_PROCESSES];

static __always_inline __u64 known_key(__u32 tgid)
{
	return (__u64)tgid << 32 | (family_pass << 1);
}

static __always_inline void note_descent(__u32 tgid, bool descends)
{
	family_known[tgid & (KNOWN_PROCESSES - 1)] = known_key(tgid) | descends;
}

/*
 * PID_MAX_LIMIT of 64-bit kernels: there are no more processes, so the walk up the parents
 * always ends before.
 */
#define ANCESTORS_MAX (1 << 22)

struct ancestry {
	struct task_struct *task;
	__u32 tgid;
	__u32 found;
};

static long ancestry_step(__u32 index, struct ancestry *ancestry)
{
	/* Not through `ancestry`, which would be a relocation by a struct of ours. */
	struct task_struct *task = ancestry->task;
	__u32 tgid;
	__u64 known;

	task = BPF_CORE_READ(task, real_parent);
	tgid = BPF_CORE_READ(task, tgid);
	known = family_known[tgid & (KNOWN_PROCESSES - 1)];
	ancestry->task = task;
	if (tgid == ancestry->tgid || known == (known_key(tgid) | 1))
		ancestry->found = 1;
	return ancestry->found || tgid <= 1 || known == known_key(tgid);
}

static __always_inline bool descends_from(struct task_struct *task, __u32 tgid)
{
	struct ancestry ancestry = { .tgid = tgid };

	bpf_core_read(&ancestry.task, sizeof(ancestry.task), &task->group_leader);
	bpf_loop(ANCESTORS_MAX, ancestry_step, &ancestry, 0);
	note_descent(task->tgid, ancestry.found);
	return ancestry.found;
}

static __always_inline __u32 family_role(struct task_struct *task)
{
	if (task->pid == (int)family_tgid)
		return NST_MEMBER_TARGET;
	if (task->tgid == (int)family_tgid)
		return NST_MEMBER_THREAD;
	return descends_from(task, family_tgid) ? NST_MEMBER_DESCENDANT : 0;
}

/* current is about to have a child. */
__noinline int attend_birth(void)
{
	struct task_struct *parent = bpf_get_current_task_btf();

	if (registration_of(parent) != family_previous || !family_role(parent))
		return 0;
	if (family_adopts)
		enlist(parent, family_registration);
	else
		__sync_fetch_and_add(&family_births, 1);
	return 0;
}

/*
 * What a pass does to a task, by family_action. `flags`: the NST_MEMBER_* flags of its
 * record. False: it has no record.
 */

static __always_inline bool take_back(struct task_struct *task, __u32 *flags)
{
	if (registration_of(task) != family_registration)
		return false;
	set_registration(task, family_previous);
	*flags = family_role(task);
	return true;
}

static __always_inline bool find_caller(struct task_struct *task, __u32 *flags)
{
	if (task->pid != (int)family_tgid)
		return false;
	*flags = NST_MEMBER_TARGET;
	/* It has executed a program of another user since it connected, whose rights are not its own. */
	if (effective_user(task) != family_registration)
		return true;
	if (may_control_audit(task))
		*flags |= NST_MEMBER_CAPABLE;
	if (may_write_audit(task))
		*flags |= NST_MEMBER_WRITER;
	return true;
}

static __always_inline bool find_confinement(struct task_struct *task, __u32 *flags)
{
	if (task->flags & PF_KTHREAD)
		return false;
	*flags = has_no_new_privs(task) ? NST_MEMBER_NO_NEW_PRIVS : 0;
	*flags |= (task->seccomp.mode & 3) << NST_MEMBER_SECCOMP_SHIFT;
	return true;
}

static __always_inline bool find_member(struct task_struct *task, __u32 *flags)
{
	*flags = family_role(task);
	if (!*flags)
		return false;
	if (family_action == FAMILY_TARGET && *flags == NST_MEMBER_TARGET)
		enlist(task, family_registration);
	if (family_action == FAMILY_ALL && registration_of(task) == family_previous)
		enlist(task, family_registration);
	return true;
}

static __always_inline bool visit_member(struct task_struct *task, __u32 *flags)
{
	if (family_action == FAMILY_NONE)
		return take_back(task, flags);
	if (family_action == FAMILY_CALLER)
		return find_caller(task, flags);
	if (family_action == FAMILY_EVERYONE)
		return find_confinement(task, flags);
	/* Of one that is ending the EXIT record comes, or came; it can stay a zombie for long. */
	if (family_action == FAMILY_NUMBERED)
		return !(task->flags & PF_EXITING) && registration_of(task) != 0;
	return find_member(task, flags);
}

static __always_inline void write_member(struct seq_file *seq, struct task_struct *task)
{
	struct nst_member member = {};
	__u32 flags = 0;

	if (!visit_member(task, &flags))
		return;
	set_header(&member.hdr, NST_KIND_MEMBER, 0, sizeof(member));
	read_task_id(task, &member.task);
	member.container = registration_of(task);
	member.flags = flags;
	bpf_seq_write(seq, &member, sizeof(member));
}

#endif
