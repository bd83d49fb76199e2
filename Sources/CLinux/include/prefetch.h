/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NST_PREFETCH_H
#define NST_PREFETCH_H

/* Prefetches memory for a write; any address is valid. */
static inline void nst_prefetch(const void *place)
{
	__builtin_prefetch(place, 1);
}

#endif
