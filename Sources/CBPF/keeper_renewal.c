/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another version's program takes the place of a keeper's without a gap: both are attached for a
 * moment, and whichever comes second finds the number copied.
 */
#define _GNU_SOURCE
#include "keeper_parts.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A name in a bpffs has no dot. */
static const char new_program[] = "program-new";
static const char new_link[] = "link-new";

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

/* Whether the link that is pinned belongs to the program that waits to be pinned. */
static int link_has_moved(int directory)
{
	char path[NST_PIN_PATH];
	struct bpf_prog_info program;
	int link = nst_keeper_open_pin(directory, NST_KEEPER_LINK, 1), waiting, has_moved;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", directory, new_program);
	waiting = bpf_obj_get(path);
	has_moved = link >= 0 && waiting >= 0 && read_program(waiting, &program) &&
		    program_of_link(link) == program.id;
	if (link >= 0)
		close(link);
	if (waiting >= 0)
		close(waiting);
	return has_moved;
}

void nst_keeper_finish_replacement(int directory)
{
	if (link_has_moved(directory))
		move(directory, new_program, NST_KEEPER_PROGRAM);
	nst_keeper_remove_unfinished(directory);
}
