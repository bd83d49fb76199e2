/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

/* clone KIND: clone(2) makes a child in a new namespace of that kind. */
int clone_flag(int argc, char **argv)
{
	pid_t child;

	require(argc == 1, "clone without a kind");
	report("parent");
	child = raw_clone(flag_of(argv[0]));
	require(child >= 0, "clone");
	if (child == 0) {
		report("child");
		_exit(0);
	}
	wait_for(child);
	return 0;
}
