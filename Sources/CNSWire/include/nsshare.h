/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Shares of the ring, in memory that the BPF programs and user space both map. No wire format. */
#ifndef NST_NSSHARE_H
#define NST_NSSHARE_H

#include <linux/types.h>

#define NST_SHARES 512 /* a power of two */
/* Kinds from here on are not held back. */
#define NST_SHARE_KINDS 16

#define NST_SHARE_FREE 0
#define NST_SHARE_CLAIMED 1 /* its key is being written */
#define NST_SHARE_USED 2

/* The first place is that of all shares that find no other, and stays NST_SHARE_FREE. */
struct nst_share {
	__u64 cgroup_id; /* v2 */
	__u32 uid;
	__u32 state;	/* NST_SHARE_* */
	__u64 due_ns;	/* when the next record is due, by an even rate: CLOCK_BOOTTIME */
	__u64 since_ns; /* of the first record held back since user space set it to 0; 0: none */
	__u64 told;	/* the sum of `held` that user space has reported */
	__u64 held[NST_SHARE_KINDS]; /* records held back since the programs were loaded, by kind */
};

#endif
