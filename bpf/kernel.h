/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's structs, flags and numbers that nstrace reads, the same on every
 * architecture. libbpf relocates every access by the running kernel's BTF (CO-RE), so
 * order and holes do not matter here. A field that some kernels lack has a flavour
 * (___since_vNNN) and one accessor. Delete both once the oldest supported kernel has the
 * field.
 */
#ifndef NST_KERNEL_H
#define NST_KERNEL_H

/* Before libbpf's headers, which use its types. */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <stdbool.h>

#include "arch_x86.h"

#define PF_EXITING 0x00000004
#define PF_KTHREAD 0x00200000
#define PFA_NO_NEW_PRIVS 1UL /* bit 0 of task->atomic_flags */

#define CLONE_NEWTIME 0x00000080ULL
#define CLONE_NEWNS 0x00020000ULL
#define CLONE_NEWCGROUP 0x02000000ULL
#define CLONE_NEWUTS 0x04000000ULL
#define CLONE_NEWIPC 0x08000000ULL
#define CLONE_NEWUSER 0x10000000ULL
#define CLONE_NEWPID 0x20000000ULL
#define CLONE_NEWNET 0x40000000ULL
/* The low byte of clone(2)'s flags is the exit signal, and CLONE_NEWTIME lies in it. */
#define CLONE_NEW_CLONE                                                                            \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET)
#define CLONE_NEW_ALL (CLONE_NEW_CLONE | CLONE_NEWTIME)

#define NR_CLONE3 435 /* the same on every architecture, compat ones too */

/*
 * The first members of these structs have never moved. They are not relocated, because for
 * each relocated struct libbpf goes through all types of the kernel, which takes a
 * millisecond.
 */
struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	__u32 val;
} kuid_t;

typedef struct {
	__u32 val;
} kgid_t;

struct ns_common {
	unsigned int inum;
};

struct new_utsname {
	char nodename[65];
};

struct uts_namespace {
	struct new_utsname name;
	struct ns_common ns;
};

struct ipc_namespace {
	struct ns_common ns;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct pid_namespace {
	struct ns_common ns;
};

struct user_namespace {
	struct user_namespace *parent;
	kuid_t owner;
	struct ns_common ns;
};

struct net {
	struct ns_common ns;
};

struct cgroup_namespace {
	struct ns_common ns;
};

struct time_namespace {
	struct ns_common ns;
};

typedef struct {
	int counter;
} atomic_t;

struct nsproxy {
	atomic_t count;
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
	struct net *net_ns;
	struct time_namespace *time_ns;
	struct time_namespace *time_ns_for_children;
	struct cgroup_namespace *cgroup_ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

/* Before 6.3 two halves of 32 bits, the lower one first: the same bytes. */
typedef struct {
	__u64 val;
} kernel_cap_t;

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t suid;
	kgid_t sgid;
	kuid_t euid;
	kgid_t egid;
	kuid_t fsuid;
	kgid_t fsgid;
	kernel_cap_t cap_effective;
	struct user_namespace *user_ns;
};

struct kernfs_iattrs {
	kuid_t ia_uid;
};

struct kernfs_node {
	__u64 id;
	struct kernfs_node *parent;
	const char *name;
	struct kernfs_iattrs *iattr; /* NULL: nobody has changed its owner or mode */
};

/* 633488947ef6 ("kernfs: Use RCU to access kernfs_node::parent."), v6.15: the field was renamed. */
struct kernfs_node___since_v615 {
	struct kernfs_node *__parent;
};

struct cgroup_root {
	int hierarchy_id; /* 0: cgroup v2 */
};

struct cgroup {
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct css_set {
	struct cgroup_subsys_state *subsys[1]; /* by enum cgroup_subsys_id */
	struct cgroup *dfl_cgrp;
};

struct tty_struct {
	char name[64];
};

struct signal_struct {
	atomic_t live; /* threads that have not begun to exit */
	int nr_threads;
	struct list_head thread_head;
	unsigned long nvcsw; /* this and the next three: of threads that have ended */
	unsigned long nivcsw;
	unsigned long min_flt;
	unsigned long long sum_sched_runtime;
	struct tty_struct *tty;
};

struct seccomp {
	int mode;
};

struct qstr {
	__u32 len;
	const unsigned char *name;
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};

struct dentry_operations {
	void *d_dname; /* a function */
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	const struct dentry_operations *d_op;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
};

struct fs_struct {
	struct path root;
};

struct kioctx_table;

struct mm_struct {
	atomic_t mm_users;
	struct file *exe_file;
	unsigned long arg_start;
	unsigned long arg_end;
	struct kioctx_table *ioctx_table; /* CONFIG_AIO */
};

struct vm_area_struct {
	unsigned long vm_end;
	unsigned long vm_flags;
	struct file *vm_file;
};

struct io_uring_task;

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	int pid;
	int tgid;
	__u64 start_boottime;
	unsigned long atomic_flags;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	struct mm_struct *mm;
	struct fs_struct *fs;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct list_head thread_node; /* in signal->thread_head */
	const struct cred *real_cred;
	struct css_set *cgroups;
	struct seccomp seccomp;
	kuid_t loginuid;		/* CONFIG_AUDIT */
	unsigned int sessionid;		/* CONFIG_AUDIT */
	struct io_uring_task *io_uring; /* CONFIG_IO_URING */
	char comm[16];
};

/* Their values depend on the kernel's configuration, so read them with bpf_core_enum_value(). */
enum cgroup_subsys_id {
	cpu_cgrp_id,
	memory_cgrp_id,
	freezer_cgrp_id,
	pids_cgrp_id,
};

struct linux_binprm {
	struct file *file;
};

struct kernel_clone_args {
	__u64 flags;
};

struct seq_file;

/*
 * 885fc8ac0a4d ("nstree: make iterator generic") and its series, v6.18: a number for each
 * namespace that is never used again in a boot.
 */
struct ns_common___since_v618 {
	__u64 ns_id;
};

#pragma clang attribute pop

/*
 * a35b9af4ec2c ("bpf: Add a kfunc for generic type cast"), v6.2: gives the same pointer,
 * for which the kernel no longer vouches. It costs nothing when the program runs.
 */
extern void *bpf_rdonly_cast(const void *obj__ign, __u32 btf_id__k) __ksym __weak;
extern int LINUX_KERNEL_VERSION __kconfig; /* from libbpf; a constant to the verifier */

/*
 * Programs read through this what they reach by pointers. For each pointer that is read
 * from one that the kernel vouches for, the verifier looks up whether to vouch for the new
 * one. It searches all of the kernel's types by name, up to four times: half a second for
 * these programs. Keep the original of a pointer that goes to a helper as a task.
 */
#define unvouched(pointer)                                                                         \
	((typeof(pointer))(LINUX_KERNEL_VERSION < KERNEL_VERSION(6, 2, 0) ?                        \
				   (void *)(pointer) :                                             \
				   bpf_rdonly_cast(pointer,                                        \
						   bpf_core_type_id_kernel(typeof(*(pointer))))))

/*
 * 2ddd3cac1fa9 ("nsproxy: Convert nsproxy.count to refcount_t"), v6.6: wraps the same int
 * once more.
 */
#define nst_nsproxy_users(nsproxy) (*(int *)&(nsproxy)->count)

/* The namespace's ns_id; 0 if the kernel has none. */
#define nst_ns_id(ns)                                                                              \
	(bpf_core_field_exists(struct ns_common___since_v618, ns_id) ?                             \
		 ((struct ns_common___since_v618 *)(ns))->ns_id :                                  \
		 0)

#endif
