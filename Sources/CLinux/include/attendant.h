/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attendant: a process beside the tracer that does what the sandbox forbids
 * the tracer. It is forked before the sandbox is entered, has one of its own,
 * and ends with the tracer. A request is a number of this list, and for one of
 * them a container's ID: all paths are fixed when the attendant starts.
 *
 * To add a request: a number here, its function in attendant_requests.c, its
 * system calls and directories in attendant_sandbox.c, a case of
 * Attendant.Request in Swift, and a row in docs/security.md.
 */
#ifndef NST_ATTENDANT_H
#define NST_ATTENDANT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum nst_attendant_request_kind {
	/* Opens the log for appending; the reply carries the descriptor. */
	NST_ATTENDANT_REOPEN_LOG = 1,
	/* LOG.1 becomes LOG.2, up to the last that is kept, and LOG becomes LOG.1; then as above. */
	NST_ATTENDANT_ROTATE_LOG = 2,
	/* Removes the LOG.N with the highest N; ENOENT if there is none. */
	NST_ATTENDANT_REMOVE_OLDEST_LOG = 3,
	/* Pins the keeper; EEXIST: something is pinned there. */
	NST_ATTENDANT_PIN_KEEPER = 4,
	/* Removes the keeper's pins. */
	NST_ATTENDANT_UNPIN_KEEPER = 5,
	/* The same, and leaves its state under another name. */
	NST_ATTENDANT_REST_KEEPER = 6,
	/* Asks the kernel how many audit records its backlog has lost; the reply has the number. */
	NST_ATTENDANT_AUDIT_LOST = 7,
	/* Opens the file of a container's copy for appending; the reply carries the descriptor. */
	NST_ATTENDANT_OPEN_ROUTE = 8,
};

/* What failed, if a reply has an error. */
enum nst_attendant_step {
	NST_ATTENDANT_NOTHING,
	/* a message that is no request, or the attendant's own start */
	NST_ATTENDANT_UNDERSTAND,
	/* open(2) of the log, or of a copy */
	NST_ATTENDANT_OPEN,
	/* it is another user's, or has a second name; a copy also if it is open to others, or no file */
	NST_ATTENDANT_OWN,
	/* rename(2) and unlink(2) */
	NST_ATTENDANT_RENAME,
	NST_ATTENDANT_REMOVE,
	/* pinning, or removing a pin */
	NST_ATTENDANT_PIN,
	/* asking the kernel's audit */
	NST_ATTENDANT_AUDIT,
};

/* One message from the tracer to the attendant. */
struct nst_attendant_request {
	/* chosen by the tracer, and repeated in the reply */
	uint32_t serial;
	uint32_t kind;
	/* the container of NST_ATTENDANT_OPEN_ROUTE, the upper and lower 64 bits; else not read */
	uint64_t contid_high;
	uint64_t contid_low;
};

/* One message back; a descriptor may come with it (SCM_RIGHTS). */
struct nst_attendant_reply {
	uint32_t serial;
	uint32_t step;
	/* errno, or 0 */
	int32_t error;
	/* the number that was asked for, or 0 */
	uint32_t number;
};

/* The name of a container's copy, if it is not its ID's. */
struct nst_attendant_route {
	uint64_t contid_high;
	uint64_t contid_low;
	/* without a slash */
	const char *name;
};

struct nst_attendant_plan {
	/* the path of the log; NULL: none */
	const char *log;
	/* how many rotated logs are kept, LOG.1 and so on */
	unsigned int log_keep;
	/* the path of a socket that the attendant removes at its end; NULL: none */
	const char *socket;
	/*
	 * the keeper's directory, which the attendant removes at its end if it is empty, and
	 * what to pin there, by enum nst_keeper_pin; NULL: none
	 */
	const char *keep;
	const int *keeper;
	/* whether it is to answer NST_ATTENDANT_AUDIT_LOST */
	int asks_audit;
	/* the directory of containers' copies, which the tracer has looked at; -1: none */
	int routes;
	/* those with names of their own; read while the attendant lives */
	const struct nst_attendant_route *route_names;
	size_t route_count;
	/* whether it enters a sandbox */
	int is_confined;
};

/*
 * Forks the attendant. Once it is in its sandbox it sends a reply with serial 0.
 * Returns its pid, and in `fd` the tracer's end of the socket pair; -errno on
 * failure. Call it while there is one thread.
 */
pid_t nst_attendant_start(const struct nst_attendant_plan *plan, int *fd);

/* What the attendant has open besides its socket: descriptors, or -1. */
struct nst_attendant_places {
	/* the log's directory */
	int log;
	/* the log itself, if it is no regular file */
	int log_device;
	/* the control socket's directory */
	int control;
	/* the keeper's directory, and the one above */
	int keep;
	int above_keep;
	/* the socket to the kernel's audit */
	int audit;
	/* the directory of containers' copies */
	int routes;
};

/*
 * The attendant's sandbox: gives up capabilities, files and system calls that no
 * request needs. 0 or -errno.
 */
int nst_attendant_confine(const struct nst_attendant_places *places);

/* Sends a request, without waiting; 0 or -errno. */
int nst_attendant_send(int fd, const struct nst_attendant_request *request);

/*
 * Receives a reply, without waiting, and in `received` its descriptor or -1.
 * Returns 1; 0 if the attendant has ended; -EAGAIN if there is no reply yet,
 * and another -errno on failure.
 */
int nst_attendant_receive(int fd, struct nst_attendant_reply *reply, int *received);

/* Takes the status of the attendant if it has ended within so many milliseconds. */
void nst_attendant_reap(pid_t pid, int pidfd, int milliseconds);

/* A pidfd of a child, close-on-exec; -1 with errno. */
int nst_attendant_pidfd(pid_t pid);

#endif
