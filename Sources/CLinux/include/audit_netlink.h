/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's audit over netlink: its records as it writes them, beside any auditd. */
#ifndef NST_AUDIT_NETLINK_H
#define NST_AUDIT_NETLINK_H

#include <linux/types.h>
#include <stddef.h>

/* A record as nst_audit_read gives it. The text follows, and padding up to a multiple of 8. */
struct nst_audit_message {
	__u32 size; /* with this header, the text and the padding */
	__u32 text_bytes;
	__u32 type;
	__u32 pad;
};

/* What nst_audit_read has found. */
#define NST_AUDIT_EMPTIED 0x1 /* no message waits any more */
#define NST_AUDIT_OVERRUN 0x2 /* messages found no room in the socket */

/*
 * Listens to the audit records, without waiting: a descriptor, or -errno. EPERM: no
 * CAP_AUDIT_READ; EPROTONOSUPPORT: no audit in this kernel. `buffer_bytes`: the room of the
 * socket, which is small without CAP_NET_ADMIN.
 */
int nst_audit_open(int *buffer_bytes);

/* The least capacity with which nst_audit_read reads a message. */
#define NST_AUDIT_ROOM 8992

/*
 * Moves the messages that wait into `buffer`, which is aligned to 8 bytes. A text longer than
 * NST_AUDIT_MESSAGE_BYTES is cut and ends in " cut=1". Messages that another process has sent
 * are passed over. Returns bytes; `found`: NST_AUDIT_*.
 */
size_t nst_audit_read(int fd, void *buffer, size_t capacity, unsigned int *found);

/* How many messages have found no room in the socket since it was opened; 0 or -errno. */
int nst_audit_dropped(int fd, __u32 *dropped);

/* What the kernel says of its audit. */
struct nst_audit_status {
	__u32 enabled; /* 0: no records are made */
	__u32 daemon;  /* the pid of auditd; 0: none runs, and the kernel's log has the records */
	__u32 lost;    /* records that found no room in the kernel's own backlog */
};

/* A socket for nst_audit_ask, or -errno. */
int nst_audit_asker(void);

/*
 * Asks for the status, and waits half a second for the answer at most. 0 or -errno. EPERM: no
 * CAP_AUDIT_CONTROL.
 */
int nst_audit_ask(int fd, struct nst_audit_status *status);

#endif
