/* SPDX-License-Identifier: Apache-2.0 */
/* Which files may be opened, made and removed, where the kernel has Landlock. */
#ifndef NST_LANDLOCK_H
#define NST_LANDLOCK_H

#include <linux/landlock.h>
#include <stddef.h>

/* <linux/landlock.h> of 6.2; Debian 12 has older headers. */
#define NST_LANDLOCK_TRUNCATE (1ULL << 14)

/* What may be done beneath a directory, or to a file. */
struct nst_grant {
	/* -1: nothing is granted */
	int fd;
	__u64 rights;
};

/*
 * From now on only what is granted can be done to files, no socket of TCP can
 * be bound or connected, and no process outside can be signalled, or reached by
 * an abstract socket: each as far as the kernel's Landlock goes. 0, also where it
 * has none; -errno. Needs no_new_privs.
 */
int nst_restrict_files(const struct nst_grant *grants, size_t count);

#endif
