/* SPDX-License-Identifier: Apache-2.0 */
/* What the sender is made of: audit_sender.c, audit_trail.c and audit_sandbox.c. */
#ifndef NST_AUDIT_PARTS_H
#define NST_AUDIT_PARTS_H

#include "include/audit_sender.h"

/* Opens a socket to the kernel's audit; a descriptor or -errno. */
int nst_trail_open(void);

/* Asks whether the kernel's audit is switched on: 1, 0 or -errno. */
int nst_trail_is_enabled(int trail);

/* Sends a user message, and takes the kernel's answer: 0 or -errno. */
int nst_trail_send(int trail, uint16_t type, const char *text, size_t size);

#endif
