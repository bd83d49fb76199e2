/* SPDX-License-Identifier: Apache-2.0 */
#include "target.h"

static void wait_at(int gate, int ready)
{
	char byte = 0;

	report("target");
	require(write(ready, &byte, 1) == 1, "say that it is ready");
	_exit(read(gate, &byte, 1) != 0);
}

struct target start_target(uint64_t flags)
{
	struct target target;
	int gate[2], ready[2];
	char byte;

	require(pipe(gate) == 0 && pipe(ready) == 0, "make pipes");
	target.pid = raw_clone(flags);
	require(target.pid >= 0, "clone a target");
	if (target.pid == 0) {
		close(gate[1]);
		wait_at(gate[0], ready[1]);
	}
	close(gate[0]);
	close(ready[1]);
	require(read(ready[0], &byte, 1) == 1, "see the target ready");
	close(ready[0]);
	target.gate = gate[1];
	return target;
}

void end_target(struct target target)
{
	close(target.gate);
	wait_for(target.pid);
}
