/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NST_PREFETCH_H
#define NST_PREFETCH_H

/* Has the memory fetched that will be written soon; any address will do. */
static inline void nst_prefetch(const void *place)
{
	__builtin_prefetch(place, 1);
}

#endif
