/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>

/*
 * A program that the kernel starts to load and cannot map, because its address is beyond
 * user space.
 */
static int open_unmappable(void)
{
	const struct {
		Elf64_Ehdr file;
		Elf64_Phdr segment;
	} program = {
		.file = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1,
		},
		.segment = {
			.p_type = PT_LOAD,
			.p_flags = PF_R,
			.p_vaddr = 1ULL << 63,
			.p_filesz = sizeof(program),
			.p_memsz = sizeof(program),
			.p_align = 4096,
		},
	};
	int fd = memfd_create("unmappable", MFD_CLOEXEC);

	require(fd >= 0, "make a program");
	require(write(fd, &program, sizeof(program)) == sizeof(program), "write the program");
	return fd;
}

static void *unshare_and_exec(void *unused)
{
	char *argv[] = { "unmappable", NULL };
	int fd = open_unmappable();

	(void)unused;
	require(unshare(CLONE_NEWUTS) == 0, "unshare uts");
	report("worker");
	fexecve(fd, argv, environ);
	require(0, "be killed in exec");
	return NULL;
}

/*
 * A thread that is not the leader unshares alone, and dies in an exec that has made it the
 * leader.
 */
int thread_exec_dies(int argc, char **argv)
{
	pthread_t worker;
	pid_t child;
	int status;

	(void)argc;
	(void)argv;
	child = fork();
	require(child >= 0, "fork");
	if (child == 0) {
		report("leader");
		require(pthread_create(&worker, NULL, unshare_and_exec, NULL) == 0,
			"start a thread");
		pthread_join(worker, NULL);
		return 1;
	}
	require(waitpid(child, &status, 0) == child, "wait for a child");
	require(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "see a child killed");
	return 0;
}
