/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fair shares of the ring. Whoever makes more records than its share has its own records
 * counted in place of sent, so that it cannot crowd out those of others.
 *
 * A share belongs to a user in a cgroup that root has given: the nearest cgroup up the tree
 * that root owns, and the owner of the outermost user namespace, or, in the host's, the
 * task's own user. Cgroups below a delegation and the 65,536 users of a subuid range
 * therefore share one. A task with CAP_SYS_ADMIN in the host's user namespace has no limit:
 * it could stop the tracer itself. Root of a container without that capability has one.
 *
 * FORK, EXIT and EXEC are never held back. FORK and EXIT are small, and without them the
 * state of others would be wrong; an exec takes longer than reading its record.
 */
#ifndef NST_SHARE_H
#define NST_SHARE_H

#include "emit.h"
#include "kernel.h"
#include "nsevents.h"
#include "nsshare.h"
#include "read_cgroup.h"
#include "read_set.h"
#include "read_task.h"

/* The time between two records of a share at an even rate: ns; 0: no limit. Set before loading. */
const volatile __u64 share_interval_ns;
/* How far ahead of that rate a share may run: ns. */
const volatile __u64 share_burst_ns;

#define SHARE_PROBES 16
/* After this long without a record a share's place goes to another: ns. */
#define SHARE_IDLE_NS 60000000000ULL

/* User space reads these through .bss. */
struct nst_share shares[NST_SHARES];
__u64 held_count; /* records held back, of all shares and kinds */

/*
 * Deeper below a delegation than this, the share is that of the root cgroup, so depth gives
 * no second share beyond that one.
 */
#define OWNED_DEPTH_MAX 64

struct owner_walk {
	struct kernfs_node *node;
	__u64 cgroup_id;
};

static long owner_step(__u32 index, struct owner_walk *walk)
{
	struct kernfs_node *node = walk->node;

	if (!node)
		return 1;
	if (is_owned_by_root(node)) {
		walk->cgroup_id = BPF_CORE_READ(node, id);
		return 1;
	}
	walk->node = parent_of(node);
	return 0;
}

static __always_inline __u64 given_cgroup(struct task_struct *task)
{
	struct kernfs_node *node = unvouched(task)->cgroups->dfl_cgrp->kn;
	struct owner_walk walk = { .cgroup_id = ROOT_CGROUP };

	/* The case of most tasks needs no helper call. */
	if (!node->iattr || node->iattr->ia_uid.val == 0)
		return node->id;
	walk.node = parent_of(node);
	bpf_loop(OWNED_DEPTH_MAX, owner_step, &walk, 0);
	return walk.cgroup_id;
}

#define USER_NAMESPACES_MAX 34 /* the kernel nests 33 */

struct user_walk {
	struct user_namespace *ns;
	__u32 owner;
};

static long user_step(__u32 index, struct user_walk *walk)
{
	struct user_namespace *ns = walk->ns;

	if (!ns || (__u64)ns == initial_user_ns)
		return 1;
	walk->owner = BPF_CORE_READ(ns, owner.val);
	walk->ns = BPF_CORE_READ(ns, parent);
	return 0;
}

/* The owner of the outermost user namespace below the host's. */
static __always_inline __u32 outermost_owner(struct user_namespace *ns)
{
	struct user_walk walk = { .ns = ns };

	if ((__u64)ns->parent == initial_user_ns)
		return ns->owner.val;
	bpf_loop(USER_NAMESPACES_MAX, user_step, &walk, 0);
	return walk.owner;
}

static __always_inline __u64 sum_held(const struct nst_share *share)
{
	__u64 sum = 0;

	for (int kind = 0; kind < NST_SHARE_KINDS; kind++)
		sum += share->held[kind];
	return sum;
}

/* Only if all that it held back is reported: user space may be reading the key. */
static __always_inline bool is_idle(const struct nst_share *share, __u64 now_ns)
{
	return share->state == NST_SHARE_USED && share->due_ns + SHARE_IDLE_NS < now_ns &&
	       share->told == sum_held(share);
}

static __always_inline bool claim(struct nst_share *share, __u64 now_ns)
{
	__u32 old = is_idle(share, now_ns) ? NST_SHARE_USED : NST_SHARE_FREE;

	return __sync_val_compare_and_swap(&share->state, old, NST_SHARE_CLAIMED) == old;
}

struct share_search {
	__u64 cgroup_id;
	__u64 now_ns;
	__u32 uid;
	__u32 place; /* 0: not found */
};

static __always_inline __u32 place_at(const struct share_search *search, __u32 step)
{
	__u32 hash = search->uid * 2654435761U ^ (__u32)search->cgroup_id * 2246822519U;

	return ((hash >> 8) + step) & (NST_SHARES - 1);
}

static __always_inline long find_at(__u32 step, struct share_search *search)
{
	__u32 place = place_at(search, step);
	struct nst_share *share = &shares[place];

	if (share->state != NST_SHARE_USED || share->cgroup_id != search->cgroup_id ||
	    share->uid != search->uid)
		return 0;
	search->place = place;
	return 1;
}

static long find_step(__u32 step, struct share_search *search)
{
	return find_at(step, search);
}

static long claim_step(__u32 step, struct share_search *search)
{
	__u32 place = place_at(search, step);
	struct nst_share *share = &shares[place];

	if (place == 0 || !claim(share, search->now_ns))
		return 0;
	share->cgroup_id = search->cgroup_id;
	share->uid = search->uid;
	share->due_ns = search->now_ns;
	share->state = NST_SHARE_USED;
	search->place = place;
	return 1;
}

static __always_inline struct nst_share *share_of(__u64 cgroup_id, __u32 uid, __u64 now_ns)
{
	struct share_search search = { .cgroup_id = cgroup_id, .now_ns = now_ns, .uid = uid };

	if (!find_at(0, &search))
		bpf_loop(SHARE_PROBES, find_step, &search, 0);
	if (search.place == 0)
		bpf_loop(SHARE_PROBES, claim_step, &search, 0);
	return &shares[search.place & (NST_SHARES - 1)];
}

/* Takes one record from the share; false if the share is used up. */
static __always_inline bool charge(struct nst_share *share, __u64 now_ns)
{
	__u64 due_ns = share->due_ns;

	if (due_ns < now_ns) {
		__sync_val_compare_and_swap(&share->due_ns, due_ns, now_ns + share_interval_ns);
		return true;
	}
	if (due_ns - now_ns > share_burst_ns)
		return false;
	__sync_fetch_and_add(&share->due_ns, share_interval_ns);
	return true;
}

/*
 * The last quarter of the ring is for FORK, EXIT and those without a limit. In the third, a
 * share has room only while it is less than an eighth of its burst ahead.
 */
static __always_inline bool ring_has_room(const struct nst_share *share, __u64 now_ns)
{
	__u64 bytes = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);

	if (bytes <= ring_half_bytes)
		return true;
	return bytes <= ring_half_bytes + ring_half_bytes / 2 &&
	       share->due_ns < now_ns + share_burst_ns / 8;
}

static __always_inline void hold_back(struct nst_share *share, __u32 kind, __u64 now_ns)
{
	__sync_val_compare_and_swap(&share->since_ns, 0, now_ns);
	__sync_fetch_and_add(&share->held[kind & (NST_SHARE_KINDS - 1)], 1);
	__sync_fetch_and_add(&held_count, 1);
}

/* The part of admit() for tasks with a limit: verified once, and not once for each caller. */
__noinline int admit_from_share(__u32 kind)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct cred *cred = unvouched(task)->real_cred;
	struct user_namespace *ns = cred->user_ns;
	bool is_host = (__u64)ns == initial_user_ns;
	__u32 uid = is_host ? cred->uid.val : outermost_owner(ns);
	__u64 now_ns = bpf_ktime_get_boot_ns();
	struct nst_share *share = share_of(given_cgroup(task), uid, now_ns);

	if (ring_has_room(share, now_ns) && charge(share, now_ns))
		return 1;
	hold_back(share, kind, now_ns);
	return 0;
}

/*
 * Whether a record that current causes may be sent. If not, it is counted, and current's set
 * must not be remembered as reported.
 */
static __always_inline bool admit(__u32 kind)
{
	if (share_interval_ns == 0 || may_administer(bpf_get_current_task_btf()))
		return true;
	return admit_from_share(kind);
}

#endif
