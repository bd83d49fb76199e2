/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>

/* Calls setns with an invalid descriptor, with a kind and without one. */
static void enter_none(void)
{
	require(setns(-1, CLONE_NEWUTS) == -1 && errno == EBADF, "be refused setns uts");
	require(setns(-1, 0) == -1 && errno == EBADF, "be refused setns");
}

/* Calls setns with a descriptor of another kind than it names, and with one of no namespace. */
static void enter_another(void)
{
	int uts = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);

	require(uts >= 0 && file >= 0, "open a UTS namespace and a file");
	require(setns(uts, CLONE_NEWNET) == -1 && errno == EINVAL, "be refused setns net");
	require(setns(file, 0) == -1 && errno == EINVAL, "be refused setns to a file");
}

/* setns-bad [kind] */
int setns_bad(int argc, char **argv)
{
	(void)argv;
	report("before");
	if (argc == 0)
		enter_none();
	else
		enter_another();
	return 0;
}
