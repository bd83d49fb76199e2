/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>

static void make_until_end(int gate)
{
	char byte;

	require(fcntl(gate, F_SETFL, O_NONBLOCK) == 0, "make a pipe non-blocking");
	do {
		require(unshare(CLONE_NEWNS | CLONE_NEWUTS) == 0, "unshare mnt and uts");
	} while (read(gate, &byte, 1) < 0 && errno == EAGAIN);
}

/*
 * enter-race COUNT: a maker is in its new UTS namespace while its unshare still takes the
 * old mounts down. An enterer enters it by the maker's pidfd and goes back, COUNT times.
 * Prints maker.tid, enterer.tid and how many namespaces were entered.
 */
int enter_race(int argc, char **argv)
{
	long wanted = argc == 1 ? atol(argv[0]) : 1000, entered = 0;
	int home = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC), gate[2], pidfd;
	pid_t maker;

	require(home >= 0 && pipe(gate) == 0, "open what it takes");
	/* Private mounts, so that nothing propagates. */
	require(unshare(CLONE_NEWNS) == 0, "unshare mnt");
	maker = fork();
	require(maker >= 0, "fork");
	if (maker == 0) {
		close(gate[1]);
		make_until_end(gate[0]);
		_exit(0);
	}
	pidfd = syscall(SYS_pidfd_open, maker, 0);
	require(pidfd >= 0, "open a pidfd");
	while (entered < wanted) {
		require(setns(pidfd, CLONE_NEWUTS) == 0, "enter the maker's uts");
		require(setns(home, CLONE_NEWUTS) == 0, "go back");
		entered++;
	}
	close(gate[1]);
	wait_for(maker);
	report_number("maker", "tid", maker);
	report_number("enterer", "tid", getpid());
	report_number("enterer", "entered", entered);
	return 0;
}
