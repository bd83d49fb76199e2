/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sender: a process beside the tracer that writes the tracer's records into the
 * kernel's audit trail, as user messages. Whoever may do that can forge any user
 * message. Therefore it is a process of its own, which is forked before the tracer
 * attaches, has a sandbox of its own, and sends only texts of one form, with one type.
 */
#ifndef NST_AUDIT_SENDER_H
#define NST_AUDIT_SENDER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* AUDIT_MESSAGE_TEXT_MAX: the kernel prints no more of a user message. */
#define NST_AUDIT_TEXT_MAX 8560

/* What failed, if a report has an error. */
enum nst_audit_step {
	NST_AUDIT_NOTHING,
	/* the start of the process */
	NST_AUDIT_START,
	/* it is not in the initial PID namespace */
	NST_AUDIT_PID_NAMESPACE,
	/* it lacks CAP_AUDIT_WRITE */
	NST_AUDIT_CAPABILITY,
	/* the kernel has no audit, or refuses to talk to this user namespace */
	NST_AUDIT_SOCKET,
	/* the question for the kernel's status */
	NST_AUDIT_ASK,
	/* the kernel's audit is switched off */
	NST_AUDIT_DISABLED,
	/* a text that is not of the form */
	NST_AUDIT_UNDERSTAND,
	/* a message that the kernel refused */
	NST_AUDIT_SEND,
};

/* One message from the sender: the first once it is ready, then one behind each text. */
struct nst_audit_report {
	/* the texts that were taken, and those of them that were not sent */
	uint64_t taken;
	uint64_t refused;
	/* of the last text: a step, and the errno, or 0 */
	uint32_t step;
	int32_t error;
	/* of the first report: 0 if nobody may ask whether audit is switched on */
	uint32_t knows_status;
	uint32_t unused;
};

struct nst_audit_plan {
	/* the type of each message, 2100 to 2999 */
	uint16_t type;
	/* the most messages a second, and the most at once */
	uint32_t rate;
	uint32_t burst;
	/* the names of records that a text may begin with, behind op= */
	const char *const *names;
	size_t names_count;
	/* the user that it becomes; NULL: none */
	const char *user;
	uid_t uid;
	gid_t gid;
	/* what it writes to in place of the kernel's audit, for tests; -1: the kernel's audit */
	int trail;
	/* whether it enters a sandbox */
	int is_confined;
};

/*
 * Forks the sender. Once it is in its sandbox it sends its first report. Returns its pid,
 * and in `fd` the tracer's end of the socket pair; -errno on failure. Call it while there
 * is one thread.
 */
pid_t nst_audit_start(const struct nst_audit_plan *plan, int *fd);

/* The sender's sandbox: no file, and no system call but those for messages. 0 or -errno. */
int nst_audit_confine(void);

/*
 * Whether the sender takes this text: `op=` and one of the names in front, then a space, all
 * bytes printable ASCII and none a single quote, which would end the message.
 */
int nst_audit_is_text(const struct nst_audit_plan *plan, const char *text, size_t size);

/* Hands a text over, without waiting; an empty one is the end. 0 or -errno. */
int nst_audit_put(int fd, const void *text, size_t size);

/*
 * Takes a report, without waiting. Returns 1; 0 if the sender has ended; -EAGAIN if there is
 * none yet, and another -errno on failure.
 */
int nst_audit_hear(int fd, struct nst_audit_report *report);

#endif
