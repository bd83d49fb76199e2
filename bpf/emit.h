/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ring, its loss counters, and the scratch memory in which records of variable size
 * are put together. Nothing else touches the ring.
 *
 * By default the ring wakes the reader only when the reader had caught up. The reader naps
 * after a wake-up and then drains the ring, so a storm costs some fifty wake-ups a second.
 * A ring that fills up within a nap wakes the reader at half full. Records beyond that do
 * not, because a wake-up costs an interrupt.
 */
#ifndef NST_EMIT_H
#define NST_EMIT_H

#include "kernel.h"
#include "nsevents.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20); /* set from the machine's size before loading */
} ring SEC(".maps");

const volatile __u64 ring_half_bytes = 2 << 20;

/* More than all CPUs together reserve between a record's reservation and its submission. */
#define WAKEUP_WINDOW_BYTES (32 << 10)

/* Indexed by kind. User space reads them, and resets lost_since_ns, through .bss. */
__u64 lost_count[NST_KIND_HOST];
__u64 lost_since_ns;

/*
 * Records that found room, by kind. Every record is counted, so each CPU has a cache line
 * of its own. CPUs beyond COUNTING_CPUS share the lines by atomic additions.
 */
#define COUNTING_CPUS 64
__u64 submitted_count[COUNTING_CPUS][NST_KIND_HOST] __attribute__((aligned(64)));

static __always_inline void count_submitted(__u16 kind)
{
	__u32 cpu = bpf_get_smp_processor_id() & (COUNTING_CPUS - 1);

	__sync_fetch_and_add(&submitted_count[cpu][kind & (NST_KIND_HOST - 1)], 1);
}

static __always_inline void count_lost(__u16 kind)
{
	__sync_fetch_and_add(&lost_count[kind & (NST_KIND_HOST - 1)], 1);
	__sync_val_compare_and_swap(&lost_since_ns, 0, bpf_ktime_get_boot_ns());
}

static __always_inline __u64 wakeup_flags(void)
{
	__u64 bytes = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);

	/* Below half full the difference wraps round and exceeds the window. */
	return bytes - ring_half_bytes < WAKEUP_WINDOW_BYTES ? BPF_RB_FORCE_WAKEUP : 0;
}

static __always_inline void set_header(struct nst_header *hdr, __u16 kind, __u16 flags, __u32 size)
{
	hdr->kind = kind;
	hdr->flags = flags;
	hdr->size = size;
	hdr->time_ns = bpf_ktime_get_boot_ns();
}

static __always_inline bool is_nearly_full(void)
{
	return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > ring_half_bytes + ring_half_bytes / 2;
}

#define BRAKE_NS 50000
/* More steps than fit into BRAKE_NS. */
#define BRAKE_STEPS (1 << 15)

static long brake_step(__u32 index, __u64 *start_ns)
{
	return !is_nearly_full() || bpf_ktime_get_boot_ns() - *start_ns > BRAKE_NS;
}

/*
 * Makes current wait for up to BRAKE_NS while the ring is nearly full: one thread can make
 * namespaces faster than the reader reads their records.
 */
static __always_inline void brake(void)
{
	__u64 start_ns;

	if (!is_nearly_full())
		return;
	start_ns = bpf_ktime_get_boot_ns();
	bpf_loop(BRAKE_STEPS, brake_step, &start_ns, 0);
}

/*
 * Reserves room for a record of fixed size. NULL if the ring is full; the record is then
 * counted as lost.
 */
static __always_inline void *reserve(__u16 kind, __u32 size)
{
	struct nst_header *hdr = bpf_ringbuf_reserve(&ring, size, 0);

	if (!hdr) {
		count_lost(kind);
		return NULL;
	}
	count_submitted(kind);
	set_header(hdr, kind, 0, size);
	return hdr;
}

static __always_inline void submit(void *record)
{
	bpf_ringbuf_submit(record, wakeup_flags());
}

/*
 * Memory in which a record is put together: for each CPU one piece for tracepoints and one
 * for iterators. The tracepoints in use run with preemption off. None of them interrupts
 * another, but one may interrupt an iterator. fexit programs run with preemption on and
 * use no scratch memory.
 */
struct scratch {
	__u8 record[NST_RECORD_BYTES_MAX];
	__u8 path[NST_PATH_BYTES + 256]; /* where a path is put together: read_path.h */
	__u64 path_start;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

enum { SCRATCH_LIVE, SCRATCH_SNAPSHOT };

static __always_inline struct scratch *scratch(__u32 which)
{
	return bpf_map_lookup_elem(&scratches, &which);
}

/*
 * Ends a scratch record with a tail of `tail_bytes`: rounds the size up and clears the
 * padding. The caller keeps the tail within its bounds.
 */
static __always_inline __u32 seal(void *record, __u32 fixed_bytes, __u32 tail_bytes)
{
	struct nst_header *hdr = record;
	__u8 *end = (__u8 *)record + fixed_bytes + tail_bytes;

	__builtin_memset(end, 0, 8);
	hdr->size = (fixed_bytes + tail_bytes + 7) & ~7U;
	return hdr->size;
}

/* Sends `size` bytes of a scratch record. The caller bounds `size`. */
static __always_inline bool output(void *record, __u32 size)
{
	struct nst_header *hdr = record;

	if (bpf_ringbuf_output(&ring, record, size, wakeup_flags()) == 0) {
		count_submitted(hdr->kind);
		return true;
	}
	count_lost(hdr->kind);
	return false;
}

#endif
