/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

void join(pthread_t thread, const pid_t *tid)
{
	char path[64];

	require(pthread_join(thread, NULL) == 0, "wait for a thread");
	snprintf(path, sizeof(path), "/proc/self/task/%d", *tid);
	while (access(path, F_OK) == 0)
		sched_yield();
}
