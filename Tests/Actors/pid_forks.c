/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/* unshare(NEWPID), then two children: the first is init, the second is not. */
int pid_forks(int argc, char **argv)
{
	pid_t init, second;
	int gate[2];

	(void)argc;
	(void)argv;
	report("before");
	require(pipe(gate) == 0, "make a pipe");
	require(unshare(CLONE_NEWPID) == 0, "unshare pid");
	init = fork();
	require(init >= 0, "fork init");
	if (init == 0) {
		char byte;

		close(gate[1]);
		report("init");
		_exit(read(gate[0], &byte, 1) != 0);
	}
	second = fork();
	require(second >= 0, "fork the second");
	if (second == 0) {
		report("second");
		_exit(0);
	}
	wait_for(second);
	report("after");
	close(gate[1]);
	wait_for(init);
	return 0;
}
