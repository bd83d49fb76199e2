/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another version's program takes the place of a keeper's without a gap: both are attached for a
 * moment, and whichever comes second finds the number copied.
 */
#define _GNU_SOURCE
#include "keeper_parts.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A name in a bpffs has no dot. */
static const char new_program[] = "program-new";
static const char new_link[] = "link-new";

/* 0 with errno: it cannot be had. */
static __u32 program_of_link(int fd)
{
	struct bpf_link_info info = { 0 };
	__u32 bytes = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &bytes) == 0 ? info.prog_id : 0;
}

static int read_program(int fd, struct bpf_prog_info *info)
{
	__u32 bytes = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(fd, info, &bytes) == 0;
}

int nst_keeper_is_same_program(int one, int other)
{
	struct bpf_prog_info left, right;

	return read_program(one, &left) && read_program(other, &right) &&
	       memcmp(left.tag, right.tag, sizeof(left.tag)) == 0;
}

static int pin_as(int directory, const char *name, int fd)
{
	char path[NST_PIN_PATH];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", directory, name);
	return bpf_obj_pin(fd, path) == 0 ? 0 : -errno;
}

static int move(int directory, const char *name, enum nst_keeper_pin pin)
{
	return renameat(directory, name, directory, nst_keeper_pin_name(pin)) == 0 ? 0 : -errno;
}

/* The link goes first: from then on births are copied by the new program, whatever comes. */
static int move_both(int directory)
{
	int result = move(directory, new_link, NST_KEEPER_LINK);

	return result == 0 ? move(directory, new_program, NST_KEEPER_PROGRAM) : result;
}

int nst_keeper_remove_unfinished(int directory)
{
	if (unlinkat(directory, new_link, 0) != 0 && errno != ENOENT)
		return -errno;
	return unlinkat(directory, new_program, 0) == 0 || errno == ENOENT ? 0 : -errno;
}

int nst_keeper_replace(int directory, int program, int link)
{
	int result = pin_as(directory, new_program, program);

	if (result == 0)
		result = pin_as(directory, new_link, link);
	if (result == 0)
		result = move_both(directory);
	if (result != 0)
		nst_keeper_finish_replacement(directory);
	return result;
}

/* An object of the kernel is a regular file. */
static int is_object(int directory, const char *name)
{
	struct stat status;

	return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(status.st_mode);
}

/* The id of the program that waits to be pinned, or -errno. */
static long long waiting_program(int directory)
{
	char path[NST_PIN_PATH];
	struct bpf_prog_info program;
	long long result;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", directory, new_program);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -errno;
	result = read_program(fd, &program) ? (long long)program.id : -errno;
	close(fd);
	return result;
}

/* The id of the program of the link that is pinned, or -errno. */
static long long linked_program(int directory)
{
	int fd = nst_keeper_open_pin(directory, NST_KEEPER_LINK, 1);
	long long result;

	if (fd < 0)
		return -errno;
	result = program_of_link(fd);
	if (result == 0)
		result = -errno;
	close(fd);
	return result;
}

/*
 * Whether the link that is pinned belongs to the program that waits to be pinned: 1, 0, or -errno
 * if that cannot be told. A descriptor may be wanting for a moment.
 */
static int link_has_moved(int directory)
{
	long long waiting, linked;

	if (!is_object(directory, new_program) ||
	    nst_keeper_is_missing(directory, nst_keeper_pin_name(NST_KEEPER_LINK)))
		return 0;
	waiting = waiting_program(directory);
	linked = linked_program(directory);
	if (waiting < 0 || linked < 0)
		return waiting < 0 ? waiting : linked;
	return waiting == linked;
}

int nst_keeper_finish_replacement(int directory)
{
	int result = link_has_moved(directory);

	if (result > 0)
		result = move(directory, new_program, NST_KEEPER_PROGRAM);
	/* Without the program a link that has moved is nothing of nstrace's. */
	if (result < 0)
		return result;
	/* If they cannot be removed, the next replacement says so. */
	nst_keeper_remove_unfinished(directory);
	return 0;
}
