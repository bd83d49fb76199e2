/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel side of nstrace: filter, reserve, fill, submit. No policy, no text.
 *
 * What a task was last reported with, and as, is kept in its task storage, but
 * only for tasks outside the host's initial set: no storage means "reported in
 * the initial set", so that an ordinary fork and exit cost no allocation.
 */
#include "cgroup.h"
#include "clone3.h"
#include "emit.h"
#include "path.h"
#include "task.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct label {
	struct nst_set reported;
	struct nst_task_id id;
	__u32 container; /* the number of the registration it carries, 0: none */
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct label);
} labels SEC(".maps");

static __always_inline struct label *label_of(struct task_struct *task)
{
	return bpf_task_storage_get(&labels, task, NULL, 0);
}

static __always_inline __u32 container_of_task(struct task_struct *task)
{
	struct label *label = label_of(task);

	return label ? label->container : 0;
}

static __always_inline void remember(struct task_struct *task, const struct nst_set *set)
{
	__u64 create = equal_sets(set, &initial_set) ? 0 : BPF_LOCAL_STORAGE_GET_F_CREATE;
	struct label *label = bpf_task_storage_get(&labels, task, NULL, create);

	if (label) {
		label->reported = *set;
		read_task_id(task, &label->id);
	}
}

static __always_inline bool was_reported(struct task_struct *task, const struct nst_set *set)
{
	struct label *label = label_of(task);

	return equal_sets(set, label ? &label->reported : &initial_set);
}

/* Fills a TASK record in scratch memory; its size, or 0 when the task has left its namespaces. */
static __always_inline __u32 fill_task(struct scratch *at, struct task_struct *task, __u16 flags)
{
	struct nst_task *record = (struct nst_task *)at->record;
	__u32 exe_bytes;

	/* The time comes first: what changes while we read is then newer than this record. */
	set_header(&record->hdr, NST_KIND_TASK, flags, 0);
	if (!read_set(task, &record->set))
		return 0;
	read_subject(task, &record->subject);
	exe_bytes = read_exe(task, at, (__u8 *)(record + 1), &record->exe_flags);
	record->exe_bytes = exe_bytes;
	record->container = container_of_task(task);
	return seal(record, sizeof(*record), exe_bytes);
}

/* A global function: the verifier goes through it once, and not for each way that leads here. */
__noinline int reveal_unless_reported(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct scratch *at = scratch(SCRATCH_LIVE);
	struct nst_set *set;
	__u32 size;

	if (!at)
		return 0;
	set = &((struct nst_task *)at->record)->set;
	if (!read_set(task, set) || was_reported(task, set))
		return 0;
	size = fill_task(at, task, NST_FLAG_LATE);
	if (size && output(at->record, size))
		remember(task, set);
	return 0;
}

/*
 * Reports current if its set is not the one it was last reported with: something
 * moved it that no hook of ours sees (a compat system call, a newer kernel's
 * new way). A lost record mends itself here too, for only what was sent is
 * remembered as reported.
 */
static __always_inline void reveal(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!in_initial_set(task) || label_of(task))
		reveal_unless_reported();
}

/*
 * Where a task's arguments lie, in its own memory: NST_PROCTITLE_BYTES of them
 * at most. *flags: NST_FLAG_PROCTITLE_CUT where there are more.
 */
static __always_inline __u32 find_proctitle(struct task_struct *task, const void **start,
					    __u16 *flags)
{
	struct mm_struct *mm = unvouched(task)->mm;
	__u64 bytes = mm->arg_end - mm->arg_start;

	*start = (void *)mm->arg_start;
	if (bytes <= NST_PROCTITLE_BYTES)
		return bytes;
	*flags |= NST_FLAG_PROCTITLE_CUT;
	return NST_PROCTITLE_BYTES;
}

static __always_inline __u32 read_proctitle(struct task_struct *task, __u8 *to,
					    struct nst_header *hdr)
{
	const void *start;
	__u16 flags = hdr->flags;
	__u32 bytes = find_proctitle(task, &start, &flags);

	if (bytes == 0 || bpf_probe_read_user(to, bytes, start))
		return 0;
	hdr->flags = flags;
	return bytes;
}

static __always_inline bool is_compat(struct task_struct *task)
{
	return task->thread_info.status & TS_COMPAT;
}

static __always_inline struct pt_regs___x86 *saved_regs(struct task_struct *task)
{
	return (void *)bpf_task_pt_regs(task);
}

/* current's system call, from its saved registers: they keep the arguments until it returns. */
static __always_inline void read_call(struct task_struct *task, struct nst_call *call)
{
	struct pt_regs___x86 *regs = saved_regs(task);

	call->number = regs->orig_ax;
	if (is_compat(task)) {
		call->arch = AUDIT_ARCH_I386;
		call->args[0] = (__u32)regs->bx;
		call->args[1] = (__u32)regs->cx;
		call->args[2] = (__u32)regs->dx;
		call->args[3] = (__u32)regs->si;
	} else {
		call->arch = AUDIT_ARCH_X86_64;
		call->args[0] = regs->di;
		call->args[1] = regs->si;
		call->args[2] = regs->dx;
		call->args[3] = regs->r10;
	}
	call->container = container_of_task(task);
}

/* The child is where `set` says, and in its parent's container. */
static __always_inline void inherit(struct task_struct *child, const struct label *parent,
				    const struct nst_set *set)
{
	__u64 create = parent->container || !equal_sets(set, &initial_set) ?
			       BPF_LOCAL_STORAGE_GET_F_CREATE :
			       0;
	struct label *label = bpf_task_storage_get(&labels, child, NULL, create);

	if (!label)
		return;
	label->reported = *set;
	label->container = parent->container;
	read_task_id(child, &label->id);
}

/* --- Registration: run by user space, which reads what they write, one pass at a time --------- */

/* What a pass is about; written before each by user space, which runs one at a time. */
__u32 family_tgid;	/* of the target */
__u32 family_container; /* the number that is given, or taken back */
__u32 family_previous;	/* the number that those have who have it not yet: 0 unless containers nest */

/*
 * Between two passes the family goes on forking, and who is born of one that
 * then exits is an orphan, whom no walk up the parents finds. So while a
 * registration is under way task_newtask looks at the parent, too.
 */
__u32 family_watched; /* a registration is under way */
__u32 family_adopts;  /* ... of all: a parent without the number gets it before its child is born */
__u32 family_births;  /* ... of one: children of parents without the number */

enum {
	FAMILY_LOOK = 0,   /* only tell who belongs to the target */
	FAMILY_TARGET = 1, /* give the number to the target */
	FAMILY_ALL = 2,	   /* give it to those of its family that lack it, too */
	FAMILY_NONE = 3,   /* take it back from everyone */
	FAMILY_CALLER = 4, /* only tell of the process itself, and whether it may ask for all this */
	FAMILY_EVERYONE = 5, /* only tell of all tasks how they are confined */
};
__u32 family_action;

#define ANCESTORS_MAX 256

struct ancestry {
	struct task_struct *task;
	__u32 tgid;
	__u32 found;
};

static long ancestry_step(__u32 index, struct ancestry *ancestry)
{
	/* Not through `ancestry`: that would be a relocation against a struct the kernel does not have. */
	struct task_struct *task = ancestry->task;

	task = BPF_CORE_READ(task, real_parent);
	ancestry->task = task;
	ancestry->found = BPF_CORE_READ(task, tgid) == (int)ancestry->tgid;
	return ancestry->found || BPF_CORE_READ(task, pid) <= 1;
}

static __always_inline bool descends_from(struct task_struct *task, __u32 tgid)
{
	struct ancestry ancestry = { .tgid = tgid };

	bpf_core_read(&ancestry.task, sizeof(ancestry.task), &task->group_leader);
	bpf_loop(ANCESTORS_MAX, ancestry_step, &ancestry, 0);
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

static __always_inline void enlist(struct task_struct *task)
{
	struct label *label = bpf_task_storage_get(&labels, task, NULL, 0);

	if (!label) {
		label = bpf_task_storage_get(&labels, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (!label)
			return;
		/* No storage has meant this until now. */
		label->reported = initial_set;
		read_task_id(task, &label->id);
	}
	label->container = family_container;
}

__noinline int attend_birth(void)
{
	struct task_struct *parent = bpf_get_current_task_btf();

	if (container_of_task(parent) != family_previous || !family_role(parent))
		return 0;
	if (family_adopts)
		enlist(parent);
	else
		__sync_fetch_and_add(&family_births, 1);
	return 0;
}

/* What prctl(2) and seccomp(2) have done to a task since its last record goes to its children. */
static __always_inline __u16 confinement_flags(struct task_struct *task)
{
	__u16 flags = NST_FLAG_CONFINEMENT;

	if (has_no_new_privs(task))
		flags |= NST_FLAG_NO_NEW_PRIVS;
	return flags | (task->seccomp.mode & 3) << NST_FLAG_SECCOMP_SHIFT;
}

static __always_inline void emit_fork(struct task_struct *parent, struct task_struct *child)
{
	struct label *label = label_of(parent);
	struct nst_fork *record = reserve(NST_KIND_FORK, sizeof(*record));

	if (record) {
		read_task_id(child, &record->child);
		record->parent_tid = parent->pid;
		record->container = label ? label->container : 0;
		record->hdr.flags = confinement_flags(child);
		submit(record);
	}
	/* Inherited even when the record is lost: the child is what its parent is. */
	if (label)
		inherit(child, label, &label->reported);
}

static __always_inline void emit_clone(struct task_struct *parent, struct task_struct *child,
				       __u64 flags)
{
	struct scratch *at = scratch(SCRATCH_LIVE);
	struct nst_clone *record;
	struct label *label;
	__u32 size, proctitle_bytes;

	if (!at)
		return;
	record = (struct nst_clone *)at->record;
	set_header(&record->hdr, NST_KIND_CLONE, 0, 0);
	if (!read_set(child, &record->set))
		return;
	read_task_id(child, &record->child);
	read_subject(parent, &record->subject);
	read_call(parent, &record->call);
	record->call.op = record->call.number == NR_CLONE3 ? NST_OP_CLONE3 : NST_OP_CLONE;
	record->call.result = upid_at(child, pid_level(parent)).nr; /* as clone returns it */
	record->call.flags = flags & CLONE_NEW_ALL;
	proctitle_bytes = read_proctitle(parent, (__u8 *)(record + 1), &record->hdr);
	record->call.proctitle_bytes = proctitle_bytes;
	size = seal(record, sizeof(*record), proctitle_bytes);
	label = label_of(parent);
	if (label) /* before all else: a container's ID must not depend on room in the ring */
		inherit(child, label, &label->reported);
	if (output(record, size))
		remember(child, &record->set);
}

/* --- Cgroups ------------------------------------------------------------------------------------- */

static __always_inline void fill_attach(struct nst_attach *record, struct task_struct *task)
{
	struct v1_place v1;

	record->hdr.kind = NST_KIND_ATTACH;
	record->hdr.flags = 0;
	record->hdr.size = sizeof(*record);
	record->hdr.time_ns = bpf_ktime_get_boot_ns();
	/* Read as the walk over threads gives it, by an untyped pointer. */
	record->task.start_ns = BPF_CORE_READ(task, start_boottime);
	record->task.tid = BPF_CORE_READ(task, pid);
	record->task.tgid = BPF_CORE_READ(task, tgid);
	record->cgroup_id = v2_cgroup(task);
	read_v1(task, &v1);
	record->v1_cgroup_id = v1.id;
	record->hierarchy = v1.hierarchy;
	record->pad = 0;
}

/* The record in scratch memory, with current as who does it. */
static __always_inline struct nst_attach *begin_attach(void)
{
	struct scratch *at = scratch(SCRATCH_LIVE);

	if (!at)
		return NULL;
	read_subject(bpf_get_current_task_btf(), &((struct nst_attach *)at->record)->subject);
	return (struct nst_attach *)at->record;
}

struct thread_walk {
	struct list_head *head;
	struct list_head *node;
};

static long thread_step(__u32 index, struct thread_walk *walk)
{
	struct list_head *node = walk->node;
	struct scratch *at = scratch(SCRATCH_LIVE);
	struct task_struct *task;

	if (!at || !node || node == walk->head)
		return 1;
	bpf_probe_read_kernel(&walk->node, sizeof(walk->node), &node->next);
	task = (void *)node - bpf_core_field_offset(struct task_struct, thread_node);
	/* Its EXIT may stand in the ring already. */
	if (BPF_CORE_READ(task, flags) & PF_EXITING)
		return 0;
	fill_attach((struct nst_attach *)at->record, task);
	output(at->record, sizeof(struct nst_attach));
	return 0;
}

/* More threads than this is a loss, which the next snapshot mends. */
#define THREADS_MAX 65536

static __always_inline void emit_attach_threads(struct task_struct *leader)
{
	struct thread_walk walk = {};
	struct signal_struct *signal = BPF_CORE_READ(leader, signal);

	walk.head = (void *)signal + bpf_core_field_offset(struct signal_struct, thread_head);
	walk.node = BPF_CORE_READ(signal, thread_head.next);
	bpf_loop(THREADS_MAX, thread_step, &walk, 0);
	if (walk.node != walk.head)
		count_lost(NST_KIND_ATTACH);
}

/*
 * A task, or with its threads a process, is in another cgroup. It runs under
 * cgroup_threadgroup_rwsem: no thread is born meanwhile.
 */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(cgroup_attach, struct cgroup *to, const char *path, struct task_struct *task,
	     bool threadgroup)
{
	struct nst_attach *record;

	if (!is_reported(unvouched(to)->root->hierarchy_id))
		return 0;
	record = begin_attach();
	if (!record)
		return 0;
	if (threadgroup) {
		emit_attach_threads(task);
		return 0;
	}
	fill_attach(record, task);
	output(record, sizeof(*record));
	return 0;
}

/*
 * clone3 with CLONE_INTO_CGROUP; or one of the two was moved between the birth
 * and its being told. Tasks of equal cgroups share a css_set. It stands before
 * the birth: what is made by that is made in the child's cgroup.
 */
static __always_inline void tell_cgroup(struct task_struct *parent, struct task_struct *child)
{
	struct nst_attach *record;

	if (unvouched(parent)->cgroups == unvouched(child)->cgroups)
		return;
	record = begin_attach();
	if (!record)
		return;
	fill_attach(record, child);
	output(record, sizeof(*record));
}

/* By its parent: where the path is too long, or may be. */
static __always_inline int emit_cgroup_in(struct scratch *at, struct cgroup *cgroup,
					  __u32 hierarchy, __u16 flags)
{
	struct nst_cgroup_in *record = (struct nst_cgroup_in *)at->record;
	struct kernfs_node *node = cgroup->kn;
	__u32 name_bytes;
	long bytes;

	set_header(&record->hdr, NST_KIND_CGROUP_IN, flags, 0);
	record->id = BPF_CORE_READ(node, id);
	record->parent_id = BPF_CORE_READ(parent_of(node), id);
	record->hierarchy = hierarchy;
	record->pad = 0;
	bytes = bpf_probe_read_kernel_str(record + 1, PATH_NAME_MAX + 1, BPF_CORE_READ(node, name));
	name_bytes = bytes > 0 ? bytes - 1 : 0; /* without its NUL */
	if (name_bytes > PATH_NAME_MAX)
		return 0;
	record->name_bytes = name_bytes;
	output(record, seal(record, sizeof(*record), name_bytes));
	return 0;
}

static __always_inline int emit_cgroup(struct cgroup *cgroup, const char *path, __u16 flags)
{
	struct scratch *at = scratch(SCRATCH_LIVE);
	struct nst_cgroup *record;
	long bytes;
	__u32 hierarchy, path_bytes;

	cgroup = unvouched(cgroup);
	hierarchy = cgroup->root->hierarchy_id;
	if (!at || !is_reported(hierarchy))
		return 0;
	record = (struct nst_cgroup *)at->record;
	set_header(&record->hdr, NST_KIND_CGROUP, flags, 0);
	record->id = cgroup->kn->id;
	record->hierarchy = hierarchy;
	record->pad = 0;
	bytes = bpf_probe_read_kernel_str(record + 1, NST_PATH_BYTES, path);
	path_bytes = bytes > 0 ? bytes - 1 : 0; /* without its NUL */
	/* The kernel cuts it at that, too, at its end (TRACE_CGROUP_PATH_LEN). */
	if (path_bytes >= NST_PATH_BYTES - 1)
		return emit_cgroup_in(at, cgroup, hierarchy, flags);
	record->path_bytes = path_bytes;
	output(record, seal(record, sizeof(*record), path_bytes));
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_made, struct cgroup *cgroup, const char *path)
{
	return emit_cgroup(cgroup, path, 0);
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_removed, struct cgroup *cgroup, const char *path)
{
	return emit_cgroup(cgroup, path, NST_FLAG_REMOVED);
}

/* v1 alone allows it. */
SEC("tp_btf/cgroup_rename")
int BPF_PROG(cgroup_renamed, struct cgroup *cgroup, const char *path)
{
	return emit_cgroup(cgroup, path, 0);
}

/*
 * A new task. task_newtask rather than sched_process_fork: it is in
 * copy_process(), so that it also sees io_uring's and vhost's workers
 * (create_io_thread), and it hands us the flags, clone3's too. Both run in the
 * parent, before the child can.
 */
SEC("tp_btf/task_newtask")
int BPF_PROG(task_new, struct task_struct *child, __u64 clone_flags)
{
	struct task_struct *parent = bpf_get_current_task_btf();

	if (child->pid == 0) /* a CPU's idle task */
		return 0;
	reveal();
	if (family_watched)
		attend_birth();
	tell_cgroup(parent, child);
	if (share_set(parent, child))
		emit_fork(parent, child);
	else
		emit_clone(parent, child, clone_flags);
	return 0;
}

/*
 * A new program. When another thread than the leader called exec, it has by now
 * taken over the leader's tid and start time; old_pid is the tid it had.
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(task_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct scratch *at = scratch(SCRATCH_LIVE);
	struct nst_exec *record;
	__u32 exe_bytes, proctitle_bytes, size;
	__u8 *tail;

	if (!at)
		return 0;
	record = (struct nst_exec *)at->record;
	tail = (__u8 *)(record + 1);
	set_header(&record->hdr, NST_KIND_EXEC, 0, 0);
	if (!read_set(task, &record->set))
		return 0;
	read_subject(task, &record->subject);
	read_call(task, &record->call);
	/* The new program's start has already overwritten them. */
	__builtin_memset(record->call.args, 0, sizeof(record->call.args));
	record->call.op = NST_OP_EXEC;
	record->call.result = 0;
	record->call.flags = 0;
	record->old_tid = old_pid;
	exe_bytes = read_exe(task, at, tail, &record->exe_flags);
	record->exe_bytes = exe_bytes;
	proctitle_bytes = read_proctitle(task, tail + exe_bytes, &record->hdr);
	record->call.proctitle_bytes = proctitle_bytes;
	size = seal(record, sizeof(*record), exe_bytes + proctitle_bytes);
	if (output(record, size))
		remember(task, &record->set);
	return 0;
}

/*
 * Only what may be the last user of a namespace tells who it is: one that
 * shares its nsproxy with nobody, one outside the host's user namespace (those
 * hang on credentials, not on nsproxy), and the init of a PID namespace.
 */
static __always_inline bool may_be_last(struct task_struct *task)
{
	struct nsproxy *nsproxy;

	task = unvouched(task);
	nsproxy = task->nsproxy;
	if (nsproxy && nst_nsproxy_users(nsproxy) == 1)
		return true;
	if ((__u64)task->real_cred->user_ns != initial_user_ns)
		return true;
	return pid_level(task) > 0 && task->tgid == task->pid;
}

/* `label`: of a task that was reported under another tid; NULL for any other. */
static __always_inline void read_exit_id(struct task_struct *task, const struct label *label,
					 struct nst_task_id *id)
{
	if (label)
		*id = label->id;
	else
		read_task_id(task, id);
}

/*
 * Before exit_task_namespaces(), so nsproxy can still be read: a task stops
 * using its namespaces here, not when it is reaped.
 */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(task_exit, struct task_struct *task)
{
	struct label *label = label_of(task);
	struct nst_exit *record;

	/*
	 * A thread whose exec had given it the leader's tid (de_thread) and then
	 * failed ends here without an EXEC record: it ends as who it was.
	 */
	if (!label || label->id.tid == (__u32)task->pid) {
		reveal();
		label = NULL;
	}
	if (!may_be_last(task)) {
		record = reserve(NST_KIND_EXIT, sizeof(*record));
		if (!record)
			return 0;
		read_exit_id(task, label, &record->task);
		submit(record);
		return 0;
	}
	record = reserve(NST_KIND_EXIT, sizeof(*record) + sizeof(struct nst_subject));
	if (!record)
		return 0;
	record->hdr.flags = NST_FLAG_SUBJECT;
	read_exit_id(task, label, &record->task);
	read_subject(task, (struct nst_subject *)(record + 1));
	submit(record);
	return 0;
}

/* --- System calls about namespaces, in one of three tiers: tracepoints, sys_exit or fexit -------- */

#define SHORT_PROCTITLE_BYTES 32

_Static_assert(sizeof(struct nst_switch) % 8 == 0, "a record's size");

/* Room for a proctitle, cleared; `room` is constant: what is reserved in the ring has to be. */
static __always_inline struct nst_switch *reserve_switch(__u32 room)
{
	struct nst_switch *record = reserve(NST_KIND_SWITCH, sizeof(*record) + room);

	if (record)
		__builtin_memset(record + 1, 0, room);
	return record;
}

/*
 * current has come back from a system call that is about namespaces. Put
 * together in the ring, in one of two sizes: an fexit program can be preempted,
 * and scratch memory belongs to whoever runs on the CPU.
 */
static __always_inline int emit_switch(__u16 op, __s64 result, __u64 flags)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct nst_switch *record;
	const void *proctitle;
	__u16 flags_of_title = 0;
	__u32 bytes = find_proctitle(task, &proctitle, &flags_of_title);

	if (bytes <= SHORT_PROCTITLE_BYTES)
		record = reserve_switch(SHORT_PROCTITLE_BYTES);
	else
		record = reserve_switch(NST_PROCTITLE_BYTES);
	if (!record)
		return 0;
	if (!read_set(task, &record->set)) {
		bpf_ringbuf_discard(record, 0);
		return 0;
	}
	read_subject(task, &record->subject);
	read_call(task, &record->call);
	record->call.op = op;
	record->call.result = result;
	record->call.flags = flags;
	if (bytes == 0 || bpf_probe_read_user(record + 1, bytes, proctitle))
		bytes = 0;
	else
		record->hdr.flags = flags_of_title;
	record->call.proctitle_bytes = bytes;
	remember(task, &record->set);
	submit(record);
	brake();
	return 0;
}

/* Whether call_exit reports (sys_exit.h), or fexit programs do. User space can set it while both are attached. */
volatile __u32 by_sys_exit;

struct syscall_exit {
	__u64 common;
	__s64 number;
	__s64 result;
};

static __always_inline __u64 first_argument(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs___x86 *regs = saved_regs(task);

	return is_compat(task) ? (__u32)regs->bx : regs->di;
}

static __always_inline __u64 second_argument(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs___x86 *regs = saved_regs(task);

	return is_compat(task) ? (__u32)regs->cx : regs->si;
}

/* ERESTARTSYS and its like (512..516) are between the kernel and itself: the call will be made again. */
static __always_inline bool refused(__s64 result)
{
	return result < 0 && !(result <= -512 && result >= -516);
}

static __always_inline int emit_unshare(__u64 flags, __s64 result)
{
	flags &= CLONE_NEW_ALL;
	return flags ? emit_switch(NST_OP_UNSHARE, result, flags) : 0;
}

static __always_inline int emit_setns(__s64 result)
{
	return emit_switch(NST_OP_SETNS, result, second_argument() & CLONE_NEW_ALL);
}

/* A clone that succeeds is reported by newtask, before the child runs; here only what was refused. */
static __always_inline int emit_refused_clone(__s64 result)
{
	__u64 flags;

	if (!refused(result))
		return 0;
	flags = first_argument() & CLONE_NEW_CLONE;
	return flags ? emit_switch(NST_OP_CLONE, result, flags) : 0;
}

static __always_inline int emit_refused_clone3(__s64 result)
{
	__u64 kinds;

	if (!refused(result) || !read_clone3(bpf_get_current_task_btf(), first_argument(),
					     second_argument(), result, &kinds))
		return 0;
	return emit_switch(NST_OP_CLONE3, result, kinds);
}

SEC("tracepoint/syscalls/sys_exit_unshare")
int unshare_exit(struct syscall_exit *ctx)
{
	return emit_unshare(first_argument(), ctx->result);
}

SEC("tracepoint/syscalls/sys_exit_setns")
int setns_exit(struct syscall_exit *ctx)
{
	return emit_setns(ctx->result);
}

SEC("tracepoint/syscalls/sys_exit_clone")
int clone_exit(struct syscall_exit *ctx)
{
	return emit_refused_clone(ctx->result);
}

SEC("tracepoint/syscalls/sys_exit_clone3")
int clone3_exit(struct syscall_exit *ctx)
{
	return emit_refused_clone3(ctx->result);
}

#include "sys_exit.h"

/*
 * The same by fexit: system calls that are not about namespaces stay on their
 * fast path, and compat ones are seen, too. What never gets as far as these
 * functions is not: a call that seccomp refuses, a clone3 whose arguments make
 * no sense by themselves.
 */
SEC("fexit/ksys_unshare")
int BPF_PROG(unshare_return, unsigned long flags, int result)
{
	return by_sys_exit ? 0 : emit_unshare(flags, result);
}

SEC("fexit/__x64_sys_setns")
int BPF_PROG(setns_return, const struct pt_regs *regs, long result)
{
	return by_sys_exit ? 0 : emit_setns(result);
}

SEC("fexit/__ia32_sys_setns")
int BPF_PROG(setns_compat_return, const struct pt_regs *regs, long result)
{
	return by_sys_exit ? 0 : emit_setns(result);
}

/* clone's flags have lost their exit signal by now: none is taken for CLONE_NEWTIME. */
SEC("fexit/kernel_clone")
int BPF_PROG(clone_return, struct kernel_clone_args *args, int result)
{
	bool is_clone3;
	__u64 flags;

	if (!refused(result) || by_sys_exit)
		return 0;
	flags = args->flags & CLONE_NEW_ALL;
	is_clone3 = saved_regs(bpf_get_current_task_btf())->orig_ax == NR_CLONE3;
	return flags ? emit_switch(is_clone3 ? NST_OP_CLONE3 : NST_OP_CLONE, result, flags) : 0;
}

/*
 * Every namespace, of whatever kind, gives back its inode number when it is
 * freed, from wherever that happens. Entries of proc have numbers of the same
 * kind, and are told of as well: a number is never two things' at once.
 */
SEC("fentry/proc_free_inum")
int BPF_PROG(inum_freed, unsigned int inum)
{
	struct nst_freed *record =
		by_sys_exit ? NULL : reserve(NST_KIND_FREED, sizeof(*record));

	if (!record)
		return 0;
	record->inum = inum;
	record->pad = 0;
	submit(record);
	return 0;
}

/* Run before anything is attached: what the host's own namespaces are. */
SEC("iter/task")
int find_initial(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (!task || initial_nsproxy || !(task->flags & PF_KTHREAD))
		return 0;
	task = unvouched(task);
	if (!read_set(task, &initial_set))
		return 0;
	initial_user_ns = (__u64)task->real_cred->user_ns;
	initial_nsproxy = (__u64)task->nsproxy;
	BPF_CORE_READ_STR_INTO(&initial_nodename, task, nsproxy, uts_ns, name.nodename);
	return 0;
}

/* Whether the walk stands in the stream, and not beside it. */
__u32 snapshot_reports;

/*
 * Every task there is, as records that come out of read(2), chunk by chunk: a
 * walk that wrote into the ring would need room for all of them at once.
 */
SEC("iter/task")
int snapshot(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct scratch *at = scratch(SCRATCH_SNAPSHOT);
	struct nsproxy *nsproxy;
	struct nst_attach *attach;
	struct v1_place v1;
	__u16 flags;
	__u32 size;

	if (!task || !at || task->pid == 0 || task->flags & PF_EXITING)
		return 0;
	flags = task->flags & PF_KTHREAD ? NST_FLAG_KTHREAD : 0;
	read_v1(task, &v1);
	if (v1.hierarchy != 0 && v1.id != ROOT_CGROUP)
		flags |= NST_FLAG_CGROUP_V1;
	nsproxy = BPF_CORE_READ(task, nsproxy);
	size = fill_task(at, task, flags);
	if (size == 0 || size > NST_RECORD_BYTES_MAX)
		return 0;
	/* A nsproxy that the task has just left may be freed while it is read: it goes without RCU. */
	if (BPF_CORE_READ(task, nsproxy) != nsproxy &&
	    !read_set(task, &((struct nst_task *)at->record)->set))
		return 0;
	/*
	 * Again, now that the record has its time: a task that is not exiting yet
	 * will exit later than that, so no record brings back one that has exited.
	 */
	if (BPF_CORE_READ(task, flags) & PF_EXITING)
		return 0;
	if (bpf_seq_write(ctx->meta->seq, at->record, size) != 0)
		return 0;
	if (snapshot_reports)
		remember(task, &((struct nst_task *)at->record)->set);
	if (flags & NST_FLAG_CGROUP_V1) {
		/* Where the chunk has no room for it the kernel takes both back, and begins the next with them. */
		attach = (struct nst_attach *)at->record;
		read_subject(task, &attach->subject);
		fill_attach(attach, task);
		bpf_seq_write(ctx->meta->seq, attach, sizeof(*attach));
	}
	return 0;
}

/*
 * One pass over all tasks, telling of those that belong to the target what they
 * carry afterwards. A child is visible to the walk before task_newtask copies
 * its parent's number to it: so whoever the walk that follows FAMILY_TARGET
 * finds without the number was born before, and whoever is born later has it.
 */
SEC("iter/task")
int family(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct nst_member member = {};
	struct label *label;
	__u32 role;

	if (!task || task->pid == 0 || task->flags & PF_EXITING)
		return 0;
	if (family_action == FAMILY_NONE) {
		label = label_of(task);
		if (!label || label->container != family_container)
			return 0;
		label->container = family_previous;
		role = family_role(task);
	} else if (family_action == FAMILY_CALLER) {
		if (task->pid != (int)family_tgid)
			return 0;
		role = NST_MEMBER_TARGET;
		if (may_control_audit(task))
			role |= NST_MEMBER_CAPABLE;
	} else if (family_action == FAMILY_EVERYONE) {
		if (task->flags & PF_KTHREAD)
			return 0;
		role = has_no_new_privs(task) ? NST_MEMBER_NO_NEW_PRIVS : 0;
		role |= (task->seccomp.mode & 3) << NST_MEMBER_SECCOMP_SHIFT;
	} else {
		role = family_role(task);
		if (!role)
			return 0;
		if (family_action == FAMILY_TARGET && role == NST_MEMBER_TARGET)
			enlist(task);
		if (family_action == FAMILY_ALL && container_of_task(task) == family_previous)
			enlist(task);
	}
	set_header(&member.hdr, NST_KIND_MEMBER, 0, sizeof(member));
	read_task_id(task, &member.task);
	member.container = container_of_task(task);
	member.flags = role;
	bpf_seq_write(ctx->meta->seq, &member, sizeof(member));
	return 0;
}
