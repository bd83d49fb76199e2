/* SPDX-License-Identifier: Apache-2.0 */
/* The container sessions that a keeper has, and which processes are in them. */
#define _GNU_SOURCE
#include "keeper_parts.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

int nst_keeper_put_session(const struct nst_keeper *keeper,
			   const struct nst_keeper_session *session)
{
	int fd = nst_keeper_descriptor(keeper, NST_KEEPER_SESSIONS_BEGUN);
	__u32 number = session->kept.session;

	if (bpf_map_update_elem(fd, &number, session, BPF_ANY) == 0)
		return 0;
	return errno == E2BIG || errno == ENOMEM ? -ENOSPC : -errno;
}

int nst_keeper_remove_session(const struct nst_keeper *keeper, __u32 number)
{
	int fd = nst_keeper_descriptor(keeper, NST_KEEPER_SESSIONS_BEGUN);

	return bpf_map_delete_elem(fd, &number) == 0 || errno == ENOENT ? 0 : -errno;
}

int nst_keeper_next_session(const struct nst_keeper *keeper, int is_first, __u32 *number,
			    struct nst_keeper_session *session)
{
	int fd = nst_keeper_descriptor(keeper, NST_KEEPER_SESSIONS_BEGUN);

	do {
		if (bpf_map_get_next_key(fd, is_first ? NULL : number, number) != 0)
			return errno == ENOENT ? 0 : -errno;
		is_first = 0;
		/* The tracer that registers may have removed it. */
	} while (bpf_map_lookup_elem(fd, number, session) != 0);
	if (*number > nst_keeper_state(keeper).last_session)
		return -EBADMSG;
	return nst_keeper_is_sound_session(*number, session) ? 1 : -EBADMSG;
}

int nst_keeper_read_visits(const struct nst_keeper *keeper, __u32 page,
			   struct nst_keeper_visits *visits)
{
	int fd = nst_keeper_descriptor(keeper, NST_KEEPER_VISITS);

	return bpf_map_lookup_elem(fd, &page, visits) == 0 ? 0 : -errno;
}
