/* SPDX-License-Identifier: Apache-2.0 */
/* The stains of namespaces that a keeper has (T2). */
#define _GNU_SOURCE
#include "keeper.h"

#include <bpf/bpf.h>
#include <errno.h>

static int map_of(const struct nst_keeper *keeper)
{
	return nst_keeper_descriptor(keeper, NST_KEEPER_STAINED);
}

int nst_keeper_put_stain(const struct nst_keeper *keeper, const struct nst_keeper_stain *stain,
			 __u64 since_ns)
{
	if (bpf_map_update_elem(map_of(keeper), stain, &since_ns, BPF_ANY) == 0)
		return 0;
	return errno == E2BIG || errno == ENOMEM ? -ENOSPC : -errno;
}

int nst_keeper_remove_stain(const struct nst_keeper *keeper, const struct nst_keeper_stain *stain)
{
	return bpf_map_delete_elem(map_of(keeper), stain) == 0 || errno == ENOENT ? 0 : -errno;
}

int nst_keeper_next_stain(const struct nst_keeper *keeper, int is_first,
			  struct nst_keeper_stain *stain, __u64 *since_ns)
{
	int fd = map_of(keeper);

	do {
		if (bpf_map_get_next_key(fd, is_first ? NULL : stain, stain) != 0)
			return errno == ENOENT ? 0 : -errno;
		is_first = 0;
		/* Another tracer may have removed it. */
	} while (bpf_map_lookup_elem(fd, stain, since_ns) != 0);
	return 1;
}
