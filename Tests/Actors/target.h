/* SPDX-License-Identifier: Apache-2.0 */
/* A process whose namespaces another process enters. */
#ifndef NSACTOR_TARGET_H
#define NSACTOR_TARGET_H

#include "actor.h"

struct target {
	pid_t pid;
	int gate; /* closing it lets the target go */
};

/* Starts a child in new namespaces, which reports as "target" and then waits. */
struct target start_target(uint64_t flags);

void end_target(struct target target);

#endif
