/* SPDX-License-Identifier: Apache-2.0 */
/* Asks whether a namespace still exists, by an nsfs file handle. That needs no descriptor of it. */
#ifndef NST_NSFS_H
#define NST_NSFS_H

#include "nsevents.h"

/*
 * Whether nst_ask gives true answers: the kernel has nsfs handles and ns_id
 * (6.18 and later), and this process has CAP_SYS_ADMIN in the host's user
 * namespace. `initial`: the host's own namespaces.
 */
int nst_can_ask(const struct nst_set *initial);

/*
 * Whether the namespace with this ns_id and inode number still exists; `type`
 * is the CLONE_NEW* flag of its kind. NST_ANSWER_UNKNOWN if opening it failed
 * otherwise than with ESTALE. Takes one system call, or two if it exists.
 */
enum nst_answer nst_ask(__u64 id, __u32 inum, __u32 type);

#endif
