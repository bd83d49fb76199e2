/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper (docs/identity.md): maps, a program and its link that outlive the tracer, because
 * they are pinned in a directory of a bpffs. Whatever the directory holds is checked and not
 * trusted. It exposes no libbpf type.
 */
#ifndef NST_KEEPER_H
#define NST_KEEPER_H

#include <stddef.h>

#include "nskeeper.h"

struct nst_keeper;

/* What a directory holds. */
enum nst_keeper_finding : int {
	NST_KEEPER_NONE = 0,  /* no keeper; there may be no directory either */
	NST_KEEPER_WHOLE = 1, /* a keeper, which works */
	/* a keeper without a link: half made or half removed. What it holds is stale */
	NST_KEEPER_HALF = 2,
	/* `pin` is no pin of a keeper, or is missing although the link is there */
	NST_KEEPER_FOREIGN = 3,
	NST_KEEPER_VERSION_UNKNOWN = 4, /* another layout: see version */
	NST_KEEPER_UNREADABLE = 5,	/* see error_number, and pin */
	NST_KEEPER_NO_BPFFS = 6,	/* the directory is not in a bpffs */
	NST_KEEPER_NOT_OURS = 7,	/* others than its owner, root or this user, may use it */
	NST_KEEPER_NOT_LOADED = 8,	/* the kernel takes no keeper: see error_number */
	NST_KEEPER_NOT_MADE = 9, /* the directory is missing and cannot be made: see error_number */
	/* there is no bpffs, and one mounted by this process would not be the host's */
	NST_KEEPER_OTHER_MOUNTS = 10,
};

struct nst_keeper_status {
	enum nst_keeper_finding finding;
	int error_number;
	enum nst_keeper_pin pin;
	__u32 version;
	/* the highest that were given, of a keeper that is not whole any more */
	__u32 last_number;
	__u32 last_session;
};

/*
 * Opens the directory of a keeper: a descriptor, or -1 and a status. With `makes` it is made if
 * it is missing, with mode 0700, and so is a bpffs at /sys/fs/bpf if it is to be in there and this
 * is the host's mount namespace.
 */
int nst_keeper_open_directory(const char *path, int makes, struct nst_keeper_status *status);

/*
 * Takes the role of the one tracer that registers. 0 or -errno. EWOULDBLOCK: another has it, or
 * looks just now whether one has; ESTALE: it is not the directory at that path any more.
 */
int nst_keeper_claim(int directory, const char *path);

/* Whether another process has that role: 1, 0 or -errno. */
int nst_keeper_is_claimed(int directory);

/*
 * Opens the keeper that the directory holds, to write or only to read it. NULL if it holds none
 * that works; the status says what it holds.
 */
struct nst_keeper *nst_keeper_find(int directory, int writes, struct nst_keeper_status *status);

/* Loads and attaches a keeper that nothing pins yet. NULL if the kernel refuses. */
struct nst_keeper *nst_keeper_make(int verbose, struct nst_keeper_status *status);

/*
 * Compares the program of a keeper that was found with the one of this version and, with
 * `replaces`, puts this one in its place. Both run for a moment, so that no birth is missed.
 * Returns 1 if they differed, 0 if not, or -errno if it is not replaced.
 */
int nst_keeper_renew(struct nst_keeper *keeper, int directory, int replaces, int verbose);

/*
 * Finishes the replacement of a program that a tracer has begun before it ended. For the tracer
 * that registers, before it looks for a keeper. 0, or -errno if it cannot be told or done: then
 * all pins are as they were.
 */
int nst_keeper_finish_replacement(int directory);

void nst_keeper_close(struct nst_keeper *keeper);

/* Whether it was found, and not made by this process. */
int nst_keeper_is_found(const struct nst_keeper *keeper);

/* The file name of a pin. */
const char *nst_keeper_pin_name(enum nst_keeper_pin pin);

/* Its descriptors, by enum nst_keeper_pin. They are the keeper's own. */
int nst_keeper_descriptor(const struct nst_keeper *keeper, enum nst_keeper_pin pin);

/* Pins it, where nothing is pinned; 0 or -errno. */
int nst_keeper_pin(const struct nst_keeper *keeper, int directory);

/*
 * Reads the flags of the keeper that is pinned there, of any version; without a keeper they are 0.
 * Returns 0, or -errno if what is pinned cannot be read.
 */
int nst_keeper_read_flags(int directory, __u32 *flags);

/*
 * Removes all pins of a keeper, of any version, and nothing else. Its state then says so to those who
 * still read it. 0 or -errno.
 */
int nst_keeper_unpin(int directory);

/* The same, but what nst_keeper_rest has left stays. */
int nst_keeper_clear(int directory);

/* Takes the numbers of a keeper that was taken away into the status, if they are higher. */
void nst_keeper_read_rest(int directory, struct nst_keeper_status *status);

/* Has a keeper that was just made give higher numbers than the status has. */
void nst_keeper_begin_behind(struct nst_keeper *keeper, const struct nst_keeper_status *status);

/* Removes its pins, and leaves only its numbers; 0 or -errno. */
int nst_keeper_rest(const struct nst_keeper *keeper, int directory);

/* The kernel's id of its program; 0 if it cannot be had. */
__u32 nst_keeper_program_id(const struct nst_keeper *keeper);

/* A copy of its state. */
struct nst_keeper_state nst_keeper_state(const struct nst_keeper *keeper);

/* nst_keeper_state.changes. */
__u64 nst_keeper_changes(const struct nst_keeper *keeper);

/* Sets flags of the state for good. */
void nst_keeper_set_flags(struct nst_keeper *keeper, __u32 flags);

/*
 * Adds or replaces a registration, which is under way until nst_keeper_grant. 0, -ENOSPC if there
 * is no room or memory, or another -errno.
 */
int nst_keeper_put(struct nst_keeper *keeper, const struct nst_keeper_entry *entry);

/* All tasks of the registration under way have its number. Cannot fail. */
void nst_keeper_grant(struct nst_keeper *keeper);

/* Removes a registration; 0 or -errno. */
int nst_keeper_remove(struct nst_keeper *keeper, __u32 number);

/*
 * Reads the first registration, or the next one behind `number`, in no order. Returns 1, 0 if
 * there is none, -EBADMSG for one that cannot be, or another -errno. While another tracer removes
 * registrations it can come to some once more.
 */
int nst_keeper_next(const struct nst_keeper *keeper, int is_first, __u32 *number,
		    struct nst_keeper_entry *entry);

/* Adds a session; 0, -ENOSPC if there is no room or memory, or another -errno. */
int nst_keeper_put_session(const struct nst_keeper *keeper,
			   const struct nst_keeper_session *session);

/* Removes a session; 0 or -errno. */
int nst_keeper_remove_session(const struct nst_keeper *keeper, __u32 number);

/* As nst_keeper_next, for sessions. */
int nst_keeper_next_session(const struct nst_keeper *keeper, int is_first, __u32 *number,
			    struct nst_keeper_session *session);

/* Reads what the processes of a page are inside; 0 or -errno. */
int nst_keeper_read_visits(const struct nst_keeper *keeper, __u32 page,
			   struct nst_keeper_visits *visits);

/* What a process is inside; 0 for a keeper that is only read, too. */
__u32 nst_keeper_visit(const struct nst_keeper *keeper, __u32 tgid);

/* Says what a process is inside; its later children are, too. */
void nst_keeper_set_visit(struct nst_keeper *keeper, __u32 tgid, __u32 visit);

/* No session of a later tracer has this number or a lower one. */
void nst_keeper_set_last_session(struct nst_keeper *keeper, __u32 number);

/*
 * Keeps a stain, which came then: CLOCK_BOOTTIME. 0, -ENOSPC if there is no room or memory, or
 * another -errno.
 */
int nst_keeper_put_stain(const struct nst_keeper *keeper, const struct nst_keeper_stain *stain,
			 __u64 since_ns);

/* Removes a stain; 0, if there is none, too, or -errno. */
int nst_keeper_remove_stain(const struct nst_keeper *keeper, const struct nst_keeper_stain *stain);

/*
 * Reads the first stain, or the next one behind `stain`, in no order, whatever it says. Returns 1,
 * 0 if there is none, or -errno.
 */
int nst_keeper_next_stain(const struct nst_keeper *keeper, int is_first,
			  struct nst_keeper_stain *stain, __u64 *since_ns);

#endif
