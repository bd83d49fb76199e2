/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The keeper: what goes on in the kernel when no tracer runs, so that container IDs outlive
 * it (docs/identity.md). Its maps, its program and its link are pinned in a bpffs.
 *
 * It copies a number at each birth, and does nothing else. It reports nothing, needs no
 * memory and reads no setting. User space interprets what the maps hold.
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

/* As task_new() of nsevents.bpf.c: current is the parent. */
SEC("tp_btf/task_newtask")
int BPF_PROG(keep_birth, struct task_struct *child, __u64 clone_flags)
{
	if (child->pid != 0) /* not a CPU's idle task */
		copy_number(bpf_get_current_task_btf(), child);
	return 0;
}
