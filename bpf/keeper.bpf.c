/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The keeper: what goes on in the kernel when no tracer runs, so that container IDs outlive
 * it (docs/identity.md). Its maps, its program and its link are pinned in a bpffs.
 *
 * It copies a number and what the parent is inside at each birth, and does nothing else. It
 * reports nothing, needs no memory and reads no setting. User space interprets what the maps
 * hold.
 */
#include "kernel.h"
#include "nskeeper.h"
#include "numbers.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct nst_keeper_state);
} state SEC(".maps");

/* By number. Memory is taken for each, when it is registered and not at a birth. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, NST_KEEPER_REGISTRATIONS);
	__type(key, __u32);
	__type(value, struct nst_keeper_entry);
} registrations SEC(".maps");

/* T2. User space reads and writes it, and no program: a birth stains nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, NST_KEEPER_STAINS);
	__type(key, struct nst_keeper_stain);
	__type(value, __u64);
} stains SEC(".maps");

/* By number. Memory is taken for each, when user space has seen it begin. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, NST_KEEPER_SESSIONS);
	__type(key, __u32);
	__type(value, struct nst_keeper_session);
} sessions SEC(".maps");

/* What each process is inside, as numbers.h has the numbers. User space writes it in place. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, NST_KEEPER_PAGES);
	__type(key, __u32);
	__type(value, struct nst_keeper_visits);
} visits SEC(".maps");

static __always_inline __u32 *visit_place(struct task_struct *task)
{
	__u32 tgid = task->tgid;
	__u32 page = tgid / NST_KEEPER_PAGE;
	struct nst_keeper_visits *of_page = bpf_map_lookup_elem(&visits, &page);

	return of_page ? &of_page->of[tgid % NST_KEEPER_PAGE] : NULL;
}

/* A new process is inside what its parent is, and not what an earlier one with its tgid was. */
static __always_inline void copy_visit(struct task_struct *parent, struct task_struct *child)
{
	__u32 *from, *to;

	if (child->pid != child->tgid)
		return;
	from = visit_place(parent);
	to = visit_place(child);
	if (from && to && *to != *from)
		*to = *from;
}

/* As task_new() of nsevents.bpf.c: current is the parent. */
SEC("tp_btf/task_newtask")
int BPF_PROG(keep_birth, struct task_struct *child, __u64 clone_flags)
{
	struct task_struct *parent = bpf_get_current_task_btf();

	if (child->pid == 0) /* a CPU's idle task */
		return 0;
	copy_number(parent, child);
	copy_visit(parent, child);
	return 0;
}
