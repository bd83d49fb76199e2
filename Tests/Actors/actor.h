/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nsactor makes one hard case with its namespaces, and prints what /proc shows of them.
 * The tracer's records are then compared with that.
 */
#ifndef NSACTOR_H
#define NSACTOR_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* Makes the actor's one case; returns the exit status. */
typedef int verb_fn(int argc, char **argv);

verb_fn ask, attended, audited, brood, busy_unshare, chain, clone3_flag, clone3_flips,
	clone3_memory, clone_flag, clone_into, clone_parent, compat, confined_compat, connect_many,
	crowd, damage, damage_stains, decisions, dial, enter_race, exec_twice_in_time, exploits,
	family, flood, flood_cgroups, flood_moves, flood_renames, flood_setns, flood_users, forge,
	forge_older, fork_storm, freed, give_up, hold, hostile_name, impostor, leader_ends,
	make_crowd, nested_users, nothing, orchestrate, pid_forks, pid_reuse, pid_unused, preempted,
	program, recorded, refused, serve, setns_back, setns_bad, setns_pidfd, setns_reenter,
	setns_zero, storm, thread_crowd, thread_exec, thread_exec_dies, thread_exit, thread_forks,
	thread_group, thread_refused, thread_setns, throng, time_exec, time_fork, vfork_exec,
	vfork_time, vfork_unshare, zombie;

/*
 * Prints the calling task in one write(2), a `key=value` a line: WHO.tid, its tid in the
 * initial PID namespace, and WHO.SLOT=INODE/NS_ID for each of its ten slots. A slot that
 * cannot be read is left out. An ns_id that the kernel does not give is 0.
 */
void report(const char *who);

/* Prints WHO.KEY=VALUE. */
void report_number(const char *who, const char *key, long value);

/* Ends the actor with status 1 and a sentence if `ok` is false. */
void require(int ok, const char *what);

/* Drops root for good. */
void become_nobody(void);

/* The CLONE_NEW* flag of the kind with that name in /proc/PID/ns. */
uint64_t flag_of(const char *kind);

/* Execs `nsactor report WHO`. */
void exec_report(const char *who) __attribute__((noreturn));

/*
 * Enters the sandbox that `name`, tracer, attendant or sender, has; the attendant's with these
 * directories or -1.
 */
void enter_sandbox_of(const char *name, int log_directory, int control_directory);

/* Returns when standard input has ended. */
void until_end_of_input(void);

/* Waits for a child, and requires that it succeeds. */
void wait_for(pid_t child);

/*
 * Waits until the kernel, too, has ended a thread. pthread_join(3) returns when the thread
 * drops its memory, which is before its exit is reported.
 */
void join(pthread_t thread, const pid_t *tid);

/* Calls clone(2) without libc; 0 in the child. The stack is shared copy-on-write, as by fork. */
pid_t raw_clone(uint64_t flags);

#endif
