/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>

/*
 * Two sets of flags for which the user nobody is refused, each with an errno of its own.
 * The errno shows the caller which set the kernel has judged.
 */
#define WITHOUT_RIGHT CLONE_NEWUTS		 /* EPERM */
#define NONSENSE (CLONE_NEWNS | CLONE_FS)	 /* EINVAL */
#define PLAIN_NONSENSE ((uint64_t)CLONE_SIGHAND) /* EINVAL, and about no namespace */

struct flips {
	volatile uint64_t *flags;
	uint64_t sets[2];
	volatile int *stop;
};

static void *flip(void *argument)
{
	struct flips *flips = argument;

	for (unsigned int i = 0; !*flips->stop; i++) {
		*flips->flags = flips->sets[i & 1];
		/* About half as long as a call takes. */
		for (volatile int pause = 0; pause < 500; pause++)
			;
	}
	return NULL;
}

/* Flips the flags from another process, which needs the right to trace the caller. */
static void poke(const struct flips *flips)
{
	struct iovec to = { (void *)flips->flags, sizeof(*flips->flags) };

	for (unsigned int i = 0; !*flips->stop; i++) {
		struct iovec from = { (void *)&flips->sets[i & 1], sizeof(flips->sets[0]) };

		require(process_vm_writev(getppid(), &from, 1, &to, 1, 0) > 0,
			"write into the caller");
	}
}

/*
 * Flips the flags through the file whose page the caller has mapped privately, and has not
 * yet written to.
 */
static void write_file(const struct flips *flips, int file)
{
	for (unsigned int i = 0; !*flips->stop; i++)
		require(pwrite(file, &flips->sets[i & 1], sizeof(flips->sets[0]), 0) > 0,
			"write the file");
}

static void *map(int flags, int file)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags, file, 0);

	require(memory != MAP_FAILED, "map a page");
	return memory;
}

static int file_of_arguments(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD, .flags = WITHOUT_RIGHT };
	int file = memfd_create("clone_args", MFD_CLOEXEC);

	require(file >= 0 && ftruncate(file, 4096) == 0, "make a file");
	require(write(file, &args, sizeof(args)) == sizeof(args), "write a file");
	return file;
}

/* Makes `count` calls, and reports how often each set was judged. */
static void call(const struct clone_args *args, long count)
{
	long without_right = 0, nonsense = 0;

	for (long i = 0; i < count; i++) {
		require(syscall(SYS_clone3, args, sizeof(*args)) == -1, "be refused a clone3");
		require(errno == EPERM || errno == EINVAL, "be refused for its flags");
		without_right += errno == EPERM;
		nonsense += errno == EINVAL;
	}
	report_number("flips", "without-right", without_right);
	report_number("flips", "nonsense", nonsense);
}

static void flip_by_thread(struct flips *flips, const struct clone_args *args, long count)
{
	pthread_t thread;

	require(pthread_create(&thread, NULL, flip, flips) == 0, "start a thread");
	call(args, count);
	*flips->stop = 1;
	pthread_join(thread, NULL);
}

static void flip_by_process(struct flips *flips, const struct clone_args *args, const char *by,
			    int file, long count)
{
	pid_t child = fork();

	require(child >= 0, "fork");
	if (child == 0) {
		if (strcmp(by, "poke") == 0)
			poke(flips);
		else if (strcmp(by, "file") == 0)
			write_file(flips, file);
		else
			flip(flips);
		_exit(0);
	}
	call(args, count);
	*flips->stop = 1;
	wait_for(child);
}

/*
 * clone3-flips thread|shared|file|poke kinds|plain COUNT: the user nobody is refused while
 * its flags change. They are changed by another thread, by another process through shared
 * memory, through the file that the memory maps, or by process_vm_writev(2). `kinds`: both
 * sets have namespace flags.
 */
int clone3_flips(int argc, char **argv)
{
	struct clone_args own = { .exit_signal = SIGCHLD, .flags = WITHOUT_RIGHT };
	struct clone_args *args = &own;
	struct flips flips = { .stop = map(MAP_SHARED | MAP_ANONYMOUS, -1) };
	int file = -1;

	require(argc == 3, "flip nothing in particular");
	if (strcmp(argv[0], "shared") == 0) {
		args = map(MAP_SHARED | MAP_ANONYMOUS, -1);
		*args = own;
	}
	if (strcmp(argv[0], "file") == 0) {
		file = file_of_arguments();
		args = map(MAP_PRIVATE, file);
	}
	flips.flags = (volatile uint64_t *)&args->flags;
	flips.sets[0] = WITHOUT_RIGHT;
	flips.sets[1] = strcmp(argv[1], "plain") == 0 ? PLAIN_NONSENSE : NONSENSE;
	become_nobody();
	require(prctl(PR_SET_DUMPABLE, 1) == 0, "may be traced");
	if (strcmp(argv[0], "thread") == 0)
		flip_by_thread(&flips, args, atol(argv[2]));
	else
		flip_by_process(&flips, args, argv[0], file, atol(argv[2]));
	return 0;
}

static void be_refused(const struct clone_args *args, int reason)
{
	require(syscall(SYS_clone3, args, sizeof(*args)) == -1 && errno == reason,
		"be refused a clone3");
}

static void *be_refused_plainly(void *unused)
{
	be_refused(&(struct clone_args){ .flags = CLONE_SIGHAND }, EINVAL);
	be_refused(&(struct clone_args){ .flags = CLONE_INTO_CGROUP, .cgroup = 1 << 20 }, EBADF);
	require(syscall(SYS_clone3, NULL, 0) == -1 && errno == EINVAL, "be refused nothing");
	return unused;
}

static void *be_refused_kinds(void *unused)
{
	be_refused(&(struct clone_args){ .flags = CLONE_NEWUTS | CLONE_NEWNET }, EPERM);
	be_refused(&(struct clone_args){ .flags = CLONE_NEWUTS | CLONE_NEWNS | CLONE_FS }, EINVAL);
	return unused;
}

static void in_thread(void *(*run)(void *))
{
	pthread_t thread;

	require(pthread_create(&thread, NULL, run, NULL) == 0, "start a thread");
	require(pthread_join(thread, NULL) == 0, "wait for the thread");
}

/* The kernel writes the pidfd over the flags, and then finds no such cgroup. */
static void be_overwritten(void)
{
	struct clone_args args = {
		.flags = CLONE_NEWUTS | CLONE_PIDFD | CLONE_INTO_CGROUP,
		.cgroup = 1 << 20,
	};

	args.pidfd = (uintptr_t)&args.flags;
	be_refused(&args, EBADF);
	require(!(args.flags & CLONE_NEWUTS), "have its flags overwritten");
}

/*
 * clone3-memory shared|thread|after|plain|pidfd: the user nobody is refused, with
 * arguments that others could change.
 * shared: the arguments are in shared memory. thread: the caller is one of two threads.
 * after: the caller's other thread has ended. plain: as thread, without a namespace flag.
 * pidfd: the caller is root, and the kernel writes over its flags.
 */
int clone3_memory(int argc, char **argv)
{
	struct clone_args *args = map(MAP_SHARED | MAP_ANONYMOUS, -1);

	require(argc == 1, "no memory in particular");
	if (strcmp(argv[0], "pidfd") == 0) {
		be_overwritten();
		return 0;
	}
	become_nobody();
	if (strcmp(argv[0], "plain") == 0)
		in_thread(be_refused_plainly);
	else if (strcmp(argv[0], "thread") == 0)
		in_thread(be_refused_kinds);
	else if (strcmp(argv[0], "after") == 0) {
		in_thread(be_refused_plainly);
		be_refused_kinds(NULL);
	} else {
		args->flags = CLONE_NEWUTS | CLONE_NEWNET;
		be_refused(args, EPERM);
	}
	return 0;
}
