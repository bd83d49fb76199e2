/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/*
 * The keeper's layout: what its pinned maps hold (docs/identity.md). It outlives the tracer
 * that made it, so that another version of nstrace may read it.
 *
 * NST_KEEPER_VERSION is raised by each change of what is here, of the wire's nst_kept, or of
 * the maps in bpf/keeper.bpf.c and bpf/numbers.h. Magic, version, size and flags of
 * nst_keeper_state have their places, and the flags their meaning, in all versions: whoever does
 * not know a keeper must see that it is locked.
 */
#ifndef NST_NSKEEPER_H
#define NST_NSKEEPER_H

#include "nsevents.h"

#define NST_KEEPER_MAGIC 0x72657065656b736eULL /* "nskeeper" */
#define NST_KEEPER_VERSION 1

/* The numbers by tgid, in pages: PID_MAX_LIMIT of 64-bit kernels in all. */
#define NST_KEEPER_PAGE 1024
#define NST_KEEPER_PAGES 4096

/* How many registrations are kept at once. */
#define NST_KEEPER_REGISTRATIONS 65536

#define NST_KEEPER_NAME_BYTES 256

/* How many container sessions are kept at once. */
#define NST_KEEPER_SESSIONS 16384

/*
 * What a process is inside, in a word: the low bits of its session's number, and above them the
 * slots, 1 << enum nst_slot. 0: it is in no session. No session gets a number with the low bits
 * of one that goes on.
 */
#define NST_VISIT_SESSION_BITS 22

/* How many stains are kept at once: an ID of a namespace is one. */
#define NST_KEEPER_STAINS 65536

/*
 * The pins, in the order in which they are made. Without its link a keeper copies nothing and
 * its numbers are stale, so the link is made last and removed first.
 */
enum nst_keeper_pin : int {
	NST_KEEPER_STATE = 0,
	NST_KEEPER_REGISTERED = 1,
	NST_KEEPER_NUMBERS = 2,
	NST_KEEPER_SESSIONS_BEGUN = 3,
	NST_KEEPER_VISITS = 4,
	NST_KEEPER_STAINED = 5,
	NST_KEEPER_PROGRAM = 6,
	NST_KEEPER_LINK = 7,
	NST_KEEPER_PINS = 8,
};

#define NST_KEEPER_PIN_NAMES                                                                       \
	{                                                                                          \
		"state", "registrations", "numbers", "sessions", "visits", "stains", "program",    \
			"link"                                                                     \
	}

/*
 * Beside the pins: the state of a keeper that was taken away, so that the next one gives no number
 * of a session again. A whole keeper's own state counts for more.
 */
#define NST_KEEPER_REST_NAME "rest"

/* nst_keeper_state.flags */
/* Until reboot no registration is changed or taken back, and the keeper is not removed. */
#define NST_KEEPER_LOCKED 0x0001
/* It stays when no container lives. */
#define NST_KEEPER_STAYS 0x0002
/* It has no pins any more, and a tracer that reads it sees no registration from now on. */
#define NST_KEEPER_REMOVED 0x0004

/* The one value of the map "state". */
struct nst_keeper_state {
	__u64 magic;
	__u32 version;
	__u32 size; /* of this struct */
	/* when it was made: CLOCK_BOOTTIME */
	__u64 made_ns;
	/* raised after each change of the registrations */
	__u64 changes;
	/* the highest number that was given; none is given twice */
	__u32 last_number;
	__u32 flags;
	/* the registration of which not all tasks may have the number yet; 0: none */
	__u32 under_way;
	/* no container session has a higher number; none is given twice */
	__u32 last_session;
};

_Static_assert(__builtin_offsetof(struct nst_keeper_state, flags) == 36, "all versions");

/* A value of the map "registrations", by number. */
struct nst_keeper_entry {
	/* as in the stream; its header is 0 */
	struct nst_kept kept;
	char name[NST_KEEPER_NAME_BYTES];
};

/* A value of the map "sessions", by number. */
struct nst_keeper_session {
	/* as in the stream; its header is 0 */
	struct nst_kept_session kept;
	char exe[NST_PATH_BYTES];
};

/* A value of the map "visits", by a tgid's page. */
struct nst_keeper_visits {
	__u32 of[NST_KEEPER_PAGE];
};

/*
 * A key of the map "stains": an ID that a namespace keeps while it lives. The value is when it
 * came, a __u64: CLOCK_BOOTTIME.
 */
struct nst_keeper_stain {
	__u64 contid_high;
	__u64 contid_low;
	__u64 id; /* ns_id; 0: the kernel gives none */
	__u32 inum;
	__u32 type; /* its CLONE_NEW* flag */
};

_Static_assert(sizeof(struct nst_keeper_stain) == 32, "version 1");
_Static_assert(sizeof(struct nst_keeper_state) == 48, "version 1");
_Static_assert(sizeof(struct nst_keeper_session) == 1624, "version 1");
_Static_assert(sizeof(struct nst_keeper_entry) == 576, "version 1");

#endif
