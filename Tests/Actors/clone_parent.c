/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/* A task makes a child that is not its own: CLONE_PARENT makes it the actor's child. */
static void make_sibling(void)
{
	pid_t sibling;

	report("maker");
	sibling = raw_clone(CLONE_PARENT | CLONE_NEWUTS);
	require(sibling >= 0, "clone with CLONE_PARENT");
	if (sibling == 0)
		report("sibling");
	_exit(0);
}

int clone_parent(int argc, char **argv)
{
	pid_t maker;

	(void)argc;
	(void)argv;
	report("parent");
	maker = fork();
	require(maker >= 0, "fork");
	if (maker == 0)
		make_sibling();
	wait_for(maker);
	wait_for(-1);
	return 0;
}
