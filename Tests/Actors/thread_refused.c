/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

static void be_refused_setns(const char *path, int kind, int reason)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	require(fd >= 0, path);
	require(setns(fd, kind) == -1 && errno == reason, "be refused a setns");
	close(fd);
}

static void *be_refused(void *unused)
{
	require(unshare(CLONE_NEWUSER) == -1 && errno == EINVAL, "be refused an unshare");
	be_refused_setns("/proc/thread-self/ns/mnt", CLONE_NEWNS, EINVAL);
	be_refused_setns("/proc/thread-self/ns/user", CLONE_NEWUSER, EINVAL);
	be_refused_setns("/proc/thread-self/ns/time", CLONE_NEWTIME, EUSERS);
	return unused;
}

/* Calls that are refused to one thread of several. */
int thread_refused(int argc, char **argv)
{
	pthread_t worker;

	(void)argc;
	(void)argv;
	require(pthread_create(&worker, NULL, be_refused, NULL) == 0, "start a thread");
	require(pthread_join(worker, NULL) == 0, "wait for the thread");
	return 0;
}
