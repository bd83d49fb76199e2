/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

static int report_only(int argc, char **argv)
{
	require(argc == 1, "report without a name");
	report(argv[0]);
	return 0;
}

static const struct {
	const char *name;
	verb_fn *run;
} verbs[] = {
	{ "report", report_only },
	{ "ask", ask },
	{ "audited", audited },
	{ "attended", attended },
	{ "brood", brood },
	{ "busy-unshare", busy_unshare },
	{ "chain", chain },
	{ "clone", clone_flag },
	{ "clone-into", clone_into },
	{ "clone-parent", clone_parent },
	{ "clone3", clone3_flag },
	{ "clone3-flips", clone3_flips },
	{ "clone3-memory", clone3_memory },
	{ "compat", compat },
	{ "confined-compat", confined_compat },
	{ "connect-many", connect_many },
	{ "crowd", crowd },
	{ "damage", damage },
	{ "damage-stains", damage_stains },
	{ "decisions", decisions },
	{ "dial", dial },
	{ "enter-race", enter_race },
	{ "exec-twice-in-time", exec_twice_in_time },
	{ "exploits", exploits },
	{ "family", family },
	{ "flood", flood },
	{ "flood-cgroups", flood_cgroups },
	{ "flood-moves", flood_moves },
	{ "flood-renames", flood_renames },
	{ "flood-setns", flood_setns },
	{ "flood-users", flood_users },
	{ "forge", forge },
	{ "forge-older", forge_older },
	{ "fork-storm", fork_storm },
	{ "freed", freed },
	{ "give-up", give_up },
	{ "hold", hold },
	{ "hostile-name", hostile_name },
	{ "impostor", impostor },
	{ "leader-ends", leader_ends },
	{ "make-crowd", make_crowd },
	{ "nested-users", nested_users },
	{ "nothing", nothing },
	{ "orchestrate", orchestrate },
	{ "pid-forks", pid_forks },
	{ "pid-reuse", pid_reuse },
	{ "pid-unused", pid_unused },
	{ "preempted", preempted },
	{ "program", program },
	{ "recorded", recorded },
	{ "refused", refused },
	{ "serve", serve },
	{ "setns-back", setns_back },
	{ "setns-bad", setns_bad },
	{ "setns-pidfd", setns_pidfd },
	{ "setns-reenter", setns_reenter },
	{ "setns-zero", setns_zero },
	{ "storm", storm },
	{ "thread-crowd", thread_crowd },
	{ "thread-exec", thread_exec },
	{ "thread-exec-dies", thread_exec_dies },
	{ "thread-exit", thread_exit },
	{ "thread-forks", thread_forks },
	{ "thread-group", thread_group },
	{ "thread-refused", thread_refused },
	{ "thread-setns", thread_setns },
	{ "throng", throng },
	{ "time-exec", time_exec },
	{ "time-fork", time_fork },
	{ "vfork-exec", vfork_exec },
	{ "vfork-time", vfork_time },
	{ "vfork-unshare", vfork_unshare },
	{ "zombie", zombie },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, argv[1]) == 0)
			return verbs[i].run(argc - 2, argv + 2);
	}
	dprintf(2, "usage: nsactor NAME [ARGS]\n");
	return 64;
}
