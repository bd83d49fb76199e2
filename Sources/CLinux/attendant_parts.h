/* SPDX-License-Identifier: Apache-2.0 */
/* What the attendant is made of: attendant.c, its requests and its sandbox. */
#ifndef NST_ATTENDANT_PARTS_H
#define NST_ATTENDANT_PARTS_H

#include "include/attendant.h"

#include <fcntl.h>
#include <limits.h>
#include <nskeeper.h>

/* A file by its directory and its name in it, both fixed. */
struct nst_place {
	/* O_PATH; -1: there is no such file */
	int directory;
	char name[NAME_MAX + 1];
};

struct nst_attendant {
	/* its end of the socket pair */
	int socket;
	struct nst_place log;
	unsigned int log_keep;
	/* the log itself if it is no regular file but a device or a FIFO (O_PATH); else -1 */
	int log_device;
	struct nst_place control;
	/* the socket as it was (O_PATH), or -1: its inode's number is not given out again meanwhile */
	int control_socket;
	/* the keeper's directory */
	struct nst_place keep;
	/* it itself, which is the attendant's working directory, too; -1: there is none */
	int keep_directory;
	/* what to pin there */
	int keeper[NST_KEEPER_PINS];
	/* the socket to the kernel's audit; -1: it is not asked */
	int audit;
	/* the directory of containers' copies, and the names that are not IDs'; -1: there is none */
	int routes;
	const struct nst_attendant_route *route_names;
	size_t route_count;
};

/* Of FileDescriptor.appending. A FIFO without a reader must not hold the attendant up. */
#define NST_APPENDING (O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

/* Does what is requested. Returns the descriptor for the reply, or -1. */
int nst_attendant_do(const struct nst_attendant *attendant,
		     const struct nst_attendant_request *request,
		     struct nst_attendant_reply *reply);

/* Removes the keeper's directory if it is empty. */
void nst_attendant_remove_keep(const struct nst_attendant *attendant);

/* Removes the control socket, unless another tracer has replaced it. */
void nst_attendant_remove_control(const struct nst_attendant *attendant);

#endif
